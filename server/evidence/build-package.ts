/** Puts a package together: manifest, signature, time stamp, zip. Checks itself with the public verifier before it is handed out. */
import { zipSync } from 'fflate';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { ROLE } from '#ledger/codec/config.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { MANIFEST_FILE, MANIFEST_SCHEMA, type Manifest, SIGNATURE_FILE, TIME_STAMP_FILE } from '#ledger/evidence/manifest.ts';
import { verifyEvidence } from '#ledger/evidence/verify-evidence.ts';
import { holdsRole } from '#ledger/node/membership.ts';
import { GBT_35275, signData } from '#ledger/pki/signed-data.ts';
import { answers, encodeTimeStampRequest, parseTimeStamp, tokenOfResponse } from '#ledger/pki/time-stamp.ts';
import { type Bytes, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { Receipt } from '#ledger/proof/receipt.ts';
import { chainIdOf, headerHash } from '#ledger/tx/ids.ts';
import type { Words } from '#ledger/verify/codes.ts';
import type { Ground } from '#server/context.ts';
import type { TrustedCertificate } from '#server/pki/pki.ts';
import { type Part, sm3Hex } from './collect.ts';
import type { WaitingExport } from './evidence.repo.ts';
import {
  CHAIN_WARNING,
  FILING_WARNING,
  GAME_SERVER_WARNING,
  INTEREST_STATEMENT,
  NO_FILING_WARNING,
  NO_STAMP_WARNING,
  ROOT_WARNING,
  readme,
  SOFTWARE_WARNING,
  STAMP_WARNING,
  STANDARDS,
} from './texts.ts';
import type { TimeStampAuthority } from './time-stamp-authority.ts';

export type BuildGround = Pick<Ground, 'clock' | 'random' | 'log' | 'ledger'> & {
  readonly stamper: TimeStampAuthority | null;
  /** What this program is: hashes and versions, read once. */
  readonly environment: Environment;
};
export type Environment = {
  readonly versions: Readonly<Record<string, string>>;
  /** SM3 of the one-file verifier; `-` when it was not built. */
  readonly verifierSm3: string;
  readonly buildSm3: string;
  /** Of the filing as a blockchain information service (rulebook CN-EV-05); `null`: none on record. */
  readonly filingNo: string | null;
};
type Material = {
  readonly waiting: WaitingExport;
  readonly receipt: Receipt;
  readonly parts: readonly Part[];
  readonly seal: TrustedCertificate;
};
export type Built = { readonly zip: Bytes; readonly selfCheck: string };

/** @throws {Error} when the finished package does not verify: nothing is handed out then */
export async function buildPackage(ground: BuildGround, material: Material): Promise<Built> {
  // A first pass without a stamp finds out what the self-check says; the second carries that sentence under seal and stamp.
  const draft = await seal(ground, material, { selfCheck: 'pending', stamper: null });
  const first = check(ground, draft);
  if (first !== 'proven') throw new Error(`couldn't build the package ${material.waiting.exportId}: ${first}`);
  const files = await seal(ground, material, { selfCheck: first, stamper: ground.stamper });
  const selfCheck = check(ground, files);
  if (selfCheck !== 'proven') throw new Error(`couldn't stamp the package ${material.waiting.exportId}: ${selfCheck}`);
  return { zip: zipOf(files, ground.clock.now()), selfCheck };
}

function check({ ledger, clock }: BuildGround, files: ReadonlyMap<string, Bytes>): string {
  const verdict = verifyEvidence(files, { chain: ledger.chain, sm2: ledger.sm2, now: clock.now() });
  const failed = verdict.steps.find(({ ok }) => !ok);
  return failed === undefined ? verdict.outcome : `step ${failed.step} ${failed.code} ${JSON.stringify(failed.facts)}`;
}

async function seal(
  ground: BuildGround,
  material: Material,
  { selfCheck, stamper }: { readonly selfCheck: string; readonly stamper: TimeStampAuthority | null },
): Promise<ReadonlyMap<string, Bytes>> {
  const parts = [...material.parts, ...ownParts(ground, material, selfCheck)].sort((a, b) => (a.path < b.path ? -1 : 1));
  const files = new Map(parts.map(({ path, bytes }) => [path, bytes]));
  const stamped = stamper === null ? null : await stampedManifest(ground, stamper, manifestOf(ground, material, parts, stamper));
  const manifest = stamped?.manifest ?? canonicalBytes(manifestOf(ground, material, parts, null));
  files.set(MANIFEST_FILE, manifest);
  files.set(SIGNATURE_FILE, signManifest(ground, material, manifest));
  if (stamped !== null) files.set(TIME_STAMP_FILE, stamped.token);
  return files;
}

function signManifest({ ledger, clock }: BuildGround, { seal: { leaf } }: Material, manifest: Bytes): Bytes {
  const now = clock.now();
  return signData(ledger.sm2, GBT_35275, {
    content: manifest,
    isDetached: true,
    certificate: leaf.der,
    privateKey: ledger.operator.privateKey,
    signingTime: instant(now - (now % 1000)),
  });
}

/** `null` when nobody stamps: the package then says so under its seal. */
async function stampedManifest({ random, ledger, log }: BuildGround, stamper: TimeStampAuthority, manifest: Manifest) {
  const bytes = canonicalBytes(manifest);
  const nonce = random.bytes(16);
  nonce[0] = ((nonce[0] ?? 0) & 0x3f) | 0x40;
  const request = { imprint: sm3(bytes), nonce };
  try {
    const token = tokenOfResponse(await stamper.stamp(encodeTimeStampRequest(request)));
    if (!answers(parseTimeStamp(token, ledger.sm2), request)) throw new Error('the token answers another request');
    return { manifest: bytes, token };
  } catch (error) {
    log.warn({ error, stamper: stamper.name }, 'no time stamp was given; the package says so');
    return null;
  }
}

function manifestOf(
  { ledger, clock, environment }: BuildGround,
  { waiting, receipt, seal: { isLicensed } }: Material,
  parts: readonly Part[],
  stamper: TimeStampAuthority | null,
): Manifest {
  const { header, trust } = receipt;
  const isDemonstration = ledger.genesis.demonstration === 1;
  const warnings: readonly (readonly [boolean, Words])[] = [
    [true, SOFTWARE_WARNING],
    [!isLicensed, ROOT_WARNING],
    [stamper?.isSimulated === true, STAMP_WARNING],
    [stamper === null, NO_STAMP_WARNING],
    [isDemonstration, CHAIN_WARNING],
    [environment.filingNo === null, isDemonstration ? FILING_WARNING : NO_FILING_WARNING],
    [true, GAME_SERVER_WARNING],
  ];
  return {
    schema: MANIFEST_SCHEMA,
    caseRef: waiting.caseRef,
    exportedAt: toIso(clock.now()),
    chainId: toHex(header.chain),
    genesisHash: trust === null ? toHex(header.chain) : toHex(chainIdOf(trust.genesis)),
    subject: { kind: waiting.subject.kind, id: waiting.subject.id },
    checkpoint: {
      height: header.height.toString(),
      hash: toHex(headerHash(header)),
      witness: parts.filter(({ kind }) => kind === 'witness').map(({ path }) => path),
    },
    items: parts.map(({ path, bytes, kind, createdAt, source }) => ({
      path,
      sm3: sm3Hex(bytes),
      size: bytes.length,
      kind,
      createdAt: toIso(createdAt),
      source,
    })),
    claims: claimsOf(waiting, parts),
    standards: STANDARDS,
    interestStatement: INTEREST_STATEMENT,
    notLicensedWarnings: warnings.flatMap(([applies, words]) => (applies ? [words] : [])),
    timeStamp: stamper === null ? 'none' : 'rfc3161',
  };
}

function claimsOf({ subject }: WaitingExport, parts: readonly Part[]): Manifest['claims'] {
  const paths = (...starts: readonly string[]) =>
    parts.map(({ path }) => path).filter((path) => starts.some((start) => path.startsWith(start)));
  const about =
    subject.kind === 'trade'
      ? { zh: `交易 ${subject.id}`, en: `trade ${subject.id}` }
      : { zh: `道具 ${subject.id}`, en: `item ${subject.id}` };
  return [
    {
      id: 'recorded',
      text: { zh: `${about.zh}已记入账本并由成员见证`, en: `${about.en} is in the ledger and certified by its members` },
      itemPaths: paths('ledger/'),
    },
    { id: 'signed', text: { zh: '当事人签署了所附字节', en: 'the parties signed the attached bytes' }, itemPaths: paths('subject/') },
    { id: 'provenance', text: { zh: '请求、支付与托管记录', en: 'requests, payment and custody' }, itemPaths: paths('provenance/') },
    {
      id: 'identity',
      text: { zh: '签名人的证书及其当时的状态', en: 'certificates of the signers and their state then' },
      itemPaths: paths('pki/'),
    },
  ];
}

/** What this program says about itself and about this export. */
function ownParts({ ledger, clock, environment }: BuildGround, { waiting }: Material, selfCheck: string): readonly Part[] {
  const createdAt = clock.now();
  const part = (path: string, bytes: Bytes, kind: string): Part => ({ path, bytes, kind, createdAt, source: 'operator' });
  const { config } = ledger;
  const subject = `${waiting.subject.kind} ${waiting.subject.id}`;
  const chain = toHex(ledger.chain);
  return [
    part('environment/members.json', canonicalBytes(membersOf(config)), 'environment'),
    part(
      'environment/versions.json',
      canonicalBytes({
        schema: 'daoju.environment/1',
        ...environment.versions,
        buildSm3: environment.buildSm3,
        verifierSm3: environment.verifierSm3,
        filing: environment.filingNo ?? '-',
      }),
      'environment',
    ),
    part(
      'environment/statement.txt',
      utf8(`${INTEREST_STATEMENT.zh}\n${SOFTWARE_WARNING.zh}\n\n${INTEREST_STATEMENT.en}\n${SOFTWARE_WARNING.en}\n`),
      'statement',
    ),
    part(
      'export.json',
      canonicalBytes({
        schema: 'daoju.export/1',
        exportId: waiting.exportId,
        requestedBy: waiting.acct,
        requestedAt: toIso(waiting.requestedAt),
        exportedAt: toIso(createdAt),
        tool: 'daoju',
        version: environment.versions.daoju ?? '-',
        command: 'evidence.export',
        selfCheck,
      }),
      'export',
    ),
    part('README.txt', utf8(readme({ chain, verifierSm3: environment.verifierSm3, subject })), 'readme'),
  ];
}

function membersOf(config: BuildGround['ledger']['config']) {
  return {
    schema: 'daoju.members/1',
    epoch: config.epoch,
    members: config.members.map(({ id, acct, org, role, pub, cert, endpoint }) => ({
      id,
      org,
      role,
      nodeKey: toHex(pub),
      certificate: toHex(cert),
      endpoint,
      runsByOperator: holdsRole(config, ROLE.operator, acct),
    })),
    agents: config.agents.map(({ org, role, acct }) => ({ org, role, acct: toHex(acct) })),
  };
}

function zipOf(files: ReadonlyMap<string, Bytes>, now: Instant): Bytes {
  const entries = Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
  return new Uint8Array(zipSync(entries, { level: 6, mtime: new Date(now) }));
}
