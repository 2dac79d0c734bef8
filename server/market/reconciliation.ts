/** Reconciliation as finance sees it (product V-11): days, breaks with age, owner and cause. */
import { listBreaks, listDays, type StatementDay, type StoredBreak } from '#server/journal/statement.repo.ts';
import { PROVIDER_NAME } from '#server/payments/simulated-institution.ts';
import type { BreakCause, BreakOwner, Reconciliation } from '#server/trpc/views.ts';
import type { Snapshot } from './snapshot.ts';

const MOST_DAYS = 62;
const MOST_BREAKS = 200;

/** By the beginning of the kind: what it is, and who has to clear it. */
const CAUSES: readonly (readonly [start: string, cause: BreakCause, owner: BreakOwner])[] = [
  ['statement_missing', 'not_on_statement', 'institution'],
  ['statement_unknown', 'not_in_journal', 'operator'],
  ['statement_differs', 'line_altered', 'institution'],
  ['statement_', 'statement_sums', 'institution'],
  ['provider_', 'provider_balance', 'institution'],
  ['day_', 'day_sums', 'operator'],
  ['transfer_', 'transfer', 'operator'],
  ['instruction_', 'transfer', 'operator'],
  ['custody_', 'custody', 'operator'],
  ['item_', 'custody', 'operator'],
  ['trade_not_on_ledger', 'ledger', 'members'],
  ['trade_', 'trade', 'operator'],
  ['feed_', 'feed', 'operator'],
];

export async function getReconciliation({ tx, now }: Snapshot): Promise<Reconciliation> {
  const [days, breaks] = [await listDays(tx, MOST_DAYS), await listBreaks(tx, MOST_BREAKS)];
  return {
    institution: PROVIDER_NAME,
    isSimulated: true,
    days: days.map(dayView),
    breaks: breaks.map((each) => breakView(each, now)),
  };
}

export function dayView({ day, run, at, figures, differenceFen }: StatementDay): Reconciliation['days'][number] {
  return { day, run, at: at.toISOString(), ours: figures.ours, theirs: figures.theirs, onItsWayFen: figures.onItsWayFen, differenceFen };
}

function breakView(found: StoredBreak, now: number): Reconciliation['breaks'][number] {
  const [, cause, owner] = CAUSES.find(([start]) => found.kind.startsWith(start)) ?? ['', 'journal', 'operator'];
  const { breakId, kind, subject, day, expected, reported, differenceFen, foundAt, closedAt, takenBy } = found;
  const age = Math.floor(((closedAt?.getTime() ?? now) - foundAt.getTime()) / 1_000);
  return {
    ...{ breakId, kind, subject, day, expected, reported, differenceFen, cause, owner, takenBy },
    foundAt: foundAt.toISOString(),
    closedAt: closedAt?.toISOString() ?? null,
    ageSeconds: Math.max(0, age),
  };
}
