/** Search over the kinds (product P-10): 50 a page, all pages of one list from what its first page saw (`search-snapshots.ts`). The cursor names
 *  the last row's own sort key too, so that a list whose memory is gone can go on. */
import type { ClassId } from '#ledger/primitives/ids.ts';
import type { SearchPage, SearchQuery, SearchSort } from '#server/trpc/views.ts';
import { experimentsOfClasses } from './cards.repo.ts';
import { type IndexedKind, readCatalogueIndex } from './catalogue-index.ts';
import { listEasyKinds } from './class-details.repo.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { expressionFilter } from './expression/expression-filter.ts';
import { facetsOf, filtersOf, matchKinds } from './facets.ts';
import { listOpenFigures, NO_OPEN, NO_TRADES, type OpenFigures, type TradeFigures } from './figures.repo.ts';
import { recentTradeFigures } from './recent-figures.ts';
import { findSearch, keepSearch, questionOf, type SeenSearch, seenCards } from './search-snapshots.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';

const PAGE = 50;
const DEFAULT_SORT = 'most_traded';
type Sort = SearchSort;

/** Most common first; what is not in the list stands before all of them. */
const RARITIES = ['common', 'uncommon', 'rare', 'epic', 'legendary', 'mythic'];

type Facts = { readonly open: ReadonlyMap<ClassId, OpenFigures>; readonly traded: ReadonlyMap<ClassId, TradeFigures> };
type SortKey = readonly [number, string];
type Placed = { readonly kind: IndexedKind; readonly key: SortKey };

export async function searchKinds(ground: ReadGround, snapshot: Snapshot, search: SearchQuery): Promise<SearchPage> {
  const { tx, now, height } = snapshot;
  const sort = search.sort ?? DEFAULT_SORT;
  const place = placeIn(search.cursor, sort);
  const question = questionOf(search);
  const seen = place === null ? null : findSearch(ground.sql, place.seen, question, now);
  if (place !== null && seen !== null) return pageOf(snapshot, seen, { sort, name: place.seen, start: place.at });
  const { atOnce, transferable } = search;
  const [index, open, traded, experiments, easy] = await Promise.all([
    readCatalogueIndex(ground.sql, tx),
    listOpenFigures(tx, null),
    recentTradeFigures(ground.sql, tx, now),
    experimentsOfClasses(tx),
    atOnce === true || transferable === true ? listEasyKinds(tx, now, { atOnce, transferable }) : null,
  ]);
  const filters = [
    ...filtersOf(search),
    ...expressionFilter(search.expression, index.definitions),
    ...marketFilters(search, open, experiments),
    ...(easy === null ? [] : [{ key: '', accepts: ({ face }: IndexedKind) => easy.has(face.classId) }]),
  ];
  const { found, missedBy } = matchKinds(index.kinds, filters);
  const placed = found.map((kind): Placed => ({ kind, key: keyOf(kind, sort, { open, traded }) })).sort(comparePlaced);
  const order = placed.map(({ kind }) => kind);
  const facts: SeenSearch = {
    question,
    at: now,
    order,
    facets: facetsOf(index.definitions, found, missedBy),
    height,
    open,
    traded,
    experiments,
  };
  const start = place === null ? 0 : startOf(placed, place);
  return pageOf(snapshot, facts, { sort, name: start + PAGE < order.length ? keepSearch(ground.sql, facts) : '', start });
}

async function pageOf(snapshot: Snapshot, seen: SeenSearch, page: { readonly sort: Sort; readonly name: string; readonly start: number }) {
  const { order, facets, height } = seen;
  const shown = order.slice(page.start, page.start + PAGE);
  const last = shown.at(-1);
  const end = page.start + shown.length;
  return {
    rows: await seenCards(snapshot, seen, shown),
    total: order.length,
    facets,
    nextCursor:
      end < order.length && last !== undefined
        ? writeCursor([page.sort, ...keyOf(last, page.sort, seen), last.face.serial, page.name, end])
        : null,
    height,
  };
}

