/** Taxes as the tax supervisor sees them, by day, month, quarter and year (product V-06). */

import { assert } from '#ledger/primitives/assert.ts';
import { parseAccountId, parseItemId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, instant } from '#ledger/primitives/instant.ts';
import { getPackByHash } from '#sandbox/packs/pack.ts';
import { type Period, parsePeriod } from '#sandbox/reports/period.ts';
import { dueDate } from '#sandbox/tax/filing-calendar.ts';
import { listSellerNotices } from '#server/compliance/seller-years.repo.ts';
import { noticeView } from '#server/compliance/seller-years.ts';
import { query } from '#server/journal/rows.repo.ts';
import { parseSaleId, type SaleId } from '#server/settlement/sale-id.ts';
import type { Names, TaxDay } from '#server/trpc/views.ts';
import { NEWEST as NEWEST_OF_DAYS } from './closed-days.repo.ts';
import { DAY_MS } from './figures.repo.ts';
import type { Snapshot } from './snapshot.ts';
import { dayWithEnough, splitSpan } from './span-figures.repo.ts';

type DayRow = {
  item_id: string | null;
  trade_id: string;
  at: Date;
  seller: string;
  gross_fen: string;
  total_fen: string;
  is_taxable: boolean;
  version: number;
  pack_hash: string;
  lines: readonly { readonly id: string; readonly amountFen: string }[];
};
type CrossingRow = { acct: string; at: Date; gross_fen: string; sales_fen: string; by_trade_id: string; reassessed: readonly string[] };

type GroupSums = { trades: number; gross: string; tax: string };
type SellerRow = GroupSums & { seller: string };
type GameRow = GroupSums & { game_id: string; zh: string | null; en: string };

const MOST_TRADES = 5_000;
const MOST_GROUPS = 50;
/** The newest version of each sale of the period with its game; a gift has that of its item. */
const NEWEST = `select a.* ${NEWEST_OF_DAYS}`;
const SALES = `select n.*, coalesce(t.settled_at, n.at) as shown_at, g.item_id, c.game_id from (${NEWEST}) n
  left join market.trades t on t.trade_id = n.trade_id left join market.gifts g on g.gift_id = n.trade_id
  left join custody.items i on i.item_id = g.item_id left join catalogue.item_classes c on c.class_id = coalesce(t.class_id, i.class_id)`;
/** Sales of one seller, of one game, or with an amount on one line. */
const FITTING = `($3::text is null or n.seller = $3) and ($4::text is null or n.game_id = $4)
  and ($5::text is null or exists (select 1 from jsonb_array_elements(n.lines) l(line) where l.line->>'id' = $5 and (l.line->>'amountFen')::bigint <> 0))`;
const GROUP_SUMS = 'count(*)::int as trades, sum(n.gross_fen)::text as gross, sum(n.total_fen)::text as tax';

/** Which sales are listed; the sums above them are of all. */
export type TaxFit = { readonly seller?: string | undefined; readonly game?: string | undefined; readonly line?: string | undefined };

