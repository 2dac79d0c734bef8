/** What we ask of the payment institution (migrations 0023, 0041 and 0080), and the simulated institution with books of its own (`psp`). */
import { bigint, boolean, pgSchema, primaryKey, smallint, text, unique } from 'drizzle-orm/pg-core';
import { ZERO_FEN } from '#ledger/primitives/fen.ts';
import { fenColumn, instantColumn, jsonColumn } from '../columns.ts';
import { marketOrders, trades } from './market.ts';

export const payments = pgSchema('payments');

export const transfers = payments.table(
  'transfers',
  {
    transferId: text('transfer_id').primaryKey(),
    acct: text('acct').notNull(),
    referenceId: text('reference_id').notNull(),
    kind: text('kind', { enum: ['deposit', 'withdrawal', 'purchase'] }).notNull(),
    state: text('state', { enum: ['requested', 'processing', 'paid', 'failed'] }).notNull(),
    amountFen: fenColumn('amount_fen').notNull(),
    reason: text('reason'),
    requestedAt: instantColumn('requested_at').notNull(),
    endedAt: instantColumn('ended_at'),
    providerRef: text('provider_ref').unique(),
    submittedAt: instantColumn('submitted_at'),
    tradeId: text('trade_id')
      .unique()
      .references(() => trades.tradeId),
    orderId: text('order_id').references(() => marketOrders.orderId),
    payBy: instantColumn('pay_by'),
  },
  (table) => [unique().on(table.acct, table.referenceId)],
);

export const providerEvents = payments.table('provider_events', {
  eventId: text('event_id').primaryKey(),
  transferRef: text('transfer_ref').notNull(),
  outcome: text('outcome').notNull(),
  receivedAt: instantColumn('received_at').notNull(),
  wasLate: boolean('was_late').notNull(),
});

export const instructions = payments.table('instructions', {
  instructionId: bigint('instruction_id', { mode: 'bigint' }).primaryKey(),
  kind: text('kind').notNull(),
  at: instantColumn('at').notNull(),
  tradeId: text('trade_id'),
  orderId: text('order_id'),
  movements: jsonColumn('movements').notNull(),
});

export const psp = pgSchema('psp');

export const pspAccounts = psp.table(
  'accounts',
  {
    ref: text('ref').notNull(),
    pot: text('pot', { enum: ['free', 'held', 'pending', 'leaving', 'tax', 'bank'] }).notNull(),
    balanceFen: fenColumn('balance_fen').notNull().default(ZERO_FEN),
  },
  (table) => [primaryKey({ columns: [table.ref, table.pot] })],
);

export const pspCursor = psp.table('cursor', {
  name: text('name', { enum: ['instructions'] }).primaryKey(),
  lastId: bigint('last_id', { mode: 'bigint' }).notNull(),
});

export const pspRequests = psp.table('requests', {
  clientRef: text('client_ref').primaryKey(),
  kind: text('kind', { enum: ['pay_in', 'pay_out', 'refund', 'checkout'] }).notNull(),
  ref: text('ref').notNull(),
  amountFen: fenColumn('amount_fen').notNull(),
  state: text('state', { enum: ['open', 'accepted', 'done', 'failed'] }).notNull(),
  reason: text('reason'),
  dueAt: instantColumn('due_at').notNull(),
  purpose: text('purpose'),
  expiresAt: instantColumn('expires_at'),
});

export const pspCallbacks = psp.table('callbacks', {
  callbackId: bigint('callback_id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  eventId: text('event_id').notNull(),
  clientRef: text('client_ref')
    .notNull()
    .references(() => pspRequests.clientRef),
  outcome: text('outcome', { enum: ['processing', 'paid', 'failed', 'refunded'] }).notNull(),
  reason: text('reason'),
  dueAt: instantColumn('due_at').notNull(),
  deliveredAt: instantColumn('delivered_at'),
});

export const pspEntries = psp.table('entries', {
  source: text('source').primaryKey(),
  number: bigint('number', { mode: 'bigint' }).notNull().generatedAlwaysAsIdentity().unique(),
  kind: text('kind').notNull(),
  at: instantColumn('at').notNull(),
  isAbroad: boolean('is_abroad').notNull().default(false),
});

export const pspPostings = psp.table(
  'postings',
  {
    // That entry and account exist is asked once a statement (migration 0179).
    source: text('source').notNull(),
    line: smallint('line').notNull(),
    ref: text('ref').notNull(),
    pot: text('pot').notNull(),
    amountFen: fenColumn('amount_fen').notNull(),
  },
  (table) => [primaryKey({ columns: [table.source, table.line] })],
);

export const deliveries = payments.table('deliveries', {
  name: text('name', { enum: ['instructions'] }).primaryKey(),
  lastId: bigint('last_id', { mode: 'bigint' }).notNull(),
});

export const refunds = payments.table('refunds', {
  transferId: text('transfer_id')
    .primaryKey()
    .references(() => transfers.transferId),
  requestedAt: instantColumn('requested_at').notNull(),
  submittedAt: instantColumn('submitted_at'),
  endedAt: instantColumn('ended_at'),
});
