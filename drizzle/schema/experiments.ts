/** Registered experiments and who joined (migration 0025). */
import { bigint, index, integer, pgSchema, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytesColumn, fenColumn, instantColumn, jsonColumn } from '../columns.ts';
import { journalEntries } from './journal.ts';

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
    leftAt: instantColumn('left_at'),
  },
  (table) => [primaryKey({ columns: [table.experimentId, table.acct] })],
);

/** From draft to exit report (migration 0145). */
const experimentId = () =>
  text('experiment_id')
    .notNull()
    .references(() => registeredExperiments.experimentId);

export const experimentDeclarations = experiments.table('declarations', {
  experimentId: text('experiment_id')
    .primaryKey()
    .references(() => registeredExperiments.experimentId),
  document: jsonColumn('document').notNull(),
  createdBy: text('created_by').notNull(),
  createdAt: instantColumn('created_at').notNull(),
});

export const experimentSteps = experiments.table(
  'steps',
  {
    experimentId: experimentId(),
    stepNo: integer('step_no').notNull(),
    step: text('step').notNull(),
    fromStatus: text('from_status'),
    toStatus: text('to_status').notNull(),
    at: instantColumn('at').notNull(),
    reason: text('reason').notNull(),
    byWhom: text('by_whom').notNull(),
    txId: bytesColumn('tx_id'),
  },
  (table) => [primaryKey({ columns: [table.experimentId, table.stepNo] })],
);

export const experimentApprovals = experiments.table(
  'approvals',
  {
    experimentId: experimentId(),
    step: text('step').notNull(),
    subject: text('subject').notNull(),
    staffId: text('staff_id').notNull(),
    role: text('role', { enum: ['operator', 'supervisor'] }).notNull(),
    name: text('name').notNull(),
    organisation: text('organisation').notNull(),
    at: instantColumn('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.experimentId, table.step, table.subject, table.staffId, table.at] })],
);

export const experimentComments = experiments.table(
  'comments',
  {
    commentId: text('comment_id').primaryKey(),
    experimentId: experimentId(),
    at: instantColumn('at').notNull(),
    author: text('author').notNull(),
    text: text('text').notNull(),
  },
  (table) => [index('comments_experiment').on(table.experimentId, table.at)],
);

export const experimentKpis = experiments.table(
  'kpis',
  {
    experimentId: experimentId(),
    day: text('day').notNull(),
    kpiId: text('kpi_id').notNull(),
    arm: text('arm').notNull(),
    at: instantColumn('at').notNull(),
    body: jsonColumn('body').notNull(),
  },
  (table) => [primaryKey({ columns: [table.experimentId, table.day, table.kpiId, table.arm] })],
);

export const experimentSpreads = experiments.table(
  'spreads',
  {
    experimentId: experimentId(),
    at: instantColumn('at').notNull(),
    arm: text('arm').notNull(),
    classId: text('class_id').notNull(),
    askFen: fenColumn('ask_fen').notNull(),
    bidFen: fenColumn('bid_fen').notNull(),
  },
  (table) => [primaryKey({ columns: [table.experimentId, table.at, table.arm, table.classId] })],
);

export const experimentTriggers = experiments.table(
  'triggers',
  {
    experimentId: experimentId(),
    at: instantColumn('at').notNull(),
    condition: text('condition').notNull(),
    action: text('action', { enum: ['PAUSE_NEW', 'HALT_ALL'] }).notNull(),
    value: fenColumn('value').notNull(),
    bound: fenColumn('bound').notNull(),
  },
  (table) => [primaryKey({ columns: [table.experimentId, table.at] })],
);

/** A trigger that had acted was found at rest again (migration 0190). */
export const experimentTriggerRearms = experiments.table(
  'trigger_rearms',
  {
    experimentId: experimentId(),
    condition: text('condition').notNull(),
    at: instantColumn('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.experimentId, table.condition, table.at] })],
);

export const exitReports = experiments.table('exit_reports', {
  experimentId: text('experiment_id')
    .primaryKey()
    .references(() => registeredExperiments.experimentId),
  at: instantColumn('at').notNull(),
  body: jsonColumn('body').notNull(),
  bodyHash: bytesColumn('body_hash').notNull(),
  signature: bytesColumn('signature').notNull(),
  pdf: bytesColumn('pdf').notNull(),
});

/** Written while it runs (migration 0400). */
export const interimReports = experiments.table(
  'interim_reports',
  {
    experimentId: experimentId(),
    kind: text('kind', { enum: ['daily', 'monthly', 'interim'] }).notNull(),
    label: text('label').notNull(),
    at: instantColumn('at').notNull(),
    body: jsonColumn('body').notNull(),
    bodyHash: bytesColumn('body_hash').notNull(),
    signature: bytesColumn('signature').notNull(),
  },
  (table) => [primaryKey({ columns: [table.experimentId, table.kind, table.label] })],
);

/** Paid out of an experiment's fund (migration 0217). */
export const compensations = experiments.table('compensations', {
  actId: text('act_id').primaryKey(),
  experimentId: text('experiment_id')
    .notNull()
    .references(() => registeredExperiments.experimentId),
  acct: text('acct').notNull(),
  fen: fenColumn('fen').notNull(),
  entryId: bigint('entry_id', { mode: 'bigint' })
    .notNull()
    .unique()
    .references(() => journalEntries.entryId),
  staffId: text('staff_id').notNull(),
  at: instantColumn('at').notNull(),
  document: jsonColumn('document').notNull(),
  signature: bytesColumn('signature').notNull(),
});
