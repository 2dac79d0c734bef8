/**
 * A stolen item goes back to whom it was taken from (products P-34, P-35): a supervisor's decision in a case, upon a sworn claim and while a
 * freeze holds the item. Operator and supervisor sign the TradeReverse (`ledger.md` op 21). Whoever bought it in good faith gets the price from
 * the guarantee fund, in the same database transaction as far as the fund goes.
 */
import type { Sequenced } from '#ledger/node/ledger-node.ts';
import { ZERO_32 } from '#ledger/primitives/bytes.ts';
import { accountIdBytes, parseOrderId } from '#ledger/primitives/ids.ts';
import { documentHash } from '#sandbox/cases/case-order.ts';
import { type ItemReturn, type ReturnOrder, returnDocument, returnOp } from '#sandbox/cases/return-order.ts';
import type { Tx } from '#server/db.ts';
import { findActivePack } from '#server/exchange/active-pack.ts';
import type { Market } from '#server/exchange/market.ts';
import { insertAward } from '#server/guarantee/guarantee.repo.ts';
import { GUARANTEE_MAX_FEN, payOwed } from '#server/guarantee/guarantee.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import { keptOf, ledgerTxOf } from './await-act.ts';
import { refuseCase } from './case-codes.ts';
import { recordStep, requireOpenCase } from './case-desk.ts';
import { freezeMessages } from './case-messages.ts';
import { type CaseRow, insertSignature } from './cases.repo.ts';
import { factsOf } from './freeze.ts';
import { endFreeze, findActive } from './freezes.repo.ts';
import type { Official } from './personal-signatures.ts';
import { closeSworn, findStolen, listOrdersHolding, returnLot, type StolenItem } from './returns.repo.ts';
import { type CaseGround, requireStaffSignature, type Signed, sequenceAct } from './sign-acts.ts';

/** A block may come later than the decision: until then the item must still be held, or the ledger refuses what these books have done. */
export const SEALING_MS = 2 * 60_000;

export type ReturnGround = CaseGround & { readonly market: Pick<Market, 'endOrders'> };
/** `awardFen` null: it waits for the office's signature, given elsewhere. */
export type ReturnAnswer = { readonly itemId: string; readonly awardFen: string | null };

/** What the LedgerTx says. Null: the item was not lost by a trade that the ledger has. */
export function returnOf({ ledger, clock }: CaseGround, stolen: StolenItem): ItemReturn | null {
  if (stolen.lost === null) return null;
  return {
    entry: stolen.lost.entry,
    item: { serial: stolen.serial, ver: stolen.ver, to: accountIdBytes(stolen.claimant) },
    rulePack: findActivePack(ledger.pending, clock.now())?.hash ?? ZERO_32,
  };
}

export async function returnItem(ground: ReturnGround, staff: Official, order: ReturnOrder, signed: Signed): Promise<ReturnAnswer> {
  const { sql, ledger, market } = ground;
  const document = returnDocument(order);
  const { stolen } = await sql.begin(async (tx) => ({ stolen: await requireReturnable(tx, staff, order) }));
  // Asked of the ledger as it stands: after the op nothing holds the item any more.
  const frozenUntil = ledger.pending.itemBySerial(stolen.serial)?.frozenUntil ?? 0n;
  if (frozenUntil < BigInt(ground.clock.now() + SEALING_MS)) throw refuseCase('return_not_held');
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const back = returnOf(ground, stolen);
  if (back === null) throw refuseCase('return_not_sold');
  const env = await ledgerTxOf(ground, staff, signed, {
    ...{ op: returnOp(back, documentHash(document)), document, about: null, caseId: order.caseId, operatorSigns: true },
    ...{ step: `return ${stolen.itemId}`, intent: { act: 'return_item', order, ...keptOf(staff, signed.signature) } },
  });
  if (env === null) return { itemId: stolen.itemId, awardFen: null };
  // What its holder offers is not theirs to sell any more. Ended first: nothing can be bought of a frozen item meanwhile.
  const holding = await listOrdersHolding(sql, stolen.itemId);
  await market.endOrders(holding.filter((id) => id.startsWith('ord_')).map(parseOrderId), 'item_frozen');
  let awardFen = 0n;
  const follow = async (tx: Tx, { txId }: Sequenced) => {
    const now = await requireReturnable(tx, staff, order);
    if ((await listOrdersHolding(tx, now.itemId)).length > 0) throw refuseCase('return_in_trade');
    const row = await requireOpenCase(tx, staff, order.caseId);
    const at = ground.clock.now();
    await returnLot(tx, now);
    await liftFreeze(ground, tx, now.itemId, txId);
    await closeSworn(tx, now.reportId, at);
    await insertSignature(tx, { subjectId: now.reportId, act: 'return_item', staff, document, signature, at });
    awardFen = await award(ground, tx, order, now);
    await tell(ground, tx, row, { staff, order, stolen: now, awardFen });
  };
  await sequenceAct(ground, env, follow, signed);
  return { itemId: stolen.itemId, awardFen: String(awardFen) };
}

