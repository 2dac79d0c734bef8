/**
 * How the seller of each Trade in a block got its items, by the ledger alone (`ledger.md` 15.3): each item's last move to the seller, in the
 * block at hand or back along its entries, and what that sale was opened to. Whoever got an item back has what it had cost before.
 */
import { NO_ENTRY, REGISTER } from '#ledger/codec/leaves.ts';
import type { Entry } from '#ledger/codec/tx.ts';
import type { CheckSources } from '#ledger/node/consortium/options.ts';
import { type Bytes, isZero, toHex } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import type { ItemOrigin } from '#sandbox/tax/basis-claim.ts';
import type { ReadSale } from './past-sales.ts';

/** Freezes and locks leave entries too; whoever hides a purchase behind more of them than this is asked by people. */
const ENTRIES_MAX = 500;

/** One way back from a Trade to the purchase of one of its items. */
type Walk = {
  readonly pos: number;
  readonly serial: bigint;
  readonly seller: string;
  wasReturned: boolean;
  /** Entry to look at next; null where the way ends. */
  next: bigint | null;
  origin: ItemOrigin | null;
};
type Envelopes = ReadonlyMap<string, Bytes>;

/** By place of a Trade in the block, in the order of its items. */
export async function originsOf(
  { block, envelopes, state, past }: Pick<CheckSources, 'block' | 'envelopes' | 'state' | 'past'>,
  read: ReadSale,
): Promise<ReadonlyMap<number, readonly ItemOrigin[]>> {
  const walks = block.entries.flatMap(({ env: { body } }, pos) => {
    const { op } = body;
    return op.kind === 'trade' ? op.items.map((serial) => startOf(serial, pos, toHex(op.sell.order.acct))) : [];
  });
  for (const walk of walks) {
    for (let at = walk.pos - 1; at >= 0 && walk.origin === null; at--) {
      const entry = block.entries[at];
      if (entry !== undefined) step(walk, entry, envelopes, read);
    }
    walk.next = state.itemBySerial(walk.serial)?.lastEntry ?? null;
  }
  for (let steps = 0; steps < ENTRIES_MAX; steps++) {
    const open = walks.filter(({ origin, next }) => origin === null && next !== null && next !== NO_ENTRY);
    if (open.length === 0) break;
    const found = await past.entriesAt([...new Set(open.flatMap(({ next }) => next ?? []))]);
    const sealed = await past.envelopesOf([...found.values()].map((entry) => ({ entry })));
    for (const walk of open) {
      const entry = walk.next === null ? undefined : found.get(walk.next);
      walk.next = entry === undefined ? null : previous(entry, walk.serial);
      if (entry !== undefined) step(walk, entry, sealed, read);
    }
  }
  const byPlace = Map.groupBy(walks, ({ pos }) => pos);
  return new Map([...byPlace].map(([pos, of]) => [pos, of.map(({ origin }) => origin ?? UNKNOWN)] as const));
}

const UNKNOWN: ItemOrigin = { kind: 'unknown' };
const startOf = (serial: bigint, pos: number, seller: string): Walk => ({
  ...{ pos, serial, seller },
  ...{ wasReturned: false, next: null, origin: null },
});

function step(walk: Walk, entry: Entry, envelopes: Envelopes, read: ReadSale): void {
  const move = moveOf(entry, walk.serial);
  if (move === null) return;
  if (move.to !== walk.seller) {
    // Before it came back, others had it; otherwise the seller is not who the ledger says, which other checks refuse.
    if (!walk.wasReturned) walk.origin = UNKNOWN;
    return;
  }
  if (move.how === 'returned') walk.wasReturned = true;
  else walk.origin = move.how === 'sold' ? costOf(entry, envelopes, read) : { kind: move.how };
}

type Move = { readonly how: 'sold' | 'given' | 'issued' | 'returned'; readonly to: string };

function moveOf(entry: Entry, serial: bigint): Move | null {
  const { op } = entry.env.body;
  switch (op.kind) {
    case 'trade':
      return op.items.includes(serial) ? { how: 'sold', to: toHex(op.buy.order.acct) } : null;
    case 'transfer':
      return op.serial === serial ? { how: 'given', to: toHex(op.to) } : null;
    case 'trade_reverse':
    case 'court_order': {
      const moved = op.items.find((each) => each.serial === serial);
      return moved === undefined ? null : { how: 'returned', to: toHex(moved.to) };
    }
    case 'mint': {
      // Serials are given in the order of its list, and effects ascend by them.
      const issued = op.items[entry.effects.filter(({ reg }) => reg === REGISTER.items).findIndex(({ index }) => index === serial)];
      return issued === undefined ? null : { how: 'issued', to: toHex(issued.to) };
    }
    default:
      return null;
  }
}

/** All units of a sale have one price. */
function costOf(entry: Entry, envelopes: Envelopes, read: ReadSale): ItemOrigin {
  const { op } = entry.env.body;
  const envelope = op.kind === 'trade' && !isZero(op.env) ? envelopes.get(toHex(op.env)) : undefined;
  const sale = envelope === undefined ? null : read(entry, envelope);
  if (op.kind !== 'trade' || sale === null || sale.grossFen % BigInt(op.items.length) !== 0n) return UNKNOWN;
  return { kind: 'bought', costFen: fen(sale.grossFen / BigInt(op.items.length)) };
}

const previous = ({ effects }: Entry, serial: bigint): bigint | null =>
  effects.find(({ reg, index }) => reg === REGISTER.items && index === serial)?.prev ?? null;
