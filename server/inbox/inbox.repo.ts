/** SQL of the inbox: the player's own room, and what has been read of it. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { at, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { JsonObject } from '#server/outbox/message.ts';
import type { InboxSide } from '#server/trpc/views.ts';
import { INBOX_TYPES } from './read-notice.ts';

/** As literals, so that the partial index of migration 0465 is found. */
const TYPES = INBOX_TYPES.map((type) => `'${type}'`).join(', ');
/** Messages of room $1 whose key is among $2. What goes from a state to the same one is no news. */
const SHOWN = `room = $1 and type in (${TYPES})
  and type || ' ' || coalesce(body::jsonb ->> 'code', body::jsonb ->> 'to', '') = any($2)
  and (body::jsonb ->> 'from') is distinct from coalesce(body::jsonb ->> 'to', '-')`;

export type InboxRow = {
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly body: JsonObject;
  readonly isRead: boolean;
};
type Columns = { seq: string; type: string; at: Date; body: string; is_read: boolean };

const roomOf = (acct: AccountId): string => `player:${acct}`;

/** Newest first, with numbers below `before`. */
export async function listInbox(
  sql: Queryable,
  acct: AccountId,
  {
    keys,
    before,
    limit,
    isUnreadOnly,
  }: { readonly keys: readonly string[]; readonly before: number | null; readonly limit: number; readonly isUnreadOnly: boolean },
): Promise<readonly InboxRow[]> {
  const rows = await query<Columns>(
    sql,
    `select seq::text, type, at, body, is_read from (
       select m.seq, m.type, m.at, m.body,
         m.seq <= coalesce((select i.read_seq from market.inboxes i where i.acct = $3), 0)
           or exists (select from market.inbox_read r where r.acct = $3 and r.seq = m.seq) as is_read
       from outbox.messages m where ${SHOWN} and ($4::bigint is null or m.seq < $4::bigint)
     ) s where not (is_read and $6::boolean) order by s.seq desc limit $5`,
    [roomOf(acct), [...keys], acct, before === null ? null : String(before), limit, isUnreadOnly],
  );
  return rows.map((row) => ({
    seq: Number(row.seq),
    type: row.type,
    at: toIso(at(row.at)),
    body: JSON.parse(row.body),
    isRead: row.is_read,
  }));
}

/** At most `most`: beyond that nobody counts. */
export async function countUnread(sql: Queryable, acct: AccountId, keys: readonly string[], most: number): Promise<number> {
  const [row] = await query<{ count: number }>(
    sql,
    `select count(*)::int as count from (
       select from outbox.messages m where ${SHOWN} and m.seq > coalesce((select i.read_seq from market.inboxes i where i.acct = $3), 0)
         and not exists (select from market.inbox_read r where r.acct = $3 and r.seq = m.seq) limit $4
     ) s`,
    [roomOf(acct), [...keys], acct, most],
  );
  return row?.count ?? 0;
}

export async function findInbox(sql: Queryable, acct: AccountId): Promise<{ readonly headSeq: number; readonly muted: readonly string[] }> {
  const [row] = await query<{ head: string; muted: string[] }>(
    sql,
    `select coalesce((select head_seq from outbox.rooms where room = $1), 0)::text as head,
       coalesce((select muted from market.inboxes where acct = $2), '{}') as muted`,
    [roomOf(acct), acct],
  );
  return { headSeq: Number(row?.head ?? 0), muted: row?.muted ?? [] };
}

/** Never beyond what is there, and never back. */
export async function markReadUpTo(tx: Tx, acct: AccountId, seq: number): Promise<void> {
  await query(
    tx,
    `insert into market.inboxes as i (acct, read_seq, muted)
     select $2, least($3::bigint, coalesce((select head_seq from outbox.rooms where room = $1), 0)), '{}'
     on conflict (acct) do update set read_seq = greatest(i.read_seq, excluded.read_seq)`,
    [roomOf(acct), acct, String(seq)],
  );
  await query(tx, 'delete from market.inbox_read r using market.inboxes i where i.acct = $1 and r.acct = $1 and r.seq <= i.read_seq', [
    acct,
  ]);
}

/** A number that the room has not reached is nobody's to read. */
export async function markRead(tx: Tx, acct: AccountId, seq: number): Promise<void> {
  await query(
    tx,
    `insert into market.inbox_read (acct, seq) select $2, m.seq from outbox.messages m where m.room = $1 and m.seq = $3::bigint
       and m.seq > coalesce((select i.read_seq from market.inboxes i where i.acct = $2), 0) on conflict do nothing`,
    [roomOf(acct), acct, String(seq)],
  );
}

export async function setMuted(tx: Tx, acct: AccountId, family: string, isMuted: boolean): Promise<void> {
  await query(
    tx,
    `insert into market.inboxes as i (acct, read_seq, muted) values ($1, 0, case when $3::boolean then array[$2] else '{}'::text[] end)
     on conflict (acct) do update set muted = case when $3::boolean then array_append(array_remove(i.muted, $2), $2) else array_remove(i.muted, $2) end`,
    [acct, family, isMuted],
  );
}

export type Subject = { readonly classId: string; readonly side: InboxSide | null };

/** The kind of item behind each id of whatever sort, and the reader's side of it. */
export async function listSubjects(sql: Queryable, acct: AccountId, ids: readonly string[]): Promise<ReadonlyMap<string, Subject>> {
  const rows = await query<{ id: string; class_id: string; side: InboxSide | null }>(
    sql,
    `select trade_id as id, class_id, case when seller = $2 then 'seller' when buyer = $2 then 'buyer' end as side
       from market.trades where trade_id = any($1)
     union all select gift_id, class_id, case when giver = $2 then 'giver' when recipient = $2 then 'recipient' end
       from market.gifts where gift_id = any($1)
     union all select offer_id, class_id, case when buyer = $2 then 'buyer' when holder = $2 then 'holder' end
       from market.offers where offer_id = any($1)
     union all select order_id, class_id, null from market.orders where order_id = any($1)
     union all select item_id, class_id, null from custody.items where item_id = any($1)
     union all select class_id, class_id, null from catalogue.item_classes where class_id = any($1)`,
    [[...ids], acct],
  );
  return new Map(rows.map((row) => [row.id, { classId: row.class_id, side: row.side }]));
}
