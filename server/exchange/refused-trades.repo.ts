/** Refused Trades as rows: what the members refused, what was tried again, and what a new LedgerTx in the old one's place changes. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Assessment } from '#sandbox/tax/assessment.ts';
import type { Tx } from '#server/db.ts';
import { bytea, insertRows, query } from '#server/journal/rows.repo.ts';
import { type InputDocument, inputDocument } from '#server/settlement/assessment-document.ts';
import type { SealedPayment } from '#server/settlement/seal-payment.ts';
import { plainBytes } from './rows.repo.ts';

export type RefusedTx = {
  readonly txId: Bytes;
  readonly env: Bytes;
  /** Whether the trade was replaced or signed again before. */
  readonly wasRetried: boolean;
  readonly attempts: number;
};

/** The refused LedgerTx of a settled trade. */
export async function findRefusedTx(tx: Tx, tradeId: TradeId): Promise<RefusedTx | null> {
  const [row] = await query<{ tx_id: Uint8Array; env: Uint8Array; was_retried: boolean; attempts: number }>(
    tx,
    `select l.tx_id, l.env, exists (select from market.trade_retries r where r.trade_id = t.trade_id and r.remedy <> 'proposed_again') as was_retried,
       (select count(*)::int from market.trade_retries r where r.trade_id = t.trade_id) as attempts
     from market.trades t join ledger.ledger_txs l on l.tx_id = t.tx_id
     where t.trade_id = $1 and l.status = 'refused' and l.env is not null order by l.seq desc limit 1`,
    [tradeId],
  );
  if (row === undefined) return null;
  return { txId: plainBytes(row.tx_id), env: plainBytes(row.env), wasRetried: row.was_retried, attempts: row.attempts };
}

export async function insertRetry(
  tx: Tx,
  tradeId: TradeId,
  retry: {
    readonly attempt: number;
    readonly txId: Bytes;
    readonly code: string;
    readonly remedy: 'proposed_again' | 'signed_again' | 'replaced';
    readonly at: Instant;
  },
): Promise<void> {
  await insertRows(tx, 'market.trade_retries', [
    {
      trade_id: tradeId,
      attempt: retry.attempt,
      tx_id: bytea(retry.txId),
      code: retry.code,
      remedy: retry.remedy,
      at: toIso(retry.at),
    },
  ]);
}

/** The trade, its hops and its items name the LedgerTx that now stands for them; its windows count from now. */
export async function moveToNewTx(
  tx: Tx,
  tradeId: TradeId,
  next: {
    readonly before: Bytes;
    readonly txId: Bytes;
    readonly payment: Pick<SealedPayment, 'opened'>;
    readonly payoutAt: Instant;
    /** Instead, where its proceeds wait longer. */
    readonly heldUntil: Instant;
    readonly transferableFrom: Instant;
  },
): Promise<void> {
  const pay = JSON.stringify(next.payment.opened);
  await query(
    tx,
    `update market.trades set tx_id = $2, pay = $3::text::jsonb, transferable_from = $5,
       payout_at = case when payout_hold is null then $4::timestamptz else $6 end
     where trade_id = $1`,
    [tradeId, next.txId, pay, new Date(next.payoutAt), new Date(next.transferableFrom), new Date(next.heldUntil)],
  );
  await query(tx, 'update custody.hops set tx_id = $2 where tx_id = $1', [next.before, next.txId]);
  await query(tx, 'update custody.items set tx_id = $2, protected_until = $3 where tx_id = $1', [
    next.before,
    next.txId,
    new Date(next.transferableFrom),
  ]);
}

export type StoredAssessment = {
  readonly version: number;
  readonly day: string;
  readonly input: InputDocument;
  readonly packHash: string;
  readonly isTaxable: boolean;
};

export async function findNewestAssessment(tx: Tx, tradeId: TradeId): Promise<StoredAssessment | null> {
  const [row] = await query<{ version: number; day: string; input: InputDocument; pack_hash: string; is_taxable: boolean }>(
    tx,
    `select version, day, input, encode(pack_hash, 'hex') as pack_hash, is_taxable from compliance.assessments
     where trade_id = $1 order by version desc limit 1`,
    [tradeId],
  );
  if (row === undefined) return null;
  return { version: row.version, day: row.day, input: row.input, packHash: row.pack_hash, isTaxable: row.is_taxable };
}

export async function insertReplacedAssessment(
  tx: Tx,
  facts: {
    readonly tradeId: TradeId;
    readonly version: number;
    readonly seller: string;
    readonly day: string;
    readonly at: Instant;
    readonly assessment: Assessment;
    readonly hash: Bytes;
  },
): Promise<void> {
  const { assessment } = facts;
  await insertRows(tx, 'compliance.assessments', [
    {
      trade_id: facts.tradeId,
      version: facts.version,
      at: toIso(facts.at),
      cause: 'replaced',
      seller: facts.seller,
      day: facts.day,
      gross_fen: String(assessment.input.grossFen),
      is_taxable: assessment.isTaxable,
      total_fen: String(assessment.taxTotalFen),
      pack_hash: `\\x${assessment.packHash}`,
      assessment_hash: bytea(facts.hash),
      input: inputDocument(assessment.input),
      lines: assessment.lines.map((line) => ({ id: line.id, amountFen: String(line.amountFen) })),
    },
  ]);
}
