/**
 * Answers a test case in the form of its `expect` (rulebook 2.8), so that a tax adviser or an authority can bring their own. It calls
 * the assessment functions that the market calls and holds no formula of its own.
 */
import { ParseError } from '#ledger/primitives/errors.ts';
import { addFen, type Fen, ZERO_FEN } from '#ledger/primitives/fen.ts';
import { getPack, withConstants } from '../packs/pack.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import { amountOfKind, assess } from '../tax/assess.ts';
import type { AssessInput, Assessment, Basis } from '../tax/assessment.ts';
import { basisOf, NO_BASIS_FACTS, statedBasis } from '../tax/basis.ts';
import { giftInput } from '../tax/gift.ts';
import { addToPool, COST_FLOWS, costFlowOf, costLeft, type Lot, type LotPiece, type Pool, takeFromPool, takeLots } from '../tax/lots.ts';
import { splitMoney, withheldLines } from '../tax/split.ts';
import { taxPointOf } from '../tax/tax-point.ts';
import { thresholdTest } from '../tax/threshold.ts';
import { createTimeline, type TimelineAnswer } from '../tax/timeline.ts';
import type { RefundEntry } from '../tax/windows.ts';
import { type Answer, number, numberOrNull } from './answer.ts';
import {
  amountOf,
  bpsOf,
  countOf,
  type Fields,
  fieldsOf,
  flagOf,
  instantOf,
  listOf,
  malformed,
  optionalAmount,
  textOf,
  wordOf,
} from './read-case.ts';
import {
  solveBusiness,
  solveCorporate,
  solveCreator,
  solveLateFee,
  solvePeriod,
  solveReport,
  solveService,
  solveStamp,
} from './solve-figure.ts';

export type VectorAnswer = { readonly id: string; readonly lines: Answer } | { readonly id: string; readonly error: string };

export function solveTaxVector(input: unknown): VectorAnswer {
  let id = '';
  try {
    const fields = fieldsOf(input, 'case');
    id = textOf(fields, 'id');
    const pack = packOf(fields);
    const kind = fields.kind === undefined ? 'P2P' : textOf(fields, 'kind');
    const solve = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
    return solve === undefined ? { id, error: `kind_unsupported ${kind}` } : { id, lines: solve(fields, pack) };
  } catch (error) {
    if (error instanceof ParseError) return { id, error: error.message };
    throw error;
  }
}

const KINDS: Readonly<Record<string, (fields: Fields, pack: RulePack) => Answer>> = {
  P2P: solveOrder,
  GIFT: solveGift,
  TIMELINE: solveTimeline,
  LOTS: solveLots,
  PERIOD: solvePeriod,
  BUSINESS_IIT: solveBusiness,
  SERVICE: solveService,
  CREATOR: solveCreator,
  CIT: solveCorporate,
  STAMP: solveStamp,
  LATE_FEE: solveLateFee,
  REPORT: solveReport,
};

function packOf(fields: Fields): RulePack {
  const changes = fields.pack === undefined ? {} : fieldsOf(fields.pack, 'pack');
  const values = Object.entries(changes).map(([name, value]): [string, string] => {
    if (typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value)) return [name, String(value)];
    throw malformed(`pack.${name}`, 'a text, a whole number or true/false');
  });
  const pack = getPack('CN');
  return values.length === 0 ? pack : withConstants(pack, Object.fromEntries(values));
}

const PLACES = ['CITY', 'COUNTY', 'OTHER'] as const;
/** Cases without a date are meant for the pack as of the rulebook. */
const DEFAULT_AT = '2026-11-22T04:00:00.000Z';

function solveOrder(fields: Fields, pack: RulePack): Answer {
  const gross = amountOf(fields, 'gross');
  const total = addFen(gross, otherInWindow(fields, pack));
  const answer = assess({ ...orderInput(fields, pack, 'paidAt'), window: { kind: 'total', totalFen: total } }, pack);
  if (answer.kind === 'rejected') return { refused: answer.code };
  const { assessment } = answer;
  const split = splitMoney(assessment, pack, wordOf(fields, 'experiment', ['X1'], null) === 'X1');
  return {
    ...orderLines(assessment),
    vatTaxable: assessment.isTaxable,
    assessModeApplied: assessment.assessModeApplied,
    flags: assessment.flags,
    ...(assessment.input.txType === 'P2B' ? { withheld: withheldOf(assessment, pack) } : {}),
    payIn: number(split.payInFen),
    split: {
      seller: number(split.sellerFen),
      sellerTaxReserve: number(split.sellerTaxReserveFen),
      platform: number(split.platformFen),
      studio: number(split.studioFen),
    },
  };
}

