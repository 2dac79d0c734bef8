/** What the notary's person signs: the document with the personal key, the Attest with the notary's account. The package's SM3 is that of the
 *  bytes that were verified here. */
import { documentHash } from '#sandbox/cases/case-order.ts';
import { countersignDocument, countersignOp, declineDocument } from '#sandbox/cases/countersign.ts';
import type { NotaryRequest, StaffMe } from '#server/trpc/views.ts';
import { newActId, signCaseDocument, signTxAs } from './case-signing.ts';
import { staffApi } from './staff-api.ts';

export async function sendCountersign(staff: StaffMe, request: NotaryRequest, packageSm3: string, note: string): Promise<void> {
  const subject = `${request.subject.kind} ${request.subject.id}`;
  const order = { actId: newActId(), exportId: request.exportId, packageSm3, subject, note: note.trim() };
  const document = countersignDocument(order);
  const { signedTx, chain } = await signTxAs(await staffApi.notary.signer(), countersignOp(documentHash(document)));
  await staffApi.notary.sign({ ...order, signature: await signCaseDocument(staff, chain, document), signedTx });
}

export async function sendDecline(staff: StaffMe, chain: string, { exportId, packageSm3 }: NotaryRequest, reason: string): Promise<void> {
  const order = { actId: newActId(), exportId, packageSm3, reason: reason.trim() };
  await staffApi.notary.decline({ ...order, signature: await signCaseDocument(staff, chain, declineDocument(order)) });
}
