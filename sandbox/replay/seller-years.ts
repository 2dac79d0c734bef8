/**
 * A person's year of sales, run again (rulebook CN-RPT-13, CN-IIT-16): who is over the line above which a seller registers, and whose trade
 * looks like a business. As the live market looks: at everybody who sells, at that moment, over the calendar year and the twelve months
 * that end that day; a sale that is taken back is none from then on. Once a person and year; nobody is stopped by it.
 */
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import { findConstant } from '../packs/pack.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import { computeFigure, figureOf, wholeOf } from '../tax/figures.ts';
import type { AllowedSet } from './allow.ts';
import { compareText, type SellerSaleFact, type TradeFact } from './facts.ts';
import type { ReplayInputs } from './inputs.ts';
import type { Rules, Side } from './rules.ts';
import { scopeOf } from './scope.ts';

export const STANDINGS = ['registration', 'business'] as const;
export type Standing = (typeof STANDINGS)[number];
/** Person-years under the baseline and under the draft, and who came and went. */
export type YearTally = { readonly baseline: number; readonly draft: number; readonly added: number; readonly removed: number };
export type SellerYears = Readonly<Record<Standing, YearTally>>;

/** `null`: the facts hold no years, or no pack has such lines. */
export function countSellerYears(inputs: ReplayInputs, rules: Rules, allowed: AllowedSet): SellerYears | null {
  const { facts, options, baseline, draft } = inputs;
  if (facts.sellerYears === undefined || ![...baseline.packs, draft].some(hasYearLines)) return null;
  const counted = countedTrades(inputs);
  const found: Record<Side, Record<Standing, Set<string>>> = { baseline: emptySets(), draft: emptySets() };
  const removes = options.blocked === 'REMOVE';
  for (const [personRef, sales] of bySeller(facts.sellerYears.sales)) {
    for (const side of ['baseline', 'draft'] as const) {
      const kept = side === 'draft' && removes ? sales.filter(({ tradeId }) => !allowed.blocked.has(tradeId)) : sales;
      walk(kept, (sale, sums) => {
        const trade = counted.get(sale.tradeId);
        if (trade === undefined) return;
        const { pack } = rules.packOf(side, trade.stored.packHash, null);
        const key = `${personRef} ${sums.year}`;
        for (const standing of judge(pack, beijingDate(sale.at), sums)) found[side][standing].add(key);
      });
    }
  }
  return { registration: tally('registration', found), business: tally('business', found) };
}

function emptySets(): Record<Standing, Set<string>> {
  return { registration: new Set(), business: new Set() };
}

function tally(standing: Standing, found: Readonly<Record<Side, Readonly<Record<Standing, ReadonlySet<string>>>>>): YearTally {
  const [was, would] = [found.baseline[standing], found.draft[standing]];
  const added = [...would].filter((key) => !was.has(key)).length;
  return { baseline: was.size, draft: would.size, added, removed: was.size + added - would.size };
}

/** Sales inside the period and the scope: at these people are looked at. */
function countedTrades(inputs: ReplayInputs): ReadonlyMap<string, TradeFact> {
  const { period, facts } = inputs;
  const isInScope = scopeOf(inputs);
  const counted = facts.trades.filter((trade) => {
    const date = beijingDate(trade.paidAt);
    return date >= period.from && date < period.to && isInScope(trade.gameId, trade.classId, trade.sellerRef);
  });
  return new Map(counted.map((trade) => [trade.id, trade]));
}

function bySeller(sales: readonly SellerSaleFact[]): ReadonlyMap<string, readonly SellerSaleFact[]> {
  const people = new Map<string, SellerSaleFact[]>();
  for (const sale of sales) {
    const list = people.get(sale.sellerRef);
    if (list === undefined) people.set(sale.sellerRef, [sale]);
    else list.push(sale);
  }
  return people;
}

