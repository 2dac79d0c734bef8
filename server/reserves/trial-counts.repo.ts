/** What a trial of the tax reserve counts (rulebook 6.5, X1): returns that fell due and those filed in time, what was kept, who lacked it. A
 *  sale is its seller's, whoever else takes part. */
import type { Experiment } from '#sandbox/experiments/experiment.ts';
import { filingDueOn, RESERVED_TAXES, taxOf } from '#sandbox/experiments/tax-reserve.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';

export const RESERVE_COUNTS = ['filingsDue', 'filedOnTime', 'reserves', 'reservedFen', 'liquidityComplaints'] as const;
export type TrialCounts = Readonly<Record<(typeof RESERVE_COUNTS)[number], bigint>> & { readonly arm: string };

/** $1 experiment, $2 kinds, $3 from, $4 to; $5 returns by tax, month and last day, $6 lines by tax. People placed by name are left out. */
const COUNTED = `with people as (
    select p.acct, p.arm, p.joined_at, coalesce(p.left_at, 'infinity') as left_at from experiments.participants p join experiments.experiments e using (experiment_id)
    where p.experiment_id = $1 and not coalesce(e.document->'assignment'->'pinned', '{}'::jsonb) ? p.acct),
  sales as (
    select t.trade_id, t.seller, p.arm, (t.settled_at at time zone 'Asia/Shanghai')::date as sold_on from market.trades t
    join market.orders s on s.order_id = t.sell_order_id and s.experiment_id = t.experiment_id
    join people p on p.acct = t.seller and t.ordered_at >= p.joined_at and t.ordered_at < p.left_at
    where t.experiment_id = $1 and t.class_id = any($2) and t.settled_at is not null and t.state <> 'reversed'),
  due as (
    select s.*, d.tax, d.month, d.due_on from sales s
    join jsonb_to_recordset($5::text::jsonb) as d(tax text, month text, due_on date) on d.month = to_char(s.sold_on, 'YYYY-MM')
      and (d.due_on + 1)::timestamp at time zone 'Asia/Shanghai' >= $3 and (d.due_on + 1)::timestamp at time zone 'Asia/Shanghai' < $4
    join lateral (select lines from compliance.assessments x where x.trade_id = s.trade_id order by version desc limit 1) a on true
    where exists (select from jsonb_to_recordset(a.lines) as l(id text, "amountFen" text)
      join jsonb_to_recordset($6::text::jsonb) as b(tax text, id text) on b.id = l.id and b.tax = d.tax where l."amountFen"::bigint > 0))
  select arm, 'filingsDue' as name, count(*)::text as n from due group by arm
  union all select arm, 'filedOnTime', count(*)::text from due d where exists (
    select from experiments.filing_proofs f where f.acct = d.seller and f.tax = d.tax and f.month = d.month and f.state = 'confirmed'
      and f.filed_on >= d.sold_on and f.filed_on <= d.due_on) group by arm
  union all select p.arm, 'reserves', count(distinct r.trade_id)::text from experiments.reserves r join people p using (acct)
    where r.experiment_id = $1 and r.kept_at >= $3 and r.kept_at < $4 group by p.arm
  union all select p.arm, 'reservedFen', sum(r.amount_fen)::text from experiments.reserves r join people p using (acct)
    where r.experiment_id = $1 and r.kept_at >= $3 and r.kept_at < $4 group by p.arm
  union all select p.arm, 'liquidityComplaints', count(*)::text from experiments.liquidity_complaints l join people p using (acct)
    where l.experiment_id = $1 and l.at >= $3 and l.at < $4 group by p.arm`;

export async function countReserves(
  sql: Queryable,
  experiment: Experiment,
  args: readonly (string | string[])[],
  pack: RulePack,
): Promise<readonly TrialCounts[]> {
  const returns = monthsOf(experiment).flatMap((month) =>
    RESERVED_TAXES.map((tax) => ({ tax, month, due_on: filingDueOn(pack, tax, month) })),
  );
  const lines = pack.lines.flatMap(({ id }) => {
    const tax = taxOf(pack, id);
    return tax === null ? [] : [{ tax, id }];
  });
  const rows = await query<{ arm: string; name: keyof TrialCounts; n: string }>(sql, COUNTED, [
    ...args,
    JSON.stringify(returns),
    JSON.stringify(lines),
  ]);
  return experiment.assignment.arms.map(({ id: arm }) => {
    const count = (name: keyof TrialCounts) => BigInt(rows.find((row) => row.arm === arm && row.name === name)?.n ?? '0');
    return {
      arm,
      filingsDue: count('filingsDue'),
      filedOnTime: count('filedOnTime'),
      reserves: count('reserves'),
      reservedFen: count('reservedFen'),
      liquidityComplaints: count('liquidityComplaints'),
    };
  });
}

/** In which something may be sold inside it. */
function monthsOf({ period }: Experiment): readonly string[] {
  const months: string[] = [];
  const last = period.end.slice(0, 'yyyy-mm'.length);
  for (let month = period.start.slice(0, 'yyyy-mm'.length); month <= last; ) {
    months.push(month);
    month = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 1)).toISOString().slice(0, 'yyyy-mm'.length);
  }
  return months;
}
