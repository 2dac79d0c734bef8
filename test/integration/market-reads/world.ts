import { fen } from '#ledger/primitives/fen.ts';
import type { ItemId } from '#ledger/primitives/ids.ts';
import { readSnapshot, type Snapshot } from '#server/market/snapshot.ts';
import { type Kind, openTestMarket, placed, type TestMarket, type Trader } from '#test/support/market.ts';

export let m: TestMarket;
export let sword: Kind;
export let items: readonly ItemId[];
export let tradeId: string;

export const look = <T extends object | null>(viewer: Trader | null, read: (snapshot: Snapshot) => Promise<T>): Promise<T> =>
  readSnapshot(m, viewer?.acct ?? null, read);

export async function list(seller: Trader, kind: Kind, item: ItemId, price: bigint) {
  return placed(
    await m.place(seller, await m.quote(seller, { intent: 'listing', classId: kind.classId, itemIds: [item], priceFen: fen(price) })),
  );
}
export async function take(buyer: Trader, kind: Kind, item: ItemId, orderId: Parameters<TestMarket['quote']>[1]['targetOrderId']) {
  const quote = await m.quote(buyer, { intent: 'take_listing', classId: kind.classId, itemIds: [item], targetOrderId: orderId ?? null });
  return placed(await m.place(buyer, quote));
}
export const at = <T>(values: readonly T[], index: number): T => {
  const value = values[index];
  if (value === undefined) throw new Error(`nothing at ${index}`);
  return value;
};

export async function openWorld(): Promise<void> {
  m = await openTestMarket();
  sword = await m.kind('sword');
  items = await m.mint(sword, m.amy, 6);
  await m.fund(m.bob, 300_000n);
  const listing = await list(m.amy, sword, at(items, 0), 50_000n);
  const bought = await take(m.bob, sword, at(items, 0), listing.order.orderId);
  tradeId = at(bought.trades, 0).tradeId;
  await m.certify();
}
export async function closeWorld(): Promise<void> {
  await m.stop();
}
