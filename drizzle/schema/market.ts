/** Orders, trades and their states (migrations 0021, 0186), the watch list (0187), gifts (0200), labels and candles (0091), offers (0205), what
 *  was read of the inbox (0465). */
import { sql } from 'drizzle-orm';
import { type AnyPgColumn, bigint, boolean, integer, pgSchema, primaryKey, smallint, text, unique } from 'drizzle-orm/pg-core';
import { bytesColumn, fenColumn, instantColumn, jsonColumn } from '../columns.ts';
import { itemClasses } from './catalogue.ts';

export const market = pgSchema('market');

/** What an order is for; the last four are steps of an offer (migration 0205). */
export const ORDER_INTENTS = [
  'listing',
  'buy_order',
  'take_listing',
  'serve_buy_order',
  'matched',
  'offer',
  'counter',
  'accept_offer',
  'accept_counter',
] as const;

export const marketOrders = market.table(
  'orders',
  {
    orderId: text('order_id').primaryKey(),
    seq: bigint('seq', { mode: 'bigint' }).notNull().unique(),
    acct: text('acct').notNull(),
    referenceId: text('reference_id').notNull(),
    intent: text('intent', { enum: ORDER_INTENTS }).notNull(),
    side: text('side', { enum: ['sell', 'buy'] }).notNull(),
    mechanism: text('mechanism', { enum: ['fixed_price', 'negotiated', 'price_time'] }).notNull(),
    classId: text('class_id').notNull(),
    priceFen: fenColumn('price_fen').notNull(),
    quantity: integer('quantity').notNull(),
    filled: integer('filled').notNull().default(0),
    state: text('state', { enum: ['new', 'partially_filled', 'filled', 'canceled', 'expired', 'rejected'] }).notNull(),
    reason: text('reason'),
    timeInForce: text('time_in_force', { enum: ['gtc', 'ioc', 'fok'] }).notNull(),
    experimentId: text('experiment_id'),
    targetOrderId: text('target_order_id'),
    feeBps: integer('fee_bps').notNull(),
    royaltyBps: integer('royalty_bps').notNull(),
    liveFrom: instantColumn('live_from').notNull(),
    placedAt: instantColumn('placed_at').notNull(),
    expiresAt: instantColumn('expires_at').notNull(),
    endedAt: instantColumn('ended_at'),
    signedOrder: bytesColumn('signed_order').notNull(),
    terms: jsonColumn('terms').notNull(),
    quote: jsonColumn('quote').notNull(),
    namedBuyer: text('named_buyer').generatedAlwaysAs(sql`quote #>> '{document,namedBuyer}'`),
    priority: bigint('priority', { mode: 'bigint' }).notNull(),
    pricedAt: instantColumn('priced_at').notNull(),
    // Unique where it is set (migration 0178).
    replaces: text('replaces').references((): AnyPgColumn => marketOrders.orderId),
    expression: text('expression'),
    smallestFill: integer('smallest_fill').notNull().default(1),
  },
  (table) => [unique().on(table.acct, table.referenceId)],
);

export const orderItems = market.table(
  'order_items',
  {
    orderId: text('order_id')
      .notNull()
      .references(() => marketOrders.orderId),
    itemId: text('item_id').notNull(),
    ledgerSerial: bigint('ledger_serial', { mode: 'bigint' }).notNull(),
    ver: bigint('ver', { mode: 'bigint' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.orderId, table.itemId] })],
);

