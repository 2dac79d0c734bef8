/** Questions of supervisors in a case, replies and files (migration 0450), more time for them (0466). */
import { primaryKey, text } from 'drizzle-orm/pg-core';
import { bytesColumn, instantColumn, jsonColumn } from '../columns.ts';
import { cases, casesSchema } from './cases.ts';

export const inquiries = casesSchema.table('inquiries', {
  inquiryId: text('inquiry_id').primaryKey(),
  caseId: text('case_id')
    .notNull()
    .references(() => cases.caseId),
  party: text('party', { enum: ['player', 'studio', 'operator'] }).notNull(),
  partyId: text('party_id').notNull(),
  reasonCode: text('reason_code').notNull(),
  question: text('question').notNull(),
  askedBy: text('asked_by').notNull(),
  askedRole: text('asked_role').notNull(),
  askedAt: instantColumn('asked_at').notNull(),
  dueAt: instantColumn('due_at').notNull(),
  txId: bytesColumn('tx_id').notNull(),
});

export const inquiryExtensions = casesSchema.table('inquiry_extensions', {
  inquiryId: text('inquiry_id')
    .primaryKey()
    .references(() => inquiries.inquiryId),
  dueAt: instantColumn('due_at').notNull(),
  grantedBy: text('granted_by').notNull(),
  at: instantColumn('at').notNull(),
  document: jsonColumn('document').notNull(),
  txId: bytesColumn('tx_id').notNull(),
});

export const inquiryReplies = casesSchema.table(
  'inquiry_replies',
  {
    inquiryId: text('inquiry_id')
      .notNull()
      .references(() => inquiries.inquiryId),
    kind: text('kind', { enum: ['answered', 'more_time', 'objected'] }).notNull(),
    byRef: text('by_ref').notNull(),
    at: instantColumn('at').notNull(),
    document: jsonColumn('document').notNull(),
    txId: bytesColumn('tx_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.inquiryId, table.kind] })],
);

export const inquiryFiles = casesSchema.table(
  'inquiry_files',
  {
    inquiryId: text('inquiry_id')
      .notNull()
      .references(() => inquiries.inquiryId),
    sm3: bytesColumn('sm3').notNull(),
    name: text('name').notNull(),
    mime: text('mime', { enum: ['image/png', 'image/jpeg', 'image/webp', 'application/pdf', 'text/plain'] }).notNull(),
    at: instantColumn('at').notNull(),
    bytes: bytesColumn('bytes').notNull(),
  },
  (table) => [primaryKey({ columns: [table.inquiryId, table.sm3] })],
);
