import { expect, test } from 'vitest';
import { fromHex, toHex } from './bytes.ts';
import { ParseError } from './errors.ts';

test('hex goes there and back for every byte', () => {
  const all = Uint8Array.from({ length: 256 }, (_, value) => value);
  expect(toHex(all)).toBe(Buffer.from(all).toString('hex'));
  expect([...fromHex(toHex(all), 256)]).toEqual([...all]);
  expect([...fromHex('')]).toEqual([]);
});

test('anything but lower-case hex of the wanted length is refused', () => {
  const strange = [
    '0',
    'AB',
    'aB',
    '0g',
    'g0',
    ' 0',
    '0\n',
    '0x',
    '-1',
    '\u0130' + '0',
    '0\uff10',
    '/0',
    ':0',
    '`0',
    '@0',
    null,
    undefined,
    12,
    ['00'],
  ];
  for (const input of strange) expect(() => fromHex(input), String(input)).toThrow(ParseError);
  expect(() => fromHex('0011', 3)).toThrow(ParseError);
  expect(fromHex('0011', 2)).toEqual(Uint8Array.of(0, 17));
});
