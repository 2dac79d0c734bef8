/** Recorded facts for tests and benches: what a market would have stored, made with the same functions. */
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import { beijingDate, type Instant, parseInstant } from '#ledger/primitives/instant.ts';
import type { Attempt } from '#sandbox/decisions/decision.ts';
import { packHash } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { AttemptFact, RefundFact, ReplayFacts, StoredLines, TradeFact } from '#sandbox/replay/facts.ts';
import { assess } from '#sandbox/tax/assess.ts';
import { type BasisFacts, basisOf, NO_BASIS_FACTS } from '#sandbox/tax/basis.ts';
import { netOfWindow, windowKey } from '#sandbox/tax/threshold.ts';

export type SampleSale = {
  readonly id: string;
  readonly at: string;
  readonly seller: string;
  readonly buyer?: string;
  readonly grossFen: bigint;
  /** `null`: no proof of the cost. */
  readonly costFen: bigint | null;
  readonly classId?: string;
  readonly gameId?: string;
  readonly itemId?: string;
  readonly sellerLevel?: string;
  readonly secondaryDayFen?: bigint;
  readonly royaltyBps?: number;
  readonly acquiredAt?: string;
  readonly isCollectible?: boolean;
};
export type SampleRefund = { readonly id: string; readonly of: string; readonly at: string; readonly grossFen: bigint };
export type Sample = {
  readonly pack: RulePack;
  readonly sales: readonly SampleSale[];
  readonly refunds?: readonly SampleRefund[];
  readonly coverage?: Partial<ReplayFacts['coverage']>;
  readonly asOf?: string;
};

export function sampleFacts({ pack, sales, refunds = [], coverage, asOf = '2027-02-01T00:00:00.000Z' }: Sample): ReplayFacts {
  const sold = sales.map((sale, index) => ({ sale, at: parseInstant(sale.at), seq: BigInt(index + 1) }));
  const refundFacts = refunds.map((refund, index): RefundFact => {
    const own = { id: refund.id, tradeId: refund.of, at: parseInstant(refund.at), amountFen: fen(refund.grossFen) };
    return { ...own, seq: BigInt(sales.length + index + 1), feeReturned: true, royaltyReturned: true };
  });
  const totals = windowTotals(pack, sold, refundFacts);
  return {
    asOf: { at: parseInstant(asOf), ledgerHeight: 100n, feedSeq: 1000n },
    coverage: { from: '2026-01-01', to: '2027-02-01', gaps: [], ...coverage },
    people: [...new Set(sales.map(({ seller }) => seller))].map((personRef) => ({ personRef, group: 'PLAYER R2' })),
    attempts: sold.flatMap(({ sale, at }) => [attemptOf(sale, at, 'sell', pack), attemptOf(sale, at, 'buy', pack)]),
    trades: sold.map(({ sale, at, seq }) => {
      const own = refundFacts.filter(({ tradeId, at: time }) => tradeId === sale.id && windowKey(pack, time) === windowKey(pack, at));
      const left = own.reduce((sum, { amountFen }) => sum - amountFen, sale.grossFen);
      return tradeOf(sale, at, seq, storedLines(sale, at, pack, { left, total: totals.get(keyOf(pack, sale, at)) ?? 0n }));
    }),
    gifts: [],
    refunds: refundFacts,
  };
}

type Sold = { readonly sale: SampleSale; readonly at: Instant; readonly seq: bigint };

function keyOf(pack: RulePack, sale: SampleSale, at: Instant): string {
  return `${sale.seller} ${windowKey(pack, at)}`;
}

function windowTotals(pack: RulePack, sold: readonly Sold[], refunds: readonly RefundFact[]): ReadonlyMap<string, bigint> {
  const totals = new Map<string, bigint>();
  for (const { sale, at } of sold) {
    const key = keyOf(pack, sale, at);
    const back = refunds.filter((refund) => refund.tradeId === sale.id && windowKey(pack, refund.at) === windowKey(pack, at));
    totals.set(key, (totals.get(key) ?? 0n) + sale.grossFen - back.reduce((sum, { amountFen }) => sum + amountFen, 0n));
  }
  return totals;
}

