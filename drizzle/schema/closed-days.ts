/** Figures of days that are over (migrations 0473, 0510, 0541). */
import { bigint, integer, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytesColumn, fenColumn, instantColumn } from '../columns.ts';
import { market } from './market.ts';

export const dayFigures = market.table('day_figures', {
  day: text('day').primaryKey(),
  trades: integer('trades').notNull(),
  turnoverFen: fenColumn('turnover_fen').notNull(),
  filteredTrades: integer('filtered_trades').notNull(),
  filteredFen: fenColumn('filtered_fen').notNull(),
  costFen: fenColumn('cost_fen').notNull(),
  certified: integer('certified').notNull(),
  certifyMs: bigint('certify_ms', { mode: 'bigint' }).notNull(),
  assessed: integer('assessed').notNull(),
  assessedFen: fenColumn('assessed_fen').notNull(),
});

export const dayLatencies = market.table(
  'day_latencies',
  { day: text('day').notNull(), ms: integer('ms').notNull(), trades: integer('trades').notNull() },
  (table) => [primaryKey({ columns: [table.day, table.ms] })],
);

export const sellerMonths = market.table(
  'seller_months',
  {
    month: text('month').notNull(),
    seller: text('seller').notNull(),
    trades: integer('trades').notNull(),
    grossFen: fenColumn('gross_fen').notNull(),
    lastAt: instantColumn('last_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.month, table.seller] })],
);

export const dayTaxes = market.table(
  'day_taxes',
  {
    day: text('day').notNull(),
    gameId: text('game_id').notNull(),
    line: text('line').notNull(),
    sales: integer('sales').notNull(),
    grossFen: fenColumn('gross_fen').notNull(),
    taxFen: fenColumn('tax_fen').notNull(),
    amountFen: fenColumn('amount_fen').notNull(),
    packHash: bytesColumn('pack_hash').notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.gameId, table.line] })],
);

export const daySupplies = market.table(
  'day_supplies',
  { day: text('day').notNull(), payer: text('payer').notNull(), grossFen: fenColumn('gross_fen').notNull() },
  (table) => [primaryKey({ columns: [table.day, table.payer] })],
);

export const sellerTaxMonths = market.table(
  'seller_tax_months',
  {
    month: text('month').notNull(),
    seller: text('seller').notNull(),
    sales: integer('sales').notNull(),
    grossFen: fenColumn('gross_fen').notNull(),
    taxFen: fenColumn('tax_fen').notNull(),
  },
  (table) => [primaryKey({ columns: [table.month, table.seller] })],
);

export const figuresCursor = market.table('figures_cursor', {
  name: text('name', { enum: ['days'] }).primaryKey(),
  marketSeq: bigint('market_seq', { mode: 'bigint' }).notNull(),
  taxSeq: bigint('tax_seq', { mode: 'bigint' }).notNull(),
  closedBefore: text('closed_before'),
});
