/**
 * The curve of GB/T 32918.5 (OID 1.2.156.10197.1.301) and its scalars as bytes; the only importer of `@noble/curves`.
 * Points are 64 bytes `x‖y`, scalars 32 bytes big-endian.
 */
import { weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { type Bytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';

/** `length` fresh bytes of a cryptographic generator. */
export type RandomBytes = (length: number) => Uint8Array;

const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const A = 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn;
const B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
const GX = 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n;
const GY = 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n;
/** Order of the group. */
export const SM2_N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;

/** a ‖ b ‖ Gx ‖ Gy, 128 bytes: the constant part of Z. */
export const SM2_CURVE_BYTES: Bytes = fromHex([A, B, GX, GY].map((value) => value.toString(16).padStart(64, '0')).join(''), 128);

export const Sm2Point = weierstrass<bigint>({ p: P, n: SM2_N, h: 1n, a: A, b: B, Gx: GX, Gy: GY });
export type Sm2PointValue = InstanceType<typeof Sm2Point>;

export function toScalar(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`);
}

export function fromScalar(value: bigint): Bytes {
  return fromHex(value.toString(16).padStart(64, '0'), 32);
}

/** The value modulo n, never negative. */
export function modN(value: bigint): bigint {
  const rest = value % SM2_N;
  return rest < 0n ? rest + SM2_N : rest;
}

/** The inverse modulo n of a value that n does not divide. */
export function invertN(value: bigint): bigint {
  return Sm2Point.Fn.inv(modN(value));
}

/** The point of 64 bytes `x‖y`, or `null` when they are no point of the curve (infinity has no such bytes). */
export function pointOf(publicKey: Uint8Array): Sm2PointValue | null {
  if (publicKey.length !== 64) return null;
  const x = toScalar(publicKey.subarray(0, 32));
  const y = toScalar(publicKey.subarray(32));
  if (x >= P || y >= P) return null;
  if ((y * y - ((x * x + A) * x + B)) % P !== 0n) return null;
  return Sm2Point.fromAffine({ x, y });
}

export function pointBytes(point: Sm2PointValue): Bytes {
  const { x, y } = point.toAffine();
  const out = new Uint8Array(64);
  out.set(fromScalar(x));
  out.set(fromScalar(y), 32);
  return out;
}

/** Uniform in `1 … below − 1` by rejection: a value reduced modulo n would lean towards small ones and leak the key over many signatures. */
export function randomScalar(random: RandomBytes, below: bigint): bigint {
  for (;;) {
    const value = toScalar(random(32));
    if (value >= 1n && value < below) return value;
  }
}
