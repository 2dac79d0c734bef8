/**
 * What the database holds about one person, section by section (product P-46). Each section is one query of what is theirs to see: tokens and
 * keyed hashes are left out, and so is what a counterparty alone is told. Files of supervisors and what detectors raised are not here: telling
 * the person of them would be the tip-off that the law forbids (rulebook CN-AML-04).
 */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { Snapshot } from '#server/market/snapshot.ts';
import type { DataGroup } from '#server/trpc/views.ts';

type Tx = Snapshot['tx'];
export type DataRow = Readonly<Record<string, unknown>>;
export type DataSection = { readonly id: string; readonly group: DataGroup; readonly text: string };

const POSTINGS_OF = `p.account_id in ('available:' || $1, 'held:' || $1, 'coming:' || $1, 'withdrawing:' || $1, 'reserve:' || $1)`;

/** `$1` is the account. */
export const DATA_SECTIONS: readonly DataSection[] = [
  {
    id: 'account',
    group: 'account',
    text: `select acct, display_name, level, birth_date::text as birth_date, agreement_version, has_recovery, created_at
      from identity.players where acct = $1`,
  },
  {
    id: 'sessions',
    group: 'account',
    text: `select session_id, device, created_at, last_used_at, expires_at, ended_at from identity.sessions where acct = $1 order by created_at`,
  },
  {
    id: 'sellerChecks',
    group: 'identity',
    text: 'select due_at, reminded_at, overdue_at, checked_at, provider from identity.seller_checks where acct = $1 order by due_at',
  },
  { id: 'riskHolds', group: 'account', text: 'select code, until from identity.risk_holds where acct = $1 order by code' },
  {
    id: 'coolDowns',
    group: 'account',
    text: `select class_id, since, until, objection, objected_at, lifted_at, answer from compliance.cool_downs where acct = $1 order by since, class_id`,
  },
  {
    id: 'orders',
    group: 'orders',
    text: `select o.order_id, o.reference_id, o.intent, o.side, o.mechanism, o.class_id,
        (select jsonb_agg(i.item_id order by i.item_id) from market.order_items i where i.order_id = o.order_id) as item_ids, o.price_fen, o.quantity,
        o.filled, o.state, o.reason, o.time_in_force, o.experiment_id, o.fee_bps, o.royalty_bps, o.expression, o.named_buyer, o.placed_at,
        o.expires_at, o.ended_at, o.terms, o.signed_order
      from market.orders o where o.acct = $1 order by o.seq`,
  },
  {
    id: 'offers',
    group: 'orders',
    text: `select f.offer_id, f.item_id, f.class_id, case when f.buyer = $1 then 'buyer' else 'holder' end as my_part, f.opened_at, f.state, f.reason,
        f.ended_at, f.trade_id, (select jsonb_agg(jsonb_build_object('round', r.round, 'by', r.by, 'priceFen', r.price_fen::text, 'placedAt', r.placed_at,
          'state', r.state) order by r.round) from market.offer_rounds r where r.offer_id = f.offer_id) as rounds
      from market.offers f where f.buyer = $1 or f.holder = $1 order by f.opened_at, f.offer_id`,
  },
  { id: 'offerSetting', group: 'orders', text: 'select takes_offers, changed_at from market.offer_settings where acct = $1' },
  {
    id: 'decisions',
    group: 'orders',
    text: `select stage, reference_id, at, order_id, act, intent, side, mechanism, class_id, game_id, price_fen, quantity, items, role, age, level, place,
        vat_status, secondary_day_fen, primary_month_fen, pack_hash, experiment_id, participation, arm, outcome
      from compliance.decisions where acct = $1 order by at, stage, reference_id`,
  },
  {
    id: 'answers',
    group: 'orders',
    text: 'select reference_id, at, answer from market.references where acct = $1 order by at, reference_id',
  },
  {
    id: 'trades',
    group: 'trades',
    // What the seller pays is told to the seller.
    text: `select t.trade_id, t.tx_id, t.class_id, (select jsonb_agg(i.item_id order by i.item_id) from market.trade_items i where i.trade_id = t.trade_id)
        as item_ids, case when t.seller = $1 then 'seller' else 'buyer' end as my_part, case when t.seller = $1 then t.buyer else t.seller end as other_party,
        t.mechanism, t.experiment_id, t.quantity, t.price_fen, t.gross_fen, case when t.seller = $1 then t.fee_fen end as fee_fen,
        case when t.seller = $1 then t.royalty_fen end as royalty_fen, case when t.seller = $1 then t.net_fen end as net_fen, t.state, t.state_since,
        t.reason, t.ordered_at, t.settled_at, t.certified_at, t.payout_at, t.payout_hold, t.transferable_from
      from market.trades t where t.seller = $1 or t.buyer = $1 order by t.seq`,
  },
  {
    id: 'gifts',
    group: 'trades',
    text: `select gift_id, item_id, class_id, case when giver = $1 then 'giver' else 'recipient' end as my_part,
        case when giver = $1 then recipient else giver end as other_party, sent_at, accept_until, state, reason, ended_at, tx_id,
        case when giver = $1 then reference_fen end as reference_fen, case when giver = $1 then cost_fen end as cost_fen
      from market.gifts where giver = $1 or recipient = $1 order by sent_at, gift_id`,
  },
  {
    id: 'items',
    group: 'items',
    text: `select item_id, ledger_serial, class_id, unit_no, ver, protected_until, frozen_until, acquired_at, publicity_until, tx_id
      from custody.items where owner = $1 and not is_burned order by item_id`,
  },
  {
    id: 'acquisitions',
    group: 'items',
    text: 'select item_id, ver, class_id, acquired_at, cost_fen, source from custody.lots where acct = $1 order by acquired_at, item_id',
  },
  {
    id: 'transfers',
    group: 'money',
    text: `select transfer_id, reference_id, kind, state, amount_fen, reason, requested_at, submitted_at, ended_at, provider_ref, trade_id, order_id
      from payments.transfers where acct = $1 order by requested_at, transfer_id`,
  },
  {
    id: 'postings',
    group: 'money',
    text: `select p.entry_id, e.at, e.kind, split_part(p.account_id, ':', 1) as pot, p.amount_fen, e.trade_id, e.order_id, e.transfer_id
      from journal.postings p join journal.entries e using (entry_id) where ${POSTINGS_OF} order by p.entry_id, p.line`,
  },
  {
    id: 'moneyHolds',
    group: 'money',
    text: 'select order_id, amount_fen, left_fen, state from journal.holds where acct = $1 order by order_id',
  },
  { id: 'atTheInstitution', group: 'money', text: 'select pot, balance_fen from psp.accounts where ref = $1 order by pot' },
  {
    id: 'assessments',
    group: 'tax',
    text: `select trade_id, version, at, cause, day, gross_fen, is_taxable, total_fen, pack_hash, assessment_hash, lines
      from compliance.assessments where seller = $1 order by at, trade_id, version`,
  },
  {
    id: 'taxDays',
    group: 'tax',
    text: 'select day, gross_fen, turnover_fen, is_taxable from compliance.windows where acct = $1 order by day',
  },
  {
    id: 'taxCrossings',
    group: 'tax',
    text: 'select day, at, gross_fen, sales_fen, by_trade_id, reassessed from compliance.crossings where acct = $1 order by day, at',
  },
  {
    id: 'taxNotices',
    group: 'tax',
    text: 'select year, kind, at, turnover_fen, recent_fen, pack_hash from compliance.seller_notices where acct = $1 order by year, kind',
  },
  {
    id: 'claims',
    group: 'disputes',
    text: `select c.claim_id, c.trade_id, c.kind, case when c.claimant = $1 then 'claimant' else 'respondent' end as my_part, c.reason, c.state,
        c.opened_at, c.due_at, c.decision, c.outcome, c.closed_at
      from cases.claims c where c.claimant = $1 or c.respondent = $1 order by c.claim_no`,
  },
  {
    id: 'saidInClaims',
    group: 'disputes',
    text: `select claim_id, step, at, act, document, signature from cases.claim_steps where by_ref = $1
        and claim_id in (select claim_id from cases.claims where claimant = $1 or respondent = $1) order by claim_id, step`,
  },
  {
    id: 'reports',
    group: 'disputes',
    text: `select report_id, kind, subject_id, text, at, due_at, closed_at, document from cases.reports where reporter = $1 order by at, report_id`,
  },
  {
    id: 'objections',
    group: 'disputes',
    text: `select objection_id, subject_id, text, at, due_at, closed_at, outcome from cases.objections where objector = $1 order by at, objection_id`,
  },
  {
    id: 'takeovers',
    group: 'disputes',
    text: 'select takeover_id, text, at, until, canceled, done_at from cases.takeovers where acct = $1 order by at, takeover_id',
  },
  { id: 'falseClaims', group: 'disputes', text: 'select subject_id, at, until from cases.false_claims where acct = $1 order by at' },
  {
    id: 'awards',
    group: 'disputes',
    text: 'select award_id, trade_id, item_id, lost_fen, award_fen, at from cases.guarantee_awards where acct = $1 order by award_no',
  },
  {
    id: 'experiments',
    group: 'experiments',
    text: 'select experiment_id, joined_at, disclosure_version, arm from experiments.participants where acct = $1 order by joined_at, experiment_id',
  },
  {
    id: 'taxReserves',
    group: 'experiments',
    text: `select trade_id, tax, experiment_id, month, amount_fen, lines, kept_at, due_on, free_at, freed_at, cause, proof_id
      from experiments.reserves where acct = $1 order by kept_at, trade_id, tax`,
  },
  {
    id: 'filingProofs',
    group: 'experiments',
    text: `select proof_id, tax, month, receipt_no, filed_on, presented_at, state, decided_at, reason
      from experiments.filing_proofs where acct = $1 order by presented_at, proof_id`,
  },
  {
    id: 'liquidityComplaints',
    group: 'experiments',
    text: `select l.trade_id, l.experiment_id, l.at, l.text, a.at as answered_at, a.text as answer from experiments.liquidity_complaints l
      left join experiments.complaint_answers a using (trade_id) where l.acct = $1 order by l.at, l.trade_id`,
  },
  {
    id: 'compensations',
    group: 'experiments',
    text: 'select act_id, experiment_id, fen, at from experiments.compensations where acct = $1 order by at, act_id',
  },
  {
    id: 'messages',
    group: 'messages',
    text: `select seq, type, at, body from outbox.messages where room = 'player:' || $1 order by seq`,
  },
  {
    id: 'inbox',
    group: 'messages',
    text: 'select acct, read_seq, muted from market.inboxes where acct = $1',
  },
  {
    id: 'readMessages',
    group: 'messages',
    text: 'select seq from market.inbox_read where acct = $1 order by seq',
  },
  {
    id: 'watchList',
    group: 'watchList',
    text: 'select class_id, below_fen, since_fen, watched_at from market.watched where acct = $1 order by watched_at, class_id',
  },
  {
    id: 'evidencePackages',
    group: 'packages',
    text: `select export_id, subject_kind, subject_id, case_ref, state, requested_at, built_at, sm3, size from evidence.exports
      where requested_by = $1 order by requested_at, export_id`,
  },
];

