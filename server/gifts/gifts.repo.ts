/** Rows of gifts and of the holds on their items. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type AccountId, parseAccountId, parseClassId, parseItemId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { plainBytes } from '#server/exchange/rows.repo.ts';
import { at, bytea, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import { type GiftId, parseGiftId } from '#server/settlement/sale-id.ts';
import type { GiftState } from '#server/trpc/views.ts';
import type { GiftRow } from './gift.ts';

type Columns = {
  gift_id: string;
  item_id: string;
  class_id: string;
  ver: string;
  giver: string;
  recipient: string;
  reference_id: string;
  body_sm3: Uint8Array;
  transfers: readonly Uint8Array[];
  sent_at: Date;
  accept_until: Date;
  state: GiftState;
  reason: string | null;
};
const SELECT =
  'select gift_id, item_id, class_id, ver::text, giver, recipient, reference_id, body_sm3, transfers, sent_at, accept_until, state, reason from market.gifts';

function rowOf(row: Columns): GiftRow {
  return {
    giftId: parseGiftId(row.gift_id),
    itemId: parseItemId(row.item_id),
    classId: parseClassId(row.class_id),
    ver: BigInt(row.ver),
    giver: parseAccountId(row.giver),
    recipient: parseAccountId(row.recipient),
    referenceId: row.reference_id,
    bodySm3: plainBytes(row.body_sm3),
    transfers: row.transfers.map(plainBytes),
    sentAt: at(row.sent_at),
    acceptUntil: at(row.accept_until),
    state: row.state,
    reason: row.reason,
  };
}

export async function findGift(sql: Queryable, giftId: GiftId): Promise<GiftRow | null> {
  const [row] = await query<Columns>(sql, `${SELECT} where gift_id = $1`, [giftId]);
  return row === undefined ? null : rowOf(row);
}

export async function listByReference(sql: Queryable, giver: AccountId, referenceIds: readonly string[]): Promise<readonly GiftRow[]> {
  return (await query<Columns>(sql, `${SELECT} where giver = $1 and reference_id = any($2)`, [giver, referenceIds])).map(rowOf);
}

/** Gifts that stand open with each person, on either side. */
export async function countOpenGifts(sql: Queryable, people: readonly AccountId[]): Promise<ReadonlyMap<AccountId, number>> {
  const rows = await query<{ acct: string; open: number }>(
    sql,
    `select p.acct, count(*)::int as open from unnest($1::text[]) p(acct)
     join market.gifts g on g.state = 'open' and (g.giver = p.acct or g.recipient = p.acct) group by p.acct`,
    [people],
  );
  return new Map(rows.map((row) => [parseAccountId(row.acct), row.open]));
}

export async function insertGifts(tx: Tx, gifts: readonly GiftRow[]): Promise<void> {
  if (gifts.length === 0) return;
  await insertRows(
    tx,
    'market.gifts',
    gifts.map((gift) => ({
      gift_id: gift.giftId,
      item_id: gift.itemId,
      class_id: gift.classId,
      ver: String(gift.ver),
      giver: gift.giver,
      recipient: gift.recipient,
      reference_id: gift.referenceId,
      body_sm3: bytea(gift.bodySm3),
      transfers: gift.transfers.map(bytea),
      sent_at: toIso(gift.sentAt),
      accept_until: toIso(gift.acceptUntil),
      state: gift.state,
      reason: gift.reason,
    })),
  );
  await insertRows(
    tx,
    'custody.item_holds',
    gifts.map(({ giftId, itemId }) => ({ order_id: giftId, item_id: itemId, state: 'active' })),
  );
}

export type GiftEnd = {
  readonly state: Exclude<GiftState, 'open'>;
  readonly at: Instant;
  readonly reason?: string;
  readonly given?: { readonly txId: Bytes; readonly referenceFen: bigint | null; readonly costFen: bigint | null };
};

/** The item is free again, or has its new owner. */
export async function endGift(tx: Tx, giftId: GiftId, end: GiftEnd): Promise<void> {
  const { given } = end;
  const digits = (value: bigint | null | undefined) => (value === null || value === undefined ? null : String(value));
  await query(
    tx,
    `update market.gifts set state = $2, ended_at = $3::timestamptz, reason = $4, tx_id = $5::text::bytea, reference_fen = $6::bigint, cost_fen = $7::bigint
     where gift_id = $1`,
    [
      giftId,
      end.state,
      toIso(end.at),
      end.reason ?? null,
      given === undefined ? null : bytea(given.txId),
      digits(given?.referenceFen),
      digits(given?.costFen),
    ],
  );
  await query(tx, "update custody.item_holds set state = $2 where order_id = $1 and state = 'active'", [
    giftId,
    given === undefined ? 'released' : 'spent',
  ]);
}

export async function listOpenGivers(sql: Queryable): Promise<readonly AccountId[]> {
  const rows = await query<{ giver: string }>(sql, "select distinct giver from market.gifts where state = 'open'");
  return rows.map(({ giver }) => parseAccountId(giver));
}
export async function listOpenOfGivers(sql: Queryable, givers: readonly AccountId[]): Promise<readonly GiftRow[]> {
  return (await query<Columns>(sql, `${SELECT} where state = 'open' and giver = any($1) order by gift_id`, [givers])).map(rowOf);
}

export type DueGift = GiftRow & { readonly isMoved: boolean };

/** Those that nobody accepted in time, and those whose item went another way: by due process, past what the giver promised. */
export async function listDueGifts(sql: Queryable, now: Instant, most: number): Promise<readonly DueGift[]> {
  const rows = await query<Columns & { moved: boolean }>(
    sql,
    `select g.gift_id, g.item_id, g.class_id, g.ver::text, g.giver, g.recipient, g.reference_id, g.body_sm3, g.transfers, g.sent_at,
       g.accept_until, g.state, g.reason, (i.ver <> g.ver) as moved
     from market.gifts g join custody.items i on i.item_id = g.item_id
     where g.state = 'open' and (g.accept_until <= $1 or i.ver <> g.ver) order by g.accept_until, g.gift_id limit $2`,
    [toIso(now), most],
  );
  return rows.map((row) => ({ ...rowOf(row), isMoved: row.moved }));
}
