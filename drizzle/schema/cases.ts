/** Cases of supervisors, freezes, signed acts, appeals (migration 0130). */
import { type AnyPgColumn, bigint, boolean, integer, pgSchema, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { bytesColumn, fenColumn, instantColumn, jsonColumn } from '../columns.ts';
import { players } from './identity.ts';
import { journalEntries } from './journal.ts';
import { trades } from './market.ts';

export const casesSchema = pgSchema('cases');

export const cases = casesSchema.table('cases', {
  caseId: text('case_id').primaryKey(),
  caseNo: bigint('case_no', { mode: 'bigint' }).generatedAlwaysAsIdentity().notNull().unique(),
  source: text('source', { enum: ['alert', 'claim', 'own_motion', 'list'] }).notNull(),
  sourceId: text('source_id'),
  topic: text('topic', { enum: ['abuse', 'laundering', 'theft', 'dispute', 'tax', 'other'] }).notNull(),
  title: text('title').notNull(),
  ground: text('ground').notNull(),
  audience: jsonColumn('audience').notNull(),
  state: text('state', { enum: ['open', 'referred', 'closed'] }).notNull(),
  ownerStaff: text('owner_staff').notNull(),
  openedBy: text('opened_by').notNull(),
  openedAt: instantColumn('opened_at').notNull(),
  dueAt: instantColumn('due_at').notNull(),
  closedAt: instantColumn('closed_at'),
  outcome: text('outcome', { enum: ['no_breach', 'breach', 'referred', 'settled'] }),
});

export const caseEvents = casesSchema.table(
  'events',
  {
    caseId: text('case_id')
      .notNull()
      .references(() => cases.caseId),
    step: integer('step').notNull(),
    at: instantColumn('at').notNull(),
    byStaff: text('by_staff').notNull(),
    role: text('role').notNull(),
    act: text('act', {
      enum: [
        'opened',
        'note',
        'evidence',
        'owner',
        'shared',
        'referred',
        'closed',
        'freeze_proposed',
        'freeze_set',
        'freeze_lifted',
        'freeze_ended',
        'appeal',
        'appeal_answered',
        'opening_asked',
        'opening_approved',
        'halt',
        'claim',
        'item_returned',
        'item_judged',
        'asked',
        'replied',
        'extended',
      ],
    }).notNull(),
    body: jsonColumn('body').notNull(),
  },
  (table) => [primaryKey({ columns: [table.caseId, table.step] })],
);

export const freezes = casesSchema.table('freezes', {
  freezeId: text('freeze_id').primaryKey(),
  caseId: text('case_id').references(() => cases.caseId),
  claimId: text('claim_id'),
  scope: text('scope', { enum: ['item', 'class', 'account', 'payout'] }).notNull(),
  targetId: text('target_id').notNull(),
  holder: text('holder'),
  reasonCode: text('reason_code').notNull(),
  reason: text('reason').notNull(),
  isSecret: boolean('is_secret').notNull(),
  state: text('state', { enum: ['proposed', 'active', 'ended'] }).notNull(),
  setBy: text('set_by').notNull(),
  approvedBy: text('approved_by'),
  proposedAt: instantColumn('proposed_at').notNull(),
  since: instantColumn('since').notNull(),
  startsAt: instantColumn('starts_at'),
  until: instantColumn('until').notNull(),
  endedAt: instantColumn('ended_at'),
  endedAs: text('ended_as', { enum: ['over', 'lifted', 'replaced', 'withdrawn'] }),
  txId: bytesColumn('tx_id'),
  liftedTxId: bytesColumn('lifted_tx_id'),
});

export const caseSignatures = casesSchema.table(
  'signatures',
  {
    subjectId: text('subject_id').notNull(),
    act: text('act').notNull(),
    staffId: text('staff_id').notNull(),
    role: text('role').notNull(),
    organisation: text('organisation').notNull(),
    certificateSerial: text('certificate_serial').notNull(),
    at: instantColumn('at').notNull(),
    document: jsonColumn('document').notNull(),
    signature: bytesColumn('signature').notNull(),
  },
  (table) => [primaryKey({ columns: [table.subjectId, table.act, table.staffId] })],
);

export const openings = casesSchema.table('openings', {
  openingId: text('opening_id').primaryKey(),
  caseId: text('case_id')
    .notNull()
    .references(() => cases.caseId),
  subject: text('subject').notNull(),
  legalGround: text('legal_ground').notNull(),
  reason: text('reason').notNull(),
  scope: jsonColumn('scope').notNull(),
  state: text('state', { enum: ['proposed', 'open'] }).notNull(),
  askedBy: text('asked_by').notNull(),
  askedRole: text('asked_role').notNull(),
  askedAt: instantColumn('asked_at').notNull(),
  approvedBy: text('approved_by'),
  approvedRole: text('approved_role'),
  approvedAt: instantColumn('approved_at'),
  txId: bytesColumn('tx_id'),
  sealedUntil: instantColumn('sealed_until'),
  toldAt: instantColumn('told_at'),
});

export const openingReads = casesSchema.table(
  'opening_reads',
  {
    openingId: text('opening_id')
      .notNull()
      .references(() => openings.openingId),
    readNo: integer('read_no').notNull(),
    staffId: text('staff_id').notNull(),
    role: text('role').notNull(),
    at: instantColumn('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.openingId, table.readNo] })],
);

export const appeals = casesSchema.table('appeals', {
  appealId: text('appeal_id').primaryKey(),
  freezeId: text('freeze_id')
    .notNull()
    .unique()
    .references(() => freezes.freezeId),
  acct: text('acct').notNull(),
  text: text('text').notNull(),
  openedAt: instantColumn('opened_at').notNull(),
  dueAt: instantColumn('due_at').notNull(),
  state: text('state', { enum: ['open', 'granted', 'rejected'] }).notNull(),
  answeredBy: text('answered_by'),
  answeredAt: instantColumn('answered_at'),
  answer: text('answer'),
});

/** Disputes about a trade, their steps and files (migration 0175). */
export const claims = casesSchema.table(
  'claims',
  {
    claimId: text('claim_id').primaryKey(),
    claimNo: bigint('claim_no', { mode: 'bigint' }).generatedAlwaysAsIdentity().notNull().unique(),
    tradeId: text('trade_id')
      .notNull()
      .references(() => trades.tradeId),
    kind: text('kind', { enum: ['not_authorized', 'deceived', 'studio_refuses', 'payment_disputed', 'minor_purchase'] }).notNull(),
    claimant: text('claimant').notNull(),
    respondent: text('respondent').notNull(),
    reason: text('reason').notNull(),
    state: text('state', { enum: ['open', 'deciding', 'decided', 'appealed', 'upheld', 'closed'] }).notNull(),
    openedAt: instantColumn('opened_at').notNull(),
    dueAt: instantColumn('due_at'),
    decision: text('decision', { enum: ['upheld', 'refused'] }),
    outcome: text('outcome', { enum: ['reversed', 'refused', 'withdrawn', 'lapsed'] }),
    closedAt: instantColumn('closed_at'),
    caseId: text('case_id').references(() => cases.caseId),
    pay: jsonColumn('pay').notNull(),
    payRoot: bytesColumn('pay_root').notNull(),
    reversalTxId: bytesColumn('reversal_tx_id'),
    releaseAt: instantColumn('release_at'),
    takeoverId: text('takeover_id').references((): AnyPgColumn => accountTakeovers.takeoverId),
  },
  (table) => [unique().on(table.tradeId, table.claimant)],
);

export const claimSteps = casesSchema.table(
  'claim_steps',
  {
    claimId: text('claim_id')
      .notNull()
      .references(() => claims.claimId),
    step: integer('step').notNull(),
    at: instantColumn('at').notNull(),
    role: text('role', { enum: ['claimant', 'respondent', 'desk', 'supervisor', 'clock'] }).notNull(),
    byRef: text('by_ref').notNull(),
    act: text('act', {
      enum: [
        'opened',
        'answered',
        'answer_missed',
        'decided',
        'desk_silent',
        'appealed',
        'accepted',
        'final',
        'stands',
        'reviewed',
        'reversed',
        'withdrawn',
        'lapsed',
        'held',
        'freed',
        'case_opened',
      ],
    }).notNull(),
    document: jsonColumn('document'),
    signature: bytesColumn('signature'),
    proof: jsonColumn('proof'),
    txId: bytesColumn('tx_id'),
  },
  (table) => [primaryKey({ columns: [table.claimId, table.step] })],
);

export const claimFiles = casesSchema.table(
  'claim_files',
  {
    claimId: text('claim_id')
      .notNull()
      .references(() => claims.claimId),
    sm3: bytesColumn('sm3').notNull(),
    role: text('role', { enum: ['claimant', 'respondent'] }).notNull(),
    name: text('name').notNull(),
    mime: text('mime', { enum: ['image/png', 'image/jpeg', 'image/webp', 'application/pdf', 'text/plain'] }).notNull(),
    at: instantColumn('at').notNull(),
    bytes: bytesColumn('bytes').notNull(),
  },
  (table) => [primaryKey({ columns: [table.claimId, table.sm3] })],
);

/** The operator's desk: reports, sworn claims of theft, signed steps (migration 0176). */
export const caseReports = casesSchema.table('reports', {
  reportId: text('report_id').primaryKey(),
  kind: text('kind', { enum: ['item', 'person', 'theft'] }).notNull(),
  subjectId: text('subject_id').notNull(),
  reporter: text('reporter').notNull(),
  text: text('text').notNull(),
  at: instantColumn('at').notNull(),
  dueAt: instantColumn('due_at').notNull(),
  closedAt: instantColumn('closed_at'),
  document: jsonColumn('document'),
  signature: bytesColumn('signature'),
  proof: jsonColumn('proof'),
});

export const deskSteps = casesSchema.table('desk_steps', {
  actId: text('act_id').primaryKey(),
  queue: text('queue', { enum: ['theft', 'objection', 'report', 'hidden', 'payout', 'break', 'studio'] }).notNull(),
  subjectId: text('subject_id').notNull(),
  act: text('act', {
    enum: ['noted', 'taken', 'closed', 'frozen', 'upheld', 'false', 'verified', 'suspended', 'hidden', 'shown'],
  }).notNull(),
  staffId: text('staff_id').notNull(),
  certificateSerial: text('certificate_serial').notNull(),
  at: instantColumn('at').notNull(),
  document: jsonColumn('document').notNull(),
  signature: bytesColumn('signature').notNull(),
  txId: bytesColumn('tx_id'),
});

/** Halts of a kind, a game or the market (migration 0177). */
export const halts = casesSchema.table('halts', {
  haltId: text('halt_id').primaryKey(),
  caseId: text('case_id')
    .notNull()
    .references(() => cases.caseId),
  scope: text('scope', { enum: ['class', 'game', 'market'] }).notNull(),
  targetId: text('target_id').notNull(),
  reasonCode: text('reason_code').notNull(),
  reason: text('reason').notNull(),
  openOrders: text('open_orders', { enum: ['keep', 'cancel'] }).notNull(),
  state: text('state', { enum: ['proposed', 'active', 'ended'] }).notNull(),
  setBy: text('set_by').notNull(),
  approvedBy: text('approved_by'),
  proposedAt: instantColumn('proposed_at').notNull(),
  since: instantColumn('since').notNull(),
  startsAt: instantColumn('starts_at'),
  until: instantColumn('until').notNull(),
  endedAt: instantColumn('ended_at'),
  endedAs: text('ended_as', { enum: ['over', 'lifted', 'replaced', 'withdrawn'] }),
  txId: bytesColumn('tx_id'),
  liftedTxId: bytesColumn('lifted_tx_id'),
});

/** What the guarantee fund owes and has paid (migration 0216). */
export const guaranteeAwards = casesSchema.table(
  'guarantee_awards',
  {
    awardId: text('award_id').primaryKey(),
    awardNo: bigint('award_no', { mode: 'bigint' }).generatedAlwaysAsIdentity().notNull().unique(),
    tradeId: text('trade_id')
      .notNull()
      .references(() => trades.tradeId),
    itemId: text('item_id').notNull(),
    acct: text('acct').notNull(),
    caseId: text('case_id').references(() => cases.caseId),
    lostFen: fenColumn('lost_fen').notNull(),
    awardFen: fenColumn('award_fen').notNull(),
    at: instantColumn('at').notNull(),
  },
  (table) => [unique().on(table.tradeId, table.itemId)],
);

export const guaranteePayments = casesSchema.table('guarantee_payments', {
  entryId: bigint('entry_id', { mode: 'bigint' })
    .primaryKey()
    .references(() => journalEntries.entryId),
  awardId: text('award_id')
    .notNull()
    .references(() => guaranteeAwards.awardId),
  fen: fenColumn('fen').notNull(),
  at: instantColumn('at').notNull(),
});

/** Declared takeovers of accounts (migration 0218). */
export const accountTakeovers = casesSchema.table('takeovers', {
  takeoverId: text('takeover_id').primaryKey(),
  acct: text('acct')
    .notNull()
    .references(() => players.acct),
  text: text('text').notNull(),
  at: instantColumn('at').notNull(),
  until: instantColumn('until').notNull(),
  document: jsonColumn('document').notNull(),
  signature: bytesColumn('signature').notNull(),
  proof: jsonColumn('proof').notNull(),
  canceled: integer('canceled').notNull().default(0),
  doneAt: instantColumn('done_at'),
});

/** Objections to what is in publicity, and findings that a claim was false (migration 0219). */
export const objections = casesSchema.table(
  'objections',
  {
    objectionId: text('objection_id').primaryKey(),
    subjectId: text('subject_id').notNull(),
    objector: text('objector').notNull(),
    text: text('text').notNull(),
    at: instantColumn('at').notNull(),
    dueAt: instantColumn('due_at').notNull(),
    closedAt: instantColumn('closed_at'),
    outcome: text('outcome', { enum: ['upheld', 'refused', 'false', 'lapsed'] }),
  },
  (table) => [unique().on(table.subjectId, table.objector)],
);

export const falseClaims = casesSchema.table('false_claims', {
  subjectId: text('subject_id').primaryKey(),
  acct: text('acct')
    .notNull()
    .references(() => players.acct),
  at: instantColumn('at').notNull(),
  until: instantColumn('until').notNull(),
});

/** Judgements that were carried out, and the simulated court's own register (migration 0430). */
export const judgements = casesSchema.table(
  'judgements',
  {
    judgementId: text('judgement_id').primaryKey(),
    caseId: text('case_id')
      .notNull()
      .references(() => cases.caseId),
    itemId: text('item_id').notNull(),
    fromAcct: text('from_acct').notNull(),
    toAcct: text('to_acct').notNull(),
    court: text('court').notNull(),
    docket: text('docket').notNull(),
    fileSm3: bytesColumn('file_sm3').notNull(),
    txId: bytesColumn('tx_id').notNull(),
    at: instantColumn('at').notNull(),
  },
  (table) => [unique().on(table.court, table.docket, table.itemId)],
);

export const courtRegister = casesSchema.table(
  'court_register',
  {
    court: text('court').notNull(),
    docket: text('docket').notNull(),
    fileSm3: bytesColumn('file_sm3').notNull(),
    at: instantColumn('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.court, table.docket] })],
);
