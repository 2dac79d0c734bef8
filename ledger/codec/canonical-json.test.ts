import serialize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalText } from './canonical-json.ts';

describe('canonical JSON', () => {
  test('keys are sorted by UTF-16 units and nothing is padded', () => {
    expect(canonicalText({ b: [1, 'é', null], a: { '\u{1F600}': true, ﬁ: false } })).toBe(
      '{"a":{"\u{1F600}":true,"ﬁ":false},"b":[1,"é",null]}',
    );
  });

  test('agrees with another implementation of RFC 8785 on any JSON', () => {
    const key = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('1', '10', '2', '__proto__', 'toString', '\u0000', '"\\'));
    const leaf = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value')), fc.dictionary(key, tie('value'))),
    }));
    fc.assert(
      fc.property(value, (any) => canonicalText(any) === serialize(any)),
      { seed: 8785, numRuns: 300 },
    );
  });

  test.each([
    ['a bigint', { a: 1n }],
    ['undefined', { a: undefined }],
    ['a hole in an array', new Array(2)],
    ['NaN', { a: Number.NaN }],
    ['a class instance', { at: new Date(0) }],
    ['a lone surrogate', { a: '\ud800' }],
    ['a function', { a: () => 1 }],
  ])('%s is refused instead of hashed in some form', (_what, value) => {
    expect(() => canonicalText(value)).toThrow('json_not_canonical');
  });

  test('a value nested too deep is refused before it can exhaust the stack', () => {
    let value: unknown = 0;
    for (let i = 0; i < 10_000; i++) value = [value];
    expect(() => canonicalText(value)).toThrow('too deep');
  });
});
