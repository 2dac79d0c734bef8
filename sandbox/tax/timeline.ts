/** All sales and refunds of one person in order of arrival, window by window. The market keeps the same facts in tables and calls the
 *  same functions of `windows.ts`; this holds them in memory, for test cases and for computing a person's record again. */
import { type Fen, ZERO_FEN } from '#ledger/primitives/fen.ts';
import { beijingDate } from '#ledger/primitives/instant.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import type { Assessment, AssessRefusal } from './assessment.ts';
import { isWindowTaxable, netOfWindow, windowKey } from './threshold.ts';
import {
  addToWindow,
  isSameWindow,
  type Refund,
  type RefundEntry,
  refundInWindow,
  refundLater,
  type ThresholdEvent,
  type WindowAnswer,
  type WindowSale,
} from './windows.ts';

export type TimelineRefusal = AssessRefusal | 'sale_unknown' | 'sale_duplicate' | 'refund_exceeds_sale';
export type TimelineAnswer = { readonly kind: 'recorded' } | { readonly kind: 'rejected'; readonly code: TimelineRefusal };

type Entry = {
  /** At what refunds of its own window left. */
  sale: WindowSale;
  /** Refunds of later windows, as they arrived. */
  readonly later: Refund[];
  assessment: Assessment;
  readonly first: Assessment;
};

export type Timeline = {
  readonly addSale: (sale: WindowSale) => TimelineAnswer;
  readonly addRefund: (saleId: string, refund: Refund) => TimelineAnswer;
  /** Final assessment and the one at payment. */
  readonly sales: () => readonly { readonly id: string; readonly assessment: Assessment; readonly first: Assessment }[];
  readonly laterRefunds: () => readonly RefundEntry[];
  readonly windows: () => readonly { readonly key: string; readonly totalFen: Fen; readonly salesFen: Fen; readonly isTaxable: boolean }[];
  readonly events: () => readonly ThresholdEvent[];
};

function leftOf({ sale, later }: Entry): bigint {
  return later.reduce<bigint>((left, { amountFen }) => left - amountFen, sale.input.grossFen);
}

export function createTimeline(pack: RulePack): Timeline {
  const entries = new Map<string, Entry>();
  const totals = new Map<string, { totalFen: Fen; readonly date: string }>();
  const laterIds: { readonly entry: Entry; readonly refundId: string }[] = [];
  const events: ThresholdEvent[] = [];

  function addSale(sale: WindowSale): TimelineAnswer {
    if (entries.has(sale.id)) return { kind: 'rejected', code: 'sale_duplicate' };
    const key = windowKey(pack, sale.input.paidAt);
    const answer = addToWindow(pack, totals.get(key)?.totalFen ?? ZERO_FEN, sale, () => salesOf(key));
    if (answer.kind === 'rejected') return answer;
    const { assessment } = answer.change;
    entries.set(sale.id, { sale, later: [], assessment, first: assessment });
    return take(sale.id, answer);
  }

  function addRefund(saleId: string, refund: Refund): TimelineAnswer {
    const entry = entries.get(saleId);
    if (entry === undefined) return { kind: 'rejected', code: 'sale_unknown' };
    if (refund.amountFen <= 0n || refund.amountFen > leftOf(entry)) return { kind: 'rejected', code: 'refund_exceeds_sale' };
    const { paidAt } = entry.sale.input;
    const key = windowKey(pack, paidAt);
    const total = totals.get(key)?.totalFen ?? ZERO_FEN;
    if (!isSameWindow(pack, paidAt, refund.at)) {
      entry.later.push(refund);
      laterIds.push({ entry, refundId: refund.id });
      return { kind: 'recorded' };
    }
    const answer = refundInWindow(pack, total, { sale: entry.sale, refund }, () => salesOf(key));
    if (answer.kind === 'rejected') return answer;
    entry.sale = { id: saleId, input: answer.change.assessment.input };
    return take(saleId, answer);
  }

  function take(id: string, answer: Extract<WindowAnswer, { readonly kind: 'assessed' }>): TimelineAnswer {
    const { change } = answer;
    const entry = entries.get(id);
    if (entry !== undefined) entry.assessment = change.assessment;
    totals.set(change.window, { totalFen: change.totalFen, date: beijingDate(change.assessment.input.paidAt) });
    for (const { id: other, assessment } of change.reassessments) {
      const found = entries.get(other);
      if (found !== undefined) found.assessment = assessment;
    }
    if (change.event !== null) events.push(change.event);
    return { kind: 'recorded' };
  }

  /** Those of the window that are not fully refunded, later refunds included. */
  function salesOf(key: string): readonly WindowSale[] {
    return [...entries.values()]
      .filter((entry) => leftOf(entry) > 0n && windowKey(pack, entry.sale.input.paidAt) === key)
      .map(({ sale }) => sale);
  }

  /** Under the flag that the sale has now: a sale that arrives late may cross a window after a refund of it, and part refunds add up to minus
   *  the sale as it was assessed last. */
  function entriesOf({ sale, later, assessment }: Entry): readonly RefundEntry[] {
    let left = sale;
    return later.map((refund) => {
      const entry = refundLater(pack, left, assessment.isTaxable, refund);
      left = entry.left;
      return entry;
    });
  }

  return {
    addSale,
    addRefund,
    sales: () => [...entries].map(([id, { assessment, first }]) => ({ id, assessment, first })),
    laterRefunds: () => laterIds.flatMap(({ entry, refundId }) => entriesOf(entry).filter((refund) => refund.refundId === refundId)),
    windows: () =>
      [...totals].map(([key, { totalFen, date }]) => ({
        key,
        totalFen,
        salesFen: netOfWindow(pack, date, totalFen),
        isTaxable: isWindowTaxable(pack, date, totalFen),
      })),
    events: () => events,
  };
}
