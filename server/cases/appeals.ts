/** An objection to a restriction (product V-16): by whom it restricts, once per freeze, answered within 15 days by somebody who had no part
 *  in it. Granting it lifts the freeze in the same step. */

import { toHex } from '#ledger/primitives/bytes.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { type AppealDecision, appealDocument } from '#sandbox/cases/case-order.ts';
import type { Tx } from '#server/db.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import { keptOf } from './await-act.ts';
import { refuseCase } from './case-codes.ts';
import { newCaseId, recordStep, requireCase } from './case-desk.ts';
import { caseMessages } from './case-messages.ts';
import { addEvent, findCase, insertCase, insertSignature } from './cases.repo.ts';
import { liftFreeze } from './freeze.ts';
import { type AppealRow, answerAppealRow, attachCase, type FreezeRow, findAppeal, findFreeze, insertAppeal } from './freezes.repo.ts';
import type { Official } from './personal-signatures.ts';
import { type CaseGround, requireStaffSignature, type Signed } from './sign-acts.ts';

export async function appealFreeze(ground: CaseGround, acct: string, freezeId: string, text: string): Promise<string> {
  const { sql, clock, random, outbox } = ground;
  const appealId = `apl_${toHex(random.bytes(16))}`;
  await sql.begin(async (tx) => {
    const freeze = await findFreeze(tx, freezeId, true);
    if (freeze === null || freeze.holder !== acct || freeze.starts_at === null) throw refuseCase('not_restricted');
    if (freeze.claim_id !== null) throw refuseCase('freeze_of_claim', { claimId: freeze.claim_id });
    if (freeze.state !== 'active') throw refuseCase('freeze_state', { state: freeze.state });
    const at = clock.now();
    const dueAt = instant(at + clocksAt(ground.ledger, at).restrictionAnswerMs);
    if (!(await insertAppeal(tx, { appealId, freezeId, acct, text, at, dueAt }))) throw refuseCase('appeal_made');
    const caseId = freeze.case_id ?? (await openForAppeal(ground, tx, freeze));
    const row = await findCase(tx, caseId);
    if (row !== null) await recordStep(ground, tx, row, { by: null, act: 'appeal', to: row.state, body: { freezeId, appealId, text } });
    await outbox.append(tx, [noticeTo(acct, 'appeal_received', at, { freezeId, dueAt: new Date(dueAt).toISOString() })]);
  });
  return appealId;
}

/** The desk's own freeze has no office behind it yet: an objection brings one. */
async function openForAppeal(ground: CaseGround, tx: Tx, freeze: FreezeRow): Promise<string> {
  const caseId = newCaseId(ground);
  const at = ground.clock.now();
  const dueAt = instant(at + clocksAt(ground.ledger, at).restrictionAnswerMs);
  const audience = ['market'] as const;
  await insertCase(tx, {
    ...{ caseId, source: 'own_motion', sourceId: null, topic: 'theft', audience, by: 'clock', at, dueAt },
    ...{ title: `${freeze.scope} ${freeze.target_id}: ${freeze.reason_code}`, ground: 'Product V-15, V-16' },
  });
  await addEvent(tx, caseId, { at, by: null, act: 'opened', body: { freezeId: freeze.freeze_id } });
  const step = { kind: 'opened', from: null, to: 'open', byRef: 'clock' };
  await ground.outbox.append(tx, caseMessages({ caseId, audience, dueAt }, step, at));
  await attachCase(tx, freeze.freeze_id, caseId);
  return caseId;
}

/** Granted: `liftSignature` is the one under the lifting. @returns whether it waits for the office's signature under the lifting */
export async function answerAppeal(
  ground: CaseGround,
  staff: Official,
  decision: AppealDecision,
  signed: Signed & { readonly liftSignature: string | null },
): Promise<{ readonly waits: boolean }> {
  const appeal = await ground.sql.begin((tx) => requireOpenAppeal(tx, staff, decision.appealId));
  const document = appealDocument(decision);
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const freeze = await findFreeze(ground.sql, appeal.freeze_id);
  const answer = async (tx: Tx) => {
    await requireOpenAppeal(tx, staff, decision.appealId);
    const at = ground.clock.now();
    const state = decision.isGranted ? 'granted' : 'rejected';
    if (!(await answerAppealRow(tx, decision.appealId, { state, by: staff.staffId, at, text: decision.reason }))) {
      throw refuseCase('appeal_answered');
    }
    await insertSignature(tx, { subjectId: decision.appealId, act: 'answer_appeal', staff, document, signature, at });
    const row = freeze?.case_id == null ? null : await findCase(tx, freeze.case_id);
    const body = { appealId: decision.appealId, decision: state, reason: decision.reason };
    if (row !== null) await recordStep(ground, tx, row, { by: staff, act: 'appeal_answered', to: row.state, body });
    await ground.outbox.append(tx, [noticeTo(appeal.acct, 'appeal_answered', at, { freezeId: appeal.freeze_id, decision: state })]);
  };
  if (!decision.isGranted || freeze?.state !== 'active') {
    // What was asked for was a lift, and there is nothing left to lift.
    if (signed.elsewhere !== undefined) throw refuseCase('freeze_state', { state: freeze?.state ?? 'ended' });
    await ground.sql.begin(answer);
    return { waits: false };
  }
  const liftSignature = signed.liftSignature ?? '';
  const order = { actId: decision.actId, freezeId: appeal.freeze_id, reason: decision.reason };
  const intent = { act: 'grant_appeal', decision, liftSignature, ...keptOf(staff, signed.signature) } as const;
  return liftFreeze(ground, staff, order, { ...signed, signature: liftSignature }, { intent, also: answer });
}

async function requireOpenAppeal(tx: Tx, staff: Official, appealId: string): Promise<AppealRow> {
  const appeal = await findAppeal(tx, appealId);
  const freeze = appeal === null ? null : await findFreeze(tx, appeal.freeze_id);
  if (appeal === null || freeze === null) throw refuseCase('appeal_unknown');
  await requireCase(tx, staff, freeze.case_id ?? '');
  if (freeze.set_by === staff.staffId || freeze.approved_by === staff.staffId) throw refuseCase('other_official_needed');
  if (appeal.state !== 'open') throw refuseCase('appeal_answered');
  return appeal;
}