function otherInWindow(fields: Fields, pack: RulePack): Fen {
  const isMonth = thresholdTest(pack, pack.effectiveFrom).window === 'MONTH';
  const month = isMonth ? optionalAmount(fields, 'otherSameMonthGross') : null;
  return month ?? optionalAmount(fields, 'otherSameDayGross') ?? ZERO_FEN;
}

/** `window` is filled in by whoever knows it. */
function orderInput(fields: Fields, pack: RulePack, time: 'paidAt' | 'at', basis?: Basis, shares: Fields = fields): AssessInput {
  return {
    txType: wordOf(fields, 'type', ['P2P', 'P2B'], 'P2P'),
    paidAt: taxPointOf(pack, {
      paidAt: instantOf(fields, time, time === 'paidAt' ? DEFAULT_AT : undefined),
      releasedAt: fields.releasedAt === undefined ? null : instantOf(fields, 'releasedAt'),
    }),
    grossFen: amountOf(fields, 'gross'),
    feeBps: bpsOf(fields, 'feeBp', bpsOf(shares, 'feeBp', 0)),
    royaltyBps: bpsOf(fields, 'royaltyBp', bpsOf(shares, 'royaltyBp', 0)),
    feeFen: null,
    royaltyFen: null,
    basis: basis ?? basisOfCase(fields, pack),
    window: { kind: 'total', totalFen: ZERO_FEN },
    place: wordOf(fields, 'place', PLACES, wordOf(shares, 'place', PLACES, 'CITY')),
    vatStatus: 'SMALL_SCALE',
    flags: [],
  };
}

/** A mode named by the case goes with its cost, unless the platform knows the cost. */
function basisOfCase(fields: Fields, pack: RulePack): Basis {
  const cost = optionalAmount(fields, 'cost');
  const fixed = optionalAmount(fields, 'fixedCost');
  const isKnown = flagOf(fields, 'costKnownOnPlatform', false);
  const mode = wordOf(fields, 'assessMode', ['COST', 'FIXED_COST', 'ZERO_COST', 'PCT_OF_REVENUE'] as const, null);
  if (isKnown && cost === null) throw malformed('cost', 'an amount, because the platform knows it');
  if (mode !== null && !isKnown) {
    if (mode === 'COST' && cost === null) throw malformed('cost', 'an amount in mode COST');
    if (mode === 'FIXED_COST' && fixed === null && cost === null) throw malformed('fixedCost', 'an amount in mode FIXED_COST');
    return statedBasis(mode, cost, fixed);
  }
  return basisOf(
    {
      ...NO_BASIS_FACTS,
      platformCostFen: isKnown ? cost : null,
      voucherCostFen: isKnown ? null : cost,
      taxOfficeCostFen: fixed,
      origin: wordOf(fields, 'origin', ['EARNED', 'GIFT_RECEIVED', 'EXTERNAL'], 'EXTERNAL'),
      documentedFeesFen: optionalAmount(fields, 'documentedFees'),
      giverCostFen: optionalAmount(fields, 'giverCost'),
      giftRefPriceFen: optionalAmount(fields, 'refPrice'),
    },
    pack,
  );
}

function solveGift(fields: Fields, pack: RulePack): Answer {
  const answer = assess(giftOf(fields, pack, 'paidAt', otherInWindow(fields, pack)), pack);
  if (answer.kind === 'rejected') return { refused: answer.code };
  return { ...giftLines(answer.assessment), vatTaxable: answer.assessment.isTaxable };
}

function giftOf(fields: Fields, pack: RulePack, time: 'paidAt' | 'at', windowTotalFen: Fen, shares: Fields = fields): AssessInput {
  return giftInput(
    {
      givenAt: instantOf(fields, time, time === 'paidAt' ? DEFAULT_AT : undefined),
      referencePriceFen: optionalAmount(fields, 'refPrice'),
      costFen: optionalAmount(fields, 'cost'),
      windowTotalFen,
      place: wordOf(fields, 'place', PLACES, wordOf(shares, 'place', PLACES, 'CITY')),
    },
    pack,
  );
}

