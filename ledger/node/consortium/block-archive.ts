/** Certified blocks for peers that are behind, and bodies for those that lack one. */
import type { ServerResponse } from 'node:http';
import { encodeFinality, encodeHeader } from '#ledger/codec/header.ts';
import type { BlockBody, CertifiedBlock } from '#ledger/codec/peer-body.ts';
import { MAX_PEER_BODY } from '#ledger/codec/peer-message.ts';
import { decodeEntry } from '#ledger/codec/tx.ts';
import { encodeWith } from '#ledger/codec/writer.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import type { CertifiedChain } from '../certified-chain.ts';
import { type BlockRow, decodeBlock, readBlock, readEntries, streamBlocks } from '../store/blocks.ts';
import { readProposal } from '../store/consortium.ts';

/** A message holds at most so many bytes of entries, so that its frame stays below the limit of a body. */
const MESSAGE_BYTES = MAX_PEER_BODY - 512 * 1024;
const MESSAGE_BLOCKS = 500;

/** Consecutive blocks from a height on, as many as one message takes; empty when there are none. */
export async function blocksForMessage({ sql, base }: CertifiedChain, from: bigint): Promise<readonly CertifiedBlock[]> {
  if (base !== null && from <= base.height) return [];
  const blocks: CertifiedBlock[] = [];
  let bytes = 0;
  for await (const row of streamBlocks(sql, from)) {
    if (row.finality === null) continue;
    const { header, finality } = decodeBlock(row);
    assert(finality !== null, 'a block above genesis was voted for');
    const rows = await readEntries(sql, header.logSize - BigInt(header.txCount), header.logSize);
    bytes += 700 + rows.reduce((sum, each) => sum + each.body.length, 0);
    if (blocks.length > 0 && (bytes > MESSAGE_BYTES || blocks.length >= MESSAGE_BLOCKS)) return blocks;
    blocks.push({ header, finality, entries: rows.map((each) => decodeEntry(each.body)) });
  }
  return blocks;
}

/** A body that this member was shown, or that of a certified block. */
export async function bodyOf({ sql }: CertifiedChain, height: bigint, header: Uint8Array): Promise<BlockBody | null> {
  const proposed = await readProposal(sql, header);
  if (proposed !== null) return proposed;
  const row = await readBlock(sql, height);
  if (row === null || !equalBytes(row.headerHash, header)) return null;
  const decoded = decodeBlock(row);
  const rows = await readEntries(sql, decoded.header.logSize - BigInt(decoded.header.txCount), decoded.header.logSize);
  return { header: decoded.header, entries: rows.map((each) => decodeEntry(each.body)) };
}

/**
 * `GET /peer/v1/sync?from=h` (`ledger.md` 11): for each certified block its header, Finality and entries, each with a u32 length before
 * it, the entries after their count; `isLight`: none of them, for who keeps headers. Ends at the tip; whoever reads verifies everything.
 */
export async function streamSync({ sql, base }: CertifiedChain, from: bigint, response: ServerResponse, isLight = false): Promise<void> {
  // Its store began later: another member has what is asked for.
  if (base !== null && base.height > 0n && from <= base.height) {
    response.writeHead(410).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' });
  for await (const row of streamBlocks(sql, from < 1n ? 1n : from)) {
    if (response.destroyed) return;
    const bytes = await frameOf(sql, row, isLight);
    if (!response.write(bytes)) await new Promise((resolve) => response.once('drain', resolve));
  }
  response.end();
}

export async function frameOf(sql: CertifiedChain['sql'], row: BlockRow, isLight: boolean): Promise<Uint8Array> {
  const { header, finality } = decodeBlock(row);
  assert(finality !== null, 'a block above genesis was voted for');
  const rows = isLight ? [] : await readEntries(sql, header.logSize - BigInt(header.txCount), header.logSize);
  return encodeWith((writer, entries: typeof rows) => {
    const votes = encodeFinality(finality);
    writer.fixed(encodeHeader(header)).u32(votes.length).fixed(votes).u32(entries.length);
    for (const { body } of entries) writer.u32(body.length).fixed(body);
  }, rows);
}
