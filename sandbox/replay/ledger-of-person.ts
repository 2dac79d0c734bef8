/**
 * One person's sales, gifts and refunds under the baseline and under the draft (rulebook 6.8 steps 3 to 5). A window is totalled first
 * and each trade assessed once; that gives the final lines of the live engine, whatever the order of arrival (CN-ALG-03).
 */
import { assert } from '#ledger/primitives/assert.ts';
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import { constantOf } from '../packs/pack.ts';
import type { AssessMode } from '../tax/assessment.ts';
import { basisOf } from '../tax/basis.ts';
import type { Lines, Program } from '../tax/compile-assessor.ts';
import type { ExperimentArm, GiftFact, RefundFact, StoredLines, TradeFact } from './facts.ts';
import type { CompiledPack, Rules, Side } from './rules.ts';

/** A trade or a gift, as the windows see it. */
export type Sale = {
  readonly id: string;
  readonly seq: bigint;
  readonly kind: 'trade' | 'gift';
  readonly txType: 'P2P' | 'P2B' | 'PRIMARY' | 'GIFT';
  readonly at: Instant;
  readonly date: string;
  readonly sellerRef: string;
  readonly buyerRef: string | null;
  readonly classId: string;
  readonly gameId: string;
  readonly grossFen: bigint;
  readonly trade: TradeFact | null;
  readonly gift: GiftFact | null;
  readonly stored: StoredLines;
  readonly refunds: readonly RefundFact[];
};

/** What a sale owes under one side, at what refunds of its own window left of it. */
export type Assessed = {
  readonly program: Program;
  readonly lines: Lines;
  readonly feeFen: bigint;
  readonly royaltyFen: bigint;
  readonly grossFen: bigint;
  readonly isTaxable: boolean;
  readonly mode: AssessMode | null;
  readonly costFen: bigint | null;
  /** Later refunds, each `after − before`. */
  readonly later: readonly LaterRefund[];
  readonly window: string;
};
export type LaterRefund = {
  readonly refund: RefundFact;
  readonly before: Moment;
  readonly after: Moment;
};
type Moment = { readonly lines: Lines; readonly feeFen: bigint; readonly royaltyFen: bigint; readonly grossFen: bigint };

export type WindowCount = { readonly taxable: number; readonly crossings: number; readonly reassessed: number };
export type PersonSide = {
  readonly sales: ReadonlyMap<string, Assessed>;
  /** Windows with a sale inside the period. */
  readonly windows: readonly WindowCount[];
};

type Given = {
  readonly side: Side;
  readonly rules: Rules;
  readonly isRemoved: (saleId: string) => boolean;
  readonly isInside: (date: string) => boolean;
};

export function assessPerson(sales: readonly Sale[], given: Given): PersonSide {
  const kept = sales.filter(({ id }) => !given.isRemoved(id));
  const prepared = kept.map((sale) => prepare(sale, given));
  const windows = new Map<string, Prepared[]>();
  for (const each of prepared) {
    if (each.isWindowed) windows.set(each.window, [...(windows.get(each.window) ?? []), each]);
  }
  const counts: WindowCount[] = [];
  const isTaxable = new Map<string, boolean>();
  for (const [key, members] of windows) {
    const total = members.reduce((sum, { leftFen }) => sum + leftFen, 0n);
    const [first] = members;
    const taxable = first?.rules.window?.isTaxable(total) ?? true;
    isTaxable.set(key, taxable);
    if (members.some(({ sale }) => given.isInside(sale.date))) counts.push({ ...countArrivals(members), taxable: taxable ? 1 : 0 });
  }
  return {
    sales: new Map(prepared.map((each) => [each.sale.id, assessSale(each, isTaxable.get(each.window) ?? true)])),
    windows: counts,
  };
}

type Prepared = {
  readonly sale: Sale;
  readonly rules: CompiledPack;
  readonly window: string;
  readonly isWindowed: boolean;
  readonly grossFen: bigint;
  /** After refunds of the same window. */
  readonly leftFen: bigint;
  readonly sameWindow: readonly RefundFact[];
  readonly laterRefunds: readonly RefundFact[];
  readonly feeBps: number;
  readonly royaltyBps: number;
  readonly mode: AssessMode | null;
  readonly costFen: bigint | null;
  readonly place: string;
  readonly vatStatus: string;
};

