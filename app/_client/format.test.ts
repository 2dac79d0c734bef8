import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanName, formatBps, formatFen, formatYuan, parseYuan } from './format.ts';

describe('money on screen (Q-02)', () => {
  test('formatting and parsing are inverse for every integer', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }), (fen) => {
        expect(parseYuan(formatYuan(fen))).toBe(fen);
      }),
    );
  });
  test.each([
    ['101000', '1,010.00 元'],
    ['0', '0.00 元'],
    ['5', '0.05 元'],
    ['-23198', '−231.98 元'],
    ['100000000', '1,000,000.00 元'],
  ])('%s fen is %s', (fen, text) => expect(formatYuan(fen)).toBe(text));
  test.each([
    ['1,010.5', 101050n],
    ['１０１０．５０ 元', 101050n],
    ['￥1010', 101000n],
    ['1010.', 101000n],
    ['1010.505', null],
    ['abc', null],
    ['', null],
  ])('%s is read as %s', (text, fen) => expect(parseYuan(text)).toBe(fen));
  test('basis points are shown as percent', () => expect(formatBps(500)).toBe('5.00 %'));
  test('no thousands separator after the point', () => expect(formatFen('123456789')).toBe('1,234,567.89'));
});

test('names of the catalogue lose tags and line breaks', () => expect(cleanName('<ARCHWING> Odonata\n Prime')).toBe('Odonata Prime'));
