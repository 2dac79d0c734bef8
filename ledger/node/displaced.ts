/**
 * Whoever sequences LedgerTx tells its books where Items stand before a block says so. A block may decide otherwise: a LedgerTx is refused
 * and later Mints move up, another leader proposes in another order, a LedgerTx comes in that was never sequenced here. These are the
 * Items about which the books are wrong then.
 */
import type { ItemLeaf } from '#ledger/codec/leaves.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import type { OverlayState } from './overlay-state.ts';
import type { BesideBlock } from './store/blocks.ts';
import type { Displaced, LedgerOptions } from './types.ts';

/** `before` and `after`: what waited on the state before the block, and what is left on the state after it. `changed`: by the block. */
export function displacedItems(before: OverlayState, after: OverlayState, changed: readonly bigint[], now: bigint): readonly bigint[] {
  const byBlock = new Set(changed);
  const touched = new Set([...before.changedItems(), ...after.changedItems(), ...changed]);
  return [...touched].filter((serial) => {
    // The base of `before` has moved by the block: of an Item that only the block changed, the books were told nothing.
    const told = before.changedItem(serial) ?? (byBlock.has(serial) ? null : before.itemBySerial(serial));
    return !standsAlike(told, after.itemBySerial(serial), now);
  });
}

/** Times that count from the block differ by the time between sequencing and sealing; that moves no Item. */
function standsAlike(told: ItemLeaf | null, leaf: ItemLeaf | null, now: bigint): boolean {
  if (told === null || leaf === null) return told === leaf;
  return (
    told.ver === leaf.ver &&
    told.flags === leaf.flags &&
    told.cls === leaf.cls &&
    equalBytes(told.ext, leaf.ext) &&
    equalBytes(told.owner, leaf.owner) &&
    told.frozenUntil > now === leaf.frozenUntil > now
  );
}

/** What stands beside the block in its database transaction; null: nobody keeps books here. */
export function besideBlock(onDisplaced: LedgerOptions['onDisplaced'] | null, displaced: Displaced): BesideBlock | null {
  return onDisplaced === undefined || onDisplaced === null ? null : (tx) => onDisplaced(tx, displaced);
}
