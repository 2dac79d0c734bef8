/** Rows of statements of the bank that were held against our journal: kept with who and when, and never changed. */
import type { Difference } from '#sandbox/reports/compare-statement.ts';
import type { Tx } from '#server/db.ts';
import { bytea, type Queryable, query } from '#server/journal/rows.repo.ts';

export type BankFigures = {
  /** Of several pages. */
  readonly files?: readonly { readonly name: string; readonly sm3: string }[];
  readonly entries: number;
  readonly booked: number;
  readonly ownEntries: number;
  readonly theirs: { readonly openingFen: string; readonly closingFen: string };
  readonly ours: { readonly openingFen: string; readonly closingFen: string };
};
export type KeptStatement = {
  readonly number: string;
  readonly at: Date;
  readonly staffId: string;
  readonly staffRole: string;
  readonly fileName: string;
  readonly version: string;
  readonly statementId: string;
  readonly accountId: string;
  readonly from: Date;
  readonly before: Date;
  readonly figures: BankFigures;
  readonly differences: number;
};
export type NewStatement = Omit<KeptStatement, 'number'> & { readonly fileSm3: Uint8Array; readonly listed: readonly Difference[] };

export async function insertStatements(tx: Tx, statements: readonly NewStatement[]): Promise<void> {
  for (const each of statements) {
    await query(
      tx,
      `insert into journal.bank_statements (at, staff_id, staff_role, file_name, file_sm3, version, statement_id, account_id, from_at, before_at,
         figures, differences, listed)
       values ($1, $2, $3, $4, $5::text::bytea, $6, $7, $8, $9, $10, $11::text::jsonb, $12::int, $13::text::jsonb)`,
      [
        ...[each.at, each.staffId, each.staffRole, each.fileName, bytea(each.fileSm3), each.version, each.statementId, each.accountId],
        ...[each.from, each.before, JSON.stringify(each.figures), String(each.differences), JSON.stringify(each.listed)],
      ],
    );
  }
}

type Row = {
  number: string;
  at: Date;
  staff_id: string;
  staff_role: string;
  file_name: string;
  version: string;
  statement_id: string;
  account_id: string;
  from_at: Date;
  before_at: Date;
  figures: BankFigures;
  differences: number;
};
const COLUMNS = 'number, at, staff_id, staff_role, file_name, version, statement_id, account_id, from_at, before_at, figures, differences';
const statementOf = (row: Row): KeptStatement => ({
  number: row.number,
  at: row.at,
  staffId: row.staff_id,
  staffRole: row.staff_role,
  fileName: row.file_name,
  version: row.version,
  statementId: row.statement_id,
  accountId: row.account_id,
  from: row.from_at,
  before: row.before_at,
  figures: row.figures,
  differences: row.differences,
});

/** Newest first. */
export async function listStatements(sql: Queryable, most: number): Promise<readonly KeptStatement[]> {
  return (await query<Row>(sql, `select ${COLUMNS} from journal.bank_statements order by number desc limit ${most}`)).map(statementOf);
}

export async function findDifferences(sql: Queryable, number: string): Promise<readonly Difference[] | null> {
  const [row] = await query<{ listed: readonly Difference[] }>(
    sql,
    'select listed from journal.bank_statements where number = $1::bigint',
    [number],
  );
  return row?.listed ?? null;
}
