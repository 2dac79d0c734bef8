/** Asks the sandbox whether this person may place this order now. */
import { fen } from '#ledger/primitives/fen.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { decide } from '#sandbox/decisions/decide.ts';
import type { Attempt, DecisionFacts, ItemFacts } from '#sandbox/decisions/decision.ts';
import { type Experiment, experimentHash, type Participation } from '#sandbox/experiments/experiment.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { Player } from '#server/identity/identity.ts';
import type { Decided } from '#server/settlement/decided.ts';
import type { ClassRow, ItemRow } from '#server/settlement/model.ts';
import type { Mechanism } from '#server/trpc/views.ts';
import { isAffiliate } from './affiliates.ts';

export type OrderAttempt = {
  readonly at: Instant;
  readonly pack: RulePack;
  readonly player: Player;
  readonly itemClass: ClassRow;
  readonly side: 'sell' | 'buy';
  readonly mechanism: Mechanism;
  readonly unitPriceFen: bigint;
  readonly quantity: number;
  /** Of a seller. */
  readonly items: readonly ItemRow[];
  readonly dayTurnoverFen: bigint;
  /** CN-SV-00; null: none yet. */
  readonly referencePriceFen: bigint | null;
  /** Of its items in order, at most: a matched sell order may trade above its limit. */
  readonly worstUnitFen: bigint;
  readonly mostTrades: number;
  readonly capTotals: Readonly<Record<string, bigint>> | undefined;
  readonly inside: { readonly experiment: Experiment; readonly participation: Participation } | null;
};

/** A person whose birth date is not known yet has level R0 and is refused for that; the date stands in for nobody's. */
const UNKNOWN_BIRTH_DATE = '1900-01-01';

export function decideOrder(order: OrderAttempt): Decided {
  const attempt: Attempt = {
    at: order.at,
    act: 'secondary',
    side: order.side,
    mechanism: order.mechanism,
    unitPriceFen: fen(order.unitPriceFen),
    quantity: order.quantity,
    ...atMost(order),
  };
  const facts = decisionFacts(order);
  const decision = decide(attempt, facts, order.pack, order.inside?.participation);
  return { attempt, facts, decision, experiment: order.inside === null ? null : experimentFacts(order.inside) };
}

/** Left out where it says nothing more than price and quantity do. */
export function atMost(order: Pick<OrderAttempt, 'unitPriceFen' | 'worstUnitFen' | 'quantity' | 'mostTrades'>): Pick<Attempt, 'atMost'> {
  if (order.worstUnitFen === order.unitPriceFen && order.mostTrades === 1) return {};
  return { atMost: { grossFen: fen(order.worstUnitFen * BigInt(order.quantity)), trades: order.mostTrades } };
}

/** The same of an item that is given away, or, without items, of who would receive it. */
export function decideGift(gift: Pick<OrderAttempt, 'at' | 'pack' | 'player' | 'itemClass' | 'items' | 'inside'>): Decided {
  const attempt: Attempt = {
    at: gift.at,
    act: 'gift',
    side: 'sell',
    mechanism: 'fixed_price',
    unitPriceFen: fen(0n),
    quantity: gift.items.length,
  };
  const facts = decisionFacts({ ...gift, dayTurnoverFen: 0n, referencePriceFen: null, capTotals: undefined });
  const decision = decide(attempt, facts, gift.pack, gift.inside?.participation);
  return { attempt, facts, decision, experiment: gift.inside === null ? null : experimentFacts(gift.inside) };
}

function decisionFacts({
  player,
  itemClass,
  items,
  dayTurnoverFen,
  referencePriceFen,
  capTotals,
}: Pick<OrderAttempt, 'player' | 'itemClass' | 'items' | 'dayTurnoverFen' | 'referencePriceFen' | 'capTotals'>): DecisionFacts {
  return {
    person: {
      personRef: player.acct,
      birthDate: player.birthDate ?? UNKNOWN_BIRTH_DATE,
      realNameLevel: player.level,
      secondaryDayFen: fen(dayTurnoverFen),
      primaryMonthFen: fen(0n),
      isIssuer: player.acct === itemClass.studioAcct || isAffiliate(itemClass, player),
      hasOpenAmlCase: player.hasOpenAmlCase,
      ...(capTotals === undefined ? {} : { capTotals }),
    },
    itemClass: classFacts(itemClass, referencePriceFen),
    items: items.map((item) => itemFacts(item, itemClass)),
  };
}

const hashes = new WeakMap<Experiment, string>();

function experimentFacts({ experiment, participation }: NonNullable<OrderAttempt['inside']>): Decided['experiment'] {
  const hash = hashes.get(experiment) ?? experimentHash(experiment);
  hashes.set(experiment, hash);
  const isIn = participation.kind === 'in';
  return { id: experiment.id, hash, participation: isIn ? 'in' : participation.code, arm: isIn ? participation.arm : null };
}

function classFacts(row: ClassRow, referencePriceFen: bigint | null) {
  return {
    classId: row.classId,
    gameId: row.gameId,
    approvalNo: row.approvalNo,
    isVirtualCurrency: false,
    isCollectible: row.isCollectible,
    isInterchangeable: row.isInterchangeable,
    isGiftable: row.isGiftable,
    isResalable: row.isResalable,
    resaleWaitTradingDays: row.resaleWaitTradingDays,
    referencePriceFen: referencePriceFen === null ? null : fen(referencePriceFen),
  };
}

function itemFacts(item: ItemRow, row: ClassRow): ItemFacts {
  return { itemId: item.itemId, acquiredAt: item.acquiredAt, acquiredBy: acquiredBy(item, row), oddsHash: row.drawTableSm3 };
}

/** How the present holder came by the item: the first holder by what the studio declared, everybody after by the last hop. */
function acquiredBy(item: ItemRow, row: ClassRow): ItemFacts['acquiredBy'] {
  switch (item.acquiredAct) {
    case 'sold':
      return 'secondary';
    case 'given':
    case 'returned':
    case 'court':
      return 'gift';
    case 'issued':
      return row.origin === 'DRAW' ? 'drawn' : row.origin === 'PURCHASE' ? 'primary' : 'earned';
  }
}
