/** Trade and OrderCancel (`ledger.md` 6.1): consent of both sides, title of the seller, one transition. */

import type { AuthKey } from '#ledger/codec/auth-policy.ts';
import { ROLE } from '#ledger/codec/config.ts';
import { type ItemLeaf, type OrderLeaf, RECORD, REGISTER } from '#ledger/codec/leaves.ts';
import type { OrderCancelOp, TradeOp } from '#ledger/codec/op-types.ts';
import { ANY_CLASS, type Order, SIDE, type SignedOrder } from '#ledger/codec/order.ts';
import { type Bytes, equalBytes, isZero } from '#ledger/primitives/bytes.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { orderIdOf } from '#ledger/tx/ids.ts';
import { activePack, EXPERIMENT_STATE } from './ops-records.ts';
import {
  accountOf,
  classOf,
  DAY_MS,
  firstOf,
  isBurned,
  isFrozen,
  isLocked,
  isProtected,
  moved,
  putMove,
  type Run,
  TRANSFER_RULE,
} from './rules.ts';
import { checkTxSig, keyRingOf, reachesThreshold } from './signers.ts';

const MAX_ORDER_WINDOW_MS = 90n * DAY_MS;
const MAX_BUY_QUANTITY = 10_000;
const MAX_PROTECTION_MS = 30n * DAY_MS;

/** Form of an order: side, Items, quantity, window. */
function isOrderFormed(order: Order): boolean {
  const window = order.notAfter - order.notBefore;
  if (window <= 0n || window > MAX_ORDER_WINDOW_MS || !ascends(order.items.map((item) => item.serial))) return false;
  if (order.side === SIDE.sell) return order.items.length >= 1 && order.quantity === order.items.length && order.cls !== ANY_CLASS;
  return (
    order.side === SIDE.buy && order.quantity >= 1 && order.quantity <= MAX_BUY_QUANTITY && order.items.every((item) => item.ver === 0n)
  );
}

interface OpenOrder {
  readonly id: Bytes;
  /** Fills and cancellation, once there is one. */
  readonly leaf: OrderLeaf | null;
}

/** The checks of one order in their order, or its place in the orders register. */
function openOrder(signed: SignedOrder, run: Run): OpenOrder | LedgerCode {
  const { view, context } = run;
  const { order, sigs } = signed;
  if (!isOrderFormed(order) || sigs.some((sig) => !equalBytes(sig.acct, order.acct))) return 'order_invalid';
  if (!equalBytes(order.chain, context.chain)) return 'wrong_chain';
  const ring = keyRingOf(view, order.acct);
  if (ring === null) return 'account_unknown';
  if (context.now < order.notBefore) return 'order_early';
  if (context.now >= order.notAfter) return 'order_expired';
  const id = orderIdOf(order);
  const keys: AuthKey[] = [];
  for (const sig of sigs) {
    const check = checkTxSig(sig, ring, 'PLP1/order', id, context);
    if (check.kind === 'rejected') return check.code;
    keys.push(check.key);
  }
  if (!reachesThreshold(ring.policy, keys)) return 'signer_missing';
  const leaf = view.orderById(id);
  return leaf?.closed === 1 ? 'order_closed' : { id, leaf };
}

/**
 * `trade_malformed`: one sell and one buy order for one class, and Items that ascend. The decoder refuses the latter too, but
 * an Item named twice in a Trade that was never decoded would count twice.
 */
function isTradeFormed(op: TradeOp): boolean {
  const sell = op.sell.order;
  const buy = op.buy.order;
  const sides = sell.side === SIDE.sell && buy.side === SIDE.buy;
  return sides && sell.cls !== ANY_CLASS && (buy.cls === sell.cls || buy.cls === ANY_CLASS) && op.items.length >= 1 && ascends(op.items);
}

function ascends(serials: readonly bigint[]): boolean {
  return serials.every((serial, index) => index === 0 || (serials[index - 1] ?? serial) < serial);
}

function isCounterparty(order: Order, other: Order): boolean {
  return order.counterparty === null || equalBytes(order.counterparty, other.acct);
}

/** Each Item in turn: named by the seller at its version, wanted by the buyer, of the class, and the seller's. */
function tradedItems(op: TradeOp, run: Run): readonly ItemLeaf[] | LedgerCode {
  const sell = op.sell.order;
  const buy = op.buy.order;
  const items: ItemLeaf[] = [];
  for (const serial of op.items) {
    const item = run.view.itemBySerial(serial);
    if (item === null) return 'item_unknown';
    if (isBurned(item)) return 'item_burned';
    const named = sell.items.find((each) => each.serial === serial);
    const wanted = buy.items.length === 0 || buy.items.some((each) => each.serial === serial);
    if (named === undefined || !wanted || item.cls !== sell.cls) return 'order_item_mismatch';
    if (named.ver !== item.ver) return 'version_conflict';
    if (!equalBytes(item.owner, sell.acct)) return 'not_owner';
    items.push(item);
  }
  return items;
}

