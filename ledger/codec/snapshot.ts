/**
 * A snapshot of the certified state (`ledger.md` 11): the manifest, and the contents of its files. A file holds the leaves of a register
 * one after the other, or bodies (`BODIES`); its `sm3` is of these bytes, whatever they are packed in. What the last day recorded lies
 * beside them, so that a LedgerTx of that day is not taken twice.
 */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Finality, type Header, readFinality, readHeader, writeFinality, writeHeader } from './header.ts';
import { decodeWith, type Reader, requireAscending } from './reader.ts';
import { type Certified, readCertified, writeCertified } from './recovery.ts';
import { MAX_ENTRY_BYTES } from './tx.ts';
import { encodeWith, type Writer } from './writer.ts';

export const CHUNK_LEAVES = 65_536;
/** In place of a register: bodies of policies and configurations, by their hashes. */
export const BODIES = 0;
export const BODY_KIND = { policy: 0, config: 1 } as const;
const MAX_FRONTIER = 64;
const MAX_FILES = 1 << 20;
const MAX_BODY_BYTES = 1 << 20;

export interface SnapshotFile {
  readonly reg: number;
  readonly chunk: number;
  /** Leaves or bodies in it. */
  readonly count: number;
  readonly sm3: Bytes;
}

export interface Manifest {
  readonly height: bigint;
  readonly header: Header;
  readonly finality: Finality;
  /** Of the log, largest first. */
  readonly frontier: readonly Bytes[];
  /** By register, then chunk. */
  readonly files: readonly SnapshotFile[];
}

export interface SnapshotBody {
  /** `BODY_KIND` */
  readonly kind: number;
  readonly body: Bytes;
}

/** The end of the log: whatever may still be inside the 24 hours of its window. */
export interface RecentEntries {
  /** The block before, older than a day; null: the log begins here. */
  readonly before: Certified | null;
  /** Of the log at `before`. */
  readonly frontier: readonly Bytes[];
  /** PCE of the entries, to the end of the log. */
  readonly entries: readonly Bytes[];
}

function writeManifest(writer: Writer, manifest: Manifest): void {
  writer.u64(manifest.height);
  writeHeader(writer, manifest.header);
  writeFinality(writer, manifest.finality);
  writer.vec(manifest.frontier, (w, hash) => w.b32(hash));
  writer.vec(manifest.files, (w, file) => w.u8(file.reg).u32(file.chunk).u32(file.count).b32(file.sm3));
}

function readManifest(reader: Reader): Manifest {
  const manifest: Manifest = {
    height: reader.u64(),
    header: readHeader(reader),
    finality: readFinality(reader),
    frontier: readFrontier(reader),
    files: reader.vec((r): SnapshotFile => ({ reg: r.u8(), chunk: r.u32(), count: r.u32(), sm3: r.b32() }), {
      smallest: 41,
      max: MAX_FILES,
    }),
  };
  if (manifest.height !== manifest.header.height) throw new ParseError('manifest_height', { height: manifest.height.toString() });
  requireAscending(manifest.files, (a, b) => a.reg - b.reg || a.chunk - b.chunk, 'files');
  return manifest;
}

const readFrontier = (reader: Reader): readonly Bytes[] => reader.vec((r) => r.b32(), { smallest: 32, max: MAX_FRONTIER });

export const encodeManifest = (manifest: Manifest): Bytes => encodeWith(writeManifest, manifest);
/** @throws {ParseError} */
export const decodeManifest = (bytes: Uint8Array): Manifest => decodeWith(readManifest, bytes);

export const encodeBodies = (bodies: readonly SnapshotBody[]): Bytes =>
  encodeWith((writer, items: readonly SnapshotBody[]) => {
    for (const { kind, body } of items) writer.u8(kind).bytes(body);
  }, bodies);

/** @throws {ParseError} */
export function decodeBodies(bytes: Uint8Array, count: number): readonly SnapshotBody[] {
  return decodeWith((reader) => {
    const bodies: SnapshotBody[] = [];
    for (let at = 0; at < count; at++) {
      const kind = reader.u8();
      if (kind > BODY_KIND.config) throw new ParseError('pce_unknown_variant', { kind });
      bodies.push({ kind, body: reader.bytes(MAX_BODY_BYTES) });
    }
    return bodies;
  }, bytes);
}

export const encodeRecent = (recent: RecentEntries): Bytes =>
  encodeWith((writer, { before, frontier, entries }: RecentEntries) => {
    writer.option(before, writeCertified).vec(frontier, (w, hash) => w.b32(hash));
    writer.vec(entries, (w, entry) => w.bytes(entry));
  }, recent);

/** @throws {ParseError} */
export const decodeRecent = (bytes: Uint8Array): RecentEntries =>
  decodeWith(
    (reader): RecentEntries => ({
      before: reader.option(readCertified),
      frontier: readFrontier(reader),
      entries: reader.vec((r) => r.bytes(MAX_ENTRY_BYTES), { smallest: 1 }),
    }),
    bytes,
  );
