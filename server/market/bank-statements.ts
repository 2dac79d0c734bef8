/** Statements of the bank as finance and the operator see them: what was held against our journal, by whom, and what differed (product V-11). */
import { CAMT_REFUSALS } from '#sandbox/reports/camt-grammar.ts';
import { CamtRefused } from '#sandbox/reports/camt-values.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import { RefusalError } from '#server/refusal.ts';
import { findDifferences, type KeptStatement, listStatements } from '#server/reports/bank-statements.repo.ts';
import { type HandedIn, keepBankFiles } from '#server/reports/keep-bank-file.ts';
import type { BankDifference, BankStatement } from '#server/trpc/views.ts';
import type { Snapshot } from './snapshot.ts';

const MOST = 50;

/** @throws {RefusalError} with the line of the file, and of several files which, in its facts */
export async function takeBankFiles(
  ground: { readonly sql: Sql; readonly clock: Clock },
  handed: HandedIn,
): Promise<{ readonly statements: number; readonly differences: number }> {
  try {
    const compared = await keepBankFiles(ground.sql, ground.clock.now(), handed);
    return { statements: compared.length, differences: compared.reduce((sum, { differences }) => sum + differences.length, 0) };
  } catch (error) {
    if (!(error instanceof CamtRefused)) throw error;
    throw new RefusalError('malformed', error.code, CAMT_REFUSALS[error.code], { ...error.facts, line: error.line });
  }
}

export async function listBankStatements({ tx }: Pick<Snapshot, 'tx'>): Promise<readonly BankStatement[]> {
  return (await listStatements(tx, MOST)).map(statementView);
}

/** Null: no such number. */
export async function findBankDifferences({ tx }: Pick<Snapshot, 'tx'>, number: string): Promise<readonly BankDifference[] | null> {
  return findDifferences(tx, number);
}

function statementView({ at, from, before, figures: { files = [], ...figures }, ...rest }: KeptStatement): BankStatement {
  return {
    ...rest,
    ...figures,
    pages: Math.max(files.length, 1),
    at: at.toISOString(),
    from: from.toISOString(),
    before: before.toISOString(),
  };
}
