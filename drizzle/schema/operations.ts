/** What the people who run a market did to it. */
import { bigint, pgSchema, text } from 'drizzle-orm/pg-core';
import { instantColumn } from '../columns.ts';

export const operations = pgSchema('operations');

export const clockMoves = operations.table('clock_moves', {
  offsetMs: bigint('offset_ms', { mode: 'number' }).primaryKey(),
  movedBy: text('moved_by').notNull(),
  at: instantColumn('at').notNull(),
});
