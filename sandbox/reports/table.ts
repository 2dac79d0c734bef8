/** A table that goes out as CSV, as a sheet and as JSON with the same cells (rulebook 3.2: Chinese form headers and a JSON twin). */
import { type Fen, formatYuan } from '#ledger/primitives/fen.ts';

export type Cell = string | number | Fen | null;
export type Column<Row> = { readonly key: keyof Row & string; readonly header: string; readonly isMoney?: boolean };
export type Table<Row extends Readonly<Record<string, Cell>>> = {
  readonly title: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
};

/** `-1234.50`: plain digits, as authorities' forms and spreadsheets read them. */
export function plainYuan(amount: Fen): string {
  return formatYuan(amount).replaceAll(',', '').replace('\u2212', '-');
}

export function cellText(cell: Cell): string {
  return typeof cell === 'bigint' ? plainYuan(cell) : cell === null ? '' : String(cell);
}

/** A text that a spreadsheet would run as a formula is told to be a text; figures stay figures. */
function csvField(cell: Cell): string {
  const text = cellText(cell);
  const safe = typeof cell === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** RFC 4180 in UTF-8 with its mark, so that a Chinese spreadsheet opens it rightly. */
export function writeCsv<Row extends Readonly<Record<string, Cell>>>({ columns, rows }: Table<Row>): string {
  const lines = [columns.map(({ header }) => csvField(header)), ...rows.map((row) => columns.map(({ key }) => csvField(row[key] ?? null)))];
  return `\ufeff${lines.map((line) => `${line.join(',')}\r\n`).join('')}`;
}

/** Amounts as fen in digits, in fields that end in `Fen` already. */
export function jsonRows<Row extends Readonly<Record<string, Cell>>>({
  rows,
}: Table<Row>): readonly Readonly<Record<string, string | number | null>>[] {
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([key, cell]) => [key, typeof cell === 'bigint' ? cell.toString() : cell])),
  );
}
