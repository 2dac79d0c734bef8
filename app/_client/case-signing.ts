/** What an official signs (V-14): the document with the personal key, the LedgerTx with the organisation's account. Every byte is encoded
 *  here from what is on screen. Here only published keys of a demonstration sign; elsewhere the supervisor does so on its own machine. */
import type { FreezeTarget, Op } from '#ledger/codec/op-types.ts';
import { encodeTxEnv } from '#ledger/codec/tx.ts';
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { type Bytes, fromBase64, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { signTx } from '#ledger/tx/sign.ts';
import {
  appealDocument,
  type CaseDocument,
  documentHash,
  type FreezeOrder,
  freezeDocument,
  freezeOp,
  liftDocument,
  signedDocument,
  unfreezeOp,
} from '#sandbox/cases/case-order.ts';
import { type JudgementOrder, judgementDocument, judgementOp } from '#sandbox/cases/judgement-order.ts';
import { type OpeningOrder, openingDocument, openingOp, sealingDocument } from '#sandbox/cases/opening.ts';
import { type ReturnOrder, returnDocument, returnOp } from '#sandbox/cases/return-order.ts';
import { type CompensationOrder, compensationDocument } from '#sandbox/experiments/compensation-order.ts';
import { type ComplaintAnswerOrder, complaintAnswerDocument } from '#sandbox/experiments/complaint-answer.ts';
import { type ProofDecisionOrder, proofDecisionDocument } from '#sandbox/experiments/proof-decision.ts';
import type { CaseSigner, CaseTarget, FreezeView, HeldItemView, OpeningView, StaffMe, StolenView } from '#server/trpc/views.ts';
import { api } from './api.ts';
import { heldOfficial } from './keys/held-official.ts';
import { staffApi } from './staff-api.ts';

const WINDOW_MS = 10 * 60_000;
const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));
const sm2 = portableSm2(random);
export const newActId = (): string => toHex(random(16));

/** A refusal of the browser's own has a code, like the server's. */
class SigningError extends Error {
  readonly code: 'supervisor_key_elsewhere' | 'official_key_locked';
  constructor(code: SigningError['code'] = 'supervisor_key_elsewhere') {
    super(code);
    this.code = code;
  }
}

type OfficialKey = { readonly privateKey: Uint8Array; readonly serial: string; readonly certificate: string };

/** Of a certificate file that was opened in this page, or a published one of a demonstration. @throws {SigningError} `official_key_locked` */
export async function officialKey(staff: StaffMe): Promise<OfficialKey> {
  const held = heldOfficial(staff.certificateSerial);
  if (held !== null) return held;
  for (const account of await api.session.demoAccounts()) {
    if (account.certificate === null) continue;
    const serial = toHex(parseCertificate(fromBase64(account.certificate)).serial);
    if (serial === staff.certificateSerial)
      return { privateKey: fromHex(account.privateKey, 32), serial, certificate: account.certificate };
  }
  throw new SigningError('official_key_locked');
}

export async function signCaseDocument(staff: StaffMe, chain: string, document: CaseDocument): Promise<string> {
  const { privateKey, serial } = await officialKey(staff);
  return toHex(sm2.sign(privateKey, signedDocument(document, chain, serial)));
}

/** By the supervisor's account; where its key is elsewhere nothing is signed here, and the act waits for it. */
export async function signAuthorityTx(op: Op): Promise<{ readonly signedTx: string | null; readonly chain: string }> {
  const signer = await staffApi.case.signer();
  return signer.publishedKey === null ? { signedTx: null, chain: signer.chain } : signTxAs(signer, op);
}

