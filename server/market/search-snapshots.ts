/** What the first page of a search saw, kept for its later pages (product P-10, P-17): the order of the kinds, the facets and the figures of
 *  one ledger height. In memory: where it is gone, after a quarter of an hour or a restart, the list goes on by the key of its last row. */
import type { ClassId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Sql } from '#server/db.ts';
import type { ClassCard, SearchPage, SearchQuery } from '#server/trpc/views.ts';
import { listIssued } from './cards.repo.ts';
import type { IndexedKind } from './catalogue-index.ts';
import { fenText, NO_OPEN, NO_TRADES, type OpenFigures, type TradeFigures } from './figures.repo.ts';
import type { Snapshot } from './snapshot.ts';

export type SeenMarket = {
  readonly open: ReadonlyMap<ClassId, OpenFigures>;
  readonly traded: ReadonlyMap<ClassId, TradeFigures>;
  readonly experiments: ReadonlyMap<string, string>;
};
export type SeenSearch = SeenMarket & {
  readonly question: string;
  readonly at: Instant;
  readonly order: readonly IndexedKind[];
  readonly facets: SearchPage['facets'];
  readonly height: number;
};

const KEPT_MS = 15 * 60_000;
/** An order of five thousand kinds is as many pointers. */
const MOST_KEPT = 64;
const kept = new WeakMap<Sql, Map<string, SeenSearch>>();

/** What tells two searches apart, whatever page of them. */
export function questionOf({ cursor: _, ...search }: SearchQuery): string {
  return JSON.stringify(Object.entries(search).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @returns the name under which its pages find it again */
export function keepSearch(sql: Sql, seen: SeenSearch): string {
  const searches = kept.get(sql) ?? new Map<string, SeenSearch>();
  kept.set(sql, searches);
  const same = [...searches].find(([, { question, height, at }]) => question === seen.question && height === seen.height && at === seen.at);
  if (same !== undefined) return same[0];
  const name = `${seen.at.toString(36)}.${seen.height.toString(36)}.${searches.size.toString(36)}`;
  searches.set(name, seen);
  for (const [old, { at }] of searches) if (seen.at - at > KEPT_MS || searches.size > MOST_KEPT) searches.delete(old);
  return name;
}

export function findSearch(sql: Sql, name: string, question: string, now: Instant): SeenSearch | null {
  const seen = kept.get(sql)?.get(name);
  return seen !== undefined && seen.question === question && now - seen.at <= KEPT_MS ? seen : null;
}

/** Cards with the figures that the first page saw. */
export async function seenCards({ tx }: Snapshot, seen: SeenMarket, kinds: readonly IndexedKind[]): Promise<readonly ClassCard[]> {
  const issued = await listIssued(
    tx,
    kinds.map(({ face }) => face.classId),
  );
  return kinds.map(({ face: { serial: _, ...shown } }) => {
    const offers = seen.open.get(shown.classId) ?? NO_OPEN;
    const trades = seen.traded.get(shown.classId) ?? NO_TRADES;
    return {
      ...shown,
      issued: issued.get(shown.classId) ?? 0,
      listings: offers.listings,
      lowestListingFen: fenText(offers.lowestFen),
      highestBuyFen: fenText(offers.highestBuyFen),
      referenceFen: fenText(trades.referenceFen),
      trades7d: trades.trades7d,
      experimentId: seen.experiments.get(shown.classId) ?? null,
    };
  });
}