function basisFacts(sale: SampleSale): BasisFacts {
  return { ...NO_BASIS_FACTS, platformCostFen: sale.costFen === null ? null : fen(sale.costFen) };
}

const FEE_BPS = 500;

/** Stored lines come from `assess`, which the replay does not call: its identity check compares two ways of computing. */
function storedLines(
  sale: SampleSale,
  at: Instant,
  pack: RulePack,
  { left, total }: { readonly left: bigint; readonly total: bigint },
): StoredLines {
  const answer = assess(
    {
      txType: 'P2P',
      paidAt: at,
      grossFen: fen(left),
      feeBps: FEE_BPS,
      royaltyBps: sale.royaltyBps ?? 0,
      feeFen: null,
      royaltyFen: null,
      basis: basisOf(basisFacts(sale), pack),
      window: { kind: 'total', totalFen: fen(total) },
      place: 'CITY',
      vatStatus: 'SMALL_SCALE',
      flags: [],
    },
    pack,
  );
  if (answer.kind === 'rejected')
    throw new RangeError(`${sale.id} at ${beijingDate(at)}: ${answer.code}, window ${netOfWindow(pack, beijingDate(at), total)}`);
  const { lines, isTaxable } = answer.assessment;
  return { packHash: packHash(pack), isTaxable, lines: lines.map(({ id, amountFen }) => ({ id, amountFen })) };
}

function tradeOf(sale: SampleSale, at: Instant, seq: bigint, stored: StoredLines): TradeFact {
  const grossFen: Fen = fen(sale.grossFen);
  return {
    id: sale.id,
    seq,
    txType: 'P2P',
    paidAt: at,
    sellerRef: sale.seller,
    buyerRef: sale.buyer ?? 'bob',
    sellOrderId: `${sale.id}-sell`,
    buyOrderId: `${sale.id}-buy`,
    classId: sale.classId ?? 'cls_sword',
    gameId: sale.gameId ?? 'demo',
    itemIds: [sale.itemId ?? `itm_${sale.id}`],
    grossFen,
    feeBps: FEE_BPS,
    royaltyBps: sale.royaltyBps ?? 0,
    basis: basisFacts(sale),
    place: 'CITY',
    vatStatus: 'SMALL_SCALE',
    experiment: null,
    flags: [],
    stored,
  };
}

function attemptOf(sale: SampleSale, at: Instant, side: 'sell' | 'buy', pack: RulePack): AttemptFact {
  const personRef = side === 'sell' ? sale.seller : (sale.buyer ?? 'bob');
  const attempt: Attempt = { at, act: 'secondary', side, mechanism: 'fixed_price', unitPriceFen: fen(sale.grossFen), quantity: 1 };
  return {
    id: `${sale.id}-${side}`,
    orderId: `${sale.id}-${side}`,
    attempt,
    facts: {
      person: {
        personRef,
        birthDate: '1990-01-01',
        realNameLevel: side === 'sell' ? (sale.sellerLevel ?? 'R3') : 'R3',
        secondaryDayFen: fen(side === 'sell' ? (sale.secondaryDayFen ?? 0n) : 0n),
        primaryMonthFen: fen(0n),
        isIssuer: false,
        hasOpenAmlCase: false,
      },
      itemClass: {
        classId: sale.classId ?? 'cls_sword',
        gameId: sale.gameId ?? 'demo',
        approvalNo: 'ISBN 978-7-0000-0000-0',
        isVirtualCurrency: false,
        isCollectible: sale.isCollectible ?? false,
        isInterchangeable: true,
        isGiftable: true,
        resaleWaitTradingDays: 0,
        referencePriceFen: null,
      },
      items:
        side === 'sell'
          ? [
              {
                itemId: sale.itemId ?? `itm_${sale.id}`,
                acquiredAt: parseInstant(sale.acquiredAt ?? '2026-02-02T04:00:00.000Z'),
                acquiredBy: 'secondary',
                oddsHash: null,
              },
            ]
          : [],
    },
    experiment: null,
    recorded: { kind: 'allow', codes: [], packHash: packHash(pack) },
    outcome: 'placed',
  };
}
