/** The watch list (product P-09): kinds that a person keeps an eye on, each with the price below which to tell. */
import type { Fen } from '#ledger/primitives/fen.ts';
import { type AccountId, type ClassId, type OrderId, parseAccountId, parseClassId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { at, type Queryable, query } from '#server/journal/rows.repo.ts';
import { RefusalError } from '#server/refusal.ts';
import type { WatchedKind } from '#server/trpc/views.ts';
import { listCards } from './cards.repo.ts';
import { fenText, listOpenFigures } from './figures.repo.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';

/** The list is read whole with each look, so it has an end. */
const MOST_WATCHED = 200;

type Columns = { class_id: string; below_fen: string | null; since_fen: string | null; watched_at: Date };

/** Those that have come down to their price first, then the newest. */
export async function listWatched(snapshot: Snapshot, acct: AccountId): Promise<readonly WatchedKind[]> {
  const rows = await query<Columns>(
    snapshot.tx,
    `select class_id, below_fen::text, since_fen::text, watched_at from market.watched where acct = $1 order by watched_at desc, class_id`,
    [acct],
  );
  const cards = await listCards(
    snapshot,
    rows.map((row) => parseClassId(row.class_id)),
  );
  const byId = new Map<string, (typeof cards)[number]>(cards.map((card) => [card.classId, card]));
  const kinds = rows.flatMap((row) => {
    const card = byId.get(row.class_id);
    return card === undefined ? [] : [watchedKind(row, card)];
  });
  return kinds.sort((one, other) => Number(other.isReached) - Number(one.isReached));
}

function watchedKind(row: Columns, card: WatchedKind['card']): WatchedKind {
  const lowest = card.lowestListingFen;
  return {
    card,
    belowFen: row.below_fen,
    sinceFen: row.since_fen,
    changeFen: lowest === null || row.since_fen === null ? null : String(BigInt(lowest) - BigInt(row.since_fen)),
    isReached: lowest !== null && row.below_fen !== null && BigInt(lowest) <= BigInt(row.below_fen),
    watchedAt: toIso(at(row.watched_at)),
  };
}

/** Watching again sets the price anew and keeps the beginning. @throws {RefusalError} */
export async function watchKind(
  { sql }: Pick<ReadGround, 'sql'>,
  acct: AccountId,
  { classId, belowFen, now }: { readonly classId: ClassId; readonly belowFen: Fen | null; readonly now: Instant },
): Promise<void> {
  await sql.begin(async (tx) => {
    const [known] = await query<{ others: number }>(
      tx,
      `select (select count(*)::int from market.watched where acct = $2 and class_id <> $1) as others
       from catalogue.item_classes where class_id = $1 and certified_at is not null`,
      [classId, acct],
    );
    if (known === undefined) throw new RefusalError('not_found', 'class_unknown', 'There is no such kind of item.');
    if (known.others >= MOST_WATCHED) {
      throw new RefusalError('unprocessable', 'watch_list_full', `You watch ${MOST_WATCHED} kinds already. Take one off first.`);
    }
    const lowest = fenText((await listOpenFigures(tx, [classId])).get(classId)?.lowestFen ?? null);
    await query(
      tx,
      `insert into market.watched (acct, class_id, below_fen, since_fen, watched_at) values ($1, $2, $3::bigint, $4::bigint, $5::timestamptz)
       on conflict (acct, class_id) do update set below_fen = excluded.below_fen`,
      [acct, classId, belowFen === null ? null : String(belowFen), lowest, toIso(now)],
    );
  });
}

export async function unwatchKind({ sql }: Pick<ReadGround, 'sql'>, acct: AccountId, classId: ClassId): Promise<void> {
  await query(sql, 'delete from market.watched where acct = $1 and class_id = $2', [acct, classId]);
}

/** Who waits for a price that these listings are the first to reach: a dearer one beside a cheaper says nothing new. */
export async function listReached(
  sql: Queryable,
  orderIds: readonly OrderId[],
): Promise<readonly { readonly acct: AccountId; readonly classId: ClassId; readonly priceFen: string }[]> {
  const rows = await query<{ acct: string; class_id: string; price_fen: string }>(
    sql,
    `select w.acct, l.class_id, l.price_fen::text from (
       select class_id, min(price_fen) as price_fen from market.orders where order_id = any($1) and ended_at is null group by class_id
     ) l join market.watched w on w.class_id = l.class_id and w.below_fen >= l.price_fen
     where not exists (
       select from market.orders o where o.class_id = l.class_id and o.intent = 'listing' and o.ended_at is null and o.named_buyer is null
         and o.price_fen <= l.price_fen and o.order_id <> all($1)
     ) order by w.acct, l.class_id`,
    [orderIds],
  );
  return rows.map((row) => ({ acct: parseAccountId(row.acct), classId: parseClassId(row.class_id), priceFen: row.price_fen }));
}
