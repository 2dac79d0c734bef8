/**
 * A judgement is carried out (`ledger.md` op 13): an item that a freeze of the case holds goes to whom a court has given it to, against its
 * holder's will. The official signs in person and for the authority, the court signs beside it, the operator signs nothing; with it the
 * item's freeze ends and whatever offered it. No money moves: what a judgement says about money is between the parties and the institution.
 */

import type { Sequenced } from '#ledger/node/ledger-node.ts';
import { fromHex } from '#ledger/primitives/bytes.ts';
import { accountIdBytes, parseAccountId, parseOrderId } from '#ledger/primitives/ids.ts';
import { documentHash } from '#sandbox/cases/case-order.ts';
import { type JudgementOrder, judgementDocument, judgementOp } from '#sandbox/cases/judgement-order.ts';
import type { Tx } from '#server/db.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import { keptOf, ledgerTxOf } from './await-act.ts';
import { refuseCase } from './case-codes.ts';
import { recordStep, requireOpenCase } from './case-desk.ts';
import { insertSignature } from './cases.repo.ts';
import { signAsCourt } from './court.ts';
import { findActive } from './freezes.repo.ts';
import { findItem, type HeldItem, insertJudgement, isPlayer } from './judgements.repo.ts';
import type { Official } from './personal-signatures.ts';
import { liftFreeze, type ReturnGround, SEALING_MS } from './return-item.ts';
import { listOrdersHolding, returnLot } from './returns.repo.ts';
import { requireStaffSignature, type Signed, sequenceAct } from './sign-acts.ts';

/** @returns whether it waits for the signatures of supervisor and court */
export async function carryOutJudgement(
  ground: ReturnGround,
  staff: Official,
  order: JudgementOrder,
  signed: Signed,
): Promise<{ readonly waits: boolean }> {
  const { sql, ledger, market } = ground;
  const document = judgementDocument(order);
  const item = await sql.begin((tx) => requireMovable(tx, staff, order));
  // Asked of the ledger as it stands: after the op nothing holds the item any more.
  const frozenUntil = ledger.pending.itemBySerial(item.serial)?.frozenUntil ?? 0n;
  if (frozenUntil < BigInt(ground.clock.now() + SEALING_MS)) throw refuseCase('return_not_held');
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const to = parseAccountId(order.to);
  const move = { serial: item.serial, ver: item.ver, to: accountIdBytes(to) };
  const given = await ledgerTxOf(ground, staff, signed, {
    ...{ op: judgementOp(move, documentHash(document)), document, about: null, caseId: order.caseId },
    ...{ step: `judge ${item.itemId}`, intent: { act: 'judgement', order, ...keptOf(staff, signed.signature) } },
  });
  if (given === null) return { waits: true };
  const env = signed.elsewhere === undefined ? await signAsCourt(ground, order, given) : given;
  // What its holder offers is not theirs to sell any more. Ended first: nothing can be bought of a frozen item meanwhile.
  const holding = await listOrdersHolding(sql, item.itemId);
  await market.endOrders(holding.filter((id) => id.startsWith('ord_')).map(parseOrderId), 'item_moved');
  const follow = async (tx: Tx, { txId }: Sequenced) => {
    const now = await requireMovable(tx, staff, order);
    if ((await listOrdersHolding(tx, now.itemId)).length > 0) throw refuseCase('return_in_trade');
    const at = ground.clock.now();
    await returnLot(tx, { itemId: now.itemId, claimant: to });
    await liftFreeze(ground, tx, now.itemId, txId);
    const judgementId = `jdg_${order.actId}`;
    const { caseId, court, docket } = order;
    const fileSm3 = fromHex(order.fileSm3, 32);
    await insertJudgement(tx, { judgementId, caseId, itemId: now.itemId, from: now.holder, to, court, docket, fileSm3, txId, at });
    await insertSignature(tx, { subjectId: judgementId, act: 'carry_out_judgement', staff, document, signature, at });
    await tell(ground, tx, staff, order, now);
  };
  await sequenceAct(ground, env, follow, signed);
  return { waits: false };
}

async function requireMovable(tx: Tx, staff: Official, order: JudgementOrder): Promise<HeldItem> {
  await requireOpenCase(tx, staff, order.caseId);
  const item = await findItem(tx, order.itemId);
  if (item === null) throw refuseCase('judgement_item_unknown');
  if (item.holder === order.to) throw refuseCase('judgement_done');
  if (!(await isPlayer(tx, parseAccountId(order.to)))) throw refuseCase('judgement_party_unknown');
  // While the money still waits a dispute gives back both.
  if (item.open !== null) throw refuseCase('return_trade_open', { tradeId: item.open });
  const active = await findActive(tx, 'item', item.itemId);
  if (active?.case_id !== order.caseId) throw refuseCase('return_not_held');
  return item;
}

async function tell(ground: ReturnGround, tx: Tx, staff: Official, order: JudgementOrder, { itemId, holder }: HeldItem): Promise<void> {
  const row = await requireOpenCase(tx, staff, order.caseId);
  const { reason, court, docket, to } = order;
  await recordStep(ground, tx, row, { by: staff, act: 'item_judged', to: row.state, body: { targetId: itemId, court, docket, reason } });
  const at = ground.clock.now();
  await ground.outbox.append(
    tx,
    [holder, parseAccountId(to)].map((acct) => noticeTo(acct, 'item_judged', at, { itemId, link: `/i/${itemId}` })),
  );
}
