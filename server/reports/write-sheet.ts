/** A table as an XLSX sheet: figures as figures, and the same table as the same bytes. */
import { unzipSync, zipSync } from 'fflate';
import writeXlsxFile from 'write-excel-file/node';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type Cell, plainYuan, type Table } from '#sandbox/reports/table.ts';

/** ZIP counts from 1980; the time of packing says nothing about the facts. */
const PACKED_AT = '1980-01-01T00:00:00.000Z';
const SHEET_NAME = 31;

function sheetCell(cell: Cell, isMoney: boolean) {
  if (typeof cell === 'bigint')
    return isMoney ? { value: Number(plainYuan(cell)), type: Number, format: '#,##0.00' } : { value: plainYuan(cell), type: String };
  if (typeof cell === 'number') return { value: cell, type: Number };
  return cell === null ? null : { value: cell, type: String };
}

export async function writeSheet<Row extends Readonly<Record<string, Cell>>>({ title, columns, rows }: Table<Row>): Promise<Bytes> {
  const head = columns.map(({ header }) => ({ value: header, type: String, fontWeight: 'bold' as const }));
  const body = rows.map((row) => columns.map(({ key, isMoney }) => sheetCell(row[key] ?? null, isMoney === true)));
  const written = writeXlsxFile([head, ...body], { sheet: title.slice(0, SHEET_NAME) });
  const parts = unzipSync(new Uint8Array(await written.toBuffer()));
  return new Uint8Array(zipSync(parts, { mtime: PACKED_AT, level: 6 }));
}
