/** Do the figures of a pack make sense as what rules take them for? A draft that fails here would be read wrongly, or break what reads it. */
import { ParseError } from '#ledger/primitives/errors.ts';
import { isCalendarDate } from '#ledger/primitives/instant.ts';
import { parseRate } from '../parameters/decimal.ts';
import type { Parameter } from '../parameters/parameter.ts';
import { CALENDAR_WINDOWS, type Expr, type RulePack } from './rule-pack.ts';

function contradictory(path: string, expected: string): ParseError {
  return new ParseError('pack_contradictory', { path, expected });
}

/** @throws {ParseError} `pack_contradictory` */
export function checkFigures(pack: RulePack): void {
  refuseUnits(pack);
  refuseRates(pack);
  refuseOrder(pack);
  refuseDays(pack);
}

/** What engine, decisions and quotes read by name is read in this unit. */
const UNITS: Readonly<Record<string, Parameter['unit']>> = {
  unitPriceMin: 'fen',
  unitPriceMax: 'fen',
  platformFeeBpsMax: 'count',
  enhancedLevelAboveDay: 'fen',
  payoutHoursMin: 'count',
  tradeHoldDaysAfterPrimary: 'days',
  resaleCooldownTradingDays: 'days',
  offMarketFactor: 'rate',
  offMarketMinDifference: 'fen',
  virtualCurrencyTradable: 'switch',
  drawnItemsResale: 'switch',
  assessMode: 'switch',
  earnedMode: 'switch',
  giftReceivedCost: 'switch',
  giftDeemedSale: 'switch',
};

function refuseUnits(pack: RulePack): void {
  const { trading, minors, thresholdWindow, caps = [] } = pack;
  const named: readonly (readonly [path: string, name: string | null, unit: Parameter['unit']])[] = [
    ...Object.entries(UNITS).map(([name, unit]) => [`constants.${name}`, name, unit] as const),
    ['trading.unitPrice.minConstant', trading.unitPrice.minConstant, 'fen'],
    ['trading.unitPrice.maxConstant', trading.unitPrice.maxConstant, 'fen'],
    ['trading.levels.secondaryAboveDay', trading.levels.secondaryAboveDay.constant, 'fen'],
    ...minors.bands.flatMap(({ single, month }) => [['minors.bands', single, 'fen'] as const, ['minors.bands', month, 'fen'] as const]),
    ...Object.entries(thresholdWindow?.choices ?? {}).map(
      ([value, { threshold }]) => [`thresholdWindow.choices.${value}`, threshold, 'fen'] as const,
    ),
    ...caps.map(({ max, measure }, index) => [`caps[${index}].max`, max, measure === 'COUNT' ? 'count' : 'fen'] as const),
  ];
  for (const [path, name, unit] of named) {
    const found = name === null ? undefined : pack.constants[name];
    if (found !== undefined && found.unit !== unit) throw contradictory(path, `${name ?? ''} in ${unit}`);
  }
  // A switch without its list of words would take any word, and mean nothing by it.
  for (const [name, { unit, allowed }] of Object.entries(pack.constants)) {
    if (unit === 'switch' && (allowed === undefined || allowed.length === 0))
      throw contradictory(`constants.${name}`, 'a switch with the words that it may hold');
  }
  const feeBps = pack.constants.platformFeeBpsMax?.value ?? '0';
  if (BigInt(feeBps) > 10_000n) throw contradictory('constants.platformFeeBpsMax', 'at most 10000 basis points');
}

