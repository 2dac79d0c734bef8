/** The supervisors' case of a dispute: opened when an office has to act, by the office of markets, and shared from there. */

import { caseDueAt, newCaseId } from '#server/cases/case-desk.ts';
import { caseMessages } from '#server/cases/case-messages.ts';
import { addEvent, insertCase } from '#server/cases/cases.repo.ts';
import type { CaseGround } from '#server/cases/sign-acts.ts';
import type { Tx } from '#server/db.ts';
import { addStep, type ClaimRow, setCase } from './claims.repo.ts';

const GROUND = 'Product P-32, ledger op 21';
/** Nobody's yet: who takes it over owns it. */
const UNOWNED = 'clock';

/** @returns the case, an earlier one if there is one */
export async function openClaimCase(
  ground: CaseGround,
  tx: Tx,
  claim: Pick<ClaimRow, 'claimId' | 'tradeId' | 'caseId' | 'kind' | 'claimNo'>,
  why: 'appeal' | 'desk_silent' | 'reversal' | 'longer_hold',
): Promise<string> {
  if (claim.caseId !== null) return claim.caseId;
  const caseId = newCaseId(ground);
  const at = ground.clock.now();
  const dueAt = caseDueAt(ground, at);
  const audience = ['market'] as const;
  await insertCase(tx, {
    ...{ caseId, source: 'claim', sourceId: claim.claimId, topic: 'dispute', audience, by: UNOWNED, at, dueAt },
    ...{ title: `D-${claim.claimNo} ${claim.kind}: ${why}`, ground: GROUND },
  });
  const body = { source: 'claim', sourceId: claim.claimId, why };
  await addEvent(tx, caseId, { at, by: null, act: 'opened', body });
  await ground.outbox.append(tx, caseMessages({ caseId, audience, dueAt }, { kind: 'opened', from: null, to: 'open', byRef: UNOWNED }, at));
  await setCase(tx, claim.claimId, caseId);
  await addStep(tx, claim.claimId, { role: 'clock', by: UNOWNED, act: 'case_opened', at });
  return caseId;
}