function solveTimeline(fields: Fields, pack: RulePack): Answer {
  const timeline = createTimeline(pack);
  for (const event of listOf(fields, 'events')) {
    const id = textOf(event, 'id');
    if (wordOf(event, 'op', ['ORDER', 'REFUND'], 'ORDER') === 'ORDER') {
      const isGift = event.type === 'GIFT';
      const input = isGift ? giftOf(event, pack, 'at', ZERO_FEN, fields) : orderInput(event, pack, 'at', undefined, fields);
      mustRecord(timeline.addSale({ id, input }), id);
    } else {
      const refund = {
        id,
        at: instantOf(event, 'at'),
        amountFen: amountOf(event, 'gross'),
        feeReturned: flagOf(event, 'feeReturned', true),
        royaltyReturned: flagOf(event, 'royaltyReturned', true),
      };
      mustRecord(timeline.addRefund(textOf(event, 'of'), refund), id);
    }
  }
  return {
    orders: Object.fromEntries(timeline.sales().map(({ id, assessment, first }) => [id, saleLines(assessment, first, pack)])),
    refunds: Object.fromEntries(timeline.laterRefunds().map((entry) => [entry.refundId, refundLines(entry)])),
    windows: Object.fromEntries(
      timeline
        .windows()
        .map(({ key, totalFen, salesFen, isTaxable }) => [key, { gross: number(totalFen), sales: number(salesFen), taxable: isTaxable }]),
    ),
    events: timeline.events().map(({ type, window, by, grossFen, salesFen, reassessed }) => ({
      type,
      window,
      by,
      gross: number(grossFen),
      sales: number(salesFen),
      reassessed,
    })),
  };
}

function mustRecord(answer: TimelineAnswer, id: string): void {
  if (answer.kind === 'rejected') throw new ParseError('event_refused', { event: id, code: answer.code });
}

function solveLots(fields: Fields, pack: RulePack): Answer {
  const flow = wordOf(fields, 'costFlow', COST_FLOWS, costFlowOf(pack));
  const lots = listOf(fields, 'lots').map(
    (lot): Lot => ({
      id: textOf(lot, 'id'),
      acquiredAt: instantOf(lot, 'at'),
      units: countOf(lot, 'units'),
      takenUnits: 0,
      costFen: optionalAmount(lot, 'cost'),
    }),
  );
  const taken = flow === 'WAVG' ? takeFromPools(lots, fields) : takeFromLots(lots, fields, flow, pack);
  const timeline = createTimeline(pack);
  for (const sale of taken.sales) {
    mustRecord(timeline.addSale({ id: sale.id, input: orderInput(sale.fields, pack, 'at', sale.basis, fields) }), sale.id);
  }
  const final = new Map(timeline.sales().map(({ id, assessment }) => [id, assessment]));
  return {
    sales: Object.fromEntries(
      taken.sales.map(({ id, basis, pieces }) => {
        const assessment = final.get(id);
        if (assessment === undefined) throw malformed('sales', 'different ids');
        const from = pieces.map(({ lotId, units, costFen }) => ({ lot: lotId, units, cost: number(costFen) }));
        return [
          id,
          {
            taxable: assessment.isTaxable,
            ...orderLines(assessment),
            cost: numberOrNull(basis.costFen),
            flags: assessment.flags,
            ...(flow === 'WAVG' ? {} : { from }),
          },
        ];
      }),
    ),
    remaining: taken.remaining.map(({ lotId, units, costFen }) => ({ lot: lotId, units, cost: number(costFen) })),
  };
}

type LotSale = { readonly id: string; readonly fields: Fields; readonly basis: Basis; readonly pieces: readonly LotPiece[] };
type LotsTaken = { readonly sales: readonly LotSale[]; readonly remaining: readonly LotPiece[] };

function takeFromLots(given: readonly Lot[], fields: Fields, flow: 'SPECIFIC' | 'FIFO', pack: RulePack): LotsTaken {
  let lots = given;
  const sales = salesByTime(fields).map((sale): LotSale => {
    const id = textOf(sale, 'id');
    const wish = { units: countOf(sale, 'units'), at: instantOf(sale, 'at') };
    const from =
      flow === 'FIFO' ? {} : { from: listOf(sale, 'from').map((part) => ({ lotId: textOf(part, 'lot'), units: countOf(part, 'units') })) };
    const answer = takeLots(lots, { ...wish, ...from }, pack.rounding.mode);
    if (answer.kind === 'rejected') throw new ParseError('event_refused', { event: id, code: answer.code });
    lots = answer.lots;
    const { isUnproven, isPartlyUnproven, costFen, pieces } = answer;
    return {
      id,
      fields: sale,
      basis: basisOf({ ...NO_BASIS_FACTS, platformCostFen: isUnproven ? null : costFen, isPartlyUnproven }, pack),
      pieces,
    };
  });
  const remaining = lots
    .filter(({ units, takenUnits }) => units > takenUnits)
    .toSorted((a, b) => a.acquiredAt - b.acquiredAt)
    .map((lot) => ({ lotId: lot.id, units: lot.units - lot.takenUnits, costFen: costLeft(lot, pack.rounding.mode) }));
  return { sales, remaining };
}

