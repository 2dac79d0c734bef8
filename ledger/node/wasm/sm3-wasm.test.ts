import { expect, test } from 'vitest';
import { sm3Portable } from '#ledger/crypto/sm3.ts';
import { fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { startSm3Wasm } from './sm3-wasm.ts';

const hash = startSm3Wasm();
const bytes = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 131 + length) & 0xff);

test('the published examples of GB/T 32905', () => {
  expect(toHex(hash([utf8('abc')], 3))).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
  expect(toHex(hash([fromHex('61626364'.repeat(16))], 64))).toBe('debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732');
});

test('every length over three blocks, and those around the end of its memory, in any parts', () => {
  const lengths = [...Array.from({ length: 200 }, (_, length) => length), 65_279, 65_280, 65_281, 65_343, 65_344, 65_345, 140_000];
  for (const length of lengths) {
    const message = bytes(length);
    const expected = toHex(sm3Portable(message));
    for (const cut of [0, Math.min(1, length), length >>> 1, length]) {
      const parts = [message.subarray(0, cut), message.subarray(cut)];
      if (toHex(hash(parts, length)) !== expected) expect.fail(`${length} bytes, cut at ${cut}`);
    }
  }
});
