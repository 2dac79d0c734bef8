/** Receipts, passports and the trust bundle out of the newest certified block (`ledger.md` 16). */
import type postgres from 'postgres';
import type { Genesis } from '#ledger/codec/genesis.ts';
import { NO_ENTRY, RECORD } from '#ledger/codec/leaves.ts';
import type { Recovery } from '#ledger/codec/recovery.ts';
import { decodeEntry } from '#ledger/codec/tx.ts';
import { assert } from '#ledger/primitives/assert.ts';
import type { ProofSource, ProofView } from '#ledger/proof/build-receipt.ts';
import type { TrustBundle, UpdateLink } from '#ledger/proof/receipt.ts';
import { type StoredEntry, storedEntryOf } from '#ledger/proof/stored-entry.ts';
import { orderLinks } from '#ledger/proof/trust-links.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import { LedgerDamage } from './damage.ts';
import type { Tip } from './open-store.ts';
import type { StoreBase } from './store/base.ts';
import { decodeBlock, readBlock, readEntry } from './store/blocks.ts';

/** The caller holds the state still until the builder has finished. Null before the first block: height 0 has no Finality. */
export function proofSource(sql: postgres.Sql, state: LedgerState, tip: Tip, trust: TrustBundle): ProofSource | null {
  const { header, finality } = tip;
  if (finality === null) return null;
  const view: ProofView = { header, finality, trust, state };
  return { view: () => view, entry: (index) => readStored(sql, index) };
}

export async function readStored(sql: postgres.Sql, index: bigint): Promise<StoredEntry | null> {
  const row = await readEntry(sql, index);
  return row === null ? null : storedEntryOf(row.body, row.leaves);
}

export interface TrustGround {
  readonly sql: postgres.Sql;
  readonly state: LedgerState;
  readonly genesis: Genesis;
  readonly recoveries: readonly Recovery[];
  /** Where the store begins; null: with genesis. */
  readonly base: StoreBase | null;
}

/** Genesis and every configuration since, oldest first, each with its way into a certified log or the Recovery that brought it. */
export async function trustBundle({ sql, state, genesis, recoveries, base }: TrustGround): Promise<TrustBundle> {
  const links: UpdateLink[] = [];
  // Older ones came with the snapshot that the store began with; a predecessor chain's are not this chain's.
  const known = base === null || base.trust === null ? [] : base.trust.links.flatMap((link) => (link.kind === 'update' ? [link] : []));
  let index = state.record(RECORD.config, recordKey.config())?.lastEntry ?? NO_ENTRY;
  while (index !== NO_ENTRY && index >= (base?.logSize ?? 0n)) {
    const row = await readEntry(sql, index);
    const block = row === null ? null : await readBlock(sql, row.height);
    if (row === null || block === null) throw new LedgerDamage(`entries ${index}`, 'a ConfigUpdate or its block is missing');
    const { header, finality } = decodeBlock(block);
    assert(finality !== null, 'a block with entries was voted for');
    const effect = decodeEntry(row.body).effects.find((each) => each.reg === 5);
    assert(effect !== undefined, 'a ConfigUpdate changes a record');
    links.unshift({
      kind: 'update',
      entry: row.body,
      index,
      path: state.log.inclusionPath(Number(index), Number(header.logSize)),
      header,
      finality,
    });
    index = effect.prev;
  }
  return { genesis, links: orderLinks([...known.filter((link) => link.index < (base?.logSize ?? 0n)), ...links], recoveries) };
}
