/** Evidence packages that were taken out (product P-45). */
import { integer, pgSchema, text } from 'drizzle-orm/pg-core';
import { bytesColumn, instantColumn, jsonColumn } from '../columns.ts';

export const evidence = pgSchema('evidence');

export const evidenceExports = evidence.table('exports', {
  exportId: text('export_id').primaryKey(),
  subjectKind: text('subject_kind', { enum: ['trade', 'item'] }).notNull(),
  subjectId: text('subject_id').notNull(),
  requestedBy: text('requested_by').notNull(),
  state: text('state', { enum: ['waiting', 'built', 'failed'] }).notNull(),
  reason: text('reason'),
  caseRef: text('case_ref').notNull(),
  requestedAt: instantColumn('requested_at').notNull(),
  builtAt: instantColumn('built_at'),
  sm3: bytesColumn('sm3'),
  size: integer('size'),
});

/** Packages that a party put before the notary, and the answers. */
export const evidenceCountersigns = evidence.table('countersigns', {
  exportId: text('export_id')
    .primaryKey()
    .references(() => evidenceExports.exportId),
  askedAt: instantColumn('asked_at').notNull(),
  state: text('state', { enum: ['asked', 'signed', 'declined'] }).notNull(),
  decidedAt: instantColumn('decided_at'),
  staffId: text('staff_id'),
  name: text('name'),
  organisation: text('organisation'),
  certificateSerial: text('certificate_serial'),
  document: jsonColumn('document'),
  signature: bytesColumn('signature'),
  txId: bytesColumn('tx_id').unique(),
});
