/** Who gets which items and who offers what in the demonstration. Pure and seeded by SM3 of names: every installation has the same market. */

import { type CatalogueItem, EXPERIMENT_CLASS_REFS } from '#drizzle/seed/demonstration-catalogue.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { utf8 } from '#ledger/primitives/bytes.ts';

export type PlannedMint = { readonly classRef: string; readonly player: string; readonly quantity: number };

/** A whole number below `below` that depends on the words alone. */
export function draw(below: number, ...words: readonly string[]): number {
  const [a = 0, b = 0, c = 0, d = 0] = sm3(utf8(words.join('\n')));
  return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) % below;
}

const GEMS_EACH = 10;
/** Kinds of which the three named players hold one from the start; the buy orders of the tour wait for some of them. */
const NAMED_PLAYER_KINDS = 48;
const UNITS_OF_A_KIND = 2;

export const NAMED_PLAYERS = ['lin-yue', 'chen-hai', 'zhou-ning'] as const;

function isGem(item: CatalogueItem): boolean {
  return (EXPERIMENT_CLASS_REFS as readonly string[]).includes(item.uniqueName);
}

/** Kinds that can be sold at once: no publicity, no resale wait. */
function isPlain(item: CatalogueItem): boolean {
  return (item.category === 'Mods' && (item.rarity === 'Rare' || item.rarity === 'Uncommon')) || item.category === 'Sentinels';
}

export function plainKinds(items: readonly CatalogueItem[]): readonly CatalogueItem[] {
  return items.filter(isPlain).sort((a, b) => draw(1 << 30, 'order', a.uniqueName) - draw(1 << 30, 'order', b.uniqueName));
}

export function planMints(items: readonly CatalogueItem[], marketMakers: readonly string[]): readonly PlannedMint[] {
  const maker = (item: CatalogueItem, unit: number): string =>
    marketMakers[draw(marketMakers.length, 'holder', item.uniqueName, String(unit))] ?? '';
  const general = items
    .filter((item) => item.type !== 'Currency')
    .flatMap((item): PlannedMint[] =>
      isGem(item)
        ? [...marketMakers, ...NAMED_PLAYERS].map((player) => ({ classRef: item.uniqueName, player, quantity: GEMS_EACH }))
        : Array.from({ length: UNITS_OF_A_KIND }, (_, unit) => ({ classRef: item.uniqueName, player: maker(item, unit), quantity: 1 })),
    );
  const named = plainKinds(items)
    .slice(0, NAMED_PLAYER_KINDS)
    .flatMap((item) => NAMED_PLAYERS.map((player): PlannedMint => ({ classRef: item.uniqueName, player, quantity: 1 })));
  return [...general, ...named];
}

const PRICE_RANGE_YUAN: Readonly<Record<string, readonly [number, number]>> = {
  Common: [3, 30],
  Uncommon: [15, 120],
  Rare: [60, 480],
  Legendary: [400, 2600],
};

/** Fen, in steps of 0.10 元. */
export function basePriceFen(item: Pick<CatalogueItem, 'uniqueName' | 'rarity'>): bigint {
  const [low, high] = PRICE_RANGE_YUAN[item.rarity ?? ''] ?? [2, 60];
  return BigInt((low * 10 + draw((high - low) * 10, 'price', item.uniqueName)) * 10);
}

export type PlannedOrder = {
  readonly player: string;
  readonly intent: 'listing' | 'buy_order';
  readonly classRef: string;
  readonly priceFen: bigint;
  readonly quantity: number;
};

const LISTINGS_A_MAKER = 11;
/** The two that the tour's fifth minute sells to: together above the day line of 1,000.00 元. */
const TOUR_BUY_ORDERS_FEN = [60_000n, 70_000n];
const BUY_ORDERS = 50;

/** Eleven listings of every market maker out of what it holds, and fifty buy orders for kinds that the named players hold. */
export function planOrders(
  items: readonly CatalogueItem[],
  mints: readonly PlannedMint[],
  marketMakers: readonly string[],
): readonly PlannedOrder[] {
  const byRef = new Map(items.map((item) => [item.uniqueName, item]));
  const listings = marketMakers.flatMap((player) =>
    mints
      .filter((mint) => mint.player === player)
      .flatMap((mint) => byRef.get(mint.classRef) ?? [])
      .filter((item) => !isGem(item) && item.category !== 'Relics')
      .sort((a, b) => draw(1 << 30, 'listed', player, a.uniqueName) - draw(1 << 30, 'listed', player, b.uniqueName))
      .slice(0, LISTINGS_A_MAKER)
      .map(
        (item): PlannedOrder => ({
          player,
          intent: 'listing',
          classRef: item.uniqueName,
          priceFen: spread(basePriceFen(item), player, item),
          quantity: 1,
        }),
      ),
  );
  const wanted = plainKinds(items).slice(0, NAMED_PLAYER_KINDS);
  const buyOrders = Array.from({ length: BUY_ORDERS }, (_, index): PlannedOrder[] => {
    const item = wanted[index % wanted.length];
    const player = marketMakers[draw(marketMakers.length, 'buyer', String(index))];
    if (item === undefined || player === undefined) return [];
    const priceFen = TOUR_BUY_ORDERS_FEN[index] ?? ((basePriceFen(item) * BigInt(70 + draw(20, 'bid', String(index)))) / 1000n) * 10n;
    return [{ player, intent: 'buy_order', classRef: item.uniqueName, priceFen, quantity: 1 + draw(3, 'quantity', String(index)) }];
  }).flat();
  return [...listings, ...buyOrders];
}

/** Within a tenth of the kind's price, so that depth has several levels. */
function spread(priceFen: bigint, player: string, item: CatalogueItem): bigint {
  return ((priceFen * BigInt(95 + draw(15, 'ask', player, item.uniqueName))) / 1000n) * 10n;
}
