/** Rows of the guarantee fund: what it owes, in the order of the decisions, and what it has paid. */
import { type AccountId, parseAccountId, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { GUARANTEE } from '#server/journal/journal.ts';
import { insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';

export type NewAward = {
  readonly awardId: string;
  readonly tradeId: TradeId;
  readonly itemId: string;
  readonly acct: AccountId;
  readonly caseId: string;
  readonly lostFen: bigint;
  readonly awardFen: bigint;
  readonly at: Instant;
};
/** @returns false: this loss has its award already */
export async function insertAward(tx: Tx, award: NewAward): Promise<boolean> {
  const { awardId, tradeId, itemId, acct, caseId, lostFen, awardFen, at } = award;
  const row = { award_id: awardId, trade_id: tradeId, item_id: itemId, acct, case_id: caseId, at: toIso(at) };
  const fen = { lost_fen: String(lostFen), award_fen: String(awardFen) };
  return (await insertRows(tx, 'cases.guarantee_awards', [{ ...row, ...fen }], 'on conflict do nothing')) === 1;
}

export type Owed = { readonly awardId: string; readonly acct: AccountId; readonly tradeId: TradeId; readonly leftFen: bigint };
const PAID = '(select coalesce(sum(p.fen), 0) from cases.guarantee_payments p where p.award_id = a.award_id)';

export async function listOwed(sql: Queryable, limit: number): Promise<readonly Owed[]> {
  const rows = await query<{ award_id: string; acct: string; trade_id: string; left: string }>(
    sql,
    `select a.award_id, a.acct, a.trade_id, (a.award_fen - ${PAID})::text as left from cases.guarantee_awards a
     where a.award_fen > ${PAID} order by a.award_no limit $1::int`,
    [String(limit)],
  );
  return rows.map((row) => ({
    awardId: row.award_id,
    acct: parseAccountId(row.acct),
    tradeId: parseTradeId(row.trade_id),
    leftFen: BigInt(row.left),
  }));
}

export async function insertPayment(
  tx: Tx,
  { entryId, awardId, fen, at }: { readonly entryId: bigint; readonly awardId: string; readonly fen: bigint; readonly at: Instant },
): Promise<void> {
  await insertRows(tx, 'cases.guarantee_payments', [{ entry_id: String(entryId), award_id: awardId, fen: String(fen), at: toIso(at) }]);
}

export type AwardRow = {
  readonly awardNo: string;
  readonly tradeId: string;
  readonly itemId: string;
  readonly acct: string;
  /** Null: decided before a takeover. */
  readonly caseId: string | null;
  readonly at: Date;
  readonly lostFen: string;
  readonly awardFen: string;
  readonly paidFen: string;
  readonly paidAt: Date | null;
};
/** The newest first. */
export async function listAwards(
  sql: Queryable,
  of: { readonly caseId?: string; readonly tradeId?: string },
  limit: number,
): Promise<readonly AwardRow[]> {
  return query<AwardRow>(
    sql,
    `select a.award_no::text as "awardNo", a.trade_id as "tradeId", a.item_id as "itemId", a.acct, a.case_id as "caseId", a.at,
       a.lost_fen::text as "lostFen", a.award_fen::text as "awardFen", ${PAID}::text as "paidFen",
       (select max(p.at) from cases.guarantee_payments p where p.award_id = a.award_id) as "paidAt"
     from cases.guarantee_awards a where ($1::text is null or a.case_id = $1) and ($2::text is null or a.trade_id = $2)
     order by a.award_no desc limit $3::int`,
    [of.caseId ?? null, of.tradeId ?? null, String(limit)],
  );
}

export type FundFigures = {
  readonly balanceFen: string;
  readonly cameFen: string;
  readonly paidFen: string;
  readonly owedFen: string;
  readonly waiting: number;
};
export async function readFund(sql: Queryable): Promise<FundFigures> {
  const [row] = await query<FundFigures>(
    sql,
    `select coalesce((select balance_fen from journal.accounts where account_id = $1), 0)::text as "balanceFen",
       coalesce((select sum(amount_fen) from journal.postings where account_id = $1 and amount_fen > 0), 0)::text as "cameFen",
       coalesce((select sum(fen) from cases.guarantee_payments), 0)::text as "paidFen",
       coalesce((select sum(award_fen) from cases.guarantee_awards), 0)::bigint::text as "owedFen",
       (select count(*)::int from cases.guarantee_awards a where a.award_fen > ${PAID}) as waiting`,
    [GUARANTEE],
  );
  const { paidFen = '0', owedFen = '0' } = row ?? {};
  const none = { balanceFen: '0', cameFen: '0', waiting: 0 };
  return { ...none, ...row, paidFen, owedFen: String(BigInt(owedFen) - BigInt(paidFen)) };
}

export type PaymentRow = { readonly at: Date; readonly fen: string };
export async function listPayments(sql: Queryable, limit: number): Promise<readonly PaymentRow[]> {
  return query<PaymentRow>(sql, 'select at, fen::text as fen from cases.guarantee_payments order by entry_id desc limit $1::int', [
    String(limit),
  ]);
}
