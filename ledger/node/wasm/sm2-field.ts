/**
 * Arithmetic modulo the prime of SM2 in WebAssembly: nine limbs of 29 bits, the top one signed, in Montgomery form with R = 2^261. The prime
 * is 2^256 − 2^224 − 2^96 + 2^64 − 1, so a step of the reduction is four shifts and no multiplication. Nothing is reduced further than it
 * must be: a product of values below 8p is below 3p, and 16p still fits. Not constant in time: for what is public.
 */
import { assert } from '#ledger/primitives/assert.ts';
import { type Code, call, get, i32, i64, set, startWasm, type WasmFunction } from './assembler.ts';

export const FIELD_P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const LIMBS = 9;
const BITS = 29;
const MASK = 2 ** BITS - 1;
const R_BITS = BigInt(LIMBS * BITS);
/** Bytes of an element, of a point x‖y and of one X‖Y‖Z. */
export const ELEMENT = 4 * LIMBS;
export const AFFINE = 2 * ELEMENT;
export const JACOBIAN = 3 * ELEMENT;

/** Scratch of the point functions, below everything that a caller places. */
const [T0, T1, T2, T3, ZERO] = [0, ELEMENT, 2 * ELEMENT, 3 * ELEMENT, 4 * ELEMENT];
export const FREE = 5 * ELEMENT;

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** Locals of a product: addresses d, a, b; limbs of a and b; 18 columns; one multiple. */
const LEFT = 3;
const RIGHT = LEFT + LIMBS;
const COLUMN = RIGHT + LIMBS;
const MULTIPLE = COLUMN + 2 * LIMBS;

const load = (address: number, first: number): Code =>
  range(LIMBS).flatMap((i) => [...get(address), ...i64.load(4 * i), ...set(first + i)]);
const addTo = (column: number, op: Code, value: Code): Code => [...get(column), ...value, ...op, ...set(column)];
const shifted = (by: number): Code => [...get(MULTIPLE), ...i64.constant(by), ...i64.shl];

/** Limbs to 29 bits, what is above them to the next; the last keeps its sign. */
function storeNormal(first: number): Code {
  return range(LIMBS).flatMap((i) => {
    if (i === LIMBS - 1) return [...get(0), ...get(first + i), ...i64.store(4 * i)];
    const low = [...get(0), ...get(first + i), ...i64.constant(MASK), ...i64.and, ...i64.store(4 * i)];
    return [...low, ...addTo(first + i + 1, i64.add, [...get(first + i), ...i64.constant(BITS), ...i64.shrS])];
  });
}

/** Column i becomes 0 modulo 2^29 when m·p is added, m its low bits; p = −1 + 2^(2·29+6) − 2^(3·29+9) − 2^(7·29+21) + 2^(8·29+24). */
function reduce(): Code {
  return range(LIMBS).flatMap((i) => {
    const at = COLUMN + i;
    return [
      ...[...get(at), ...i64.constant(MASK), ...i64.and, ...set(MULTIPLE)],
      ...addTo(at + 1, i64.add, [...get(at), ...i64.constant(BITS), ...i64.shrS]),
      ...addTo(at + 2, i64.add, shifted(6)),
      ...addTo(at + 3, i64.sub, shifted(9)),
      ...addTo(at + 7, i64.sub, shifted(21)),
      ...addTo(at + 8, i64.add, shifted(24)),
    ];
  });
}

function product(): Code {
  const columns = range(2 * LIMBS - 1).flatMap((k) => {
    const pairs = range(LIMBS).filter((i) => k - i >= 0 && k - i < LIMBS);
    const terms = pairs.map((i) => [...get(LEFT + i), ...get(RIGHT + k - i), ...i64.mul]);
    return [...terms.flatMap((term, index) => (index === 0 ? term : [...term, ...i64.add])), ...set(COLUMN + k)];
  });
  return [...load(1, LEFT), ...load(2, RIGHT), ...columns, ...reduce(), ...storeNormal(COLUMN + LIMBS)];
}

/** Each mixed product once. */
function square(): Code {
  const columns = range(2 * LIMBS - 1).flatMap((k) => {
    const pairs = range(LIMBS).filter((i) => k - i < LIMBS && i < k - i);
    const mixed = pairs.flatMap((i, index) => [...[...get(LEFT + i), ...get(LEFT + k - i), ...i64.mul], ...(index === 0 ? [] : i64.add)]);
    const doubled = pairs.length === 0 ? [] : [...mixed, ...i64.constant(1), ...i64.shl];
    if (k % 2 === 1) return [...doubled, ...set(COLUMN + k)];
    const own = [...get(LEFT + k / 2), ...get(LEFT + k / 2), ...i64.mul];
    return [...doubled, ...own, ...(pairs.length === 0 ? [] : i64.add), ...set(COLUMN + k)];
  });
  return [...load(1, LEFT), ...columns, ...reduce(), ...storeNormal(COLUMN + LIMBS)];
}

