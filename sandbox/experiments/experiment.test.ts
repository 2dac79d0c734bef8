import { expect, test } from 'vitest';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { PACK_CN_2026_1 as CN } from '../packs/cn/pack-2026-1.ts';
import { applyOverrides, armOf, type Candidate, type Experiment, participate, refuseRegistration } from './experiment.ts';
import { priceTimePilot } from './sbx-2026-0001.ts';

const NOW = parseInstant('2026-11-22T04:00:00.000Z');
const PILOT = priceTimePilot({ seededAt: NOW, classIds: ['cls_1'], gameIds: ['demo'], pinnedPersonRefs: ['amy'] });
const BOB: Candidate = {
  personRef: 'bob',
  birthDate: '1990-01-01',
  realNameLevel: 'R2',
  hasOpenAmlCase: false,
  acceptedDisclosure: 'd1',
  classId: 'cls_1',
  gameId: 'demo',
  at: NOW,
};

test('the seed sets the period: 14 days back, 180 days long', () => {
  expect([PILOT.period.start, PILOT.period.end]).toEqual(['2026-11-08', '2027-05-07']);
});

test.each<[string, Partial<Experiment>, Partial<Candidate>]>([
  ['SBX_NOT_TESTING', { status: 'PAUSED' }, { acceptedDisclosure: null }],
  ['SBX_OUT_OF_PERIOD', {}, { at: parseInstant('2027-05-07T16:00:00.000Z') }],
  ['SBX_OUT_OF_PERIOD', {}, { at: parseInstant('2026-11-07T15:59:59.999Z') }],
  ['SBX_NOT_ELIGIBLE_AGE', {}, { birthDate: '2008-11-23' }],
  ['SBX_NOT_ELIGIBLE_LEVEL', {}, { realNameLevel: 'R1' }],
  ['SBX_NOT_ELIGIBLE_AML', {}, { hasOpenAmlCase: true }],
  ['SBX_NOT_ELIGIBLE_JURISDICTION', { eligibility: { ...PILOT.eligibility, jurisdictions: ['XX'] } }, {}],
  ['SBX_NOT_ELIGIBLE_GAME', {}, { gameId: 'other' }],
  ['SBX_NOT_ELIGIBLE_CLASS', {}, { classId: 'cls_2' }],
  ['SBX_NOT_JOINED', {}, { acceptedDisclosure: 'd0' }],
])('%s keeps a person out', (code, experiment, candidate) => {
  expect(participate({ ...PILOT, ...experiment }, { ...BOB, ...candidate }, CN)).toMatchObject({ kind: 'out', code });
});

test('the draw is stable, follows the shares, and pins by name', () => {
  const arms = Array.from({ length: 4000 }, (_, i) => armOf(PILOT, `person-${i}`).arm);
  expect(Array.from({ length: 50 }, (_, i) => armOf(PILOT, `person-${i}`).arm)).toEqual(arms.slice(0, 50));
  const share = arms.filter((arm) => arm === 'match').length / arms.length;
  expect(share).toBeGreaterThan(0.77);
  expect(share).toBeLessThan(0.83);
  expect(armOf(PILOT, 'amy')).toEqual({ arm: 'match', isPinned: true });
  expect(armOf(PILOT, 'constructor').isPinned).toBe(false); // a name of Object.prototype pins nobody
});

const widen = (path: string, value: boolean | number, more: Partial<Experiment> = {}): Experiment => ({
  ...PILOT,
  ruleOverrides: [{ arm: 'match', path, value }],
  ...more,
});
const scope = (path: string): Partial<Experiment> =>
  PILOT.authorization === null ? {} : { authorization: { ...PILOT.authorization, kind: 'GRANTED', scope: [path] } };

test.each<[string | null, Experiment, boolean]>([
  [null, PILOT, true],
  ['authorization_simulated', PILOT, false],
  ['authorization_missing', { ...PILOT, authorization: null }, true],
  ['authorization_scope', { ...PILOT, ...scope('trading.matching.OTHER') }, true],
  ['authorization_period', { ...PILOT, period: { ...PILOT.period, end: '2027-05-08' } }, true],
  ['override_not_grantable', widen('trading.matching.CALL_AUCTION', true, scope('trading.matching.CALL_AUCTION')), true],
  ['override_not_grantable', widen('const.vatThresholdDay', 200000, scope('const.vatThresholdDay')), true],
  ['override_path_unknown', widen('trading.matching.ORACLE', true), true],
  ['override_path_unknown', widen('const.constructor', 1), true],
  [null, widen('trading.resaleCooldownTradingDays', 8, { authorization: null }), true],
  [null, widen('const.vatThresholdDay', 50000, { authorization: null }), true],
])('registration answers %s', (code, experiment, isDemonstration) => {
  expect(refuseRegistration(experiment, CN, isDemonstration)).toBe(code);
});

test('an override changes its rule and nothing else', () => {
  const merged = applyOverrides(CN, PILOT.ruleOverrides);
  expect(merged.trading.matching.PRICE_TIME_MATCH.value).toBe(true);
  expect(CN.trading.matching.PRICE_TIME_MATCH.value).toBe(false);
  expect(merged.lines).toBe(CN.lines);
  expect(applyOverrides(CN, PILOT.ruleOverrides)).toBe(merged);
});
