/** Rule packs in force, assessments with their inputs, the days' windows of sellers (migration 0024), decisions (0090), cool-downs (0412). */
import { boolean, integer, pgSchema, primaryKey, smallint, text, unique } from 'drizzle-orm/pg-core';
import { bytesColumn, fenColumn, instantColumn, jsonColumn } from '../columns.ts';
import { players } from './identity.ts';
import { ORDER_INTENTS } from './market.ts';
import { alerts } from './surveillance.ts';

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
    cause: text('cause', { enum: ['settled', 'day_line', 'replaced', 'reversed'] }).notNull(),
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

/** What sellers were told of a year of sales (migration 0310). */
export const sellerNotices = compliance.table(
  'seller_notices',
  {
    acct: text('acct')
      .notNull()
      .references(() => players.acct),
    year: integer('year').notNull(),
    kind: text('kind', { enum: ['registration_due', 'business_hint'] }).notNull(),
    at: instantColumn('at').notNull(),
    turnoverFen: fenColumn('turnover_fen').notNull(),
    recentFen: fenColumn('recent_fen').notNull(),
    packHash: bytesColumn('pack_hash').notNull(),
  },
  (table) => [primaryKey({ columns: [table.acct, table.year, table.kind] })],
);

/** What policy replay decides again (migration 0090). */
export const decisions = compliance.table(
  'decisions',
  {
    acct: text('acct').notNull(),
    stage: text('stage', { enum: ['order', 'quote', 'gift'] }).notNull(),
    referenceId: text('reference_id').notNull(),
    at: instantColumn('at').notNull(),
    orderId: text('order_id'),
    act: text('act', { enum: ['primary', 'secondary', 'gift'] }).notNull(),
    intent: text('intent', { enum: [...ORDER_INTENTS, 'gift'] }).notNull(),
    side: text('side', { enum: ['sell', 'buy'] }).notNull(),
    mechanism: text('mechanism', { enum: ['fixed_price', 'negotiated', 'price_time'] }).notNull(),
    classId: text('class_id').notNull(),
    gameId: text('game_id').notNull(),
    targetOrderId: text('target_order_id'),
    priceFen: fenColumn('price_fen').notNull(),
    quantity: integer('quantity').notNull(),
    items: jsonColumn('items').notNull(),
    role: text('role', { enum: ['player', 'studio'] }).notNull(),
    age: smallint('age').notNull(),
    level: text('level').notNull(),
    place: text('place', { enum: ['CITY', 'COUNTY', 'OTHER'] }).notNull(),
    vatStatus: text('vat_status', { enum: ['GENERAL', 'SMALL_SCALE'] }).notNull(),
    isIssuer: boolean('is_issuer').notNull(),
    hasOpenAmlCase: boolean('has_open_aml_case').notNull(),
    secondaryDayFen: fenColumn('secondary_day_fen').notNull(),
    primaryMonthFen: fenColumn('primary_month_fen').notNull(),
    classFacts: jsonColumn('class_facts').notNull(),
    referencePriceFen: fenColumn('reference_price_fen'),
    kind: text('kind', { enum: ['allow', 'deny', 'review'] }).notNull(),
    reasons: jsonColumn('reasons').notNull(),
    packHash: bytesColumn('pack_hash').notNull(),
    experimentId: text('experiment_id'),
    experimentHash: bytesColumn('experiment_hash'),
    participation: text('participation'),
    arm: text('arm'),
    outcome: text('outcome').notNull(),
  },
  (table) => [primaryKey({ columns: [table.acct, table.stage, table.referenceId] })],
);

/** Drafts of rule packs up to their activation, and policy replays (migration 0120). */
export const packProposals = compliance.table('pack_proposals', {
  proposalId: text('proposal_id').primaryKey(),
  packId: text('pack_id').notNull(),
  version: text('version').notNull(),
  packHash: bytesColumn('pack_hash').notNull().unique(),
  baseHash: bytesColumn('base_hash').notNull(),
  document: jsonColumn('document').notNull(),
  reason: text('reason').notNull(),
  authorizationDocument: jsonColumn('authorization_document'),
  mode: text('mode', { enum: ['NOTICE', 'TIGHTEN'] }).notNull(),
  effectiveFrom: instantColumn('effective_from').notNull(),
  state: text('state', { enum: ['draft', 'public', 'activated', 'withdrawn'] }).notNull(),
  createdBy: text('created_by').notNull(),
  createdAt: instantColumn('created_at').notNull(),
  publishedAt: instantColumn('published_at'),
  activatedAt: instantColumn('activated_at'),
  txId: bytesColumn('tx_id'),
});

