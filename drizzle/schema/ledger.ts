/** What the member node keeps (migrations 0050, 0100, 0101). Blocks, entries and votes are the record; the leaf tables and bodies follow from the entries. */
import { bigint, boolean, integer, numeric, pgSchema, primaryKey, smallint, text, unique } from 'drizzle-orm/pg-core';
import { bytesColumn } from '../columns.ts';

export const ledger = pgSchema('ledger');

export const ledgerChain = ledger.table('chain', {
  id: smallint('id').primaryKey().default(1),
  chain: bytesColumn('chain').notNull(),
  genesis: bytesColumn('genesis').notNull(),
});

export const ledgerBlocks = ledger.table('blocks', {
  height: bigint('height', { mode: 'bigint' }).primaryKey(),
  epoch: bigint('epoch', { mode: 'bigint' }).notNull(),
  header: bytesColumn('header').notNull(),
  headerHash: bytesColumn('header_hash').notNull().unique(),
  finality: bytesColumn('finality'),
  logSize: bigint('log_size', { mode: 'bigint' }).notNull(),
  lastSeq: bigint('last_seq', { mode: 'bigint' }).notNull(),
});

export const ledgerEntries = ledger.table('entries', {
  idx: bigint('idx', { mode: 'bigint' }).primaryKey(),
  height: bigint('height', { mode: 'bigint' }).notNull(),
  txId: bytesColumn('tx_id').notNull().unique(),
  leafHash: bytesColumn('leaf_hash').notNull(),
  body: bytesColumn('body').notNull(),
  leaves: bytesColumn('leaves').notNull(),
});

export const ledgerVotes = ledger.table(
  'votes',
  {
    epoch: bigint('epoch', { mode: 'bigint' }).notNull(),
    height: bigint('height', { mode: 'bigint' }).notNull(),
    term: bigint('term', { mode: 'bigint' }).notNull(),
    headerHash: bytesColumn('header_hash').notNull(),
    sig: bytesColumn('sig').notNull(),
    endorsed: bytesColumn('endorsed'),
  },
  (table) => [primaryKey({ columns: [table.epoch, table.height] })],
);

export const ledgerTxs = ledger.table('ledger_txs', {
  seq: bigint('seq', { mode: 'bigint' }).primaryKey(),
  txId: bytesColumn('tx_id').notNull(),
  env: bytesColumn('env'),
  sequencedAt: bigint('sequenced_at', { mode: 'bigint' }).notNull(),
  status: text('status', { enum: ['sequenced', 'certified', 'refused'] })
    .notNull()
    .default('sequenced'),
  refusedCode: text('refused_code'),
  height: bigint('height', { mode: 'bigint' }),
});

export const ledgerItems = ledger.table(
  'items',
  {
    serial: bigint('serial', { mode: 'bigint' }).primaryKey(),
    cls: bigint('cls', { mode: 'bigint' }).notNull(),
    ext: bytesColumn('ext').notNull(),
    owner: bytesColumn('owner').notNull(),
    ver: bigint('ver', { mode: 'bigint' }).notNull(),
    lastEntry: numeric('last_entry', { precision: 20, mode: 'bigint' }).notNull(),
    leaf: bytesColumn('leaf').notNull(),
  },
  (table) => [unique().on(table.cls, table.ext)],
);

export const ledgerAccounts = ledger.table('accounts', {
  serial: bigint('serial', { mode: 'bigint' }).primaryKey(),
  acct: bytesColumn('acct').notNull().unique(),
  leaf: bytesColumn('leaf').notNull(),
});

export const ledgerClasses = ledger.table(
  'classes',
  {
    serial: bigint('serial', { mode: 'bigint' }).primaryKey(),
    issuer: bytesColumn('issuer').notNull(),
    ext: bytesColumn('ext').notNull(),
    leaf: bytesColumn('leaf').notNull(),
  },
  (table) => [unique().on(table.issuer, table.ext)],
);

export const ledgerOrders = ledger.table('orders', {
  serial: bigint('serial', { mode: 'bigint' }).primaryKey(),
  orderId: bytesColumn('order_id').notNull().unique(),
  leaf: bytesColumn('leaf').notNull(),
});

export const ledgerRecords = ledger.table(
  'records',
  {
    serial: bigint('serial', { mode: 'bigint' }).primaryKey(),
    kind: smallint('kind').notNull(),
    key: bytesColumn('key').notNull(),
    leaf: bytesColumn('leaf').notNull(),
  },
  (table) => [unique().on(table.kind, table.key)],
);

export const ledgerBodies = ledger.table('bodies', {
  hash: bytesColumn('hash').primaryKey(),
  kind: text('kind', { enum: ['policy', 'config'] }).notNull(),
  body: bytesColumn('body').notNull(),
});

export const envelopes = ledger.table('envelopes', {
  envHash: bytesColumn('env_hash').primaryKey(),
  ref: bytesColumn('ref').notNull(),
  body: bytesColumn('body').notNull(),
});

export const ledgerGrants = ledger.table(
  'grants',
  {
    kid: bytesColumn('kid').notNull(),
    recipient: bytesColumn('recipient').notNull(),
    validFrom: bigint('valid_from', { mode: 'bigint' }).notNull(),
    validUntil: bigint('valid_until', { mode: 'bigint' }).notNull(),
    body: bytesColumn('body').notNull(),
    sig: bytesColumn('sig').notNull(),
  },
  (table) => [primaryKey({ columns: [table.recipient, table.kid] })],
);