/** More than the whole base is no tax. */
function refuseRates(pack: RulePack): void {
  const isShare = (text: string) => {
    const { numerator, denominator } = parseRate(text);
    return numerator >= 0n && numerator <= denominator;
  };
  const check = (path: string, name: string): void => {
    const { [name]: selector } = pack.selectors;
    const names =
      selector === undefined
        ? [name]
        : typeof selector === 'object'
          ? Object.values(selector.constants)
          : Object.keys(pack.constants).filter((each) => each.startsWith(`${name}.`));
    for (const each of names) {
      const found = pack.constants[each];
      if (found?.unit === 'rate' && !isShare(found.value))
        throw contradictory(`constants.${each}`, `a rate from 0 to 1, since ${path} takes it as one`);
    }
  };
  const visit = (path: string, expr: Expr): void => {
    if ('ref' in expr && expr.ref.startsWith('const.')) check(path, expr.ref.slice('const.'.length));
    else if ('const' in expr && !isShare(expr.const)) throw contradictory(path, 'a rate from 0 to 1');
    else if ('op' in expr) for (const arg of expr.args) visit(path, arg);
  };
  pack.lines.forEach(({ rate, reduce }, index) => {
    visit(`lines[${index}].rate`, rate);
    if (typeof reduce === 'object') visit(`lines[${index}].reduce`, reduce);
    else if (reduce !== undefined && !isShare(reduce)) throw contradictory(`lines[${index}].reduce`, 'a share from 0 to 1');
  });
  // A score is a hundred times weight and severity, and ends at a hundred.
  for (const [name, { unit, value }] of Object.entries(pack.constants)) {
    if (/^sv\d\d\.weight$/.test(name) && !(unit === 'rate' && isShare(value)))
      throw contradictory(`constants.${name}`, 'a rate from 0 to 1');
  }
  for (const [name, { brackets }] of Object.entries(pack.scales ?? {})) {
    brackets.forEach(({ rate, upTo }, index) => {
      if (!isShare(rate)) throw contradictory(`scales.${name}.brackets[${index}]`, 'a rate from 0 to 1');
      if (upTo !== null && parseRate(upTo).numerator < 0n) throw contradictory(`scales.${name}.brackets[${index}]`, 'an end of 0 or more');
    });
  }
}

/** The line of a longer window is not below that of a shorter one, wherever a pack has both. */
const RISING: readonly (readonly [shorter: string, longer: string])[] = [
  ['vatThresholdDay', 'vatThresholdMonth'],
  ['vatThresholdMonth', 'vatThresholdQuarter'],
  ['sv04.windowDays', 'sv04.longWindowDays'],
];

function refuseOrder(pack: RulePack): void {
  const amount = (name: string): bigint | null => {
    const found = pack.constants[name];
    return found === undefined || !/^\d+$/.test(found.value) ? null : BigInt(found.value);
  };
  const rise = (path: string, shorter: string, longer: string): void => {
    const [a, b] = [amount(shorter), amount(longer)];
    if (a !== null && b !== null && a > b) throw contradictory(path, `${shorter} not above ${longer}`);
  };
  for (const [shorter, longer] of RISING) rise(`constants.${shorter}`, shorter, longer);
  const caps = pack.caps ?? [];
  for (const [index, cap] of caps.entries()) {
    for (const other of caps) {
      const isLonger =
        other.subject === cap.subject &&
        other.measure === cap.measure &&
        CALENDAR_WINDOWS.indexOf(other.window) > CALENDAR_WINDOWS.indexOf(cap.window);
      if (isLonger) rise(`caps[${index}].max`, cap.max, other.max);
    }
  }
}

/** Days that no calendar has, and a zone that nobody lives in. */
function refuseDays(pack: RulePack): void {
  for (const [name, { on }] of Object.entries(pack.dueRules ?? {})) {
    const isDay = on === 'END' || (on.length === 2 ? Number(on) >= 1 && Number(on) <= 31 : isCalendarDate(`2027-${on}`));
    if (!isDay) throw contradictory(`dueRules.${name}`, 'a day of the calendar');
  }
  for (const day of pack.holidays.fixed) if (!isCalendarDate(`2028-${day}`)) throw contradictory('holidays.fixed', 'a day of the calendar');
  if (!isZone(pack.timezone)) throw contradictory('timezone', 'a time zone of the IANA list');
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}
