/** Items of a portfolio as a table file (P-36). Amounts in yuan without separators, so that a spreadsheet reads numbers. */
import type { FenText, PortfolioRow } from '#server/trpc/views.ts';

export type PortfolioWords = {
  /** In the order of the columns below. */
  readonly head: readonly string[];
  readonly state: (state: PortfolioRow['state']) => string;
  readonly source: (source: PortfolioRow['costSource']) => string;
};

/** With the mark by which spreadsheets tell UTF-8. */
export function portfolioCsv(rows: readonly PortfolioRow[], words: PortfolioWords): string {
  const lines = rows.map((row) => [
    row.card.names.zh ?? '',
    row.card.names.en,
    String(row.serialNo),
    row.itemId,
    words.state(row.state),
    row.acquiredAt,
    plainYuan(row.costBasisFen),
    words.source(row.costSource),
    plainYuan(row.referenceFen),
    plainYuan(row.unrealisedFen),
  ]);
  return `\uFEFF${[words.head, ...lines].map((cells) => cells.map(cellOf).join(',')).join('\r\n')}\r\n`;
}

function plainYuan(amount: FenText | null): string {
  if (amount === null) return '';
  const digits = amount.replace('-', '').padStart(3, '0');
  return `${amount.startsWith('-') ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Names are a studio's words: what a spreadsheet would take for a formula is shown as text. */
function cellOf(text: string): string {
  const safe = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
