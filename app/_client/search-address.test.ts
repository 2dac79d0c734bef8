import { expect, test } from 'vitest';
import { readSearchAddress, setValue, toggleValue } from './search-address.ts';

test('the address holds the whole query', () => {
  const address = 'q=遗物&category=Relics&category=Mods&rarity=Rare&a.era=Axi&a.era=Neo&a.drain=2..8&min=100&listed=1&sort=price_up';
  expect(readSearchAddress(new URLSearchParams(address))).toEqual({
    text: '遗物',
    category: ['Relics', 'Mods'],
    rarity: ['Rare'],
    where: { era: ['Axi', 'Neo'], drain: { min: 2, max: 8 } },
    minFen: '100',
    listed: true,
    sort: 'price_up',
  });
});
test('nonsense in an address is left out', () => {
  expect(readSearchAddress(new URLSearchParams('sort=up&min=1.5&listed=yes&q=%20'))).toEqual({});
});
test('switching a value twice leaves the address as it was', () => {
  const before = new URLSearchParams('category=Mods&category=Relics');
  const once = toggleValue(before, 'category', 'Fish');
  expect(once.getAll('category')).toEqual(['Mods', 'Relics', 'Fish']);
  expect(toggleValue(once, 'category', 'Fish').toString()).toBe(before.toString());
  expect(setValue(once, 'category', null).toString()).toBe('');
});
