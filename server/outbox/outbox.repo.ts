/** SQL of the outbox. */
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import type { Sql, Tx } from '#server/db.ts';
import { type FeedHead, type FeedMessage, FIRST_PREV_HASH, type JsonObject, type SealedMessage } from './message.ts';

export type RoomHead = { readonly seq: number; readonly hash: string };

export const WAKE_CHANNEL = 'daoju_outbox';

/** Locks the rooms until the caller's database transaction ends, in one order everywhere, so that two writers cannot lock crosswise. */
export async function lockRooms(tx: Tx, rooms: readonly string[]): Promise<Map<string, RoomHead>> {
  const sorted = [...rooms].sort();
  const rows = await tx<{ room: string; head_seq: string; head_hash: Uint8Array }[]>`
    with wanted as (select room from unnest(${sorted}::text[]) as t (room) order by room)
    insert into outbox.rooms as r (room, head_seq, head_hash) select room, 0, ${fromHex(FIRST_PREV_HASH)} from wanted
    on conflict (room) do update set head_seq = r.head_seq
    returning room, head_seq, head_hash`;
  return new Map(rows.map((row) => [row.room, { seq: Number(row.head_seq), hash: toHex(row.head_hash) }]));
}

/** One statement for the whole group: heads, messages and the wake-up, which PostgreSQL delivers at the commit. */
export async function insertMessages(tx: Tx, messages: readonly SealedMessage[], heads: ReadonlyMap<string, RoomHead>): Promise<void> {
  const rooms = [...heads.keys()];
  const column = <T>(pick: (message: SealedMessage) => T) => messages.map(pick);
  await tx`
    with advanced as (
      update outbox.rooms r set head_seq = h.seq, head_hash = decode(h.hash, 'hex')
      from unnest(${rooms}::text[], ${rooms.map((room) => String(heads.get(room)?.seq ?? 0))}::bigint[], ${rooms.map((room) => heads.get(room)?.hash ?? '')}::text[])
        as h (room, seq, hash)
      where r.room = h.room
    ), woken as (select pg_notify(${WAKE_CHANNEL}, ''))
    insert into outbox.messages (room, seq, message_id, type, schema, at, body, body_hash, prev_hash, hash)
    select room, seq, message_id, type, schema, at::timestamptz, body, decode(body_hash, 'hex'), decode(prev_hash, 'hex'), decode(hash, 'hex')
    from unnest(
      ${column((m) => m.room)}::text[], ${column((m) => String(m.seq))}::bigint[], ${column((m) => m.id)}::text[], ${column((m) => m.type)}::text[],
      ${column((m) => m.schema)}::text[], ${column((m) => m.ts)}::text[], ${column((m) => m.bodyText)}::text[], ${column((m) => m.bodyHash)}::text[],
      ${column((m) => m.prevHash)}::text[], ${column((m) => m.hash)}::text[]
    ) as m (room, seq, message_id, type, schema, at, body, body_hash, prev_hash, hash)
    where (select count(*) from woken) > 0`;
}

/** The newest message about each sale, by `room sale`. */
export async function findReferred(
  tx: Tx,
  asked: readonly { readonly room: string; readonly sale: string }[],
): Promise<Map<string, number>> {
  if (asked.length === 0) return new Map();
  const rows = await tx<{ room: string; sale: string; seq: string }[]>`
    select a.room, a.sale, m.seq from unnest(${asked.map(({ room }) => room)}::text[], ${asked.map(({ sale }) => sale)}::text[]) as a (room, sale)
    cross join lateral (
      select seq from outbox.messages where room = a.room and coalesce(body::jsonb ->> 'tradeId', body::jsonb ->> 'giftId') = a.sale
        and type in ('tax.trade.assessed', 'tax.trade.corrected', 'mkt.trade', 'mkt.trade.corrected') order by seq desc limit 1
    ) m`;
  return new Map(rows.map((row) => [`${row.room} ${row.sale}`, Number(row.seq)]));
}

