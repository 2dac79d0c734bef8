/** Simulated people in the matching experiment: they join it, and its kinds change hands in the matched book, or by hand for whoever the draw
 *  put into the other arm. So its KPIs, caps and charts have something to show. */
import type { ClassId } from '#ledger/primitives/ids.ts';
import { type Dice, type Outcome, outcome, pick, placeQuoted, type Trader, takeListing, valuationFen } from './traffic-acts.ts';
import type { TrafficGround } from './traffic-people.ts';

export type Pilot = { readonly classIds: readonly ClassId[]; readonly isIn: ReadonlySet<Trader> };

/** Everybody who may joins the experiment that runs; null when none does. */
export async function joinPilot(traders: readonly Trader[]): Promise<Pilot | null> {
  const [first] = traders;
  if (first === undefined) return null;
  const running = (await first.client.api.experiment.list.query()).find(({ status }) => status === 'TESTING');
  if (running === undefined) return null;
  const isIn = new Set<Trader>();
  for (const trader of traders) {
    const joined = await trader.client.api.experiment.join.mutate({ experimentId: running.experimentId }).catch(() => null);
    if (joined !== null) isIn.add(trader);
  }
  return { classIds: running.classIds, isIn };
}

/** A maker offers in the book; a person bids there, and buys a listing where the person's arm has no book. */
export function tradeInPilot(ground: TrafficGround, trader: Trader, pilot: Pilot, dice: Dice): Promise<Outcome> {
  return trader.isMaker ? offer(ground, trader, pilot, dice) : order(ground, trader, pilot, dice);
}

async function offer(ground: TrafficGround, trader: Trader, { classIds }: Pilot, dice: Dice): Promise<Outcome> {
  const { rows } = await trader.client.api.portfolio.list.query({});
  const row = pick(
    dice,
    rows.filter(({ state, card }) => state === 'free' && classIds.includes(card.classId)),
  );
  if (row === undefined) return outcome('match', undefined);
  const itemIds = [row.itemId];
  // Half of what is sold goes the other way, so that the two arms can be compared.
  const intent = dice() < 0.5 ? 'matched' : 'listing';
  const priceFen = valuationFen(row.card, dice).toString();
  const wish = { classId: row.card.classId, itemIds, targetOrderId: null, priceFen, quantity: 1, timeInForce: 'gtc' } as const;
  const answer = await placeQuoted(ground, trader, { ...wish, intent });
  return outcome('match', answer);
}

async function order(ground: TrafficGround, trader: Trader, { classIds }: Pilot, dice: Dice): Promise<Outcome> {
  const classId = pick(dice, classIds);
  if (classId === undefined) return outcome('match', undefined);
  const { card, listings } = await trader.client.api.itemClass.get.query({ classId });
  const wish = { classId, itemIds: [], targetOrderId: null, quantity: 1, timeInForce: 'gtc' } as const;
  const limitFen = valuationFen(card, dice);
  try {
    return outcome('match', await placeQuoted(ground, trader, { ...wish, intent: 'matched', priceFen: limitFen.toString() }));
  } catch {
    const listing = listings.find((each) => !each.isMine && each.state === 'live' && each.mechanism === 'fixed_price');
    return outcome('match', listing === undefined ? undefined : await takeListing(ground, trader, classId, listing));
  }
}
