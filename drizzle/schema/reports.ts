/** Reports to authorities and the jobs that make them (migration 0140). */
import { type AnyPgColumn, bigint, boolean, date, integer, pgSchema, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { bytesColumn, instantColumn } from '../columns.ts';

export const reportsSchema = pgSchema('reports');

export const reportJobs = reportsSchema.table('jobs', {
  jobId: text('job_id').primaryKey(),
  kind: text('kind').notNull(),
  period: text('period').notNull(),
  height: bigint('height', { mode: 'bigint' }),
  requestedBy: text('requested_by').notNull(),
  requestedAt: instantColumn('requested_at').notNull(),
  state: text('state', { enum: ['queued', 'running', 'finished', 'failed'] }).notNull(),
  reason: text('reason'),
  reportId: text('report_id'),
  endedAt: instantColumn('ended_at'),
});

export const reports = reportsSchema.table(
  'reports',
  {
    reportId: text('report_id').primaryKey(),
    kind: text('kind').notNull(),
    period: text('period').notNull(),
    version: integer('version').notNull(),
    amends: text('amends').references((): AnyPgColumn => reports.reportId),
    height: bigint('height', { mode: 'bigint' }).notNull(),
    at: instantColumn('at').notNull(),
    manifest: text('manifest').notNull(),
    sm3: bytesColumn('sm3').notNull(),
    keyId: text('key_id').notNull(),
    sig: bytesColumn('sig').notNull(),
    txId: bytesColumn('tx_id').notNull().unique(),
  },
  (table) => [unique().on(table.kind, table.period, table.version)],
);

export const reportFiles = reportsSchema.table(
  'files',
  {
    reportId: text('report_id')
      .notNull()
      .references(() => reports.reportId),
    name: text('name').notNull(),
    mediaType: text('media_type').notNull(),
    sm3: bytesColumn('sm3').notNull(),
    content: bytesColumn('content').notNull(),
  },
  (table) => [primaryKey({ columns: [table.reportId, table.name] })],
);

/** Migration 0454. */
export const reportFilings = reportsSchema.table('filings', {
  reportId: text('report_id')
    .primaryKey()
    .references(() => reports.reportId),
  authority: text('authority').notNull(),
  dueOn: date('due_on').notNull(),
  state: text('state', { enum: ['waiting', 'handed', 'accepted', 'rejected'] }).notNull(),
  attempts: integer('attempts').notNull(),
  nextAt: instantColumn('next_at').notNull(),
  handedAt: instantColumn('handed_at'),
  answeredAt: instantColumn('answered_at'),
  receiptNo: text('receipt_no').unique(),
  isLate: boolean('is_late'),
  reason: text('reason'),
});

/** The simulated authorities' own books (migration 0454). */
export const simulatedAuthoritySchema = pgSchema('simulated_authority');

export const authorityIntake = simulatedAuthoritySchema.table('intake', {
  reportId: text('report_id').primaryKey(),
  kind: text('kind').notNull(),
  period: text('period').notNull(),
  version: integer('version').notNull(),
  knocks: integer('knocks').notNull(),
  takenAt: instantColumn('taken_at'),
  answerAt: instantColumn('answer_at'),
  outcome: text('outcome', { enum: ['accepted', 'rejected'] }),
  reason: text('reason'),
  receiptNo: text('receipt_no').unique(),
  isLate: boolean('is_late'),
});
