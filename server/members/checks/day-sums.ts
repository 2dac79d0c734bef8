/**
 * Sums over several trades, from what is certified and the block at hand alone (`ledger.md` 15.3): gross of a seller's days, and what a
 * person traded in an experiment on a day. Never from the operator's word. Pure: entries and opened sales come in.
 */
import type { Entry } from '#ledger/codec/tx.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { beijingDate, type Instant, instant } from '#ledger/primitives/instant.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { windowKey } from '#sandbox/tax/threshold.ts';
import type { WindowBounds } from '#sandbox/tax/window-claim.ts';
import type { SealedSale } from './sealed-sale.ts';

export type SeenEntry = { readonly index: bigint | null; readonly entry: Entry; readonly sealedAt: bigint };

type Day = {
  soldFen: bigint;
  /** Of sales of this day, whenever they were reversed. */
  reversedFen: bigint;
  /** A sale that cannot be read here, or a gift, whose base stands on no ledger. */
  hasUnknown: boolean;
};

export class DaySums {
  readonly #days = new Map<string, Map<string, Day>>();
  readonly #traded = new Map<string, bigint>();
  readonly #turnover = new Map<string, bigint>();
  /** Sales of an experiment that are not reversed, by trade. */
  readonly #sales = new Map<string, Map<string, SealedSale>>();
  readonly #byIndex = new Map<bigint, SealedSale>();
  readonly reversed = new Set<string>();

  /** `sale`: of a Trade, what it was opened to. A reversal names its Trade by place. */
  add({ index, entry, sealedAt }: SeenEntry, sale: SealedSale | null, saleAt: (index: bigint) => SealedSale | null = () => null): void {
    const { op } = entry.env.body;
    if (op.kind === 'trade') {
      if (sale === null) this.#day(toHex(op.sell.order.acct), dateOf(sealedAt)).hasUnknown = true;
      else this.#sold(index, sale);
    }
    if (op.kind === 'transfer') {
      // Settled a moment before its block: just after midnight it may count in the day before.
      for (const { acct } of entry.env.sigs)
        for (const at of [sealedAt, sealedAt - LATE_MS]) this.#day(toHex(acct), dateOf(at)).hasUnknown = true;
    }
    if (op.kind === 'trade_reverse') {
      const reversed = this.#byIndex.get(op.entry) ?? saleAt(op.entry);
      if (reversed === null) return;
      this.#day(reversed.seller, beijingDate(reversed.paidAt)).reversedFen += reversed.grossFen;
      this.#trade(reversed, -reversed.grossFen);
      this.reversed.add(reversed.tradeId);
    }
  }

  saleAt(index: bigint): SealedSale | null {
    return this.#byIndex.get(index) ?? null;
  }

  /** Of a seller's window. */
  window(seller: string, key: string): { readonly soldFen: bigint; readonly reversedFen: bigint; readonly hasUnknown: boolean } {
    const sum: Day = { soldFen: 0n, reversedFen: 0n, hasUnknown: false };
    for (const [date, day] of this.#days.get(seller) ?? []) {
      if (!date.startsWith(key)) continue;
      sum.soldFen += day.soldFen;
      sum.reversedFen += day.reversedFen;
      sum.hasUnknown ||= day.hasUnknown;
    }
    return sum;
  }

  /** Both sides of a person together, as the experiment's ceiling counts; what was reversed is off it. */
  tradedOn(experiment: string, acct: string, date: string): bigint {
    return this.#traded.get(`${experiment} ${acct} ${date}`) ?? 0n;
  }

