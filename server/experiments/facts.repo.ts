/** What the people of each arm did on the kinds of the experiment, counted in PostgreSQL; people placed by name are left out. */
import { type Instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import type { Experiment } from '#sandbox/experiments/experiment.ts';
import { type ArmFacts, type CountName, countsOf, uncounted } from '#sandbox/experiments/kpis.ts';
import { reserveOf, seededRecall, taxInOtherMode } from '#sandbox/experiments/shadow.ts';
import { triesReserve } from '#sandbox/experiments/tax-reserve.ts';
import { findPackByHash } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { Tx } from '#server/db.ts';
import { insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import { countReserves, RESERVE_COUNTS } from '#server/reserves/trial-counts.repo.ts';
import { type InputDocument, parseInputDocument } from '#server/settlement/assessment-document.ts';

const HOUR_MS = 3_600_000n;

/** $1 experiment, $2 kinds, $3 from, $4 to. */
const PEOPLE = `people as (
  select p.acct, p.arm, p.joined_at, coalesce(p.left_at, 'infinity') as left_at from experiments.participants p join experiments.experiments e using (experiment_id)
  where p.experiment_id = $1 and not coalesce(e.document->'assignment'->'pinned', '{}'::jsonb) ? p.acct)`;
/** A trade belongs to its buyer's arm; to its seller's when the buyer takes no part. */
const TRADES = `trades as (
  select t.*, coalesce(b.arm, s.arm) as arm from market.trades t
  left join people b on b.acct = t.buyer and t.ordered_at >= b.joined_at and t.ordered_at < b.left_at
  left join people s on s.acct = t.seller and t.ordered_at >= s.joined_at and t.ordered_at < s.left_at
  where t.class_id = any($2) and coalesce(b.arm, s.arm) is not null)`;

type CountRow = { readonly arm: string; readonly name: CountName; readonly n: string };

const COUNTED = `with ${PEOPLE}, ${TRADES},
  settled as (select * from trades where settled_at >= $3 and settled_at < $4),
  -- What is paid and protected has no outcome yet: it counts on the day on which it has.
  done as (select * from trades where state in ('paid_out', 'reversed') and state_since >= $3 and state_since < $4),
  alerted as (
    select distinct a.alert_id, a.state, t.arm from surveillance.alerts a
    join lateral jsonb_array_elements_text(a.trade_ids) as e (trade_id) on true join trades t on t.trade_id = e.trade_id
    where a.at >= $3 and a.at < $4),
  placed as (
    select o.state, o.intent, o.side, p.arm from market.orders o join people p on p.acct = o.acct
    where o.class_id = any($2) and o.placed_at >= greatest(p.joined_at, $3) and o.placed_at < least(p.left_at, $4)),
  -- Orders that the rules sent to review for their price.
  off_market as (
    select order_id from compliance.decisions
    where kind = 'review' and at < $4 and class_id = any($2) and reasons @> '[{"code":"price_off_market"}]'),
  -- How far a sale lay from the reference price that its orders were decided by.
  priced as (
    select s.arm, s.gross_fen, abs(s.price_fen - r.reference) as away, r.reference from settled s join lateral (
      select reference_price_fen as reference from compliance.decisions d
      where d.order_id in (s.sell_order_id, s.buy_order_id) and d.reference_price_fen is not null order by d.at desc limit 1) r on true),
  -- What a second check above 100.00 would have asked about, and whether a guardian was right about it.
  rechecked as (
    select s.arm, exists (select from cases.claims c where c.trade_id = s.trade_id and c.kind = 'minor_purchase' and c.decision = 'upheld')
      as is_minor from settled s where s.gross_fen > 10000),
  -- What the shield stops: a person whom the gate refused, once a day however often they tried, and a purchase that the second check asks
  -- about. The gate goes by the birth date on record; false is a second check of a purchase that no guardian turned out to be right about.
  stopped as (
    (select distinct on (d.acct, (d.at at time zone 'Asia/Shanghai')::date) p.arm, false as is_false
      from compliance.decisions d join people p on p.acct = d.acct
      where d.kind = 'deny' and d.at >= greatest(p.joined_at, $3) and d.at < least(p.left_at, $4) and d.class_id = any($2)
        and d.reasons @> '[{"code":"minor_refused"}]')
    union all select arm, not is_minor from rechecked),
  handed as (
    select s.arm, s.buyer, i.item_id, s.settled_at from settled s join market.trade_items i using (trade_id) where s.state <> 'reversed')
select arm, 'orders' as name, count(*)::text as n from placed group by arm
union all select arm, 'listings', count(*)::text from placed where side = 'sell' and intent in ('listing', 'matched') group by arm
union all select arm, 'abandonedListings', count(*)::text from placed
  where side = 'sell' and intent in ('listing', 'matched') and state in ('canceled', 'expired') group by arm
union all select arm, 'paidOrders', count(*)::text from done group by arm
union all select arm, 'releasedOrders', count(*) filter (where state = 'paid_out')::text from done group by arm
union all select arm, 'trades', count(*)::text from settled group by arm
union all select arm, 'turnoverFen', sum(gross_fen)::text from settled group by arm
union all select s.arm, 'offMarketFen', sum(s.gross_fen)::text from settled s where exists (
  select from off_market o where o.order_id in (s.sell_order_id, s.buy_order_id)) group by s.arm
union all select arm, 'outsideHalfFen', coalesce(sum(gross_fen) filter (where away * 2 > reference), 0)::text from priced group by arm
union all select arm, 'outsideFullFen', coalesce(sum(gross_fen) filter (where away > reference), 0)::text from priced group by arm
union all select arm, 'rechecks', count(*)::text from rechecked group by arm
union all select arm, 'recheckedMinors', count(*) filter (where is_minor)::text from rechecked group by arm
union all select arm, 'rejections', count(*)::text from stopped group by arm
union all select arm, 'falseRejections', count(*) filter (where is_false)::text from stopped group by arm
union all select t.arm, 'minorComplaints', count(*)::text from trades t join cases.claims c using (trade_id)
  where c.kind = 'minor_purchase' and c.opened_at >= $3 and c.opened_at < $4 group by t.arm
union all select arm, 'royaltyFen', sum(royalty_fen)::text from settled group by arm
union all select t.arm, 'complaints', count(distinct t.trade_id)::text from trades t join market.trade_states d using (trade_id)
  where d.state = 'disputed' and d.at >= $3 and d.at < $4 group by t.arm
union all select arm, 'alerts', count(*)::text from alerted group by arm
union all select arm, 'reviewedAlerts', count(*)::text from alerted where state in ('case', 'dismissed') group by arm
union all select arm, 'confirmedAlerts', count(*)::text from alerted where state = 'case' group by arm
union all select arm, 'openReviews', count(*)::text from alerted where state in ('new', 'triaged') group by arm
union all select arm, 'delivered', count(*)::text from handed group by arm
union all select h.arm, 'resoldWithin7d', count(*)::text from handed h where exists (
  select from market.trades r join market.trade_items i using (trade_id)
  where i.item_id = h.item_id and r.seller = h.buyer and r.settled_at > h.settled_at and r.settled_at <= h.settled_at + interval '7 days')
  group by h.arm
union all select t.arm, 'taxFen', sum(a.total_fen)::text from settled t join lateral (
  select total_fen from compliance.assessments x where x.trade_id = t.trade_id order by version desc limit 1) a on true group by t.arm`;

/** Where something can be counted, nothing counted is zero. */
const ZERO: readonly CountName[] = [
  'orders',
  'listings',
  'abandonedListings',
  'paidOrders',
  'releasedOrders',
  'trades',
  'turnoverFen',
  'offMarketFen',
  'outsideHalfFen',
  'outsideFullFen',
  'minorComplaints',
  'rechecks',
  'recheckedMinors',
  'rejections',
  'falseRejections',
  'royaltyFen',
  'complaints',
  'alerts',
  'reviewedAlerts',
  'confirmedAlerts',
  'openReviews',
  'delivered',
  'resoldWithin7d',
  'taxFen',
];

/** Whether all that a formula is made of is counted in this experiment. What is not has no value, on any day. */
export function isCounted(formula: string, experiment: Pick<Experiment, 'mode' | 'ruleOverrides'>): boolean {
  return uncounted(formula, experiment) === null;
}

/** Computed from what is stored, and only where a KPI asks for it. */
const ASSESSED: readonly CountName[] = ['shadowTaxFen', 'reservedFen', 'estimateErrorFen', 'filedTaxFen'];
const SEEDED: readonly CountName[] = ['seededCases', 'seededFound'];

type AssessedRow = {
  readonly arm: string;
  readonly state: string;
  readonly pack_hash: string;
  readonly total: string;
  readonly first: string;
  readonly input: InputDocument;
  readonly lines: readonly { readonly id: string; readonly amountFen: string }[];
};

async function addAssessed(sql: Queryable, experiment: Experiment, args: Args, add: Add): Promise<void> {
  const rows = await query<AssessedRow>(
    sql,
    `with ${PEOPLE}, ${TRADES} select t.arm, t.state, encode(a.pack_hash, 'hex') as pack_hash, a.total_fen::text as total, a.input, a.lines,
       (select total_fen from compliance.assessments f where f.trade_id = t.trade_id order by version limit 1)::text as first
     from trades t join lateral (select * from compliance.assessments x where x.trade_id = t.trade_id order by version desc limit 1) a on true
     where t.settled_at >= $3 and t.settled_at < $4`,
    args,
  );
  for (const { arm, state, pack_hash, total, first, input, lines } of rows) {
    const pack = findPackByHash(pack_hash);
    const tax = BigInt(total);
    add(arm, 'shadowTaxFen', (pack === null ? null : taxInOtherMode(parseInputDocument(input), pack)) ?? tax);
    if (state === 'reversed') continue;
    // What the seller was shown when it was settled, against what the quarter's report says of it.
    add(arm, 'estimateErrorFen', tax > BigInt(first) ? tax - BigInt(first) : BigInt(first) - tax);
    add(arm, 'filedTaxFen', tax);
    const amounts = lines.map(({ id, amountFen }) => ({ id, amountFen: BigInt(amountFen) }));
    // A trial keeps something; beside it the shadow says what one would have kept.
    if (pack !== null && state === 'paid_out' && experiment.mode === 'SHADOW') add(arm, 'reservedFen', reserveOf(amounts, pack));
  }
}
type Add = (arm: string, name: CountName, amount: bigint) => void;
type Args = readonly (string | string[])[];

async function readComputed(
  sql: Queryable,
  experiment: Experiment,
  args: Args,
  { pack, at }: { readonly pack: RulePack | null; readonly at: Instant },
): Promise<ReadonlyMap<string, Partial<Record<CountName, bigint>>>> {
  const arms = new Map<string, Partial<Record<CountName, bigint>>>(experiment.assignment.arms.map(({ id }) => [id, {}]));
  const add: Add = (arm, name, amount) => {
    const own = arms.get(arm);
    if (own !== undefined) own[name] = (own[name] ?? 0n) + amount;
  };
  const asked = experiment.kpis.flatMap(({ formula }) => countsOf(formula));
  if (asked.some((name) => ASSESSED.includes(name))) {
    for (const arm of arms.keys()) for (const name of ASSESSED) add(arm, name, 0n);
    await addAssessed(sql, experiment, args, add);
  }
  if (pack !== null && triesReserve(experiment)) {
    for (const { arm, ...counts } of await countReserves(sql, experiment, args, pack)) {
      for (const name of RESERVE_COUNTS) add(arm, name, counts[name]);
    }
  }
  if (pack !== null && asked.some((name) => SEEDED.includes(name))) {
    for (const arm of arms.keys()) {
      const { cases, found } = seededRecall(experiment, arm, pack, at);
      add(arm, 'seededCases', BigInt(cases));
      add(arm, 'seededFound', BigInt(found));
    }
  }
  return arms;
}

/** `pack`: in force, for what a shadow decides by it. */
export async function readArmFacts(
  sql: Queryable,
  experiment: Experiment,
  from: Instant,
  to: Instant,
  pack: RulePack | null,
): Promise<readonly ArmFacts[]> {
  const args = [experiment.id, [...experiment.eligibility.itemClasses], toIso(from), toIso(to)];
  const [counts, computed, hours, spreads, confirmed] = await Promise.all([
    query<CountRow>(sql, COUNTED, args),
    readComputed(sql, experiment, args, { pack, at: startOfBeijingDate(experiment.period.start) }),
    query<{ arm: string; ms: string }>(
      sql,
      `with ${PEOPLE} select p.arm, round(extract(epoch from o.ended_at - o.placed_at) * 1000)::bigint::text as ms
       from market.orders o join people p on p.acct = o.acct where o.class_id = any($2) and o.side = 'sell' and o.state = 'filled'
         and o.placed_at >= p.joined_at and o.placed_at < p.left_at and o.ended_at >= $3 and o.ended_at < $4`,
      args,
    ),
    query<{ arm: string; ask: string; bid: string }>(
      sql,
      `select arm, ask_fen::text as ask, bid_fen::text as bid from experiments.spreads
       where experiment_id = $1 and class_id = any($2) and at >= $3 and at < $4`,
      args,
    ),
    query<{ arm: string; ms: string }>(
      sql,
      `with ${PEOPLE}, ${TRADES} select distinct a.alert_id, t.arm,
         round(extract(epoch from a.state_since - a.first_at) * 1000)::bigint::text as ms
       from surveillance.alerts a join lateral jsonb_array_elements_text(a.trade_ids) as e (trade_id) on true
       join trades t on t.trade_id = e.trade_id where a.state = 'case' and a.state_since >= $3 and a.state_since < $4`,
      args,
    ),
  ]);
  return experiment.assignment.arms.map(({ id }) => {
    const own = counts.filter(({ arm }) => arm === id);
    const inHours = (rows: readonly { arm: string; ms: string }[]) =>
      rows.filter(({ arm }) => arm === id).map(({ ms }) => ({ numerator: BigInt(ms), denominator: HOUR_MS }));
    return {
      arm: id,
      counts: {
        ...Object.fromEntries(ZERO.map((name) => [name, BigInt(own.find((each) => each.name === name)?.n ?? '0')])),
        ...computed.get(id),
      },
      samples: {
        hoursToSale: inHours(hours),
        hoursToConfirm: inHours(confirmed),
        relativeSpread: spreads
          .filter(({ arm }) => arm === id)
          .map(({ ask, bid }) => ({ numerator: 2n * (BigInt(ask) - BigInt(bid)), denominator: BigInt(ask) + BigInt(bid) })),
      },
    };
  });
}

/** Best offers of each arm's people now, where both sides are there. */
export async function sampleSpreads(tx: Tx, experiment: Experiment, now: Instant): Promise<void> {
  const rows = await query<{ arm: string; class_id: string; ask: string; bid: string }>(
    tx,
    `with ${PEOPLE} select p.arm, o.class_id, min(o.price_fen) filter (where o.side = 'sell')::text as ask,
       max(o.price_fen) filter (where o.side = 'buy')::text as bid
     from market.orders o join people p on p.acct = o.acct where o.class_id = any($2) and o.ended_at is null and o.placed_at < p.left_at
     group by p.arm, o.class_id having count(*) filter (where o.side = 'sell') > 0 and count(*) filter (where o.side = 'buy') > 0`,
    [experiment.id, [...experiment.eligibility.itemClasses]],
  );
  const kept = rows.map((row) => ({
    experiment_id: experiment.id,
    at: toIso(now),
    arm: row.arm,
    class_id: row.class_id,
    ask_fen: row.ask,
    bid_fen: row.bid,
  }));
  await insertRows(tx, 'experiments.spreads', kept, 'on conflict do nothing');
}

/** Realised loss of each person who bought inside and sold again: what was paid less what came back. @returns the median */
export async function readLossMedian(sql: Queryable, experimentId: string): Promise<bigint | null> {
  const [row] = await query<{ median: string | null }>(
    sql,
    `with bought as (
       select t.buyer as acct, i.item_id, t.price_fen, t.settled_at from market.trades t join market.trade_items i using (trade_id)
       where t.experiment_id = $1 and t.state <> 'reversed' and t.settled_at is not null),
     resold as (
       select b.acct, b.price_fen - r.net_fen / r.quantity as loss from bought b
       join lateral (select t.net_fen, t.quantity from market.trades t join market.trade_items i using (trade_id)
         where i.item_id = b.item_id and t.seller = b.acct and t.settled_at > b.settled_at and t.state <> 'reversed'
         order by t.settled_at limit 1) r on true),
     losses as (select acct, sum(greatest(loss, 0)) as loss from resold group by acct)
     select (percentile_disc(0.5) within group (order by loss))::text as median from losses`,
    [experimentId],
  );
  return row?.median === null || row?.median === undefined ? null : BigInt(row.median);
}

export type KpiRow = { readonly day: string; readonly kpiId: string; readonly arm: string; readonly at: Instant; readonly body: object };
export async function saveKpis(tx: Tx, experimentId: string, rows: readonly KpiRow[]): Promise<void> {
  await insertRows(
    tx,
    'experiments.kpis',
    rows.map(({ day, kpiId, arm, at, body }) => ({ experiment_id: experimentId, day, kpi_id: kpiId, arm, at: toIso(at), body })),
    'on conflict (experiment_id, day, kpi_id, arm) do update set at = excluded.at, body = excluded.body',
  );
}

export type KpiDay = { readonly day: string; readonly kpiId: string; readonly arm: string; readonly value: string | null };

/** What was measured last on each day, oldest first. */
export async function listKpiDays(sql: Queryable, experimentId: string): Promise<readonly KpiDay[]> {
  const rows = await query<{ day: string; kpi_id: string; arm: string; value: string | null }>(
    sql,
    `select day, kpi_id, arm, body->>'value' as value from experiments.kpis where experiment_id = $1 order by day, kpi_id, arm`,
    [experimentId],
  );
  return rows.map(({ kpi_id: kpiId, ...rest }) => ({ ...rest, kpiId }));
}
