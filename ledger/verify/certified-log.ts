/**
 * The log as anybody reads it who has only its static files (`ledger.md` 16) and the chain's own votes: the newest entries, what is certified
 * later, and older ones backwards, all held against the newest certified header. Whoever serves the files is untrusted.
 */
import { decodeEntry, type Entry } from '#ledger/codec/tx.ts';
import { SignatureMemory } from '#ledger/crypto/signature-memory.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { HASH_BYTES } from '#ledger/merkle/hash-column.ts';
import { LogTree, logLeaf } from '#ledger/merkle/log-tree.ts';
import { parseEntryBundle, TILE_WIDTH, type TileName, tilePath, treeFromTiles } from '#ledger/merkle/tiles.ts';
import { type Bytes, equalBytes, fromUtf8 } from '#ledger/primitives/bytes.ts';
import { type Checkpoint, parseCheckpoint } from '#ledger/proof/checkpoint.ts';
import { decodeTrustBundle } from '#ledger/proof/receipt.ts';
import { chainIdOf } from '#ledger/tx/ids.ts';
import { type Consortium, verifyCertified, verifyGenesis, verifyLinks } from './consortium.ts';
import { demand } from './verdict.ts';

/** A file below `/ledger/v1/`; `null` when there is none. */
export type ReadLogFile = (path: string) => Promise<Bytes | null>;

export interface LogEntry {
  readonly index: number;
  readonly entry: Entry;
}

/** A file that the newest checkpoint promises is not there: it was replaced meanwhile, or is withheld. Ask again. */
export class LogFileMissing extends Error {
  constructor(path: string) {
    super(`the ledger's file ${path} is not there`);
    this.name = 'LogFileMissing';
  }
}

export interface CertifiedLogOptions {
  readonly file: ReadLogFile;
  readonly sm2: Sm2;
  /** What the genesis is held against; without it the chain is the one that is served, and whoever shows this names it. */
  readonly chain?: Uint8Array;
}

export class CertifiedLog {
  readonly #file: ReadLogFile;
  readonly #sm2: SignatureMemory;
  readonly #chain: Uint8Array | null;
  #consortium: Consortium | null = null;
  #tip: Checkpoint | null = null;
  /** What is proven and enough to go on: size and frontier. */
  #end: LogTree = new LogTree();
  /** Roots of the whole bundles that were there at the first look, as the tree has them 8 levels up. */
  #bundles: LogTree = new LogTree();
  /** Bundles below this number have not been read. */
  #unread = 0;

  constructor({ file, sm2, chain }: CertifiedLogOptions) {
    this.#file = file;
    this.#sm2 = new SignatureMemory(sm2);
    this.#chain = chain ?? null;
  }

  /** The newest checkpoint that holds; `null` before anything is certified. */
  get tip(): Checkpoint | null {
    return this.#tip;
  }

