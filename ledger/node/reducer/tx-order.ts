/**
 * LedgerTx build on each other (a Mint on its kind, serials on every Mint before), so whoever leads proposes them in the order of the
 * sequence. Messages get lost and come twice; what the sequencer sends in one message stands in that order, and so it stays here.
 */
import { encodeTxEnv, type TxEnv } from '#ledger/codec/tx.ts';

/** In one message: well below the 4 MiB of a peer's body (`ledger.md` 21). */
const SLICE_TXS = 500;
const SLICE_BYTES = 1 << 20;

/**
 * What waits, with what the sequencer told in its order. Everything told stands together, at the place of the first of it that was known;
 * nothing of it known: at the end. What was not told keeps its place.
 */
export function mergeInOrder<T>(known: ReadonlyMap<string, T>, told: ReadonlyMap<string, T>): Map<string, T> {
  const merged = new Map<string, T>();
  const place = (): void => {
    for (const [key, value] of told) merged.set(key, known.get(key) ?? value);
  };
  for (const [key, value] of known) {
    if (!told.has(key)) merged.set(key, value);
    else if (!merged.has(key)) place();
  }
  place();
  return merged;
}

/** Slices for messages. Each but the first begins with the last of the one before: a slice that is late still finds its place. */
export function slicesInOrder(envs: readonly TxEnv[]): readonly (readonly TxEnv[])[] {
  const slices: TxEnv[][] = [];
  let bytes = 0;
  for (const [at, env] of envs.entries()) {
    const size = encodeTxEnv(env).length;
    const last = slices.at(-1);
    const before = envs[at - 1];
    if (last !== undefined && last.length < SLICE_TXS && bytes + size <= SLICE_BYTES) {
      last.push(env);
      bytes += size;
      continue;
    }
    slices.push(before === undefined ? [env] : [before, env]);
    bytes = size + (before === undefined ? 0 : encodeTxEnv(before).length);
  }
  return slices;
}
