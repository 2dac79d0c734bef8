import { expect, test } from 'vitest';
import { toScalar } from '#ledger/crypto/sm2-curve.ts';
import { systemRandom } from '#ledger/node/sm2-openssl.ts';
import { ELEMENT, FREE, FIELD_P as P, startSm2Field } from './sm2-field.ts';

const field = startSm2Field(1);
const [a, b, to] = [FREE, FREE + ELEMENT, FREE + 2 * ELEMENT];
const R = 2n ** 261n;
const inForm = (value: bigint): bigint => (((value % P) + P) * R) % P;

// Limbs full of ones and of zeros, the ends of the field, and what carries through every limb.
const EDGES = [
  0n,
  1n,
  2n,
  P - 1n,
  P - 2n,
  (P - 1n) / 2n,
  2n ** 29n - 1n,
  2n ** 29n,
  2n ** 232n,
  2n ** 232n - 1n,
  2n ** 255n - 1n,
  2n ** 64n,
  2n ** 96n,
];
const random = () => Array.from({ length: 40 }, () => toScalar(systemRandom(32)) % P);

test('product, square, sum and difference are those of the integers modulo p', () => {
  const values = [...EDGES, ...random()];
  for (const x of values) {
    field.put(a, x);
    field.sqr(to, a);
    expect(field.raw(to)).toBe(inForm(x * x));
    for (const y of values) {
      field.put(b, y);
      field.mul(to, a, b);
      const product = field.raw(to);
      field.add(to, a, b);
      const sum = field.raw(to);
      field.sub(to, a, b);
      if (product !== inForm(x * y) || sum !== inForm(x + y) || field.raw(to) !== inForm(x - y)) expect.fail(`${x} and ${y}`);
    }
  }
});

test('values grow to 8p on either side of 0 and multiply as if they were reduced', () => {
  for (const x of [...EDGES, ...random()]) {
    for (const steps of [1, 3, 7]) {
      field.put(a, P - 1n);
      field.put(b, x);
      for (let i = 0; i < steps; i++) field.add(a, a, b);
      const up = P - 1n + BigInt(steps) * x;
      field.sqr(to, a);
      expect(field.raw(to)).toBe(inForm(up * up));
      field.put(a, 0n);
      for (let i = 0; i < steps; i++) field.sub(a, a, b);
      field.mul(to, a, a);
      expect(field.raw(to)).toBe(inForm(BigInt(steps * steps) * x * x));
      field.mul(to, to, a);
      expect(field.raw(to)).toBe(inForm(-BigInt(steps ** 3) * x * x * x));
    }
  }
});
