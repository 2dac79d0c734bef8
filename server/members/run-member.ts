/**
 * The program of a member without a market (`--role member`): started by an operator's program on the same machine, which then tells it
 * over their channel whom it belongs to, or alone with a site file. Its database, keys and files are its own.
 */
import path from 'node:path';
import { DEFAULT_LIMITS, encodeMember, type Limits, type Member, ROLE } from '#ledger/codec/config.ts';
import { demonstrationKeys, singleKeyPolicy } from '#ledger/node/demonstration-keys.ts';
import type { FollowerNode } from '#ledger/node/follower-node.ts';
import { demonstrationPolicy } from '#ledger/node/genesis.ts';
import { type HeldKeys, type KeyOptions, loadHeldKeys, loadNodeKeys, type NodeKeys } from '#ledger/node/keys.ts';
import { buildMember, DEMONSTRATION_MEMBERS, type DemonstrationMember, holdsRole } from '#ledger/node/membership.ts';
import { openMember } from '#ledger/node/open-member.ts';
import { remoteSigner } from '#ledger/node/signer/remote-signer.ts';
import type { SignerOpener } from '#ledger/node/signer/signer.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import type { OrgKeys } from '#ledger/node/types.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { accountIdFromPolicy } from '#ledger/tx/ids.ts';
import { type Clock, movableClock, systemClock } from '#server/clock.ts';
import { migrate, openDatabase, type Sql } from '#server/db.ts';
import { startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import type { Environment } from '#server/env.ts';
import { openPages } from '#server/http/open-pages.ts';
import { ledgerLog } from '#server/ledger-log.ts';
import { type Log, openLog } from '#server/log.ts';
import { insertClockMove, readClockOffset } from '#server/operations/clock-moves.repo.ts';
import { openMemberPki } from '#server/pki/open-ground-pki.ts';
import { type CertificateWatch, watchCertificates } from '#server/pki/watch-certificates.ts';
import { systemRandom } from '#server/random.ts';
import { type ApprovalAnswer, approveBallot } from './approver.ts';
import { memberChecks } from './checks/member-checks.ts';
import { confirmAt } from './confirm-replay.ts';
import { type Documents, openDocuments } from './documents.ts';
import { type GameArchives, openGameArchives } from './game-archives.ts';
import { type Media, openMedia } from './media.ts';
import { type MemberHttp, startMemberHttp } from './member-http.ts';
import { type FromMember, parseFromParent } from './messages.ts';
import { mirrorDocuments } from './mirror-documents.ts';
import { mirrorKinds } from './mirror-kinds.ts';
import { mirrorPapers } from './mirror-papers.ts';
import { type SignerSetting, signerPlace } from './signer-place.ts';
import { endpointIn, openOrdering, readSite } from './site.ts';
import { ownAccount, publishedOrganisation } from './state-record.ts';
import { stopOnSignals } from './stop-on-signals.ts';

/** A member's tables are those of one node: little memory is enough. */
const POSTGRES_SETTINGS = { shared_buffers: '64MB', max_connections: '40', max_wal_size: '1GB' };
const POOL = 5;
const ROOT = path.resolve(import.meta.dirname, '../..');
/** The node key in a file of its own, or a signer that has it. */
type MemberKeys = (NodeKeys & { readonly openSigner: null }) | (HeldKeys & { readonly openSigner: SignerOpener });
const PUBLISHED_NAMES = DEMONSTRATION_MEMBERS.map((each) => each.name).join(', ');

export type MemberFlags = { readonly name: string; readonly site: string | null; readonly hasPages: boolean };

/** Who and where, from the program that started this one or from a site file. */
type Setup = {
  /** Id of this node among the members. */
  readonly member: number;
  readonly databaseUrl: string | null;
  /** Read anew for each engine: a Recovery may name another. */
  readonly ordering: () => string;
  /** Resolves when the chain to belong to is known. */
  readonly genesis: () => Promise<Bytes>;
  readonly endpoints: () => Readonly<Record<string, string>>;
  /** Called with every offset of a demonstration's clock that this member is told, the first at once. */
  readonly followClock: (follow: (offsetMs: number) => void) => void;
  readonly catchUp: 'audit' | 'snapshot';
};

export async function runMember(environment: Environment, { name, site, hasPages }: MemberFlags): Promise<void> {
  const log = openLog(environment.logLevel);
  const published = publishedOrganisation(name, environment.isDemonstration);
  if (published === null && site === null)
    throw new Error(`--member ${name}: an organisation with keys of its own needs --site FILE; published are ${PUBLISHED_NAMES}`);
  const dataDir = path.resolve(environment.dataDir);
  const keysDir = path.join(dataDir, 'keys');
  const { sm2 } = startSm2();
  const passphrase = environment.keyPassphraseFile === null ? {} : { passphraseFile: environment.keyPassphraseFile };
  const keyOptions = { dir: keysDir, sm2, random: (length: number) => systemRandom.bytes(length), create: true, ...passphrase };
  const keys = memberKeys(keyOptions, site === null ? undefined : readSite(site).signer);
  if (published !== null && keys.openSigner !== null) throw new Error(`${site}: a published organisation keeps its key in a file`);
  const http = await startMemberHttp({
    host: environment.host,
    port: environment.port,
    random: systemRandom,
    log,
    verifierDir: path.join(ROOT, 'public/verify'),
    pages:
      hasPages && site !== null
        ? (httpServer, port) => openPages({ dir: ROOT, isDev: false, httpServer, host: environment.host, port })
        : null,
  });
  const stops: (() => Promise<void>)[] = [() => http.stop()];
  stopOnSignals(log, stops);
  const setup = await setupOf({ published, keys, http, environment, site });
  const org: Organisation =
    published === null
      ? { id: setup.member, name, org: name, account: ownAccount(name, keys) }
      : { id: published.id, name, org: published.org, account: accountOf(name) };
  const { node, documents, media, clock, sql, certificates, archives } = await openNode({
    environment,
    org,
    keys,
    keysDir,
    dataDir,
    log,
    setup,
    stops,
  });
  http.attach(node, {
    exportDir: path.join(dataDir, 'ledger-export'),
    document: async (sm3) => documents.kept(sm3),
    media,
    approve: (request) => (published === null ? REFUSES_BALLOTS : approveAt(node, keys.governance, request, clock.now())),
    confirmReplay: (request) => confirmAt(node, { sql, keys, member: org.id }, request),
    pages: { sql, clock, ledger: node, archives },
    expiries: () => certificates.expiries(),
  });
  if (site !== null) process.stdout.write(`\n  ${org.org} is open at ${http.base}\n  Chain ${toHex(node.chain)}\n\n`);
  await node.start();
  log.info({ member: org.id, height: Number(node.certified.height) }, 'the member takes part in the rounds');
  tellParent({ kind: 'joined' });
}

function memberKeys(options: KeyOptions, elsewhere: SignerSetting | undefined): MemberKeys {
  if (elsewhere === undefined) return { ...loadNodeKeys(options), openSigner: null };
  return { ...loadHeldKeys(options, fromHex(elsewhere.key)), openSigner: remoteSigner(signerPlace(elsewhere, options)) };
}

/** Who its people are no published authority can say: its approvals are made where its governance key is. */
const REFUSES_BALLOTS: ApprovalAnswer = {
  kind: 'rejected',
  code: 'official_untrusted',
  reason: 'this organisation approves with cli config approve, where its key is',
};

async function setupOf(ground: {
  readonly published: DemonstrationMember | null;
  readonly keys: MemberKeys;
  readonly http: MemberHttp;
  readonly environment: Environment;
  readonly site: string | null;
}): Promise<Setup> {
  const { published, keys, http, environment, site } = ground;
  if (site !== null) return readSetup(environment, site);
  assert(published !== null && keys.openSigner === null, 'an organisation with keys of its own, or a signer, has a site file');
  return introduce({ org: published, keys, http });
}

/** With the governance key of this member, for a vote of its own official. */
export function approveAt(node: FollowerNode, governance: NodeKeys['governance'], request: unknown, now: Instant): ApprovalAnswer {
  const { chain, config } = node;
  const self = config.members.find((member) => equalBytes(member.govPub, governance.publicKey));
  if (self === undefined)
    return { kind: 'rejected', code: 'config_refused', reason: 'this organisation is no member of the configuration in force' };
  return approveBallot({ chain, config, self, governance, sm2: startSm2().sm2, now }, request);
}

/** Whoever started this process may be gone already: then there is nobody to tell, and the end of the channel says the rest. */
function tellParent(message: FromMember): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

type Organisation = { readonly id: number; readonly name: string; readonly org: string; readonly account: OrgKeys };

type NodeGround = {
  readonly environment: Environment;
  readonly org: Organisation;
  readonly keys: MemberKeys;
  readonly keysDir: string;
  readonly dataDir: string;
  readonly log: Log;
  readonly setup: Setup;
  readonly stops: (() => Promise<void>)[];
};
type OpenedNode = {
  readonly node: FollowerNode;
  readonly documents: Documents;
  readonly media: Media;
  readonly clock: Clock;
  readonly sql: Sql;
  readonly certificates: CertificateWatch;
  readonly archives: GameArchives;
};

async function openNode({ environment, org, keys, keysDir, dataDir, log, setup, stops }: NodeGround): Promise<OpenedNode> {
  const given = setup.databaseUrl ?? environment.databaseUrl;
  const postgres =
    given === null
      ? await startPostgres({
          dir: path.join(dataDir, 'postgres'),
          settings: POSTGRES_SETTINGS,
          log: (line) => log.warn({ line }, 'PostgreSQL complains'),
        })
      : null;
  if (postgres !== null) stops.unshift(() => postgres.stop());
  const sql = openDatabase(given ?? postgres?.url ?? '', { max: POOL, applicationName: `daoju-${org.name}` });
  stops.unshift(() => sql.end({ timeout: 5 }));
  await migrate(sql);
  const clock = await openMemberClock(sql, setup, log);
  const documents = openDocuments({
    dir: path.join(dataDir, 'documents'),
    sources: () => othersIn(setup.endpoints(), org.id),
    elapsed: () => performance.now(),
    log,
  });
  let limits: () => Limits = () => DEFAULT_LIMITS;
  const media = openMedia({
    dir: path.join(dataDir, 'media'),
    documents,
    sources: () => othersIn(setup.endpoints(), org.id),
    bytesMax: () => limits().mediaBytes,
    log,
  });
  const node = await openMember({
    sql,
    now: () => clock.now(),
    random: (length) => systemRandom.bytes(length),
    keysDir,
    nodeKeys: keys.openSigner === null ? { node: keys.node } : { openSigner: keys.openSigner },
    account: org.account,
    consortium: {
      member: org.id,
      openEngine: (config, chain) => openOrdering(setup.ordering(), chain, config),
      endpointOf: (member) => endpointIn(setup.endpoints(), member),
      prepareChecks: memberChecks({ documents, media, encryptionKey: keys.encryption.privateKey }),
      elapsed: () => performance.now(),
    },
    genesis: setup.genesis,
    exportDir: path.join(dataDir, 'ledger-export'),
    snapshotDir: path.join(dataDir, 'ledger-snapshots'),
    catchUp: setup.catchUp,
    log: ledgerLog(log),
  });
  stops.unshift(() => node.stop());
  limits = () => node.config.limits;
  const mirror = mirrorDocuments(node, documents, media);
  stops.unshift(async () => mirror.stop());
  const kinds = mirrorKinds(node, { sql, sources: () => othersIn(setup.endpoints(), org.id), log });
  stops.unshift(() => kinds.stop());
  const papers = mirrorPapers(node, {
    sql,
    sm2: startSm2().sm2,
    self: org.id,
    encryptionKey: keys.encryption.privateKey,
    sources: () => othersIn(setup.endpoints(), org.id),
    log,
  });
  stops.unshift(() => papers.stop());
  const archives = openGameArchives({
    ...{ ledger: node, clock, exportDir: path.join(dataDir, 'ledger-export'), log },
    document: (sm3, cls) => documents.get(fromHex(sm3, 32), cls),
    art: async (sm3) => {
      const found = await media.find(sm3);
      return found === null ? null : new Uint8Array(found.bytes);
    },
    // Beside the operator's copy the notary's is stated: it is there for evidence, and may attest (op 14).
    attest: async (op) => (holdsRole(node.config, ROLE.notary, org.account.acct) ? node.state(op) : null),
  });
  const pki = openMemberPki({ sql, clock, ledger: node, sm2: startSm2().sm2 });
  const certificates = watchCertificates({ sql, clock, log, pki });
  certificates.start();
  stops.unshift(() => certificates.stop());
  archives.start();
  stops.unshift(() => archives.stop());
  return { node, documents, media, clock, sql, certificates, archives };
}

/** The operator knows what it settled by; after it, whoever keeps a copy. */
function othersIn(endpoints: Readonly<Record<string, string>>, self: number): readonly string[] {
  return Object.entries(endpoints)
    .filter(([id]) => id !== String(self))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, base]) => base);
}

