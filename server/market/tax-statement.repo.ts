/** SQL of one person's taxes of a period. A sale's lines are those of its newest version, unless that is a reversal on a later day: such a
 *  reversal is an entry of its own day, and leaves the sale's day as it was (rulebook 2.6.4). */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import type { Period } from '#sandbox/reports/period.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';

const IS_LATER = "(a.cause = 'reversed' and to_char(a.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD') <> a.day)";
/** $1 the person, $2 and $3 dates, $4 and $5 instants. */
const OWN = `own as (
  select distinct on (a.trade_id) a.* from compliance.assessments a
  where a.seller = $1 and a.day >= $2 and a.day < $3 and not ${IS_LATER} order by a.trade_id, a.version desc)`;
const LATER = `later as (
  select a.trade_id, a.at, a.lines as after, p.lines as before, p.pack_hash from compliance.assessments a
  join lateral (select lines, pack_hash from compliance.assessments p where p.trade_id = a.trade_id and p.version < a.version
    order by p.version desc limit 1) p on true
  where a.seller = $1 and a.at >= $4 and a.at < $5 and ${IS_LATER})`;

const span = (acct: AccountId, { fromDate, beforeDate, from, before }: Period) => [acct, fromDate, beforeDate, toIso(from), toIso(before)];

export type LineSum = { readonly id: string; readonly month: string; readonly packHash: string; readonly fen: string };

export async function sumLines(sql: Queryable, acct: AccountId, period: Period): Promise<readonly LineSum[]> {
  return query<LineSum>(
    sql,
    `with ${OWN}, ${LATER}, entries as (
       select substr(o.day, 1, 7) as month, o.pack_hash, l.line->>'id' as id, (l.line->>'amountFen')::bigint as fen
         from own o, jsonb_array_elements(o.lines) l(line)
       union all select to_char(r.at at time zone 'Asia/Shanghai', 'YYYY-MM'), r.pack_hash, l.line->>'id', (l.line->>'amountFen')::bigint
         from later r, jsonb_array_elements(r.after) l(line)
       union all select to_char(r.at at time zone 'Asia/Shanghai', 'YYYY-MM'), r.pack_hash, l.line->>'id', -(l.line->>'amountFen')::bigint
         from later r, jsonb_array_elements(r.before) l(line))
     select id, month, min(encode(pack_hash, 'hex')) as "packHash", sum(fen)::text as fen from entries group by id, month order by id, month`,
    span(acct, period),
  );
}

export type StatementSums = {
  readonly sales: number;
  readonly gifts: number;
  readonly reassessed: number;
  readonly gross: string;
  readonly refund: string;
  readonly fees: string;
  readonly royalties: string;
};

/** Income as it is reported (CN-RPT-08): sales by payment, what was taken back by its own time, fees less those given back. */
export async function sumStatement(sql: Queryable, acct: AccountId, period: Period): Promise<StatementSums> {
  const [row] = await query<StatementSums>(
    sql,
    `with ${OWN}, sold as (
       select t.* from market.trades t where t.seller = $1 and t.settled_at >= $4 and t.settled_at < $5 and t.state <> 'failed'),
     back as (
       select t.* from market.trades t join market.trade_states s on s.trade_id = t.trade_id and s.state = 'reversed'
       where t.seller = $1 and s.at >= $4 and s.at < $5)
     select (select count(*)::int from sold) as sales, (select count(*)::int from own where trade_id not like 'trd%') as gifts,
       (select count(*)::int from own where version > 1) as reassessed,
       (select coalesce(sum(gross_fen), 0)::text from sold) as gross, (select coalesce(sum(gross_fen), 0)::text from back) as refund,
       ((select coalesce(sum(fee_fen), 0) from sold) - (select coalesce(sum(fee_fen), 0) from back))::text as fees,
       ((select coalesce(sum(royalty_fen), 0) from sold) - (select coalesce(sum(royalty_fen), 0) from back))::text as royalties`,
    span(acct, period),
  );
  return row ?? { sales: 0, gifts: 0, reassessed: 0, gross: '0', refund: '0', fees: '0', royalties: '0' };
}

export type StatementRow = {
  readonly trade_id: string;
  readonly item_id: string | null;
  readonly at: Date;
  readonly gross_fen: string;
  readonly total_fen: string;
  readonly version: number;
  readonly is_reversed: boolean;
  readonly cost_source: string | null;
  readonly cost_fen: string | null;
};

/** The newest first. */
export async function listStatementRows(sql: Queryable, acct: AccountId, period: Period, limit: number): Promise<readonly StatementRow[]> {
  return query<StatementRow>(
    sql,
    `with ${OWN}
     select o.trade_id, g.item_id, coalesce(t.settled_at, o.at) as at, coalesce(t.gross_fen, o.gross_fen)::text as gross_fen, o.total_fen::text,
       o.version, coalesce(t.state = 'reversed', false) as is_reversed, o.input->'basis'->>'source' as cost_source, o.input->'basis'->>'costFen' as cost_fen
     from own o left join market.trades t on t.trade_id = o.trade_id left join market.gifts g on g.gift_id = o.trade_id
     where $4::timestamptz < $5::timestamptz
     order by coalesce(t.settled_at, o.at) desc, o.trade_id limit ${String(limit)}`,
    span(acct, period),
  );
}

export async function listReported(
  sql: Queryable,
  periods: readonly string[],
): Promise<readonly { readonly period: string; readonly version: number; readonly at: Date }[]> {
  return query(
    sql,
    `select distinct on (period) period, version, at from reports.reports where kind = 'decree-810' and period = any($1) order by period, version desc`,
    [[...periods]],
  );
}
