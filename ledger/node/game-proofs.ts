/** What the archive of an ended game proves (`ledger/archive`), out of the certified state and the stored entries. */
import { type ArchivedProof, type GameLeaves, proveEntries, proveLeaves } from '#ledger/archive/build-proofs.ts';
import { type ClassLeaf, type ItemLeaf, NO_ENTRY, RECORD, REGISTER } from '#ledger/codec/leaves.ts';
import { decodeEntry } from '#ledger/codec/tx.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes } from '#ledger/primitives/bytes.ts';
import type { ProofView } from '#ledger/proof/build-receipt.ts';
import { encodeTrustBundle } from '#ledger/proof/receipt.ts';
import type { StoredEntry } from '#ledger/proof/stored-entry.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';

export interface GameProofs {
  readonly header: ProofView['header'];
  readonly leaves: GameLeaves;
  /** How many entries, and from which index of the log on. */
  readonly entries: number;
  readonly entriesFrom: bigint;
  readonly trust: Bytes;
  readonly proofs: readonly ArchivedProof[];
}

/** Null: no end of this account is recorded. */
export function leavesOf(state: LedgerState, studio: Bytes): GameLeaves | null {
  const sunset = state.record(RECORD.sunset, studio);
  if (sunset === null) return null;
  const classes: ClassLeaf[] = [];
  for (const each of state.leaves(REGISTER.classes))
    if (each.reg === REGISTER.classes && equalBytes(each.leaf.issuer, studio)) classes.push(each.leaf);
  const own = new Set(classes.map(({ serial }) => Number(serial)));
  const items: ItemLeaf[] = [];
  for (const each of state.leaves(REGISTER.items)) if (each.reg === REGISTER.items && own.has(each.leaf.cls)) items.push(each.leaf);
  return { sunset, classes, items };
}

/** Every entry that changed one of these leaves, from the newest back: an entry names the one before it. `known` is filled on the way. */
export async function gatherEntries(
  state: LedgerState,
  { sunset, classes, items }: GameLeaves,
  known: Map<bigint, StoredEntry>,
  read: (index: bigint) => Promise<StoredEntry | null>,
): Promise<ReadonlyMap<bigint, StoredEntry>> {
  const first = BigInt(state.log.first);
  const owned: ReadonlyMap<number, ReadonlySet<bigint>> = new Map([
    [REGISTER.items, new Set(items.map(({ serial }) => serial))],
    [REGISTER.classes, new Set(classes.map(({ serial }) => serial))],
    [REGISTER.records, new Set([sunset.serial])],
  ]);
  const found = new Map<bigint, StoredEntry>();
  const open = new Set([sunset, ...classes, ...items].map(({ lastEntry }) => lastEntry));
  for (const index of open) {
    if (index === NO_ENTRY || index < first) continue;
    const stored = known.get(index) ?? (await read(index));
    assert(stored !== null, `entry ${index} of a certified leaf is stored`);
    known.set(index, stored);
    found.set(index, stored);
    // A set is walked to its end, with what is added meanwhile.
    for (const { reg, index: serial, prev } of decodeEntry(stored.entry).effects) if (owned.get(reg)?.has(serial) === true) open.add(prev);
  }
  return found;
}

/** The state stands still at the view's header until this returns. */
export function gameProofs(view: ProofView, leaves: GameLeaves, entries: ReadonlyMap<bigint, StoredEntry>): GameProofs {
  assert(view.trust !== null, 'a member knows the trust bundle of its chain');
  return {
    header: view.header,
    leaves,
    entries: entries.size,
    entriesFrom: BigInt(view.state.log.first),
    trust: encodeTrustBundle(view.trust),
    proofs: [...proveLeaves(view, leaves), ...proveEntries(view, entries)],
  };
}
