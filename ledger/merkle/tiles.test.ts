import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Bytes, concat, fromBase64, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { vectorBytes, vectorFiles, vectorText } from '#test/support/published-vectors.ts';
import { LogTree, logLeaf, type TreeHasher } from './log-tree.ts';
import {
  entryBundle,
  parseEntryBundle,
  parseTilePath,
  type TileName,
  tileContent,
  tilePath,
  tilesBetween,
  treeFromTiles,
} from './tiles.ts';

const sha256 = (...parts: readonly Uint8Array[]): Bytes =>
  new Uint8Array(
    createHash('sha256')
      .update(concat(...parts))
      .digest(),
  );
const SHA256: TreeHasher = {
  leaf: (data) => sha256(Uint8Array.of(0), data),
  node: (left, right) => sha256(Uint8Array.of(1), left, right),
  empty: () => sha256(),
};

describe("tessera's published log (SHA-256)", () => {
  const sizes = vectorFiles('tlog-tiles/log')
    .filter((name) => name.startsWith('checkpoint.'))
    .map((name) => Number(name.slice('checkpoint.'.length)))
    .sort((a, b) => a - b);
  test('16 checkpoints', () => expect(sizes).toEqual([...Array(16).keys()]));

  test.each(sizes.filter((size) => size > 0))('the tile and the bundle of size %i lead to the checkpoint', (size) => {
    const [, shown, root = ''] = vectorText(`tlog-tiles/log/checkpoint.${size}`).split('\n');
    expect(shown).toBe(String(size));
    const name: TileName = { level: 0, index: 0, width: size };
    const tile = vectorBytes(`tlog-tiles/log/${tilePath(name)}`);
    const tree = treeFromTiles([tile], SHA256);
    expect(toHex(tree.root())).toBe(toHex(fromBase64(root)));
    expect(toHex(tileContent(tree, name))).toBe(toHex(tile));

    const bundle = vectorBytes(`tlog-tiles/log/${tilePath({ ...name, level: 'entries' })}`);
    const entries = parseEntryBundle(bundle);
    expect(entries.length).toBe(size);
    expect(toHex(entryBundle(entries))).toBe(toHex(bundle));
    const rebuilt = new LogTree(SHA256);
    for (const entry of entries) rebuilt.append(SHA256.leaf(entry));
    expect(toHex(rebuilt.root())).toBe(toHex(fromBase64(root)));
  });
});

test.each([
  [{ level: 0, index: 1234067, width: 256 }, 'tile/0/x001/x234/067'],
  [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
  [{ level: 1, index: 999, width: 255 }, 'tile/1/999.p/255'],
  [{ level: 'entries', index: 1000, width: 1 }, 'tile/entries/x001/000.p/1'],
] as const)('%o is %s', (name, path) => {
  expect(tilePath(name)).toBe(path);
  expect(parseTilePath(path)).toEqual(name);
});

test.each([
  'tile/0/0',
  'tile/0/x000/000',
  'tile/0/000.p/0',
  'tile/0/000.p/256',
  'tile/0/000.p/257',
  'tile/0/000.p/01',
  'tile/6/000',
  'tile/0/../000',
  'tile/0/1000',
  'tile/entry/000',
  '/tile/0/000',
  'tile/0/000/',
])('refuses the path %s', (path) => expect(() => parseTilePath(path)).toThrow('tile_path_malformed'));

test('a log of 70 000 entries: 273 full tiles and one of 112, 1 full and one of 17, one of 1', () => {
  const names = tilesBetween(0, 70_000);
  const at = (level: TileName['level']) => names.filter((name) => name.level === level).map((name) => name.width);
  expect(at(0)).toEqual([...Array.from({ length: 273 }, () => 256), 112]);
  expect(at('entries')).toEqual(at(0));
  expect(at(1)).toEqual([256, 17]);
  expect(at(2)).toEqual([1]);
  expect(at(3)).toEqual([]);
});

test('growing writes each tile in each form once: what tiles were before, plus the difference, is what they are', () => {
  for (const [older, newer] of [
    [0, 1],
    [255, 256],
    [256, 257],
    [300, 300],
    [300, 70_000],
    [65_535, 65_536],
  ] as const) {
    const paths = (from: number, to: number) => tilesBetween(from, to).map(tilePath);
    const all = new Set([...paths(0, older), ...paths(older, newer)]);
    for (const path of paths(0, newer)) expect(all.has(path)).toBe(true);
    const changed = paths(older, newer);
    expect(changed.filter((path) => paths(0, older).includes(path))).toEqual([]);
  }
});

test('upper levels hold the roots of the tiles below', () => {
  const tree = new LogTree();
  for (let i = 0; i < 600; i++) tree.append(logLeaf(utf8(String(i))));
  const upper = tileContent(tree, { level: 1, index: 0, width: 2 });
  for (const index of [0, 1]) {
    const lower = treeFromTiles([tileContent(tree, { level: 0, index, width: 256 })]);
    expect(toHex(upper.slice(index * 32, index * 32 + 32))).toBe(toHex(lower.root()));
  }
});

test('a bundle cut short, and a tile after a partial one, are refused', () => {
  const bundle = entryBundle([utf8('one'), new Uint8Array(0), utf8('three')]);
  expect(parseEntryBundle(bundle).length).toBe(3);
  for (let length = 1; length < bundle.length; length++) {
    if (length === 5 || length === 7) continue; // ends between two entries
    expect(() => parseEntryBundle(bundle.slice(0, length))).toThrow('entry_bundle_malformed');
  }
  expect(() => treeFromTiles([new Uint8Array(32), new Uint8Array(32)])).toThrow('tile_malformed');
  expect(() => treeFromTiles([new Uint8Array(31)])).toThrow('tile_malformed');
});
