/** Brings one block to the disk through lost connections and restarts of the database. */
import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import { type BesideBlock, type BlockWrite, insertBlock, readBlock } from './store/blocks.ts';
import type { LedgerLog } from './types.ts';

const RETRY_MS = 500;

/**
 * Resolves when the block is durable. The same header is tried again for as long as the database is away: this member has signed
 * it and may sign no other at this height. @throws when another block stands there or a constraint refuses this one
 */
export async function storeBlock(sql: postgres.Sql, write: BlockWrite, log: LedgerLog, beside: BesideBlock | null = null): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await insertBlock(sql, write, beside);
      return;
    } catch (error) {
      const outcome = await outcomeOf(sql, write);
      if (outcome === 'stored') return;
      if (outcome === 'other') throw new Error('another process has sealed this height');
      if (outcome === 'absent' && isRefusal(error)) throw error;
      log.error(`couldn't store block ${write.block.height}, trying again: ${error instanceof Error ? error.message : String(error)}`, {
        attempt,
      });
      await sleep(RETRY_MS);
    }
  }
}

/** A commit whose answer was lost may have happened. */
async function outcomeOf(sql: postgres.Sql, write: BlockWrite): Promise<'stored' | 'other' | 'absent' | 'unknown'> {
  try {
    const row = await readBlock(sql, write.block.height);
    if (row === null) return 'absent';
    return equalBytes(row.headerHash, write.block.headerHash) ? 'stored' : 'other';
  } catch {
    return 'unknown';
  }
}

/** SQLSTATE classes that no waiting mends: data exceptions, integrity constraints, syntax and access rules. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(?:22|23|42)...$/.test(error.code);
}
