/** Rule packs in force, assessments with their inputs, the days' windows of sellers (migration 0024). */
import { boolean, integer, pgSchema, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytesColumn, fenColumn, instantColumn, jsonColumn } from '../columns.ts';

export const compliance = pgSchema('compliance');

export const packs = compliance.table('packs', {
  packHash: bytesColumn('pack_hash').primaryKey(),
  packId: text('pack_id').notNull(),
  version: text('version').notNull(),
  document: jsonColumn('document').notNull(),
  activatedAt: instantColumn('activated_at').notNull(),
  summaryZh: text('summary_zh').notNull(),
  summaryEn: text('summary_en').notNull(),
});

export const assessments = compliance.table(
  'assessments',
  {
    tradeId: text('trade_id').notNull(),
    version: integer('version').notNull(),
    at: instantColumn('at').notNull(),
    cause: text('cause', { enum: ['settled', 'day_line', 'reversed'] }).notNull(),
    seller: text('seller').notNull(),
    day: text('day').notNull(),
    grossFen: fenColumn('gross_fen').notNull(),
    isTaxable: boolean('is_taxable').notNull(),
    totalFen: fenColumn('total_fen').notNull(),
    packHash: bytesColumn('pack_hash').notNull(),
    assessmentHash: bytesColumn('assessment_hash').notNull(),
    input: jsonColumn('input').notNull(),
    lines: jsonColumn('lines').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tradeId, table.version] })],
);

export const complianceWindows = compliance.table(
  'windows',
  {
    acct: text('acct').notNull(),
    day: text('day').notNull(),
    grossFen: fenColumn('gross_fen').notNull(),
    turnoverFen: fenColumn('turnover_fen').notNull(),
    isTaxable: boolean('is_taxable').notNull(),
  },
  (table) => [primaryKey({ columns: [table.acct, table.day] })],
);

export const crossings = compliance.table(
  'crossings',
  {
    acct: text('acct').notNull(),
    day: text('day').notNull(),
    at: instantColumn('at').notNull(),
    grossFen: fenColumn('gross_fen').notNull(),
    salesFen: fenColumn('sales_fen').notNull(),
    byTradeId: text('by_trade_id').notNull(),
    reassessed: jsonColumn('reassessed').notNull(),
  },
  (table) => [primaryKey({ columns: [table.acct, table.day, table.byTradeId] })],
);

export const decisions = compliance.table('decisions', {
  orderId: text('order_id').primaryKey(),
  at: instantColumn('at').notNull(),
  decision: jsonColumn('decision').notNull(),
});
