/** Hits on lists of persons, each with its case (migration 0537). */
import { bigint, text } from 'drizzle-orm/pg-core';
import { instantColumn } from '../columns.ts';
import { cases } from './cases.ts';
import { identity, players } from './identity.ts';

export const listReviews = identity.table('list_reviews', {
  reviewNo: bigint('review_no', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  acct: text('acct')
    .notNull()
    .references(() => players.acct),
  at: instantColumn('at').notNull(),
  occasion: text('occasion').notNull(),
  provider: text('provider').notNull(),
  dueAt: instantColumn('due_at').notNull(),
  caseId: text('case_id')
    .unique()
    .references(() => cases.caseId),
  state: text('state', { enum: ['held', 'released', 'reported'] })
    .notNull()
    .default('held'),
  decidedAt: instantColumn('decided_at'),
});
