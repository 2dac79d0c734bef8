/** Makes a snapshot every 20 000 blocks or once a day of header time (`ledger.md` 11), behind the rounds, and keeps the newest. */
import { readdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type postgres from 'postgres';
import type { Genesis } from '#ledger/codec/genesis.ts';
import type { TrustBundle } from '#ledger/proof/receipt.ts';
import type { Certified, LedgerLog } from '../types.ts';
import { stillState, takeSnapshot } from './take-snapshot.ts';

const EVERY_BLOCKS = 20_000n;
const EVERY_MS = 86_400_000n;

export interface SnapshotsOptions {
  readonly sql: postgres.Sql;
  readonly dir: string;
  readonly genesis: Genesis;
  readonly log: LedgerLog;
}

/** Folder of the newest snapshot under `dir`; null when there is none. */
export function newestSnapshot(dir: string): { readonly folder: string; readonly height: bigint } | null {
  const heights = listHeights(dir);
  const newest = heights.at(-1);
  return newest === undefined ? null : { folder: path.join(dir, String(newest)), height: newest };
}

function listHeights(dir: string): readonly bigint[] {
  try {
    const names = readdirSync(dir).filter((name) => /^\d{1,19}$/.test(name));
    return names.map(BigInt).sort((a, b) => (a < b ? -1 : 1));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

export class Snapshots {
  readonly #options: SnapshotsOptions;
  #last: { readonly height: bigint; readonly sealedAt: bigint };
  #running: Promise<void> | null = null;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
    // A restart counts its day from genesis or from the newest one's height: at worst one is made a little early.
    this.#last = { height: newestSnapshot(options.dir)?.height ?? 0n, sealedAt: options.genesis.sealedAt };
  }

  /** Called with the state standing still at this header; it is copied before this returns. */
  follow({ header, finality, state, log }: Certified, trust: () => Promise<TrustBundle>): void {
    const isDue = header.height - this.#last.height >= EVERY_BLOCKS || header.sealedAt - this.#last.sealedAt >= EVERY_MS;
    if (!isDue || finality === null || this.#running !== null) return;
    this.#last = { height: header.height, sealedAt: header.sealedAt };
    const still = stillState(state, header, finality);
    const { sql, dir, genesis } = this.#options;
    const make = async (): Promise<void> => {
      await mkdir(dir, { recursive: true });
      const known = listHeights(dir);
      await takeSnapshot({ sql, genesis, log, still, trust: await trust(), folder: path.join(dir, String(header.height)) });
      for (const old of known) await rm(path.join(dir, String(old)), { recursive: true, force: true });
      this.#options.log.info('a snapshot is made', { height: header.height });
    };
    this.#running = make()
      .catch((error: unknown) =>
        this.#options.log.error(`couldn't make a snapshot: ${error instanceof Error ? error.message : String(error)}`),
      )
      .finally(() => {
        this.#running = null;
      });
  }

  async settled(): Promise<void> {
    await this.#running;
  }
}
