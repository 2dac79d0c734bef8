/** What somebody has traded on a Beijing day before the order at hand, as the quote needs it. */
import type { AccountId, TradeId } from '#ledger/primitives/ids.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';

/** Sales, and what counts on both sides. */
export type DaySums = { readonly grossFen: bigint; readonly turnoverFen: bigint };
export type Day = { readonly grossFen: bigint; readonly tradeIds: readonly TradeId[] };

const TRADES_READ = 200;

export async function readSums(sql: Queryable, acct: AccountId, day: string): Promise<DaySums> {
  const [row] = await query<{ gross_fen: string; turnover_fen: string }>(
    sql,
    'select gross_fen, turnover_fen from compliance.windows where acct = $1 and day = $2',
    [acct, day],
  );
  return { grossFen: BigInt(row?.gross_fen ?? '0'), turnoverFen: BigInt(row?.turnover_fen ?? '0') };
}

/** With the sales that would be assessed again when the day line is crossed. */
export async function readDay(sql: Queryable, acct: AccountId, day: string): Promise<Day> {
  const [{ grossFen }, trades] = await Promise.all([
    readSums(sql, acct, day),
    query<{ trade_id: TradeId }>(
      sql,
      `select distinct trade_id from compliance.assessments where seller = $1 and day = $2 and gross_fen > 0 order by trade_id limit ${TRADES_READ}`,
      [acct, day],
    ),
  ]);
  return { grossFen, tradeIds: trades.map((row) => row.trade_id) };
}
