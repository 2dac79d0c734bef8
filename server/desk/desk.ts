/**
 * The operator's desk (product O-17). Each step is signed by the person and stays; the one thing that it can do to an item is to freeze it for
 * seven days upon a sworn claim of theft (P-34, `ledger.md` op 11). It moves nothing and signs for nobody.
 */
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, parseClassId } from '#ledger/primitives/ids.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { documentHash } from '#sandbox/cases/case-order.ts';
import { type DeskAct, type DeskOrder, type DeskQueue, deskDocument, type TheftClaim, theftDocument } from '#sandbox/cases/desk-order.ts';
import { refuseCase } from '#server/cases/case-codes.ts';
import { caseDueAt, workingDaysAfter } from '#server/cases/case-desk.ts';
import { freezeMessages } from '#server/cases/case-messages.ts';
import { factsOf } from '#server/cases/freeze.ts';
import { findFreeze, findTarget, insertFreeze } from '#server/cases/freezes.repo.ts';
import { type CaseGround, requireStaffSignature } from '#server/cases/sign-acts.ts';
import { type ClaimGround, operatorEnvs, requireAll } from '#server/claims/claim-ground.ts';
import { requirePlayerSignature } from '#server/claims/player-signature.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { Tx } from '#server/db.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import type { Market } from '#server/exchange/market.ts';
import type { Identity, StaffSession } from '#server/identity/identity.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import { endApplication, type JoinGround, verifyApplication } from '#server/studio/join/join.ts';
import type { ClaimProof } from '#server/trpc/views.ts';
import { closeReport, findEntry, findReporter, hasHeld, insertDeskStep, insertReport, isSubject } from './desk.repo.ts';
import { refuseDesk } from './desk-codes.ts';
import { barClaimant, requireUnbarred } from './false-claims.ts';
import { findClassOf, hideContent, showContent } from './hidden-content.repo.ts';
import { findObjection } from './objections.repo.ts';
import { endObjection, type ObjectionGround, stopPublic } from './objections.ts';

const PAUSE_MS = 30n * 24n * 3_600_000n;

/** A listing or a person (P-32). */
export async function report(
  ground: CaseGround,
  acct: AccountId,
  wish: { readonly kind: 'item' | 'person'; readonly subjectId: string; readonly text: string },
): Promise<void> {
  const at = ground.clock.now();
  await ground.sql.begin(async (tx) => {
    await requireUnbarred(tx, acct, at);
    if (!(await isSubject(tx, wish.kind, wish.subjectId))) throw refuseDesk('report_subject_unknown');
    const reportId = `rpt_${toHex(ground.random.bytes(16))}`;
    const dueAt = caseDueAt(ground, at);
    if (!(await insertReport(tx, { ...wish, reportId, reporter: acct, at, dueAt, sworn: null }))) throw refuseDesk('report_made');
  });
}

/** Sworn with the key of somebody who has held the item. The desk has a working day: a thief sells fast. */
export async function swearTheft(ground: ClaimGround, acct: AccountId, claim: TheftClaim & { readonly proof: ClaimProof }): Promise<void> {
  const document = theftDocument(claim);
  await ground.sql.begin(async (tx) => {
    await requireUnbarred(tx, acct, ground.clock.now());
    if (!(await isSubject(tx, 'theft', claim.itemId))) throw refuseDesk('report_subject_unknown');
    if (!(await hasHeld(tx, claim.itemId, acct))) throw refuseDesk('theft_not_yours');
  });
  const sworn = await requirePlayerSignature(ground, acct, { document, proof: claim.proof });
  const at = ground.clock.now();
  const fresh = await ground.sql.begin(async (tx) => ({
    is: await insertReport(tx, {
      ...{ reportId: `rpt_${claim.actId}`, kind: 'theft', subjectId: claim.itemId, reporter: acct, text: claim.text },
      ...{ at, dueAt: workingDaysAfter(ground, at, 1), sworn },
    }),
  }));
  if (!fresh.is) throw refuseDesk('report_made');
}

export type DeskGround = ObjectionGround &
  Pick<JoinGround, 'pki'> & { readonly identity: Pick<Identity, 'holdPlayer'>; readonly market: Pick<Market, 'forgetClass'> };

/** What may be done in which queue. */
const ACTS: Readonly<Record<DeskQueue, readonly DeskAct[]>> = {
  theft: ['noted', 'taken', 'closed', 'frozen', 'false'],
  objection: ['noted', 'taken', 'closed', 'upheld', 'false'],
  report: ['noted', 'taken', 'closed', 'hidden'],
  hidden: ['noted', 'taken', 'shown'],
  payout: ['noted', 'taken', 'closed'],
  break: ['noted', 'taken', 'closed'],
  studio: ['noted', 'taken', 'closed', 'verified', 'suspended'],
};

