/** Reads a table of one line per fact (RFC 4180 quotes, LF or CR LF, a byte order mark) a line at a time, so that a file larger than memory
 *  can be judged. A bad header or row is refused with its line; nothing is guessed. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export const CSV_CODES = [
  'file_unreadable',
  'file_empty',
  'header_column_missing',
  'header_column_twice',
  'row_column_count',
  'row_quote_open',
  'row_value_malformed',
  'row_id_twice',
] as const;
export type CsvCode = (typeof CSV_CODES)[number];

export class CsvRefusal extends Error {
  readonly code: CsvCode;
  readonly line: number;
  readonly detail: string;
  constructor(code: CsvCode, line: number, detail: string) {
    super(`${code} line ${line}: ${detail}`);
    this.name = 'CsvRefusal';
    this.code = code;
    this.line = line;
    this.detail = detail;
  }
}

export type CsvRow = { readonly line: number; readonly value: (column: string) => string };
export type CsvTable = { readonly extra: readonly string[]; readonly rows: AsyncIterable<CsvRow> };

/** Columns in any order; those nobody asked for are passed over and named in `extra`. @throws {CsvRefusal} */
export async function readCsv(stream: Readable, columns: readonly string[]): Promise<CsvTable> {
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true || first.value.replace(/^\uFEFF/, '').trim() === '') throw new CsvRefusal('file_empty', 1, 'no header');
  const header = splitLine(first.value.replace(/^\uFEFF/, ''), 1).map((name) => name.trim());
  const places = new Map<string, number>();
  for (const [place, name] of header.entries()) {
    if (places.has(name)) throw new CsvRefusal('header_column_twice', 1, name);
    places.set(name, place);
  }
  const missing = columns.filter((name) => !places.has(name));
  if (missing.length > 0) throw new CsvRefusal('header_column_missing', 1, missing.join(', '));
  return { extra: header.filter((name) => !columns.includes(name)), rows: rowsOf(lines, header.length, places) };
}

async function* rowsOf(lines: AsyncIterator<string>, width: number, places: ReadonlyMap<string, number>): AsyncGenerator<CsvRow> {
  let line = 1;
  for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
    line += 1;
    if (next.value.trim() === '') continue;
    const cells = splitLine(next.value, line);
    if (cells.length !== width) throw new CsvRefusal('row_column_count', line, `${cells.length} values for ${width} columns`);
    yield { line, value: (column) => (cells[places.get(column) ?? -1] ?? '').trim() };
  }
}

function splitLine(text: string, line: number): readonly string[] {
  if (!text.includes('"')) return text.split(',');
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (isQuoted) {
      if (char !== '"') cell += char;
      else if (text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else isQuoted = false;
    } else if (char === '"' && cell.trim() === '') {
      cell = '';
      isQuoted = true;
    } else if (char === ',') {
      cells.push(cell);
      cell = '';
    } else cell += char;
  }
  if (isQuoted) throw new CsvRefusal('row_quote_open', line, 'a quote is not closed on its line');
  return [...cells, cell];
}
