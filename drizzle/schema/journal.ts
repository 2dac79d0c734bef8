/** Double entry (migration 0020): whose money lies at the payment institution and what it waits for; its comparison with the institution's statement (0135) and with statements of the bank (0540). Balances follow from postings by trigger. */
import { type AnyPgColumn, bigint, integer, pgSchema, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { ZERO_FEN } from '#ledger/primitives/fen.ts';
import { bytesColumn, fenColumn, instantColumn, jsonColumn } from '../columns.ts';

export const journal = pgSchema('journal');

export const journalAccounts = journal.table('accounts', {
  accountId: text('account_id').primaryKey(),
  balanceFen: fenColumn('balance_fen').notNull().default(ZERO_FEN),
});

export const journalEntries = journal.table('entries', {
  entryId: bigint('entry_id', { mode: 'bigint' }).primaryKey(),
  kind: text('kind').notNull(),
  at: instantColumn('at').notNull(),
  tradeId: text('trade_id'),
  orderId: text('order_id'),
  transferId: text('transfer_id'),
  corrects: bigint('corrects', { mode: 'bigint' }).references((): AnyPgColumn => journalEntries.entryId),
});

export const journalHeads = journal.table('heads', {
  name: text('name', { enum: ['entries'] }).primaryKey(),
  nextId: bigint('next_id', { mode: 'bigint' }).notNull(),
  firstId: bigint('first_id', { mode: 'bigint' }).notNull().default(1n),
});

export const journalPostings = journal.table(
  'postings',
  {
    // That entry and account exist is asked once a statement (migration 0179).
    entryId: bigint('entry_id', { mode: 'bigint' }).notNull(),
    line: smallint('line').notNull(),
    accountId: text('account_id').notNull(),
    amountFen: fenColumn('amount_fen').notNull(),
  },
  (table) => [primaryKey({ columns: [table.entryId, table.line] })],
);

export const holds = journal.table('holds', {
  orderId: text('order_id').primaryKey(),
  acct: text('acct').notNull(),
  amountFen: fenColumn('amount_fen').notNull(),
  leftFen: fenColumn('left_fen').notNull(),
  state: text('state', { enum: ['open', 'spent', 'released'] }).notNull(),
});

export const statementDays = journal.table(
  'statement_days',
  {
    day: text('day').notNull(),
    run: integer('run').notNull(),
    at: instantColumn('at').notNull(),
    figures: jsonColumn('figures').notNull(),
    differenceFen: fenColumn('difference_fen').notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.run] })],
);

export const journalBreaks = journal.table('breaks', {
  breakId: text('break_id').primaryKey(),
  kind: text('kind').notNull(),
  subject: text('subject').notNull(),
  day: text('day').notNull(),
  expected: text('expected').notNull(),
  reported: text('reported').notNull(),
  differenceFen: fenColumn('difference_fen').notNull(),
  foundAt: instantColumn('found_at').notNull(),
  seenAt: instantColumn('seen_at').notNull(),
  closedAt: instantColumn('closed_at'),
});

export const bankStatements = journal.table('bank_statements', {
  number: bigint('number', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  at: instantColumn('at').notNull(),
  staffId: text('staff_id').notNull(),
  staffRole: text('staff_role').notNull(),
  fileName: text('file_name').notNull(),
  fileSm3: bytesColumn('file_sm3').notNull(),
  version: text('version').notNull(),
  statementId: text('statement_id').notNull(),
  accountId: text('account_id').notNull(),
  fromAt: instantColumn('from_at').notNull(),
  beforeAt: instantColumn('before_at').notNull(),
  figures: jsonColumn('figures').notNull(),
  differences: integer('differences').notNull(),
  listed: jsonColumn('listed').notNull(),
});
