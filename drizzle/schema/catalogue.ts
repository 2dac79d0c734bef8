/** What studios declare: games, kinds of items, and the studios' own references of single items (migrations 0070, 0085, 0185, 0201). */
import { sql } from 'drizzle-orm';
import { bigint, boolean, integer, pgSchema, primaryKey, smallint, text, unique } from 'drizzle-orm/pg-core';
import { bytesColumn, instantColumn, jsonColumn } from '../columns.ts';

export const catalogue = pgSchema('catalogue');

export const games = catalogue.table(
  'games',
  {
    gameId: text('game_id').primaryKey(),
    studioAcct: text('studio_acct').notNull(),
    gameRef: text('game_ref').notNull(),
    nameZh: text('name_zh'),
    nameEn: text('name_en').notNull(),
    approvalNo: text('approval_no'),
    affiliates: jsonColumn('affiliates').notNull().default([]),
    sunsetTerms: text('sunset_terms'),
    heartbeatAt: instantColumn('heartbeat_at').notNull(),
    createdAt: instantColumn('created_at').notNull(),
  },
  (table) => [unique().on(table.studioAcct, table.gameRef)],
);

export const itemClasses = catalogue.table(
  'item_classes',
  {
    classId: text('class_id').primaryKey(),
    ledgerSerial: bigint('ledger_serial', { mode: 'bigint' }).notNull().unique(),
    studioAcct: text('studio_acct').notNull(),
    gameId: text('game_id')
      .notNull()
      .references(() => games.gameId),
    classRef: text('class_ref').notNull(),
    nameZh: text('name_zh'),
    nameEn: text('name_en').notNull(),
    descriptionZh: text('description_zh'),
    descriptionEn: text('description_en'),
    category: text('category').notNull(),
    type: text('type').notNull(),
    typeZh: text('type_zh'),
    rarity: text('rarity'),
    refinement: text('refinement'),
    icon: text('icon').notNull(),
    attributes: jsonColumn('attributes').notNull().default({}),
    contents: jsonColumn('contents').notNull().default([]),
    royaltyBps: integer('royalty_bps').notNull(),
    feeBps: integer('fee_bps').notNull(),
    publicityHours: integer('publicity_hours').notNull(),
    protectionHours: integer('protection_hours').notNull(),
    resaleWaitTradingDays: integer('resale_wait_trading_days').notNull(),
    collectible: boolean('collectible').notNull(),
    interchangeable: boolean('interchangeable').notNull(),
    giftable: boolean('giftable').notNull(),
    origin: text('origin', { enum: ['PLAY', 'PURCHASE', 'DRAW'] }).notNull(),
    drawTableSm3: text('draw_table_sm3'),
    supplyCap: bigint('supply_cap', { mode: 'bigint' }),
    txId: bytesColumn('tx_id').notNull(),
    referenceId: text('reference_id').notNull(),
    createdAt: instantColumn('created_at').notNull(),
    certifiedAt: instantColumn('certified_at'),
    nextTerms: jsonColumn('next_terms'),
    nextTermsAt: instantColumn('next_terms_at'),
    artSm3: text('art_sm3'),
    resalable: boolean('resalable').notNull().default(true),
    mintSchedule: jsonColumn('mint_schedule').notNull().default([]),
    smallestOfferBps: integer('smallest_offer_bps').notNull().default(5000),
    declared: jsonColumn('declared'),
    picture: text('picture').generatedAlwaysAs(sql`coalesce('sm3:' || art_sm3, icon)`),
    searchText: text('search_text').generatedAlwaysAs(
      sql`lower(coalesce(name_zh, '') || ' ' || name_en || ' ' || category || ' ' || type || ' ' || coalesce(type_zh, ''))`,
    ),
  },
  (table) => [unique().on(table.gameId, table.classRef)],
);

export const attributeDefinitions = catalogue.table(
  'attribute_definitions',
  {
    gameId: text('game_id')
      .notNull()
      .references(() => games.gameId),
    key: text('key').notNull(),
    type: text('type', { enum: ['enum', 'integer', 'decimal', 'boolean', 'text', 'date'] }).notNull(),
    labelZh: text('label_zh'),
    labelEn: text('label_en').notNull(),
    unit: text('unit'),
    filterable: boolean('filterable').notNull(),
    scale: smallint('scale'),
    mutable: boolean('mutable').notNull().default(false),
    position: integer('position').notNull(),
  },
  (table) => [primaryKey({ columns: [table.gameId, table.key] })],
);

