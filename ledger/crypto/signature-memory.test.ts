import { expect, test } from 'vitest';
import { concat } from '#ledger/primitives/bytes.ts';
import { SignatureMemory } from './signature-memory.ts';
import type { Sm2 } from './sm2.ts';

/** Accepts signatures that begin with 1, and counts how often it was asked. */
function counting(): { readonly sm2: Sm2; readonly asked: () => number } {
  let asked = 0;
  return {
    asked: () => asked,
    sm2: {
      sign: () => new Uint8Array(64),
      verify: (_publicKey, _message, signature) => {
        asked += 1;
        return signature[0] === 1;
      },
    },
  };
}
const key = (value: number) => new Uint8Array(64).fill(value);
const good = new Uint8Array(64).fill(1);
const bad = new Uint8Array(64).fill(2);

test('a triple is verified once, whether it holds or not, and another triple is another question', () => {
  const { sm2, asked } = counting();
  const memory = new SignatureMemory(sm2);
  for (let round = 0; round < 3; round++) {
    expect(memory.verify(key(7), Uint8Array.of(1), good)).toBe(true);
    expect(memory.verify(key(7), Uint8Array.of(1), bad)).toBe(false);
  }
  expect(asked()).toBe(2);
  memory.verify(key(8), Uint8Array.of(1), good);
  memory.verify(key(7), Uint8Array.of(2), good);
  expect(asked()).toBe(4);
});

test('bytes cannot wander between key, message and signature', () => {
  const { sm2 } = counting();
  const memory = new SignatureMemory(sm2);
  expect(memory.verify(key(7), Uint8Array.of(2, 3), concat(good))).toBe(true);
  expect(memory.find(key(7).slice(0, 63), Uint8Array.of(7, 2, 3), good)).toBe(null);
});

test('failures push out failures only, and are forgotten when asked', () => {
  const { sm2, asked } = counting();
  const memory = new SignatureMemory(sm2, { verified: 2, failed: 2 });
  memory.verify(key(0), Uint8Array.of(0), good);
  for (let i = 0; i < 5; i++) memory.verify(key(i), Uint8Array.of(i), bad);
  expect(memory.find(key(0), Uint8Array.of(0), good)).toBe(true);
  expect(memory.find(key(0), Uint8Array.of(0), bad)).toBe(null);
  expect(memory.find(key(4), Uint8Array.of(4), bad)).toBe(false);
  memory.forgetFailed();
  expect(memory.find(key(4), Uint8Array.of(4), bad)).toBe(null);
  expect(asked()).toBe(6);
});

test('the verified triple that was used longest ago goes first', () => {
  const { sm2 } = counting();
  const memory = new SignatureMemory(sm2, { verified: 2 });
  memory.verify(key(1), key(1), good);
  memory.verify(key(2), key(2), good);
  memory.find(key(1), key(1), good);
  memory.verify(key(3), key(3), good);
  expect([1, 2, 3].map((i) => memory.find(key(i), key(i), good))).toEqual([true, null, true]);
});
