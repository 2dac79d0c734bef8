/** Copies that members keep for the day they take over, and what such a day leaves behind (migration 0170). */
import { bigint, integer, pgSchema, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { bytesColumn, instantColumn, jsonColumn } from '../columns.ts';

export const mirror = pgSchema('mirror');

export const mirrorKinds = mirror.table('kinds', {
  serial: bigint('serial', { mode: 'bigint' }).primaryKey(),
  document: jsonColumn('document').notNull(),
});

export const mirrorGames = mirror.table('games', {
  gameId: text('game_id').primaryKey(),
  document: jsonColumn('document').notNull(),
});

export const mirrorPapers = mirror.table('papers', {
  id: smallint('id').primaryKey().default(1),
  at: instantColumn('at').notNull(),
  sealed: jsonColumn('sealed').notNull(),
});

export const takeover = pgSchema('takeover');

export const takeovers = takeover.table('takeovers', {
  id: smallint('id').primaryKey().default(1),
  at: instantColumn('at').notNull(),
  height: bigint('height', { mode: 'bigint' }).notNull(),
  operator: text('operator').notNull(),
  attestedEntry: bigint('attested_entry', { mode: 'bigint' }),
  attestedHeads: jsonColumn('attested_heads'),
});

export const sightings = takeover.table(
  'sightings',
  {
    acct: bytesColumn('acct').notNull(),
    salt: bytesColumn('salt').notNull(),
    txId: bytesColumn('tx_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.acct, table.salt, table.txId] })],
);

/** Migration 0480. */
export const handOvers = takeover.table('hand_overs', {
  member: integer('member').primaryKey(),
  takenAt: instantColumn('taken_at').notNull(),
});
