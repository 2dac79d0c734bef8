/**
 * SM2 signatures (GB/T 32918.2-2016) with the default user id `1234567812345678` and no other: 64-byte `r‖s`, 64-byte
 * public key `x‖y`, 32-byte private key (ledger.md 3). Portable; `ledger/node/sm2-openssl.ts` is the fast route.
 *
 * Not promised: constant time. BigInt arithmetic leaks timing; a server signs through OpenSSL or an HSM.
 */
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, utf8 } from '#ledger/primitives/bytes.ts';
import {
  fromScalar,
  invertN,
  modN,
  pointBytes,
  pointOf,
  type RandomBytes,
  randomScalar,
  SM2_CURVE_BYTES,
  SM2_N,
  Sm2Point,
  toScalar,
} from './sm2-curve.ts';
import { sm3 } from './sm3.ts';

export type { RandomBytes } from './sm2-curve.ts';

/** What the core takes as an argument; nothing else signs or verifies. */
export interface Sm2 {
  /** 64 bytes `r‖s` over `SM3(Z ‖ message)`, a fresh k each time. `privateKey` is 32 bytes, `1 ≤ d ≤ n−2`. */
  sign(privateKey: Uint8Array, message: Uint8Array): Bytes;
  /** False for a wrong length, range, point or signature; never throws. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

export const DEFAULT_USER_ID = '1234567812345678';

/** `Z = SM3(ENTL ‖ ID ‖ a ‖ b ‖ Gx ‖ Gy ‖ x ‖ y)`. Another id only where a test needs one. */
export function zOf(publicKey: Uint8Array, userId: string = DEFAULT_USER_ID): Bytes {
  const id = utf8(userId);
  const entl = new Uint8Array([(id.length * 8) >>> 8, (id.length * 8) & 0xff]);
  return sm3(entl, id, SM2_CURVE_BYTES, publicKey);
}

/** `e = SM3(Z ‖ message)`: what is signed in the end. */
export function digestOf(publicKey: Uint8Array, message: Uint8Array): Bytes {
  return sm3(zOf(publicKey), message);
}

/** 64 bytes `x‖y` of a private key of 32 bytes. */
export function publicKeyOf(privateKey: Uint8Array): Bytes {
  return pointBytes(Sm2Point.BASE.multiply(privateScalar(privateKey)));
}

export function isPrivateKey(privateKey: Uint8Array): boolean {
  if (privateKey.length !== 32) return false;
  const d = toScalar(privateKey);
  return d >= 1n && d <= SM2_N - 2n;
}

/** 64 bytes that are a point of the curve. */
export function isOnCurve(publicKey: Uint8Array): boolean {
  return pointOf(publicKey) !== null;
}

/** 64 bytes with `1 ≤ r, s ≤ n−1` and `r+s ≢ 0 mod n`. The aliases `r+n` and `s+n` fall outside. */
export function isSignatureInRange(signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const r = toScalar(signature.subarray(0, 32));
  const s = toScalar(signature.subarray(32));
  return r >= 1n && r < SM2_N && s >= 1n && s < SM2_N && r + s !== SM2_N;
}

export function generatePrivateKey(random: RandomBytes): Bytes {
  return fromScalar(randomScalar(random, SM2_N - 1n));
}

/**
 * One signature over the digest `e` with the given nonce, or `null` when GB/T 32918.2 §6.1 asks for another nonce.
 * A nonce used twice gives the private key away: only `portableSm2`, published vectors and the simulated device, which draws one for each, call this.
 */
export function signDigest(privateKey: Uint8Array, digest: Uint8Array, nonce: bigint): Bytes | null {
  const d = privateScalar(privateKey);
  const r = modN(toScalar(digest) + Sm2Point.BASE.multiply(nonce).toAffine().x);
  if (r === 0n || r + nonce === SM2_N) return null;
  const s = modN(invertN(d + 1n) * modN(nonce - r * d));
  if (s === 0n) return null;
  const out = new Uint8Array(64);
  out.set(fromScalar(r));
  out.set(fromScalar(s), 32);
  return out;
}

/** Verifies over the digest `e` (GB/T 32918.2 §7.1). */
export function verifyDigest(publicKey: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  if (!isSignatureInRange(signature)) return false;
  const point = pointOf(publicKey);
  if (point === null) return false;
  const r = toScalar(signature.subarray(0, 32));
  const s = toScalar(signature.subarray(32));
  const sum = Sm2Point.BASE.mulAddUnsafe(s, point, modN(r + s));
  return !sum.is0() && modN(toScalar(digest) + sum.toAffine().x) === r;
}

/** SM2 in plain TypeScript: signs in browsers, verifies anywhere. `random` draws the nonces. */
export function portableSm2(random: RandomBytes): Sm2 {
  return {
    sign: (privateKey, message) => {
      const digest = digestOf(publicKeyOf(privateKey), message);
      for (;;) {
        const signature = signDigest(privateKey, digest, randomScalar(random, SM2_N));
        if (signature !== null) return signature;
      }
    },
    verify: (publicKey, message, signature) =>
      publicKey.length === 64 && isSignatureInRange(signature) && verifyDigest(publicKey, digestOf(publicKey, message), signature),
  };
}

function privateScalar(privateKey: Uint8Array): bigint {
  assert(isPrivateKey(privateKey), 'an SM2 private key is 32 bytes in 1 … n−2');
  return toScalar(privateKey);
}
