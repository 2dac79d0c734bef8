/** What the people who run a market did to it. */
import { bigint, integer, pgSchema, text } from 'drizzle-orm/pg-core';
import { instantColumn } from '../columns.ts';

export const operations = pgSchema('operations');

/** Where a backup went is its staff's matter: the row says of which moment it is and what it must hash to. */
export const backups = operations.table('backups', {
  at: instantColumn('at').primaryKey(),
  tables: integer('tables').notNull(),
  rows: bigint('rows', { mode: 'number' }).notNull(),
  sm3: text('sm3').notNull(),
});

export const clockMoves = operations.table('clock_moves', {
  offsetMs: bigint('offset_ms', { mode: 'number' }).primaryKey(),
  movedBy: text('moved_by').notNull(),
  at: instantColumn('at').notNull(),
});
