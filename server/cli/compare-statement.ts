/** `npm run cli -- reconcile --statement FILE.xml …`, one file or all pages of a statement: a bank's camt.053 against our own journal. Reads alone; pages keep what they compare. */
import { readFileSync } from 'node:fs';
import { beijingDate, instant, toIso } from '#ledger/primitives/instant.ts';
import { CAMT_REFUSALS } from '#sandbox/reports/camt-grammar.ts';
import { CamtRefused } from '#sandbox/reports/camt-values.ts';
import type { Difference } from '#sandbox/reports/compare-statement.ts';
import type { BankComparison } from '#server/reports/compare-bank-file.ts';
import type { ConsortiumIo } from './consortium.ts';
import { type Installation, withDatabase } from './database.ts';

const SAME = 0;
const DIFFERENT = 1;
const UNREADABLE = 2;

/** Where the journal lies: this installation's, unless another is meant. */
type Ground = <T>(work: (installation: Pick<Installation, 'sql' | 'clock'>) => Promise<T>) => Promise<T>;

export async function compareStatementFile(
  files: readonly string[],
  isJson: boolean | undefined,
  io: ConsortiumIo,
  ground: Ground = withDatabase,
): Promise<number> {
  const bytes = files.map((file) => readFileSync(file));
  const { compareBankFiles } = await import('#server/reports/compare-bank-file.ts');
  try {
    const statements = await ground(({ sql, clock }) =>
      sql.begin('isolation level repeatable read read only', (tx) => compareBankFiles(tx, bytes, clock.now())),
    );
    const count = statements.reduce((sum, { differences }) => sum + differences.length, 0);
    if (isJson === true) io.answer(isJson, { outcome: count === 0 ? 'same' : 'differs', statements: statements.map(plain) });
    else for (const statement of statements) for (const line of linesOf(statement)) io.out(line);
    io.err(count === 0 ? 'Nothing differs: statement and journal agree.' : `${count} differences.`);
    return count === 0 ? SAME : DIFFERENT;
  } catch (error) {
    if (!(error instanceof CamtRefused)) throw error;
    const { code, line, facts } = error;
    if (isJson === true) io.answer(isJson, { outcome: 'refused', code, line, facts });
    io.err(`${files[Number(facts.file ?? 1) - 1] ?? ''}:${line}: ${CAMT_REFUSALS[code]} (${[code, ...Object.values(facts)].join(' ')})`);
    return UNREADABLE;
  }
}

const plain = ({ statement: { from, before, ...statement }, ...rest }: BankComparison) => ({
  ...{ ...statement, from: toIso(from), before: toIso(before) },
  ...rest,
});

function linesOf({ statement, booked, ours, differences }: BankComparison): readonly string[] {
  const { accountId, from, before } = statement;
  const [first, last] = [beijingDate(from), beijingDate(instant(before - 1))];
  return [
    `${accountId}  ${first === last ? first : `${first} to ${last}`}  ${booked} booked, ours ${ours.entries}`,
    ...differences.map(lineOf),
  ];
}

const lineOf = ({ kind, ref, line, ours, theirs }: Difference): string =>
  `${kind}  ${ref}  ours ${ours ?? 'nothing'}  theirs ${theirs ?? 'nothing'}${line === null ? '' : `  line ${line}`}`;
