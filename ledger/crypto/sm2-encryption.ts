/** SM2 public-key encryption (GB/T 32918.4-2016) as raw `C1(x‖y, 64) ‖ C3(32) ‖ C2`: how key grants travel (ledger.md 15.2). */
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, concat, equalBytes, isZero } from '#ledger/primitives/bytes.ts';
import { isPrivateKey } from './sm2.ts';
import { pointBytes, pointOf, type RandomBytes, randomScalar, SM2_N, Sm2Point, type Sm2PointValue, toScalar } from './sm2-curve.ts';
import { kdf, sm3 } from './sm3.ts';

const C1 = 64;
const C3 = 32;

/** `message.length + 96` bytes. The message is not empty; the public key is on the curve. */
export function sm2Encrypt(publicKey: Uint8Array, message: Uint8Array, random: RandomBytes): Bytes {
  const point = pointOf(publicKey);
  assert(point !== null, 'a recipient key is on the curve');
  assert(message.length > 0, 'SM2 encrypts at least one byte');
  for (;;) {
    const k = randomScalar(random, SM2_N);
    const shared = pointBytes(point.multiply(k));
    const mask = kdf(shared, message.length);
    // §6.1 A5: a mask of zeros would show the message; another k.
    if (isZero(mask)) continue;
    return concat(pointBytes(Sm2Point.BASE.multiply(k)), tagOf(shared, message), xor(message, mask));
  }
}

/** The message, or `null`: too short, C1 off the curve, or C3 does not hold. */
export function sm2Decrypt(privateKey: Uint8Array, ciphertext: Uint8Array): Bytes | null {
  assert(isPrivateKey(privateKey), 'an SM2 private key is 32 bytes in 1 … n−2');
  const c1: Sm2PointValue | null = ciphertext.length > C1 + C3 ? pointOf(ciphertext.subarray(0, C1)) : null;
  if (c1 === null) return null;
  const shared = pointBytes(c1.multiply(toScalar(privateKey)));
  const c2 = ciphertext.subarray(C1 + C3);
  const mask = kdf(shared, c2.length);
  const message = xor(c2, mask);
  return !isZero(mask) && equalBytes(tagOf(shared, message), ciphertext.subarray(C1, C1 + C3)) ? message : null;
}

/** C3 = SM3(x₂ ‖ M ‖ y₂). */
function tagOf(shared: Uint8Array, message: Uint8Array): Bytes {
  return sm3(shared.subarray(0, 32), message, shared.subarray(32));
}

function xor(a: Uint8Array, b: Uint8Array): Bytes {
  return Uint8Array.from(a, (byte, at) => byte ^ (b[at] ?? 0));
}
