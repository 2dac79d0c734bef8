/** Certified blocks out of the tables, as listeners get them: for a follower that was not there when they were sealed. */
import type postgres from 'postgres';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import { decodeEntry, decodeTxEnv } from '#ledger/codec/tx.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { storedEntryOf } from '#ledger/proof/stored-entry.ts';
import { decodeStateLeaf } from '#ledger/state/decode-state-leaf.ts';
import { NOTHING_DISPLACED } from './displaced.ts';
import { signersOf } from './seal.ts';
import { type BlockRow, decodeBlock, readEntries, streamBlocks } from './store/blocks.ts';
import { readDecided } from './store/sequence.ts';
import type { CertifiedBlock, CertifiedTx } from './types.ts';

export async function* certifiedAfter(
  sql: postgres.Sql,
  height: bigint,
  configOf: (height: bigint) => ConsortiumConfig,
): AsyncGenerator<CertifiedBlock> {
  for await (const row of streamBlocks(sql, height + 1n)) {
    const block = await certifiedBlock(sql, row, configOf(row.height));
    if (block !== null) yield block;
  }
}

/** Null for height 0, which nobody voted for. */
async function certifiedBlock(sql: postgres.Sql, row: BlockRow, config: ConsortiumConfig): Promise<CertifiedBlock | null> {
  const { height, header, headerHash, finality } = decodeBlock(row);
  if (finality === null) return null;
  const rows = await readEntries(sql, header.logSize - BigInt(header.txCount), header.logSize);
  const decided = await readDecided(sql, height);
  const seqs = new Map(decided.map((each) => [toHex(each.txId), each.seq]));
  const txs = rows.map((entryRow): CertifiedTx => {
    const entry = decodeEntry(entryRow.body);
    const leaves = storedEntryOf(entryRow.body, entryRow.leaves).leaves.map((bytes, at) =>
      decodeStateLeaf(entry.effects[at]?.reg ?? 0, bytes),
    );
    return { txId: entryRow.txId, seq: seqs.get(toHex(entryRow.txId)) ?? 0n, index: entryRow.index, pos: entry.pos, entry, leaves };
  });
  const refused = decided.flatMap(({ seq, txId, env, refusedCode }) => {
    if (refusedCode === null) return [];
    assert(env !== null, 'a refused LedgerTx is kept');
    return [{ txId, seq, env: decodeTxEnv(env), code: refusedCode }];
  });
  return { height, header, headerHash, finality, signers: signersOf(finality, config), txs, refused, displaced: NOTHING_DISPLACED };
}
