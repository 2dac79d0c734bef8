/**
 * SM2 verification for keys that come again and again: players, the operator, the members. s·G + t·P is a sum of table entries, one per
 * window of each scalar and no doubling; the table of a key costs some fifteen verifications and pays from then on.
 */
import { SM2_N, Sm2Point, toScalar } from '#ledger/crypto/sm2-curve.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { AFFINE, ELEMENT, FIELD_P, FREE, JACOBIAN, type Sm2Field, startSm2Field } from './sm2-field.ts';

interface Shape {
  /** Bits of a window; its digits are signed, so that half of the multiples do. */
  readonly width: number;
  readonly windows: number;
  readonly multiples: number;
  readonly bytes: number;
}

function shapeOf(width: number): Shape {
  const windows = Math.ceil(257 / width);
  const multiples = 2 ** (width - 1);
  return { width, windows, multiples, bytes: windows * multiples * AFFINE };
}

const BASE = shapeOf(8);
const KEY = shapeOf(6);
const PAGE = 65_536;

/** Places of what is not a table. */
const ACC = FREE;
const ONE = ACC + JACOBIAN;
const TEMP = ONE + ELEMENT;
const BASE_TABLE = 1_024;
const SLOTS = BASE_TABLE + BASE.bytes;

export interface Sm2Comb {
  /** Makes the table of a point x‖y of the curve in one of the places 0 … slots − 1. */
  load(slot: number, publicKey: Uint8Array): void;
  /** Whether r‖s, in range, signs the digest e under the key of a place; null where the formulas do not hold and another must answer. */
  verify(slot: number, digest: Uint8Array, signature: Uint8Array): boolean | null;
}

export function startSm2Comb(slots: number): Sm2Comb {
  const scratchBytes = BASE.windows * BASE.multiples * (JACOBIAN + ELEMENT);
  const scratch = SLOTS + slots * KEY.bytes;
  // The room of the key tables is beside what the first table needs only once.
  const field = startSm2Field(Math.ceil((scratch + scratchBytes) / PAGE));
  field.put(ONE, 1n);
  const slotAt = (slot: number): number => SLOTS + slot * KEY.bytes;
  let hasBase = false;

  return {
    load: (slot, publicKey) => {
      assert(slot >= 0 && slot < slots, 'a table has its place');
      if (!hasBase) {
        const { x, y } = Sm2Point.BASE.toAffine();
        fillTable(field, { shape: BASE, table: BASE_TABLE, scratch, x, y });
        hasBase = true;
      }
      const [x, y] = [toScalar(publicKey.subarray(0, 32)), toScalar(publicKey.subarray(32))];
      fillTable(field, { shape: KEY, table: slotAt(slot), scratch, x, y });
    },
    verify: (slot, digest, signature) => {
      const r = toScalar(signature.subarray(0, 32));
      const s = toScalar(signature.subarray(32));
      const t = (r + s) % SM2_N;
      let isEmpty = addTable(field, BASE, BASE_TABLE, s, true);
      isEmpty = addTable(field, KEY, slotAt(slot), t, isEmpty);
      if (isEmpty || field.raw(ACC + 2 * ELEMENT) === 0n) return null;
      // R = e + x mod n, and x is below p, which is above n: one value of x or two.
      const x = (((r - toScalar(digest)) % SM2_N) + SM2_N) % SM2_N;
      return hasX(field, x) || (x + SM2_N < FIELD_P && hasX(field, x + SM2_N));
    },
  };
}

/** Whether the sum has this x: X = x·Z², without an inversion. */
function hasX(field: Sm2Field, x: bigint): boolean {
  field.sqr(TEMP, ACC + 2 * ELEMENT);
  field.put(TEMP + ELEMENT, x);
  field.mul(TEMP, TEMP, TEMP + ELEMENT);
  field.sub(TEMP, TEMP, ACC);
  return field.raw(TEMP) === 0n;
}

/** Adds scalar times the table's point to the sum; `isEmpty` says that nothing is in it yet. @returns the same of afterwards */
function addTable(field: Sm2Field, { width, windows, multiples }: Shape, table: number, scalar: bigint, isEmpty: boolean): boolean {
  const digits = digitsOf(scalar, width, windows);
  let stillEmpty = isEmpty;
  for (let window = 0; window < windows; window++) {
    const digit = digits[window] ?? 0;
    if (digit === 0) continue;
    const entry = table + (window * multiples + Math.abs(digit) - 1) * AFFINE;
    if (stillEmpty) {
      field.copy(ACC, entry, AFFINE);
      field.copy(ACC + 2 * ELEMENT, ONE, ELEMENT);
      if (digit < 0) negate(field, ACC + ELEMENT);
      stillEmpty = false;
    } else if (digit > 0) field.addPoint(ACC, entry);
    else field.subPoint(ACC, entry);
  }
  return stillEmpty;
}

function negate(field: Sm2Field, at: number): void {
  field.sub(TEMP, at, at);
  field.sub(at, TEMP, at);
}

const digits = new Int16Array(64);
/** Lowest byte first, and room for a window that reaches past the end. */
const scalarWords = new DataView(new ArrayBuffer(40));

