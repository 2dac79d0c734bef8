/** What the feeds are told of alerts and labels (product V-25). Tipping off is forbidden: nothing of this goes to a player's room. */
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Alert } from '#sandbox/surveillance/surveillance.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import type { AlertState, Audience } from './alerts.repo.ts';

/** A feed line names evidence to look at; the alert itself has all of it. */
const MOST_IDS = 50;

export function alertMessages(alert: Alert, audience: readonly Audience[], revision: number, at: Instant): readonly NewMessage[] {
  const facts = {
    alertId: alert.alertId,
    ruleId: alert.detector,
    score: alert.score,
    tradeIds: alert.tradeIds.slice(0, MOST_IDS),
    evidence: alert.tradeIds.length,
    playerRefs: alert.accountRefs.slice(0, MOST_IDS),
    explanation: { ...alert.explanation },
    packHash: alert.packHash,
    revision,
  };
  return [
    ...(audience.includes('market') ? [{ room: 'sup:market', type: 'mkt.alert', at, body: facts }] : []),
    ...(audience.includes('finance')
      ? [
          {
            room: 'sup:finance',
            type: 'fin.aml.case',
            at,
            body: { ...facts, caseId: null, typology: alert.typology, amounts: { ...alert.figures } },
          },
        ]
      : []),
  ];
}

/** The filtered price series follows (product P-14). */
export function labelMessages(tradeIds: readonly string[], reason: 'labelled' | 'label_removed', at: Instant): readonly NewMessage[] {
  return tradeIds.map((tradeId) => ({ room: 'sup:market', type: 'mkt.trade.corrected', at, body: { tradeId, to: null, reason } }));
}

export function stateMessages(
  { alertId, detector, caseId }: { readonly alertId: string; readonly detector: string; readonly caseId: string | null },
  audience: readonly Audience[],
  step: { readonly from: AlertState; readonly to: AlertState; readonly byRef: string },
  at: Instant,
): readonly NewMessage[] {
  const body = { alertId, ruleId: detector, caseId, ...step };
  return [
    ...(audience.includes('market') ? [{ room: 'sup:market', type: 'mkt.alert.state', at, body }] : []),
    ...(audience.includes('finance') ? [{ room: 'sup:finance', type: 'fin.aml.case.state', at, body }] : []),
  ];
}
