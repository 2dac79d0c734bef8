/** What an official signs to ask for information (V-14). */
import { documentHash } from '#sandbox/cases/case-order.ts';
import { type InquiryOrder, inquiryDocument, inquiryExtensionDocument, inquiryOp } from '#sandbox/cases/inquiry-order.ts';
import type { InquiryView, StaffMe } from '#server/trpc/views.ts';
import { api } from './api.ts';
import { newActId, signAuthorityTx, signCaseDocument } from './case-signing.ts';
import { staffApi } from './staff-api.ts';

const DAY_MS = 86_400_000;

/** `days` from the server's now. */
export async function sendInquiry(staff: StaffMe, { days, ...wish }: Omit<InquiryOrder, 'actId' | 'dueAt'> & { readonly days: number }) {
  const now = Date.parse((await api.staff.challenge()).issuedAt);
  const order = { ...wish, actId: newActId(), dueAt: new Date(now + days * DAY_MS).toISOString() };
  const document = inquiryDocument(order);
  const { signedTx, chain } = await signAuthorityTx(inquiryOp(documentHash(document)));
  return staffApi.inquiry.ask({ ...order, signature: await signCaseDocument(staff, chain, document), signedTx });
}

/** `days` more than the date that stands, or than now where that is past. */
export async function sendExtension(staff: StaffMe, inquiry: InquiryView, days: number) {
  const now = Date.parse((await api.staff.challenge()).issuedAt);
  const dueAt = new Date(Math.max(now, Date.parse(inquiry.dueAt)) + days * DAY_MS).toISOString();
  const order = { actId: newActId(), inquiryId: inquiry.inquiryId, dueAt };
  const document = inquiryExtensionDocument(order);
  const { signedTx, chain } = await signAuthorityTx(inquiryOp(documentHash(document)));
  return staffApi.inquiry.extend({ ...order, signature: await signCaseDocument(staff, chain, document), signedTx });
}
