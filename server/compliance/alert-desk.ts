/** What people do with an alert: `new` → `triaged` → `case` or `dismissed`, each step once, with who, when and why. */

import type { LedgerNode } from '#ledger/node/ledger-node.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { DETECTORS } from '#sandbox/surveillance/detectors.ts';
import { openCase } from '#server/cases/case-desk.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql, Tx } from '#server/db.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import type { Random } from '#server/random.ts';
import type { CaseTopic, StaffRole } from '#server/trpc/views.ts';
import { labelMessages, stateMessages } from './alert-messages.ts';
import { type AlertRow, type AlertState, type Audience, findAlertRow, removeLabels, saveStep } from './alerts.repo.ts';
import { liftCoolDowns } from './cool-downs.ts';

export const ALERT_REFUSALS = {
  alert_unknown: 'There is no such alert, or it is not in the view of your role.',
  alert_state: 'Somebody has already taken this alert further. Open it again to see who.',
  reason_missing: 'Say in a sentence why; it stays with the alert.',
} as const;
export type AlertRefusal = keyof typeof ALERT_REFUSALS;

export type AlertAct = 'triage' | 'dismiss' | 'open_case';
export type ActInput = {
  readonly alertId: string;
  readonly act: AlertAct;
  readonly reason: string | null;
  readonly by: { readonly staffId: string; readonly role: StaffRole; readonly audience: Audience };
};
export type ActAnswer =
  | { readonly kind: 'done'; readonly state: AlertState; readonly caseId: string | null; readonly at: Instant }
  | { readonly kind: 'rejected'; readonly code: AlertRefusal; readonly state: AlertState | null };

/** From which states an act leads where. A case is opened from a triaged alert or, when it cannot wait, from a new one. */
const ACTS = {
  triage: { from: ['new'], to: 'triaged' },
  dismiss: { from: ['new', 'triaged'], to: 'dismissed' },
  open_case: { from: ['new', 'triaged'], to: 'case' },
} as const satisfies Record<AlertAct, { readonly from: readonly AlertState[]; readonly to: Exclude<AlertState, 'new'> }>;

const SHORTEST_REASON = 5;

type Desk = {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: LedgerNode;
  readonly outbox: Pick<Outbox, 'append'>;
};

export async function actOnAlert(desk: Desk, { alertId, act, reason, by }: ActInput): Promise<ActAnswer> {
  const { sql, clock, random, outbox } = desk;
  const words = reason?.trim() ?? '';
  return sql.begin(async (tx): Promise<ActAnswer> => {
    const alert = await findAlertRow(tx, alertId, true);
    if (alert === null || !alert.audience.includes(by.audience)) return { kind: 'rejected', code: 'alert_unknown', state: null };
    const { from, to } = ACTS[act];
    if (!from.some((state) => state === alert.state)) return { kind: 'rejected', code: 'alert_state', state: alert.state };
    if (act !== 'triage' && words.length < SHORTEST_REASON) return { kind: 'rejected', code: 'reason_missing', state: alert.state };
    const at = clock.now();
    const caseId = act === 'open_case' ? `cas_${toHex(random.bytes(16))}` : null;
    await saveStep(tx, {
      alertId,
      from: alert.state,
      to,
      at,
      byStaff: by.staffId,
      role: by.role,
      reason: words === '' ? null : words,
      caseId,
    });
    if (caseId !== null) await openAlertCase(desk, tx, alert, { caseId, by, ground: words });
    const unlabelled = act === 'dismiss' ? await removeLabels(tx, alertId, at) : [];
    await outbox.append(tx, [
      ...stateMessages({ alertId, detector: alert.detector, caseId }, alert.audience, { from: alert.state, to, byRef: by.staffId }, at),
      ...labelMessages(unlabelled, 'label_removed', at),
      ...(act === 'dismiss' ? await liftCoolDowns(tx, { alertId, by: by.staffId, answer: words, at }) : []),
    ]);
    return { kind: 'done', state: to, caseId, at };
  });
}

/** Ends the cool-downs that an alert began, whatever becomes of the alert itself: the answer to an objection, or second thoughts. */
export async function endCoolDowns(
  { sql, clock, outbox }: Desk,
  { alertId, reason, by }: Omit<ActInput, 'act'>,
): Promise<AlertRefusal | null> {
  const answer = reason?.trim() ?? '';
  return sql.begin(async (tx): Promise<AlertRefusal | null> => {
    const alert = await findAlertRow(tx, alertId, true);
    if (alert === null || !alert.audience.includes(by.audience)) return 'alert_unknown';
    if (answer.length < SHORTEST_REASON) return 'reason_missing';
    await outbox.append(tx, await liftCoolDowns(tx, { alertId, by: by.staffId, answer, at: clock.now() }));
    return null;
  });
}

type AlertCase = { readonly caseId: string; readonly ground: string; readonly by: ActInput['by'] };

/** What finance sees may be laundering: of such a case the person sees the restriction alone. A disputed payment (CN-SV-12) is a quarrel that
 *  its parties know of, and who holds the item now is told why it is frozen. */
function topicOf({ detector, audience }: AlertRow): CaseTopic {
  if (detector === 'CN-SV-12') return 'dispute';
  return audience.includes('finance') ? 'laundering' : 'abuse';
}

async function openAlertCase(desk: Desk, tx: Tx, alert: AlertRow, { caseId, ground, by }: AlertCase): Promise<void> {
  await openCase(desk, tx, {
    caseId,
    source: 'alert',
    sourceId: alert.alert_id,
    topic: topicOf(alert),
    title: titleOf(alert),
    ground: ground.slice(0, GROUND_MAX),
    audience: alert.audience,
    by: { staffId: by.staffId, role: by.role },
  });
}

/** A case has one title for readers of both languages. */
function titleOf({ detector, name }: AlertRow): string {
  const title = DETECTORS.find(({ id }) => id === detector)?.title;
  return title === undefined ? `${detector} ${name}` : `${detector} ${title.zh} · ${title.en}`;
}

const GROUND_MAX = 500;
