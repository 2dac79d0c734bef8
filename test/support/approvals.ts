/** What a person of the staff signs when agreeing to a pack, or agreeing to a step of an experiment or taking it, as the browser does. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { fromBase64, toHex } from '#ledger/primitives/bytes.ts';
import { parseTradeId } from '#ledger/primitives/ids.ts';
import { packApprovalDocument, stepApprovalDocument, stepDocument } from '#sandbox/cases/approval-order.ts';
import { type CaseDocument, signedDocument } from '#sandbox/cases/case-order.ts';
import { complaintAnswerDocument } from '#sandbox/experiments/complaint-answer.ts';
import { proofDecisionDocument } from '#sandbox/experiments/proof-decision.ts';
import { seededRandom } from './seeded-random.ts';
import type { Visitor } from './server.ts';
import { nameOfStaff } from './staff.ts';

type Api = Visitor['api'];
export type StepWish = {
  readonly experimentId: string;
  readonly step: Parameters<Api['experimentDesk']['approve']['mutate']>[0]['step'];
  readonly newEnd?: string | null;
};

const random = seededRandom('approvals');
const sm2 = portableSm2((length) => random.bytes(length));
const actIdOf = () => toHex(random.bytes(16));

async function signAs(api: Api, name: string, document: CaseDocument): Promise<string> {
  const [{ chain }, accounts] = [await api.staff.challenge.mutate(), await api.session.demoAccounts.query()];
  const certificate = accounts.find((each) => each.name === name)?.certificate ?? '';
  const serial = toHex(parseCertificate(fromBase64(certificate)).serial);
  return toHex(sm2.sign(demonstrationKeys(name).privateKey, signedDocument(document, chain, serial)));
}

export async function approvePack({ api }: Pick<Visitor, 'api'>, proposalId: string, signer = nameOfStaff(api)) {
  const { packHash, mode, effectiveFrom } = await api.packs.proposal.query({ proposalId });
  const actId = actIdOf();
  const document = packApprovalDocument({ actId, proposalId, packHash, mode, effectiveFrom });
  return api.packs.approve.mutate({ proposalId, actId, signature: await signAs(api, signer, document) });
}

async function orderOf(api: Api, { experimentId, step, newEnd = null }: StepWish) {
  const view = await api.experimentDesk.get.query({ experimentId });
  const documentHash = toHex(sm3(canonicalBytes(JSON.parse(view.document))));
  return { actId: actIdOf(), experimentId, step, newEnd: newEnd ?? '', documentHash };
}

export async function approveStep({ api }: Pick<Visitor, 'api'>, wish: StepWish, signer = nameOfStaff(api)) {
  const order = await orderOf(api, wish);
  return api.experimentDesk.approve.mutate({
    ...{ ...wish, actId: order.actId },
    signature: await signAs(api, signer, stepApprovalDocument(order)),
  });
}

export async function takeStep({ api }: Pick<Visitor, 'api'>, wish: StepWish, reason: string, signer = nameOfStaff(api)) {
  const order = await orderOf(api, wish);
  const signature = await signAs(api, signer, stepDocument({ ...order, reason }));
  return api.experimentDesk.move.mutate({ ...wish, reason, actId: order.actId, signature });
}

/** A tax supervisor about a proof of filing. */
export async function decideProof({ api }: Pick<Visitor, 'api'>, proofId: string, isConfirmed: boolean, reason: string) {
  const proof = (await api.reserve.desk.query()).proofs.find((each) => each.proofId === proofId);
  if (proof === undefined) throw new Error(`no proof ${proofId}`);
  const { tax, month, receiptNo, filedOn } = proof;
  const wish = { actId: actIdOf(), proofId, isConfirmed, reason };
  const document = proofDecisionDocument({ ...wish, tax, month, receiptNo, filedOn });
  return api.reserve.decide.mutate({ ...wish, signature: await signAs(api, nameOfStaff(api), document) });
}

export async function answerComplaintAs({ api }: Pick<Visitor, 'api'>, tradeId: string, text: string, actId = actIdOf()) {
  const found = (await api.reserve.desk.query()).complaints.find((each) => each.tradeId === tradeId);
  if (found === undefined) throw new Error(`no complaint about ${tradeId}`);
  const document = complaintAnswerDocument({ actId, tradeId, experimentId: found.experimentId, complaint: found.text, text });
  return api.reserve.answer.mutate({
    actId,
    tradeId: parseTradeId(tradeId),
    text,
    signature: await signAs(api, nameOfStaff(api), document),
  });
}
