import { describe, expect, test } from 'vitest';
import { termOf } from '../cases/case-order.ts';
import { type ClockName, clocksOf, constantsWithClocks } from './clocks.ts';
import { PACK_CN_2026_1 as CN } from './cn/pack-2026-1.ts';
import { type Activation, comparePacks, draftFromChanges, refuseActivation } from './compare-packs.ts';
import { PACK_EU_DPI_2026_1 as EU } from './eu-dpi/pack-2026-1.ts';
import { packHash } from './pack.ts';
import { parsePack } from './parse-pack.ts';
import type { RulePack } from './rule-pack.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function draft(changes: Readonly<Partial<Record<ClockName, string>>>): RulePack {
  const paths = Object.fromEntries(Object.entries(changes).map(([name, value]) => [`const.${name}`, value]));
  return parsePack(draftFromChanges(CN, packHash(CN), '2026.2', paths));
}

function refuse(pack: RulePack, more: Partial<Activation> = {}) {
  const at = Date.parse('2026-12-05T00:00:00.000Z');
  return refuseActivation({
    ...{ draft: pack, inForce: CN, versions: ['2026.1'], pendingFrom: null, mode: 'NOTICE', earliestAt: at, authorization: null },
    from: { at, date: '2026-12-05' },
    ...more,
  });
}

describe('clocks of a pack', () => {
  test('a pack that names none keeps its bytes and is read with the defaults of product 1.6', () => {
    expect(Object.keys(CN.constants).filter((name) => /Freeze|claim|retention|takeover/.test(name))).toEqual([]);
    expect(clocksOf(CN)).toMatchObject({
      ...{ temporaryFreezeMs: 48 * HOUR_MS, operatorFreezeMs: 7 * DAY_MS, longestFreezeMs: 90 * DAY_MS, restrictionAnswerMs: 15 * DAY_MS },
      ...{ claimAnswerMs: 48 * HOUR_MS, claimDecisionWorkingDays: 5, claimAppealMs: 7 * DAY_MS, claimReviewMs: 15 * DAY_MS },
      ...{
        takeoverTradesMs: 7 * DAY_MS,
        takeoverCoolMs: 30 * DAY_MS,
        retentionYears: 10,
        sellerCheckMonths: 6,
        accessLogMonths: 6,
        sealingMs: 180 * DAY_MS,
      },
    });
    expect(clocksOf(CN).falseClaimMs).toEqual([2, 7, 30, 365].map((days) => days * DAY_MS));
    expect(clocksOf(EU)).toEqual(clocksOf(CN));
  });

  test('another clock of a draft binds in the rule that reads it, and stands under the hash with the rest', () => {
    const pack = draft({ temporaryFreezeHours: '24' });
    const terms = clocksOf(pack);
    expect([24, 25].map((hours) => termOf(hours * HOUR_MS, 0, 0, terms))).toEqual(['temporary', 'long']);
    expect(termOf(25 * HOUR_MS, 0, 0, clocksOf(CN))).toBe('temporary');
    expect(constantsWithClocks(pack)).toEqual(pack.constants);
    expect(comparePacks(CN, pack).map(({ path, before, after }) => [path, before, after])).toEqual([
      ['const.temporaryFreezeHours', '48', '24'],
    ]);
  });

  test.each<[ClockName, string, string | null]>([
    ['temporaryFreezeHours', '72', 'pack_laxer_unauthorized'],
    ['temporaryFreezeHours', '24', null],
    ['restrictionAnswerDays', '20', 'pack_laxer_unauthorized'],
    ['caseWorkingDays', '6', 'pack_laxer_unauthorized'],
    ['sellerCheckMonths', '12', 'pack_laxer_unauthorized'],
    ['retentionYears', '5', 'pack_laxer_unauthorized'],
    ['retentionYears', '15', null],
    ['accessLogMonths', '5', 'pack_laxer_unauthorized'],
    ['accessLogMonths', '12', null],
    ['sealingDays', '181', null],
    ['sealingDays', '90', null],
    ['operatorFreezeDays', '8', 'pack_not_followed'],
    ['longestFreezeDays', '91', 'pack_not_followed'],
    ['longestFreezeDays', '60', null],
    // Terms of the market, not of the law: changed with seven days' notice, and not at once.
    ['claimAnswerHours', '72', null],
  ])('a draft with %s of %s: %s', (name, value, code) => {
    expect(refuse(draft({ [name]: value }))?.code ?? null).toBe(code);
  });

  test('a looser term of the market is no tightening, and one that the authorisation names is allowed', () => {
    expect(refuse(draft({ claimAnswerHours: '72' }), { mode: 'TIGHTEN' })).toMatchObject({ code: 'pack_not_tightening' });
    const authorization = { issuer: 'PBoC', number: '1', scope: ['const.temporaryFreezeHours'], from: '2026-12-01', to: '2027-12-31' };
    expect(refuse(draft({ temporaryFreezeHours: '72' }), { authorization })).toBeNull();
  });

  test('leaving a stricter clock out of the next document loosens it', () => {
    const strict = draft({ retentionYears: '15' });
    const { retentionYears: _, ...constants } = strict.constants;
    const bare = { ...strict, version: '2026.3', constants };
    expect(comparePacks(strict, bare)).toEqual([
      expect.objectContaining({ path: 'const.retentionYears', before: '15', after: '10', direction: 'LAXER', statutory: true }),
    ]);
  });

  test.each(['0', '36501', '01', '-1', '2.5', '1'.repeat(18)])('a clock of %s is refused with its place', (value) => {
    expect(() => draft({ claimAnswerHours: value })).toThrow('constants.claimAnswerHours');
  });
});