export const ledgerEndorsements = ledger.table(
  'endorsements',
  {
    epoch: bigint('epoch', { mode: 'bigint' }).notNull(),
    height: bigint('height', { mode: 'bigint' }).notNull(),
    term: bigint('term', { mode: 'bigint' }).notNull(),
    headerHash: bytesColumn('header_hash').notNull(),
    sig: bytesColumn('sig').notNull(),
  },
  (table) => [primaryKey({ columns: [table.epoch, table.height, table.term] })],
);

export const ledgerSeals = ledger.table('seals', {
  newEpoch: bigint('new_epoch', { mode: 'bigint' }).primaryKey(),
  tipHeight: bigint('tip_height', { mode: 'bigint' }).notNull(),
  body: bytesColumn('body').notNull(),
  endorsed: bytesColumn('endorsed'),
  sig: bytesColumn('sig').notNull(),
});

export const ledgerPeerSeals = ledger.table(
  'peer_seals',
  {
    newEpoch: bigint('new_epoch', { mode: 'bigint' }).notNull(),
    member: integer('member').notNull(),
    body: bytesColumn('body').notNull(),
    endorsed: bytesColumn('endorsed'),
    sig: bytesColumn('sig').notNull(),
  },
  (table) => [primaryKey({ columns: [table.newEpoch, table.member] })],
);

export const ledgerRecoveries = ledger.table('recoveries', {
  newEpoch: bigint('new_epoch', { mode: 'bigint' }).primaryKey(),
  height: bigint('height', { mode: 'bigint' }).notNull(),
  body: bytesColumn('body').notNull(),
});

export const ledgerSealOrders = ledger.table('seal_orders', {
  newEpoch: bigint('new_epoch', { mode: 'bigint' }).primaryKey(),
  orderedAt: bigint('ordered_at', { mode: 'bigint' }).notNull(),
});

export const ledgerAbstentions = ledger.table('abstentions', {
  height: bigint('height', { mode: 'bigint' }).primaryKey(),
});

export const ledgerBase = ledger.table('base', {
  id: smallint('id').primaryKey().default(1),
  height: bigint('height', { mode: 'bigint' }).notNull(),
  logSize: bigint('log_size', { mode: 'bigint' }).notNull(),
  frontier: bytesColumn('frontier').notNull(),
  trust: bytesColumn('trust'),
});

export const ledgerBaseTxs = ledger.table('base_txs', {
  txId: bytesColumn('tx_id').primaryKey(),
  notAfter: bigint('not_after', { mode: 'bigint' }).notNull(),
});

export const ledgerStanding = ledger.table('standing', {
  id: smallint('id').primaryKey().default(1),
  isAsking: boolean('is_asking').notNull(),
  quietUntil: bigint('quiet_until', { mode: 'bigint' }).notNull(),
});

export const ledgerSignerStores = ledger.table('signer_stores', {
  id: smallint('id').primaryKey().default(1),
  chain: bytesColumn('chain').notNull(),
  publicKey: bytesColumn('public_key').notNull(),
});

export const ledgerProposals = ledger.table('proposals', {
  headerHash: bytesColumn('header_hash').primaryKey(),
  height: bigint('height', { mode: 'bigint' }).notNull(),
  body: bytesColumn('body').notNull(),
});

export const ledgerPromises = ledger.table('promises', {
  txId: bytesColumn('tx_id').primaryKey(),
  env: bytesColumn('env').notNull(),
  dueAt: bigint('due_at', { mode: 'bigint' }).notNull(),
  takenAt: bigint('taken_at', { mode: 'bigint' }).notNull(),
  sig: bytesColumn('sig').notNull(),
  body: bytesColumn('body').notNull(),
});

export const ledgerPeerCheckpoints = ledger.table(
  'peer_checkpoints',
  {
    member: integer('member').notNull(),
    height: bigint('height', { mode: 'bigint' }).notNull(),
    headerHash: bytesColumn('header_hash').notNull(),
    body: bytesColumn('body').notNull(),
    seenAt: bigint('seen_at', { mode: 'bigint' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.member, table.height, table.headerHash] })],
);

export const ledgerEvidence = ledger.table('evidence', {
  hash: bytesColumn('hash').primaryKey(),
  kind: smallint('kind').notNull(),
  member: integer('member').notNull(),
  a: bytesColumn('a').notNull(),
  b: bytesColumn('b').notNull(),
  foundAt: bigint('found_at', { mode: 'bigint' }).notNull(),
});

export const ledgerObservations = ledger.table(
  'observations',
  {
    height: bigint('height', { mode: 'bigint' }).notNull(),
    term: bigint('term', { mode: 'bigint' }).notNull(),
    member: integer('member').notNull(),
    act: text('act', { enum: ['endorse', 'refuse', 'vote'] }).notNull(),
    code: text('code'),
    pos: integer('pos'),
    txId: bytesColumn('tx_id'),
    seenAt: bigint('seen_at', { mode: 'bigint' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.height, table.term, table.member, table.act] })],
);
