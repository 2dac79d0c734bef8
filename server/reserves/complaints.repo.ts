/** SQL of complaints that money is missing, and of their answers. */
import { type AccountId, parseAccountId, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { at, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';

/** The experiment for which something of a sale of one's own is kept now. */
export async function findKeptFor(sql: Queryable, acct: AccountId, tradeId: string): Promise<string | null> {
  const [row] = await query<{ experiment_id: string }>(
    sql,
    'select experiment_id from experiments.reserves where acct = $1 and trade_id = $2 and freed_at is null limit 1',
    [acct, tradeId],
  );
  return row?.experiment_id ?? null;
}

type NewComplaint = {
  readonly tradeId: TradeId;
  readonly experimentId: string;
  readonly acct: AccountId;
  readonly at: Instant;
  readonly text: string;
};

export async function insertComplaint(sql: Queryable, { tradeId, experimentId, acct, at: made, text }: NewComplaint): Promise<boolean> {
  const row = { trade_id: tradeId, experiment_id: experimentId, acct, at: toIso(made), text };
  return (await insertRows(sql, 'experiments.liquidity_complaints', [row], 'on conflict do nothing')) > 0;
}

export type ComplaintRow = NewComplaint & {
  readonly slaWorkingDays: number;
  readonly answer: { readonly actId: string; readonly by: string; readonly at: Instant; readonly text: string } | null;
};

type Columns = {
  trade_id: string;
  experiment_id: string;
  acct: string;
  at: Date;
  text: string;
  sla: number;
  act_id: string | null;
  by_staff: string | null;
  answered_at: Date | null;
  answer: string | null;
};
const SELECT = `select l.trade_id, l.experiment_id, l.acct, l.at, l.text, (e.document->'safeguards'->>'complaintSlaWorkingDays')::int as sla,
    a.act_id, a.by_staff, a.at as answered_at, a.text as answer
  from experiments.liquidity_complaints l join experiments.experiments e using (experiment_id)
  left join experiments.complaint_answers a using (trade_id)`;

function rowOf(row: Columns): ComplaintRow {
  const { act_id: actId, by_staff: by, answered_at: answeredAt, answer } = row;
  return {
    tradeId: parseTradeId(row.trade_id),
    experimentId: row.experiment_id,
    acct: parseAccountId(row.acct),
    at: at(row.at),
    text: row.text,
    slaWorkingDays: row.sla,
    answer:
      actId === null || by === null || answeredAt === null || answer === null ? null : { actId, by, at: at(answeredAt), text: answer },
  };
}

export async function findComplaint(sql: Queryable, tradeId: string): Promise<ComplaintRow | null> {
  const [row] = await query<Columns>(sql, `${SELECT} where l.trade_id = $1`, [tradeId]);
  return row === undefined ? null : rowOf(row);
}

export async function listComplaintsOf(sql: Queryable, experimentId: string): Promise<readonly ComplaintRow[]> {
  return (await query<Columns>(sql, `${SELECT} where l.experiment_id = $1 order by l.at, l.trade_id`, [experimentId])).map(rowOf);
}

/** `acct` null: everybody's. What waits for an answer first, the oldest of it at the top; then the newest answers. */
export async function listComplaints(sql: Queryable, acct: AccountId | null, limit: number): Promise<readonly ComplaintRow[]> {
  const rows = await query<Columns>(
    sql,
    `${SELECT} where $1::text is null or l.acct = $1
     order by a.at is not null, case when a.at is null then l.at end, a.at desc, l.trade_id limit ${String(limit)}`,
    [acct],
  );
  return rows.map(rowOf);
}

export async function insertAnswer(
  sql: Queryable,
  answer: { readonly tradeId: string; readonly actId: string; readonly by: string; readonly at: Instant; readonly text: string },
): Promise<boolean> {
  const row = { trade_id: answer.tradeId, act_id: answer.actId, by_staff: answer.by, at: toIso(answer.at), text: answer.text };
  return (await insertRows(sql, 'experiments.complaint_answers', [row], 'on conflict do nothing')) > 0;
}
