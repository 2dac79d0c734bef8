/** What an official signs to halt and to resume (V-17): the document with the personal key, the statement on the ledger with the office's. */
import { type CaseDocument, documentHash } from '#sandbox/cases/case-order.ts';
import { type HaltOrder, haltDocument, haltOp, resumeDocument } from '#sandbox/cases/halt-order.ts';
import type { HaltScope, HaltView, StaffMe } from '#server/trpc/views.ts';
import { api } from './api.ts';
import { newActId, signAuthorityTx, signCaseDocument } from './case-signing.ts';
import { staffApi } from './staff-api.ts';

async function sign(staff: StaffMe, scope: HaltScope, targetId: string, document: CaseDocument) {
  const { cls } = await staffApi.case.haltTarget(scope, targetId);
  const { signedTx, chain } = await signAuthorityTx(haltOp(cls, documentHash(document)));
  return { signature: await signCaseDocument(staff, chain, document), signedTx };
}

/** The term counts from the server's clock, which a demonstration may have moved. */
export async function sendHalt(staff: StaffMe, wish: Omit<HaltOrder, 'actId' | 'until'> & { readonly termMs: number }) {
  const { termMs, ...rest } = wish;
  const now = Date.parse((await api.staff.challenge()).issuedAt);
  const until = new Date(now + termMs).toISOString();
  const order = { ...rest, actId: newActId(), until };
  return staffApi.case.halt({ ...order, ...(await sign(staff, order.scope, order.targetId, haltDocument(order))) });
}

export async function sendHaltApproval(staff: StaffMe, caseId: string, halt: HaltView) {
  const { haltId, scope, targetId, reasonCode, reason, openOrders, until } = halt;
  const order = { actId: haltId.slice('hlt_'.length), caseId, scope, targetId, reasonCode, reason, openOrders, until };
  return staffApi.case.approveHalt(haltId, await sign(staff, scope, targetId, haltDocument(order)));
}

export async function sendResume(staff: StaffMe, halt: HaltView, reason: string) {
  const order = { actId: newActId(), haltId: halt.haltId, reason };
  return staffApi.case.resume({ ...order, ...(await sign(staff, halt.scope, halt.targetId, resumeDocument(order))) });
}
