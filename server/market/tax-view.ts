/** Taxes as the tax supervisor sees them, by day, month, quarter and year (product V-06). */

import { assert } from '#ledger/primitives/assert.ts';
import { parseAccountId, parseItemId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { getPackByHash } from '#sandbox/packs/pack.ts';
import { type Period, parsePeriod } from '#sandbox/reports/period.ts';
import { dueDate } from '#sandbox/tax/filing-calendar.ts';
import { listSellerNotices } from '#server/compliance/seller-years.repo.ts';
import { noticeView } from '#server/compliance/seller-years.ts';
import { query } from '#server/journal/rows.repo.ts';
import { parseSaleId, type SaleId } from '#server/settlement/sale-id.ts';
import type { Names, TaxDay } from '#server/trpc/views.ts';
import { DAY_MS } from './figures.repo.ts';
import type { Snapshot } from './snapshot.ts';
import { splitSpan } from './span-figures.repo.ts';
import { firstDayListed, fitting, sumLines, sumSales, type TaxFit, topGames, topSellers } from './tax-sums.repo.ts';

type DayRow = {
  item_id: string | null;
  trade_id: string;
  at: Date;
  seller: string;
  gross_fen: string;
  total_fen: string;
  is_taxable: boolean;
  version: number;
};
type CrossingRow = { acct: string; at: Date; gross_fen: string; sales_fen: string; by_trade_id: string; reassessed: readonly string[] };

/** A page shows these at once; the rest is paged through where the tile *assessed* opens, or by a seller, game or line. */
const MOST_TRADES = 500;

/** A day, month, quarter or year: `2026-11-27`, `2026-11`, `2026-Q4`, `2026`. A day's view and a year's are one question over other dates. */
export async function getTaxDay({ tx, now }: Snapshot, label: string, fit: TaxFit = {}): Promise<TaxDay> {
  const period = parsePeriod(label);
  const { fromDate, beforeDate } = period;
  const dates = [fromDate, beforeDate];
  const split = await splitSpan({ tx }, period);
  const listed = fitting(fit, split, await firstDayListed({ tx }, split, fit, MOST_TRADES));
  const [trades, sums, sellers, games, counted, crossings, filed, notices] = await Promise.all([
    query<DayRow>(
      tx,
      `select n.trade_id, n.shown_at as at, n.seller, n.gross_fen, n.total_fen, n.is_taxable, n.version, n.item_id from ${listed.rows}
       order by n.shown_at desc, n.trade_id limit ${MOST_TRADES}`,
      listed.args,
    ),
    sumLines({ tx }, split),
    topSellers({ tx }, split),
    topGames({ tx }, split),
    sumSales({ tx }, split, fit),
    query<CrossingRow>(
      tx,
      'select acct, at, gross_fen, sales_fen, by_trade_id, reassessed from compliance.crossings where day >= $1 and day < $2 order by at desc, by_trade_id limit 500',
      dates,
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
    asOf: toIso(now),
    notices: notices.map(noticeView),
    tradesTotal: counted.trades,
    tradesGrossFen: counted.gross,
    tradesTaxFen: counted.tax,
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
