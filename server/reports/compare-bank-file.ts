/** A bank's camt.053 against our own journal: each statement of the files with what differs (product V-11, O-08). Reads alone. */
import type { Instant } from '#ledger/primitives/instant.ts';
import type { ReadStatement } from '#sandbox/reports/camt-grammar.ts';
import { CamtRefused } from '#sandbox/reports/camt-values.ts';
import { compareStatement, type Difference } from '#sandbox/reports/compare-statement.ts';
import { readCamtFiles } from '#sandbox/reports/read-camt.ts';
import type { Tx } from '#server/db.ts';
import { readOwnAccount } from './own-entries.repo.ts';

const LONGEST_MS = 93 * 86_400_000;

export type BankComparison = {
  readonly statement: Omit<ReadStatement, 'entries'>;
  /** Of the bank; those that are booked are compared. */
  readonly entries: number;
  readonly booked: number;
  readonly ours: { readonly openingFen: bigint; readonly closingFen: bigint; readonly entries: number };
  readonly differences: readonly Difference[];
};

/** One file, or all pages of its statements together. @throws {CamtRefused} */
export async function compareBankFiles(
  tx: Tx,
  files: readonly Uint8Array[],
  now: Instant,
  mostBytes?: number,
): Promise<readonly BankComparison[]> {
  const statements = readCamtFiles(files, mostBytes);
  for (const { line, from, before } of statements) {
    if (before > now) throw new CamtRefused('camt_not_over', line);
    if (before - from > LONGEST_MS) throw new CamtRefused('camt_too_long', line);
  }
  const compared: BankComparison[] = [];
  for (const { entries, ...statement } of statements) {
    const { accountId, from, before, line } = statement;
    const own = await readOwnAccount(tx, accountId, from, before);
    if (own === null) throw new CamtRefused('camt_account_unknown', line, { account: accountId.slice(0, 40) });
    compared.push({
      statement,
      entries: entries.length,
      booked: entries.filter(({ status }) => status === 'BOOK').length,
      ours: {
        openingFen: own.openingFen,
        closingFen: own.closingFen,
        entries: own.entries.filter(({ at }) => at >= from && at < before).length,
      },
      differences: compareStatement({ ...statement, entries }, own),
    });
  }
  return compared;
}
