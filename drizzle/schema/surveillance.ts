/** Facts of the detectors, how far the feeds were read, alerts and what people did about them (migration 0125). */
import { sql } from 'drizzle-orm';
import { type AnyPgColumn, bigint, integer, pgSchema, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { bytesColumn, instantColumn, jsonColumn } from '../columns.ts';

export const surveillance = pgSchema('surveillance');

export const surveillanceFacts = surveillance.table('facts', {
  factNo: bigint('fact_no', { mode: 'bigint' }).primaryKey(),
  kind: text('kind', {
    enum: ['trade', 'payment', 'gift', 'order', 'attempt', 'link', 'account', 'instrument', 'dispute', 'signal'],
  }).notNull(),
  factId: text('fact_id').notNull(),
  at: instantColumn('at').notNull(),
  body: jsonColumn('body').notNull(),
  prevNo: bigint('prev_no', { mode: 'bigint' })
    .generatedAlwaysAs(sql`nullif(fact_no - 1, 0)`)
    .references((): AnyPgColumn => surveillanceFacts.factNo),
});

export const surveillancePlace = surveillance.table('place', {
  name: text('name', { enum: ['feeds'] }).primaryKey(),
  marketSeq: bigint('market_seq', { mode: 'bigint' }).notNull(),
  financeSeq: bigint('finance_seq', { mode: 'bigint' }).notNull(),
  factNo: bigint('fact_no', { mode: 'bigint' }).notNull(),
});

export const alerts = surveillance.table('alerts', {
  alertId: text('alert_id').primaryKey(),
  alertNo: bigint('alert_no', { mode: 'bigint' }).generatedAlwaysAsIdentity().notNull().unique(),
  detector: text('detector').notNull(),
  name: text('name').notNull(),
  typology: text('typology').notNull(),
  score: integer('score').notNull(),
  firstAt: instantColumn('first_at').notNull(),
  at: instantColumn('at').notNull(),
  tradeIds: jsonColumn('trade_ids').notNull(),
  accountRefs: jsonColumn('account_refs').notNull(),
  figures: jsonColumn('figures').notNull(),
  explanationZh: text('explanation_zh').notNull(),
  explanationEn: text('explanation_en').notNull(),
  label: text('label', { enum: ['self_trade', 'wash', 'circular'] }),
  audience: jsonColumn('audience').notNull(),
  packHash: bytesColumn('pack_hash').notNull(),
  firstFactNo: bigint('first_fact_no', { mode: 'bigint' })
    .notNull()
    .references(() => surveillanceFacts.factNo),
  factNo: bigint('fact_no', { mode: 'bigint' })
    .notNull()
    .references(() => surveillanceFacts.factNo),
  revision: integer('revision').notNull(),
  state: text('state', { enum: ['new', 'triaged', 'case', 'dismissed'] }).notNull(),
  stateSince: instantColumn('state_since').notNull(),
  dueAt: instantColumn('due_at').notNull(),
  caseId: text('case_id').unique(),
});

export const alertSteps = surveillance.table(
  'alert_steps',
  {
    alertId: text('alert_id')
      .notNull()
      .references(() => alerts.alertId),
    step: smallint('step').notNull(),
    fromState: text('from_state').notNull(),
    toState: text('to_state', { enum: ['triaged', 'case', 'dismissed'] }).notNull(),
    at: instantColumn('at').notNull(),
    byStaff: text('by_staff').notNull(),
    role: text('role').notNull(),
    reason: text('reason'),
  },
  (table) => [primaryKey({ columns: [table.alertId, table.step] })],
);
