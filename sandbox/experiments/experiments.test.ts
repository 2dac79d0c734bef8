/** Declarations, guards, KPIs, triggers and the way of an experiment (rulebook 6.3 to 6.5). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ParseError } from '#ledger/primitives/errors.ts';
import { instant, parseInstant } from '#ledger/primitives/instant.ts';
import { PACK_CN_2026_1 as CN } from '../packs/cn/pack-2026-1.ts';
import { checkExperiment } from './check-experiment.ts';
import { parseDeclaration } from './declaration.ts';
import type { Experiment } from './experiment.ts';
import { exhaustedAt } from './forecast.ts';
import { owedReports } from './interim.ts';
import { compareRatios, judge, parseComparison, ratioText } from './judge.ts';
import { type ArmFacts, computeKpis, FORMULAS, isSampleMoney, readingOf } from './kpis.ts';
import { parseExperiment } from './parse-experiment.ts';
import { promotionOf } from './promotion.ts';
import { priceTimePilot } from './sbx-2026-0001.ts';
import { afterStep, refuseStep, STEP_NAMES, STEPS, type Step, type StepContext } from './steps.ts';
import { actionOf, evaluateStops, parseStopCondition, type StopFacts } from './stop-triggers.ts';
import { fillTemplate, TEMPLATES } from './templates.ts';

const NOW = parseInstant('2026-11-22T04:00:00.000Z');
const PILOT = priceTimePilot({ seededAt: NOW, classIds: ['cls_1'], gameIds: ['demo'], pinnedPersonRefs: ['amy'] });
const DAY_MS = 86_400_000;
const FILL = {
  id: 'SBX-2026-0002',
  declarationNo: '9144DEMO-2026-0002',
  pack: CN,
  today: '2026-11-22',
  gameIds: ['demo'],
  classIds: ['cls_1'],
};
const X2 = TEMPLATES.find(({ id }) => id === 'X2');
if (X2 === undefined) throw new Error('X2 is a template');
const DRAFT = fillTemplate(X2, FILL);
const CONTEXT = { pack: CN, today: '2026-11-22', isDemonstration: true, needsNotice: true };
const ASSESSMENT = { by: 'Counsel', date: '2026-11-20', conclusion: 'PASSED', fileHash: 'ab'.repeat(32) };
const DECLARATION = {
  applicationNo: '9144DEMO-2026-0002',
  applicationName: 'Cool-down',
  applicationType: 'TECHNOLOGY_PRODUCT',
  institutions: [{ uscc: '914403004557449382', name: 'Demonstration', licences: [] }],
  plannedStart: '2026-11-30',
  technologyUse: ['ledger'],
  functionService: 'Trading of items',
  innovationNote: 'A longer wait',
  expectedEffect: 'Fewer flips',
  expectedScale: { users: 500, transactionsPerMonth: 1000, amountPerMonthFen: '10000000' },
  serviceChannels: ['web'],
  serviceHours: '24 h',
  userScope: 'Adults',
  serviceAgreementRef: 'agreement-1',
  legalityAssessment: ASSESSMENT,
  securityAssessment: ASSESSMENT,
  riskControls: ['caps'],
  riskCompensation: { fund: 'escrow', currency: 'CNY', amountFen: '2000000', trigger: 'a proven loss', claimDays: 30 },
  exitMechanism: 'Settle under the old rules',
  emergencyPlan: 'Halt all',
  complaintChannels: { institution: 'desk', selfRegulatory: 'association' },
  responsibilityLetter: 'letter-1',
};

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ParseError) return error.code;
    throw error;
  }
  return 'read';
}

describe('reading', () => {
  test('the pilot and every template read back as what they are', () => {
    expect(parseExperiment(JSON.parse(JSON.stringify(PILOT)))).toEqual(PILOT);
    for (const template of TEMPLATES) {
      const draft = fillTemplate(template, FILL);
      expect(parseExperiment(JSON.parse(JSON.stringify(draft)))).toEqual(draft);
      expect(checkExperiment(draft, CONTEXT), template.id).toBeNull();
    }
    expect(TEMPLATES.map(({ id }) => id)).toEqual(['X1', 'X2', 'X3', 'X4', 'X5', 'X6', 'X7', 'X8']);
  });

  test.each<[string, unknown]>([
    ['experiment_malformed', null],
    ['experiment_malformed', { ...DRAFT, surprise: 1 }],
    ['experiment_malformed', { ...DRAFT, id: 'SBX 2' }],
    ['experiment_malformed', { ...DRAFT, period: { ...DRAFT.period, start: '2026-02-30' } }],
    ['experiment_malformed', { ...DRAFT, caps: { ...DRAFT.caps, perTradeFen: -1 } }],
    ['experiment_caps_missing', { ...DRAFT, caps: Object.fromEntries(Object.entries(DRAFT.caps).slice(1)) }],
    ['experiment_caps_missing', { ...DRAFT, caps: {} }],
  ])('%s', (code, document) => {
    expect(codeOf(() => parseExperiment(document))).toBe(code);
  });

  test('a declaration needs every field of its record', () => {
    expect(parseDeclaration(DECLARATION).applicationNo).toBe('9144DEMO-2026-0002');
    for (const field of Object.keys(DECLARATION)) {
      const rest = Object.fromEntries(Object.entries(DECLARATION).filter(([key]) => key !== field));
      expect(
        codeOf(() => parseDeclaration(rest)),
        field,
      ).toBe('declaration_malformed');
    }
  });
});

describe('what stands against an experiment', () => {
  const wide = (more: Partial<Experiment>): Experiment => ({
    ...PILOT,
    period: { ...PILOT.period, start: '2026-12-01', end: '2027-05-07' },
    ...more,
  });
  const granted = (path: string) =>
    PILOT.authorization === null ? null : { ...PILOT.authorization, kind: 'GRANTED' as const, scope: [path] };
  test.each<[string, Experiment]>([
    ['experiment_shares', { ...DRAFT, assignment: { ...DRAFT.assignment, arms: [{ id: 'control', share: '50/100' }] } }],
    ['kpi_malformed', { ...DRAFT, kpis: [{ id: 'x', formula: 'process.exit()' }] }],
    ['kpi_malformed', { ...DRAFT, kpis: [{ id: 'x', formula: 'releasedOrders / paidOrders', target: '>= much' }] }],
    ['stop_trigger_malformed', { ...DRAFT, stopTriggers: [{ when: 'the moon is full', action: 'HALT_ALL' }] }],
    ['experiment_contradictory', { ...DRAFT, ruleOverrides: [{ arm: 'third', path: 'trading.resaleCooldownTradingDays', value: 9 }] }],
    ['experiment_contradictory', { ...DRAFT, stopTriggers: [{ when: 'guardrail(flipShare7d)', action: 'PAUSE_NEW' }] }],
    ['experiment_contradictory', { ...DRAFT, caps: { ...DRAFT.caps, perTradeFen: DRAFT.caps.perPersonDayFen + 1 } }],
    ['experiment_contradictory', { ...DRAFT, kpis: [...DRAFT.kpis, { id: 'filed', formula: 'filedOnTime / filingsDue' }] }],
    ['experiment_contradictory', { ...DRAFT, safeguards: { ...DRAFT.safeguards, refundGuarantee: 'ALWAYS' } }],
    ['experiment_contradictory', { ...DRAFT, safeguards: { ...DRAFT.safeguards, complaintSlaWorkingDays: 1 } }],
    ['experiment_contradictory', { ...DRAFT, exit: { ...DRAFT.exit, success: 'RAISE_THE_FLAG' } }],
    ['experiment_contradictory', wide({ mode: 'LIVE_STRICTER' })],
    ['experiment_period', { ...DRAFT, period: { ...DRAFT.period, end: '2026-11-01' } }],
    ['experiment_period', { ...DRAFT, period: { ...DRAFT.period, publicNoticeDays: 3 } }],
    ['experiment_too_early', { ...DRAFT, period: { ...DRAFT.period, start: '2026-11-28' } }],
    ['override_path_unknown', { ...DRAFT, ruleOverrides: [{ arm: 'cool', path: 'const.moon', value: 1 }] }],
    [
      'override_not_grantable',
      wide({
        ruleOverrides: [{ arm: 'match', path: 'trading.matching.CALL_AUCTION', value: true }],
        authorization: granted('trading.matching.CALL_AUCTION'),
      }),
    ],
    ['authorization_missing', wide({ authorization: null })],
    ['authorization_scope', wide({ authorization: granted('trading.matching.OTHER') })],
    ['authorization_period', wide({ period: { ...PILOT.period, start: '2026-12-01', end: '2027-05-08' } })],
  ])('%s', (code, experiment) => {
    expect(checkExperiment(experiment, CONTEXT)?.code).toBe(code);
  });
  test('a simulated authorisation is none outside a demonstration', () => {
    expect(checkExperiment(wide({}), CONTEXT)).toBeNull();
    expect(checkExperiment(wide({}), { ...CONTEXT, isDemonstration: false })?.code).toBe('authorization_simulated');
  });
});

describe('the way', () => {
  const context: StepContext = {
    now: parseInstant('2026-12-05T04:00:00.000Z'),
    pack: CN,
    isDemonstration: true,
    declaration: parseDeclaration(DECLARATION),
    noticeSince: parseInstant('2026-11-23T04:00:00.000Z'),
    supervisors: 2,
    extensions: 0,
    reason: 'As agreed.',
    newEnd: '2027-04-30',
    takenClasses: [],
  };
  const early = { ...context, now: NOW };
  const at = (status: Experiment['status']): Experiment => ({ ...DRAFT, status });
  test.each<[string, Experiment, Step, StepContext]>([
    ['experiment_state', at('DRAFT'), 'register', context],
    ['experiment_state', at('HALTED'), 'resume', context],
    ['assessment_missing', at('DRAFT'), 'declare', { ...early, declaration: null }],
    [
      'assessment_missing',
      at('DRAFT'),
      'declare',
      { ...early, declaration: { ...parseDeclaration(DECLARATION), securityAssessment: null } },
    ],
    ['notice_running', at('PUBLIC_NOTICE'), 'register', { ...context, now: parseInstant('2026-11-30T03:59:59.999Z') }],
    ['second_supervisor_missing', at('PUBLIC_NOTICE'), 'register', { ...context, supervisors: 1 }],
    ['experiment_not_begun', at('REGISTERED'), 'start', early],
    ['experiment_over', at('REGISTERED'), 'start', { ...context, now: parseInstant('2027-11-22T04:00:00.000Z') }],
    ['experiment_kinds_taken', at('REGISTERED'), 'start', { ...context, takenClasses: ['cls_1'] }],
    ['reason_missing', at('TESTING'), 'halt', { ...context, reason: '  ' }],
    ['extension_used', at('TESTING'), 'extend', { ...context, extensions: 1 }],
    ['extension_too_long', at('TESTING'), 'extend', { ...context, newEnd: '2028-01-01' }],
    ['experiment_too_early', at('DRAFT'), 'declare', context],
  ])('%s', (code, experiment, step, given) => {
    expect(refuseStep(experiment, step, given)?.code).toBe(code);
  });

  test('from draft to each end', () => {
    let experiment = DRAFT;
    for (const step of ['declare', 'publish'] as const) {
      expect(refuseStep(experiment, step, early)).toBeNull();
      experiment = afterStep(experiment, step, null);
    }
    for (const step of ['register', 'start', 'pause', 'resume', 'extend', 'succeed'] as const) {
      expect(refuseStep(experiment, step, context), step).toBeNull();
      experiment = afterStep(experiment, step, context.newEnd);
    }
    expect(experiment).toMatchObject({ status: 'EXITED_SUCCESS', period: { end: '2027-04-30' } });
    for (const step of STEP_NAMES) expect(refuseStep(experiment, step, context)?.code).toBe('experiment_state');
    expect(STEPS.halt.signers).toBe('S');
  });
});

describe('KPIs', () => {
  const arm = (id: string, counts: ArmFacts['counts'], hours: readonly bigint[] = []): ArmFacts => ({
    arm: id,
    counts,
    samples: { hoursToSale: hours.map((numerator) => ({ numerator, denominator: 2n })) },
  });
  const values = computeKpis(PILOT, [
    arm('manual', { releasedOrders: 8n, paidOrders: 10n, complaints: 0n, orders: 20n, alerts: 1n, trades: 100n }, [40n, 20n, 60n]),
    arm('match', { releasedOrders: 99n, paidOrders: 100n, complaints: 2n, orders: 100n, alerts: 3n, trades: 100n }, [10n, 20n]),
  ]);
  const find = (kpiId: string, id: string) => values.find((each) => each.kpiId === kpiId && each.arm === id);
  test('each is its formula, with its sample, its target and its guardrail', () => {
    expect(ratioText(find('medianHoursToSale', 'match')?.value ?? { numerator: 0n, denominator: 1n })).toBe('7.5');
    expect(find('medianHoursToSale', 'match')).toMatchObject({ n: 2, target: { judgement: 'holds' } });
    expect(find('medianHoursToSale', 'manual')?.target).toBeNull();
    expect(find('completionRate', 'manual')).toMatchObject({ n: 10, target: { judgement: 'fails' }, guardrail: { judgement: 'holds' } });
    expect(find('completionRate', 'match')).toMatchObject({ n: 100, target: { judgement: 'holds' }, guardrail: { judgement: 'fails' } });
    expect(find('complaintsPer10k', 'match')).toMatchObject({
      value: { numerator: 20_000n, denominator: 100n },
      guardrail: { judgement: 'holds' },
    });
    expect(find('alertsPer10k', 'match')?.guardrail?.judgement).toBe('holds');
    expect(find('alertPrecision', 'match')).toMatchObject({ value: null, n: 0, target: { judgement: 'unknown' } });
    expect(find('relativeSpread', 'match')).toMatchObject({ value: null, interval: null });
  });
  test('Wilson’s interval of 8 in 10 is 0.49 to 0.94', () => {
    const { low, high } = find('completionRate', 'manual')?.interval ?? { low: 0, high: 0 };
    expect([low.toFixed(3), high.toFixed(3)]).toEqual(['0.490', '0.943']);
  });
  test('an interval holds its value, and a bound and its opposite never hold together', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 500n), fc.bigInt(0n, 500n), (a, b) => {
        const [hits, n] = a < b ? [a, b] : [b, a];
        const [value] = computeKpis({ ...PILOT, kpis: [{ id: 'c', formula: 'releasedOrders / paidOrders' }] }, [
          arm('manual', { releasedOrders: hits, paidOrders: n }),
        ]);
        if (n === 0n) return value?.value === null;
        const p = Number(hits) / Number(n);
        const interval = value?.interval;
        if (interval === undefined || interval === null) return false;
        const given = { numerator: hits, denominator: n };
        const under = judge(parseComparison('< 1/2'), given, () => null);
        const over = judge(parseComparison('>= 1/2'), given, () => null);
        return interval.low <= p + 1e-9 && p <= interval.high + 1e-9 && under !== over && compareRatios(given, given) === 0;
      }),
    );
  });
});

test('each published formula measures a thing of its own, so that words for the thing name the formula', () => {
  const measures = Object.keys(FORMULAS).map((source) => readingOf(source).measure);
  expect(new Set(measures).size).toBe(measures.length);
  expect(readingOf('median((bestAsk - bestBid) / mid)')).toEqual({ measure: 'relativeSpread', unit: 'share' });
  expect(readingOf('sum(turnover)')).toEqual({ measure: 'turnoverFen', unit: 'fen' });
  expect(() => readingOf('orders / trades')).toThrow('kpi_malformed');
  // 8,000.00 of turnover is no sample of 800,000 things.
  expect(['reservedFen', 'offMarketFen'].every((of) => isSampleMoney(of as never))).toBe(true);
  expect(['releasedOrders', 'turnoverFen', 'complaints'].some((of) => isSampleMoney(of as never))).toBe(false);
});

describe('stop triggers', () => {
  const calm: StopFacts = {
    guardrails: { completionRate: { days: 2, isTouched: true } },
    compensationPaidFen: 2_500_000n,
    fundFen: 5_000_000n,
    participantLossMedianFen: 20_000n,
    ledgerBreaks: 0n,
    isOrdered: false,
  };
  test('none acts at its bound, each acts one step beyond', () => {
    expect(actionOf(evaluateStops(PILOT, calm))).toBeNull();
    const fired = (more: Partial<StopFacts>) => actionOf(evaluateStops(PILOT, { ...calm, ...more }))?.action;
    expect(fired({ guardrails: { completionRate: { days: 3, isTouched: true } } })).toBe('PAUSE_NEW');
    expect(fired({ compensationPaidFen: 2_500_001n })).toBe('PAUSE_NEW');
    expect(fired({ participantLossMedianFen: 20_001n })).toBe('PAUSE_NEW');
    expect(fired({ isOrdered: true, compensationPaidFen: 5_000_000n })).toBe('HALT_ALL');
    expect(fired({ ledgerBreaks: 1n })).toBe('HALT_ALL');
    expect(fired({ ledgerBreaks: null })).toBeUndefined();
  });
  test('no text is evaluated', () => {
    fc.assert(fc.property(fc.string(), (when) => codeOf(() => parseStopCondition(when)) === 'stop_trigger_malformed'));
    expect(codeOf(() => parseStopCondition('guardrail(x) for 99 consecutive days'))).toBe('stop_trigger_malformed');
  });
});

test('a forecast is the straight line, and none is made too early or for an empty cap', () => {
  const since = instant(NOW - 10 * DAY_MS);
  expect(exhaustedAt({ used: 50n, limit: 100n, since, now: NOW })).toBe(NOW + 10 * DAY_MS);
  expect(exhaustedAt({ used: 100n, limit: 100n, since, now: NOW })).toBe(NOW);
  expect(exhaustedAt({ used: 0n, limit: 100n, since, now: NOW })).toBeNull();
  expect(exhaustedAt({ used: 50n, limit: 100n, since: NOW, now: NOW })).toBeNull();
});

test('reports are owed of the newest day, month and round that are over, and of none before the start', () => {
  const running = { ...DRAFT, period: { ...DRAFT.period, start: '2026-11-20', end: '2027-02-20' } };
  expect(owedReports(running, '2026-11-20')).toEqual([]);
  expect(owedReports(running, '2026-11-21')).toEqual([{ kind: 'daily', label: '2026-11-20' }]);
  expect(owedReports(running, '2027-01-20')).toEqual([
    { kind: 'daily', label: '2027-01-19' },
    { kind: 'monthly', label: '2026-12' },
    { kind: 'interim', label: '2027-01-19' },
  ]);
  const silent = { ...running, reporting: { ...running.reporting, daily: false, monthly: false } };
  expect(owedReports(silent, '2027-01-18')).toEqual([]);
});

test('a success proposes the rules of the arm that met most targets, as values over the pack; a failure and a shadow propose nothing', () => {
  const ended: Experiment = { ...DRAFT, status: 'EXITED_SUCCESS' };
  expect(promotionOf(ended, [], CN)).toEqual({
    arm: 'cool',
    changes: { 'const.resaleCooldownTradingDays': '10' },
    version: '2026.1-sbx20260002',
  });
  const longer = { arm: 'control', path: 'trading.resaleCooldownTradingDays', value: 7 };
  const two = { ...ended, ruleOverrides: [...ended.ruleOverrides, longer] };
  const facts = [
    { arm: 'control', counts: { resoldWithin7d: 9n, delivered: 10n }, samples: {} },
    { arm: 'cool', counts: { resoldWithin7d: 1n, delivered: 10n }, samples: {} },
  ];
  expect(promotionOf(two, computeKpis(two, facts), CN)?.arm).toBe('cool');
  expect(promotionOf({ ...ended, status: 'EXITED_FAILED' }, [], CN)).toBeNull();
  expect(promotionOf({ ...ended, exit: { ...ended.exit, success: 'KEEP_PACK' } }, [], CN)).toBeNull();
  expect(promotionOf({ ...ended, ruleOverrides: [] }, [], CN)).toBeNull();
});
