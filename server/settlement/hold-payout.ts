/** Whether the proceeds of a sale wait longer (rulebook CN-SV-11): the same answer for its quote, its placement and its settlement. */
import { fen } from '#ledger/primitives/fen.ts';
import type { AccountId, ClassId, TradeId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { payoutHold, quickWindowMs, type ResaleAnswer, type SoldItem } from '#sandbox/decisions/payout-hold.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { Group } from './group.ts';
import type { ItemRow } from './model.ts';

/** Of a seller of items that he bought lately. */
export type ResellerFacts = {
  readonly firstUsedAt: Instant | null;
  /** His sales of such items within a day, oldest first; a group adds its own. */
  readonly sales: readonly QuickSale[];
};
export type QuickSale = { readonly tradeId: TradeId; readonly quick: number; readonly isHeld: boolean };

/** Nobody else's instrument is asked for. */
export function resellersOf(items: readonly ItemRow[], pack: RulePack, now: Instant): readonly AccountId[] {
  const windowMs = quickWindowMs(pack);
  if (windowMs === null) return [];
  return [...new Set(items.flatMap((item) => (isBought(item) && now - freeAt(item) <= windowMs ? [item.owner] : [])))];
}

const isBought = ({ acquiredAct }: ItemRow): boolean => acquiredAct === 'sold';
const freeAt = ({ acquiredAt, protectedUntil }: ItemRow): Instant =>
  protectedUntil !== null && protectedUntil > acquiredAt ? protectedUntil : acquiredAt;
const soldItem = (item: ItemRow): SoldItem => ({ acquiredAt: item.acquiredAt, isBought: isBought(item), freeAt: freeAt(item) });

export type Resold = {
  readonly pack: RulePack;
  readonly now: Instant;
  readonly facts: ResellerFacts | undefined;
  readonly items: readonly ItemRow[];
  readonly unitPriceFen: bigint;
  readonly referencePriceFen: bigint | undefined;
};

export function holdOf({ pack, now, facts, items, unitPriceFen, referencePriceFen }: Resold): ResaleAnswer {
  return payoutHold(
    {
      at: now,
      unitPriceFen: fen(unitPriceFen),
      referencePriceFen: referencePriceFen === undefined ? null : fen(referencePriceFen),
      items: items.map(soldItem),
      firstUsedAt: facts?.firstUsedAt ?? null,
      soldToday: (facts?.sales ?? []).reduce((sum, { quick }) => sum + quick, 0),
    },
    pack,
  );
}

type Sale = { readonly seller: AccountId; readonly classId: ClassId; readonly items: readonly ItemRow[]; readonly unitPriceFen: bigint };

export function holdInGroup(group: Group, { seller, classId, items, unitPriceFen }: Sale): ResaleAnswer {
  const facts = group.loaded.resellers.get(seller);
  return holdOf({ pack: group.pack, now: group.now, facts, items, unitPriceFen, referencePriceFen: group.referencePrices.get(classId) });
}

/** At settlement: where their number is the reason, the earlier ones of the day wait too. */
export function holdSale(group: Group, tradeId: TradeId, sale: Sale): ResaleAnswer {
  const answer = holdInGroup(group, sale);
  if (answer.quick === 0) return answer;
  const { firstUsedAt, sales } = group.loaded.resellers.get(sale.seller) ?? { firstUsedAt: null, sales: [] };
  const { hold, quick } = answer;
  const earlier = hold?.isByNumber === true ? sales.filter(({ isHeld }) => !isHeld) : [];
  for (const each of earlier) group.heldEarlier.push({ tradeId: each.tradeId, seller: sale.seller, days: hold?.days ?? 0 });
  const now = sales.map((each) => (earlier.includes(each) ? { ...each, isHeld: true } : each));
  group.loaded.resellers.set(sale.seller, { firstUsedAt, sales: [...now, { tradeId, quick, isHeld: hold !== null }] });
  return answer;
}