export const trades = market.table('trades', {
  tradeId: text('trade_id').primaryKey(),
  seq: bigint('seq', { mode: 'bigint' }).notNull().unique(),
  txId: bytesColumn('tx_id').unique(),
  classId: text('class_id').notNull(),
  // That both orders exist is asked once a statement (migration 0179), as for the trades of items and states.
  sellOrderId: text('sell_order_id').notNull(),
  buyOrderId: text('buy_order_id').notNull(),
  seller: text('seller').notNull(),
  buyer: text('buyer').notNull(),
  mechanism: text('mechanism', { enum: ['fixed_price', 'negotiated', 'price_time'] }).notNull(),
  experimentId: text('experiment_id'),
  quantity: integer('quantity').notNull(),
  priceFen: fenColumn('price_fen').notNull(),
  grossFen: fenColumn('gross_fen').notNull(),
  feeFen: fenColumn('fee_fen').notNull(),
  royaltyFen: fenColumn('royalty_fen').notNull(),
  netFen: fenColumn('net_fen').notNull(),
  state: text('state', {
    enum: ['reserved', 'publicity', 'settled', 'certified', 'protected', 'paid_out', 'disputed', 'reversed', 'failed'],
  }).notNull(),
  stateSince: instantColumn('state_since').notNull(),
  deadlineAt: instantColumn('deadline_at'),
  reason: text('reason'),
  orderedAt: instantColumn('ordered_at').notNull(),
  settledAt: instantColumn('settled_at'),
  certifiedAt: instantColumn('certified_at'),
  payoutAt: instantColumn('payout_at'),
  transferableFrom: instantColumn('transferable_from'),
  pay: jsonColumn('pay'),
  /** Why the proceeds wait longer; `payoutAt` says until when (migration 0411). */
  payoutHold: text('payout_hold', { enum: ['new_instrument'] }),
  quickItems: integer('quick_items').notNull().default(0),
});

export const tradeItems = market.table(
  'trade_items',
  {
    tradeId: text('trade_id').notNull(),
    itemId: text('item_id').notNull(),
    ledgerSerial: bigint('ledger_serial', { mode: 'bigint' }).notNull(),
    ver: bigint('ver', { mode: 'bigint' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tradeId, table.itemId] })],
);

