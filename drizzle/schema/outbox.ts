/** Committed facts for the feeds (migration 0002): gap-free numbers and an SM3 chain per room. */
import { sql } from 'drizzle-orm';
import { bigint, foreignKey, pgSchema, primaryKey, text } from 'drizzle-orm/pg-core';
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
    room: text('room')
      .notNull()
      .references(() => outboxRooms.room),
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
    /** None for the first: the foreign key behind "no gap". */
    prevSeq: bigint('prev_seq', { mode: 'bigint' }).generatedAlwaysAs(sql`nullif(seq - 1, 0)`),
  },
  (table) => [
    foreignKey({ columns: [table.room, table.prevSeq], foreignColumns: [table.room, table.seq] }),
    primaryKey({ columns: [table.room, table.seq] }),
  ],
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
