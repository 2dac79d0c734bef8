/**
 * Certified blocks as a file that goes from hand to hand (`ledger.md` 11, 13.2): the frames of `GET /peer/v1/sync`. Who takes one in trusts
 * nobody: each block must follow from the store, be certified by the configuration in force, and give the roots that it names.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type postgres from 'postgres';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { CertifiedChain } from './certified-chain.ts';
import { frameOf } from './consortium/block-archive.ts';
import { BlockExecutor } from './consortium/block-executor.ts';
import { Mempool } from './consortium/mempool.ts';
import { readBlocks, takeBlock } from './consortium/sync-client.ts';
import { openStore } from './open-store.ts';
import { decodeBlock, readBlock, readHeights, streamBlocks } from './store/blocks.ts';
import type { LedgerLog } from './types.ts';
import { createVerifyPool } from './verify-pool.ts';

export type ImportCode =
  | 'blocks_malformed'
  | 'blocks_other_chain'
  | 'blocks_contradict'
  | 'blocks_gap'
  | 'blocks_not_certified'
  | 'blocks_unsound';

/** What keeps a file out. Blocks before the one it names are in: each is whole. */
export class ImportFault extends Error {
  readonly code: ImportCode;
  readonly height: bigint;
  constructor(code: ImportCode, height: bigint) {
    super(`${code} at height ${height}`);
    this.code = code;
    this.height = height;
  }
}

export type ImportReport = { readonly before: bigint; readonly height: bigint; readonly taken: number; readonly known: number };

/** Heights `from` to `to`, as far as they are here. Resolves with what was written. */
export async function exportBlocks(
  sql: postgres.Sql,
  file: string,
  from: bigint,
  to: bigint | null,
): Promise<{ readonly from: bigint; readonly to: bigint; readonly blocks: number }> {
  const { lowest, highest } = await readHeights(sql);
  const first = [from, lowest, 1n].reduce((a, b) => (a > b ? a : b));
  const last = to === null || to > highest ? highest : to;
  const out = await open(file, 'wx');
  let blocks = 0;
  try {
    for await (const row of streamBlocks(sql, first)) {
      if (row.height > last) break;
      // A store that began with a snapshot has that block without its entries.
      if (row.finality === null) continue;
      await out.write(await frameOf(sql, row, false));
      blocks += 1;
    }
    await out.sync();
  } finally {
    await out.close();
  }
  return { from: first, to: last, blocks };
}

/** Only while the node is down: its lock is the caller's. @throws {ImportFault} */
export async function importBlocks(
  ground: { readonly sql: postgres.Sql; readonly sm2: Sm2; readonly now: () => number; readonly log: LedgerLog },
  file: string,
): Promise<ImportReport> {
  const { sql, sm2, now, log } = ground;
  const opened = await openStore(sql, sm2, BigInt(now()));
  if (opened === null) throw new Error('the database holds no chain: a member begins with genesis or a snapshot');
  const pool = createVerifyPool({ sm2, workers: 0 });
  try {
    const chain = new CertifiedChain({ sql, opened, log, now });
    const verifyMany = (checks: Parameters<typeof pool.verifyBatch>[0]) => pool.verifyBatch(checks);
    const prepareChecks = () => Promise.reject(new Error('a certified block is not judged again'));
    const executor = new BlockExecutor({ chain, self: 0, memory: pool.memory, verifyMany, prepareChecks });
    const context = () => ({
      now: BigInt(now()),
      chain: chain.chain,
      height: chain.tip.header.height + 1n,
      config: chain.config,
      demonstration: chain.isDemonstration,
      formerConfig: chain.formerConfig,
      firstEntry: chain.firstEntry,
      verify: pool.memory.verify.bind(pool.memory),
    });
    const desk = new Mempool({ state: opened.state, context, preverify: async () => undefined, waiting: [] });
    return await takeFile(file, { chain, desk, executor, memory: pool.memory });
  } finally {
    await pool.close();
  }
}

async function takeFile(file: string, ground: Parameters<typeof takeBlock>[0]): Promise<ImportReport> {
  const { chain } = ground;
  const before = chain.tip.header.height;
  let [taken, known] = [0, 0];
  try {
    for await (const block of readBlocks(createReadStream(file))) {
      const { header } = block;
      const tip = chain.tip.header;
      if (!equalBytes(header.chain, chain.chain)) throw new ImportFault('blocks_other_chain', header.height);
      if (header.height <= tip.height) {
        await holdKnown(chain, header);
        known += 1;
        continue;
      }
      if (header.height !== tip.height + 1n) throw new ImportFault('blocks_gap', header.height);
      const fault = await takeBlock(ground, block);
      if (fault !== null) throw new ImportFault(fault.kind === 'unsound' ? 'blocks_unsound' : 'blocks_not_certified', header.height);
      taken += 1;
    }
  } catch (error) {
    if (error instanceof ParseError) throw new ImportFault('blocks_malformed', chain.tip.header.height + 1n);
    throw error;
  }
  return { before, height: chain.tip.header.height, taken, known };
}

/** One that is here already must be the same; one from before the store began says nothing. */
async function holdKnown({ sql }: CertifiedChain, header: Parameters<typeof headerHash>[0]): Promise<void> {
  const row = await readBlock(sql, header.height);
  if (row !== null && !equalBytes(decodeBlock(row).headerHash, headerHash(header)))
    throw new ImportFault('blocks_contradict', header.height);
}
