import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readArtFormat } from './art-format.ts';

const bytes = (...parts: readonly (string | readonly number[] | Uint8Array)[]) =>
  new Uint8Array(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part)))));
const u32 = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const le = (value: number, length: number) => Array.from({ length }, (_, index) => Math.floor(value / 256 ** index) & 255);

const png = bytes([0x89], 'PNG\r\n', [0x1a, 0x0a], u32(13), 'IHDR', u32(40), u32(30), [8, 2, 0, 0, 0], u32(0), deflateSync('x'));
/** APP0, a fill byte, then SOF2 (progressive) with height 30 and width 40. */
const jpeg = bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2], [0xff, 0xff, 0xc2, 0, 11, 8, 0, 30, 0, 40, 1, 1, 0x11, 0]);
const riff = (chunk: string, ...parts: readonly (readonly number[])[]) => {
  const body = bytes(
    'WEBP',
    chunk,
    le(20, 4),
    ...parts,
    Array.from({ length: 12 }, () => 0),
  );
  return bytes('RIFF', le(body.length, 4), body);
};
const lossy = riff('VP8 ', [0x10, 0, 0, 0x9d, 0x01, 0x2a], le(40, 2), le(30, 2));
const lossless = riff('VP8L', [0x2f], le(39 + 29 * 2 ** 14, 4));
const extended = (flags: number) => riff('VP8X', [flags, 0, 0, 0], le(39, 3), le(29, 3));

describe('the format of a picture', () => {
  test.each([
    ['PNG', png, 'image/png'],
    ['JPEG', jpeg, 'image/jpeg'],
    ['WebP, lossy', lossy, 'image/webp'],
    ['WebP, lossless', lossless, 'image/webp'],
    ['WebP, extended', extended(0), 'image/webp'],
  ])('%s is told by its bytes, with its size', (_, picture, type) =>
    expect(readArtFormat(picture)).toEqual({ type, width: 40, height: 30 }),
  );

  test.each([
    ['nothing', bytes('')],
    ['SVG', bytes('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')],
    ['SVG behind a declaration', bytes('<?xml version="1.0"?><svg/>'.padEnd(64))],
    [
      'GIF',
      bytes(
        'GIF89a',
        le(40, 2),
        le(30, 2),
        Array.from({ length: 40 }, () => 0),
      ),
    ],
    ['a page', bytes('<!doctype html><script>alert(1)</script>')],
    ['a PNG signature alone', png.slice(0, 8)],
    ['a PNG without IHDR', bytes(png.slice(0, 12), 'IDAT', png.slice(16))],
    ['a PNG without width', bytes(png.slice(0, 16), u32(0), png.slice(20))],
    ['a JPEG that begins its scan before its frame', bytes([0xff, 0xd8, 0xff, 0xda, 0, 4, 1, 2, 3, 4, 5, 6])],
    ['a JPEG whose segment has no length', bytes([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['a WebP with an animation', extended(0b10)],
    [
      'a RIFF that is no WebP',
      bytes(
        'RIFF',
        le(40, 4),
        'WAVE',
        Array.from({ length: 40 }, () => 0),
      ),
    ],
    ['a WebP that is cut off', lossy.slice(0, 29)],
  ])('%s is none', (_, picture) => expect(readArtFormat(picture)).toBeNull());

  test('whatever the bytes, there is an answer', () => {
    const heads = fc.constantFrom(png.slice(0, 20), jpeg.slice(0, 6), lossy.slice(0, 20), extended(0).slice(0, 24), bytes(''));
    fc.assert(
      fc.property(heads, fc.uint8Array({ maxLength: 60 }), (head, tail) => {
        const format = readArtFormat(bytes(head, tail));
        expect(format === null || (format.width > 0 && format.height > 0)).toBe(true);
      }),
    );
  });
});