/** Values of single items that differ from their kind's, by version (migration 0201). */
export const itemAttributes = catalogue.table(
  'item_attributes',
  {
    itemId: text('item_id').notNull(),
    ver: bigint('ver', { mode: 'bigint' }).notNull(),
    txId: bytesColumn('tx_id').notNull().unique(),
    changedAt: instantColumn('changed_at').notNull(),
    referenceId: text('reference_id').notNull(),
    before: jsonColumn('before').notNull(),
    after: jsonColumn('after').notNull(),
  },
  (table) => [primaryKey({ columns: [table.itemId, table.ver] })],
);

export const itemRefs = catalogue.table(
  'item_refs',
  {
    itemId: text('item_id').primaryKey(),
    classId: text('class_id')
      .notNull()
      .references(() => itemClasses.classId),
    itemRef: text('item_ref').notNull(),
    referenceId: text('reference_id').notNull(),
  },
  (table) => [unique().on(table.classId, table.itemRef)],
);

export const termChanges = catalogue.table('term_changes', {
  txId: bytesColumn('tx_id').primaryKey(),
  classId: text('class_id')
    .notNull()
    .references(() => itemClasses.classId),
  announcedAt: instantColumn('announced_at').notNull(),
  fromAt: instantColumn('from_at'),
  before: jsonColumn('before').notNull(),
  after: jsonColumn('after').notNull(),
  referenceId: text('reference_id').notNull(),
});

export const artFiles = catalogue.table('art_files', {
  sm3: text('sm3').primaryKey(),
  mediaType: text('media_type', { enum: ['image/png', 'image/jpeg', 'image/webp'] }).notNull(),
  width: integer('width').notNull(),
  height: integer('height').notNull(),
  bytes: bytesColumn('bytes').notNull(),
  storedAt: instantColumn('stored_at').notNull(),
});

export const classArt = catalogue.table('class_art', {
  seq: bigint('seq', { mode: 'bigint' }).generatedByDefaultAsIdentity().primaryKey(),
  classId: text('class_id')
    .notNull()
    .references(() => itemClasses.classId),
  sm3: text('sm3')
    .notNull()
    .references(() => artFiles.sm3),
  mediaSm3: text('media_sm3').notNull(),
  txId: bytesColumn('tx_id').notNull().unique(),
  setAt: instantColumn('set_at').notNull(),
  referenceId: text('reference_id').notNull(),
});

/** Words and pictures of kinds that were hidden, and shown again (migration 0485). */
export const contentSteps = catalogue.table('content_steps', {
  seq: bigint('seq', { mode: 'bigint' }).generatedByDefaultAsIdentity().primaryKey(),
  classId: text('class_id')
    .notNull()
    .references(() => itemClasses.classId),
  act: text('act', { enum: ['hidden', 'shown'] }).notNull(),
  at: instantColumn('at').notNull(),
});

/** Ends of games that were announced (migration 0150). */
export const sunsets = catalogue.table('sunsets', {
  studioAcct: text('studio_acct').primaryKey(),
  gameId: text('game_id')
    .notNull()
    .references(() => games.gameId),
  endsAt: instantColumn('ends_at').notNull(),
  archive: text('archive').notNull(),
  successor: text('successor'),
  refundTerms: text('refund_terms').notNull(),
  cause: text('cause', { enum: ['studio', 'silence', 'members'] }).notNull(),
  txId: bytesColumn('tx_id').notNull().unique(),
  announcedAt: instantColumn('announced_at').notNull(),
});

export const silenceWarnings = catalogue.table(
  'silence_warnings',
  {
    gameId: text('game_id')
      .notNull()
      .references(() => games.gameId),
    silentSince: instantColumn('silent_since').notNull(),
    days: integer('days').notNull(),
    warnedAt: instantColumn('warned_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.gameId, table.silentSince, table.days] })],
);
