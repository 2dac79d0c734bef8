/**
 * SM3 (GB/T 32905-2016), HMAC-SM3 (RFC 2104 over SM3) and the counter KDF of GB/T 32918.4 §5.4.3.
 *
 * Written out here because it is the hash under every proof: a browser, a court's laptop and the node must all compute
 * it, and no runtime but OpenSSL's has it. Not constant in time in its input length; no secret is compared here.
 */
import type { Bytes } from '#ledger/primitives/bytes.ts';

/** Another implementation: 32 bytes over the parts, one after the other; `length` is their sum. */
export type NativeSm3 = (parts: readonly Uint8Array[], length: number) => Bytes;

const BLOCK = 64;

let native: NativeSm3 | null = null;

/** Installs a faster hash, or removes it with `null`. The caller has tested it (`ledger/node/sm2-openssl.ts`). */
export function setNativeSm3(hash: NativeSm3 | null): void {
  native = hash;
}

const INITIAL = new Uint32Array([0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e]);

/** T_j rotated left by j, so that the round needs no rotation of its own. */
const ROTATED_T = Uint32Array.from({ length: 64 }, (_, j) => {
  const t = j < 16 ? 0x79cc4519 : 0x7a879d8a;
  const by = j % 32;
  return by === 0 ? t : (t << by) | (t >>> (32 - by));
});

const state = new Uint32Array(8);
const words = new Uint32Array(68);
const block = new Uint8Array(BLOCK);
const blockView = new DataView(block.buffer);

/** 32 bytes of SM3 over the parts, one after the other. */
export function sm3(...parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  return native === null ? portableSm3(parts, length) : native(parts, length);
}

/** The portable code alone, whatever was installed: the other side of the self-test. */
export function sm3Portable(...parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  return portableSm3(parts, length);
}

function portableSm3(parts: readonly Uint8Array[], length: number): Bytes {
  state.set(INITIAL);
  let filled = 0;
  for (const part of parts) {
    let offset = 0;
    while (offset < part.length) {
      const take = Math.min(BLOCK - filled, part.length - offset);
      if (take <= 48) for (let i = 0; i < take; i++) block[filled + i] = part[offset + i] ?? 0;
      else block.set(offset === 0 && take === part.length ? part : part.subarray(offset, offset + take), filled);
      filled += take;
      offset += take;
      if (filled === BLOCK) {
        compress();
        filled = 0;
      }
    }
  }
  block[filled] = 0x80;
  filled += 1;
  if (filled > 56) {
    block.fill(0, filled);
    compress();
    filled = 0;
  }
  block.fill(0, filled, 56);
  blockView.setUint32(56, Math.floor(length / 0x2000_0000));
  blockView.setUint32(60, (length << 3) >>> 0);
  compress();
  const out = new Uint8Array(32);
  const view = new DataView(out.buffer);
  for (let i = 0; i < 8; i++) view.setUint32(i * 4, state[i] ?? 0);
  return out;
}

/** CF of GB/T 32905 §5.3.3 over `block`. W'_j = W_j xor W_{j+4} is folded into the round. */
function compress(): void {
  const w = words;
  for (let j = 0; j < 16; j++) w[j] = blockView.getUint32(j * 4);
  for (let j = 16; j < 68; j++) {
    const w3 = w[j - 3] ?? 0;
    const x = (w[j - 16] ?? 0) ^ (w[j - 9] ?? 0) ^ ((w3 << 15) | (w3 >>> 17));
    const w13 = w[j - 13] ?? 0;
    w[j] = x ^ ((x << 15) | (x >>> 17)) ^ ((x << 23) | (x >>> 9)) ^ ((w13 << 7) | (w13 >>> 25)) ^ (w[j - 6] ?? 0);
  }
  let a = (state[0] ?? 0) | 0;
  let b = (state[1] ?? 0) | 0;
  let c = (state[2] ?? 0) | 0;
  let d = (state[3] ?? 0) | 0;
  let e = (state[4] ?? 0) | 0;
  let f = (state[5] ?? 0) | 0;
  let g = (state[6] ?? 0) | 0;
  let h = (state[7] ?? 0) | 0;
  for (let j = 0; j < 64; j++) {
    const a12 = (a << 12) | (a >>> 20);
    const sum = (a12 + e + (ROTATED_T[j] ?? 0)) | 0;
    const ss1 = (sum << 7) | (sum >>> 25);
    const wj = w[j] ?? 0;
    const ff = j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
    const gg = j < 16 ? e ^ f ^ g : (e & f) | (~e & g);
    const tt1 = (ff + d + (ss1 ^ a12) + (wj ^ (w[j + 4] ?? 0))) | 0;
    const tt2 = (gg + h + ss1 + wj) | 0;
    d = c;
    c = (b << 9) | (b >>> 23);
    b = a;
    a = tt1;
    h = g;
    g = (f << 19) | (f >>> 13);
    f = e;
    e = tt2 ^ ((tt2 << 9) | (tt2 >>> 23)) ^ ((tt2 << 17) | (tt2 >>> 15));
  }
  state[0] = (state[0] ?? 0) ^ a;
  state[1] = (state[1] ?? 0) ^ b;
  state[2] = (state[2] ?? 0) ^ c;
  state[3] = (state[3] ?? 0) ^ d;
  state[4] = (state[4] ?? 0) ^ e;
  state[5] = (state[5] ?? 0) ^ f;
  state[6] = (state[6] ?? 0) ^ g;
  state[7] = (state[7] ?? 0) ^ h;
}

/** HMAC-SM3 (RFC 2104; block 64 bytes): 32 bytes. A key above 64 bytes is hashed first. */
export function hmacSm3(key: Uint8Array, ...parts: readonly Uint8Array[]): Bytes {
  const short = key.length > BLOCK ? sm3(key) : key;
  const inner = new Uint8Array(BLOCK).fill(0x36);
  const outer = new Uint8Array(BLOCK).fill(0x5c);
  for (let i = 0; i < short.length; i++) {
    inner[i] = 0x36 ^ (short[i] ?? 0);
    outer[i] = 0x5c ^ (short[i] ?? 0);
  }
  return sm3(outer, sm3(inner, ...parts));
}

/** KDF of GB/T 32918.4 §5.4.3: SM3(Z ‖ 00000001) ‖ SM3(Z ‖ 00000002) ‖ …, cut to `length` bytes. */
export function kdf(shared: Uint8Array, length: number): Bytes {
  const out = new Uint8Array(length);
  const counter = new Uint8Array(4);
  const view = new DataView(counter.buffer);
  for (let offset = 0, ct = 1; offset < length; offset += 32, ct++) {
    view.setUint32(0, ct);
    out.set(sm3(shared, counter).subarray(0, Math.min(32, length - offset)), offset);
  }
  return out;
}
