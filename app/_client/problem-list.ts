/** The catalogue of problems as the studio API hands it out (T-16); both languages, since a studio's log may hold either. */
import type { ProblemCode } from '#server/rest/problems.ts';

type Row = { readonly status: number; readonly en: string; readonly zh: string };
export type ProblemRow = Row & { readonly code: string };

export async function listProblems(): Promise<readonly ProblemRow[]> {
  const response = await fetch('/api/v1/problems');
  if (!response.ok) throw new Error(`the catalogue of problems was answered with ${response.status}`);
  const catalogue: Readonly<Record<ProblemCode, Row>> = await response.json();
  return Object.entries(catalogue).map(([code, row]) => ({ code, ...row }));
}