  /** The same of a month, as far as it is known here. */
  tradedInMonth(experiment: string, acct: string, month: string): bigint {
    const [days, start] = [this.#traded, `${experiment} ${acct} ${month}`];
    let fen = 0n;
    for (let day = 1; day <= LONGEST_MONTH; day++) fen += days.get(`${start}-${String(day).padStart(2, '0')}`) ?? 0n;
    return fen;
  }

  /** All trades of an experiment that were read here and not reversed, each once. */
  turnover(experiment: string): bigint {
    return this.#turnover.get(experiment) ?? 0n;
  }

  /**
   * What was paid in an experiment and surely not paid out at the moment of a sale (rulebook 6.4): settled by then, and its protection lasted.
   * At least this much, since a market may wait longer.
   */
  exposure(experiment: string, at: Instant, reversed: ReadonlySet<string> = NONE): bigint {
    let fen = 0n;
    for (const { tradeId, paidAt, waitsUntil, grossFen } of this.#sales.get(experiment)?.values() ?? []) {
      if (paidAt <= at && at < waitsUntil && !reversed.has(tradeId)) fen += grossFen;
    }
    return fen;
  }

  /** Days before the date are nobody's concern any more. */
  forgetBefore(date: string): void {
    for (const [seller, days] of this.#days) {
      for (const day of days.keys()) if (day < date) days.delete(day);
      if (days.size === 0) this.#days.delete(seller);
    }
    for (const key of this.#traded.keys()) if (key.slice(-date.length) < date) this.#traded.delete(key);
    for (const sales of this.#sales.values())
      for (const [tradeId, { paidAt }] of sales) if (beijingDate(paidAt) < date) sales.delete(tradeId);
    for (const [index, { paidAt }] of this.#byIndex) if (beijingDate(paidAt) < date) this.#byIndex.delete(index);
  }

  #sold(index: bigint | null, sale: SealedSale): void {
    this.#day(sale.seller, beijingDate(sale.paidAt)).soldFen += sale.grossFen;
    this.#trade(sale, sale.grossFen);
    if (index !== null) this.#byIndex.set(index, sale);
  }

  #trade(sale: SealedSale, fen: bigint): void {
    const { tradeId, experiment, seller, buyer, sellerDay, buyerDay } = sale;
    if (experiment === null) return;
    const open = this.#sales.get(experiment) ?? new Map<string, SealedSale>();
    this.#sales.set(experiment, open);
    if (fen > 0n) open.set(tradeId, sale);
    else open.delete(tradeId);
    this.#turnover.set(experiment, this.turnover(experiment) + fen);
    for (const [acct, date] of [[seller, sellerDay] as const, [buyer, buyerDay] as const]) {
      if (date === null) continue;
      const key = `${experiment} ${acct} ${date}`;
      this.#traded.set(key, (this.#traded.get(key) ?? 0n) + fen);
    }
  }

  #day(seller: string, date: string): Day {
    const days = this.#days.get(seller) ?? new Map<string, Day>();
    const day = days.get(date) ?? { soldFen: 0n, reversedFen: 0n, hasUnknown: false };
    days.set(date, day);
    this.#days.set(seller, days);
    return day;
  }
}

const NONE: ReadonlySet<string> = new Set();
const LONGEST_MONTH = 31;
const LATE_MS = 900_000n;
const dateOf = (at: bigint): string => beijingDate(instant(Number(at)));

/** What stands before one trade of a block. */
export type TradeSums = {
  readonly window: WindowBounds;
  /** In the trade's experiment, on the day of each side's order; null where that day is not certain. */
  readonly sellerDayFen: bigint | null;
  readonly buyerDayFen: bigint | null;
  /** In that month, and of the whole experiment: at least this much, since a store may begin later. */
  readonly sellerMonthFen: bigint | null;
  readonly buyerMonthFen: bigint | null;
  readonly turnoverFen: bigint;
  /** Paid in it and certainly not paid out when this trade was. */
  readonly exposureFen: bigint;
};
export const NO_SUMS: TradeSums = {
  window: { leastFen: 0n, mostFen: 0n },
  sellerDayFen: null,
  buyerDayFen: null,
  sellerMonthFen: null,
  buyerMonthFen: null,
  turnoverFen: 0n,
  exposureFen: 0n,
};

export type BlockSums = {
  readonly certified: DaySums;
  /** Of this block: up to the trade, and all of it. */
  readonly before: DaySums;
  readonly block: DaySums;
  /** Trades that this member was shown and that no block holds yet. */
  readonly shown: readonly SealedSale[];
  /** Whether this member's store reaches back to the window's first instant. */
  readonly isWhole: boolean;
};

export function sumsFor(sale: SealedSale, pack: RulePack, { certified, before, block, shown, isWhole }: BlockSums): TradeSums {
  const key = windowKey(pack, sale.paidAt);
  const [past, here, all] = [certified, before, block].map((sums) => sums.window(sale.seller, key));
  if (past === undefined || here === undefined || all === undefined) return NO_SUMS;
  const isUncertain = past.hasUnknown || all.hasUnknown || !isWhole;
  const waiting = shown.filter(({ seller, paidAt }) => seller === sale.seller && windowKey(pack, paidAt) === key);
  const leastFen = past.soldFen - past.reversedFen + here.soldFen - all.reversedFen;
  const mostFen = past.soldFen + all.soldFen - sale.grossFen + waiting.reduce((sum, { grossFen }) => sum + grossFen, 0n);
  const { experiment } = sale;
  const traded = (acct: string, date: string | null): bigint | null =>
    experiment === null || date === null ? null : certified.tradedOn(experiment, acct, date) + before.tradedOn(experiment, acct, date);
  const monthly = (acct: string, date: string | null): bigint | null => {
    if (experiment === null || date === null) return null;
    const month = monthOf(date);
    return certified.tradedInMonth(experiment, acct, month) + before.tradedInMonth(experiment, acct, month);
  };
  return {
    window: { leastFen: leastFen < 0n ? 0n : leastFen, mostFen: isUncertain ? null : mostFen },
    sellerDayFen: traded(sale.seller, sale.sellerDay),
    buyerDayFen: traded(sale.buyer, sale.buyerDay),
    sellerMonthFen: monthly(sale.seller, sale.sellerDay),
    buyerMonthFen: monthly(sale.buyer, sale.buyerDay),
    turnoverFen: experiment === null ? 0n : certified.turnover(experiment) + before.turnover(experiment),
    exposureFen:
      experiment === null ? 0n : certified.exposure(experiment, sale.paidAt, before.reversed) + before.exposure(experiment, sale.paidAt),
  };
}

export const monthOf = (date: string): string => date.slice(0, 'yyyy-mm'.length);

/** First instant of a window. */
export function windowStart(pack: RulePack, at: Instant): string {
  const key = windowKey(pack, at);
  return key.length === 'yyyy-mm'.length ? `${key}-01` : key;
}
