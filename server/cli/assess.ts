/** `cli assess FILE`: answers the cases of a file of the schema `daoju.tax-vectors/1` with the functions that the market calls. Needs
 *  no server. Exit code 1 if any case could not be answered. */
import { readFile } from 'node:fs/promises';
import { solveTaxVector, type VectorAnswer } from '#sandbox/vectors/solve-tax-vector.ts';

export type AssessOptions = { readonly file: string; readonly isJson: boolean; readonly write: (text: string) => void };

const SCHEMA = 'daoju.tax-vectors/1';

/** The exit code: 0 all answered, 1 some not, 2 the file cannot be read. */
export async function runAssess({ file, isJson, write }: AssessOptions): Promise<0 | 1 | 2> {
  const cases = await readCases(file);
  if (typeof cases === 'string') {
    write(isJson ? `${JSON.stringify({ error: cases })}\n` : `${cases}\n`);
    return 2;
  }
  const results = cases.map(solveTaxVector);
  write(isJson ? `${JSON.stringify({ results })}\n` : `${results.map(describe).join('\n')}\n`);
  return results.every((result) => 'lines' in result) ? 0 : 1;
}

async function readCases(file: string): Promise<readonly unknown[] | string> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    return error instanceof SyntaxError ? 'file_not_json' : 'file_unreadable';
  }
  if (typeof document !== 'object' || document === null || !('schema' in document) || document.schema !== SCHEMA) return 'schema_unknown';
  return 'cases' in document && Array.isArray(document.cases) ? document.cases : 'cases_missing';
}

function describe(result: VectorAnswer): string {
  return 'error' in result ? `${result.id}: ${result.error}` : `${result.id}: ${JSON.stringify(result.lines)}`;
}
