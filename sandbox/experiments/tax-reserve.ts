/**
 * The tax reserve of experiment X1 (rulebook 6.5, 6.6 and D2): when a sale is paid out, the institution keeps the taxes that its seller is
 * estimated to bear in the seller's own sub-account, each group of lines until its filing is proven or its statutory date is fifteen days
 * past. Pure. No pack has a rule for it: nobody may be made to (Tax Administration Law art. 30), so it holds for who consented alone.
 */
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import { beijingDate, type Instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import type { PackLine, RulePack } from '../packs/rule-pack.ts';
import { dueDate } from '../tax/filing-calendar.ts';
import type { Experiment } from './experiment.ts';

/** What an arm sets to `true` that keeps a reserve. */
export const TAX_RESERVE_PATH = 'settlement.taxReserve';

/** Days after the statutory date on which a reserve comes free by itself (rulebook 6.6). */
export const FREE_AFTER_DAYS = 15;

/** What one return is about: VAT with the surtaxes on it, or income tax. They are due on days of their own. */
export const RESERVED_TAXES = ['vat', 'income'] as const;
export type ReservedTax = (typeof RESERVED_TAXES)[number];

export type ReservedLine = { readonly id: string; readonly amountFen: Fen };
export type ReservePart = {
  readonly tax: ReservedTax;
  readonly lines: readonly ReservedLine[];
  readonly amountFen: Fen;
  /** Beijing date: the last day of filing in time. */
  readonly dueOn: string;
  /** The beginning of the Beijing day fifteen days after it. */
  readonly freeAt: Instant;
};

/** Does this experiment try a reserve at all? */
export function triesReserve({ mode, ruleOverrides }: Pick<Experiment, 'mode' | 'ruleOverrides'>): boolean {
  return mode !== 'SHADOW' && ruleOverrides.some(({ path, value }) => path === TAX_RESERVE_PATH && value === true);
}

/** In this arm? */
export function keepsReserve({ mode, ruleOverrides }: Pick<Experiment, 'mode' | 'ruleOverrides'>, arm: string): boolean {
  return triesReserve({ mode, ruleOverrides: ruleOverrides.filter((override) => override.arm === arm) });
}

export type ReserveFacts = {
  /** Of the newest assessment. */
  readonly lines: readonly { readonly id: string; readonly amountFen: bigint }[];
  /** What somebody else has withheld of them already: it is not kept a second time (rulebook 2.6.5). */
  readonly withheld?: readonly { readonly id: string; readonly amountFen: bigint }[];
  /** What the sale brings its seller. */
  readonly payoutFen: bigint;
  readonly paidAt: Instant;
};

/** `min(VAT + surtaxes + IIT, payout)`, by return: the lines in the order of the pack, as far as the payout goes. */
export function reserveParts({ lines, withheld = [], payoutFen, paidAt }: ReserveFacts, pack: RulePack): readonly ReservePart[] {
  const month = beijingDate(paidAt).slice(0, 'yyyy-mm'.length);
  const kept = new Map<ReservedTax, { lines: ReservedLine[]; rules: string[] }>();
  let left = payoutFen > 0n ? payoutFen : 0n;
  for (const line of sellerLines(pack)) {
    const owed = sumOf(lines, line.id) - sumOf(withheld, line.id);
    const amountFen = owed < left ? owed : left;
    if (amountFen <= 0n) continue;
    left -= amountFen;
    const tax = taxOfLine(line);
    const part = kept.get(tax) ?? { lines: [], rules: [] };
    part.lines.push({ id: line.id, amountFen: fen(amountFen) });
    part.rules.push(line.dueRule);
    kept.set(tax, part);
  }
  return RESERVED_TAXES.flatMap((tax) => {
    const part = kept.get(tax);
    if (part === undefined) return [];
    const dueOn = latest(part.rules.map((rule) => dueDate(pack, rule, month)));
    const amountFen = fen(part.lines.reduce((sum, line) => sum + line.amountFen, 0n));
    return [{ tax, lines: part.lines, amountFen, dueOn, freeAt: freeAtOf(dueOn) }];
  });
}

/** When the sales of a month have to be filed, by return. */
export function filingDueOn(pack: RulePack, tax: ReservedTax, month: string): string {
  const rules = sellerLines(pack).filter((line) => taxOfLine(line) === tax);
  return latest(rules.map(({ dueRule }) => dueDate(pack, dueRule, month)));
}

/** Which return a line belongs to; `null`: none of a seller's. */
export function taxOf(pack: RulePack, lineId: string): ReservedTax | null {
  const line = sellerLines(pack).find(({ id }) => id === lineId);
  return line === undefined ? null : taxOfLine(line);
}

const taxOfLine = ({ type }: Pick<PackLine, 'type'>): ReservedTax => (type === 'INCOME' ? 'income' : 'vat');

/** Of resales between people; VAT before the surtaxes on it, income tax last. */
function sellerLines(pack: RulePack): readonly PackLine[] {
  return pack.lines.filter(({ payer, txTypes }) => payer === 'SELLER' && txTypes.includes('P2P'));
}

function sumOf(lines: ReserveFacts['lines'], id: string): bigint {
  return lines.reduce((sum, line) => (line.id === id ? sum + line.amountFen : sum), 0n);
}

function latest(dates: readonly string[]): string {
  return dates.reduce((last, date) => (date > last ? date : last), '');
}

function freeAtOf(dueOn: string): Instant {
  const day = new Date(Date.parse(`${dueOn}T00:00:00.000Z`) + FREE_AFTER_DAYS * 86_400_000).toISOString();
  return startOfBeijingDate(day.slice(0, 'yyyy-mm-dd'.length));
}