export async function actAtDesk(ground: DeskGround, staff: StaffSession, order: DeskOrder, signature: string): Promise<void> {
  const entry = await findEntry(ground.sql, order.queue, order.subjectId);
  if (entry === null) throw refuseDesk('desk_entry_unknown');
  if (!ACTS[order.queue].includes(order.act)) throw refuseDesk('desk_act_invalid');
  const document = deskDocument(order);
  const bytes = await requireStaffSignature(ground, staff, document, signature);
  const save = async (tx: Tx, txId: Uint8Array | null) => {
    const at = ground.clock.now();
    // What was upheld is over by now; its objection is still open.
    if (order.act !== 'upheld' && (await findEntry(tx, order.queue, order.subjectId)) === null) throw refuseDesk('desk_entry_unknown');
    if (!(await insertDeskStep(tx, { order, staff, at, document, signature: bytes, txId }))) throw refuseCase('act_reused');
    await endEntry(ground, tx, order, at);
  };
  if (order.act === 'frozen')
    return freezeStolen(ground, staff, { itemId: entry.about, doc: documentHash(document), reason: order.text }, save);
  if (order.act === 'upheld') await stopPublic(ground, order.subjectId);
  await ground.sql.begin((tx) => save(tx, null));
  if (order.act === 'hidden' || order.act === 'shown') ground.market.forgetClass(null);
}

async function endEntry(ground: DeskGround, tx: Tx, order: DeskOrder, at: Instant): Promise<void> {
  const { queue, act, subjectId, text } = order;
  if (act === 'noted' || act === 'taken' || act === 'frozen') return;
  if (act === 'hidden' || act === 'shown') return changeContent(ground, tx, order, at);
  if (act === 'verified') return verifyApplication(ground, tx, subjectId);
  if (queue === 'studio' || act === 'suspended') return endApplication(tx, subjectId, act, text);
  const objection = queue === 'objection' ? await findObjection(tx, subjectId) : null;
  if (objection !== null) await endObjection(ground, tx, objection, act === 'closed' ? 'refused' : act);
  if (queue === 'theft' || queue === 'report') await closeReport(tx, subjectId, at);
  if (act !== 'false') return;
  const acct = objection?.objector ?? (await findReporter(tx, subjectId));
  if (acct === null) throw refuseDesk('desk_entry_unknown');
  const until = await barClaimant(ground, tx, { subjectId, acct, at });
  await ground.outbox.append(tx, [noticeTo(acct, 'claims_barred', at, { subjectId, until })]);
}

/** Off the ledger, where nothing is rewritten: what this market shows of the kind that was reported, until it is shown again (CN-BC-02). */
async function changeContent(ground: DeskGround, tx: Tx, { act, subjectId, text }: DeskOrder, at: Instant): Promise<void> {
  const about = (await findEntry(tx, act === 'hidden' ? 'report' : 'hidden', subjectId))?.about ?? '';
  const classId = act === 'hidden' ? await findClassOf(tx, about) : parseClassId(about);
  if (classId === null) throw refuseDesk('desk_act_invalid');
  const isDone = act === 'hidden' ? await hideContent(tx, classId, at) : await showContent(tx, classId, at);
  if (!isDone) throw refuseDesk('content_hidden');
  await ground.outbox.append(tx, [{ room: 'sup:market', type: `mkt.content.${act}`, at, body: { classId, reason: text } }]);
}

/** Seven days, once in thirty, ending by itself; the holder sees why and may object. */
async function freezeStolen(
  ground: CaseGround,
  staff: StaffSession,
  { itemId, doc, reason }: { readonly itemId: string; readonly doc: Bytes; readonly reason: string },
  save: (tx: Tx, txId: Uint8Array) => Promise<void>,
): Promise<void> {
  const found = await findTarget(ground.sql, 'item', itemId);
  const leaf = found?.target.kind === 'item' ? ground.ledger.pending.itemBySerial(found.target.serial) : null;
  if (found === null || leaf === null) throw refuseDesk('report_subject_unknown');
  const at = ground.clock.now();
  if (leaf.frozenUntil !== 0n && BigInt(at) < leaf.frozenUntil + PAUSE_MS) throw refuseDesk('desk_freeze_used');
  const until = instant(at + clocksAt(ground.ledger, at).operatorFreezeMs);
  const envs = operatorEnvs(ground, [{ kind: 'freeze', target: found.target, until: BigInt(until), doc }]);
  await sequenceOutside(ground, envs, async (tx, results) => {
    const [frozen] = requireAll(results);
    const txId = frozen?.txId ?? new Uint8Array(32);
    const freezeId = `frz_${toHex(ground.random.bytes(16))}`;
    await insertFreeze(tx, {
      ...{ freezeId, caseId: null, claimId: null, holder: found.holder, isSecret: false, setBy: staff.staffId, at, since: at, until, txId },
      order: { scope: 'item', targetId: itemId, reasonCode: 'stolen_item', reason },
    });
    const row = await findFreeze(tx, freezeId, true);
    if (row !== null) await ground.outbox.append(tx, freezeMessages('freeze.set', factsOf(row), at));
    await save(tx, txId);
  });
}
