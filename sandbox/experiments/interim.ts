/** Reports that an experiment owes while it runs (rulebook 6.4, `reporting`): of each day, of each month, and every so many days. */
import { addDays, daysBetween } from './check-experiment.ts';
import { type ExitFacts, exitReport } from './exit-report.ts';
import type { Experiment } from './experiment.ts';

export const INTERIM_KINDS = ['daily', 'monthly', 'interim'] as const;
export type InterimKind = (typeof INTERIM_KINDS)[number];
export type Owed = {
  readonly kind: InterimKind;
  /** A Beijing date or month. */
  readonly label: string;
};

/** The newest of each kind whose time is over on `today`. One that was missed is not written afterwards: its figures would be later ones. */
export function owedReports({ period, reporting }: Pick<Experiment, 'period' | 'reporting'>, today: string): readonly Owed[] {
  const yesterday = addDays(today, -1);
  if (yesterday < period.start) return [];
  const lastMonth = addDays(`${today.slice(0, 7)}-01`, -1).slice(0, 7);
  const rounds = Math.floor(daysBetween(period.start, today) / reporting.interimEveryDays);
  return [
    ...(reporting.daily ? [{ kind: 'daily' as const, label: yesterday }] : []),
    ...(reporting.monthly && lastMonth >= period.start.slice(0, 7) ? [{ kind: 'monthly' as const, label: lastMonth }] : []),
    ...(rounds > 0 ? [{ kind: 'interim' as const, label: addDays(period.start, rounds * reporting.interimEveryDays) }] : []),
  ];
}

/** The figures of the exit report as they stand: no outcome yet, and nothing of an exit. */
export function interimReport(facts: ExitFacts, { kind, label }: Owed) {
  const { schema: _schema, outcome, exit: _exit, ...rest } = exitReport(facts);
  return { ...rest, schema: 'daoju.interim-report/1', kind, label, status: outcome };
}
export type InterimReport = ReturnType<typeof interimReport>;
