/** What `cli reconcile` finds, and `cli verify` after the chain (product O-06). */
import type { Break } from '#server/journal/reconcile.ts';
import { systemRandom } from '#server/random.ts';
import { type Installation, withInstitution } from './database.ts';

export async function compareBooks({ sql, clock, environment }: Installation): Promise<readonly Break[]> {
  const { reconcile } = await import('#server/journal/reconcile.ts');
  return withInstitution(sql, environment.institutionUrl, (provider) =>
    reconcile({ sql, clock, random: systemRandom, ledger: null, provider }),
  );
}

export const lineOf = ({ kind, subject, expected, reported }: Break): string =>
  `${kind}  ${subject}  expected ${expected}  found ${reported}`;
