/** SQL of the daily comparison with the institution's statement: both sides' figures, line against line, and what is kept of it. */
import type { Tx } from '#server/db.ts';
import { type Queryable, query } from './rows.repo.ts';

export type DayFigures = {
  readonly openingFen: string;
  readonly inFen: string;
  readonly outFen: string;
  readonly closingFen: string;
  /** What everybody's accounts add up to at the end of the day. */
  readonly heldFen: string;
};
export type DayBooks = { readonly ours: DayFigures; readonly theirs: DayFigures; readonly onItsWayFen: string };
type FigureRow = { opening: string; came: string; went: string; held: string };

function figuresOf(row: FigureRow | undefined): DayFigures {
  const [opening, came, went] = [BigInt(row?.opening ?? '0'), BigInt(row?.came ?? '0'), BigInt(row?.went ?? '0')];
  return {
    openingFen: String(opening),
    inFen: String(came),
    outFen: String(went),
    closingFen: String(opening + came - went),
    heldFen: row?.held ?? '0',
  };
}

/** Money that the institution holds, by the account that mirrors it; held: by all the other accounts. */
function sums(lines: string, bank: string): string {
  return `select coalesce(-sum(fen) filter (where ${bank} and at < $1), 0)::text as opening,
    coalesce(-sum(fen) filter (where ${bank} and at >= $1 and fen < 0), 0)::text as came,
    coalesce(sum(fen) filter (where ${bank} and at >= $1 and fen > 0), 0)::text as went,
    coalesce(sum(fen) filter (where not ${bank}), 0)::text as held from (${lines}) l where at < $2`;
}

/** What moved at the institution by its own hand, with our entry for it where there is one. */
const BY_HAND = `select b.source, b.at, x.transfer_id, x.kind, e.at as booked_at, b.kind as act
  from psp.entries b join payments.transfers x on x.transfer_id = split_part(b.source, '/', 2)
  left join journal.entries e on e.transfer_id = x.transfer_id and e.kind in ('deposit', 'withdrawal_paid') and b.kind <> 'refund'
  where b.source not like 'instruction/%'`;

export async function readDayBooks(tx: Tx, from: Date, before: Date): Promise<DayBooks> {
  const ours = await query<FigureRow>(
    tx,
    sums(
      "select p.account_id = 'provider' as is_bank, p.amount_fen as fen, e.at from journal.postings p join journal.entries e using (entry_id)",
      'is_bank',
    ),
    [from, before],
  );
  const theirs = await query<FigureRow>(
    tx,
    sums("select p.pot = 'bank' as is_bank, p.amount_fen as fen, e.at from psp.postings p join psp.entries e using (source)", 'is_bank'),
    [from, before],
  );
  // Theirs by the end of the day and ours later (or never, when it came too late and goes back), less what was ours first.
  const [way] = await query<{ fen: string }>(
    tx,
    `select coalesce(sum(case when h.at < $1 and (h.booked_at is null or h.booked_at >= $1) then -p.amount_fen
        when h.at >= $1 and h.booked_at < $1 then p.amount_fen else 0 end), 0)::text as fen
     from (${BY_HAND}) h join psp.postings p on p.source = h.source and p.pot = 'bank'`,
    [before],
  );
  return { ours: figuresOf(ours[0]), theirs: figuresOf(theirs[0]), onItsWayFen: way?.fen ?? '0' };
}

export type LineBreak = { readonly kind: string; readonly subject: string; readonly expected: string; readonly reported: string };

/** Each line of the day's statement against what we asked for or booked; and what we have and the statement has not. */
export async function listLineBreaks(tx: Tx, from: Date, before: Date): Promise<readonly LineBreak[]> {
  return query<LineBreak>(
    tx,
    `with theirs as (select e.source, p.ref, p.pot, sum(p.amount_fen) as fen from psp.entries e join psp.postings p using (source)
       where e.at >= $1 and e.at < $2 group by 1, 2, 3),
     asked as (select 'instruction/' || i.instruction_id as source, m.ref, m.pot, sum(m.amount) as fen
       from payments.instructions i, jsonb_to_recordset(i.movements) as m(ref text, pot text, amount bigint)
       where i.instruction_id in (select split_part(source, '/', 2)::bigint from theirs where source like 'instruction/%')
         or (i.at >= $1 and i.at < $2 and not exists (select 1 from psp.entries e where e.source = 'instruction/' || i.instruction_id)
           and i.instruction_id <= (select last_id from psp.cursor where name = 'instructions'))
       group by 1, 2, 3 having sum(m.amount) <> 0),
     hands as (select h.source, h.act, x.acct, x.amount_fen from (${BY_HAND} and b.at >= $1 and b.at < $2) h join payments.transfers x using (transfer_id)
       union select case x.kind when 'withdrawal' then 'pay_out/' when 'purchase' then 'checkout/' else 'pay_in/' end || x.transfer_id,
         case x.kind when 'withdrawal' then 'pay_out' else 'pay_in' end, x.acct, x.amount_fen
       from payments.transfers x join journal.entries e on e.transfer_id = x.transfer_id and e.kind in ('deposit', 'withdrawal_paid')
       where e.at >= $1 and e.at < $2 and not exists (select 1 from psp.entries b
         where b.source = case x.kind when 'withdrawal' then 'pay_out/' when 'purchase' then 'checkout/' else 'pay_in/' end || x.transfer_id)),
     booked as (select source, 'reserve' as ref, 'bank' as pot, case when act in ('pay_in', 'checkout') then -amount_fen else amount_fen end as fen from hands
       union all select source, acct, case act when 'pay_out' then 'leaving' else 'free' end,
         case when act in ('pay_in', 'checkout') then amount_fen else -amount_fen end from hands),
     ours as (select * from asked union all select * from booked)
     select case when o.source is null then 'statement_unknown' when t.source is null then 'statement_missing' else 'statement_differs' end as kind,
       coalesce(t.source, o.source) || ' ' || coalesce(t.ref, o.ref) || ' ' || coalesce(t.pot, o.pot) as subject,
       coalesce(o.fen, 0)::text as expected, coalesce(t.fen, 0)::text as reported
     from theirs t full join ours o on o.source = t.source and o.ref = t.ref and o.pot = t.pot
     where coalesce(t.fen, 0) <> coalesce(o.fen, 0) order by 2 limit 200`,
    [from, before],
  );
}