type SignedTx = { readonly signedTx: string; readonly chain: string };
export async function signTxAs({ chain, acct, keyIdx, keyEpoch, publishedKey }: CaseSigner, op: Op): Promise<SignedTx> {
  const now = Date.parse((await api.staff.challenge()).issuedAt);
  const body = {
    chain: fromHex(chain, 32),
    salt: random(16),
    notBefore: BigInt(now - WINDOW_MS / 2),
    notAfter: BigInt(now + WINDOW_MS / 2),
    op,
  };
  const [env] = signTx(sm2, { acct: fromHex(acct, 32), keyIdx, keyEpoch, privateKey: fromHex(publishedKey, 32) }, [body]);
  if (env === undefined) throw new SigningError();
  return { signedTx: toHex(encodeTxEnv(env)), chain };
}

export function ledgerTarget({ scope, ledgerRef }: CaseTarget): FreezeTarget {
  if (scope === 'item') return { kind: 'item', serial: BigInt(ledgerRef) };
  if (scope === 'class') return { kind: 'class', cls: Number(ledgerRef) };
  return { kind: 'account', acct: fromHex(ledgerRef, 32) };
}

async function signFreeze(staff: StaffMe, order: FreezeOrder) {
  const document = freezeDocument(order);
  const target = ledgerTarget(await staffApi.case.target(order.scope, order.targetId));
  const { signedTx, chain } = await signAuthorityTx(freezeOp(order.scope, target, BigInt(Date.parse(order.until)), documentHash(document)));
  return { signature: await signCaseDocument(staff, chain, document), signedTx };
}

/** The term counts from the server's clock, which a demonstration may have moved. */
export async function sendFreeze(staff: StaffMe, wish: Omit<FreezeOrder, 'actId' | 'until'> & { readonly termMs: number }) {
  const { termMs, ...rest } = wish;
  const now = Date.parse((await api.staff.challenge()).issuedAt);
  const until = new Date(now + termMs).toISOString();
  const order = { ...rest, actId: newActId(), until };
  return staffApi.case.freeze({ ...order, ...(await signFreeze(staff, order)) });
}

export async function sendApproval(staff: StaffMe, caseId: string, freeze: FreezeView) {
  const { freezeId, scope, targetId, reasonCode, reason, until } = freeze;
  const order = { actId: freezeId.slice('frz_'.length), caseId, scope, targetId, reasonCode, reason, until };
  return staffApi.case.approveFreeze(freezeId, await signFreeze(staff, order));
}

export async function sendLift(staff: StaffMe, freeze: FreezeView, reason: string) {
  const order = { actId: newActId(), freezeId: freeze.freezeId, reason };
  return staffApi.case.lift({ ...order, ...(await signLift(staff, freeze, order)) });
}

async function signLift(
  staff: StaffMe,
  freeze: FreezeView,
  order: { readonly actId: string; readonly freezeId: string; readonly reason: string },
) {
  const document = liftDocument(order);
  const target = ledgerTarget(await staffApi.case.target(freeze.scope, freeze.targetId));
  const { signedTx, chain } = await signAuthorityTx(unfreezeOp(freeze.scope, target, documentHash(document)));
  return { signature: await signCaseDocument(staff, chain, document), signedTx };
}

export async function sendAppealAnswer(
  staff: StaffMe,
  freeze: FreezeView,
  answer: { readonly appealId: string; readonly isGranted: boolean; readonly reason: string },
) {
  const decision = { ...answer, actId: newActId() };
  const { chain } = await staffApi.case.signer();
  const signature = await signCaseDocument(staff, chain, appealDocument(decision));
  if (!answer.isGranted) return staffApi.case.answerAppeal({ ...decision, signature, signedTx: null, liftSignature: null });
  const lift = await signLift(staff, freeze, { actId: decision.actId, freezeId: freeze.freezeId, reason: answer.reason });
  return staffApi.case.answerAppeal({ ...decision, signature, signedTx: lift.signedTx, liftSignature: lift.signature });
}