/** Zero is the absence of a pack: before the first activation takes force, a RecordLeaf has it as `prior`. */
function isPackActive(pack: Bytes, run: Run): boolean {
  return !isZero(pack) && run.view.recordsOfKind(RECORD.rulePack).some((record) => equalBytes(activePack(record, run.context.now), pack));
}

function isExperimentActive(experiment: Bytes | null, run: Run): boolean {
  if (experiment === null) return true;
  return run.view.record(RECORD.experiment, experiment)?.a === BigInt(EXPERIMENT_STATE.testing);
}

export function applyTrade(op: TradeOp, run: Run): LedgerCode | null {
  const { view, signers, context } = run;
  const { now } = context;
  const sell = op.sell.order;
  const buy = op.buy.order;
  if (!isTradeFormed(op)) return 'trade_malformed';
  const sellOpen = openOrder(op.sell, run);
  if (typeof sellOpen === 'string') return sellOpen;
  const buyOpen = openOrder(op.buy, run);
  if (typeof buyOpen === 'string') return buyOpen;
  if (equalBytes(sell.acct, buy.acct)) return 'self_trade';
  if (!isCounterparty(sell, buy) || !isCounterparty(buy, sell)) return 'counterparty_mismatch';
  const items = tradedItems(op, run);
  if (typeof items === 'string') return items;
  const operatorSigned = signers.role(ROLE.operator);
  signers.role(ROLE.settlement);
  const classes = items.map((item) => classOf(view, item));
  const filled = (buyOpen.leaf?.filled ?? 0) + items.length;
  const isAnyLocked = (): boolean => items.map((item) => isLocked(item, run)).some(Boolean);
  const refusal = firstOf(
    () => (operatorSigned ? null : 'role_missing'),
    () => (isPackActive(op.rulePack, run) ? null : 'pack_inactive'),
    () => (isExperimentActive(op.experiment, run) ? null : 'experiment_inactive'),
    () => (isFrozen(accountOf(view, sell.acct), now) || isFrozen(accountOf(view, buy.acct), now) ? 'account_frozen' : null),
    () => (items.some((item) => isFrozen(item, now)) ? 'item_frozen' : null),
    () => (classes.some((cls) => isFrozen(cls, now)) ? 'class_frozen' : null),
    () => (isAnyLocked() ? 'item_locked' : null),
    () => (items.some((item) => isProtected(item, now)) ? 'item_protected' : null),
    () => (classes.some((cls) => cls.transferRule === TRANSFER_RULE.bound) ? 'not_transferable' : null),
    () => (filled > buy.quantity ? 'order_overfilled' : null),
    () => (BigInt(op.protectMs) > MAX_PROTECTION_MS ? 'protection_range' : null),
  );
  if (refusal !== null) return refusal;
  const protectedUntil = now + BigInt(op.protectMs);
  for (const item of items) putMove(run, item, { ...moved(item, buy.acct), protectedUntil });
  putOrder(run, buy, buyOpen, { filled });
  return null;
}

export function applyOrderCancel(op: OrderCancelOp, run: Run): LedgerCode | null {
  const { view, signers, context } = run;
  const { order } = op;
  if (!isOrderFormed(order)) return 'order_invalid';
  if (!equalBytes(order.chain, context.chain)) return 'wrong_chain';
  if (view.accountById(order.acct) === null) return 'account_unknown';
  if (context.now >= order.notAfter) return 'order_expired';
  const id = orderIdOf(order);
  const leaf = view.orderById(id);
  if (leaf?.closed === 1) return 'order_closed';
  if (!signers.signed(order.acct)) return 'signer_missing';
  putOrder(run, order, { id, leaf }, { closed: 1 });
  return null;
}

/** Writes the leaf of an order, at its first fill or its cancellation for the first time. */
function putOrder(run: Run, order: Order, open: OpenOrder, change: { readonly filled?: number; readonly closed?: number }): void {
  const { draft } = run;
  const leaf = open.leaf ?? {
    serial: draft.nextSerial(REGISTER.orders),
    order: open.id,
    quantity: order.quantity,
    filled: 0,
    closed: 0,
    notAfter: order.notAfter,
  };
  draft.putOrder({ ...leaf, ...change });
}