export const packSignatures = compliance.table(
  'pack_signatures',
  {
    proposalId: text('proposal_id')
      .notNull()
      .references(() => packProposals.proposalId),
    role: text('role', { enum: ['operator', 'supervisor'] }).notNull(),
    staffId: text('staff_id').notNull(),
    name: text('name').notNull(),
    organisation: text('organisation').notNull(),
    certificateSerial: text('certificate_serial').notNull(),
    at: instantColumn('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.proposalId, table.role] })],
);

export const packComments = compliance.table('pack_comments', {
  commentId: text('comment_id').primaryKey(),
  proposalId: text('proposal_id')
    .notNull()
    .references(() => packProposals.proposalId),
  at: instantColumn('at').notNull(),
  author: text('author').notNull(),
  text: text('text').notNull(),
});

export const replays = compliance.table('replays', {
  replayId: text('replay_id').primaryKey(),
  requestedBy: text('requested_by').notNull(),
  requestedAt: instantColumn('requested_at').notNull(),
  request: jsonColumn('request').notNull(),
  draft: jsonColumn('draft').notNull(),
  state: text('state', { enum: ['waiting', 'running', 'done', 'refused'] }).notNull(),
  done: integer('done').notNull().default(0),
  total: integer('total').notNull().default(0),
  endedAt: instantColumn('ended_at'),
  refusal: jsonColumn('refusal'),
  body: jsonColumn('body'),
  bodyHash: bytesColumn('body_hash'),
  signature: bytesColumn('signature'),
  rows: jsonColumn('rows'),
  inputs: bytesColumn('inputs'),
});

/** Members that ran a replay again and signed the same body (migration 0520). */
export const replayConfirmations = compliance.table(
  'replay_confirmations',
  {
    replayId: text('replay_id')
      .notNull()
      .references(() => replays.replayId),
    member: integer('member').notNull(),
    org: text('org').notNull(),
    publicKey: bytesColumn('public_key').notNull(),
    signature: bytesColumn('signature').notNull(),
    trades: integer('trades').notNull(),
    opened: integer('opened').notNull(),
    askedBy: text('asked_by').notNull(),
    at: instantColumn('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.replayId, table.member] })],
);

export const coolDowns = compliance.table(
  'cool_downs',
  {
    coolDownId: text('cool_down_id').primaryKey(),
    alertId: text('alert_id')
      .notNull()
      .references(() => alerts.alertId),
    acct: text('acct').notNull(),
    classId: text('class_id').notNull(),
    since: instantColumn('since').notNull(),
    until: instantColumn('until').notNull(),
    objection: text('objection'),
    objectedAt: instantColumn('objected_at'),
    liftedAt: instantColumn('lifted_at'),
    liftedBy: text('lifted_by'),
    answer: text('answer'),
  },
  (table) => [unique().on(table.alertId, table.acct, table.classId)],
);

/** LedgerTx that wait for a supervisor whose key this market does not hold (migration 0468). */
export const coSignatures = compliance.table('co_signatures', {
  coSignId: text('co_sign_id').primaryKey(),
  kind: text('kind', { enum: ['experiment_step', 'pack_activation', 'studio_account', 'case_act'] }).notNull(),
  subjectId: text('subject_id').notNull(),
  step: text('step').notNull(),
  txId: bytesColumn('tx_id').notNull(),
  body: bytesColumn('body').notNull(),
  env: bytesColumn('env'),
  about: jsonColumn('about').notNull(),
  paper: jsonColumn('paper').notNull(),
  intent: jsonColumn('intent').notNull(),
  askedBy: text('asked_by').notNull(),
  askedAt: instantColumn('asked_at').notNull(),
  until: instantColumn('until').notNull(),
  state: text('state', { enum: ['waiting', 'signed', 'declined', 'ended'] }).notNull(),
  answeredAt: instantColumn('answered_at'),
  signer: text('signer'),
  signedEnv: bytesColumn('signed_env'),
  reason: text('reason'),
  endCode: text('end_code'),
  doneAt: instantColumn('done_at'),
});
