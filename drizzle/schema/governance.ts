/** Proposals and votes of the consortium's members (migration 0171). */
import { integer, pgSchema, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytesColumn, instantColumn } from '../columns.ts';

export const governance = pgSchema('governance');

export const configProposals = governance.table('proposals', {
  proposalId: text('proposal_id').primaryKey(),
  config: bytesColumn('config').notNull(),
  epoch: integer('epoch').notNull(),
  kind: text('kind', { enum: ['admit', 'remove', 'promote', 'keys', 'policy'] }).notNull(),
  reason: text('reason').notNull(),
  member: integer('member').notNull(),
  staffId: text('staff_id').notNull(),
  name: text('name').notNull(),
  organisation: text('organisation').notNull(),
  certificateSerial: text('certificate_serial').notNull(),
  signature: bytesColumn('signature').notNull(),
  proposedAt: instantColumn('proposed_at').notNull(),
  txId: bytesColumn('tx_id'),
  submittedAt: instantColumn('submitted_at'),
});

export const ballots = governance.table(
  'ballots',
  {
    proposalId: text('proposal_id')
      .notNull()
      .references(() => configProposals.proposalId),
    member: integer('member').notNull(),
    vote: text('vote', { enum: ['for', 'against'] }).notNull(),
    reason: text('reason').notNull(),
    staffId: text('staff_id').notNull(),
    name: text('name').notNull(),
    organisation: text('organisation').notNull(),
    certificateSerial: text('certificate_serial').notNull(),
    signature: bytesColumn('signature').notNull(),
    approval: bytesColumn('approval'),
    votedAt: instantColumn('voted_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.proposalId, table.member] })],
);
