/** Registered experiments and who joined (migration 0025). */
import { pgSchema, primaryKey, text } from 'drizzle-orm/pg-core';
import { instantColumn, jsonColumn } from '../columns.ts';

export const experiments = pgSchema('experiments');

export const registeredExperiments = experiments.table('experiments', {
  experimentId: text('experiment_id').primaryKey(),
  document: jsonColumn('document').notNull(),
  status: text('status').notNull(),
  since: instantColumn('since').notNull(),
  classIds: jsonColumn('class_ids').notNull(),
});

export const participants = experiments.table(
  'participants',
  {
    experimentId: text('experiment_id')
      .notNull()
      .references(() => registeredExperiments.experimentId),
    acct: text('acct').notNull(),
    joinedAt: instantColumn('joined_at').notNull(),
    disclosureVersion: text('disclosure_version').notNull(),
    arm: text('arm').notNull(),
  },
  (table) => [primaryKey({ columns: [table.experimentId, table.acct] })],
);