function prepare(sale: Sale, { side, rules }: Given): Prepared {
  const { trade, gift, stored } = sale;
  const experiment: ExperimentArm | null = trade?.experiment ?? null;
  const compiled = rules.packOf(side, stored.packHash, experiment);
  const grossFen = gift === null ? sale.grossFen : giftBase(compiled, gift);
  const isMonth = compiled.window?.window === 'MONTH';
  const window = isMonth ? sale.date.slice(0, 'yyyy-mm'.length) : sale.date;
  const keyOf = (at: Instant) => (isMonth ? beijingDate(at).slice(0, 'yyyy-mm'.length) : beijingDate(at));
  const sameWindow = sale.refunds.filter(({ at }) => keyOf(at) === window);
  const basis = trade === null || trade.txType === 'PRIMARY' ? null : basisOf(trade.basis, compiled.pack);
  return {
    sale,
    rules: compiled,
    window,
    isWindowed: compiled.pack.thresholdWindow?.txTypes.includes(sale.txType) ?? false,
    grossFen,
    leftFen: sameWindow.reduce((left, { amountFen }) => left - amountFen, grossFen),
    sameWindow,
    laterRefunds: sale.refunds.filter(({ at }) => keyOf(at) !== window),
    feeBps: trade === null ? 0 : feeBpsUnder(side, trade, compiled, rules),
    royaltyBps: trade?.royaltyBps ?? 0,
    mode: basis?.mode ?? null,
    costFen: basis?.costFen ?? null,
    place: trade?.place ?? gift?.place ?? '',
    vatStatus: trade?.vatStatus ?? 'SMALL_SCALE',
  };
}

/** A ceiling that the draft lowers takes effect on every trade; one that the baseline had has done so already. */
function feeBpsUnder(side: Side, trade: TradeFact, compiled: CompiledPack, rules: Rules): number {
  if (side === 'baseline') return trade.feeBps;
  const before = rules.packOf('baseline', trade.stored.packHash, trade.experiment).feeBpsMax;
  return compiled.feeBpsMax < before ? Math.min(trade.feeBps, compiled.feeBpsMax) : trade.feeBps;
}

function giftBase({ pack }: CompiledPack, gift: GiftFact): bigint {
  if (constantOf(pack, 'giftDeemedSale').value !== 'true') return 0n;
  return gift.referencePriceFen ?? gift.costFen ?? 0n;
}

function assessSale(prepared: Prepared, windowIsTaxable: boolean): Assessed {
  const { sale, rules, mode, costFen, laterRefunds, window } = prepared;
  const program = rules.program({
    txType: sale.txType,
    place: prepared.place,
    vatStatus: prepared.vatStatus,
    isAssessed: mode === 'PCT_OF_REVENUE',
    isTaxable: windowIsTaxable,
  });
  const share = (gross: bigint, bps: number) => rules.round(gross * BigInt(bps), 10_000n);
  let state = {
    grossFen: prepared.grossFen,
    feeFen: share(prepared.grossFen, prepared.feeBps),
    royaltyFen: share(prepared.grossFen, prepared.royaltyBps),
  };
  const refund = ({ amountFen, feeReturned, royaltyReturned }: RefundFact) => {
    const left = state.grossFen - amountFen;
    assert(left >= 0n, 'a refund is at most what is left of the sale');
    state = {
      grossFen: left,
      feeFen: feeReturned ? share(left, prepared.feeBps) : state.feeFen,
      royaltyFen: royaltyReturned ? share(left, prepared.royaltyBps) : state.royaltyFen,
    };
  };
  const linesNow = () => ({ ...state, lines: program.run({ ...state, costFen: costFen ?? 0n }) });
  prepared.sameWindow.forEach(refund);
  const own = linesNow();
  let before = own;
  const later = laterRefunds.map((each): LaterRefund => {
    refund(each);
    const after = linesNow();
    const entry = { refund: each, before, after };
    before = after;
    return entry;
  });
  return { program, ...own, isTaxable: program.isTaxable && own.grossFen > 0n, mode, costFen, later, window };
}

type Arrival = { readonly seq: bigint; readonly sale: Prepared; readonly amountFen: bigint; readonly isRefund: boolean };

/** Crossings and re-assessed sales as the live engine has them: record by record, in order of arrival (rulebook 2.6.3). */
function countArrivals(members: readonly Prepared[]): Omit<WindowCount, 'taxable'> {
  const arrivals: Arrival[] = members
    .flatMap((sale) => [
      { seq: sale.sale.seq, sale, amountFen: sale.grossFen, isRefund: false },
      ...sale.sameWindow.map((refund) => ({ seq: refund.seq, sale, amountFen: -refund.amountFen, isRefund: true })),
    ])
    .toSorted((a, b) => (a.seq < b.seq ? -1 : 1));
  const left = new Map<Prepared, bigint>();
  let total = 0n;
  let wasTaxable = false;
  let crossings = 0;
  let reassessed = 0;
  for (const { sale, amountFen, isRefund } of arrivals) {
    total += amountFen;
    left.set(sale, (left.get(sale) ?? 0n) + amountFen);
    const isTaxable = sale.rules.window?.isTaxable(total) ?? true;
    if (isTaxable !== wasTaxable) {
      if (isTaxable) crossings += 1;
      for (const [each, rest] of left) if (rest > 0n && (each !== sale || isRefund)) reassessed += 1;
    }
    wasTaxable = isTaxable;
  }
  return { crossings, reassessed };
}
