/** Where an order stands to the experiment of its kind (rulebook 6.4): the person and the arm first, then the caps, whose end refuses it or
 *  leaves it to the pack's rules; and what becomes of its reservation. An order of the matched book keeps its own (`place-matched.ts`). */
import { assert } from '#ledger/primitives/assert.ts';
import { fen } from '#ledger/primitives/fen.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { CapAnswer, Placement as CapPlacement } from '#sandbox/experiments/cap-counter.ts';
import { type Experiment, flagsOf, type Override, type Participation } from '#sandbox/experiments/experiment.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { Player } from '#server/identity/identity.ts';
import type { ClassRow, OrderRow } from '#server/settlement/model.ts';
import type { TradePlan } from '#server/settlement/settle-trade.ts';
import type { Mechanism } from '#server/trpc/views.ts';
import type { Experiments } from './experiments.ts';

export type Inside = { readonly experiment: Experiment; readonly participation: Participation } | null;
export type Standing = { readonly kind: 'stands'; readonly inside: Inside } | Extract<CapAnswer, { kind: 'rejected' }>;
export type Standee = {
  readonly player: Player;
  readonly itemClass: ClassRow;
  readonly pack: RulePack;
  readonly at: Instant;
  readonly mechanism: Mechanism;
  readonly side: 'buy' | 'sell';
  readonly unitPriceFen: bigint;
  readonly quantity: number;
  /** The order that it would take the place of; its reservation is free again. */
  readonly replaces: string | null;
};

const OUTSIDE: Standing = { kind: 'stands', inside: null };

export function standingOf(experiments: Experiments, standee: Standee): Standing {
  const { player, itemClass, pack, at, mechanism } = standee;
  const running = experiments.ofOrder(itemClass.classId, mechanism);
  if (running === null) return OUTSIDE;
  const { experiment, caps } = running;
  const participation = experiments.participation(running, player, itemClass, pack, at);
  // Outside, the reason why a mechanism is not granted names the experiment that would have.
  if (mechanism === 'price_time') return { kind: 'stands', inside: { experiment, participation } };
  if (participation.kind === 'out') return OUTSIDE;
  const answer = caps.check(placementOf('', standee), standee.replaces);
  if (answer.kind === 'reserved') return { kind: 'stands', inside: { experiment, participation } };
  return experiment.onCap === 'REJECT' ? answer : OUTSIDE;
}

/** A gift moves no money: no cap holds it. */
export function giftStanding(experiments: Experiments, standee: Pick<Standee, 'player' | 'itemClass' | 'pack' | 'at'>): Inside {
  const { player, itemClass, pack, at } = standee;
  const running = experiments.ofOrder(itemClass.classId, 'fixed_price');
  if (running === null) return null;
  const participation = experiments.participation(running, player, itemClass, pack, at);
  return participation.kind === 'out' ? null : { experiment: running.experiment, participation };
}

export function overridesOf(inside: Inside): readonly Override[] {
  return inside?.participation.kind === 'in' ? inside.participation.overrides : [];
}

export function fullCap({ limitFen, takenFen, wantedFen }: Extract<CapAnswer, { kind: 'rejected' }>): Readonly<Record<string, string>> {
  return { limitFen: String(limitFen), takenFen: String(takenFen), wantedFen: String(wantedFen) };
}

function placementOf(orderId: string, order: Pick<Standee, 'player' | 'side' | 'unitPriceFen' | 'quantity' | 'at'>): CapPlacement {
  return {
    orderId,
    personRef: order.player.acct,
    side: order.side,
    unitFen: fen(order.unitPriceFen),
    quantity: BigInt(order.quantity),
    placedAt: order.at,
    isAlone: true,
  };
}

/** What `standingOf` has found room for, in the same turn of the one writer. */
export function reserveInside(experiments: Experiments, order: OrderRow): void {
  if (order.experimentId === null) return;
  const answer = experiments.find(order.experimentId)?.caps.reserve({
    orderId: order.orderId,
    personRef: order.acct,
    side: order.side,
    unitFen: fen(order.priceFen),
    quantity: BigInt(order.quantity),
    placedAt: order.placedAt,
    isAlone: true,
  });
  assert(answer?.kind === 'reserved', 'a cap that had room has room');
}

export function releaseInside(experiments: Experiments, order: Pick<OrderRow, 'experimentId' | 'orderId'>): void {
  if (order.experimentId !== null) experiments.find(order.experimentId)?.caps.release(order.orderId);
}

/** The experiment that a trade of these two belongs to: one was placed inside it, and it still tests, as the ledger asks. */
export function experimentOfTrade(experiments: Experiments, sell: OrderRow, buy: OrderRow): Pick<TradePlan, 'experimentId' | 'flags'> {
  for (const { experimentId } of [sell, buy]) {
    const tested = experimentId === null ? null : findTesting(experiments, experimentId);
    if (tested !== null) return tested;
  }
  return { experimentId: null, flags: [] };
}

export function findTesting(experiments: Experiments, experimentId: string): Pick<TradePlan, 'experimentId' | 'flags'> | null {
  const experiment = experiments.find(experimentId)?.experiment;
  return experiment?.status === 'TESTING' ? { experimentId, flags: flagsOf(experiment) } : null;
}

/** What was reserved is used; of a trade that belongs to no experiment any more, what has ended is free. */
export function countFill(
  experiments: Experiments,
  plan: Pick<TradePlan, 'experimentId' | 'tradeId' | 'sell' | 'buy' | 'unitPriceFen' | 'items'>,
) {
  const { experimentId, tradeId, sell, buy, unitPriceFen, items } = plan;
  if (experimentId === null) {
    for (const order of [sell, buy]) if (order.endedAt !== null) releaseInside(experiments, order);
    return;
  }
  const own = (order: OrderRow) => (order.experimentId === experimentId ? order.orderId : null);
  experiments.find(experimentId)?.caps.fill({
    tradeId,
    buyOrderId: own(buy),
    sellOrderId: own(sell),
    priceFen: fen(unitPriceFen),
    quantity: BigInt(items.length),
  });
}
