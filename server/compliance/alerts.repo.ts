/** Alerts and what people did about them. An alert is written by its id: the same facts write the same row again, evidence makes it grow. */
import { fromHex } from '#ledger/primitives/bytes.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { DetectorId, TradeLabel } from '#sandbox/surveillance/detector.ts';
import type { Alert } from '#sandbox/surveillance/surveillance.ts';
import type { Tx } from '#server/db.ts';
import { bytea, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';

export const ALERT_STATES = ['new', 'triaged', 'case', 'dismissed'] as const;
export type AlertState = (typeof ALERT_STATES)[number];
export type Audience = 'market' | 'finance' | 'tax';

export type AlertWrite = {
  readonly alert: Alert;
  readonly audience: readonly Audience[];
  readonly factNo: bigint;
  readonly dueAt: Instant;
};

/** @returns the alerts that were new or had grown, with the revision that they have now */
export async function saveAlerts(tx: Tx, writes: readonly AlertWrite[], now: Instant): Promise<ReadonlyMap<string, number>> {
  const newest = new Map(writes.map((write) => [write.alert.alertId, write]));
  if (newest.size === 0) return new Map();
  const first = new Map(writes.toReversed().map(({ alert, factNo }) => [alert.alertId, factNo]));
  const rows = [...newest.values()].map(({ alert, audience, factNo, dueAt }) => ({
    alert_id: alert.alertId,
    detector: alert.detector,
    name: alert.name,
    typology: alert.typology,
    score: alert.score,
    first_at: new Date(alert.firstAt).toISOString(),
    at: new Date(alert.at).toISOString(),
    trade_ids: alert.tradeIds,
    account_refs: alert.accountRefs,
    figures: alert.figures,
    explanation_zh: alert.explanation.zh,
    explanation_en: alert.explanation.en,
    label: alert.label,
    audience,
    pack_hash: bytea(fromHex(alert.packHash, 32)),
    first_fact_no: String(first.get(alert.alertId) ?? factNo),
    fact_no: String(factNo),
    revision: 1,
    state: 'new',
    state_since: toIso(now),
    due_at: toIso(dueAt),
  }));
  const grown = ['typology', 'score', 'at', 'trade_ids', 'account_refs', 'figures', 'explanation_zh', 'explanation_en', 'fact_no'];
  const columns = Object.keys(rows[0] ?? {}).join(', ');
  const saved = await query<{ alert_id: string; revision: number }>(
    tx,
    `insert into surveillance.alerts as a (${columns}) select ${columns} from json_populate_recordset(null::surveillance.alerts, $1::text::json)
     on conflict (alert_id) do update set ${grown.map((name) => `${name} = excluded.${name}`).join(', ')}, revision = a.revision + 1,
       -- A dismissal covers the evidence that was there.
       state = case a.state when 'dismissed' then 'new' else a.state end,
       state_since = case a.state when 'dismissed' then excluded.state_since else a.state_since end,
       due_at = case a.state when 'dismissed' then excluded.due_at else a.due_at end
       where (a.trade_ids, a.account_refs, a.score) is distinct from (excluded.trade_ids, excluded.account_refs, excluded.score)
     returning alert_id, revision`,
    [JSON.stringify(rows)],
  );
  return new Map(saved.map(({ alert_id: id, revision }) => [id, revision]));
}

export type LabelWrite = { readonly tradeId: string; readonly label: TradeLabel; readonly source: string };

/** @returns the trades that had not carried the label before: the candles have to follow */
export async function saveLabels(tx: Tx, labels: readonly LabelWrite[], now: Instant): Promise<readonly string[]> {
  if (labels.length === 0) return [];
  const unique = new Map(labels.map((label) => [`${label.tradeId} ${label.label}`, label]));
  const rows = [...unique.values()].map(({ tradeId, label, source }) => ({ trade_id: tradeId, label, source, at: toIso(now) }));
  const saved = await query<{ trade_id: string }>(
    tx,
    `insert into market.trade_labels as l (trade_id, label, source, at) select r.trade_id, r.label, r.source, r.at
       from json_populate_recordset(null::market.trade_labels, $1::text::json) r join market.trades t using (trade_id)
     on conflict (trade_id, label) do nothing returning trade_id`,
    [JSON.stringify(rows)],
  );
  return [...new Set(saved.map(({ trade_id: id }) => id))];
}

/** Labels of a dismissed alert are taken back, unless another alert that stands gives the same. @returns the trades */
export async function removeLabels(tx: Tx, alertId: string, now: Instant): Promise<readonly string[]> {
  const rows = await query<{ trade_id: string }>(
    tx,
    `update market.trade_labels l set removed_at = greatest(l.at, $2::timestamptz) from surveillance.alerts a
     where a.alert_id = $1 and a.label = l.label and l.removed_at is null and a.trade_ids ? l.trade_id
       and not exists (select from surveillance.alerts o where o.alert_id <> a.alert_id and o.label = l.label and o.state <> 'dismissed'
         and o.trade_ids @> jsonb_build_array(l.trade_id))
     returning l.trade_id`,
    [alertId, toIso(now)],
  );
  return rows.map(({ trade_id: id }) => id);
}

export type AlertRow = {
  readonly alert_id: string;
  readonly alert_no: string;
  readonly detector: DetectorId;
  readonly name: string;
  readonly typology: string;
  readonly score: number;
  readonly first_at: Date;
  readonly at: Date;
  readonly trade_ids: readonly string[];
  readonly account_refs: readonly string[];
  readonly figures: Readonly<Record<string, string>>;
  readonly explanation_zh: string;
  readonly explanation_en: string;
  readonly label: TradeLabel | null;
  readonly audience: readonly Audience[];
  readonly pack_hash: string;
  readonly fact_no: string;
  readonly revision: number;
  readonly state: AlertState;
  readonly state_since: Date;
  readonly due_at: Date;
  readonly case_id: string | null;
};

const ROW = `alert_id, alert_no, detector, name, typology, score, first_at, at, trade_ids, account_refs, figures, explanation_zh, explanation_en, label,
  audience, encode(pack_hash, 'hex') as pack_hash, fact_no, revision, state, state_since, due_at, case_id`;

export type AlertFilter = {
  readonly audience: Audience;
  readonly state: AlertState | null;
  readonly detector: string | null;
  readonly minScore: number;
  /** Of an account or a trade. */
  readonly about: string | null;
  readonly beforeNo: bigint | null;
  readonly limit: number;
};

export async function listAlertRows(sql: Queryable, filter: AlertFilter): Promise<readonly AlertRow[]> {
  return query<AlertRow>(
    sql,
    `select ${ROW} from surveillance.alerts where audience ? $1 and ($2::text is null or state = $2) and ($3::text is null or detector = $3)
       and score >= $4::int and ($5::text is null or account_refs ? $5 or trade_ids ? $5 or alert_id = $5) and ($6::bigint is null or alert_no < $6)
     order by alert_no desc limit $7::int`,
    [
      filter.audience,
      filter.state,
      filter.detector,
      String(filter.minScore),
      filter.about,
      filter.beforeNo === null ? null : String(filter.beforeNo),
      String(filter.limit),
    ],
  );
}

export async function findAlertRow(sql: Queryable, alertId: string, lock = false): Promise<AlertRow | null> {
  const [row] = await query<AlertRow>(sql, `select ${ROW} from surveillance.alerts where alert_id = $1${lock ? ' for update' : ''}`, [
    alertId,
  ]);
  return row ?? null;
}

/** Other alerts of the same detector or about the same accounts, nearest first: those that share accounts, then the latest. */
export async function listSimilarRows(sql: Queryable, alert: AlertRow, audience: Audience): Promise<readonly AlertRow[]> {
  return query<AlertRow>(
    sql,
    `select ${ROW} from surveillance.alerts where alert_id <> $1 and audience ? $2
       and (account_refs ?| array(select jsonb_array_elements_text($3::text::jsonb)) or (detector = $4 and typology = $5))
     order by (account_refs ?| array(select jsonb_array_elements_text($3::text::jsonb))) desc, alert_no desc limit 8`,
    [alert.alert_id, audience, JSON.stringify(alert.account_refs), alert.detector, alert.typology],
  );
}

export type AlertStep = {
  readonly alertId: string;
  readonly from: AlertState;
  readonly to: Exclude<AlertState, 'new'>;
  readonly at: Instant;
  readonly byStaff: string;
  readonly role: string;
  readonly reason: string | null;
  readonly caseId: string | null;
};

export async function saveStep(tx: Tx, { alertId, from, to, at, byStaff, role, reason, caseId }: AlertStep): Promise<void> {
  await query(tx, 'update surveillance.alerts set state = $2, state_since = $3, case_id = $4 where alert_id = $1', [
    alertId,
    to,
    toIso(at),
    caseId,
  ]);
  const [row] = await query<{ step: number }>(
    tx,
    'select coalesce(max(step), 0)::int + 1 as step from surveillance.alert_steps where alert_id = $1',
    [alertId],
  );
  await insertRows(tx, 'surveillance.alert_steps', [
    { alert_id: alertId, step: row?.step ?? 1, from_state: from, to_state: to, at: toIso(at), by_staff: byStaff, role, reason },
  ]);
}

export type StepRow = {
  readonly from_state: string;
  readonly to_state: string;
  readonly at: Date;
  readonly by_staff: string;
  readonly role: string;
  readonly reason: string | null;
};

export async function listSteps(sql: Queryable, alertId: string): Promise<readonly StepRow[]> {
  return query<StepRow>(
    sql,
    'select from_state, to_state, at, by_staff, role, reason from surveillance.alert_steps where alert_id = $1 order by step',
    [alertId],
  );
}

export type DetectorCounts = { readonly detector: string; readonly state: AlertState; readonly count: number };

export async function countByDetector(sql: Queryable): Promise<readonly DetectorCounts[]> {
  return query<DetectorCounts>(sql, 'select detector, state, count(*)::int as count from surveillance.alerts group by detector, state');
}

/** Decisions of people about alerts of a detector: what a try-out is compared with. */
export async function listDecided(
  sql: Queryable,
  detector: string,
): Promise<readonly { readonly trade_ids: readonly string[]; readonly state: AlertState }[]> {
  return query(sql, "select trade_ids, state from surveillance.alerts where detector = $1 and state in ('case', 'dismissed')", [detector]);
}

export async function countOpenAlerts(
  sql: Queryable,
  audience: Audience,
  now: Instant,
): Promise<{ readonly open: number; readonly overdue: number }> {
  const [row] = await query<{ open: number; overdue: number }>(
    sql,
    `select count(*)::int as open, (count(*) filter (where state = 'new' and due_at < $1))::int as overdue
     from surveillance.alerts where state in ('new', 'triaged') and audience ? $2`,
    [toIso(now), audience],
  );
  return row ?? { open: 0, overdue: 0 };
}

export async function countFacts(sql: Queryable): Promise<string> {
  const [row] = await query<{ fact_no: string }>(sql, 'select fact_no::text from surveillance.place');
  return row?.fact_no ?? '0';
}