function limbwise(op: Code): Code {
  const results = range(LIMBS).flatMap((i) => [...get(LEFT + i), ...get(RIGHT + i), ...op, ...set(COLUMN + i)]);
  return [...load(1, LEFT), ...load(2, RIGHT), ...results, ...storeNormal(COLUMN)];
}

/** Places in the list of functions below. */
const [MUL, SQR, SUB] = [0, 1, 3];
const at = (address: number): Code => i32.constant(address);
const inAcc = (offset: number): Code => [...get(0), ...i32.constant(offset), ...i32.add];
const inPoint = (offset: number): Code => [...get(1), ...i32.constant(offset), ...i32.add];
const [X, Y, Z] = [inAcc(0), inAcc(ELEMENT), inAcc(2 * ELEMENT)];

/**
 * Adds (or, negated, takes away) the point x‖y at the second address to X‖Y‖Z at the first, in Jacobian coordinates. Where both have one x,
 * the formula does not hold: Z becomes 0 and stays 0 in every later step, so whoever reads the result sees it.
 */
function addPoint(isNegated: boolean): Code {
  const mul = (d: Code, a: Code, b: Code): Code => [...d, ...a, ...b, ...call(MUL)];
  const sqr = (d: Code, a: Code): Code => [...d, ...a, ...a, ...call(SQR)];
  const sub = (d: Code, a: Code, b: Code): Code => [...d, ...a, ...b, ...call(SUB)];
  const [t0, t1, t2, t3] = [at(T0), at(T1), at(T2), at(T3)];
  return [
    ...sqr(t0, Z),
    ...mul(t1, inPoint(0), t0),
    ...mul(t2, Z, t0),
    ...mul(t2, inPoint(ELEMENT), t2),
    ...(isNegated ? sub(t2, at(ZERO), t2) : []),
    ...sub(t1, t1, X), // H
    ...sub(t2, t2, Y), // r
    ...sqr(t0, t1),
    ...mul(t3, t0, t1), // H³
    ...mul(t0, X, t0), // V = X·H²
    ...mul(Z, Z, t1),
    ...sqr(X, t2),
    ...sub(X, X, t3),
    ...sub(X, X, t0),
    ...sub(X, X, t0),
    ...sub(t0, t0, X),
    ...mul(t0, t2, t0),
    ...mul(t3, Y, t3),
    ...sub(Y, t0, t3),
  ];
}

const FIELD = { locals32: 0, locals64: MULTIPLE - LEFT + 1 } as const;
const POINT = { params: 2, locals32: 0, locals64: 0 } as const;
const FUNCTIONS: readonly WasmFunction[] = [
  { name: 'mul', params: 3, ...FIELD, code: product() },
  // The third address is read by nobody; with it the locals have the same numbers.
  { name: 'sqr', params: 3, ...FIELD, code: square() },
  { name: 'add', params: 3, ...FIELD, code: limbwise(i64.add) },
  { name: 'sub', params: 3, ...FIELD, code: limbwise(i64.sub) },
  { name: 'addPoint', ...POINT, code: addPoint(false) },
  { name: 'subPoint', ...POINT, code: addPoint(true) },
];

export interface Sm2Field {
  readonly memory: WebAssembly.Memory;
  mul(to: number, a: number, b: number): void;
  sqr(to: number, a: number): void;
  add(to: number, a: number, b: number): void;
  sub(to: number, a: number, b: number): void;
  addPoint(to: number, point: number): void;
  subPoint(to: number, point: number): void;
  /** Writes a value of 0 … p − 1 in Montgomery form. */
  put(to: number, value: bigint): void;
  /** The value modulo p as it stands, in Montgomery form. */
  raw(from: number): bigint;
  copy(to: number, from: number, bytes: number): void;
}

export function startSm2Field(pages: number): Sm2Field {
  const wasm = startWasm(FUNCTIONS, pages);
  const words = (address: number, count: number) => new Int32Array(wasm.memory.buffer, address, count);
  const sqr = wasm.call('sqr');
  return {
    memory: wasm.memory,
    mul: wasm.call('mul'),
    sqr: (to, a) => sqr(to, a, a),
    add: wasm.call('add'),
    sub: wasm.call('sub'),
    addPoint: wasm.call('addPoint'),
    subPoint: wasm.call('subPoint'),
    put: (to, value) => {
      assert(value >= 0n && value < FIELD_P, 'an element is below p');
      let rest = (value << R_BITS) % FIELD_P;
      const limbs = words(to, LIMBS);
      for (let i = 0; i < LIMBS; i++, rest >>= BigInt(BITS)) limbs[i] = Number(rest & BigInt(MASK));
    },
    raw: (from) => {
      let value = 0n;
      const limbs = words(from, LIMBS);
      for (let i = LIMBS - 1; i >= 0; i--) value = (value << BigInt(BITS)) + BigInt(limbs[i] ?? 0);
      const rest = value % FIELD_P;
      return rest < 0n ? rest + FIELD_P : rest;
    },
    copy: (to, from, bytes) => new Uint8Array(wasm.memory.buffer).copyWithin(to, from, from + bytes),
  };
}
