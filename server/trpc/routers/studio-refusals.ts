/** Problems of the studios' API as the pages' refusals: the same code, the English sentence, the field that says more. */
import { PROBLEMS, Problem } from '#server/rest/problems.ts';
import { SequencingRefused } from '#server/studio/write-plan.ts';
import { refusal } from '../errors.ts';

export async function asRefusals<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SequencingRefused)
      throw refusal('unprocessable', 'ledger_refused', PROBLEMS.ledger_refused.en, { ledgerCode: error.code });
    if (!(error instanceof Problem)) throw error;
    const { status, en } = PROBLEMS[error.code];
    const field = error.facts.fields?.[0];
    throw refusal(
      KINDS[status] ?? 'unprocessable',
      error.code,
      en,
      field === undefined ? {} : { field: field.path, expected: field.message },
    );
  }
}

const KINDS: Readonly<Record<number, 'malformed' | 'not_found' | 'conflict'>> = { 400: 'malformed', 404: 'not_found', 409: 'conflict' };
