/** Reads a table of one record per fact (UTF-8 with or without a byte order mark, RFC 4180 quotes with line breaks in them, LF or CR LF) a
 *  record at a time, so that a file larger than memory can be judged. A bad header or row is refused with the line on which it begins;
 *  nothing is guessed, an encoding neither. */
import type { Readable } from 'node:stream';

export const CSV_CODES = [
  'file_unreadable',
  'file_empty',
  'file_not_utf8',
  'header_column_missing',
  'header_column_twice',
  'row_too_long',
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
  const records = recordsOf(linesOf(stream));
  const first = await records.next();
  if (first.done === true || first.value.line > 1) throw new CsvRefusal('file_empty', 1, 'no header');
  const header = first.value.cells.map((name) => name.trim());
  const places = new Map<string, number>();
  for (const [place, name] of header.entries()) {
    if (places.has(name)) throw new CsvRefusal('header_column_twice', 1, name);
    places.set(name, place);
  }
  const missing = columns.filter((name) => !places.has(name));
  if (missing.length > 0) throw new CsvRefusal('header_column_missing', 1, missing.join(', '));
  return { extra: header.filter((name) => !columns.includes(name)), rows: rowsOf(records, header.length, places) };
}

const LINE_BYTES = 65_536;
const BEGINNING = new TextDecoder('utf-8', { fatal: true });
const INSIDE = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LF = 0x0a;

/** A name in GB 18030 read as UTF-8 would be another name, and two of them one: what is no UTF-8 is refused. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let line = 0;
  let rest: Uint8Array = new Uint8Array(0);
  const read = (bytes: Uint8Array): string => {
    line += 1;
    const end = bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length;
    try {
      // A decoder takes the byte order mark away; inside the file it is a character of no name.
      return (line > 1 ? INSIDE : BEGINNING).decode(bytes.subarray(0, end));
    } catch {
      throw new CsvRefusal('file_not_utf8', line, 'the file must be UTF-8; convert it from GB 18030 or UTF-16 first');
    }
  };
  for await (const chunk of stream) {
    const bytes: Uint8Array = chunk instanceof Uint8Array ? chunk : new TextEncoder().encode(String(chunk));
    let from = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, from)) {
      if (rest.length + end - from > LINE_BYTES) throw tooLong(line + 1);
      yield read(joined(rest, bytes.subarray(from, end)));
      rest = new Uint8Array(0);
      from = end + 1;
    }
    if (rest.length + bytes.length - from > LINE_BYTES) throw tooLong(line + 1);
    rest = joined(rest, bytes.subarray(from));
  }
  if (rest.length > 0) yield read(rest);
}

const tooLong = (line: number) => new CsvRefusal('row_too_long', line, `a line of more than ${LINE_BYTES} bytes`);

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

async function* rowsOf(records: AsyncIterable<CsvRecord>, width: number, places: ReadonlyMap<string, number>): AsyncGenerator<CsvRow> {
  for await (const { line, cells } of records) {
    if (cells.length !== width) throw new CsvRefusal('row_column_count', line, `${cells.length} values for ${width} columns`);
    yield { line, value: (column) => (cells[places.get(column) ?? -1] ?? '').trim() };
  }
}

/** Begins on `line`; empty lines between records are passed over. */
type CsvRecord = { readonly line: number; readonly cells: readonly string[] };

async function* recordsOf(lines: AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  let line = 0;
  let open: (Reading & { readonly line: number; length: number }) | null = null;
  for await (const text of lines) {
    line += 1;
    if (open === null) {
      if (text.trim() === '') continue;
      if (!text.includes('"')) {
        yield { line, cells: text.split(',') };
        continue;
      }
      open = { line, length: text.length, cells: [], cell: '', isQuoted: false };
    } else {
      open.cell += '\n';
      open.length += text.length + 1;
      // A quote that was forgotten must not swallow the file.
      if (open.length > LINE_BYTES)
        throw new CsvRefusal('row_quote_open', open.line, `a quote is not closed within ${LINE_BYTES} characters`);
    }
    readOn(open, text);
    if (open.isQuoted) continue;
    yield { line: open.line, cells: [...open.cells, open.cell] };
    open = null;
  }
  if (open !== null) throw new CsvRefusal('row_quote_open', open.line, 'a quote is not closed in the file');
}

/** A record as far as it has been read; `isQuoted`: the line ended within quotes. */
type Reading = { readonly cells: string[]; cell: string; isQuoted: boolean };

function readOn(reading: Reading, text: string): void {
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (reading.isQuoted) {
      if (char !== '"') reading.cell += char;
      else if (text[i + 1] === '"') {
        reading.cell += '"';
        i += 1;
      } else reading.isQuoted = false;
    } else if (char === '"' && reading.cell.trim() === '') {
      reading.cell = '';
      reading.isQuoted = true;
    } else if (char === ',') {
      reading.cells.push(reading.cell);
      reading.cell = '';
    } else reading.cell += char;
  }
}
