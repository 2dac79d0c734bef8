/** Reports to authorities and the jobs that make them (migration 0140). */
import { type AnyPgColumn, bigint, integer, pgSchema, primaryKey, text, unique } from 'drizzle-orm/pg-core';
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