async function requireReturnable(tx: Tx, staff: Official, order: ReturnOrder): Promise<StolenItem> {
  await requireOpenCase(tx, staff, order.caseId);
  const stolen = await findStolen(tx, order.reportId);
  if (stolen === null) throw refuseCase('return_unknown');
  if (stolen.holder === stolen.claimant) throw refuseCase('return_done');
  if (stolen.lost === null) throw refuseCase('return_not_sold');
  // While the money still waits a dispute gives back both.
  const { bought } = stolen;
  if (bought !== null && bought.state !== 'paid_out') throw refuseCase('return_trade_open', { tradeId: bought.tradeId });
  const active = await findActive(tx, 'item', stolen.itemId);
  if (active?.case_id !== order.caseId) throw refuseCase('return_not_held');
  return stolen;
}

/** The op has cleared it on the ledger already. */
export async function liftFreeze(ground: CaseGround, tx: Tx, itemId: string, txId: Uint8Array): Promise<void> {
  const active = await findActive(tx, 'item', itemId);
  if (active === null) return;
  const at = ground.clock.now();
  await endFreeze(tx, active.freeze_id, 'lifted', at, txId);
  await ground.outbox.append(tx, freezeMessages('freeze.lifted', factsOf(active), at));
}

/** @returns what the fund owes for it; nothing to who was not in good faith or has not paid for it here */
async function award(ground: CaseGround, tx: Tx, { actId, caseId, isGoodFaith }: ReturnOrder, stolen: StolenItem): Promise<bigint> {
  const { bought, itemId, holder } = stolen;
  if (!isGoodFaith || bought === null || bought.priceFen === 0n) return 0n;
  const { tradeId, priceFen: lostFen } = bought;
  const awardFen = lostFen < GUARANTEE_MAX_FEN ? lostFen : GUARANTEE_MAX_FEN;
  const facts = { awardId: `gua_${actId}`, tradeId, itemId, acct: holder, caseId, lostFen, awardFen, at: ground.clock.now() };
  if (!(await insertAward(tx, facts))) throw refuseCase('return_done');
  await payOwed(tx, ground);
  return awardFen;
}

async function tell(
  ground: CaseGround,
  tx: Tx,
  row: CaseRow,
  {
    staff,
    order,
    stolen,
    awardFen,
  }: { readonly staff: Official; readonly order: ReturnOrder; readonly stolen: StolenItem; readonly awardFen: bigint },
): Promise<void> {
  const { itemId, holder, claimant } = stolen;
  const body = { reportId: order.reportId, targetId: itemId, reason: order.reason, awardFen: String(awardFen) };
  await recordStep(ground, tx, row, { by: staff, act: 'item_returned', to: row.state, body });
  const at = ground.clock.now();
  await ground.outbox.append(
    tx,
    [holder, claimant].map((acct) => noticeTo(acct, 'item_returned', at, { itemId, link: `/i/${itemId}` })),
  );
}