export const tradeRetries = market.table(
  'trade_retries',
  {
    tradeId: text('trade_id')
      .notNull()
      .references(() => trades.tradeId),
    attempt: smallint('attempt').notNull(),
    txId: bytesColumn('tx_id').notNull(),
    code: text('code').notNull(),
    remedy: text('remedy', { enum: ['proposed_again', 'signed_again', 'replaced'] }).notNull(),
    at: instantColumn('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tradeId, table.attempt] })],
);

export const tradeStates = market.table(
  'trade_states',
  {
    tradeId: text('trade_id').notNull(),
    step: smallint('step').notNull(),
    state: text('state').notNull(),
    at: instantColumn('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tradeId, table.step] })],
);

export const marketReferences = market.table(
  'references',
  {
    acct: text('acct').notNull(),
    referenceId: text('reference_id').notNull(),
    bodySm3: bytesColumn('body_sm3').notNull(),
    answer: jsonColumn('answer').notNull(),
    at: instantColumn('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.acct, table.referenceId] })],
);

export const tradeLabels = market.table(
  'trade_labels',
  {
    tradeId: text('trade_id')
      .notNull()
      .references(() => trades.tradeId),
    label: text('label', { enum: ['self_trade', 'wash', 'circular'] }).notNull(),
    at: instantColumn('at').notNull(),
    removedAt: instantColumn('removed_at'),
    source: text('source').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tradeId, table.label] })],
);

export const candles = market.table(
  'candles',
  {
    classId: text('class_id').notNull(),
    span: text('span', { enum: ['5m', '1h', '6h', '24h', '7d'] }).notNull(),
    series: text('series', { enum: ['all', 'filtered'] }).notNull(),
    start: instantColumn('start').notNull(),
    openFen: fenColumn('open_fen').notNull(),
    highFen: fenColumn('high_fen').notNull(),
    lowFen: fenColumn('low_fen').notNull(),
    closeFen: fenColumn('close_fen').notNull(),
    medianFen: fenColumn('median_fen').notNull(),
    volume: bigint('volume', { mode: 'bigint' }).notNull(),
    trades: integer('trades').notNull(),
    leftOut: integer('left_out').notNull(),
    revision: integer('revision').notNull(),
    lastAt: instantColumn('last_at').notNull(),
    asOf: instantColumn('as_of').notNull(),
  },
  (table) => [primaryKey({ columns: [table.classId, table.span, table.series, table.start] })],
);

export const candleCursor = market.table('candle_cursor', {
  room: text('room', { enum: ['sup:market'] }).primaryKey(),
  seq: bigint('seq', { mode: 'bigint' }).notNull(),
});

export const gifts = market.table(
  'gifts',
  {
    giftId: text('gift_id').primaryKey(),
    itemId: text('item_id').notNull(),
    classId: text('class_id')
      .notNull()
      .references(() => itemClasses.classId),
    ver: bigint('ver', { mode: 'bigint' }).notNull(),
    giver: text('giver').notNull(),
    recipient: text('recipient').notNull(),
    referenceId: text('reference_id').notNull(),
    bodySm3: bytesColumn('body_sm3').notNull(),
    transfers: bytesColumn('transfers').array().notNull(),
    sentAt: instantColumn('sent_at').notNull(),
    acceptUntil: instantColumn('accept_until').notNull(),
    state: text('state', { enum: ['open', 'given', 'declined', 'withdrawn', 'expired', 'failed'] }).notNull(),
    reason: text('reason'),
    endedAt: instantColumn('ended_at'),
    txId: bytesColumn('tx_id'),
    referenceFen: fenColumn('reference_fen'),
    costFen: fenColumn('cost_fen'),
  },
  (table) => [unique().on(table.giver, table.referenceId)],
);

export const watched = market.table(
  'watched',
  {
    acct: text('acct').notNull(),
    classId: text('class_id')
      .notNull()
      .references(() => itemClasses.classId),
    belowFen: fenColumn('below_fen'),
    sinceFen: fenColumn('since_fen'),
    watchedAt: instantColumn('watched_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.acct, table.classId] })],
);

export const inboxes = market.table('inboxes', {
  acct: text('acct').primaryKey(),
  readSeq: bigint('read_seq', { mode: 'bigint' }).notNull(),
  muted: text('muted').array().notNull(),
});

export const inboxRead = market.table(
  'inbox_read',
  {
    acct: text('acct').notNull(),
    seq: bigint('seq', { mode: 'bigint' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.acct, table.seq] })],
);

export const offers = market.table('offers', {
  offerId: text('offer_id').primaryKey(),
  itemId: text('item_id').notNull(),
  classId: text('class_id').notNull(),
  ledgerSerial: bigint('ledger_serial', { mode: 'bigint' }).notNull(),
  ver: bigint('ver', { mode: 'bigint' }).notNull(),
  buyer: text('buyer').notNull(),
  holder: text('holder').notNull(),
  isListed: boolean('is_listed').notNull(),
  openedAt: instantColumn('opened_at').notNull(),
  state: text('state', { enum: ['open', 'accepted', 'withdrawn', 'expired', 'ended'] }).notNull(),
  reason: text('reason'),
  endedAt: instantColumn('ended_at'),
  tradeId: text('trade_id').references(() => trades.tradeId),
  listingOrderId: text('listing_order_id').references(() => marketOrders.orderId),
});

export const offerRounds = market.table(
  'offer_rounds',
  {
    offerId: text('offer_id')
      .notNull()
      .references(() => offers.offerId),
    round: smallint('round').notNull(),
    orderId: text('order_id')
      .notNull()
      .unique()
      .references(() => marketOrders.orderId),
    by: text('by', { enum: ['buyer', 'holder'] }).notNull(),
    priceFen: fenColumn('price_fen').notNull(),
    placedAt: instantColumn('placed_at').notNull(),
    expiresAt: instantColumn('expires_at').notNull(),
    state: text('state', { enum: ['open', 'countered', 'accepted', 'withdrawn', 'expired', 'ended'] }).notNull(),
    endedAt: instantColumn('ended_at'),
  },
  (table) => [primaryKey({ columns: [table.offerId, table.round] })],
);

export const offerSettings = market.table('offer_settings', {
  acct: text('acct').primaryKey(),
  takesOffers: boolean('takes_offers').notNull(),
  changedAt: instantColumn('changed_at').notNull(),
});
