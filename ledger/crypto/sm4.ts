/**
 * SM4 in counter mode (GB/T 32907-2016, GB/T 17964), portable. Envelopes are small, so a plain table of bytes is enough.
 * Not promised: constant time against a neighbour on the same core (the S-box is looked up).
 */
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, fromHex } from '#ledger/primitives/bytes.ts';

const BLOCK = 16;
const ROUNDS = 32;

/** GB/T 32907-2016 §6.2. */
const SBOX = fromHex(
  'd690e9fecce13db716b614c228fb2c052b679a762abe04c3aa44132649860699' +
    '9c4250f491ef987a33540b43edcfac62e4b31ca9c908e89580df94fa758f3fa6' +
    '4707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35' +
    '1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89e' +
    'eabf8ad240c738b5a3f7f2cef96115a1e0ae5da49b341a55ad933230f58cb1e3' +
    '1df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51' +
    '8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b0' +
    '8969974a0c96777e65b9f109c56ec68418f07dec3adc4d2079ee5f3ed7cb3948',
  256,
);

const FK = [0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc] as const;
/** CK: byte j of word i is 7·(4i + j) mod 256. */
const CK = Uint32Array.from({ length: ROUNDS }, (_, i) => [0, 1, 2, 3].reduce((word, j) => (word << 8) | ((7 * (4 * i + j)) & 0xff), 0));

export type NativeSm4Ctr = (key: Uint8Array, iv: Uint8Array, input: Uint8Array) => Bytes;
let native: NativeSm4Ctr | null = null;

/** Installs a faster route, or removes it with `null`. The caller has tested it (`ledger/node/sm2-openssl.ts`). */
export function setNativeSm4Ctr(route: NativeSm4Ctr | null): void {
  native = route;
}

/** Encrypts or decrypts (the same act): `key` and `iv` 16 bytes, the counter is big-endian and runs through the whole block. */
export function sm4Ctr(key: Uint8Array, iv: Uint8Array, input: Uint8Array): Bytes {
  assert(key.length === BLOCK && iv.length === BLOCK, 'SM4 takes a key and a counter block of 16 bytes');
  return native === null ? sm4CtrPortable(key, iv, input) : native(key, iv, input);
}

/** The portable route, for browsers and for testing the other one. */
export function sm4CtrPortable(key: Uint8Array, iv: Uint8Array, input: Uint8Array): Bytes {
  const roundKeys = expandKey(key);
  const counter = new Uint8Array(iv);
  const out = new Uint8Array(input.length);
  for (let offset = 0; offset < input.length; offset += BLOCK) {
    const stream = encryptBlock(roundKeys, counter);
    const end = Math.min(offset + BLOCK, input.length);
    for (let i = offset; i < end; i++) out[i] = (input[i] ?? 0) ^ (stream[i - offset] ?? 0);
    increment(counter);
  }
  return out;
}

/** One block of 16 bytes: for the published block vectors. */
export function sm4EncryptBlock(key: Uint8Array, block: Uint8Array): Bytes {
  assert(key.length === BLOCK && block.length === BLOCK, 'SM4 takes a key and a block of 16 bytes');
  return encryptBlock(expandKey(key), block);
}

function expandKey(key: Uint8Array): Uint32Array {
  const view = new DataView(key.buffer, key.byteOffset, BLOCK);
  const k = FK.map((word, i) => view.getUint32(i * 4) ^ word);
  return Uint32Array.from({ length: ROUNDS }, (_, i) => {
    const b = substitute((k[i + 1] ?? 0) ^ (k[i + 2] ?? 0) ^ (k[i + 3] ?? 0) ^ (CK[i] ?? 0));
    const next = (k[i] ?? 0) ^ b ^ rotate(b, 13) ^ rotate(b, 23);
    k.push(next);
    return next;
  });
}

function encryptBlock(roundKeys: Uint32Array, block: Uint8Array): Bytes {
  const view = new DataView(block.buffer, block.byteOffset, BLOCK);
  let x0 = view.getUint32(0);
  let x1 = view.getUint32(4);
  let x2 = view.getUint32(8);
  let x3 = view.getUint32(12);
  for (const roundKey of roundKeys) {
    const b = substitute(x1 ^ x2 ^ x3 ^ roundKey);
    const next = x0 ^ b ^ rotate(b, 2) ^ rotate(b, 10) ^ rotate(b, 18) ^ rotate(b, 24);
    x0 = x1;
    x1 = x2;
    x2 = x3;
    x3 = next;
  }
  const out = new Uint8Array(BLOCK);
  const written = new DataView(out.buffer);
  for (const [i, word] of [x3, x2, x1, x0].entries()) written.setUint32(i * 4, word >>> 0);
  return out;
}

/** The S-box on each byte of a word. */
function substitute(word: number): number {
  return (
    ((SBOX[word >>> 24] ?? 0) << 24) |
    ((SBOX[(word >>> 16) & 0xff] ?? 0) << 16) |
    ((SBOX[(word >>> 8) & 0xff] ?? 0) << 8) |
    (SBOX[word & 0xff] ?? 0)
  );
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function increment(counter: Uint8Array): void {
  for (let i = counter.length - 1; i >= 0; i--) {
    const byte = ((counter[i] ?? 0) + 1) & 0xff;
    counter[i] = byte;
    if (byte !== 0) return;
  }
}
