/** Which public keys have a table in this thread (`wasm/sm2-comb.ts`): those that have signed often enough to be worth it, the ones used last. */
import { type Sm2Comb, startSm2Comb } from './wasm/sm2-comb.ts';

/** A table costs some ten verifications and takes 100 KB; those of the least used keys make room. */
const USES_FOR_TABLE = 12;
const TABLES_KEPT = 128;

export interface TabledKey {
  readonly publicKey: Uint8Array;
  /** Good signatures seen so far: nobody gets a table for bad ones. */
  uses: number;
  slot: number | null;
}

export interface Sm2Tables {
  /** The answer of the key's table, else that of `slow`, which also decides where the table's formulas do not hold. */
  verify(key: TabledKey, digest: () => Uint8Array, signature: Uint8Array, slow: () => boolean): boolean;
}

export function openSm2Tables(kept = TABLES_KEPT): Sm2Tables {
  const owners: { readonly key: TabledKey; usedAt: number }[] = [];
  let uses = 0;
  /** Null: this runtime has no WebAssembly. */
  let comb: Sm2Comb | null | undefined;

  const give = (key: TabledKey, digest: Uint8Array, signature: Uint8Array): void => {
    comb ??= comb === null ? null : startOrNull(kept);
    if (comb === null) return;
    const slot = owners.length < kept ? owners.length : oldest(owners);
    const evicted = owners[slot];
    if (evicted !== undefined) {
      evicted.key.slot = null;
      evicted.key.uses = 0;
    }
    owners[slot] = { key, usedAt: uses };
    comb.load(slot, key.publicKey);
    // It has to agree with the one who has just answered before it answers itself.
    if (comb.verify(slot, digest, signature) === true) key.slot = slot;
    else key.uses = Number.NEGATIVE_INFINITY;
  };

  return {
    verify: (key, digestOf, signature, slow) => {
      if (key.slot !== null && comb !== null && comb !== undefined) {
        const owner = owners[key.slot];
        if (owner !== undefined) owner.usedAt = ++uses;
        return comb.verify(key.slot, digestOf(), signature) ?? slow();
      }
      const isValid = slow();
      if (!isValid) return false;
      key.uses += 1;
      if (key.uses >= USES_FOR_TABLE) give(key, digestOf(), signature);
      return true;
    },
  };
}

function startOrNull(kept: number): Sm2Comb | null {
  try {
    return startSm2Comb(kept);
  } catch {
    return null; // OpenSSL goes on alone
  }
}

function oldest(owners: readonly { readonly usedAt: number }[]): number {
  let slot = 0;
  for (const [index, { usedAt }] of owners.entries()) if (usedAt < (owners[slot]?.usedAt ?? 0)) slot = index;
  return slot;
}