/** Its own database remembers how far ahead it is, so that it is right after a restart and when it runs alone. */
async function openMemberClock(sql: Sql, setup: Setup, log: Log): Promise<Clock> {
  const clock = movableClock(systemClock);
  clock.moveTo(await readClockOffset(sql));
  const follow = async (offsetMs: number) => {
    if (offsetMs > clock.offsetMs) await insertClockMove(sql, { offsetMs, by: 'operator', at: systemClock.now() });
    clock.moveTo(offsetMs);
    tellParent({ kind: 'clock_moved', offsetMs: clock.offsetMs });
  };
  setup.followClock((offsetMs) => {
    follow(offsetMs).catch((error: unknown) => log.error({ error }, "couldn't follow the clock of the demonstration"));
  });
  return clock;
}

/** The organisation's published account. The studio's is the one that issues its items. */
export function accountOf(name: string): OrgKeys {
  const { publicKey, privateKey } = demonstrationKeys(name);
  return { name, publicKey, privateKey, acct: accountIdFromPolicy(policyOf(name)) };
}

export function policyOf(name: string) {
  const studio = DEMONSTRATION_MEMBERS.find((each) => each.role === ROLE.studio);
  return name === studio?.name ? singleKeyPolicy(demonstrationKeys(name).publicKey) : demonstrationPolicy(name);
}