function takeFromPools(lots: readonly Lot[], fields: Fields): LotsTaken {
  let pool: Pool = { units: 0, costFen: ZERO_FEN };
  let waiting = lots.toSorted((a, b) => a.acquiredAt - b.acquiredAt);
  const sales = salesByTime(fields).map((sale): LotSale => {
    const id = textOf(sale, 'id');
    const at = instantOf(sale, 'at');
    pool = waiting.filter(({ acquiredAt }) => acquiredAt <= at).reduce(addToPool, pool);
    waiting = waiting.filter(({ acquiredAt }) => acquiredAt > at);
    const answer = takeFromPool(pool, countOf(sale, 'units'));
    if (answer.kind === 'rejected') throw new ParseError('event_refused', { event: id, code: answer.code });
    pool = answer.pool;
    return { id, fields: sale, basis: { mode: 'COST', costFen: answer.costFen, source: 'PLATFORM_RECORD', flags: [] }, pieces: [] };
  });
  const { units, costFen } = waiting.reduce(addToPool, pool);
  return { sales, remaining: units === 0 ? [] : [{ lotId: '*', units, costFen }] };
}

function salesByTime(fields: Fields): readonly Fields[] {
  return listOf(fields, 'sales').toSorted((a, b) => instantOf(a, 'at') - instantOf(b, 'at'));
}

const TAX_KINDS = ['vat', 'umct', 'es', 'les', 'iit'] as const;

function taxLines(assessment: Assessment): Answer {
  const taxes = TAX_KINDS.map((kind) => [kind, number(amountOfKind(assessment, kind))]);
  return { sales: number(assessment.salesFen), ...Object.fromEntries(taxes) };
}

function orderLines(assessment: Assessment): Answer {
  return {
    ...taxLines(assessment),
    fee: number(assessment.feeFen),
    royalty: number(assessment.royaltyFen),
    gain: numberOrNull(assessment.gainFen),
    sellerAfterAll: number(assessment.sellerAfterAllFen),
  };
}

function giftLines(assessment: Assessment): Answer {
  return { ...taxLines(assessment), giverOwes: number(assessment.taxTotalFen), flags: assessment.flags };
}

function saleLines(assessment: Assessment, first: Assessment, pack: RulePack): Answer {
  const { txType } = assessment.input;
  const taxable = assessment.isTaxable;
  if (txType === 'GIFT') return { taxable, ...giftLines(assessment) };
  const lines = { taxable, ...orderLines(assessment), assessModeApplied: assessment.assessModeApplied, flags: assessment.flags };
  return txType === 'P2B' ? { ...lines, withheld: withheldOf(first, pack), selfFile: selfFileOf(assessment, first, pack) } : lines;
}

/** Fixed at payment. */
function withheldOf(first: Assessment, pack: RulePack): Answer {
  const lines = withheldLines(first, pack);
  const amount = (kind: string) => lines.reduce((sum, line) => (line.kind === kind ? sum + line.amountFen : sum), 0n);
  const total = lines.reduce((sum, line) => sum + line.amountFen, 0n);
  return { ...Object.fromEntries(TAX_KINDS.map((kind) => [kind, number(amount(kind))])), total: number(total) };
}

function selfFileOf(final: Assessment, first: Assessment, pack: RulePack): Answer {
  const withheld = withheldLines(first, pack);
  const left = (kind: string) =>
    amountOfKind(final, kind) - withheld.reduce((sum, line) => (line.kind === kind ? sum + line.amountFen : sum), 0n);
  const total = TAX_KINDS.reduce((sum, kind) => sum + left(kind), 0n);
  return { ...Object.fromEntries(TAX_KINDS.map((kind) => [kind, number(left(kind))])), total: number(total) };
}

function refundLines(entry: RefundEntry): Answer {
  const amount = (kind: string) => entry.lines.reduce((sum, line) => (line.kind === kind ? sum + line.amountFen : sum), 0n);
  return {
    sales: number(entry.salesFen),
    ...Object.fromEntries(TAX_KINDS.map((kind) => [kind, number(amount(kind))])),
    fee: number(entry.feeFen),
    royalty: number(entry.royaltyFen),
    gain: numberOrNull(entry.gainFen),
    sellerAfterAll: number(entry.sellerAfterAllFen),
  };
}
