/**
 * Whoever sequences LedgerTx tells its books where Items stand before a block says so. A block may decide otherwise: a LedgerTx is refused
 * and later Mints move up, another leader proposes in another order, a LedgerTx comes in that was never sequenced here. These are the
 * Items and Classes about which the books are wrong then.
 */
import { type ClassLeaf, type ItemLeaf, REGISTER, type StateLeaf } from '#ledger/codec/leaves.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import type { OverlayState } from './overlay-state.ts';
import type { BesideBlock } from './store/blocks.ts';
import type { Displaced, DisplacedSerials, LedgerOptions } from './types.ts';

export const NOTHING_DISPLACED: DisplacedSerials = { items: [], classes: [] };

export const isDisplaced = ({ items, classes }: DisplacedSerials): boolean => items.length > 0 || classes.length > 0;

/** `before` and `after`: what waited on the state before the block, and what is left on the state after it. `changed`: by the block. */
export function displacedSerials(before: OverlayState, after: OverlayState, changed: readonly StateLeaf[], now: bigint): DisplacedSerials {
  const serials = (reg: StateLeaf['reg']) => changed.flatMap((state) => (state.reg === reg ? [state.leaf.serial] : []));
  return {
    items: displacedItems(before, after, serials(REGISTER.items), now),
    classes: displacedClasses(before, after, serials(REGISTER.classes)),
  };
}

/** A Class is what its number names; what else its leaf says was never told. */
function displacedClasses(before: OverlayState, after: OverlayState, changed: readonly bigint[]): readonly bigint[] {
  const byBlock = new Set(changed);
  const touched = new Set([...before.changedClasses(), ...after.changedClasses(), ...changed]);
  return [...touched].filter((serial) => {
    const told = before.changedClass(serial) ?? (byBlock.has(serial) ? null : before.classById(Number(serial)));
    return !namesAlike(told, after.classById(Number(serial)));
  });
}

function namesAlike(told: ClassLeaf | null, leaf: ClassLeaf | null): boolean {
  if (told === null || leaf === null) return told === leaf;
  return equalBytes(told.issuer, leaf.issuer) && equalBytes(told.ext, leaf.ext);
}

function displacedItems(before: OverlayState, after: OverlayState, changed: readonly bigint[], now: bigint): readonly bigint[] {
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
