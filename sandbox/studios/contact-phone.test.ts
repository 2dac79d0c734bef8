import { expect, test } from 'vitest';
import { isContactPhone, maskPhone } from './contact-phone.ts';

test.each([
  ['13800138000', true],
  ['020-38888888', true],
  ['02038888888', true],
  ['0755-2666888', true],
  ['010-66666666-8012', true],
  ['400-800-8820', true],
  ['12800138000', false],
  ['1380013800', false],
  ['020-1888888', false],
  ['+8613800138000', false],
  ['138 0013 8000', false],
  ['call us', false],
  ['', false],
])('%s: %s', (text, isPhone) => {
  expect(isContactPhone(text)).toBe(isPhone);
});

test('masked it shows its last four digits', () => {
  expect(maskPhone('020-38888812')).toBe('****8812');
});
