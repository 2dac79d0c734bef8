/** Who someone is (migration 0001). Names, ID and phone numbers exist only inside `sealed`; what can be searched is a keyed hash. */
import { bigint, boolean, date, pgSchema, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { bytesColumn, instantColumn } from '../columns.ts';

export const identity = pgSchema('identity');

export const phoneCodes = identity.table('phone_codes', {
  phoneHash: bytesColumn('phone_hash').primaryKey(),
  codeHash: bytesColumn('code_hash').notNull(),
  sentAt: instantColumn('sent_at').notNull(),
  expiresAt: instantColumn('expires_at').notNull(),
  triesLeft: smallint('tries_left').notNull(),
});

export const registrations = identity.table('registrations', {
  registrationId: text('registration_id').primaryKey(),
  phoneHash: bytesColumn('phone_hash').notNull(),
  personHash: bytesColumn('person_hash').notNull(),
  birthDate: date('birth_date').notNull(),
  commitment: bytesColumn('commitment').notNull(),
  nonce: bytesColumn('nonce').notNull(),
  sealed: bytesColumn('sealed').notNull(),
  provider: text('provider').notNull(),
  verifiedAt: instantColumn('verified_at').notNull(),
  envHash: bytesColumn('env_hash').notNull(),
  envRef: bytesColumn('env_ref').notNull(),
  envelope: bytesColumn('envelope').notNull(),
  expiresAt: instantColumn('expires_at').notNull(),
  screened: text('screened', { enum: ['clear', 'listed'] }),
});

export const players = identity.table('players', {
  acct: text('acct').primaryKey(),
  displayName: text('display_name').notNull(),
  level: text('level', { enum: ['R1', 'R2', 'R3'] }).notNull(),
  birthDate: date('birth_date').notNull(),
  agreementVersion: text('agreement_version').notNull(),
  phoneHash: bytesColumn('phone_hash').notNull().unique(),
  personHash: bytesColumn('person_hash').notNull().unique(),
  hasRecovery: boolean('has_recovery').notNull().default(false),
  isDemonstration: boolean('is_demonstration').notNull().default(false),
  createdAt: instantColumn('created_at').notNull(),
  /** Migration 0350. */
  closedAt: instantColumn('closed_at'),
  /** Migration 0381. */
  erasedAt: instantColumn('erased_at'),
});

export const erasures = identity.table('erasures', {
  acct: text('acct')
    .primaryKey()
    .references(() => players.acct),
  txId: bytesColumn('tx_id').notNull(),
  envHash: bytesColumn('env_hash').notNull(),
  basisSm3: text('basis_sm3').notNull().unique(),
  basis: text('basis').notNull(),
  askedAt: instantColumn('asked_at').notNull(),
});

export const personRecords = identity.table('person_records', {
  acct: text('acct')
    .primaryKey()
    .references(() => players.acct),
  commitment: bytesColumn('commitment').notNull(),
  nonce: bytesColumn('nonce').notNull(),
  sealed: bytesColumn('sealed').notNull(),
  verifiedAt: instantColumn('verified_at').notNull(),
  provider: text('provider').notNull(),
});

export const cards = identity.table('cards', {
  acct: text('acct')
    .primaryKey()
    .references(() => players.acct),
  nonce: bytesColumn('nonce').notNull(),
  sealed: bytesColumn('sealed').notNull(),
  lastDigits: text('last_digits').notNull(),
  boundAt: instantColumn('bound_at').notNull(),
  cardHash: bytesColumn('card_hash'),
});

export const riskHolds = identity.table(
  'risk_holds',
  {
    acct: text('acct')
      .notNull()
      .references(() => players.acct),
    code: text('code').notNull(),
    until: instantColumn('until').notNull(),
  },
  (table) => [primaryKey({ columns: [table.acct, table.code] })],
);

export const sellerChecks = identity.table(
  'seller_checks',
  {
    acct: text('acct')
      .notNull()
      .references(() => players.acct),
    dueAt: instantColumn('due_at').notNull(),
    remindedAt: instantColumn('reminded_at').notNull(),
    overdueAt: instantColumn('overdue_at'),
    checkedAt: instantColumn('checked_at'),
    provider: text('provider'),
  },
  (table) => [primaryKey({ columns: [table.acct, table.dueAt] })],
);

export const challenges = identity.table('challenges', {
  challenge: text('challenge').primaryKey(),
  issuedAt: instantColumn('issued_at').notNull(),
  expiresAt: instantColumn('expires_at').notNull(),
});

export const sessions = identity.table('sessions', {
  sessionId: text('session_id').primaryKey(),
  tokenHash: bytesColumn('token_hash').notNull().unique(),
  acct: text('acct')
    .notNull()
    .references(() => players.acct),
  device: text('device').notNull(),
  createdAt: instantColumn('created_at').notNull(),
  lastUsedAt: instantColumn('last_used_at').notNull(),
  expiresAt: instantColumn('expires_at').notNull(),
  endedAt: instantColumn('ended_at'),
  deviceHash: bytesColumn('device_hash'),
});

export const staffSessions = identity.table('staff_sessions', {
  sessionId: text('session_id').primaryKey(),
  tokenHash: bytesColumn('token_hash').notNull().unique(),
  staffId: text('staff_id').notNull(),
  name: text('name').notNull(),
  role: text('role').notNull(),
  organisation: text('organisation').notNull(),
  certificateSerial: text('certificate_serial').notNull(),
  createdAt: instantColumn('created_at').notNull(),
  lastUsedAt: instantColumn('last_used_at').notNull(),
  endedAt: instantColumn('ended_at'),
});

export const accessLog = identity.table('access_log', {
  accessNo: bigint('access_no', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  staffId: text('staff_id').notNull(),
  role: text('role').notNull(),
  certificateSerial: text('certificate_serial').notNull(),
  act: text('act').notNull(),
  at: instantColumn('at').notNull(),
});

/** Migration 0261. */
export const screenings = identity.table('screenings', {
  screeningNo: bigint('screening_no', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  acct: text('acct')
    .notNull()
    .references(() => players.acct),
  at: instantColumn('at').notNull(),
  occasion: text('occasion', { enum: ['registration', 'card', 'enhanced', 'seller', 'withdrawal'] }).notNull(),
  provider: text('provider').notNull(),
  answer: text('answer', { enum: ['clear', 'listed'] }).notNull(),
  nonce: bytesColumn('nonce'),
  sealed: bytesColumn('sealed'),
});