export type StatementDay = {
  readonly day: string;
  readonly run: number;
  readonly at: Date;
  readonly figures: DayBooks;
  readonly differenceFen: string;
};
type DayRow = { day: string; run: number; at: Date; figures: DayBooks; difference_fen: string };
const dayOf = (row: DayRow): StatementDay => ({
  day: row.day,
  run: row.run,
  at: row.at,
  figures: row.figures,
  differenceFen: row.difference_fen,
});

/** Comparisons come one after the other, whoever asks for them. */
export async function lockDays(tx: Tx): Promise<void> {
  await query(tx, "select pg_advisory_xact_lock(hashtext('journal.statement_days'))");
}
export async function findDay(sql: Queryable, day: string): Promise<StatementDay | null> {
  const [row] = await query<DayRow>(sql, 'select * from journal.statement_days where day = $1 order by run desc limit 1', [day]);
  return row === undefined ? null : dayOf(row);
}
export async function listDays(sql: Queryable, most: number): Promise<readonly StatementDay[]> {
  const rows = await query<DayRow>(sql, `select distinct on (day) * from journal.statement_days order by day desc, run desc limit ${most}`);
  return rows.map(dayOf);
}
export async function insertDay(tx: Tx, { day, run, at, figures, differenceFen }: StatementDay): Promise<void> {
  await query(
    tx,
    'insert into journal.statement_days (day, run, at, figures, difference_fen) values ($1, $2::int, $3, $4::text::jsonb, $5::bigint)',
    [day, String(run), at, JSON.stringify(figures), differenceFen],
  );
}

export type StoredBreak = LineBreak & {
  readonly breakId: string;
  readonly day: string;
  readonly differenceFen: string;
  readonly foundAt: Date;
  readonly closedAt: Date | null;
  /** Of the desk, who has taken it on. */
  readonly takenBy: string | null;
};
type BreakRow = LineBreak & {
  break_id: string;
  day: string;
  difference_fen: string;
  found_at: Date;
  closed_at: Date | null;
  taken_by: string | null;
};
const BREAKS = `select b.*, (select s.staff_id from cases.desk_steps s where s.queue = 'break' and s.subject_id = b.break_id and s.act = 'taken'
  order by s.at desc limit 1) as taken_by from journal.breaks b`;
const breakOf = (row: BreakRow): StoredBreak => ({
  breakId: row.break_id,
  kind: row.kind,
  subject: row.subject,
  day: row.day,
  expected: row.expected,
  reported: row.reported,
  differenceFen: row.difference_fen,
  foundAt: row.found_at,
  closedAt: row.closed_at,
  takenBy: row.taken_by,
});

/** Open ones first, the oldest first. */
export async function listBreaks(sql: Queryable, most: number): Promise<readonly StoredBreak[]> {
  return (
    await query<BreakRow>(sql, `${BREAKS} order by b.closed_at is not null, b.closed_at desc, b.found_at, b.break_id limit ${most}`)
  ).map(breakOf);
}
export async function listOpenBreaks(sql: Queryable): Promise<readonly StoredBreak[]> {
  return (await query<BreakRow>(sql, `${BREAKS} where b.closed_at is null order by b.found_at, b.break_id`)).map(breakOf);
}
export async function insertBreak(tx: Tx, found: Omit<StoredBreak, 'closedAt' | 'takenBy'>): Promise<void> {
  await query(
    tx,
    `insert into journal.breaks (break_id, kind, subject, day, expected, reported, difference_fen, found_at, seen_at)
     values ($1, $2, $3, $4, $5, $6, $7::bigint, $8, $8)`,
    [found.breakId, found.kind, found.subject, found.day, found.expected, found.reported, found.differenceFen, found.foundAt],
  );
}
export async function seeBreaks(tx: Tx, ids: readonly string[], at: Date): Promise<void> {
  await query(tx, 'update journal.breaks set seen_at = $2 where break_id = any($1) and closed_at is null', [ids, at]);
}
export async function closeBreaks(tx: Tx, ids: readonly string[], at: Date): Promise<void> {
  await query(tx, 'update journal.breaks set closed_at = $2 where break_id = any($1) and closed_at is null', [ids, at]);
}
/** The first moment of either side's books; null while both are empty. */
export async function firstBooking(sql: Queryable): Promise<Date | null> {
  const [row] = await query<{ at: Date | null }>(
    sql,
    // A market that was taken over has no lines of its own from before: its days begin with the next one.
    `select coalesce((select at + interval '1 day' from takeover.takeovers),
       least((select min(at) from journal.entries), (select min(at) from psp.entries))) as at`,
  );
  return row?.at ?? null;
}
