/** The other members as the operator's program meets them: started beside it in a demonstration, named by a site file elsewhere, or none. */
import path from 'node:path';
import type { Member } from '#ledger/codec/config.ts';
import { decodeGenesis, encodeGenesis, type GenesisAccount } from '#ledger/codec/genesis.ts';
import type { ConsortiumOptions } from '#ledger/node/consortium/options.ts';
import { OPERATOR_MEMBER } from '#ledger/node/genesis.ts';
import { loadNodeKeys, pinnedChain } from '#ledger/node/keys.ts';
import { DEMONSTRATION_MEMBERS } from '#ledger/node/membership.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { readChain } from '#ledger/node/store/blocks.ts';
import type { OrgKeys } from '#ledger/node/types.ts';
import { toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { MovableClock } from '#server/clock.ts';
import type { Services } from '#server/context.ts';
import type { Sql } from '#server/db.ts';
import type { Environment } from '#server/env.ts';
import type { Log } from '#server/log.ts';
import { findLedgerDocument } from '#server/market/ledger-documents.ts';
import type { ClockFollowers } from '#server/operations/move-clock.ts';
import type { Random } from '#server/random.ts';
import { memberChecks } from './checks/member-checks.ts';
import { startLocalMembers } from './local-members.ts';
import { databaseMaker } from './member-databases.repo.ts';
import { moveOn } from './move-on.ts';
import { accountOf, policyOf } from './run-member.ts';
import { endpointIn, foundersOf, openOrdering, readSite } from './site.ts';
import { founderAccounts, ownAccount, publishedOrganisation } from './state-record.ts';

export type MembersGround = {
  readonly environment: Environment;
  readonly dataDir: string;
  readonly clock: MovableClock;
  readonly random: Random;
  readonly log: Log;
};

/** For `startServices`. */
export type ConsortiumStart = {
  readonly consortium: Omit<ConsortiumOptions, 'door'>;
  readonly genesisAccounts?: readonly GenesisAccount[];
  /** Of a site that has taken over: its own organisation acts as operator. */
  readonly operator?: OrgKeys;
};

export type Members = {
  /** `sql`: the operator's, migrated. `adminUrl`: of the embedded PostgreSQL, on which the members get databases; null without one. */
  prepare(sql: Sql, adminUrl: string | null): Promise<ConsortiumStart>;
  /** The operator's node answers at `base`. */
  join(services: Services, base: string): Promise<void>;
  /** Resolves when every member that runs has followed; the others are told when they come back. */
  readonly moveClock: ClockFollowers;
  stop(): Promise<void>;
};

const STUDIO_KIND = 1;
const PUBLISHED_ACCOUNTS: readonly GenesisAccount[] = [{ policy: policyOf('studio'), kind: STUDIO_KIND, kyc: ZERO_32 }];

/** Null: one member seals alone. Processes of local members start at once. */
export function openMembers(ground: MembersGround): Members | null {
  const { members, isDemonstration } = ground.environment;
  if (members === 'alone' || (members === 'local' && !isDemonstration)) return null;
  return members === 'local' ? localMembers(ground) : siteMembers(ground, members);
}

function localMembers({ environment, dataDir, clock, random, log }: MembersGround): Members {
  const local = startLocalMembers({ dataDir, logLevel: environment.logLevel, log });
  // A chain that begins needs them for its genesis, and they load while PostgreSQL is made. One that exists opens first: three more programs
  // that load at the same time would only make the market answer later.
  if (pinnedChain(path.join(dataDir, 'keys')) === null) local.launch();
  let introduce: () => Promise<readonly Member[]> = async () => [];
  return {
    prepare: async (sql, adminUrl) => {
      const secretsDir = path.join(dataDir, 'members');
      const maker = adminUrl === null ? null : databaseMaker({ adminUrl, secretsDir, random });
      // A database of a site's own holds the slots in a schema; the embedded server has one for them.
      const orderingUrl = (await maker?.make('ordering')) ?? environment.databaseUrl ?? '';
      const urls = new Map<string, string>();
      for (const name of ['studio', 'supervisor', 'notary']) if (maker !== null) urls.set(name, await maker.make(`member_${name}`));
      const stored = await readChain(sql);
      const certifiedAt = stored === null ? clock.now() : Number(decodeGenesis(stored.genesis).sealedAt);
      let asked: Promise<readonly Member[]> | null = null;
      introduce = () => {
        local.launch();
        asked ??= local.introduce({
          ...{ certifiedAt, orderingUrl, databaseUrlOf: (name) => urls.get(name) ?? null },
          clockOffsetMs: () => clock.offsetMs,
        });
        return asked;
      };
      // A chain that exists needs nobody's word to load; one that begins has them in its genesis.
      const founders = stored === null ? await introduce() : [];
      return {
        consortium: {
          member: OPERATOR_MEMBER,
          openEngine: (config, chain) => openOrdering(orderingUrl, chain, config),
          endpointOf: (member) => endpointIn(local.endpoints(), member),
          founders,
          prepareChecks: operatorChecks(sql),
          elapsed: () => performance.now(),
        },
        genesisAccounts: PUBLISHED_ACCOUNTS,
      };
    },
    join: async (services, base) => {
      const { ledger } = services;
      const introduced = introduce();
      local.join(encodeGenesis(ledger.genesis), base);
      if (ledger.config.members.length > 1) {
        introduced.catch((error: unknown) => log.error({ error }, 'a member does not answer'));
        return;
      }
      const founders = await introduced;
      const { governance } = loadNodeKeys({
        dir: path.join(dataDir, 'keys'),
        sm2: startSm2().sm2,
        random: (length) => random.bytes(length),
        create: false,
        ...(environment.keyPassphraseFile === null ? {} : { passphraseFile: environment.keyPassphraseFile }),
      });
      const outcome = await moveOn(services, founders, governance);
      log.info({ outcome }, 'the chain of one member goes on with several');
    },
    moveClock: local.moveClock,
    stop: () => local.stop(),
  };
}

/** The operator has the documents itself and no supervisor's keys. */
const operatorChecks = (sql: Sql) =>
  memberChecks({ documents: { get: (sm3, cls) => findLedgerDocument(sql, toHex(sm3), cls) }, media: null, encryptionKey: null });

function siteMembers({ environment, dataDir, random }: MembersGround, file: string): Members {
  const site = readSite(file);
  const founders = foundersOf(site);
  return {
    prepare: async (sql) => ({
      consortium: {
        member: site.member,
        prepareChecks: operatorChecks(sql),
        // Read again: an address may change while the node runs, and a Recovery may name another engine.
        openEngine: (config, chain) => openOrdering(readSite(file).ordering, chain, config),
        endpointOf: (member) => endpointIn(readSite(file).endpoints, member),
        founders: founders.map(({ member }) => member),
        elapsed: () => performance.now(),
      },
      genesisAccounts: [...(environment.isDemonstration ? PUBLISHED_ACCOUNTS : []), ...founderAccounts(founders)],
      ...heirOf(site.member, { environment, dataDir, random }),
    }),
    join: async () => undefined,
    moveClock: null,
    stop: async () => undefined,
  };
}

/** The program of a member that began as another organisation runs the market in its own name, once the members have decided so. */
function heirOf(id: number, { environment, dataDir, random }: Pick<MembersGround, 'environment' | 'dataDir' | 'random'>) {
  if (id === OPERATOR_MEMBER) return {};
  const name = DEMONSTRATION_MEMBERS.find((each) => each.id === id)?.name ?? `member ${id}`;
  if (publishedOrganisation(name, environment.isDemonstration) !== null) return { operator: accountOf(name) };
  const keys = loadNodeKeys({
    dir: path.join(dataDir, 'keys'),
    sm2: startSm2().sm2,
    random: (length) => random.bytes(length),
    create: false,
    ...(environment.keyPassphraseFile === null ? {} : { passphraseFile: environment.keyPassphraseFile }),
  });
  return { operator: ownAccount(name, keys) };
}