/** How many rows of each section, in one statement. */
export async function countSections(tx: Tx, acct: AccountId): Promise<ReadonlyMap<string, number>> {
  const counts = DATA_SECTIONS.map(({ id, text }) => `select '${id}' as id, count(*)::int as rows from (${text}) s`);
  const rows = await query<{ id: string; rows: number }>(tx, counts.join(' union all '), [acct]);
  return new Map(rows.map((row) => [row.id, row.rows]));
}

const BATCH = 500;

/** A cursor: however much somebody has done here, only a batch of it is in memory. */
export function readSection(tx: Tx, section: DataSection, acct: AccountId): AsyncIterable<readonly DataRow[]> {
  return tx.unsafe<DataRow[]>(section.text, [acct]).cursor(BATCH);
}

export type ClaimFile = { readonly claim_id: string; readonly sm3: Uint8Array; readonly name: string; readonly at: Date };

/** What the person handed in, without the bytes. */
export async function listOwnFiles(tx: Tx, acct: AccountId): Promise<readonly ClaimFile[]> {
  return query<ClaimFile>(
    tx,
    `select f.claim_id, f.sm3, f.name, f.at from cases.claim_files f join cases.claims c using (claim_id)
     where (f.role = 'claimant' and c.claimant = $1) or (f.role = 'respondent' and c.respondent = $1) order by f.at, f.sm3`,
    [acct],
  );
}

export async function readOwnFile(tx: Tx, { claim_id: claimId, sm3 }: ClaimFile): Promise<Uint8Array> {
  const [row] = await query<{ bytes: Uint8Array }>(tx, 'select bytes from cases.claim_files where claim_id = $1 and sm3 = $2', [
    claimId,
    Buffer.from(sm3),
  ]);
  return row?.bytes ?? new Uint8Array(0);
}
