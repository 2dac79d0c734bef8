import { expect, test } from 'vitest';
import { isCreditCode } from './credit-code.ts';

// 91350100M000100Y43 is the example of GB 32100-2015; the others stand on public licences.
const GOOD = ['91350100M000100Y43', '9144030071526726XG', '914403001922038216'];

test.each(GOOD)('%s has a right check character', (code) => expect(isCreditCode(code)).toBe(true));

test('one other character anywhere, two neighbours swapped, another length or a letter of none are refused', () => {
  for (const code of GOOD) {
    for (let at = 0; at < code.length; at++) {
      const other = code[at] === '7' ? '8' : '7';
      expect(isCreditCode(code.slice(0, at) + other + code.slice(at + 1))).toBe(false);
      const [a = '', b = ''] = [code[at], code[at + 1]];
      if (b !== '' && a !== b) expect(isCreditCode(code.slice(0, at) + b + a + code.slice(at + 2))).toBe(false);
    }
    for (const wrong of [code.slice(1), `${code}0`, code.toLowerCase(), code.replace(/.$/, 'I'), code.replace(/^./, 'O')])
      expect(isCreditCode(wrong) && wrong !== code).toBe(false);
  }
});
