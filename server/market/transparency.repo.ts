/** SQL of the public totals by Beijing day. */
import type { Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';

export type DayCounts = {
  readonly day: string;
  readonly trades: number;
  readonly labelled: number;
  readonly reversals: number;
  readonly turnoverFen: string;
  readonly filteredFen: string;
  readonly assessedFen: string;
};

const DAY = (column: string): string => `to_char(${column} at time zone 'Asia/Shanghai', 'YYYY-MM-DD')`;

/** Settled trades that were not undone, and without those that are labelled as no trade between strangers. */
export async function listDayCounts(tx: Tx, from: Date): Promise<readonly DayCounts[]> {
  return query<DayCounts>(
    tx,
    `with traded as (select t.trade_id, t.gross_fen, t.state, ${DAY('t.settled_at')} as day,
         exists (select 1 from market.trade_labels l where l.trade_id = t.trade_id and l.removed_at is null) as is_labelled
       from market.trades t where t.settled_at >= $1),
     taxed as (select day, sum(total_fen) as fen from (select distinct on (trade_id) day, total_fen from compliance.assessments
       where at >= $1 order by trade_id, version desc) n group by day)
     select d.day, count(*) filter (where state <> 'reversed')::int as trades,
       count(*) filter (where state <> 'reversed' and is_labelled)::int as labelled, count(*) filter (where state = 'reversed')::int as reversals,
       coalesce(sum(gross_fen) filter (where state <> 'reversed'), 0)::text as "turnoverFen",
       coalesce(sum(gross_fen) filter (where state <> 'reversed' and not is_labelled), 0)::text as "filteredFen",
       coalesce(max(x.fen), 0)::text as "assessedFen"
     from traded d left join taxed x on x.day = d.day group by d.day order by d.day desc`,
    [from],
  );
}

export type ActCounts = {
  readonly day: string;
  readonly freezesSet: number;
  readonly freezesLifted: number;
  readonly casesOpened: number;
  readonly casesClosed: number;
};

/** As the feeds of supervisors say it: one message per act, a case once however many of them it concerns. */
export async function listActCounts(tx: Tx, from: Date): Promise<readonly ActCounts[]> {
  return query<ActCounts>(
    tx,
    `select day, count(distinct id) filter (where type = 'freeze.set')::int as "freezesSet",
       count(distinct id) filter (where type = 'freeze.lifted')::int as "freezesLifted",
       count(distinct id) filter (where type = 'case.state' and came is null)::int as "casesOpened",
       count(distinct id) filter (where type = 'case.state' and went = 'closed')::int as "casesClosed"
     from (select ${DAY('m.at')} as day, m.type, m.body::jsonb->>'from' as came, m.body::jsonb->>'to' as went,
         coalesce(m.body::jsonb->>'freezeId', m.body::jsonb->>'caseId', m.message_id) as id
       from outbox.messages m where m.room like 'sup:%' and m.at >= $1 and m.type in ('freeze.set', 'freeze.lifted', 'case.state')) a
     group by day order by day desc`,
    [from],
  );
}

export type OpenedIdentities = { readonly agency: string; readonly count: number };

/** Every opening of an identity is told to all supervisors. */
export async function listOpenedIdentities(tx: Tx): Promise<readonly OpenedIdentities[]> {
  return query<OpenedIdentities>(
    tx,
    `select coalesce(body::jsonb->>'agency', body::jsonb->>'role', body::jsonb->>'byRef', '?') as agency,
       count(distinct coalesce(body::jsonb->>'accessId', message_id))::int as count
     from outbox.messages where room = 'sup:all' and type = 'access.recorded' group by 1 order by 1`,
  );
}
