/** What the reports about supervision count. Times of rows decide what belongs to a period, and those never change afterwards. */
import { toIso } from '#ledger/primitives/instant.ts';
import type { AccessFacts, OpeningFact, SurveillanceFacts } from '#sandbox/reports/oversight-report.ts';
import type { Period } from '#sandbox/reports/period.ts';
import type { Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';
import { countAccess } from './report-facts.repo.ts';

const span = (period: Period) => [toIso(period.from), toIso(period.before)] as const;

export async function countSurveillance(tx: Tx, period: Period): Promise<SurveillanceFacts> {
  const within = [...span(period)];
  const [alerts, labels, casesOpened, casesClosed, freezesSet, freezesEnded, haltsSet, [single]] = await Promise.all([
    query<SurveillanceFacts['alerts'][number]>(
      tx,
      `select detector, sum(raised)::int as raised, sum(triaged)::int as triaged, sum(to_case)::int as "toCase", sum(dismissed)::int as dismissed,
         sum(waiting)::int as waiting
       from (
         select detector, (first_at >= $1)::int as raised, 0 as triaged, 0 as to_case, 0 as dismissed,
           (not exists (select from surveillance.alert_steps s where s.alert_id = a.alert_id and s.at < $2))::int as waiting
         from surveillance.alerts a where first_at < $2
         union all
         select a.detector, 0, (s.to_state = 'triaged')::int, (s.to_state = 'case')::int, (s.to_state = 'dismissed')::int, 0
         from surveillance.alert_steps s join surveillance.alerts a using (alert_id) where s.at >= $1 and s.at < $2) counted
       group by detector order by detector`,
      within,
    ),
    query<SurveillanceFacts['labels'][number]>(
      tx,
      'select label, count(distinct trade_id)::int as count from market.trade_labels where at >= $1 and at < $2 group by label order by label',
      within,
    ),
    query<SurveillanceFacts['casesOpened'][number]>(
      tx,
      'select topic, count(*)::int as count from cases.cases where opened_at >= $1 and opened_at < $2 group by topic order by topic',
      within,
    ),
    query<SurveillanceFacts['casesClosed'][number]>(
      tx,
      'select outcome, count(*)::int as count from cases.cases where closed_at >= $1 and closed_at < $2 group by outcome order by outcome',
      within,
    ),
    query<SurveillanceFacts['freezesSet'][number]>(
      tx,
      'select scope, count(*)::int as count from cases.freezes where starts_at >= $1 and starts_at < $2 group by scope order by scope',
      within,
    ),
    query<SurveillanceFacts['freezesEnded'][number]>(
      tx,
      `select ended_as as "as", count(*)::int as count from cases.freezes
       where starts_at is not null and ended_at >= $1 and ended_at < $2 group by ended_as order by ended_as`,
      within,
    ),
    query<SurveillanceFacts['haltsSet'][number]>(
      tx,
      'select scope, count(*)::int as count from cases.halts where starts_at >= $1 and starts_at < $2 group by scope order by scope',
      within,
    ),
    query<{ readonly trades: number; readonly open: number }>(
      tx,
      `select (select count(*)::int from market.trades where settled_at >= $1 and settled_at < $2) as trades,
         (select count(*)::int from cases.cases where opened_at < $2 and (closed_at is null or closed_at >= $2)) as open`,
      within,
    ),
  ]);
  return {
    trades: single?.trades ?? 0,
    alerts,
    labels,
    casesOpened,
    casesClosed,
    casesOpenAtEnd: single?.open ?? 0,
    freezesSet,
    freezesEnded,
    haltsSet,
  };
}

type OpeningColumns = {
  readonly opening_id: string;
  readonly case_id: string;
  readonly topic: string;
  readonly legal_ground: string;
  readonly scope: readonly string[];
  readonly asked_role: string;
  readonly asked_at: Date;
  readonly approved_role: string | null;
  readonly approved_at: Date | null;
  readonly tx_id: string | null;
  readonly reads: number;
  readonly told: boolean;
};

export async function listAccess(tx: Tx, period: Period): Promise<AccessFacts> {
  const [acts, rows, [sealed]] = await Promise.all([
    countAccess(tx, period),
    query<OpeningColumns>(
      tx,
      // An approval after the end of the period is of another quarter: the report of this one does not know it.
      `select * from (
         select o.opening_id, o.case_id, c.topic, o.legal_ground, o.scope, o.asked_role, o.asked_at,
           case when o.approved_at < $2 then o.approved_role end as approved_role, case when o.approved_at < $2 then o.approved_at end as approved_at,
           case when o.approved_at < $2 then encode(o.tx_id, 'hex') end as tx_id,
           (select count(*)::int from cases.opening_reads r where r.opening_id = o.opening_id and r.at >= $1 and r.at < $2) as reads,
           coalesce(o.told_at >= $1 and o.told_at < $2, false) as told
         from cases.openings o join cases.cases c using (case_id) where o.asked_at < $2) o
       where o.asked_at >= $1 or o.approved_at >= $1 or o.reads > 0 or o.told order by o.asked_at, o.opening_id`,
      [...span(period)],
    ),
    query<{ readonly count: number }>(
      tx,
      "select count(*)::int as count from cases.signatures where act = 'extend_sealing' and at >= $1 and at < $2",
      [...span(period)],
    ),
  ]);
  return { acts, openings: rows.map(openingOf), sealings: sealed?.count ?? 0 };
}

function openingOf(row: OpeningColumns): OpeningFact {
  return {
    openingId: row.opening_id,
    caseId: row.case_id,
    topic: row.topic,
    legalGround: row.legal_ground,
    scope: row.scope,
    askedRole: row.asked_role,
    askedAt: row.asked_at.toISOString(),
    approvedRole: row.approved_role,
    approvedAt: row.approved_at === null ? null : row.approved_at.toISOString(),
    txId: row.tx_id,
    reads: row.reads,
    told: row.told,
  };
}
