/** Studios as users of the REST API (migration 0071): keys, nonces, references (idempotent for ever), jobs, request log. */
import { boolean, integer, pgSchema, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { bytesColumn, instantColumn, jsonColumn } from '../columns.ts';
import { games } from './catalogue.ts';

export const studio = pgSchema('studio');

export const studios = studio.table('studios', {
  acct: text('acct').primaryKey(),
  nameZh: text('name_zh'),
  nameEn: text('name_en').notNull(),
  tier: text('tier', { enum: ['standard', 'partner'] }).notNull(),
  isHosted: boolean('is_hosted').notNull(),
  createdAt: instantColumn('created_at').notNull(),
});

export const studioKeys = studio.table('keys', {
  keyId: text('key_id').primaryKey(),
  acct: text('acct')
    .notNull()
    .references(() => studios.acct),
  kind: text('kind', { enum: ['write', 'read'] }).notNull(),
  publicKey: bytesColumn('public_key'),
  secretSm3: bytesColumn('secret_sm3').unique(),
  expiresAt: instantColumn('expires_at').notNull(),
  revokedAt: instantColumn('revoked_at'),
  lastUsedAt: instantColumn('last_used_at'),
});

export const applications = studio.table('applications', {
  applicationId: text('application_id').primaryKey(),
  acct: text('acct')
    .notNull()
    .unique()
    .references(() => studios.acct),
  nameZh: text('name_zh').notNull(),
  nameEn: text('name_en').notNull(),
  creditCode: text('credit_code').notNull().unique(),
  licences: jsonColumn('licences').notNull(),
  payout: jsonColumn('payout').notNull(),
  certificate: bytesColumn('certificate').notNull(),
  isLicensed: boolean('is_licensed').notNull(),
  signature: bytesColumn('signature').notNull(),
  state: text('state', { enum: ['applied', 'verified', 'active', 'suspended', 'refused'] }).notNull(),
  reason: text('reason'),
  appliedAt: instantColumn('applied_at').notNull(),
  verifiedAt: instantColumn('verified_at'),
  recheckAt: instantColumn('recheck_at'),
  /** Migration 0531. */
  phone: text('phone'),
});

export const nonces = studio.table(
  'nonces',
  {
    keyId: text('key_id')
      .notNull()
      .references(() => studioKeys.keyId),
    nonce: text('nonce').notNull(),
    seenAt: instantColumn('seen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.keyId, table.nonce] })],
);

export const studioReferences = studio.table(
  'references',
  {
    acct: text('acct')
      .notNull()
      .references(() => studios.acct),
    referenceId: text('reference_id').notNull(),
    route: text('route').notNull(),
    body: jsonColumn('body').notNull(),
    status: integer('status').notNull(),
    answer: jsonColumn('answer').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.acct, table.referenceId] })],
);

export const jobs = studio.table(
  'jobs',
  {
    jobId: text('job_id').primaryKey(),
    acct: text('acct')
      .notNull()
      .references(() => studios.acct),
    referenceId: text('reference_id').notNull(),
    kind: text('kind', { enum: ['item_classes', 'mints'] }).notNull(),
    gameId: text('game_id')
      .notNull()
      .references(() => games.gameId),
    state: text('state', { enum: ['queued', 'running', 'paused', 'finished', 'failed', 'canceled'] }).notNull(),
    reason: text('reason'),
    total: integer('total').notNull(),
    createdAt: instantColumn('created_at').notNull(),
    startedAt: instantColumn('started_at'),
    endedAt: instantColumn('ended_at'),
  },
  (table) => [unique().on(table.acct, table.referenceId)],
);

export const jobRows = studio.table(
  'job_rows',
  {
    jobId: text('job_id')
      .notNull()
      .references(() => jobs.jobId),
    rowNo: integer('row_no').notNull(),
    rowRef: text('row_ref').notNull(),
    body: jsonColumn('body').notNull(),
    units: integer('units').notNull(),
    state: text('state', { enum: ['waiting', 'sequenced', 'certified', 'same', 'refused'] }).notNull(),
    code: text('code'),
    txId: bytesColumn('tx_id'),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.rowNo] })],
);

export const studioRequests = studio.table('requests', {
  traceId: text('trace_id').primaryKey(),
  acct: text('acct').notNull(),
  at: instantColumn('at').notNull(),
  method: text('method').notNull(),
  path: text('path').notNull(),
  status: integer('status').notNull(),
  code: text('code'),
});
