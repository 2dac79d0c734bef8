/** The counters of a day under the pack that was in force by its end (rulebook CN-AML-03). */
import { packHash } from '#sandbox/packs/pack.ts';
import type { Period } from '#sandbox/reports/period.ts';
import { type DayCounter, dayCounters } from '#sandbox/surveillance/large-value.ts';
import type { Tx } from '#server/db.ts';
import { listMoneyFlows } from './large-values.repo.ts';
import { findPackInForce } from './report-facts.repo.ts';

/** `packHash` is null where no pack was in force: then nothing is counted. */
export async function readDayCounters(
  tx: Tx,
  { from, before }: Period,
): Promise<{ readonly counters: readonly DayCounter[]; readonly packHash: string | null }> {
  const pack = await findPackInForce(tx, 'CN', before);
  if (pack === null) return { counters: [], packHash: null };
  return { counters: dayCounters(pack, await listMoneyFlows(tx, from, before)), packHash: packHash(pack) };
}
