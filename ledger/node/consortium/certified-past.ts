/** What this member has certified before, in its own store: what a check may add up without anybody's word (`ledger.md` 15.3). */
import { decodeHeader, type Header } from '#ledger/codec/header.ts';
import { decodeEntry, type Entry } from '#ledger/codec/tx.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, isZero } from '#ledger/primitives/bytes.ts';
import type { CertifiedChain } from '../certified-chain.ts';
import { type BlockRow, readBlock, readEntries, readEntriesAt, readHeights } from '../store/blocks.ts';
import { readEnvelopes } from '../store/envelopes.ts';

export interface PastEntry {
  readonly index: bigint;
  readonly entry: Entry;
  /** Of its block. */
  readonly sealedAt: bigint;
}

export interface CertifiedPast {
  /** Entries of the chain at its tip; their indices lie below it. */
  readonly logSize: bigint;
  /** Index of the first entry sealed at the time or after. `isWhole`: false where this store begins later than that. */
  since(time: bigint): Promise<{ readonly from: bigint; readonly isWhole: boolean }>;
  /** `from` to before `to`, in order. */
  entries(from: bigint, to: bigint): Promise<readonly PastEntry[]>;
  /** By their place in the log; one that this store does not have is left out. */
  entriesAt(indices: readonly bigint[]): Promise<ReadonlyMap<bigint, Entry>>;
  /** Those of Trades among them that are here, by hash in hex. */
  envelopesOf(entries: readonly Pick<PastEntry, 'entry'>[]): Promise<ReadonlyMap<string, Bytes>>;
}

export function certifiedPast({ sql, base, certified }: Pick<CertifiedChain, 'sql' | 'base' | 'certified'>): CertifiedPast {
  const headerAt = async (height: bigint): Promise<Header> => headerOf(await readBlock(sql, height));
  return {
    logSize: certified.header.logSize,
    async since(time) {
      const { lowest, highest } = await readHeights(sql);
      let [low, high] = [lowest, highest + 1n];
      // Block times rise strictly.
      while (low < high) {
        const middle = (low + high) / 2n;
        if ((await headerAt(middle)).sealedAt >= time) high = middle;
        else low = middle + 1n;
      }
      if (low > highest) return { from: certified.header.logSize, isWhole: true };
      const { logSize, txCount } = await headerAt(low);
      return { from: logSize - BigInt(txCount), isWhole: low > lowest || base === null };
    },
    async entries(from, to) {
      const rows = await readEntries(sql, from, to);
      const times = new Map<bigint, bigint>();
      for (const height of new Set(rows.map((row) => row.height))) times.set(height, (await headerAt(height)).sealedAt);
      return rows.map(({ index, height, body }) => {
        const sealedAt = times.get(height);
        assert(sealedAt !== undefined, 'an entry stands in a block');
        return { index, entry: decodeEntry(body), sealedAt };
      });
    },
    async entriesAt(indices) {
      const rows = await readEntriesAt(sql, indices);
      return new Map(rows.map(({ index, body }) => [index, decodeEntry(body)]));
    },
    envelopesOf: (entries) =>
      readEnvelopes(
        sql,
        entries.flatMap(({ entry: { env } }) => {
          const { op } = env.body;
          return op.kind === 'trade' && !isZero(op.env) ? [op.env] : [];
        }),
      ),
  };
}

function headerOf(row: BlockRow | null): Header {
  assert(row !== null, 'blocks lie without a gap between the lowest and the highest');
  return decodeHeader(row.header);
}
