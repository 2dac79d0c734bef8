/** My taxes of a month, quarter or year (product P-41): what was assessed and when each line is due. An estimate until the tax office assesses. */
import { assert } from '#ledger/primitives/assert.ts';
import { type AccountId, parseItemId } from '#ledger/primitives/ids.ts';
import { getPackByHash } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { parsePeriod } from '#sandbox/reports/period.ts';
import { dueDate } from '#sandbox/tax/filing-calendar.ts';
import { quarterOf } from '#sandbox/tax/income-record.ts';
import { sellerYear } from '#server/compliance/seller-years.ts';
import type { TaxStatement } from '#server/trpc/views.ts';
import type { Snapshot } from './snapshot.ts';
import { type LineSum, listReported, listStatementRows, sumLines, sumStatement } from './tax-statement.repo.ts';

const ROWS = 200;

/** `pack`: in force; null before the first. */
export async function getTaxStatement({ tx, now }: Snapshot, acct: AccountId, label: string, pack: RulePack | null): Promise<TaxStatement> {
  const period = parsePeriod(label);
  const quarters = [...new Set(monthsOf(period.fromDate, period.beforeDate).map((month) => quarterOf(`${month}-01`)))];
  const [sums, lines, rows, reported, year] = await Promise.all([
    sumStatement(tx, acct, period),
    sumLines(tx, acct, period),
    listStatementRows(tx, acct, period, ROWS + 1),
    listReported(tx, quarters),
    pack === null ? null : sellerYear(tx, acct, pack, now),
  ]);
  return {
    period: label,
    year,
    sales: sums.sales,
    gifts: sums.gifts,
    reassessed: sums.reassessed,
    grossFen: sums.gross,
    refundFen: sums.refund,
    feesFen: sums.fees,
    royaltiesFen: sums.royalties,
    lines: [...Map.groupBy(lines, ({ id }) => id).values()].map(lineOf),
    totalFen: String(lines.reduce((sum, { fen }) => sum + BigInt(fen), 0n)),
    reported: reported.map((row) => ({ period: row.period, version: row.version, at: row.at.toISOString() })),
    rows: rows.slice(0, ROWS).map((row) => ({
      saleId: row.trade_id,
      giftedItemId: row.item_id === null ? null : parseItemId(row.item_id),
      at: row.at.toISOString(),
      grossFen: row.gross_fen,
      costSource: row.cost_source,
      costFen: row.cost_fen,
      taxFen: row.total_fen,
      version: row.version,
      isReversed: row.is_reversed,
    })),
    rowsMore: rows.length > ROWS,
  };
}

/** Due once for each month that owes something. */
function lineOf(months: readonly LineSum[]): TaxStatement['lines'][number] {
  const [first] = months;
  assert(first !== undefined, 'a group has a member');
  const rule = lineRule(first);
  const due = months.flatMap(({ month, packHash, fen }) =>
    BigInt(fen) <= 0n || rule === null ? [] : [dueDate(getPackByHash(packHash), rule.dueRule, month)],
  );
  return {
    id: first.id,
    label: rule?.name ?? { zh: first.id, en: first.id },
    amountFen: String(months.reduce((sum, { fen }) => sum + BigInt(fen), 0n)),
    due: [...new Set(due)].toSorted(),
  };
}

function lineRule({ packHash, id }: LineSum) {
  return getPackByHash(packHash).lines.find((line) => line.id === id) ?? null;
}

function monthsOf(from: string, before: string): readonly string[] {
  const months: string[] = [];
  for (let month = from.slice(0, 7); month < before.slice(0, 7) || month === from.slice(0, 7); month = nextMonth(month)) months.push(month);
  return months;
}

function nextMonth(month: string): string {
  return new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 1)).toISOString().slice(0, 7);
}
