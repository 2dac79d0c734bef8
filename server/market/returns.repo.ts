/** SQL of returns: what the platform and the studios have taken in a month, alike amounts together, and the trades behind it. */
import { parseFen } from '#ledger/primitives/fen.ts';
import { type AccountId, parseAccountId, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import type { Period } from '#sandbox/reports/period.ts';
import type { Supply } from '#sandbox/tax/figures.ts';
import { yearUpTo } from '#sandbox/tax/period-return.ts';
import type { Tx } from '#server/db.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import { SUPPLIES, sumSupplies } from './supplies.repo.ts';

/** Null: the platform. */
export type Payer = AccountId | null;
export type SuppliesOf = {
  readonly payer: Payer;
  readonly supplies: readonly Supply[];
  /** Taken in the twelve months that end with this one, less what was given back. */
  readonly grossOfYearFen: bigint;
};

const span = (period: Period) => [toIso(period.from), toIso(period.before)];

/** The platform first, then studios by account; who has nothing in the month is not in it. The months before it come as sums. */
export async function listSupplies(tx: Tx, period: Period): Promise<readonly SuppliesOf[]> {
  const rows = await query<{ payer: string | null; amount: string; count: string }>(
    tx,
    `select payer, amount::text as amount, sum(sign)::text as count
     from (${SUPPLIES}) s group by payer, amount order by payer nulls first, s.amount`,
    span(period),
  );
  const earlier = await sumSupplies(tx, yearUpTo(period), period.from);
  return [...Map.groupBy(rows, ({ payer }) => payer)].map(([payer, group]) => {
    const supplies = group
      .map(({ amount, count }) => ({ unitFen: BigInt(amount), count: BigInt(count) }))
      .filter(({ count }) => count !== 0n);
    const grossOfMonth = supplies.reduce((sum, { unitFen, count }) => sum + unitFen * count, 0n);
    return {
      payer: payer === null ? null : parseAccountId(payer),
      supplies,
      grossOfYearFen: grossOfMonth + (earlier.get(payer) ?? 0n),
    };
  });
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
