/** Buy orders for any kind that fits, from the side of one kind; live listings, from the side of a condition (product P-22). */
import type { ClassId, OrderId } from '#ledger/primitives/ids.ts';
import { parseOrderId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { FittingListings } from '#server/trpc/views.ts';
import { listCards } from './cards.repo.ts';
import { type IndexedKind, readCatalogueIndex } from './catalogue-index.ts';
import { expressionSchema } from './expression/expression.ts';
import { recordOf } from './expression/expression-filter.ts';
import { matchesExpression } from './expression/match-expression.ts';
import { signedExpression } from './expression/order-expression.ts';
import { listListingsById } from './offers.repo.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';

/** The best prices of a game; what stands behind them is not shown on a page of one kind. */
const MOST_ASKED = 500;
const CHEAPEST = 5;

export async function listFittingOrders({ sql }: Pick<ReadGround, 'sql'>, { tx }: Snapshot, classId: ClassId): Promise<readonly OrderId[]> {
  const orders = await query<{ order_id: string; expression: string }>(
    tx,
    `select o.order_id, o.expression from market.orders o join catalogue.item_classes c using (class_id)
     where o.expression is not null and o.ended_at is null
       and c.game_id = (select k.game_id from catalogue.item_classes k where k.class_id = $1)
     order by o.price_fen desc, o.priority limit ${MOST_ASKED}`,
    [classId],
  );
  if (orders.length === 0) return [];
  const kind = (await readCatalogueIndex(sql, tx)).byId.get(classId);
  if (kind === undefined) return [];
  const schema = expressionSchema(await listGameDefinitions(tx, kind.face.gameId));
  return orders.flatMap(({ order_id, expression }) => {
    const wanted = signedExpression(expression, kind.face.gameId, schema);
    return wanted !== null && matchesExpression(wanted, recordOf(kind)) ? [parseOrderId(order_id)] : [];
  });
}

type Definition = Parameters<typeof expressionSchema>[0][number];

export async function listGameDefinitions(tx: Snapshot['tx'], gameId: string): Promise<readonly Definition[]> {
  return query<Definition>(tx, 'select key, type from catalogue.attribute_definitions where game_id = $1', [gameId]);
}

/** Live now, others' listings and one's own alike; the cheapest first. */
export async function findFittingListings(
  ground: ReadGround,
  snapshot: Snapshot,
  accepts: (kind: IndexedKind) => boolean,
): Promise<FittingListings> {
  const { tx, now, height } = snapshot;
  const { kinds } = await readCatalogueIndex(ground.sql, tx);
  const classIds = kinds.flatMap((kind) => (accepts(kind) ? [kind.face.classId] : []));
  const rows = await query<{ order_id: string; total: number }>(
    tx,
    `select o.order_id, count(*) over ()::int as total from market.orders o
     where o.class_id = any($1) and o.intent = 'listing' and o.named_buyer is null and o.ended_at is null and o.live_from <= $2::timestamptz
     order by o.price_fen, o.priority limit ${CHEAPEST}`,
    [classIds, toIso(now)],
  );
  const listings = await listListingsById(
    ground,
    snapshot,
    rows.map((row) => parseOrderId(row.order_id)),
  );
  const cards = new Map(
    (
      await listCards(
        snapshot,
        listings.map((listing) => listing.classId),
      )
    ).map((card) => [card.classId, card]),
  );
  return {
    kinds: classIds.length,
    listings: rows[0]?.total ?? 0,
    cheapest: listings.flatMap((listing) => {
      const card = cards.get(listing.classId);
      return card === undefined ? [] : [{ listing, card }];
    }),
    height,
  };
}
