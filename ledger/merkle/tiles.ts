/** Static files of the log (ledger.md 16): paths and contents as C2SP tlog-tiles. A tile holds 256 hashes, a bundle 256 entries. */
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, concat } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { HASH_BYTES } from './hash-column.ts';
import { LOG_HASHER, LogTree, type TreeHasher } from './log-tree.ts';

export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
const MAX_TILE_LEVEL = 5;

/** `level` 0 to 5, or `entries`; `width` 256 is a full tile, less a partial one. */
export type TileName = { readonly level: number | 'entries'; readonly index: number; readonly width: number };

/** `tile/0/x001/x234/067` for index 1234067, with `.p/<width>` when partial. */
export function tilePath(name: TileName): string {
  const digits = String(name.index).padStart(Math.ceil(String(name.index).length / 3) * 3, '0');
  const groups = digits.match(/\d{3}/g) ?? [];
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${name.level}/${path}${name.width === TILE_WIDTH ? '' : `.p/${name.width}`}`;
}

/** Reads exactly what `tilePath` writes. @throws {ParseError} `tile_path_malformed` */
export function parseTilePath(path: string): TileName {
  const match = /^tile\/(entries|[0-5])\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path);
  const [, level = '', groups = '', width] = match ?? [];
  const name: TileName = {
    level: level === 'entries' ? level : Number(level),
    index: Number(groups.replace(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  if (match === null || name.width > TILE_WIDTH || tilePath(name) !== path) throw new ParseError('tile_path_malformed');
  return name;
}

/** Every tile and bundle of a log of `newer` leaves that the log of `older` leaves did not have in that form. */
export function tilesBetween(older: number, newer: number): readonly TileName[] {
  assert(older >= 0 && older <= newer, 'the older log is not larger');
  const names: TileName[] = [];
  for (let level = 0, was = older, is = newer; level <= MAX_TILE_LEVEL && is > 0; level++) {
    for (let index = Math.floor(was / TILE_WIDTH); index * TILE_WIDTH < is; index++) {
      const width = Math.min(TILE_WIDTH, is - index * TILE_WIDTH);
      if (index * TILE_WIDTH + width <= was) continue;
      if (level === 0) names.push({ level: 'entries', index, width });
      names.push({ level, index, width });
    }
    was = Math.floor(was / TILE_WIDTH);
    is = Math.floor(is / TILE_WIDTH);
  }
  return names;
}

/** The hashes of a tile, `width` × 32 bytes. */
export function tileContent(tree: LogTree, name: TileName): Bytes {
  assert(name.level !== 'entries', 'a bundle of entries holds no hashes');
  const start = name.index * TILE_WIDTH;
  return tree.nodes(name.level * TILE_HEIGHT, start, start + name.width);
}

/** Entries one after the other, each behind its length as big-endian u16. */
export function entryBundle(entries: readonly Uint8Array[]): Bytes {
  return concat(
    ...entries.flatMap((entry) => {
      assert(entry.length <= 0xffff, 'an entry has at most 65 535 bytes');
      return [Uint8Array.of(entry.length >>> 8, entry.length & 0xff), entry];
    }),
  );
}

/** @throws {ParseError} `entry_bundle_malformed` */
export function parseEntryBundle(bytes: Uint8Array): readonly Bytes[] {
  const entries: Bytes[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const end = offset + 2 + (bytes[offset] ?? 0) * 256 + (bytes[offset + 1] ?? 0);
    if (offset + 2 > bytes.length || end > bytes.length || entries.length === TILE_WIDTH) throw new ParseError('entry_bundle_malformed');
    entries.push(bytes.slice(offset + 2, end));
    offset = end;
  }
  return entries;
}

/** The tree behind a log's level-0 tiles, from first to last. The caller compares its root. @throws {ParseError} `tile_malformed` */
export function treeFromTiles(tiles: Iterable<Uint8Array>, hasher: TreeHasher = LOG_HASHER): LogTree {
  const tree = new LogTree(hasher);
  for (const tile of tiles) {
    if (tile.length % HASH_BYTES !== 0 || tile.length > TILE_WIDTH * HASH_BYTES || tree.size % TILE_WIDTH !== 0) {
      throw new ParseError('tile_malformed');
    }
    for (let offset = 0; offset < tile.length; offset += HASH_BYTES) tree.append(tile.subarray(offset, offset + HASH_BYTES));
  }
  return tree;
}
