/** Writes facts for the feeds inside the database transaction that makes them true (product V-25). */
import type { Tx } from '#server/db.ts';
import { type NewMessage, type SealedMessage, sealMessage } from './message.ts';
import { findReferred, insertMessages, lockRooms } from './outbox.repo.ts';

/** Rooms whose messages are kept for ever. `class:*` is market data: a snapshot and what came after it, never stored. */
const DURABLE_ROOM = /^(?:public|sup:(?:tax|market|finance|all)|(?:player|studio):[0-9a-f]{64})$/;

export function isDurableRoom(room: string): boolean {
  return DURABLE_ROOM.test(room);
}

/**
 * Appends messages in the given order, two statements for any number of them. The rooms stay locked until the caller commits or rolls
 * back, so call it late in the transaction. Durable and visible exactly when the caller's transaction is.
 */
export async function appendOutbox(tx: Tx, messages: readonly NewMessage[]): Promise<void> {
  if (messages.length === 0) return;
  const strange = messages.find((message) => !isDurableRoom(message.room));
  if (strange !== undefined) throw new Error(`room ${strange.room} is not kept in the outbox: publish it after the commit`);
  const heads = await lockRooms(tx, [...new Set(messages.map((message) => message.room))]);
  const told = await findReferred(
    tx,
    messages.filter(isCorrection).map((message) => ({ room: message.room, sale: saleOf(message) })),
  );
  const sealed: SealedMessage[] = [];
  for (const message of messages) {
    const head = heads.get(message.room);
    if (head === undefined) throw new Error(`room ${message.room} was not locked`);
    const about = `${message.room} ${saleOf(message)}`;
    const body = isCorrection(message) ? { ...message.body, refSeq: told.get(about) ?? null } : message.body;
    const next = sealMessage({ ...message, body }, head.seq + 1, head.hash);
    heads.set(message.room, { seq: next.seq, hash: next.hash });
    if (SALE.test(message.type)) told.set(about, next.seq);
    sealed.push(next);
  }
  await insertMessages(tx, sealed, heads);
}

/** What tells of a sale, first or corrected. */
const SALE = /^(?:tax\.trade\.(?:assessed|corrected)|mkt\.trade(?:\.corrected)?)$/;

/** A correction refers to what it corrects: `refSeq`, the number of the newest message of its room about the sale; null when there is none,
 *  since the room began anew with another market. */
function isCorrection({ type }: NewMessage): boolean {
  return SALE.test(type) && type.endsWith('.corrected');
}

function saleOf({ body }: NewMessage): string {
  return String(body.tradeId ?? body.giftId ?? '');
}
