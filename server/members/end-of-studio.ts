/**
 * The end of a studio that says nothing any more (`ledger.md` 13.3, product T-28) on its way to the ledger between machines: any member writes the
 * LedgerTx down, a supervisor and a notary sign it where their account keys are, and a member's node takes it, with the operator gone too.
 */
import { z } from 'zod';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { decodeClassLeaf, RECORD } from '#ledger/codec/leaves.ts';
import { decodeTxBody, decodeTxEnv, encodeTxBody, encodeTxEnv, type TxBody, type TxEnv } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, equalBytes, fromHex, isZero, toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Sql } from '#server/db.ts';
import type { Random } from '#server/random.ts';
import { parseArtList } from '#server/studio/art-list.ts';
import { readAccount, readClassesOf, readRecord } from './ledger-rows.repo.ts';
import { coSignAsMember, type MemberSite, signBodyAsMember } from './member-site.ts';

const HOLDS_MS = 23 * 3_600_000;
const BEFORE_MS = 10 * 60_000;

export type EndOfStudio = { readonly body: TxBody; readonly env: TxEnv | null };

const file = z.strictObject({ endOfStudio: z.string(), env: z.string().nullable() });

export function formatEndOfStudio({ body, env }: EndOfStudio): string {
  return `${JSON.stringify({ endOfStudio: toHex(encodeTxBody(body)), env: env === null ? null : toHex(encodeTxEnv(env)) })}\n`;
}

/** @throws {Error} when it is none, or was signed for another LedgerTx than it shows */
export function parseEndOfStudio(text: string): EndOfStudio {
  const given = file.parse(JSON.parse(text));
  const body = decodeTxBody(fromHex(given.endOfStudio));
  const env = given.env === null ? null : decodeTxEnv(fromHex(given.env));
  if (body.op.kind !== 'studio_sunset') throw new Error('the LedgerTx of this file ends no studio');
  if (env !== null && !equalBytes(encodeTxBody(env.body), encodeTxBody(body)))
    throw new Error('the file was signed for another LedgerTx than it shows');
  return { body, env };
}

export type EndGround = {
  readonly sql: Sql;
  readonly site: Pick<MemberSite, 'chain' | 'config'>;
  readonly now: Instant;
  readonly random: Random;
  /** A document that this member keeps, by its SM3. */
  readonly kept: (sm3: string) => Bytes | null;
};
/** `successor`: who may issue and change its kinds from then on; null: nobody. */
export type EndFacts = { readonly studio: AccountId; readonly at: Instant; readonly successor: AccountId | null };

/** @throws {Error} when the ledger has no such account, or its end already */
export async function draftEndOfStudio(ground: EndGround, { studio, at, successor }: EndFacts): Promise<EndOfStudio> {
  const { sql, site, now, random } = ground;
  const acct = accountIdBytes(studio);
  for (const each of [studio, ...(successor === null ? [] : [successor])])
    if ((await readAccount(sql, accountIdBytes(each))) === null) throw new Error(`the ledger has no account ${each}`);
  if ((await readRecord(sql, RECORD.sunset, acct)) !== null) throw new Error('the end of this studio is on the ledger already');
  const archive = await artOf(ground, acct);
  const window = { notBefore: BigInt(now - BEFORE_MS), notAfter: BigInt(now + HOLDS_MS) };
  const op = {
    kind: 'studio_sunset',
    studio: acct,
    at: BigInt(at),
    archive,
    successor: successor === null ? null : accountIdBytes(successor),
  } as const;
  return { body: { chain: site.chain, salt: new Uint8Array(random.bytes(16)), ...window, op }, env: null };
}

/** SM3 of the list of all art of its kinds, as their own lists name it; each file once. */
async function artOf({ sql, site, kept }: EndGround, studio: Bytes): Promise<Bytes> {
  const lists = (await readClassesOf(sql, studio)).flatMap((leaf) => {
    const { media } = decodeClassLeaf(leaf);
    const bytes = isZero(media) ? null : kept(toHex(media));
    return bytes === null || !equalBytes(sm3(bytes), media) ? [] : (parseArtList(bytes, site.config.limits.mediaBytes) ?? []);
  });
  const files = new Map(lists.map(({ sm3: name, size }) => [name, { path: `media/${name}`, sm3: name, size }]));
  return sm3(canonicalBytes([...files.values()].sort((a, b) => (a.sm3 < b.sm3 ? -1 : 1))));
}

/** With this member's signature. @throws {Error} when it has signed already */
export async function signEndOfStudio(sql: Sql, site: MemberSite, given: EndOfStudio): Promise<EndOfStudio> {
  const env = given.env === null ? await signBodyAsMember(sql, site, given.body) : await coSignAsMember(sql, site, given.env);
  return { ...given, env };
}