  /** Where this chain's own entries begin: below lie those of a predecessor. */
  get origin(): number {
    return Number(this.#consortium?.genesis.predecessor?.header.logSize ?? 0n);
  }

  /** Whether `older` has come to the beginning. */
  get isWhole(): boolean {
    return this.#unread * TILE_WIDTH <= this.origin;
  }

  /**
   * What was certified since the last call, in the log's order; at the first call the newest bundle. Appending them to what was proven before
   * gives the root that the votes are for, so nothing before them can have changed either. @throws {VerifyFailure | ParseError} when the files
   * are not this chain's or not whole, {LogFileMissing}; keeps what it had
   */
  async advance(): Promise<readonly LogEntry[]> {
    const text = await this.#file('checkpoint');
    if (text === null) return [];
    const checkpoint = parseCheckpoint(fromUtf8(text));
    const { header } = checkpoint;
    if (this.#tip !== null && header.height <= this.#tip.header.height) return [];
    await this.#verify(checkpoint);
    const size = Number(checkpoint.logSize);
    const isFirst = this.#tip === null;
    const bundles = isFirst ? await this.#readBundleRoots(Math.floor(Math.max(size - 1, 0) / TILE_WIDTH), size) : this.#bundles;
    const known = isFirst ? LogTree.fromFrontier(bundles.size * TILE_WIDTH, bundles.frontier()) : this.#end;
    demand(size >= known.size, 'E40', 'log_runs_backwards', { size, known: known.size });
    const tree = LogTree.fromFrontier(known.size, known.frontier());
    const fresh: LogEntry[] = [];
    for (let bundle = Math.floor(known.size / TILE_WIDTH); bundle * TILE_WIDTH < size; bundle++) {
      const first = bundle * TILE_WIDTH;
      const entries = await this.#readBundle(bundle, Math.min(TILE_WIDTH, size - first));
      for (const [at, bytes] of entries.entries()) {
        const index = first + at;
        if (index < known.size) continue;
        tree.append(logLeaf(bytes));
        if (index >= this.origin) fresh.push({ index, entry: decodeEntry(bytes) });
      }
    }
    demand(tree.size === size && equalBytes(tree.root(), header.logRoot), 'E40', 'not_in_the_log', { size });
    this.#end = tree;
    this.#tip = checkpoint;
    if (isFirst) {
      this.#bundles = bundles;
      this.#unread = bundles.size;
    }
    return fresh;
  }

  /** The 256 entries before the oldest that was read; none at the beginning. @throws like `advance` */
  async older(): Promise<readonly LogEntry[]> {
    if (this.isWhole) return [];
    const bundle = this.#unread - 1;
    const entries = await this.#readBundle(bundle, TILE_WIDTH);
    const tree = new LogTree();
    for (const bytes of entries) tree.append(logLeaf(bytes));
    const isProven = tree.size === TILE_WIDTH && equalBytes(tree.root(), this.#bundles.leafHash(bundle));
    demand(isProven, 'E40', 'not_in_the_log', { bundle });
    const first = bundle * TILE_WIDTH;
    const read = entries.map((bytes, at): LogEntry => ({ index: first + at, entry: decodeEntry(bytes) }));
    this.#unread = bundle;
    return read.filter(({ index }) => index >= this.origin);
  }

  async #verify({ header, finality }: Checkpoint): Promise<void> {
    const isKnown = (epoch: number) => this.#consortium?.eras.some(({ config }) => config.epoch === epoch) === true;
    // Another epoch comes with another link; the bundle is small and asked for only then.
    if (this.#consortium === null || !isKnown(header.epoch) || !isKnown(finality.epoch)) {
      const trust = decodeTrustBundle(await this.#need('trust'));
      const chain = this.#consortium?.chain ?? this.#chain ?? chainIdOf(trust.genesis);
      this.#consortium = verifyLinks(verifyGenesis(trust.genesis, chain, this.#sm2), trust, this.#sm2);
    }
    verifyCertified(this.#consortium, header, finality, this.#sm2);
  }

  /** Of the first `count` whole bundles. They are only claimed until the root over them and what follows is compared. */
  async #readBundleRoots(count: number, size: number): Promise<LogTree> {
    const tiles: Bytes[] = [];
    const complete = Math.floor(size / TILE_WIDTH);
    for (let index = 0; index * TILE_WIDTH < count; index++) {
      const width = Math.min(TILE_WIDTH, complete - index * TILE_WIDTH);
      const hashes = await this.#tile({ level: 1, index, width });
      tiles.push(hashes.slice(0, Math.min(TILE_WIDTH, count - index * TILE_WIDTH) * HASH_BYTES));
    }
    return treeFromTiles(tiles);
  }

  async #readBundle(index: number, width: number): Promise<readonly Bytes[]> {
    const entries = parseEntryBundle(await this.#tile({ level: 'entries', index, width }));
    return entries.slice(0, width);
  }

  /** A partial one is gone once the whole one is written, which begins with the same. */
  async #tile(name: TileName): Promise<Bytes> {
    const own = await this.#file(tilePath(name));
    if (own !== null || name.width === TILE_WIDTH) return own ?? this.#need(tilePath(name));
    return this.#need(tilePath({ ...name, width: TILE_WIDTH }));
  }

  async #need(path: string): Promise<Bytes> {
    const bytes = await this.#file(path);
    if (bytes === null) throw new LogFileMissing(path);
    return bytes;
  }
}