/** Giving a stolen item back: the supervisor's signature; the operator's own follows on the server. */
export async function sendReturn(staff: StaffMe, { reportId, back }: StolenView, wish: Omit<ReturnOrder, 'actId' | 'reportId'>) {
  if (back === null) throw new SigningError();
  const order = { ...wish, reportId, actId: newActId() };
  const document = returnDocument(order);
  const item = { serial: BigInt(back.serial), ver: BigInt(back.ver), to: fromHex(back.to, 32) };
  const op = returnOp({ entry: BigInt(back.entry), item, rulePack: fromHex(back.rulePack, 32) }, documentHash(document));
  const { signedTx, chain } = await signAuthorityTx(op);
  return staffApi.case.returnItem({ ...order, signature: await signCaseDocument(staff, chain, document), signedTx });
}

/** A judgement: the supervisor's signature; the court's own follows on the server. */
export async function sendJudgement(
  staff: StaffMe,
  { itemId, serial, ver }: HeldItemView,
  { paper, ...wish }: Omit<JudgementOrder, 'actId' | 'itemId' | 'fileSm3'> & { readonly paper: File },
) {
  const fileSm3 = toHex(sm3(new Uint8Array(await paper.arrayBuffer())));
  const order = { ...wish, itemId, fileSm3, actId: newActId() };
  const document = judgementDocument(order);
  const item = { serial: BigInt(serial), ver: BigInt(ver), to: fromHex(order.to, 32) };
  const { signedTx, chain } = await signAuthorityTx(judgementOp(item, documentHash(document)));
  return staffApi.case.judge({ ...order, signature: await signCaseDocument(staff, chain, document), signedTx });
}

export async function sendCompensation(staff: StaffMe, chain: string, wish: Omit<CompensationOrder, 'actId'>) {
  const order = { ...wish, actId: newActId() };
  return staffApi.experimentDesk.compensate({ ...order, signature: await signCaseDocument(staff, chain, compensationDocument(order)) });
}

export async function sendProofDecision(staff: StaffMe, chain: string, wish: Omit<ProofDecisionOrder, 'actId'>) {
  const order = { ...wish, actId: newActId() };
  const signature = await signCaseDocument(staff, chain, proofDecisionDocument(order));
  const { actId, proofId, isConfirmed, reason } = order;
  return api.reserve.decide({ actId, proofId, isConfirmed, reason, signature });
}

export async function sendComplaintAnswer(staff: StaffMe, chain: string, wish: Omit<ComplaintAnswerOrder, 'actId'>) {
  const order = { ...wish, actId: newActId() };
  const signature = await signCaseDocument(staff, chain, complaintAnswerDocument(order));
  const { actId, tradeId, text } = order;
  return api.reserve.answer({ actId, tradeId, text, signature });
}

/** The first of the two signatures under opening an identity. */
export async function sendOpening(staff: StaffMe, wish: Omit<OpeningOrder, 'actId'>) {
  const order = { ...wish, actId: newActId() };
  const { chain } = await staffApi.case.signer();
  return staffApi.look.askOpening({ ...order, signature: await signCaseDocument(staff, chain, openingDocument(order)) });
}

/** The second, over the same document, and the entry on the ledger. */
export async function sendOpeningApproval(staff: StaffMe, opening: OpeningView) {
  const { openingId, caseId, subject, legalGround, reason, scope } = opening;
  const document = openingDocument({ actId: openingId.slice('opn_'.length), caseId, subject, legalGround, reason, scope });
  const { signedTx, chain } = await signAuthorityTx(openingOp(fromHex(subject, 32), documentHash(document)));
  return staffApi.look.approveOpening(openingId, { signature: await signCaseDocument(staff, chain, document), signedTx });
}

const DAY_MS = 86_400_000;

/** As late as may be: one term of the pack from the server's now. */
export async function sendSealing(staff: StaffMe, { openingId, sealingDays }: OpeningView, reason: string) {
  const now = Date.parse((await api.staff.challenge()).issuedAt);
  const order = { actId: newActId(), openingId, until: new Date(now + sealingDays * DAY_MS).toISOString(), reason };
  const { chain } = await staffApi.case.signer();
  return staffApi.look.extendSealing({ ...order, signature: await signCaseDocument(staff, chain, sealingDocument(order)) });
}
