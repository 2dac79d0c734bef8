/** The facts of reports, as of a time: what a report counts never depends on when it is made. */
import { assert } from '#ledger/primitives/assert.ts';
import { type Fen, fen, parseFen } from '#ledger/primitives/fen.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { getPackByHash } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { Period } from '#sandbox/reports/period.ts';
import { assess } from '#sandbox/tax/assess.ts';
import type { Assessment } from '#sandbox/tax/assessment.ts';
import type { Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';
import { type InputDocument, parseInputDocument } from '#server/settlement/assessment-document.ts';

/** Milliseconds since 1970 of a timestamptz. */
const MS = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`;
const span = (period: Period) => [toIso(period.from), toIso(period.before)] as const;

export type SaleFact = {
  readonly tradeId: string;
  readonly seller: string;
  readonly paidAt: Instant;
  readonly grossFen: Fen;
  readonly feeFen: Fen;
  readonly feeBps: number;
  /** When it was taken back whole, with fee and royalty. */
  readonly reversedAt: Instant | null;
};

/** Sales paid in the period, and earlier ones that were taken back in it. */
export async function listSales(tx: Tx, period: Period): Promise<readonly SaleFact[]> {
  const rows = await query<{
    trade_id: string;
    seller: string;
    paid: string;
    gross_fen: string;
    fee_fen: string;
    fee_bps: number;
    reversed: string | null;
  }>(
    tx,
    `select t.trade_id, t.seller, ${MS('t.settled_at')}::text as paid, t.gross_fen::text, t.fee_fen::text, o.fee_bps, ${MS('r.at')}::text as reversed
     from market.trades t join market.orders o on o.order_id = t.sell_order_id
     left join lateral (select at from market.trade_states s where s.trade_id = t.trade_id and s.state = 'reversed' limit 1) r on true
     where t.settled_at is not null and t.settled_at < $2 and (t.settled_at >= $1 or (r.at >= $1 and r.at < $2)) order by t.seq`,
    [...span(period)],
  );
  return rows.map((row) => ({
    tradeId: row.trade_id,
    seller: row.seller,
    paidAt: instant(Number(row.paid)),
    grossFen: parseFen(row.gross_fen),
    feeFen: parseFen(row.fee_fen),
    feeBps: row.fee_bps,
    reversedAt: row.reversed === null ? null : instant(Number(row.reversed)),
  }));
}

/** The rule pack that was in force just before this moment; null: none was. */
export async function findPackInForce(tx: Tx, packId: string, before: Instant): Promise<RulePack | null> {
  const [row] = await query<{ hash: string }>(
    tx,
    `select encode(pack_hash, 'hex') as hash from compliance.packs where pack_id = $1 and activated_at < $2 order by activated_at desc limit 1`,
    [packId, toIso(before)],
  );
  return row === undefined ? null : getPackByHash(row.hash);
}

/** Sales from one moment to another, less what had been taken back by then. */
export async function sumTurnover(
  tx: Tx,
  acct: string,
  { from, before }: { readonly from: Instant; readonly before: Instant },
): Promise<Fen> {
  const [row] = await query<{ fen: string }>(
    tx,
    `select coalesce(sum(t.gross_fen), 0)::text as fen from market.trades t
     where t.seller = $1 and t.settled_at >= $2 and t.settled_at < $3 and t.state <> 'failed'
       and not exists (select from market.trade_states s where s.trade_id = t.trade_id and s.state = 'reversed' and s.at < $3)`,
    [acct, toIso(from), toIso(before)],
  );
  return parseFen(row?.fen ?? '0');
}

export type AssessmentFact = {
  readonly tradeId: string;
  readonly version: number;
  readonly cause: 'settled' | 'day_line' | 'reversed';
  readonly at: Instant;
  readonly seller: string;
  readonly assessment: Assessment;
};

type AssessmentRow = {
  trade_id: string;
  version: number;
  cause: AssessmentFact['cause'];
  at: string;
  seller: string;
  total_fen: string;
  pack_hash: string;
  input: InputDocument;
};
const ASSESSED = `trade_id, version, cause, ${MS('at')}::text as at, seller, total_fen::text, encode(pack_hash, 'hex') as pack_hash, input
  from compliance.assessments`;

/** Computed again from its stored input, and equal to what was stored. */
function assessmentOf(row: AssessmentRow): AssessmentFact {
  const { trade_id: tradeId, version, cause, at, seller, total_fen: totalFen, pack_hash: hash, input } = row;
  const answer = assess(parseInputDocument(input), getPackByHash(hash));
  assert(
    answer.kind === 'assessed' && answer.assessment.taxTotalFen === parseFen(totalFen),
    `${tradeId} version ${version} computes again as stored`,
  );
  return { tradeId, version, cause, at: instant(Number(at)), seller, assessment: answer.assessment };
}

/** Every version that came to be in the period, in order. */
export async function listAssessments(tx: Tx, period: Period): Promise<readonly AssessmentFact[]> {
  const rows = await query<AssessmentRow>(tx, `select ${ASSESSED} where at >= $1 and at < $2 order by at, trade_id, version`, [
    ...span(period),
  ]);
  return rows.map(assessmentOf);
}

/** The newest of each trade by that moment. */
export async function listLatestAssessments(tx: Tx, tradeIds: readonly string[], before: Instant): Promise<readonly AssessmentFact[]> {
  if (tradeIds.length === 0) return [];
  const rows = await query<AssessmentRow>(
    tx,
    `select distinct on (trade_id) ${ASSESSED} where trade_id = any($1) and at < $2 order by trade_id, version desc`,
    [tradeIds, toIso(before)],
  );
  return rows.map(assessmentOf);
}

export type JournalFact = {
  readonly entryId: string;
  readonly kind: string;
  readonly at: Instant;
  readonly tradeId: string | null;
  readonly corrects: string | null;
  readonly postings: readonly { readonly accountId: string; readonly amountFen: Fen }[];
};
export type BalanceFact = { readonly accountId: string; readonly amountFen: Fen };

export async function listJournal(
  tx: Tx,
  period: Period,
): Promise<{ readonly openings: readonly BalanceFact[]; readonly entries: readonly JournalFact[] }> {
  type Line = { readonly accountId: string; readonly amountFen: string };
  const [openings, rows] = await Promise.all([
    query<{ account_id: string; fen: string }>(
      tx,
      `select p.account_id, sum(p.amount_fen)::text as fen from journal.postings p join journal.entries e using (entry_id)
       where e.at < $1 group by p.account_id having sum(p.amount_fen) <> 0 order by p.account_id`,
      [toIso(period.from)],
    ),
    query<{ entry_id: string; kind: string; at: string; trade_id: string | null; corrects: string | null; postings: readonly Line[] }>(
      tx,
      `select e.entry_id::text, e.kind, ${MS('e.at')}::text as at, e.trade_id, e.corrects::text,
         (select jsonb_agg(jsonb_build_object('accountId', p.account_id, 'amountFen', p.amount_fen::text) order by p.line) from journal.postings p where p.entry_id = e.entry_id) as postings
       from journal.entries e where e.at >= $1 and e.at < $2 order by e.entry_id`,
      [...span(period)],
    ),
  ]);
  return {
    openings: openings.map((row) => ({ accountId: row.account_id, amountFen: parseFen(row.fen) })),
    entries: rows.map((row) => ({
      entryId: row.entry_id,
      kind: row.kind,
      at: instant(Number(row.at)),
      tradeId: row.trade_id,
      corrects: row.corrects,
      postings: row.postings.map(({ accountId, amountFen }) => ({ accountId, amountFen: parseFen(amountFen) })),
    })),
  };
}

export type TradeFact = {
  readonly tradeId: string;
  readonly orderId: string;
  readonly txId: string | null;
  readonly classId: string;
  readonly itemIds: readonly string[];
  readonly quantity: number;
  readonly priceFen: Fen;
  readonly grossFen: Fen;
  readonly feeFen: Fen;
  readonly royaltyFen: Fen;
  readonly taxFen: Fen;
  readonly at: Instant;
  readonly seller: string;
  readonly buyer: string;
  readonly studio: string;
  /** The experiment it was made in, and what that puts on it. */
  readonly flags: readonly string[];
  readonly kind: 'new' | 'cancel';
};

/** Trades settled in the period, and those taken back in it as a cancellation of their own. */
export async function listTrades(tx: Tx, period: Period): Promise<readonly TradeFact[]> {
  type Row = {
    trade_id: string;
    order_id: string;
    tx_id: string | null;
    class_id: string;
    item_ids: string[] | null;
    quantity: number;
    price_fen: string;
    gross_fen: string;
    fee_fen: string;
    royalty_fen: string;
    tax_fen: string | null;
    at: string;
    seller: string;
    buyer: string;
    studio: string;
    experiment_id: string | null;
    is_simulated: boolean | null;
    kind: TradeFact['kind'];
  };
  const rows = await query<Row>(
    tx,
    `with happened as (
       select trade_id, settled_at as at, 'new' as kind from market.trades where settled_at >= $1 and settled_at < $2
       union all select trade_id, at, 'cancel' from market.trade_states where state = 'reversed' and at >= $1 and at < $2)
     select t.trade_id, t.sell_order_id as order_id, encode(t.tx_id, 'hex') as tx_id, t.class_id, t.quantity, t.price_fen::text, t.gross_fen::text, t.fee_fen::text,
       t.royalty_fen::text, ${MS('h.at')}::text as at, t.seller, t.buyer, c.studio_acct as studio, t.experiment_id, h.kind,
       e.document->'authorization'->>'kind' = 'SIMULATED' as is_simulated,
       (select array_agg(i.item_id order by i.item_id) from market.trade_items i where i.trade_id = t.trade_id) as item_ids,
       (select a.total_fen::text from compliance.assessments a where a.trade_id = t.trade_id and a.at < $2 order by a.version desc limit 1) as tax_fen
     from happened h join market.trades t using (trade_id) join catalogue.item_classes c on c.class_id = t.class_id
       left join experiments.experiments e on e.experiment_id = t.experiment_id order by h.at, t.seq`,
    [...span(period)],
  );
  return rows.map((row) => ({
    tradeId: row.trade_id,
    orderId: row.order_id,
    txId: row.tx_id,
    classId: row.class_id,
    itemIds: row.item_ids ?? [],
    quantity: row.quantity,
    priceFen: parseFen(row.price_fen),
    grossFen: parseFen(row.gross_fen),
    feeFen: parseFen(row.fee_fen),
    royaltyFen: parseFen(row.royalty_fen),
    taxFen: row.tax_fen === null ? fen(0n) : parseFen(row.tax_fen),
    at: instant(Number(row.at)),
    seller: row.seller,
    buyer: row.buyer,
    studio: row.studio,
    flags: row.experiment_id === null ? [] : [row.experiment_id, ...(row.is_simulated === true ? ['SIMULATED_AUTHORIZATION'] : [])],
    kind: row.kind,
  }));
}

export type AccessFact = { readonly role: string; readonly act: string; readonly count: number };

export async function countAccess(tx: Tx, period: Period): Promise<readonly AccessFact[]> {
  return query<AccessFact>(
    tx,
    'select role, act, count(*)::int as count from identity.access_log where at >= $1 and at < $2 group by role, act order by role, act',
    [...span(period)],
  );
}

/** First and last number of a room's messages of the period; none when it was silent. */
export async function feedNumbers(
  tx: Tx,
  room: string,
  period: Period,
): Promise<{ readonly first: number; readonly last: number; readonly count: number } | null> {
  const [row] = await query<{ first: string | null; last: string | null; count: number }>(
    tx,
    'select min(seq)::text as first, max(seq)::text as last, count(*)::int as count from outbox.messages where room = $1 and at >= $2 and at < $3',
    [room, ...span(period)],
  );
  return row === undefined || row.first === null || row.last === null
    ? null
    : { first: Number(row.first), last: Number(row.last), count: row.count };
}
