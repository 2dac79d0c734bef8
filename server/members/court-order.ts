/**
 * A judgement on its way to the ledger between machines (`ledger.md` op 13): any member writes the LedgerTx down, a court and a supervisor sign
 * it where their account keys are, and a member's node takes it; a market's public door takes
 * no acts of authorities. Market and custody follow the ledger by themselves.
 */
import { z } from 'zod';
import { decodeItemLeaf } from '#ledger/codec/leaves.ts';
import { decodeTxBody, decodeTxEnv, encodeTxBody, encodeTxEnv, type TxBody, type TxEnv } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, equalBytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { judgementOp } from '#sandbox/cases/judgement-order.ts';
import type { Sql } from '#server/db.ts';
import type { Random } from '#server/random.ts';
import { readAccount, readItem } from './ledger-rows.repo.ts';
import { coSignAsMember, type MemberSite, signBodyAsMember } from './member-site.ts';

const HOLDS_MS = 23 * 3_600_000;
const BEFORE_MS = 10 * 60_000;

export type CourtOrder = { readonly body: TxBody; readonly env: TxEnv | null };

const file = z.strictObject({ courtOrder: z.string(), env: z.string().nullable() });

export function formatCourtOrder({ body, env }: CourtOrder): string {
  return `${JSON.stringify({ courtOrder: toHex(encodeTxBody(body)), env: env === null ? null : toHex(encodeTxEnv(env)) })}\n`;
}

/** @throws {Error} when it is none, or was signed for another LedgerTx than it shows */
export function parseCourtOrder(text: string): CourtOrder {
  const given = file.parse(JSON.parse(text));
  const body = decodeTxBody(fromHex(given.courtOrder));
  const env = given.env === null ? null : decodeTxEnv(fromHex(given.env));
  if (body.op.kind !== 'court_order') throw new Error('the LedgerTx of this file is no court order');
  if (env !== null && !equalBytes(encodeTxBody(env.body), encodeTxBody(body)))
    throw new Error('the file was signed for another LedgerTx than it shows');
  return { body, env };
}

export type CourtGround = { readonly sql: Sql; readonly site: Pick<MemberSite, 'chain'>; readonly now: Instant; readonly random: Random };
export type JudgementFacts = { readonly serial: bigint; readonly to: AccountId; readonly judgement: Bytes };

/** @throws {Error} when the ledger has no such item or account */
export async function draftCourtOrder({ sql, site, now, random }: CourtGround, facts: JudgementFacts): Promise<CourtOrder> {
  const leaf = await readItem(sql, facts.serial);
  if (leaf === null) throw new Error(`the ledger has no item ${facts.serial}`);
  const { ver, owner } = decodeItemLeaf(leaf);
  const to = accountIdBytes(facts.to);
  if ((await readAccount(sql, to)) === null) throw new Error(`the ledger has no account ${facts.to}`);
  if (equalBytes(owner, to)) throw new Error('the item is that account’s already');
  const op = judgementOp({ serial: facts.serial, ver, to }, sm3(facts.judgement));
  const window = { notBefore: BigInt(now - BEFORE_MS), notAfter: BigInt(now + HOLDS_MS) };
  return { body: { chain: site.chain, salt: new Uint8Array(random.bytes(16)), ...window, op }, env: null };
}

/** With this member's signature, once it has seen the file that the order names. @throws {Error} for another file, or when it has signed already */
export async function signCourtOrder(sql: Sql, site: MemberSite, given: CourtOrder, judgement: Bytes): Promise<CourtOrder> {
  const { op } = given.body;
  if (op.kind !== 'court_order' || !equalBytes(op.doc, sm3(judgement))) throw new Error('the order names another judgement than this file');
  const env = given.env === null ? await signBodyAsMember(sql, site, given.body) : await coSignAsMember(sql, site, given.env);
  return { ...given, env };
}
