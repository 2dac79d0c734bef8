/** The large-value counters of a day as finance sees them, and what became of the day's report (rulebook CN-AML-03). */
import { parseAccountId } from '#ledger/primitives/ids.ts';
import { getPack } from '#sandbox/packs/pack.ts';
import { reportDueOn } from '#sandbox/reports/due.ts';
import { parsePeriod } from '#sandbox/reports/period.ts';
import type { DayCounter } from '#sandbox/surveillance/large-value.ts';
import { listFilings } from '#server/reports/filings.repo.ts';
import { readDayCounters } from '#server/reports/large-values.ts';
import { findPackInForce } from '#server/reports/report-facts.repo.ts';
import { REPORT_KINDS } from '#server/reports/report-kinds.ts';
import { findLatest } from '#server/reports/reports.repo.ts';
import type { LargeValues } from '#server/trpc/views.ts';
import type { Snapshot } from './snapshot.ts';

const ROWS = 20;
const KIND = 'large-value';

export async function getLargeValues({ tx, now }: Snapshot, day: string): Promise<LargeValues> {
  const period = parsePeriod(day);
  const { counters, packHash } = await readDayCounters(tx, period);
  const report = await findLatest(tx, KIND, period.label);
  const filings = report === null ? new Map() : await listFilings(tx, [report.reportId]);
  const pack = (await findPackInForce(tx, 'CN', period.before)) ?? getPack('CN');
  return {
    day: period.label,
    isOver: period.before <= now,
    packHash,
    total: counters.length,
    reached: counters.filter(({ reachedAt }) => reachedAt !== null).length,
    rows: counters.slice(0, ROWS).map(rowOf),
    dueOn: reportDueOn(pack, REPORT_KINDS[KIND].due, period),
    report: report === null ? null : { reportId: report.reportId, filing: filings.get(report.reportId) ?? null },
  };
}

function rowOf({ ref, scope, direction, sumFen, lineFen, count, reachedAt }: DayCounter): LargeValues['rows'][number] {
  const own = ref === 'operator' || ref === 'guarantee';
  return {
    acct: own ? null : parseAccountId(ref),
    account: own ? ref : scope === 'entity' ? 'studio' : 'player',
    scope,
    direction,
    sumFen: String(sumFen),
    lineFen: String(lineFen),
    count,
    reachedAt: reachedAt === null ? null : new Date(reachedAt).toISOString(),
  };
}
