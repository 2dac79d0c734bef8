/** Trading days (working days of the pack's calendar) and the waits that follow from them. */
import { beijingDate, type Instant, instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import { constantOf } from '../packs/pack.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import type { ClassFacts, ItemFacts } from './decision.ts';

const DAY_MS = 86_400_000;

export function isTradingDay(pack: RulePack, date: string): boolean {
  const year = pack.holidays.years[date.slice(0, 'yyyy'.length)];
  const weekday = new Date(`${date}T00:00:00.000Z`).getUTCDay();
  const isWeekend = weekday === 0 || weekday === 6;
  if (year === undefined) return !isWeekend && !pack.holidays.fixed.includes(date.slice('yyyy-'.length));
  return isWeekend ? year.open.includes(date) : !year.closed.includes(date);
}

/** The n-th trading day after a date; n = 0 gives the date itself. */
export function addTradingDays(pack: RulePack, date: string, n: number): string {
  let at = Date.parse(`${date}T00:00:00.000Z`);
  for (let left = n; left > 0; ) {
    at += DAY_MS;
    if (isTradingDay(pack, new Date(at).toISOString().slice(0, 'yyyy-mm-dd'.length))) left -= 1;
  }
  return new Date(at).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

export type Acquisition = Pick<ItemFacts, 'acquiredAt' | 'acquiredBy'>;
export type WaitFacts = Pick<ClassFacts, 'isCollectible' | 'resaleWaitTradingDays'>;

/** First instant at which an item acquired so may be sold or given on: 7 times 24 hours after a primary purchase, and for
 *  collectibles the start of the fifth trading day after the day of acquisition by purchase or gift. */
export function transferableFrom(pack: RulePack, acquisition: Acquisition, facts: WaitFacts): Instant {
  const { acquiredAt, acquiredBy } = acquisition;
  const hold = acquiredBy === 'primary' ? Number(constantOf(pack, 'tradeHoldDaysAfterPrimary').value) * DAY_MS : 0;
  const isBought = acquiredBy === 'primary' || acquiredBy === 'secondary' || acquiredBy === 'gift';
  const pause = isBought ? resaleWaitDays(pack, facts) : 0;
  const paused = pause === 0 ? acquiredAt : startOfBeijingDate(addTradingDays(pack, beijingDate(acquiredAt), pause));
  return instant(Math.max(acquiredAt + hold, paused));
}

/** Trading days between buying and selling: the pack's for collectibles (inside an experiment that tries it, for every kind of the
 *  cohort), more if the class asks for more. */
export function resaleWaitDays(pack: RulePack, facts: WaitFacts): number {
  const rule =
    facts.isCollectible || pack.trading.waitsForEveryKind === true ? Number(constantOf(pack, 'resaleCooldownTradingDays').value) : 0;
  return Math.max(rule, facts.resaleWaitTradingDays);
}

/** Completed years at a Beijing date; someone born on 29 February comes of age on 1 March in common years. */
export function ageOn(birthDate: string, date: string): number {
  const years = Number(date.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return date.slice('yyyy-'.length) < birthDate.slice('yyyy-'.length) ? years - 1 : years;
}
