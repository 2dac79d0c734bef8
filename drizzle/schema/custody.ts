/** Who holds which item (migration 0022): a copy of the ledger, rebuilt from it by one command. */
import { bigint, boolean, integer, pgSchema, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { bytesColumn, fenColumn, instantColumn } from '../columns.ts';

export const custody = pgSchema('custody');

export const custodyItems = custody.table(
  'items',
  {
    itemId: text('item_id').primaryKey(),
    ledgerSerial: bigint('ledger_serial', { mode: 'bigint' }).notNull().unique(),
    classId: text('class_id').notNull(),
    unitNo: integer('unit_no').notNull(),
    owner: text('owner').notNull(),
    ver: bigint('ver', { mode: 'bigint' }).notNull(),
    isBurned: boolean('is_burned').notNull().default(false),
    protectedUntil: instantColumn('protected_until'),
    frozenUntil: instantColumn('frozen_until'),
    acquiredAt: instantColumn('acquired_at').notNull(),
    publicityUntil: instantColumn('publicity_until'),
    txId: bytesColumn('tx_id').notNull(),
  },
  (table) => [unique().on(table.classId, table.unitNo)],
);

export const hops = custody.table(
  'hops',
  {
    itemId: text('item_id').notNull(),
    ver: bigint('ver', { mode: 'bigint' }).notNull(),
    act: text('act', { enum: ['issued', 'sold', 'given', 'returned', 'court'] }).notNull(),
    at: instantColumn('at').notNull(),
    fromAcct: text('from_acct'),
    toAcct: text('to_acct').notNull(),
    tradeId: text('trade_id'),
    txId: bytesColumn('tx_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.itemId, table.ver] })],
);

export const itemHolds = custody.table(
  'item_holds',
  {
    orderId: text('order_id').notNull(),
    itemId: text('item_id')
      .notNull()
      .references(() => custodyItems.itemId),
    state: text('state', { enum: ['active', 'spent', 'released'] }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.orderId, table.itemId] })],
);

export const lots = custody.table(
  'lots',
  {
    itemId: text('item_id').notNull(),
    ver: bigint('ver', { mode: 'bigint' }).notNull(),
    acct: text('acct').notNull(),
    classId: text('class_id').notNull(),
    acquiredAt: instantColumn('acquired_at').notNull(),
    costFen: fenColumn('cost_fen'),
    source: text('source', { enum: ['bought_here', 'assessed', 'gift', 'play', 'none', 'sealed'] }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.itemId, table.ver] })],
);
