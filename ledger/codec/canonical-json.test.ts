import { describe, expect, test } from 'vitest';
import { canonicalText } from './canonical-json.ts';

describe('canonical JSON', () => {
  test('keys are sorted by UTF-16 units and nothing is padded', () => {
    expect(canonicalText({ b: [1, 'é', null], a: { '\u{1F600}': true, ﬁ: false } })).toBe(
      '{"a":{"\u{1F600}":true,"ﬁ":false},"b":[1,"é",null]}',
    );
  });

  test.each([
    ['a bigint', { a: 1n }],
    ['undefined', { a: undefined }],
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
