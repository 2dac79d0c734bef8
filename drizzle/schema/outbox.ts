/** Committed facts for the feeds (migration 0002): gap-free numbers and an SM3 chain per room. */
import { bigint, pgSchema, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytesColumn, instantColumn } from '../columns.ts';

export const outbox = pgSchema('outbox');

export const outboxRooms = outbox.table('rooms', {
  room: text('room').primaryKey(),
  headSeq: bigint('head_seq', { mode: 'bigint' }).notNull(),
  headHash: bytesColumn('head_hash').notNull(),
});

export const messages = outbox.table(
  'messages',
  {
    /** Of a room that is there, with the message before it in place: a trigger asks once for all rows of a statement. */
    room: text('room').notNull(),
    seq: bigint('seq', { mode: 'bigint' }).notNull(),
    messageId: text('message_id').notNull(),
    type: text('type').notNull(),
    schema: text('schema').notNull(),
    at: instantColumn('at').notNull(),
    /** RFC 8785 text, exactly as hashed. */
    body: text('body').notNull(),
    bodyHash: bytesColumn('body_hash').notNull(),
    prevHash: bytesColumn('prev_hash').notNull(),
    hash: bytesColumn('hash').notNull(),
  },
  (table) => [primaryKey({ columns: [table.room, table.seq] })],
);

export const outboxHeads = outbox.table(
  'heads',
  {
    room: text('room')
      .notNull()
      .references(() => outboxRooms.room),
    seq: bigint('seq', { mode: 'bigint' }).notNull(),
    at: instantColumn('at').notNull(),
    hash: bytesColumn('hash').notNull(),
    keyId: text('key_id').notNull(),
    sig: bytesColumn('sig').notNull(),
  },
  (table) => [primaryKey({ columns: [table.room, table.seq, table.at] })],
);

export const attestations = outbox.table('attestations', {
  txId: bytesColumn('tx_id').primaryKey(),
  at: instantColumn('at').notNull(),
  doc: bytesColumn('doc').notNull(),
  document: text('document').notNull(),
});
