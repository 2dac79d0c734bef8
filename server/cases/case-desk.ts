/** A case from its opening to its outcome (product V-14): number, ground, owner, clock, notes, evidence. Each step stays in its timeline. */
import { toHex } from '#ledger/primitives/bytes.ts';
import { beijingDate, type Instant, instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import { addTradingDays } from '#sandbox/decisions/calendar.ts';
import { AUDIENCE_OF } from '#server/compliance/alert-views.ts';
import type { Audience } from '#server/compliance/alerts.repo.ts';
import type { Tx } from '#server/db.ts';
import { clocksAt, findActivePack } from '#server/exchange/active-pack.ts';
import { isSupervisor } from '#server/market/audience.ts';
import type { CaseAct, CaseOutcome, CaseSource, CaseTopic } from '#server/trpc/views.ts';
import { refuseCase } from './case-codes.ts';
import { caseMessages } from './case-messages.ts';
import { addEvent, type CaseRow, type EventBody, findCase, insertCase, setOwner, setState } from './cases.repo.ts';
import { listFreezesOfCase } from './freezes.repo.ts';
import { listHaltsOfCase } from './halts.repo.ts';
import type { Official } from './personal-signatures.ts';
import type { CaseGround } from './sign-acts.ts';

const DAY_MS = 86_400_000;

export type OpenCase = {
  readonly caseId: string;
  readonly source: CaseSource;
  readonly sourceId: string | null;
  readonly topic: CaseTopic;
  readonly title: string;
  readonly ground: string;
  readonly audience: readonly Audience[];
  readonly by: Pick<Official, 'staffId' | 'role'>;
};

export const newCaseId = ({ random }: Pick<CaseGround, 'random'>): string => `cas_${toHex(random.bytes(16))}`;

/** The end of the n-th working day after today, by the calendar of the pack in force. */
export function workingDaysAfter({ ledger }: Pick<CaseGround, 'ledger'>, now: Instant, days: number): Instant {
  const pack = findActivePack(ledger.pending, now)?.pack;
  const date = pack === undefined ? beijingDate(instant(now + days * DAY_MS)) : addTradingDays(pack, beijingDate(now), days);
  return instant(startOfBeijingDate(date) + DAY_MS);
}

/** When a case or a report is to be decided. */
export function caseDueAt(ground: Pick<CaseGround, 'ledger'>, at: Instant): Instant {
  return workingDaysAfter(ground, at, clocksAt(ground.ledger, at).caseWorkingDays);
}

/** In the database transaction of what gave rise to it. */
export async function openCase(ground: Pick<CaseGround, 'clock' | 'ledger' | 'outbox'>, tx: Tx, given: OpenCase): Promise<void> {
  const at = ground.clock.now();
  const dueAt = caseDueAt(ground, at);
  const { by, caseId, audience, source } = given;
  await insertCase(tx, { ...given, by: by.staffId, at, dueAt });
  await addEvent(tx, caseId, { at, by, act: 'opened', body: { source, sourceId: given.sourceId } });
  await ground.outbox.append(
    tx,
    caseMessages({ caseId, audience, dueAt }, { kind: 'opened', from: null, to: 'open', byRef: by.staffId }, at),
  );
}

/** @throws {RefusalError} `case_unknown`: absent, or none of this role's */
export async function requireCase(tx: Tx, staff: Official, caseId: string): Promise<CaseRow> {
  const row = await findCase(tx, caseId, true);
  if (row === null || !isSupervisor(staff.role) || !row.audience.includes(AUDIENCE_OF[staff.role])) throw refuseCase('case_unknown');
  return row;
}

export async function requireOpenCase(tx: Tx, staff: Official, caseId: string): Promise<CaseRow> {
  const row = await requireCase(tx, staff, caseId);
  if (row.state === 'closed') throw refuseCase('case_closed', { outcome: row.outcome ?? '' });
  return row;
}

/** A line in the timeline, and those who work on the case are told. */
export async function recordStep(
  { clock, outbox }: Pick<CaseGround, 'clock' | 'outbox'>,
  tx: Tx,
  row: CaseRow,
  step: {
    readonly by: Pick<Official, 'staffId' | 'role'> | null;
    readonly act: CaseAct;
    readonly to: string;
    readonly body: EventBody;
  },
): Promise<void> {
  const at = clock.now();
  await addEvent(tx, row.case_id, { at, by: step.by, act: step.act, body: step.body });
  const facts = { caseId: row.case_id, audience: row.audience, dueAt: instant(row.due_at.getTime()) };
  await outbox.append(tx, caseMessages(facts, { kind: step.act, from: row.state, to: step.to, byRef: step.by?.staffId ?? 'clock' }, at));
}

export type CaseStep =
  | { readonly act: 'note'; readonly text: string }
  | { readonly act: 'evidence'; readonly subjectId: string; readonly text: string }
  | { readonly act: 'owner' }
  | { readonly act: 'shared'; readonly audience: Audience }
  | { readonly act: 'closed'; readonly outcome: CaseOutcome; readonly text: string };

/** What needs no signature: it restricts nobody. */
export async function stepCase(ground: CaseGround, staff: Official, caseId: string, step: CaseStep): Promise<void> {
  await ground.sql.begin(async (tx) => {
    const row = await requireOpenCase(tx, staff, caseId);
    const { act, ...body } = step;
    const record = (to: string, shown: CaseRow = row) => recordStep(ground, tx, shown, { by: staff, act, to, body });
    switch (step.act) {
      case 'note':
      case 'evidence':
        return record(row.state);
      case 'owner':
        await setOwner(tx, caseId, staff.staffId);
        return record(row.state);
      case 'shared': {
        const audience = [...new Set([...row.audience, step.audience])];
        await tx`update cases.cases set audience = ${JSON.stringify(audience)}::text::jsonb where case_id = ${caseId}`;
        return record(row.state, { ...row, audience });
      }
      case 'closed': {
        const open = (await listFreezesOfCase(tx, caseId)).filter(({ state }) => state !== 'ended');
        const halted = (await listHaltsOfCase(tx, caseId)).filter(({ state }) => state !== 'ended');
        if (open.length + halted.length > 0) throw refuseCase('case_open_acts', { freezes: open.length, halts: halted.length });
        await setState(tx, caseId, 'closed', step.outcome, ground.clock.now());
        return record('closed');
      }
    }
  });
}
