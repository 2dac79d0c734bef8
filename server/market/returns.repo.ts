/** SQL of returns: what the platform and the studios have taken in a month, alike amounts together, and the trades behind it. */
import { parseFen } from '#ledger/primitives/fen.ts';
import { type AccountId, parseAccountId, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import type { Period } from '#sandbox/reports/period.ts';
import type { Supply } from '#sandbox/tax/figures.ts';
import { yearUpTo } from '#sandbox/tax/period-return.ts';
import type { Tx } from '#server/db.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';

/** Null: the platform. */
export type Payer = AccountId | null;
export type SuppliesOf = {
  readonly payer: Payer;
  readonly supplies: readonly Supply[];
  /** Taken in the twelve months that end with this one, less what was given back. */
  readonly grossOfYearFen: bigint;
};

/**
 * Each trade gives the platform its fee and the kind's studio its royalty, when it is settled; a studio that sells for itself has the price
 * as well. What is taken back, or refused by the members, comes once more with the other sign, on that day (rulebook 0.4, REFUND).
 */
const GIVEN_BACK = "('reversed', 'failed')";
const SUPPLIES = `
  select s.payer, s.type, s.trade_id, s.amount, m.sign, m.at from (
    select trade_id, 1 as sign, settled_at as at from market.trades where settled_at >= $1 and settled_at < $2
    union all
    select r.trade_id, -1, r.at from market.trade_states r where r.state in ${GIVEN_BACK} and r.at >= $1 and r.at < $2
      and not exists (select from market.trade_states e where e.trade_id = r.trade_id and e.state in ${GIVEN_BACK} and (e.at, e.step) < (r.at, r.step))
  ) m
  join market.trades t using (trade_id)
  join catalogue.item_classes c using (class_id)
  cross join lateral (values
    (null, 'FEE', t.trade_id, t.fee_fen), (c.studio_acct, 'ROYALTY', t.trade_id, t.royalty_fen),
    (case when t.seller = c.studio_acct then t.seller end, 'PRIMARY', t.trade_id, case when t.seller = c.studio_acct then t.gross_fen else 0 end)
  ) s(payer, type, trade_id, amount)
  where t.settled_at is not null and s.amount > 0`;

const span = (period: Period) => [toIso(period.from), toIso(period.before)];

/** The platform first, then studios by account; who has nothing in the month is not in it. One look at the books for the month and its year. */
export async function listSupplies(tx: Tx, period: Period): Promise<readonly SuppliesOf[]> {
  const rows = await query<{ payer: string | null; amount: string; count: string; of_year: string; is_of_month: boolean }>(
    tx,
    `select payer, amount::text as amount, coalesce(sum(sign) filter (where at >= $3), 0)::text as count, (sum(sign) * amount)::text as of_year,
       bool_or(at >= $3) as is_of_month
     from (${SUPPLIES}) s group by payer, amount order by payer nulls first, s.amount`,
    [toIso(yearUpTo(period)), toIso(period.before), toIso(period.from)],
  );
  const groups = [...Map.groupBy(rows, ({ payer }) => payer)].filter(([, group]) => group.some((row) => row.is_of_month));
  return groups.map(([payer, group]) => ({
    payer: payer === null ? null : parseAccountId(payer),
    supplies: group.map(({ amount, count }) => ({ unitFen: BigInt(amount), count: BigInt(count) })).filter(({ count }) => count !== 0n),
    grossOfYearFen: group.reduce((sum, row) => sum + BigInt(row.of_year), 0n),
  }));
}

/** The number that the next entry of the books will have: fees and royalties come and go by entries alone. */
export async function nextEntry(sql: Queryable): Promise<string> {
  const [row] = await query<{ next_id: string }>(sql, "select next_id from journal.heads where name = 'entries'");
  return row?.next_id ?? '1';
}

export type SupplyRow = {
  readonly tradeId: TradeId;
  readonly type: 'FEE' | 'ROYALTY' | 'PRIMARY';
  readonly at: Date;
  /** Negative: given back. */
  readonly amountFen: bigint;
};

/** Newest first; `total` and `sumFen` are of all. */
export async function listSupplyRows(
  tx: Tx,
  period: Period,
  payer: Payer,
  limit: number,
): Promise<{ readonly rows: readonly SupplyRow[]; readonly total: number; readonly sumFen: bigint }> {
  const rows = await query<{ trade_id: string; type: SupplyRow['type']; at: Date; amount: string; total: number; sum: string }>(
    tx,
    `select trade_id, type, at, (amount * sign)::text as amount, count(*) over ()::int as total, (sum(amount * sign) over ())::text as sum
     from (${SUPPLIES}) s where payer is not distinct from $3 order by at desc, trade_id, type limit ${limit}`,
    [...span(period), payer],
  );
  return {
    rows: rows.map((row) => ({
      tradeId: parseTradeId(row.trade_id),
      type: row.type,
      at: row.at,
      amountFen: parseFen(row.amount),
    })),
    total: rows[0]?.total ?? 0,
    sumFen: BigInt(rows[0]?.sum ?? '0'),
  };
}

export async function listStudioNames(
  tx: Tx,
  accts: readonly AccountId[],
): Promise<ReadonlyMap<string, { readonly zh: string | null; readonly en: string }>> {
  const rows = await query<{ acct: string; zh: string | null; en: string }>(
    tx,
    'select acct, name_zh as zh, name_en as en from studio.studios where acct = any($1)',
    [[...accts]],
  );
  return new Map(rows.map(({ acct, ...names }) => [acct, names]));
}
