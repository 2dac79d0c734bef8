/**
 * Everything that a kind's page shows, of one snapshot (product P-17): its facts and lists, its candles, its depth. The depth carries the number
 * of the book's last change that was known before the snapshot began. Later changes may be in it already; each says what a level is, so that
 * they do no harm twice, and whoever applies them all has the book.
 */
import type { Depth, KindPanels } from '#server/trpc/views.ts';
import { type CandleQuery, listCandles } from './candles.ts';
import { getClassPage } from './class-page.ts';
import { readDepthOrders } from './depth.repo.ts';
import { DepthBook } from './depth-book.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';

export async function getKindPanels(
  ground: ReadGround,
  snapshot: Snapshot,
  { chart, before }: { readonly chart: CandleQuery; readonly before: Depth },
): Promise<KindPanels | null> {
  const { classId } = chart;
  const [page, candles, depth] = await Promise.all([
    getClassPage(ground, snapshot, classId),
    listCandles(snapshot, chart),
    readDepthOrders(ground, snapshot, { classId, isMatched: before.experimentId !== null }),
  ]);
  if (page === null) return null;
  const book = new DepthBook();
  book.put(depth.orders, snapshot.now);
  book.turn(depth.frozen, snapshot.now);
  return { page, candles, depth: { ...before, height: snapshot.height, sell: book.levels('sell'), buy: book.levels('buy') } };
}
