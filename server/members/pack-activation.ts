/**
 * A rule pack on its way to the ledger between machines (product O-12): one member writes the LedgerTx down, those that must sign do so where
 * their account keys are, and any member's node takes it. With notice operator and supervisor sign; at once a supervisor alone.
 */
import { z } from 'zod';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { decodeRecordLeaf, RECORD } from '#ledger/codec/leaves.ts';
import { decodeTxBody, decodeTxEnv, encodeTxBody, encodeTxEnv, type TxBody, type TxEnv } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, equalBytes, fromHex, isZero, toHex } from '#ledger/primitives/bytes.ts';
import { beijingDate, type Instant, instant } from '#ledger/primitives/instant.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import { type ActivationRefusal, refuseActivation } from '#sandbox/packs/compare-packs.ts';
import { findPackByHash, packHash, rememberPack } from '#sandbox/packs/pack.ts';
import { parsePack, readStoredPack } from '#sandbox/packs/parse-pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { Sql } from '#server/db.ts';
import type { Random } from '#server/random.ts';
import { readRecord } from './ledger-rows.repo.ts';
import { coSignAsMember, type MemberSite, signBodyAsMember } from './member-site.ts';

const HOLDS_MS = 23 * 3_600_000;
const BEFORE_MS = 10 * 60_000;

export type PackActivation = { readonly pack: RulePack; readonly body: TxBody; readonly env: TxEnv | null };

const file = z.strictObject({ pack: z.unknown(), body: z.string(), env: z.string().nullable() });

export function formatActivation({ pack, body, env }: PackActivation): string {
  return `${JSON.stringify({ pack, body: toHex(encodeTxBody(body)), env: env === null ? null : toHex(encodeTxEnv(env)) })}\n`;
}

/** @throws {Error} when it is none, or signs another pack than it shows */
export function parseActivation(text: string): PackActivation {
  const given = file.parse(JSON.parse(text));
  const pack = parsePack(given.pack);
  const body = decodeTxBody(fromHex(given.body));
  const env = given.env === null ? null : decodeTxEnv(fromHex(given.env));
  if (body.op.kind !== 'rule_pack_activate' || toHex(body.op.pack) !== packHash(pack) || body.op.jurisdiction !== pack.id)
    throw new Error('the LedgerTx of this file activates another pack than the file shows');
  if (env !== null && !equalBytes(encodeTxBody(env.body), encodeTxBody(body)))
    throw new Error('the file was signed for another LedgerTx than it shows');
  return { pack, body, env };
}

export type DraftGround = {
  readonly sql: Sql;
  readonly site: MemberSite;
  readonly now: Instant;
  readonly random: Random;
  /** A document that this member keeps. */
  readonly kept: (sm3: string) => Bytes | null;
};
export type DraftAnswer =
  | { readonly kind: 'drafted'; readonly activation: PackActivation }
  | {
      readonly kind: 'refused';
      readonly code: ActivationRefusal | 'pack_in_force_unknown';
      readonly facts: Readonly<Record<string, string>>;
    };

/** `from`: with notice; null: at once, which takes what is stricter everywhere, or the first pack of a chain. */
export async function draftActivation(ground: DraftGround, pack: RulePack, from: Instant | null): Promise<DraftAnswer> {
  const { sql, site, now, random } = ground;
  const row = await readRecord(sql, RECORD.rulePack, recordKey.rulePack(pack.id));
  const record = row === null ? null : decodeRecordLeaf(row);
  const refused = record === null ? null : refuseOver(ground, record, pack, from);
  if (refused !== null) return { kind: 'refused', ...refused };
  const body: TxBody = {
    chain: site.chain,
    salt: new Uint8Array(random.bytes(16)),
    ...{ notBefore: BigInt(now - BEFORE_MS), notAfter: BigInt(now + HOLDS_MS) },
    op: {
      kind: 'rule_pack_activate',
      jurisdiction: pack.id,
      pack: fromHex(packHash(pack), 32),
      from: BigInt(from ?? now),
      tighten: from === null ? 1 : 0,
    },
  };
  return { kind: 'drafted', activation: { pack, body, env: null } };
}

type Refused = Omit<Extract<DraftAnswer, { kind: 'refused' }>, 'kind'>;

/** The same law as on the market's page; comments and approvals there are the page's. */
function refuseOver(
  { site, now, kept }: DraftGround,
  record: { readonly a: bigint; readonly value: Bytes; readonly prior: Bytes },
  draft: RulePack,
  from: Instant | null,
): Refused | null {
  const isPending = BigInt(now) < record.a;
  const hash = isPending ? record.prior : record.value;
  if (isZero(hash)) return null;
  const inForce = findPackByHash(toHex(hash)) ?? readKept(kept, hash);
  if (inForce === null) return { code: 'pack_in_force_unknown', facts: { hash: toHex(hash) } };
  const at = from ?? now;
  return refuseActivation({
    ...{ draft, inForce, versions: [inForce.version] },
    pendingFrom: isPending ? beijingDate(instant(Number(record.a))) : null,
    mode: from === null ? 'TIGHTEN' : 'NOTICE',
    from: { at, date: beijingDate(at) },
    earliestAt: now + Number(site.config.limits.packNoticeMs),
    authorization: null,
  });
}

function readKept(kept: DraftGround['kept'], hash: Bytes): RulePack | null {
  const bytes = kept(toHex(hash));
  if (bytes === null || !equalBytes(sm3(bytes), hash)) return null;
  const pack = readStoredPack(JSON.parse(new TextDecoder().decode(bytes)));
  rememberPack(pack);
  return equalBytes(canonicalBytes(pack), bytes) ? pack : null;
}

/** With this member's signature. @throws {Error} when it has signed already */
export async function signActivation(sql: Sql, site: MemberSite, given: PackActivation): Promise<PackActivation> {
  const env = given.env === null ? await signBodyAsMember(sql, site, given.body) : await coSignAsMember(sql, site, given.env);
  return { ...given, env };
}
