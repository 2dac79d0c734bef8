/** Published parameters of the detectors CN-SV-00 to 17 (rulebook 9): `sv03.minRounds` belongs to CN-SV-03. Ratios of the securities and
 *  futures laws serve as defaults because a supervisor recognises them; they do not bind items, so most of them are DESIGN. */
import type { Parameter } from '../../parameters/parameter.ts';
import type { Confidence } from '../rule-pack.ts';

type Row = readonly [unit: Parameter['unit'], value: string, stricterIs?: 'LOWER' | 'HIGHER', citation?: string, confidence?: Confidence];

const BOOK = 'rulebook 9.2';
const MEASURED = 'set on the training half of the labelled sets (sandbox/README, decision on detectors)';

const ROWS: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  'CN-SV-00': {
    minTrades: ['count', '5'],
    minSellers: ['count', '3'],
  },
  'CN-SV-01': {
    weight: ['rate', '1'],
    baseRate: ['rate', '1/10000'],
    minAttempts: ['count', '1', 'LOWER'],
    pauseDays: ['days', '30', 'HIGHER'],
  },
  'CN-SV-02': {
    weight: ['rate', '8/10'],
    baseRate: ['rate', '1/10000'],
    tradingDays: ['days', '10', 'HIGHER', 'Fa Shi [2019] 9 art. 2'],
    share: ['rate', '20/100', 'LOWER', 'Fa Shi [2019] 9 art. 2'],
    minTrades: ['count', '3', 'LOWER'],
  },
  'CN-SV-03': {
    weight: ['rate', '1'],
    baseRate: ['rate', '1/5000'],
    positionTolerance: ['rate', '1/100', 'HIGHER', 'Victor, Weintraud (WWW 2021)'],
    minRounds: ['count', '5', 'LOWER', 'Victor, Weintraud (WWW 2021): 100; here units per account'],
    flatTrades: ['count', '3', 'LOWER', MEASURED],
    flatTolerance: ['rate', '1/100', 'HIGHER', MEASURED],
  },
  'CN-SV-04': {
    weight: ['rate', '1'],
    baseRate: ['rate', '1/2000'],
    windowDays: ['days', '7', 'HIGHER'],
    longWindowDays: ['days', '90', 'HIGHER', MEASURED],
    mostHops: ['count', '6', 'HIGHER'],
    gainNear: ['rate', '5/100', 'HIGHER'],
    gainFar: ['rate', '100/100', 'LOWER'],
  },
  'CN-SV-05': {
    weight: ['rate', '8/10'],
    baseRate: ['rate', '1/1000'],
    madPower: ['count', '4', 'LOWER'],
    tailFactor: ['rate', '3/2', 'LOWER', MEASURED],
    mostTailRatio: ['rate', '2', 'HIGHER', MEASURED],
  },
  'CN-SV-06': {
    weight: ['rate', '8/10'],
    baseRate: ['rate', '1/5000'],
    minTrades: ['count', '5', 'LOWER'],
    windowHours: ['count', '24', 'HIGHER'],
    rise: ['rate', '13/10', 'LOWER'],
    mostBuyers: ['count', '3', 'HIGHER'],
    buyerConcentration: ['rate', '1/2', 'LOWER'],
    mostSellersShare: ['rate', '4/10', 'HIGHER', MEASURED],
    mostTailRatio: ['rate', '2', 'HIGHER', MEASURED],
    coolDownHours: ['count', '24', 'HIGHER'],
  },
  'CN-SV-07': {
    weight: ['rate', '7/10'],
    baseRate: ['rate', '1/5000'],
    canceledShare: ['rate', '50/100', 'LOWER', 'Fa Shi [2019] 9 art. 2'],
    minListings: ['count', '20', 'LOWER'],
    minValue: ['fen', '5000000', 'LOWER'],
    medianLifeSeconds: ['count', '120', 'HIGHER'],
    oppositeMinutes: ['count', '10', 'HIGHER'],
  },
  'CN-SV-08': {
    weight: ['rate', '8/10'],
    baseRate: ['rate', '1/2000'],
    lowerShare: ['rate', '8/10', 'LOWER'],
    minCount: ['count', '3', 'LOWER'],
    belowShare: ['rate', '1/2', 'LOWER', MEASURED],
    mostSalesADay: ['count', '2', 'HIGHER', MEASURED],
  },
  'CN-SV-09': {
    weight: ['rate', '8/10'],
    baseRate: ['rate', '1/2000'],
    balance: ['rate', '9/10', 'LOWER'],
    minTurnover: ['fen', '500000', 'LOWER'],
    maxAgeDays: ['days', '30', 'HIGHER'],
    highDegree: ['count', '5', 'LOWER'],
    minTurnoverHighDegree: ['fen', '500000', 'LOWER'],
  },
  'CN-SV-10': {
    weight: ['rate', '8/10'],
    baseRate: ['rate', '1/2000'],
    windowDays: ['days', '7', 'HIGHER'],
    minOthers: ['count', '10', 'LOWER'],
    burstFactor: ['rate', '4', 'LOWER', MEASURED],
    outlierFactor: ['rate', '3', 'LOWER', MEASURED],
    bandShare: ['rate', '9/10', 'LOWER', MEASURED],
    bandRatio: ['rate', '12/10', 'HIGHER', MEASURED],
    passedShare: ['rate', '8/10', 'LOWER', MEASURED],
    minMiddle: ['count', '5', 'LOWER'],
    middleKept: ['rate', '2/10', 'HIGHER', MEASURED],
    cycleDays: ['days', '30', 'HIGHER', MEASURED],
    cycleStepDays: ['days', '7', 'HIGHER', MEASURED],
    cycleMostSteps: ['count', '6', 'HIGHER'],
    cycleLoss: ['rate', '1/10', 'HIGHER', MEASURED],
    smallShare: ['rate', '1/10', 'HIGHER', MEASURED],
    minHabit: ['count', '2', 'LOWER', MEASURED],
    minSplit: ['count', '2', 'LOWER', MEASURED],
    splitRatio: ['rate', '13/10', 'HIGHER', MEASURED],
    minPayers: ['count', '2', 'LOWER', MEASURED],
    collectionDays: ['days', '180', 'HIGHER', MEASURED],
  },
  'CN-SV-11': {
    weight: ['rate', '8/10'],
    baseRate: ['rate', '1/5000'],
    windowHours: ['count', '72', 'HIGHER'],
    priceShare: ['rate', '7/10', 'HIGHER'],
    minItems: ['count', '3', 'LOWER'],
    holdDays: ['days', '7', 'HIGHER', 'rulebook 9.2, product 1.6'],
  },
  'CN-SV-12': {
    weight: ['rate', '1'],
    baseRate: ['rate', '1/10000'],
    keepDays: ['days', '180', 'HIGHER'],
  },
  'CN-SV-13': {
    weight: ['rate', '9/10'],
    baseRate: ['rate', '1/10000'],
    pauseDays: ['days', '30', 'HIGHER'],
  },
  'CN-SV-14': {
    weight: ['rate', '4/10'],
    baseRate: ['rate', '1/100000'],
    minTrades: ['count', '500', 'LOWER'],
    chiSquare: ['rate', '26.12', 'LOWER', 'chi-square with 8 degrees of freedom at 1/1000'],
    z: ['rate', '4', 'LOWER'],
    roundMultiple: ['fen', '1000'],
  },
  'CN-SV-15': {
    weight: ['rate', '7/10'],
    baseRate: ['rate', '1/10000'],
    z: ['rate', '5', 'LOWER'],
    newShare: ['rate', '1/2', 'LOWER'],
    newDays: ['days', '7', 'HIGHER'],
    minTrades: ['count', '20', 'LOWER', MEASURED],
  },
  'CN-SV-16': {
    weight: ['rate', '8/10'],
    baseRate: ['rate', '1/2000'],
    windowDays: ['days', '30', 'HIGHER'],
    minGifts: ['count', '3', 'LOWER'],
    minValue: ['fen', '300000', 'LOWER'],
  },
  'CN-SV-17': {
    weight: ['rate', '7/10'],
    baseRate: ['rate', '1/1000'],
    minSignals: ['count', '2', 'LOWER', 'rulebook CN-MIN-06'],
    windowDays: ['days', '30', 'HIGHER'],
  },
};

/** Score at which a case opens, and working days until an alert must be triaged (rulebook 9.2). */
const GENERAL: Readonly<Record<string, Row>> = {
  svCaseScore: ['count', '60', 'LOWER'],
  svTriageWorkingDays: ['days', '1', 'LOWER'],
};

export const CN_SURVEILLANCE: Readonly<Record<string, Parameter>> = Object.fromEntries([
  ...Object.entries(ROWS).flatMap(([ruleId, rows]) =>
    Object.entries(rows).map(([name, row]) => [`sv${ruleId.slice(-2)}.${name}`, parameter(ruleId, row)] as const),
  ),
  ...Object.entries(GENERAL).map(([name, row]) => [name, parameter('CN-SV-00', row)] as const),
]);

function parameter(ruleId: string, [unit, value, stricterIs, citation = BOOK, confidence = 'DESIGN']: Row): Parameter {
  return {
    ruleId,
    value,
    unit,
    confidence,
    citation,
    asOf: '2026-11-22',
    effectiveFrom: '2026-01-01',
    effectiveTo: null,
    statutory: false,
    ...(stricterIs === undefined ? {} : { stricterIs }),
  };
}