function marketFilters(search: SearchQuery, open: Facts['open'], experiments: ReadonlyMap<string, string>) {
  const { minFen, maxFen, listed, experiment } = search;
  const filters = [];
  if (listed === true) filters.push({ key: '', accepts: ({ face }: IndexedKind) => (open.get(face.classId)?.listings ?? 0) > 0 });
  if (experiment === true) filters.push({ key: '', accepts: ({ face }: IndexedKind) => experiments.has(face.classId) });
  if (minFen !== undefined || maxFen !== undefined) {
    const least = minFen === undefined ? 0n : BigInt(minFen);
    const most = maxFen === undefined ? null : BigInt(maxFen);
    filters.push({
      key: '',
      accepts: ({ face }: IndexedKind) => {
        const price = open.get(face.classId)?.lowestFen ?? null;
        return price !== null && price >= least && (most === null || price <= most);
      },
    });
  }
  return filters;
}

/** Ascending; kinds without the figure come last in every order. Amounts in keys are below 2^53: prices end at 1,000,000 yuan. */
function keyOf({ face }: IndexedKind, sort: Sort, { open, traded }: Facts): SortKey {
  const offers = open.get(face.classId) ?? NO_OPEN;
  const trades = traded.get(face.classId) ?? NO_TRADES;
  const name = face.names.en.toLowerCase();
  const orLast = (value: number | null): number => value ?? Number.MAX_SAFE_INTEGER;
  switch (sort) {
    case 'price_up':
      return [orLast(offers.lowestFen === null ? null : Number(offers.lowestFen)), name];
    case 'price_down':
      return [orLast(offers.lowestFen === null ? null : -Number(offers.lowestFen)), name];
    case 'best_deal':
      return [orLast(dealOf(offers, trades)), name];
    case 'discount':
      return [orLast(discountOf(offers, trades)), name];
    case 'ending_soon':
      return [orLast(offers.endsAt), name];
    case 'fastest_sold':
      return [orLast(trades.medianSaleMs), name];
    case 'newest':
      return [-face.serial, ''];
    case 'most_traded':
      // Without trades, what is offered comes before what is not.
      return [-trades.trades7d * 1_000_000 - Math.min(offers.listings, 999_999), name];
    case 'rarity':
      return [-RARITIES.indexOf((face.rarity ?? '').toLowerCase()), name];
    case 'name':
      return [0, name];
  }
}

/** Lowest listing in basis points of the reference price. */
function dealOf(offers: OpenFigures, trades: TradeFigures): number | null {
  if (offers.lowestFen === null || trades.referenceFen === null || trades.referenceFen === 0n) return null;
  return Number((offers.lowestFen * 10_000n) / trades.referenceFen);
}

/** By how much the lowest listing lies under the reference price, the largest first; kinds that lie above it come after. */
function discountOf(offers: OpenFigures, trades: TradeFigures): number | null {
  return offers.lowestFen === null || trades.referenceFen === null ? null : Number(offers.lowestFen - trades.referenceFen);
}

function comparePlaced(a: Placed, b: Placed): number {
  return compareKeys(a.key, a.kind.face.serial, b.key, b.kind.face.serial);
}
function compareKeys([a, nameA]: SortKey, serialA: number, [b, nameB]: SortKey, serialB: number): number {
  if (a !== b) return a < b ? -1 : 1;
  if (nameA !== nameB) return nameA < nameB ? -1 : 1;
  return serialA - serialB;
}

/** Where a list goes on: in what its first page saw, and, when that is gone, after which key. */
type Place = { readonly key: SortKey; readonly serial: number; readonly seen: string; readonly at: number };

function placeIn(cursor: string | undefined, sort: Sort): Place | null {
  const parts = readCursor(cursor, 6);
  if (parts === null) return null;
  const [cursorSort, value, name, serial, seen, at] = parts;
  const isWhole = typeof value === 'number' && typeof name === 'string' && typeof serial === 'number';
  if (cursorSort !== sort || !isWhole || typeof seen !== 'string' || typeof at !== 'number') return null;
  return { key: [value, name], serial, seen, at: Math.max(0, Math.trunc(at)) };
}

function startOf(placed: readonly Placed[], { key, serial }: Place): number {
  const at = placed.findIndex((each) => compareKeys(each.key, each.kind.face.serial, key, serial) > 0);
  return at === -1 ? placed.length : at;
}
