/** What the ledger would say of an item, a kind or an account, asked before anything is held: the same checks in the same order as
 *  `ledger.md` 6.1, so that a refusal reaches the player with its own code. */
import { RECORD } from '#ledger/codec/leaves.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes, idBytes } from '#ledger/primitives/ids.ts';
import type { StateView } from '#ledger/state/view.ts';
import type { ClassRow, OrderItemRow, OrderRow } from '#server/settlement/model.ts';
import type { ExchangeCode } from './codes.ts';

const BURNED = 1;
const BOUND = 2;

export function refuseItem(pending: StateView, item: OrderItemRow, owner: AccountId, now: bigint): ExchangeCode | null {
  const leaf = pending.itemBySerial(item.serial);
  if (leaf === null) return 'item_unknown';
  if ((leaf.flags & BURNED) !== 0) return 'item_burned';
  if (toHex(leaf.owner) !== owner) return 'not_owner';
  if (leaf.ver !== item.ver) return 'version_conflict';
  if (leaf.frozenUntil > now) return 'item_frozen';
  if (leaf.lockUntil > now) return 'item_locked';
  return leaf.protectedUntil > now ? 'item_protected' : null;
}

export function refuseAccount(pending: StateView, acct: AccountId, now: bigint): ExchangeCode | null {
  const leaf = pending.accountById(accountIdBytes(acct));
  if (leaf === null) return 'account_unknown';
  return leaf.frozenUntil > now ? 'account_frozen' : null;
}

/** `seller`: of the offer that is made or taken; null where nobody is named yet. */
export function refuseKind(pending: StateView, row: ClassRow, now: bigint, seller: AccountId | null): ExchangeCode | null {
  const leaf = pending.classById(row.serial);
  if (leaf === null) return 'class_unknown';
  // From the notice to the end (CN-MK-12): Items stay owned and can be given, nothing of the studio's is sold. After the end they are what
  // their owners have: sold on like any other, and never again by the studio.
  const sunset = pending.record(RECORD.sunset, leaf.issuer);
  const moving = refuseMoving(pending, row, now);
  if (moving === 'not_transferable') return moving;
  if (sunset !== null && (now < sunset.a || seller === row.studioAcct)) return 'studio_sunset';
  return moving;
}

/** Why no item of the kind changes hands at all, given away neither. */
export function refuseMoving(pending: StateView, row: ClassRow, now: bigint): ExchangeCode | null {
  const leaf = pending.classById(row.serial);
  if (leaf === null) return 'class_unknown';
  if (leaf.transferRule === BOUND) return 'not_transferable';
  return leaf.frozenUntil > now ? 'class_frozen' : null;
}

/** Why a resting order can no longer trade, although it stands in the book: its key was replaced, it ran out, it was closed, its owner or
 *  an item of it is frozen or gone. `null`: it can. */
export function faultOf(pending: StateView, order: OrderRow, now: bigint, keyEpoch: number): ExchangeCode | null {
  if (BigInt(order.expiresAt) <= now) return 'order_expired';
  const account = pending.accountById(accountIdBytes(order.acct));
  if (account === null) return 'account_unknown';
  if (account.keyEpoch !== keyEpoch) return 'key_epoch_stale';
  if (account.frozenUntil > now) return 'account_frozen';
  if (pending.orderById(orderKey(order))?.closed === 1) return 'order_closed';
  for (const item of order.items) {
    const code = refuseItem(pending, item, order.acct, now);
    if (code !== null) return code;
  }
  return null;
}

function orderKey(order: OrderRow): Bytes {
  return idBytes(order.orderId);
}
