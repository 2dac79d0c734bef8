/** Files of a report: the forms in which a table and a document go out. */
import { canonicalText, type Json } from '#ledger/codec/canonical-json.ts';
import { type Bytes, utf8 } from '#ledger/primitives/bytes.ts';
import { type Cell, type Table, writeCsv } from '#sandbox/reports/table.ts';
import { writeSheet } from './write-sheet.ts';

export type ReportFile = { readonly name: string; readonly mediaType: string; readonly content: Bytes };

export const CSV = 'text/csv; charset=utf-8';
const JSON_TYPE = 'application/json';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export function textFile(name: string, mediaType: string, text: string): ReportFile {
  return { name, mediaType, content: utf8(text) };
}
export function jsonFile(name: string, document: Json): ReportFile {
  return textFile(name, JSON_TYPE, canonicalText(document));
}
export async function tableFiles<Row extends Readonly<Record<string, Cell>>>(
  name: string,
  table: Table<Row>,
): Promise<readonly ReportFile[]> {
  return [textFile(`${name}.csv`, CSV, writeCsv(table)), { name: `${name}.xlsx`, mediaType: XLSX, content: await writeSheet(table) }];
}
