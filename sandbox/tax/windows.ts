/**
 * A person's window of sales: what a new sale or a refund does to it, and which other sales are assessed again (rulebook 2.6.3,
 * 2.6.4). The window total decides only the flag; each sale has its own rounding.
 */
import { assert } from '#ledger/primitives/assert.ts';
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import { assess } from './assess.ts';
import type { AssessInput, Assessment, AssessRefusal } from './assessment.ts';
import { isWindowTaxable, netOfWindow, windowKey } from './threshold.ts';

/** A sale or gift of the window at what refunds of the same window have left of it. `input.window` is filled in here. */
export type WindowSale = { readonly id: string; readonly input: AssessInput };

export type ThresholdEvent = {
  readonly type: 'tax.day.threshold.crossed' | 'tax.day.threshold.reverted';
  readonly window: string;
  /** The sale or refund that did it. */
  readonly by: string;
  readonly grossFen: Fen;
  readonly salesFen: Fen;
  /** By payment time, then id. */
  readonly reassessed: readonly string[];
};

export type WindowChange = {
  readonly window: string;
  readonly totalFen: Fen;
  readonly salesFen: Fen;
  readonly isTaxable: boolean;
  /** The sale itself under the window as it is now. */
  readonly assessment: Assessment;
  readonly event: ThresholdEvent | null;
  /** Other sales of the window, newly assessed because its flag changed. */
  readonly reassessments: readonly { readonly id: string; readonly assessment: Assessment }[];
};

export type WindowAnswer =
  | { readonly kind: 'assessed'; readonly change: WindowChange }
  | { readonly kind: 'rejected'; readonly code: AssessRefusal; readonly packId: string; readonly date: string };

/** The window's other sales, asked for only when its flag changes: a day may hold thousands. */
export type OtherSales = () => readonly WindowSale[];

/** A new sale or gift. `totalBeforeFen` is the window's total without it. */
export function addToWindow(pack: RulePack, totalBeforeFen: Fen, sale: WindowSale, others: OtherSales): WindowAnswer {
  return changeWindow(pack, { before: totalBeforeFen, after: fen(totalBeforeFen + sale.input.grossFen), by: sale.id, sale, others });
}

export type Refund = {
  readonly id: string;
  readonly at: Instant;
  readonly amountFen: Fen;
  readonly feeReturned: boolean;
  readonly royaltyReturned: boolean;
};

/** A refund in the sale's own window: the sale is assessed again at what is left. `totalBeforeFen` still holds the refunded amount. */
export function refundInWindow(
  pack: RulePack,
  totalBeforeFen: Fen,
  refunded: { readonly sale: WindowSale; readonly refund: Refund },
  others: OtherSales,
): WindowAnswer {
  const { sale, refund } = refunded;
  const left: WindowSale = { id: sale.id, input: afterRefund(pack, sale.input, refund) };
  return changeWindow(pack, { before: totalBeforeFen, after: fen(totalBeforeFen - refund.amountFen), by: refund.id, sale: left, others });
}

export function isSameWindow(pack: RulePack, a: Instant, b: Instant): boolean {
  return windowKey(pack, a) === windowKey(pack, b);
}

/** The sale's input once a refund has lowered its gross. A returned share is computed anew on what is left, another stays as it was. */
export function afterRefund(pack: RulePack, input: AssessInput, refund: Refund): AssessInput {
  assert(refund.amountFen > 0n && refund.amountFen <= input.grossFen, 'a refund is at most what is left of the sale');
  const kept = sharesOf(pack, input);
  return {
    ...input,
    grossFen: fen(input.grossFen - refund.amountFen),
    feeFen: refund.feeReturned ? null : kept.feeFen,
    royaltyFen: refund.royaltyReturned ? null : kept.royaltyFen,
  };
}

function sharesOf(pack: RulePack, input: AssessInput): { readonly feeFen: Fen; readonly royaltyFen: Fen } {
  const answer = assess(input, pack);
  assert(answer.kind === 'assessed', 'a sale that was assessed once lies within its pack');
  return answer.assessment;
}

