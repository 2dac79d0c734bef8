/**
 * The static read API (`ledger.md` 16): files that any web server can hand out and that outlive this one. Written behind Finality,
 * never from the request path; `checkpoint` is written last, so that whatever it promises is there.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type postgres from 'postgres';
import type { LogTree } from '#ledger/merkle/log-tree.ts';
import { entryBundle, TILE_WIDTH, type TileName, tileContent, tilePath, tilesBetween } from '#ledger/merkle/tiles.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, concat, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { checkpointText, parseCheckpoint } from '#ledger/proof/checkpoint.ts';
import { encodeTrustBundle, type TrustBundle } from '#ledger/proof/receipt.ts';
import { readEntries, streamBlocks } from './store/blocks.ts';
import type { Certified, LedgerLog } from './types.ts';

/** Of ended games: each stands for itself, on whichever chain it was made, and the studio that could make it again is gone. */
const ARCHIVES = 'archive';
/** Small blocks come four a second; their partial tiles need not. */
const PAUSE_MS = 1000;

export class Exporter {
  readonly #sql: postgres.Sql;
  readonly #dir: string;
  readonly #chain: Bytes;
  readonly #log: LedgerLog;
  #target: { readonly certified: Certified; readonly trust: () => Promise<TrustBundle> } | null = null;
  #running: Promise<void> | null = null;

  constructor(sql: postgres.Sql, dir: string, chain: Bytes, log: LedgerLog) {
    this.#sql = sql;
    this.#dir = dir;
    this.#chain = chain;
    this.#log = log;
  }

  /** Brings the files up to a certified header, now or after what is under way. */
  follow(certified: Certified, trust: () => Promise<TrustBundle>): void {
    this.#target = { certified, trust };
    this.#running ??= this.#run();
  }

  /** Resolves when the files hold everything that was asked for. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (this.#target !== null) {
        const { certified, trust } = this.#target;
        this.#target = null;
        await this.#export(certified, trust);
        if (this.#target !== null) await pause();
      }
    } catch (error) {
      // A full disk stops the files, not the ledger: the next block tries again from the last checkpoint.
      this.#log.error(`couldn't write the ledger's files: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#running = null;
    }
  }

  async #export({ header, finality, log }: Certified, trust: () => Promise<TrustBundle>): Promise<void> {
    if (finality === null) return;
    const done = await this.#exported();
    if (done !== null && done.height >= header.height) return;
    const size = Number(header.logSize);
    for (const name of tilesBetween(Number(done?.logSize ?? 0n), size)) {
      if (!isHeld(log, name)) continue;
      const content = name.level === 'entries' ? await this.#bundle(name) : tileContent(log, name);
      await this.#write(tilePath(name), content);
      if (name.width === TILE_WIDTH) await rm(path.join(this.#dir, `${tilePath(name)}.p`), { recursive: true, force: true });
    }
    for await (const block of streamBlocks(this.#sql, (done?.height ?? 0n) + 1n)) {
      if (block.height > header.height) break;
      assert(block.finality !== null, 'a block above genesis was voted for');
      await this.#write(`block/${block.height}`, concat(block.header, block.finality));
    }
    await this.#write('trust', encodeTrustBundle(await trust()));
    await this.#write('checkpoint', checkpointText(header, finality));
  }

  async #bundle({ index, width }: TileName): Promise<Bytes> {
    const first = BigInt(index * TILE_WIDTH);
    const rows = await readEntries(this.#sql, first, first + BigInt(width));
    assert(rows.length === width, 'certified entries are stored');
    return entryBundle(rows.map((row) => row.body));
  }

  /** How far the files go; null when there are none of this chain. */
  async #exported(): Promise<{ readonly height: bigint; readonly logSize: bigint } | null> {
    try {
      const { header, logSize, chain } = parseCheckpoint(await readFile(path.join(this.#dir, 'checkpoint'), 'utf8'));
      if (equalBytes(chain, this.#chain)) return { height: header.height, logSize };
      this.#log.info('the files of another chain are replaced', { chain: toHex(chain) });
    } catch (error) {
      const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isAbsent && !(error instanceof ParseError)) throw error;
    }
    await this.#clear();
    return null;
  }

  /** Everything that is written again from the store. */
  async #clear(): Promise<void> {
    const names = await readdir(this.#dir).catch(() => []);
    for (const name of names) if (name !== ARCHIVES) await rm(path.join(this.#dir, name), { recursive: true, force: true });
  }

  async #write(name: string, content: Bytes | string): Promise<void> {
    const file = path.join(this.#dir, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(`${file}.new`, content);
    await rename(`${file}.new`, file);
  }
}

/** A store that began with a snapshot lacks what lies before it: other members' files have that. */
function isHeld(log: LogTree, { level, index }: TileName): boolean {
  const start = index * TILE_WIDTH;
  return level === 'entries' ? start >= log.first : log.first === 0 || log.holds(level * 8, start);
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PAUSE_MS).unref();
  });
}
