/** Search over the kinds (product P-10): 50 a page, by a cursor that names the last row's own sort key, so that nothing is shown twice. */
import type { ClassId } from '#ledger/primitives/ids.ts';
import type { SearchPage, SearchQuery, SearchSort } from '#server/trpc/views.ts';
import { experimentsOfClasses, listCards } from './cards.repo.ts';
import { type IndexedKind, readCatalogueIndex } from './catalogue-index.ts';
import { listEasyKinds } from './class-details.repo.ts';
import { type CursorPart, readCursor, writeCursor } from './cursor.ts';
import { expressionFilter } from './expression/expression-filter.ts';
import { facetsOf, filtersOf, matchKinds } from './facets.ts';
import { listOpenFigures, NO_OPEN, NO_TRADES, type OpenFigures, type TradeFigures } from './figures.repo.ts';
import { recentTradeFigures } from './recent-figures.ts';
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
  const start = startOf(placed, search.cursor, sort);
  const page = placed.slice(start, start + PAGE);
  const last = page.at(-1);
  return {
    rows: await listCards(
      snapshot,
      page.map(({ kind }) => kind.face.classId),
    ),
    total: found.length,
    facets: facetsOf(index.definitions, found, missedBy),
    nextCursor: start + PAGE < placed.length && last !== undefined ? writeCursor([sort, ...last.key, last.kind.face.serial]) : null,
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

function startOf(placed: readonly Placed[], cursor: string | undefined, sort: Sort): number {
  const place = readCursor(cursor, 4);
  if (place === null) return 0;
  const [cursorSort, value, name, serial] = place;
  if (cursorSort !== sort || !isKey(value, name, serial)) return 0;
  const [keyValue, keyName, keySerial] = [Number(value), String(name), Number(serial)];
  const at = placed.findIndex(({ kind, key }) => compareKeys(key, kind.face.serial, [keyValue, keyName], keySerial) > 0);
  return at === -1 ? placed.length : at;
}

function isKey(value: CursorPart | undefined, name: CursorPart | undefined, serial: CursorPart | undefined): boolean {
  return typeof value === 'number' && typeof name === 'string' && typeof serial === 'number';
}