export type RefundEntry = {
  readonly refundId: string;
  readonly saleId: string;
  readonly at: Instant;
  readonly before: Assessment;
  readonly after: Assessment;
  /** `after − before` for every line, in pack order; negative or zero. */
  readonly lines: readonly { readonly id: string; readonly kind: string; readonly amountFen: Fen }[];
  readonly salesFen: Fen;
  readonly feeFen: Fen;
  readonly royaltyFen: Fen;
  readonly gainFen: Fen | null;
  readonly sellerAfterAllFen: Fen;
  /** The sale as it stands now, for the next refund. */
  readonly left: WindowSale;
};

/** A refund in a later window: a negative entry on the refund's day; the sale's own window keeps its flag and total. */
export function refundLater(pack: RulePack, sale: WindowSale, isTaxable: boolean, refund: Refund): RefundEntry {
  const input: AssessInput = { ...sale.input, window: { kind: 'frozen', isTaxable } };
  const left: WindowSale = { id: sale.id, input: afterRefund(pack, input, refund) };
  const before = mustAssess(pack, input);
  const after = mustAssess(pack, left.input);
  const difference = (a: Fen, b: Fen) => fen(a - b);
  return {
    refundId: refund.id,
    saleId: sale.id,
    at: refund.at,
    before,
    after,
    lines: after.lines.map((line, index) => ({
      id: line.id,
      kind: line.kind,
      amountFen: difference(line.amountFen, before.lines[index]?.amountFen ?? fen(0n)),
    })),
    salesFen: difference(after.salesFen, before.salesFen),
    feeFen: difference(after.feeFen, before.feeFen),
    royaltyFen: difference(after.royaltyFen, before.royaltyFen),
    gainFen: after.gainFen === null || before.gainFen === null ? null : difference(after.gainFen, before.gainFen),
    sellerAfterAllFen: difference(after.sellerAfterAllFen, before.sellerAfterAllFen),
    left,
  };
}

type Change = {
  readonly before: Fen;
  readonly after: Fen;
  readonly by: string;
  readonly sale: WindowSale;
  readonly others: OtherSales;
};

function changeWindow(pack: RulePack, change: Change): WindowAnswer {
  const { sale } = change;
  const date = beijingDate(sale.input.paidAt);
  const total = { kind: 'total', totalFen: change.after } as const;
  const answer = assess({ ...sale.input, window: total }, pack);
  if (answer.kind === 'rejected') return answer;
  const isTaxable = isWindowTaxable(pack, date, change.after);
  const hasFlipped = isTaxable !== isWindowTaxable(pack, date, change.before);
  const others = hasFlipped ? change.others().filter(({ id, input }) => id !== sale.id && input.grossFen > 0n) : [];
  const window = windowKey(pack, sale.input.paidAt);
  const salesFen = netOfWindow(pack, date, change.after);
  const isRefund = change.by !== sale.id;
  const reassessed = [...others, ...(isRefund && sale.input.grossFen > 0n ? [sale] : [])].toSorted(byPayment).map(({ id }) => id);
  return {
    kind: 'assessed',
    change: {
      window,
      totalFen: change.after,
      salesFen,
      isTaxable,
      assessment: answer.assessment,
      event: hasFlipped
        ? {
            type: isTaxable ? 'tax.day.threshold.crossed' : 'tax.day.threshold.reverted',
            window,
            by: change.by,
            grossFen: change.after,
            salesFen,
            reassessed,
          }
        : null,
      reassessments: others.toSorted(byPayment).map(({ id, input }) => ({ id, assessment: mustAssess(pack, { ...input, window: total }) })),
    },
  };
}

function mustAssess(pack: RulePack, input: AssessInput): Assessment {
  const answer = assess(input, pack);
  assert(answer.kind === 'assessed', 'a sale that was assessed once lies within its pack');
  return answer.assessment;
}

function byPayment(a: WindowSale, b: WindowSale): number {
  return a.input.paidAt - b.input.paidAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