export function memberRecord(org: DemonstrationMember, keys: NodeKeys, certifiedAt: number): Member {
  const { name, ...named } = org;
  const { sm2 } = startSm2();
  return buildMember({ ...named, acct: accountOf(name).acct, endpoint: '', keys, sm2, certifiedAt: BigInt(certifiedAt) });
}

/** Says who this is, and waits for the chain to belong to. The program that started this one takes it along when it ends. */
function introduce({
  org,
  keys,
  http,
}: {
  readonly org: DemonstrationMember;
  readonly keys: NodeKeys;
  readonly http: MemberHttp;
}): Promise<Setup> {
  assert(process.send !== undefined, 'a member without a site file is started by an operator’s program');
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  let endpoints: Readonly<Record<string, string>> = {};
  let join: (genesis: Bytes) => void = () => undefined;
  let offsetMs = 0;
  let follow: (offsetMs: number) => void = () => undefined;
  const genesis = new Promise<Bytes>((resolve) => {
    join = resolve;
  });
  return new Promise((resolve) => {
    process.on('message', (raw) => {
      const message = parseFromParent(raw);
      switch (message.kind) {
        case 'introduce': {
          const member = toHex(encodeMember(memberRecord(org, keys, message.certifiedAt)));
          tellParent({ kind: 'introduction', member, endpoint: http.base });
          offsetMs = message.clockOffsetMs;
          return resolve({
            member: org.id,
            databaseUrl: message.databaseUrl,
            ordering: () => message.orderingUrl,
            genesis: () => genesis,
            endpoints: () => endpoints,
            followClock: (told) => {
              follow = told;
              follow(offsetMs);
            },
            catchUp: 'audit',
          });
        }
        case 'join':
          endpoints = message.endpoints;
          return join(fromHex(message.genesis));
        case 'endpoints':
          endpoints = message.endpoints;
          return;
        case 'clock':
          offsetMs = message.offsetMs;
          follow(offsetMs);
      }
    });
  });
}

/** From a site file: the genesis comes from whichever member answers first, and is believed by its ChainId alone. */
function readSetup(environment: Environment, file: string): Setup {
  const { endpoints, member, catchUp } = readSite(file);
  return {
    member,
    catchUp,
    databaseUrl: environment.databaseUrl,
    ordering: () => readSite(file).ordering,
    endpoints: () => readSite(file).endpoints,
    followClock: () => undefined,
    genesis: async () => {
      for (let attempt = 0; ; attempt++) {
        for (const [id, endpoint] of Object.entries(endpoints)) {
          if (id === String(member)) continue;
          const response = await fetch(new URL('/peer/v1/genesis', endpoint)).catch(() => null);
          if (response?.ok === true) return new Uint8Array(await response.arrayBuffer());
        }
        await new Promise((resolve) => setTimeout(resolve, Math.min(2000, 200 * (attempt + 1))));
      }
    },
  };
}
