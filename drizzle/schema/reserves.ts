/** The tax reserve of experiment X1, proofs of filing, and the simulated tax office's register (migration 0460). */
import { date, integer, pgSchema, primaryKey, text } from 'drizzle-orm/pg-core';
import { fenColumn, instantColumn, jsonColumn } from '../columns.ts';
import { experiments, registeredExperiments } from './experiments.ts';
import { trades } from './market.ts';

const TAXES = { enum: ['vat', 'income'] } as const;
const experimentId = () =>
  text('experiment_id')
    .notNull()
    .references(() => registeredExperiments.experimentId);

export const filingProofs = experiments.table('filing_proofs', {
  proofId: text('proof_id').primaryKey(),
  acct: text('acct').notNull(),
  tax: text('tax', TAXES).notNull(),
  month: text('month').notNull(),
  receiptNo: text('receipt_no').notNull(),
  filedOn: date('filed_on').notNull(),
  presentedAt: instantColumn('presented_at').notNull(),
  state: text('state', { enum: ['waiting', 'confirmed', 'refused'] }).notNull(),
  asks: integer('asks').notNull().default(0),
  nextAt: instantColumn('next_at').notNull(),
  decidedAt: instantColumn('decided_at'),
  decidedBy: text('decided_by'),
  reason: text('reason'),
});

export const taxReserves = experiments.table(
  'reserves',
  {
    tradeId: text('trade_id')
      .notNull()
      .references(() => trades.tradeId),
    tax: text('tax', TAXES).notNull(),
    experimentId: experimentId(),
    acct: text('acct').notNull(),
    month: text('month').notNull(),
    soldOn: date('sold_on').notNull(),
    amountFen: fenColumn('amount_fen').notNull(),
    lines: jsonColumn('lines').notNull(),
    keptAt: instantColumn('kept_at').notNull(),
    dueOn: date('due_on').notNull(),
    freeAt: instantColumn('free_at').notNull(),
    freedAt: instantColumn('freed_at'),
    cause: text('cause', { enum: ['filing', 'date', 'ended', 'left'] }),
    proofId: text('proof_id').references(() => filingProofs.proofId),
  },
  (table) => [primaryKey({ columns: [table.tradeId, table.tax] })],
);

export const liquidityComplaints = experiments.table('liquidity_complaints', {
  tradeId: text('trade_id')
    .primaryKey()
    .references(() => trades.tradeId),
  experimentId: experimentId(),
  acct: text('acct').notNull(),
  at: instantColumn('at').notNull(),
  text: text('text').notNull(),
});

export const complaintAnswers = experiments.table('complaint_answers', {
  tradeId: text('trade_id')
    .primaryKey()
    .references(() => liquidityComplaints.tradeId),
  actId: text('act_id').notNull().unique(),
  byStaff: text('by_staff').notNull(),
  at: instantColumn('at').notNull(),
  text: text('text').notNull(),
});

export const simulatedTaxOffice = pgSchema('simulated_tax_office');

export const taxReturns = simulatedTaxOffice.table('returns', {
  receiptNo: text('receipt_no').primaryKey(),
  taxpayer: text('taxpayer').notNull(),
  tax: text('tax').notNull(),
  month: text('month').notNull(),
  filedOn: date('filed_on').notNull(),
  knocks: integer('knocks').notNull().default(0),
});
