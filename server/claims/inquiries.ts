/**
 * Asking for information in a case (product V-14). The official signs the question like every act; the asked party sees it without the case,
 * and answers, asks for more time or objects, each once. Hashes of both stand on the ledger, the words only here. A due date that passes is
 * shown to both sides and punishes nobody: the rulebook knows no penalty for silence.
 */
import { equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { documentHash } from '#sandbox/cases/case-order.ts';
import {
  type InquiryAnswer,
  type InquiryExtension,
  type InquiryOrder,
  type InquiryParty,
  inquiryAnswerDocument,
  inquiryDocument,
  inquiryExtensionDocument,
  inquiryOp,
  mayBeDue,
  mayExtendTo,
  wouldTipOff,
} from '#sandbox/cases/inquiry-order.ts';
import { refuseCase } from '#server/cases/case-codes.ts';
import { recordStep, requireOpenCase } from '#server/cases/case-desk.ts';
import { findCase, findSignedDocument, insertSignature } from '#server/cases/cases.repo.ts';
import { type CaseGround, requireLedgerTx, requireStaffSignature, sequenceAct } from '#server/cases/sign-acts.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { Tx } from '#server/db.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import type { ClaimFileInput, InquiryView, SignedAct } from '#server/trpc/views.ts';
import { readFiles } from './claim-acts.ts';
import { operatorEnvs, requireAll } from './claim-ground.ts';
import {
  findInquiry,
  type InquiryRow,
  insertExtension,
  insertInquiry,
  insertReply,
  isParty,
  listInquiryFiles,
  listReplies,
} from './inquiries.repo.ts';

/** Who replies, or reads its own questions. */
export type Asked = { readonly party: InquiryParty; readonly partyId: string; readonly byRef: string };

export async function askInformation(ground: CaseGround, staff: StaffSession, order: InquiryOrder, signed: SignedAct): Promise<string> {
  const { sql, clock } = ground;
  const inquiryId = `inq_${order.actId}`;
  const document = inquiryDocument(order);
  const doc = documentHash(document);
  const known = await findSignedDocument(sql, inquiryId, 'ask_information');
  if (known !== null) {
    if (equalBytes(documentHash(known), doc)) return inquiryId;
    throw refuseCase('act_reused', { caseId: order.caseId });
  }
  await sql.begin((tx) => requireMayAsk(ground, tx, staff, order));
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const env = requireLedgerTx(ground, signed.signedTx, inquiryOp(doc));
  await sequenceAct(ground, env, async (tx, { txId }) => {
    const row = await requireMayAsk(ground, tx, staff, order);
    const at = clock.now();
    await insertSignature(tx, { subjectId: inquiryId, act: 'ask_information', staff, document, signature, at });
    await insertInquiry(tx, { inquiryId, order, by: staff, at, txId });
    const { party, partyId, reasonCode, question, dueAt } = order;
    const body = { inquiryId, party, partyId: party === 'operator' ? null : partyId, reasonCode, question, dueAt, txId: toHex(txId) };
    await recordStep(ground, tx, row, { by: staff, act: 'asked', to: row.state, body });
    if (party !== 'player') return;
    const told = { inquiryId, dueAt, link: '/portfolio#inquiries' };
    await ground.outbox.append(tx, [noticeTo(partyId, 'information_asked', at, told)]);
  });
  return inquiryId;
}

async function requireMayAsk({ clock, ledger }: CaseGround, tx: Tx, staff: StaffSession, order: InquiryOrder) {
  const row = await requireOpenCase(tx, staff, order.caseId);
  if (wouldTipOff(order.party, { topic: row.topic, reasonCode: order.reasonCode })) throw refuseCase('inquiry_tells');
  const now = clock.now();
  if (!mayBeDue(parseInstant(order.dueAt), now, clocksAt(ledger, now).inquiryMs)) throw refuseCase('inquiry_due');
  if (!(await isParty(tx, order.party, order.partyId))) throw refuseCase('inquiry_party_unknown');
  return row;
}

/** Only what was asked for is given, once, and never an earlier date than the one that stands. */
export async function extendInquiry(ground: CaseGround, staff: StaffSession, order: InquiryExtension, signed: SignedAct): Promise<void> {
  const document = inquiryExtensionDocument(order);
  const doc = documentHash(document);
  const known = await findSignedDocument(ground.sql, order.inquiryId, 'extend_information');
  if (known !== null && equalBytes(documentHash(known), doc)) return;
  await ground.sql.begin((tx) => requireMayExtend(ground, tx, staff, order));
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const env = requireLedgerTx(ground, signed.signedTx, inquiryOp(doc));
  await sequenceAct(ground, env, async (tx, { txId }) => {
    const { row, inquiry } = await requireMayExtend(ground, tx, staff, order);
    const { inquiryId, dueAt } = order;
    const at = ground.clock.now();
    if (!(await insertExtension(tx, order, { by: staff.staffId, at, document, txId }))) throw refuseCase('inquiry_not_extendable');
    await insertSignature(tx, { subjectId: inquiryId, act: 'extend_information', staff, document, signature, at });
    await recordStep(ground, tx, row, { by: staff, act: 'extended', to: row.state, body: { inquiryId, dueAt, txId: toHex(txId) } });
    if (inquiry.party !== 'player') return;
    const told = { inquiryId, dueAt, link: '/portfolio#inquiries' };
    await ground.outbox.append(tx, [noticeTo(inquiry.partyId, 'information_extended', at, told)]);
  });
}

async function requireMayExtend(ground: CaseGround, tx: Tx, staff: StaffSession, { inquiryId, dueAt }: InquiryExtension) {
  const inquiry = await findInquiry(tx, inquiryId, true);
  if (inquiry === null) throw refuseCase('inquiry_unknown');
  const row = await requireOpenCase(tx, staff, inquiry.caseId);
  const kinds = (await listReplies(tx, [inquiryId])).map(({ kind }) => kind);
  if (!kinds.includes('more_time') || kinds.includes('answered') || inquiry.extendedAt !== null) throw refuseCase('inquiry_not_extendable');
  const now = ground.clock.now();
  const { inquiryExtensionMs } = clocksAt(ground.ledger, now);
  if (!mayExtendTo(parseInstant(dueAt), now, inquiry.dueAt.getTime(), inquiryExtensionMs)) throw refuseCase('inquiry_due');
  return { row, inquiry };
}

/** Late is better than never: a reply is taken as long as the case is open. */
export async function replyToInquiry(
  ground: CaseGround,
  asked: Asked,
  input: Omit<InquiryAnswer, 'files'> & { readonly files: readonly ClaimFileInput[] },
): Promise<void> {
  const files = readFiles(input.files);
  const { inquiryId, kind, text } = input;
  const document = inquiryAnswerDocument({ ...input, files: files.map((file) => toHex(file.sm3)) });
  const doc = documentHash(document);
  await ground.sql.begin((tx) => requireMayReply(tx, asked, input));
  await sequenceOutside(ground, operatorEnvs(ground, [inquiryOp(doc)]), async (tx, results) => {
    const [attest] = requireAll(results);
    if (attest === undefined) throw refuseCase('ledger_refused');
    const { caseId } = await requireMayReply(tx, asked, input);
    await insertReply(tx, { inquiryId, kind, by: asked.byRef, at: ground.clock.now(), document, txId: attest.txId, files });
    const row = await findCase(tx, caseId);
    if (row === null) throw refuseCase('case_unknown');
    const body = { inquiryId, party: asked.party, reply: kind, text, docHash: toHex(doc), txId: toHex(attest.txId) };
    await recordStep(ground, tx, row, { by: null, act: 'replied', to: row.state, body });
  });
}

async function requireMayReply(tx: Tx, asked: Asked, { inquiryId, kind }: Pick<InquiryAnswer, 'inquiryId' | 'kind'>): Promise<InquiryRow> {
  const row = await requireAsked(tx, asked, inquiryId);
  if (row.isCaseClosed) throw refuseCase('inquiry_over');
  const replies = await listReplies(tx, [inquiryId]);
  if (replies.some((reply) => reply.kind === kind || reply.kind === 'answered')) throw refuseCase('inquiry_replied');
  return row;
}

/** @throws {RefusalError} `inquiry_unknown`: absent, or put to somebody else */
export async function requireAsked(tx: Tx, { party, partyId }: Asked, inquiryId: string): Promise<InquiryRow> {
  const row = await findInquiry(tx, inquiryId, true);
  if (row === null || row.party !== party || row.partyId !== partyId) throw refuseCase('inquiry_unknown');
  return row;
}

export async function inquiryViews(tx: Queryable, rows: readonly InquiryRow[], now: number): Promise<readonly InquiryView[]> {
  const ids = rows.map(({ inquiryId }) => inquiryId);
  const [replies, files] = await Promise.all([listReplies(tx, ids), listInquiryFiles(tx, ids)]);
  return rows.map(({ caseId: _, isCaseClosed, askedAt, dueAt, firstDueAt, extendedAt, extendedTx, ...row }) => {
    const own = replies.filter(({ inquiryId }) => inquiryId === row.inquiryId);
    const isAnswered = own.some(({ kind }) => kind === 'answered');
    const state = isAnswered ? 'answered' : isCaseClosed ? 'over' : 'open';
    return {
      ...row,
      askedAt: askedAt.toISOString(),
      dueAt: dueAt.toISOString(),
      extension:
        extendedAt === null || extendedTx === null
          ? null
          : { firstDueAt: firstDueAt.toISOString(), at: extendedAt.toISOString(), txId: extendedTx },
      state,
      isOverdue: state === 'open' && dueAt.getTime() < now,
      replies: own.map(({ kind, at, document, txId }) => ({
        ...{ kind, at: at.toISOString(), text: document.text ?? '', docHash: toHex(documentHash(document)), txId },
      })),
      files: files.filter(({ inquiryId }) => inquiryId === row.inquiryId).map(({ sm3, name, mime }) => ({ sm3, name, mime })),
    };
  });
}
