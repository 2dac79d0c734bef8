import { expect, test } from 'vitest';
import { digestOf, generatePrivateKey, isSignatureInRange, publicKeyOf, signDigest, verifyDigest } from '#ledger/crypto/sm2.ts';
import { fromScalar, modN, SM2_N, Sm2Point, toScalar } from '#ledger/crypto/sm2-curve.ts';
import { systemRandom } from '#ledger/node/sm2-openssl.ts';
import { type Bytes, concat } from '#ledger/primitives/bytes.ts';
import { startSm2Comb } from './sm2-comb.ts';

const comb = startSm2Comb(2);
const randomBelowN = (): bigint => 1n + (toScalar(systemRandom(32)) % (SM2_N - 1n));

/** The digest that a signature with these scalars is valid for: e = r − x(s·G + t·P), with r = t − s. */
function digestFor(d: bigint, s: bigint, t: bigint): { readonly digest: Bytes; readonly signature: Bytes } {
  const r = modN(t - s);
  const point = Sm2Point.BASE.multiplyUnsafe(modN(s + t * d));
  return { digest: fromScalar(modN(r - point.toAffine().x)), signature: concat(fromScalar(r), fromScalar(s)) };
}

test('what the portable code verifies verifies, and not with a bit of it changed', () => {
  const d = generatePrivateKey(systemRandom);
  const publicKey = publicKeyOf(d);
  comb.load(0, publicKey);
  for (let round = 0; round < 60; round++) {
    const digest = digestOf(publicKey, systemRandom(40));
    const signature = signDigest(d, digest, randomBelowN());
    if (signature === null) continue;
    expect(comb.verify(0, digest, signature)).toBe(true);
    const altered = signature.slice();
    altered[round] = (altered[round] ?? 0) ^ (1 << (round % 8));
    if (isSignatureInRange(altered)) expect(comb.verify(0, digest, altered)).toBe(false);
    const other = digest.slice();
    other[round % 32] = (other[round % 32] ?? 0) ^ 1;
    expect(comb.verify(0, other, signature)).toBe(false);
  }
});

test('scalars at the ends of their windows', () => {
  const d = randomBelowN() % (SM2_N - 2n);
  comb.load(1, publicKeyOf(fromScalar(d)));
  const ends = [
    1n,
    2n,
    31n,
    32n,
    33n,
    63n,
    64n,
    127n,
    128n,
    129n,
    255n,
    256n,
    2n ** 128n,
    2n ** 255n,
    SM2_N - 1n,
    SM2_N - 2n,
    (SM2_N - 1n) / 2n,
  ];
  const full = [0x80n, 0x81n, 0x7fn].map((byte) => BigInt(`0x${byte.toString(16).repeat(32)}`) % SM2_N);
  const scalars = [...ends, ...full, randomBelowN()];
  for (const s of scalars) {
    for (const t of scalars) {
      if (s === t) continue; // r would be 0
      const { digest, signature } = digestFor(d, s, t);
      if (comb.verify(1, digest, signature) !== true) expect.fail(`s = ${s}, t = ${t}`);
    }
  }
});

test('where the formulas do not hold it says so instead of answering', () => {
  // With d = 1 the key is G itself: the two tables meet in one point, or in a point and its opposite.
  comb.load(0, publicKeyOf(fromScalar(1n)));
  const twice = digestFor(1n, 1n, 2n);
  const answers = [
    comb.verify(0, twice.digest, twice.signature),
    comb.verify(0, digestFor(1n, 2n, 1n).digest, digestFor(1n, 2n, 1n).signature),
    // s·G + t·P is infinity
    comb.verify(0, new Uint8Array(32), concat(fromScalar(SM2_N - 2n * 5n), fromScalar(5n))),
  ];
  expect(answers[2]).toBe(null);
  for (const [index, { digest, signature }] of [twice, digestFor(1n, 2n, 1n)].entries())
    expect(answers[index] ?? verifyDigest(publicKeyOf(fromScalar(1n)), digest, signature)).toBe(true);
  // The third multiple of G is not in the way of 3·G − 1·P: with window digits that differ the sum never meets itself.
  const apart = digestFor(1n, 3n, 1n);
  expect(comb.verify(0, apart.digest, apart.signature)).toBe(true);
});

test('a table is of the key that was loaded last', () => {
  const [first, second] = [generatePrivateKey(systemRandom), generatePrivateKey(systemRandom)];
  const digest = systemRandom(32);
  const signature = signDigest(first, digest, randomBelowN());
  if (signature === null) throw new Error('another nonce');
  comb.load(0, publicKeyOf(first));
  expect(comb.verify(0, digest, signature)).toBe(true);
  comb.load(0, publicKeyOf(second));
  expect(comb.verify(0, digest, signature)).toBe(false);
});
