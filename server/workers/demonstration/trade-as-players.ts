/** The demonstration's players open the market through the public API: deposits, sheets of listings and buy orders, a first round of trades.
 *  A player that has any order is done: a second start places nothing twice. */
import type { AccountId, ClassId, ItemId } from '#ledger/primitives/ids.ts';
import type { Quote } from '#server/trpc/views.ts';
import type { ImportSteps } from './import-catalogue.ts';
import type { PlannedOrder } from './plan.ts';
import type { PlayerClient } from './player-client.ts';

const MAKER_DEPOSIT_FEN = '5000000';
const NAMED_DEPOSIT_FEN = '3000000';
const DEPOSIT_POLL_MS = 250;
const DEPOSIT_POLLS = 80;
const LATE_MS = 1_000;
const LATE_TRIES = 120;

/** Waits for the (simulated) institution, whose callbacks may be late. */
export async function fund(client: PlayerClient, amountFen: string, steps: ImportSteps): Promise<void> {
  const before = await client.api.money.get.query();
  if (before.entries.length > 0) return;
  await client.deposit({ referenceId: 'demo-deposit', amountFen });
  for (let poll = 0; poll < DEPOSIT_POLLS && !steps.isStopped(); poll++) {
    const money = await client.api.money.get.query();
    if (BigInt(money.availableFen) >= BigInt(amountFen)) return;
    await steps.sleep(DEPOSIT_POLL_MS);
  }
}

export const depositOf = (kind: 'maker' | 'named'): string => (kind === 'maker' ? MAKER_DEPOSIT_FEN : NAMED_DEPOSIT_FEN);

/** Places the player's part of the plan as one signed sheet. @returns how many were placed, null when the player had orders before. */
export async function placeSheet(
  client: PlayerClient,
  orders: readonly PlannedOrder[],
  classIdOf: (classRef: string) => ClassId,
): Promise<number | null> {
  const open = await client.api.order.list.query({});
  if (open.rows.length > 0) return null;
  const free = await freeItems(
    client,
    new Set(orders.filter((order) => order.intent === 'listing').map((order) => classIdOf(order.classRef))),
  );
  const drafts: { quote: Quote; referenceId: string }[] = [];
  for (const [index, order] of orders.entries()) {
    const classId = classIdOf(order.classRef);
    const itemIds = order.intent === 'listing' ? (free.get(classId)?.splice(0, order.quantity) ?? []) : [];
    if (order.intent === 'listing' && itemIds.length < order.quantity) continue;
    const quote = await client.api.quote.get.mutate({
      intent: order.intent,
      classId,
      itemIds,
      targetOrderId: null,
      priceFen: order.priceFen.toString(),
      quantity: order.quantity,
      timeInForce: 'gtc',
    });
    drafts.push({ quote, referenceId: `demo-order-${index}` });
  }
  const answers = await client.api.order.placeMany.mutate({ rows: [...client.signSheet(drafts)] });
  return answers.filter((answer) => answer.kind === 'placed').length;
}

async function freeItems(client: PlayerClient, wanted: ReadonlySet<ClassId>) {
  const free = new Map<ClassId, ItemId[]>();
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<PlayerClient['api']['portfolio']['list']['query']>> = await client.api.portfolio.list.query(
      cursor === null ? {} : { cursor },
    );
    for (const row of page.rows) {
      if (row.state !== 'free' || !wanted.has(row.card.classId)) continue;
      free.set(row.card.classId, [...(free.get(row.card.classId) ?? []), row.itemId]);
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
  return free;
}

/** Buys one listing of the kind from that seller, if it is still there. While the members are late nothing is traded, and it waits for them. */
export async function buyFrom(client: PlayerClient, classId: ClassId, seller: AccountId, steps: ImportSteps): Promise<boolean> {
  for (let attempt = 0; attempt < LATE_TRIES && !steps.isStopped(); attempt++) {
    const outcome = await buyNow(client, classId, seller, attempt);
    if (outcome !== 'late') return outcome === 'bought';
    await steps.sleep(LATE_MS);
  }
  return false;
}

async function buyNow(client: PlayerClient, classId: ClassId, seller: AccountId, attempt: number): Promise<'bought' | 'late' | 'refused'> {
  const page = await client.api.itemClass.get.query({ classId });
  const listing = page.listings.find((each) => each.sellerRef === seller && each.state === 'live' && each.mechanism === 'fixed_price');
  if (listing === undefined) return 'refused';
  const quote = await client.api.quote.get.mutate({
    intent: 'take_listing',
    classId,
    itemIds: listing.items.map((item) => item.itemId),
    targetOrderId: listing.orderId,
    priceFen: listing.priceFen,
    quantity: listing.items.length,
    timeInForce: 'gtc',
  });
  const [input] = client.signSheet([
    { quote, referenceId: `demo-buy-${listing.orderId.slice(4, 36)}${attempt === 0 ? '' : `-${attempt}`}` },
  ]);
  if (input === undefined) return 'refused';
  const answer = await client.api.order.place.mutate(input);
  if (answer.kind === 'placed') return 'bought';
  return answer.code === 'finality_late' ? 'late' : 'refused';
}