export type YearSums = {
  readonly year: string;
  readonly turnoverFen: bigint;
  readonly recent: { readonly sales: number; readonly grossFen: bigint; readonly itemsSold: number; readonly itemsBought: number };
};
type Moment = { readonly at: Instant; readonly sale: SellerSaleFact; readonly isReturn: boolean };

/** Tells what stands at each sale, one after the other. */
function walk(sales: readonly SellerSaleFact[], tell: (sale: SellerSaleFact, sums: YearSums) => void): void {
  const moments = sales
    .flatMap((sale): readonly Moment[] => [
      { at: sale.at, sale, isReturn: false },
      ...(sale.reversedAt === null ? [] : [{ at: sale.reversedAt, sale, isReturn: true }]),
    ])
    .toSorted((a, b) => a.at - b.at || Number(a.isReturn) - Number(b.isReturn) || compareText(a.sale.tradeId, b.sale.tradeId));
  let year = '';
  let turnoverFen = 0n;
  const recent = { sales: 0, grossFen: 0n, itemsSold: 0, itemsBought: 0 };
  const inside = new Set<SellerSaleFact>();
  const count = (sale: SellerSaleFact, sign: 1 | -1) => {
    recent.sales += sign;
    recent.grossFen += BigInt(sign) * sale.grossFen;
    recent.itemsSold += sign * sale.items;
    recent.itemsBought += sign * sale.itemsBought;
    if (sign === 1) inside.add(sale);
    else inside.delete(sale);
  };
  for (const { at, sale, isReturn } of moments) {
    const date = beijingDate(at);
    if (!date.startsWith(year) || year === '') {
      year = date.slice(0, 'yyyy'.length);
      turnoverFen = 0n;
    }
    const first = firstOfTwelveMonths(date);
    // Sales stand in the set in the order of time.
    for (const old of inside) {
      if (beijingDate(old.at) >= first) break;
      count(old, -1);
    }
    if (isReturn) {
      if (beijingDate(sale.at).startsWith(year)) turnoverFen -= sale.grossFen;
      if (inside.has(sale)) count(sale, -1);
      continue;
    }
    turnoverFen += sale.grossFen;
    count(sale, 1);
    tell(sale, { year, turnoverFen, recent: { ...recent } });
  }
}

/** The day after the same day of the year before: twelve months end with the given day. */
export function firstOfTwelveMonths(date: string): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  return new Date(Date.UTC(year - 1, month - 1, day + 1)).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

export function hasYearLines({ figures = [] }: RulePack): boolean {
  return (['REGISTRATION', 'BUSINESS_TEST'] as const).every((id) => figures.some((figure) => figure.id === id));
}

function judge(pack: RulePack, date: string, { turnoverFen, recent }: YearSums): readonly Standing[] {
  if (!hasYearLines(pack)) return [];
  const line = (name: string) => BigInt(findConstant(pack, name)?.value ?? '0');
  const due = turnoverFen > line('noRegistrationMaxYear') && isDue(pack, date, turnoverFen);
  // Whoever is below both has no answer but no, and most are.
  const isBusy = recent.grossFen >= line('businessGrossMin') || BigInt(recent.sales) >= line('businessSalesMin');
  return [...(due ? (['registration'] as const) : []), ...(isBusy && isBusiness(pack, date, recent) ? (['business'] as const) : [])];
}

function isDue(pack: RulePack, date: string, turnover: bigint): boolean {
  return wholeOf(computeFigure(pack, figureOf(pack, 'REGISTRATION'), date, { turnover, registered: false }), 'due') === 1n;
}

function isBusiness(pack: RulePack, date: string, { sales, grossFen, itemsSold, itemsBought }: YearSums['recent']): boolean {
  const facts = { sales: BigInt(sales), itemsSold: BigInt(itemsSold), itemsBought: BigInt(itemsBought), grossFen };
  return wholeOf(computeFigure(pack, figureOf(pack, 'BUSINESS_TEST'), date, facts), 'suggested') === 1n;
}
