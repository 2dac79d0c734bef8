/** Certificates, trust, revocation; the simulated time stamper's books. */
import { bigint, boolean, integer, pgSchema, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytesColumn, instantColumn } from '../columns.ts';

export const pki = pgSchema('pki');
export const tsa = pgSchema('tsa');

export const anchors = pki.table('anchors', {
  sm3: bytesColumn('sm3').primaryKey(),
  der: bytesColumn('der').notNull(),
  subject: text('subject').notNull(),
  isLicensed: boolean('is_licensed').notNull(),
  addedAt: instantColumn('added_at').notNull(),
  retiredAt: instantColumn('retired_at'),
});

export const certificates = pki.table('certificates', {
  sm3: bytesColumn('sm3').primaryKey(),
  der: bytesColumn('der').notNull(),
  kind: text('kind', { enum: ['authority', 'signing', 'encryption', 'time_stamping'] }).notNull(),
  purpose: text('purpose', { enum: ['authority', 'node', 'seal', 'staff', 'studio', 'time_stamp', 'other'] }).notNull(),
  subject: text('subject').notNull(),
  organisation: text('organisation').notNull(),
  serial: text('serial').notNull(),
  publicKey: bytesColumn('public_key').notNull(),
  notBefore: instantColumn('not_before').notNull(),
  notAfter: instantColumn('not_after').notNull(),
  addedAt: instantColumn('added_at').notNull(),
  retiredAt: instantColumn('retired_at'),
});

export const grants = pki.table(
  'grants',
  {
    authoritySm3: bytesColumn('authority_sm3')
      .notNull()
      .references(() => certificates.sm3),
    unit: text('unit').notNull(),
    role: text('role', { enum: ['sup_tax', 'sup_market', 'sup_finance', 'auditor', 'operator', 'notary', 'studio'] }).notNull(),
    organisation: text('organisation').notNull(),
    addedAt: instantColumn('added_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.authoritySm3, table.unit] })],
);

export const crls = pki.table('crls', {
  sm3: bytesColumn('sm3').primaryKey(),
  der: bytesColumn('der').notNull(),
  issuer: text('issuer').notNull(),
  thisUpdate: instantColumn('this_update').notNull(),
  nextUpdate: instantColumn('next_update').notNull(),
  addedAt: instantColumn('added_at').notNull(),
});

export const expiryWarnings = pki.table(
  'expiry_warnings',
  {
    sm3: bytesColumn('sm3')
      .notNull()
      .references(() => certificates.sm3),
    days: integer('days').notNull(),
    warnedAt: instantColumn('warned_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.sm3, table.days] })],
);

export const timeStampTokens = tsa.table('tokens', {
  serial: bigint('serial', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  imprint: bytesColumn('imprint').notNull(),
  genTime: instantColumn('gen_time').notNull(),
});
