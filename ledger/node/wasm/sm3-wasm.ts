/** SM3 in WebAssembly: a tree node costs a third of a call into OpenSSL, which spends most of its time on the way there and back. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type Code, get, i32, set, startWasm } from './assembler.ts';

const BLOCK = 64;
const STATE = 0;
const DATA = 64;
const PAGE = 65_536;
/** What one run through memory takes; longer inputs go through it piece by piece. */
const ROOM = PAGE - DATA - 2 * BLOCK;
const INITIAL = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];

/** Locals: 0 the block's address, 1 to 16 the words in turn, 17 to 24 a to h, 25 and 26 what a round computes. */
const W = 1;
const A = 17;
const A12 = 25;
const SS1 = 26;

const rotl = (value: Code, by: number): Code => [...value, ...i32.constant(by), ...i32.rotl];
const two = (op: Code, a: Code, b: Code): Code => [...a, ...b, ...op];
const xor = (a: Code, b: Code): Code => two(i32.xor, a, b);
const add = (a: Code, b: Code): Code => two(i32.add, a, b);
const word = (j: number): Code => get(W + (j % 16));

/** Big-endian words from a little-endian memory. */
function loadWord(j: number): Code {
  const raw = get(A12);
  const swapped = two(
    i32.or,
    rotl(two(i32.and, raw, i32.constant(0x00ff00ff)), 24),
    rotl(two(i32.and, raw, i32.constant(0xff00ff00 | 0)), 8),
  );
  return [...get(0), ...i32.load(j * 4), ...set(A12), ...swapped, ...set(W + j)];
}

/** W_j of GB/T 32905 §5.3.2 in the place of W_{j−16}. */
function expand(j: number): Code {
  const x = xor(xor(word(j - 16), word(j - 9)), rotl(word(j - 3), 15));
  const p1 = xor(xor(get(A12), rotl(get(A12), 15)), rotl(get(A12), 23));
  return [...x, ...set(A12), ...xor(xor(p1, rotl(word(j - 13), 7)), word(j - 6)), ...set(W + (j % 16))];
}

/** The eight variables turn by their names instead of moving: `at(0)` is a in round j. */
function round(j: number): Code {
  const at = (k: number): number => A + ((((k - j) % 8) + 8) % 8);
  const [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(at);
  const v = (local: number | undefined): Code => get(local ?? A);
  const t = j < 16 ? 0x79cc4519 : 0x7a879d8a;
  const turned = (t << (j % 32)) | (j % 32 === 0 ? 0 : t >>> (32 - (j % 32)));
  const ff = j < 16 ? xor(xor(v(a), v(b)), v(c)) : two(i32.or, two(i32.and, v(a), v(b)), two(i32.and, two(i32.or, v(a), v(b)), v(c)));
  const gg = j < 16 ? xor(xor(v(e), v(f)), v(g)) : xor(two(i32.and, xor(v(f), v(g)), v(e)), v(g));
  const ss2 = xor(get(SS1), get(A12));
  return [
    ...rotl(v(a), 12),
    ...set(A12),
    ...rotl(add(add(get(A12), v(e)), i32.constant(turned)), 7),
    ...set(SS1),
    // TT1 takes the place of h, P0(TT2) that of d: in the next round they are a and e.
    ...add(add(add(ff, v(d)), ss2), xor(word(j), word(j + 4))),
    ...set(A12),
    ...add(add(add(gg, v(h)), get(SS1)), word(j)),
    ...set(SS1),
    ...xor(xor(get(SS1), rotl(get(SS1), 9)), rotl(get(SS1), 17)),
    ...set(d ?? A),
    ...get(A12),
    ...set(h ?? A),
    ...rotl(v(b), 9),
    ...set(b ?? A),
    ...rotl(v(f), 19),
    ...set(f ?? A),
  ];
}

function compress(): Code {
  const code: number[] = [];
  for (let j = 0; j < 16; j++) code.push(...loadWord(j));
  for (let k = 0; k < 8; k++) code.push(...i32.constant(STATE), ...i32.load(k * 4), ...set(A + k));
  for (let j = 0; j < 64; j++) {
    // W_{j+4} is needed in round j; the words of the block reach to W_15.
    if (j >= 12) code.push(...expand(j + 4));
    code.push(...round(j));
  }
  for (let k = 0; k < 8; k++)
    code.push(...i32.constant(STATE), ...i32.constant(STATE), ...i32.load(k * 4), ...get(A + k), ...i32.xor, ...i32.store(k * 4));
  return code;
}

/** 32 bytes over the parts, one after the other; `length` is their sum. */
export function startSm3Wasm(): (parts: readonly Uint8Array[], length: number) => Bytes {
  const wasm = startWasm([{ name: 'compress', params: 1, locals32: 26, locals64: 0, code: compress() }], 1);
  const run = wasm.call('compress');
  const bytes = new Uint8Array(wasm.memory.buffer);
  const state = new Int32Array(wasm.memory.buffer, STATE, 8);
  let filled = 0;

  /** Works off whole blocks and moves the rest to the front. */
  const drain = (): void => {
    let at = 0;
    for (; at + BLOCK <= filled; at += BLOCK) run(DATA + at);
    if (at > 0 && at < filled) bytes.copyWithin(DATA, DATA + at, DATA + filled);
    filled -= at;
  };
  const feed = (part: Uint8Array): void => {
    if (part.length <= BLOCK) for (let i = 0; i < part.length; i++) bytes[DATA + filled + i] = part[i] ?? 0;
    else bytes.set(part, DATA + filled);
    filled += part.length;
  };
  const finish = (length: number): Bytes => {
    bytes[DATA + filled] = 0x80;
    const end = BLOCK * Math.ceil((filled + 9) / BLOCK);
    bytes.fill(0, DATA + filled + 1, DATA + end - 8);
    const high = Math.floor(length / 0x2000_0000);
    const low = (length << 3) >>> 0;
    for (let i = 0; i < 4; i++) {
      bytes[DATA + end - 8 + i] = (high >>> (24 - 8 * i)) & 0xff;
      bytes[DATA + end - 4 + i] = (low >>> (24 - 8 * i)) & 0xff;
    }
    for (let at = 0; at < end; at += BLOCK) run(DATA + at);
    const out = new Uint8Array(32);
    for (let k = 0; k < 8; k++) {
      const value = state[k] ?? 0;
      out[4 * k] = value >>> 24;
      out[4 * k + 1] = value >>> 16;
      out[4 * k + 2] = value >>> 8;
      out[4 * k + 3] = value;
    }
    return out;
  };

  return (parts, length) => {
    filled = 0;
    for (let k = 0; k < 8; k++) state[k] = INITIAL[k] ?? 0;
    for (const part of parts) {
      for (let from = 0; from < part.length; ) {
        const take = Math.min(part.length - from, ROOM - filled);
        feed(take === part.length ? part : part.subarray(from, from + take));
        from += take;
        if (filled === ROOM) drain();
      }
    }
    return finish(length);
  };
}