/** Signed digits −2^(w−1) … 2^(w−1), the lowest first. */
function digitsOf(scalar: bigint, width: number, windows: number): Int16Array {
  for (let word = 0; word < 4; word++) scalarWords.setBigUint64(8 * word, BigInt.asUintN(64, scalar >> BigInt(64 * word)), true);
  const half = 2 ** (width - 1);
  let carry = 0;
  for (let window = 0; window < windows; window++) {
    const low = bitsAt(window * width, width) + carry;
    carry = low > half ? 1 : 0;
    digits[window] = low - (carry << width);
  }
  assert(carry === 0, 'a scalar ends within its windows');
  return digits;
}

/** At most 8 bits of the scalar from the given bit on, counted from below; beyond its 32 bytes stands zero. */
function bitsAt(from: number, width: number): number {
  return (scalarWords.getUint16(from >>> 3, true) >>> (from & 7)) & (2 ** width - 1);
}

type Fill = {
  readonly shape: Shape;
  readonly table: number;
  readonly scratch: number;
  readonly x: bigint;
  readonly y: bigint;
};

/** All multiples of 2^(w·window) times the point: sums in Jacobian coordinates, brought to one inversion by their running product. */
function fillTable(field: Sm2Field, { shape, table, scratch, x, y }: Fill): void {
  const { width, windows, multiples } = shape;
  const products = scratch + windows * multiples * JACOBIAN;
  // The first multiple of each window, affine, since the others are sums with it.
  field.put(ACC, x);
  field.put(ACC + ELEMENT, y);
  field.copy(ACC + 2 * ELEMENT, ONE, ELEMENT);
  for (let window = 0; window < windows; window++) {
    field.copy(scratch + window * JACOBIAN, ACC, JACOBIAN);
    for (let i = 0; i < width; i++) double(field, ACC);
  }
  toAffine(field, { count: windows, from: scratch, products, to: (window) => table + window * multiples * AFFINE });
  for (let window = 0; window < windows; window++) {
    const first = table + window * multiples * AFFINE;
    field.copy(ACC, first, AFFINE);
    field.copy(ACC + 2 * ELEMENT, ONE, ELEMENT);
    for (let multiple = 0; multiple < multiples; multiple++) {
      // 2B is the one sum of a point with itself.
      if (multiple === 1) double(field, ACC);
      else if (multiple > 1) field.addPoint(ACC, first);
      field.copy(scratch + (window * multiples + multiple) * JACOBIAN, ACC, JACOBIAN);
    }
  }
  toAffine(field, { count: windows * multiples, from: scratch, products, to: (index) => table + index * AFFINE });
}

/** With a = −3; x and y come back small enough for sums. */
function double(field: Sm2Field, point: number): void {
  const [x, y, z] = [point, point + ELEMENT, point + 2 * ELEMENT];
  const [delta, gamma, beta, alpha, rest] = [0, 1, 2, 3, 4].map((index) => TEMP + index * ELEMENT);
  assert(delta !== undefined && gamma !== undefined && beta !== undefined && alpha !== undefined && rest !== undefined, 'five places');
  field.sqr(delta, z);
  field.sqr(gamma, y);
  field.mul(beta, x, gamma);
  field.sub(alpha, x, delta);
  field.add(rest, x, delta);
  field.mul(rest, alpha, rest);
  field.add(alpha, rest, rest);
  field.add(alpha, alpha, rest);
  field.mul(z, y, z);
  field.add(z, z, z);
  field.add(beta, beta, beta);
  field.add(beta, beta, beta);
  field.sqr(x, alpha);
  field.sub(x, x, beta);
  field.sub(x, x, beta);
  field.mul(x, x, ONE);
  field.sub(beta, beta, x);
  field.mul(y, alpha, beta);
  field.sqr(gamma, gamma);
  for (let i = 0; i < 3; i++) field.add(gamma, gamma, gamma);
  field.sub(y, y, gamma);
  field.mul(y, y, ONE);
}

type Affine = { readonly count: number; readonly from: number; readonly products: number; to(index: number): number };

function toAffine(field: Sm2Field, { count, from, products, to }: Affine): void {
  const zOf = (index: number): number => from + index * JACOBIAN + 2 * ELEMENT;
  field.copy(products, zOf(0), ELEMENT);
  for (let index = 1; index < count; index++) field.mul(products + index * ELEMENT, products + (index - 1) * ELEMENT, zOf(index));
  const [inverse, own, square] = [TEMP, TEMP + ELEMENT, TEMP + 2 * ELEMENT];
  // The inverse of a·R as it stands is a^-1·R^-1; `put` multiplies by R, so R once more makes it a^-1·R.
  const raw = field.raw(products + (count - 1) * ELEMENT);
  assert(raw !== 0n, 'no multiple of a point of prime order is infinity');
  field.put(inverse, (Sm2Point.Fp.inv(raw) * (1n << 261n)) % FIELD_P);
  for (let index = count - 1; index >= 0; index--) {
    if (index === 0) field.copy(own, inverse, ELEMENT);
    else {
      field.mul(own, inverse, products + (index - 1) * ELEMENT);
      field.mul(inverse, inverse, zOf(index));
    }
    field.sqr(square, own);
    const [point, target] = [from + index * JACOBIAN, to(index)];
    field.mul(target, point, square);
    field.mul(square, square, own);
    field.mul(target + ELEMENT, point + ELEMENT, square);
  }
}
