/**
 * Clocks as parameters of a pack (product 1.6, V-18): how long a freeze lasts, when a claim is answered, how long names are kept. A document
 * that names one binds by it; one that does not, such as every pack from before there were clocks, is read with the defaults of its
 * jurisdiction, so that its bytes and its hash stay what they are.
 */
import type { Parameter } from '../parameters/parameter.ts';
import { CN_CLOCKS } from './cn/clocks.ts';
import type { RulePack } from './rule-pack.ts';

export type ClockName = keyof typeof CN_CLOCKS;
type Defaults = Readonly<Record<string, Parameter>>;

/** Without a law of their own here, other jurisdictions take the figures as terms of the market. */
const OTHERS: Defaults = Object.fromEntries(
  Object.entries(CN_CLOCKS).map(([name, parameter]): [string, Parameter] => [
    name,
    { ...parameter, ruleId: 'CLOCKS', citation: 'terms of the market', confidence: 'DESIGN', statutory: false },
  ]),
);
const DEFAULTS: Readonly<Record<string, Defaults>> = { CN: CN_CLOCKS };

export function isClock(name: string): name is ClockName {
  return Object.hasOwn(CN_CLOCKS, name);
}

const defaultsOf = (packId: string): Defaults => (Object.hasOwn(DEFAULTS, packId) ? DEFAULTS[packId] : undefined) ?? OTHERS;

/** All constants of a pack, the clocks that it does not name among them. */
export function constantsWithClocks({ id, constants }: Pick<RulePack, 'id' | 'constants'>): Readonly<Record<string, Parameter>> {
  const unnamed = Object.entries(defaultsOf(id)).filter(([name]) => !Object.hasOwn(constants, name));
  return { ...constants, ...Object.fromEntries(unnamed) };
}

/** What such a figure may be: a term that ends, and within a century. */
export const CLOCK_MOST = 36_500;
export function fitsClock(value: string): boolean {
  return /^[1-9]\d{0,4}$/.test(value) && Number(value) <= CLOCK_MOST;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Terms as code counts with them. Working days, months and years are counted on a calendar. */
export type Clocks = {
  readonly temporaryFreezeMs: number;
  readonly operatorFreezeMs: number;
  readonly longestFreezeMs: number;
  readonly restrictionAnswerMs: number;
  readonly caseWorkingDays: number;
  readonly claimAnswerMs: number;
  readonly claimDecisionWorkingDays: number;
  readonly claimAppealMs: number;
  readonly claimReviewMs: number;
  readonly takeoverTradesMs: number;
  readonly takeoverCoolMs: number;
  /** From the first false claim on; the last holds for every later one. */
  readonly falseClaimMs: readonly [number, number, number, number];
  readonly inquiryMs: number;
  readonly inquiryExtensionMs: number;
  readonly sellerCheckMonths: number;
  readonly retentionYears: number;
  readonly accessLogMonths: number;
  readonly sealingMs: number;
};

const known = new WeakMap<RulePack, Clocks>();

/** `null`: no pack is in force, and the defaults of pack CN hold. */
export function clocksOf(pack: RulePack | null): Clocks {
  if (pack === null) return CN_DEFAULT_CLOCKS;
  const found = known.get(pack) ?? read(pack);
  known.set(pack, found);
  return found;
}

function read(pack: Pick<RulePack, 'id' | 'constants'>): Clocks {
  const defaults = defaultsOf(pack.id);
  // A figure of an old document that no draft could bring in today falls back instead of stopping the market.
  const of = (name: ClockName): number => {
    const named = Object.hasOwn(pack.constants, name) ? pack.constants[name]?.value : undefined;
    return Number(named !== undefined && fitsClock(named) ? named : (defaults[name] ?? CN_CLOCKS[name]).value);
  };
  return {
    temporaryFreezeMs: of('temporaryFreezeHours') * HOUR_MS,
    operatorFreezeMs: of('operatorFreezeDays') * DAY_MS,
    longestFreezeMs: of('longestFreezeDays') * DAY_MS,
    restrictionAnswerMs: of('restrictionAnswerDays') * DAY_MS,
    caseWorkingDays: of('caseWorkingDays'),
    claimAnswerMs: of('claimAnswerHours') * HOUR_MS,
    claimDecisionWorkingDays: of('claimDecisionWorkingDays'),
    claimAppealMs: of('claimAppealDays') * DAY_MS,
    claimReviewMs: of('claimReviewDays') * DAY_MS,
    takeoverTradesMs: of('takeoverTradesDays') * DAY_MS,
    takeoverCoolMs: of('takeoverCoolDays') * DAY_MS,
    falseClaimMs: [
      of('falseClaimDays.1') * DAY_MS,
      of('falseClaimDays.2') * DAY_MS,
      of('falseClaimDays.3') * DAY_MS,
      of('falseClaimDays.4') * DAY_MS,
    ],
    inquiryMs: of('inquiryDays') * DAY_MS,
    inquiryExtensionMs: of('inquiryExtensionDays') * DAY_MS,
    sellerCheckMonths: of('sellerCheckMonths'),
    retentionYears: of('retentionYears'),
    accessLogMonths: of('accessLogMonths'),
    sealingMs: of('sealingDays') * DAY_MS,
  };
}

const CN_DEFAULT_CLOCKS: Clocks = read({ id: 'CN', constants: {} });