/** A day, month, quarter or year: `2026-11-27`, `2026-11`, `2026-Q4`, `2026`. A day's view and a year's are one question over other dates. */
export async function getTaxDay({ tx, now }: Snapshot, label: string, fit: TaxFit = {}): Promise<TaxDay> {
  const period = parsePeriod(label);
  const { fromDate, beforeDate } = period;
  const dates = [fromDate, beforeDate];
  const asked = [fit.seller ?? null, fit.game ?? null, fit.line ?? null];
  const isAll = asked.every((each) => each === null);
  // The newest stand in the last days: earlier ones are not read for them.
  const listedFrom = isAll ? await dayWithEnough({ tx }, await splitSpan({ tx }, period), beforeDate, MOST_TRADES) : fromDate;
  const [trades, sums, crossings, sellers, games, [counted], filed, notices] = await Promise.all([
    query<DayRow>(
      tx,
      `select n.trade_id, n.shown_at as at, n.seller, n.gross_fen, n.total_fen, n.is_taxable, n.version, encode(n.pack_hash, 'hex') as pack_hash,
         n.lines, n.item_id from (${SALES}) n where ${FITTING} order by n.shown_at desc, n.trade_id limit ${MOST_TRADES}`,
      [listedFrom, beforeDate, ...asked],
    ),
    query<{ id: string; amount: string; pack_hash: string }>(
      tx,
      `select l.line->>'id' as id, sum((l.line->>'amountFen')::bigint)::text as amount, min(encode(n.pack_hash, 'hex')) as pack_hash
       from (${NEWEST}) n, jsonb_array_elements(n.lines) l(line) group by 1 order by 1`,
      dates,
    ),
    query<CrossingRow>(
      tx,
      'select acct, at, gross_fen, sales_fen, by_trade_id, reassessed from compliance.crossings where day >= $1 and day < $2 order by at desc, by_trade_id limit 500',
      dates,
    ),
    query<SellerRow>(
      tx,
      `select seller, ${GROUP_SUMS} from (${NEWEST}) n group by seller order by sum(total_fen) desc, seller limit ${MOST_GROUPS}`,
      dates,
    ),
    query<GameRow>(
      tx,
      `select g.game_id, g.name_zh as zh, g.name_en as en, ${GROUP_SUMS} from (${SALES}) n join catalogue.games g on g.game_id = n.game_id
       group by g.game_id order by sum(n.total_fen) desc, g.game_id limit ${MOST_GROUPS}`,
      dates,
    ),
    query<{ trades: number; tax: string; gross: string }>(
      tx,
      `select count(*)::int as trades, coalesce(sum(n.total_fen), 0)::text as tax, coalesce(sum(n.gross_fen), 0)::text as gross
       from (${isAll ? NEWEST : SALES}) n ${isAll ? '' : `where ${FITTING}`}`,
      isAll ? dates : [...dates, ...asked],
    ),
    query<{ kind: string; report_id: string; version: number; at: Date; receipt_no: string | null }>(
      tx,
      `select distinct on (kind) kind, report_id, version, at, receipt_no from reports.reports left join reports.filings using (report_id)
       where period = $1 and kind in ('decree-810', 'auth-034') order by kind, receipt_no is null, version desc`,
      [label],
    ),
    listSellerNotices(tx, { from: period.from, before: period.before, acct: null }),
  ]);
  const total = sums.reduce((sum, row) => sum + BigInt(row.amount), 0n);
  return {
    day: label,
    notices: notices.map(noticeView),
    tradesTotal: counted?.trades ?? 0,
    tradesGrossFen: counted?.gross ?? '0',
    tradesTaxFen: counted?.tax ?? '0',
    bySeller: sellers.map((row) => ({ sellerRef: parseAccountId(row.seller), trades: row.trades, grossFen: row.gross, taxFen: row.tax })),
    byGame: games.map((row) => ({
      gameId: row.game_id,
      names: { zh: row.zh, en: row.en },
      trades: row.trades,
      grossFen: row.gross,
      taxFen: row.tax,
    })),
    due: dueOf(period, sums[0]?.pack_hash ?? null, {
      now,
      isFiled: filed.some((row) => row.kind === QUARTER_REPORT && row.receipt_no !== null),
    }),
    filed: filed.map((row) => ({
      kind: row.kind,
      reportId: row.report_id,
      version: row.version,
      at: row.at.toISOString(),
      receiptNo: row.receipt_no,
    })),
    lines: sums.map(({ id, amount, pack_hash: hash }) => ({ id, label: lineLabel(hash, id), amountFen: amount })),
    totalFen: String(total),
    estimatedFen: projected(total, period, now),
    trades: trades.map((row) => ({
      tradeId: parseSaleId(row.trade_id),
      giftedItemId: row.item_id === null ? null : parseItemId(row.item_id),
      at: row.at.toISOString(),
      sellerRef: parseAccountId(row.seller),
      grossFen: row.gross_fen,
      taxFen: row.total_fen,
      isVatTaxable: row.is_taxable,
      version: row.version,
    })),
    crossings: crossings.map((row) => ({
      sellerRef: parseAccountId(row.acct),
      at: row.at.toISOString(),
      grossFen: row.gross_fen,
      salesFen: row.sales_fen,
      byTradeId: parseSaleId(row.by_trade_id),
      reassessed: row.reassessed.map((id): SaleId => parseSaleId(id)),
    })),
  };
}

/** What an open period comes to if the rest of it goes as its beginning did (V-06, estimated); null: it is over, or has not begun. */
function projected(total: bigint, { from, before }: Period, now: Instant): string | null {
  if (now <= from || now >= before) return null;
  return String((total * BigInt(before - from)) / BigInt(now - from));
}

const QUARTER_REPORT = 'decree-810';

/** The day itself is still in time. */
function dueOf({ kind, before }: Period, packHash: string | null, at: { readonly now: Instant; readonly isFiled: boolean }): TaxDay['due'] {
  if (kind !== 'quarter' || packHash === null) return null;
  const pack = getPackByHash(packHash);
  if (pack.dueRules?.QUARTER_REPORT === undefined) return null;
  const on = dueDate(pack, 'QUARTER_REPORT', beijingDate(instant(before - DAY_MS)).slice(0, 'yyyy-mm'.length));
  return { kind: QUARTER_REPORT, on, isOverdue: !at.isFiled && beijingDate(at.now) > on };
}

function lineLabel(packHash: string, id: string): Names {
  const line = getPackByHash(packHash).lines.find((each) => each.id === id);
  assert(line !== undefined, 'an assessed line stands in its pack');
  return line.name;
}
