import { describe, expect, test } from 'vitest';
import { PACK_CN_2026_1 as CN } from './cn/pack-2026-1.ts';
import { type Activation, comparePacks, draftFromChanges, refuseActivation } from './compare-packs.ts';
import { PACK_EU_DPI_2026_1 as EU } from './eu-dpi/pack-2026-1.ts';
import { packHash } from './pack.ts';
import { parsePack } from './parse-pack.ts';
import type { RulePack } from './rule-pack.ts';

function draft(changes: Readonly<Record<string, string>>, version = '2026.2'): RulePack {
  return parsePack(draftFromChanges(CN, packHash(CN), version, changes));
}

const NOW = Date.parse('2026-11-27T00:00:00.000Z');
const DAY_MS = 86_400_000;

function ask(pack: RulePack, more: Partial<Activation> = {}): string | null {
  const given: Activation = {
    draft: pack,
    inForce: CN,
    versions: ['2026.1'],
    pendingFrom: null,
    mode: 'NOTICE',
    from: { at: NOW + 8 * DAY_MS, date: '2026-12-05' },
    earliestAt: NOW + 7 * DAY_MS,
    authorization: null,
    ...more,
  };
  return refuseActivation(given)?.code ?? null;
}

describe('two versions side by side', () => {
  test.each([
    ['const.vatThresholdDay', '90000', 'STRICTER'],
    ['const.vatThresholdDay', '200000', 'LAXER'],
    ['const.resaleCooldownTradingDays', '7', 'STRICTER'],
    ['const.resaleCooldownTradingDays', '0', 'LAXER'],
    ['const.giftDeemedSale', 'false', 'LAXER'],
    ['const.drawnItemsResale', 'false', 'STRICTER'],
    ['const.assessMode', 'ZERO_COST', 'OPEN'],
    ['trading.matching.PRICE_TIME_MATCH', 'true', 'LAXER'],
    ['trading.matching.NEGOTIATED', 'false', 'STRICTER'],
    ['trading.minAge.secondary', '16', 'LAXER'],
  ])('%s = %s is %s', (path, value, direction) => {
    expect(comparePacks(CN, draft({ [path]: value }))).toEqual([expect.objectContaining({ path, after: value, direction })]);
  });

  test('the same pack has no difference, another jurisdiction many', () => {
    expect(comparePacks(CN, CN)).toEqual([]);
    expect(comparePacks(CN, EU).length).toBeGreaterThan(50);
  });

  test('a change of what counts as stricter is laxer', () => {
    const vatThresholdDay = CN.constants.vatThresholdDay;
    if (vatThresholdDay === undefined) throw new Error('a constant');
    const turned: RulePack = { ...CN, constants: { ...CN.constants, vatThresholdDay: { ...vatThresholdDay, stricterIs: 'HIGHER' } } };
    expect(comparePacks(CN, turned)).toEqual([expect.objectContaining({ path: 'const.vatThresholdDay', direction: 'LAXER' })]);
  });
});

describe('activation', () => {
  const stricter = draft({ 'const.resaleCooldownTradingDays': '7' });
  /** Detectors, counters and returns read it by its name, and would find none on the first day in force. */
  const without = (name: string): RulePack => {
    const { [name]: _, ...constants } = stricter.constants;
    return { ...stricter, constants };
  };
  const authorization = { issuer: 'STA', number: '1', scope: ['const.vatThresholdDay'], from: '2026-12-01', to: '2027-12-31' };
  const laxer = draft({ 'const.vatThresholdDay': '200000' });
  test.each<[what: string, pack: RulePack, more: Partial<Activation>, code: string | null]>([
    ['stricter with notice', stricter, {}, null],
    ['another jurisdiction', EU, {}, 'pack_jurisdiction'],
    ['nothing changed', draft({}), {}, 'pack_same'],
    ['a figure of a detector left out', without('sv03.minRounds'), {}, 'pack_not_followed'],
    ['a line that counters read left out', without('amlNaturalDay'), {}, 'pack_not_followed'],
    ['a version that was there', draft({ 'const.resaleCooldownTradingDays': '7' }, '2026.1'), {}, 'pack_version_taken'],
    ['a start after the pack’s end', stricter, { from: { at: NOW + 500 * DAY_MS, date: '2028-01-02' } }, 'pack_starts_outside'],
    ['another pack waits', stricter, { pendingFrom: '2026-12-10' }, 'pack_dates_overlap'],
    ['laxer without authorisation', laxer, {}, 'pack_laxer_unauthorized'],
    ['laxer with an authorisation that names the path', laxer, { authorization }, null],
    [
      'an authorisation for something else',
      laxer,
      { authorization: { ...authorization, scope: ['const.vatLevy'] } },
      'pack_laxer_unauthorized',
    ],
    [
      'an authorisation that ends before the draft',
      laxer,
      { authorization: { ...authorization, to: '2027-12-30' } },
      'pack_laxer_unauthorized',
    ],
    ['an authorisation that begins later', laxer, { authorization: { ...authorization, from: '2027-01-01' } }, 'pack_laxer_unauthorized'],
    ['six days of notice', stricter, { from: { at: NOW + 6 * DAY_MS, date: '2026-12-03' } }, 'pack_too_early'],
    ['at once, stricter', stricter, { mode: 'TIGHTEN', from: { at: NOW, date: '2026-11-27' } }, null],
    ['at once, laxer', laxer, { mode: 'TIGHTEN', from: { at: NOW, date: '2026-11-27' }, authorization }, 'pack_not_tightening'],
    [
      'at once, neither',
      draft({ 'const.assessMode': 'ZERO_COST' }),
      { mode: 'TIGHTEN', from: { at: NOW, date: '2026-11-27' } },
      'pack_not_tightening',
    ],
  ])('%s', (_what, pack, more, code) => {
    expect(ask(pack, more)).toBe(code);
  });
});

test('a form’s value that fits no constant is refused with its place', () => {
  expect(() => draft({ 'const.moon': '1' })).toThrow('constants.moon');
  expect(() => draft({ 'const.vatLevy': 'much' })).toThrow('pack_constant_malformed');
});
