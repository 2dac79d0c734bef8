/** What the feeds are told of interventions (product V-25). A person is told of the restriction; of a laundering case nothing else. */
import type { Instant } from '#ledger/primitives/instant.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import type { Audience } from '#server/compliance/alerts.repo.ts';
import { message } from '#server/exchange/messages.ts';
import type { NewMessage } from '#server/outbox/message.ts';

export function caseMessages(
  { caseId, audience, dueAt }: { readonly caseId: string; readonly audience: readonly Audience[]; readonly dueAt: Instant },
  step: { readonly kind: string; readonly from: string | null; readonly to: string; readonly byRef: string },
  at: Instant,
): readonly NewMessage[] {
  return audience.map((role) => message(`sup:${role}`, 'case.state', at, { caseId, ...step, dueAt: toIso(dueAt) }));
}

export type FreezeFacts = {
  readonly freezeId: string;
  readonly caseId: string | null;
  readonly scope: string;
  readonly targetId: string;
  readonly holder: string | null;
  readonly reasonCode: string;
  readonly isSecret: boolean;
  readonly until: Instant;
};

export function freezeMessages(
  type: 'freeze.set' | 'freeze.lifted',
  { freezeId, caseId, scope, targetId, holder, reasonCode, isSecret, until }: FreezeFacts,
  at: Instant,
): readonly NewMessage[] {
  const body = { freezeId, scope, targetId, until: toIso(until) };
  return [
    message('sup:all', type, at, { ...body, reasonCode, caseId }),
    ...(holder === null ? [] : [message(`player:${holder}`, type, at, { ...body, reasonCode: isSecret ? 'authority' : reasonCode })]),
  ];
}
