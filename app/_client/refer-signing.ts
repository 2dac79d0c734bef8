/** What an official signs to refer a case (V-14). */
import { documentHash } from '#sandbox/cases/case-order.ts';
import { type ReferOrder, referDocument, referOp } from '#sandbox/cases/refer-order.ts';
import type { StaffMe } from '#server/trpc/views.ts';
import { newActId, signAuthorityTx, signCaseDocument } from './case-signing.ts';
import { staffApi } from './staff-api.ts';

export async function sendReferral(staff: StaffMe, wish: Omit<ReferOrder, 'actId'>) {
  const order = { ...wish, actId: newActId() };
  const document = referDocument(order);
  const { signedTx, chain } = await signAuthorityTx(referOp(documentHash(document)));
  return staffApi.case.refer({ ...order, signature: await signCaseDocument(staff, chain, document), signedTx });
}
