/** SQL of the simulated tax office's own register; nothing else reads or writes it. */
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import type { FiledReturn } from './tax-office.ts';

export async function insertReturn(sql: Queryable, { receiptNo, taxpayer, tax, month, filedOn }: FiledReturn): Promise<void> {
  await query(sql, 'insert into simulated_tax_office.returns (receipt_no, taxpayer, tax, month, filed_on) values ($1, $2, $3, $4, $5)', [
    receiptNo,
    taxpayer,
    tax,
    month,
    filedOn,
  ]);
}

export type KnownReturn = Omit<FiledReturn, 'tax'> & { readonly tax: string; readonly knocks: number };

/** Counts the question. */
export async function knockReturn(sql: Queryable, receiptNo: string): Promise<KnownReturn | null> {
  const [row] = await query<{ taxpayer: string; tax: string; month: string; filed_on: string; knocks: number }>(
    sql,
    `update simulated_tax_office.returns set knocks = knocks + 1 where receipt_no = $1
     returning taxpayer, tax, month, filed_on::text as filed_on, knocks`,
    [receiptNo],
  );
  if (row === undefined) return null;
  return { receiptNo, taxpayer: row.taxpayer, tax: row.tax, month: row.month, filedOn: row.filed_on, knocks: row.knocks };
}