type MessageRow = {
  readonly room: string;
  readonly seq: string;
  readonly message_id: string;
  readonly type: string;
  readonly schema: string;
  readonly at: Date;
  readonly body: string;
  readonly body_hash: Uint8Array;
  readonly prev_hash: Uint8Array;
};

function messageOf(row: MessageRow): FeedMessage {
  const body: JsonObject = JSON.parse(row.body);
  return {
    id: row.message_id,
    seq: Number(row.seq),
    room: row.room,
    type: row.type,
    schema: row.schema,
    ts: row.at.toISOString(),
    body,
    bodyHash: toHex(row.body_hash),
    prevHash: toHex(row.prev_hash),
  };
}

/** Messages after `afterSeq`, in order; never one whose transaction is still open. */
export async function listMessages(sql: Sql, room: string, afterSeq: number, limit: number): Promise<readonly FeedMessage[]> {
  const rows = await sql<MessageRow[]>`
    select room, seq, message_id, type, schema, at, body, body_hash, prev_hash from outbox.messages
    where room = ${room} and seq > ${afterSeq} order by seq limit ${limit}`;
  return rows.map(messageOf);
}

export async function listHeads(sql: Sql, rooms: readonly string[]): Promise<ReadonlyMap<string, RoomHead>> {
  const rows = await sql<{ room: string; head_seq: string; head_hash: Uint8Array }[]>`
    select room, head_seq, head_hash from outbox.rooms where room = any(${[...rooms]})`;
  return new Map(rows.map((row) => [row.room, { seq: Number(row.head_seq), hash: toHex(row.head_hash) }]));
}

export async function insertHeads(sql: Sql, heads: readonly FeedHead[]): Promise<void> {
  if (heads.length === 0) return;
  await sql`
    insert into outbox.heads (room, seq, at, hash, key_id, sig)
    select room, seq, at::timestamptz, decode(hash, 'hex'), key_id, decode(sig, 'hex')
    from unnest(${heads.map((h) => h.room)}::text[], ${heads.map((h) => String(h.seq))}::bigint[], ${heads.map((h) => h.ts)}::text[],
      ${heads.map((h) => h.hash)}::text[], ${heads.map((h) => h.keyId)}::text[], ${heads.map((h) => h.sig)}::text[])
      as h (room, seq, at, hash, key_id, sig)
    on conflict do nothing`;
}

/** Every room but the players', whose heads are signed while somebody listens. */
export async function listOpenRooms(sql: Sql): Promise<readonly string[]> {
  const rows = await sql<{ room: string }[]>`select room from outbox.rooms where room not like 'player:%' and head_seq > 0 order by room`;
  return rows.map((row) => row.room);
}

export async function insertAttestation(
  tx: Tx,
  attestation: { readonly txId: Uint8Array; readonly at: Date; readonly doc: Uint8Array; readonly document: string },
): Promise<void> {
  await tx`
    insert into outbox.attestations (tx_id, at, doc, document)
    values (${attestation.txId}, ${attestation.at}, ${attestation.doc}, ${attestation.document}) on conflict do nothing`;
}

/** Rooms whose numbers or chain do not hold, for `reconcile`: the database's own constraints should make this empty. */
export async function listBrokenRooms(sql: Sql): Promise<readonly string[]> {
  const rows = await sql<{ room: string }[]>`
    select r.room from outbox.rooms r
    left join lateral (select count(*) as n, max(seq) as last from outbox.messages m where m.room = r.room) m on true
    left join outbox.messages tip on tip.room = r.room and tip.seq = r.head_seq
    where m.n <> r.head_seq or coalesce(m.last, 0) <> r.head_seq or (r.head_seq > 0 and tip.hash is distinct from r.head_hash)`;
  return rows.map((row) => row.room);
}

/** The heads that an Attest of kind 5 stands for, as their document (RFC 8785). */
export async function findAttestation(sql: Sql, doc: string): Promise<string | null> {
  const [row] = await sql<{ document: string }[]>`select document from outbox.attestations where doc = decode(${doc}, 'hex')`;
  return row?.document ?? null;
}
