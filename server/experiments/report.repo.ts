/** Exit reports and what they count. */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { ExitFacts, ExitReport } from '#sandbox/experiments/exit-report.ts';
import type { Experiment } from '#sandbox/experiments/experiment.ts';
import type { InterimReport, Owed } from '#sandbox/experiments/interim.ts';
import type { Tx } from '#server/db.ts';
import { at, bytea, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import { sumCompensation } from './compensations.repo.ts';

export async function hasReport(sql: Queryable, experimentId: string): Promise<boolean> {
  return (await query(sql, 'select 1 from experiments.exit_reports where experiment_id = $1', [experimentId])).length === 1;
}

export type StoredReport = {
  readonly at: Instant;
  readonly body: ExitReport;
  readonly bodyHash: Bytes;
  readonly signature: Bytes;
  readonly pdf: Bytes;
};
export async function insertReport(sql: Queryable, experimentId: string, report: StoredReport): Promise<void> {
  const { body, bodyHash, signature, pdf } = report;
  await insertRows(
    sql,
    'experiments.exit_reports',
    [{ experiment_id: experimentId, at: toIso(report.at), body, body_hash: bytea(bodyHash), signature: bytea(signature), pdf: bytea(pdf) }],
    'on conflict do nothing',
  );
}
export async function findReport(sql: Queryable, experimentId: string): Promise<StoredReport | null> {
  const [row] = await query<{ at: Date; body: ExitReport; body_hash: Uint8Array; signature: Uint8Array; pdf: Uint8Array }>(
    sql,
    'select at, body, body_hash, signature, pdf from experiments.exit_reports where experiment_id = $1',
    [experimentId],
  );
  if (row === undefined) return null;
  return {
    at: at(row.at),
    body: row.body,
    bodyHash: Uint8Array.from(row.body_hash),
    signature: Uint8Array.from(row.signature),
    pdf: Uint8Array.from(row.pdf),
  };
}

export type StoredInterim = Owed & Omit<StoredReport, 'body' | 'pdf'> & { readonly body: InterimReport };
export async function insertInterim(tx: Tx, experimentId: string, report: StoredInterim): Promise<void> {
  const { kind, label, body, bodyHash, signature } = report;
  await insertRows(
    tx,
    'experiments.interim_reports',
    [{ experiment_id: experimentId, kind, label, at: toIso(report.at), body, body_hash: bytea(bodyHash), signature: bytea(signature) }],
    'on conflict do nothing',
  );
}

/** Newest first, without their bodies. */
export async function listInterims(sql: Queryable, experimentId: string): Promise<readonly Omit<StoredInterim, 'body'>[]> {
  const rows = await query<InterimRow>(
    sql,
    'select kind, label, at, body_hash, signature from experiments.interim_reports where experiment_id = $1 order by at desc, kind',
    [experimentId],
  );
  return rows.map(readInterim);
}
export async function findInterim(sql: Queryable, experimentId: string, { kind, label }: Owed): Promise<InterimReport | null> {
  const [row] = await query<{ body: InterimReport }>(
    sql,
    'select body from experiments.interim_reports where experiment_id = $1 and kind = $2 and label = $3',
    [experimentId, kind, label],
  );
  return row?.body ?? null;
}

type InterimRow = Owed & { readonly at: Date; readonly body_hash: Uint8Array; readonly signature: Uint8Array };
function readInterim(row: InterimRow): Omit<StoredInterim, 'body'> {
  return {
    kind: row.kind,
    label: row.label,
    at: at(row.at),
    bodyHash: Uint8Array.from(row.body_hash),
    signature: Uint8Array.from(row.signature),
  };
}

type Counted = Pick<ExitFacts, 'participants' | 'alerts' | 'money' | 'orders' | 'digests'>;

export async function readReportFacts(sql: Queryable, experiment: Experiment): Promise<Counted> {
  const args = [experiment.id];
  const [participants, alerts, [money], [orders], tradeRows, orderRows] = await Promise.all([
    query<{ arm: string; count: number }>(
      sql,
      'select arm, count(*)::int as count from experiments.participants where experiment_id = $1 group by arm order by arm',
      args,
    ),
    query<{ detector: string; count: number; confirmed: number }>(
      sql,
      `select a.detector, count(*)::int as count, count(*) filter (where a.state = 'case')::int as confirmed from surveillance.alerts a
       where exists (select from market.trades t where t.experiment_id = $1 and a.trade_ids ? t.trade_id) group by 1 order by 1`,
      args,
    ),
    query<{ turnover: string; fee: string; royalty: string; open: string; refunded: string; trades: number }>(
      sql,
      `select coalesce(sum(gross_fen), 0)::text as turnover, coalesce(sum(fee_fen), 0)::text as fee,
         coalesce(sum(royalty_fen), 0)::text as royalty,
         coalesce(sum(gross_fen) filter (where state not in ('paid_out', 'reversed', 'failed')), 0)::text as open,
         coalesce(sum(gross_fen) filter (where state = 'reversed'), 0)::text as refunded,
         count(*) filter (where state not in ('paid_out', 'reversed', 'failed'))::int as trades
       from market.trades where experiment_id = $1 and settled_at is not null`,
      args,
    ),
    query<{ placed: number; filled: number; canceled: number; expired: number }>(
      sql,
      `select count(*)::int as placed, count(*) filter (where state = 'filled')::int as filled,
         count(*) filter (where state = 'canceled')::int as canceled, count(*) filter (where state = 'expired')::int as expired
       from market.orders where experiment_id = $1`,
      args,
    ),
    query<{ row: string }>(
      sql,
      `select concat_ws(' ', trade_id, price_fen, quantity, state) as row from market.trades where experiment_id = $1 order by trade_id`,
      args,
    ),
    query<{ row: string }>(
      sql,
      `select concat_ws(' ', order_id, side, price_fen, quantity, filled, state) as row from market.orders where experiment_id = $1 order by order_id`,
      args,
    ),
  ]);
  const compensationFen = await sumCompensation(sql, experiment.id);
  return {
    participants,
    alerts,
    money: {
      turnoverFen: money?.turnover ?? '0',
      feeFen: money?.fee ?? '0',
      royaltyFen: money?.royalty ?? '0',
      openFen: money?.open ?? '0',
      refundedFen: money?.refunded ?? '0',
      compensationFen: String(compensationFen),
      fundFen: String(experiment.caps.lossCompensationFundFen),
    },
    orders: {
      placed: orders?.placed ?? 0,
      filled: orders?.filled ?? 0,
      canceled: orders?.canceled ?? 0,
      expired: orders?.expired ?? 0,
      openTrades: money?.trades ?? 0,
    },
    digests: [digest('market.trades', tradeRows), digest('market.orders', orderRows)],
  };
}

function digest(name: string, rows: readonly { readonly row: string }[]): Counted['digests'][number] {
  return { name, rows: rows.length, sm3: toHex(sm3(utf8(rows.map(({ row }) => `${row}\n`).join('')))) };
}
