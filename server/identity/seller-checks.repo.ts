/** SQL of sellers who are verified again. */
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { at, atOrNull, type Queryable, query } from '#server/journal/rows.repo.ts';

export type SellerCheck = { readonly acct: AccountId; readonly dueAt: Instant; readonly overdueAt: Instant | null };

type Columns = { acct: string; due_at: Date; overdue_at: Date | null };
const rowOf = (row: Columns): SellerCheck => ({
  acct: parseAccountId(row.acct),
  dueAt: at(row.due_at),
  overdueAt: atOrNull(row.overdue_at),
});

/** When somebody was checked last, by whom, and the check that is open. */
export async function readCheck(
  sql: Queryable,
  acct: AccountId,
): Promise<{ readonly verifiedAt: Instant | null; readonly provider: string | null; readonly open: SellerCheck | null }> {
  const [row] = await query<{ verified_at: Date | null; provider: string | null } & Partial<Columns>>(
    sql,
    `select coalesce(c.checked_at, r.verified_at) as verified_at, coalesce(c.provider, r.provider) as provider, o.acct, o.due_at, o.overdue_at
     from identity.players p left join identity.person_records r using (acct)
     left join lateral (select checked_at, provider from identity.seller_checks x where x.acct = p.acct and checked_at is not null
       order by checked_at desc limit 1) c on true
     left join identity.seller_checks o on o.acct = p.acct and o.checked_at is null
     where p.acct = $1`,
    [acct],
  );
  const { acct: owner, due_at, overdue_at } = row ?? {};
  return {
    verifiedAt: atOrNull(row?.verified_at ?? null),
    provider: row?.provider ?? null,
    open:
      owner === undefined || owner === null || due_at === undefined ? null : rowOf({ acct: owner, due_at, overdue_at: overdue_at ?? null }),
  };
}

/**
 * Who has sold since the last check and whose next one is near: `months` after that check, and not before `noticeMs` after the first sale since,
 * so that nobody is late who has just begun; never sooner than `leastMs` from now, whatever a new pack says.
 */
export async function listNearlyDue(
  sql: Queryable,
  given: {
    readonly now: Instant;
    readonly months: number;
    readonly noticeMs: number;
    readonly leastMs: number;
    readonly skip: readonly AccountId[];
    readonly limit: number;
  },
): Promise<readonly { readonly acct: AccountId; readonly dueAt: Instant }[]> {
  const { now, months, noticeMs, leastMs, skip, limit } = given;
  const rows = await query<{ acct: string; due_at: Date }>(
    sql,
    `select p.acct, greatest(v.verified_at + make_interval(months => $2), s.first + make_interval(secs => $3), $1::timestamptz + make_interval(secs => $5)) as due_at
     from identity.players p join identity.person_records r using (acct)
     cross join lateral (select greatest(r.verified_at, (select max(checked_at) from identity.seller_checks x where x.acct = p.acct)) as verified_at) v
     cross join lateral (select min(t.settled_at) as first from market.trades t where t.seller = p.acct and t.settled_at > v.verified_at
       and t.state not in ('reversed', 'failed')) s
     where p.closed_at is null and not (p.acct = any($4)) and v.verified_at + make_interval(months => $2) - make_interval(secs => $3) <= $1::timestamptz
       and s.first is not null and not exists (select from identity.seller_checks o where o.acct = p.acct and o.checked_at is null)
     order by due_at, p.acct limit ${String(limit)}`,
    [toIso(now), months, noticeMs / 1000, [...skip], leastMs / 1000],
  );
  return rows.map((row) => ({ acct: parseAccountId(row.acct), dueAt: at(row.due_at) }));
}

export async function insertCheck(sql: Queryable, acct: AccountId, dueAt: Instant, now: Instant): Promise<boolean> {
  const rows = await query(
    sql,
    'insert into identity.seller_checks (acct, due_at, reminded_at) values ($1, $2, $3) on conflict do nothing returning acct',
    [acct, toIso(dueAt), toIso(now)],
  );
  return rows.length > 0;
}

export async function listOverdue(sql: Queryable, now: Instant, limit: number): Promise<readonly SellerCheck[]> {
  const rows = await query<Columns>(
    sql,
    `select acct, due_at, overdue_at from identity.seller_checks where checked_at is null and overdue_at is null and due_at <= $1
     order by due_at, acct limit ${String(limit)}`,
    [toIso(now)],
  );
  return rows.map(rowOf);
}

/** @returns false when it was checked, or found overdue, meanwhile */
export async function markOverdue(sql: Queryable, acct: AccountId, now: Instant): Promise<boolean> {
  const rows = await query(
    sql,
    'update identity.seller_checks set overdue_at = $2 where acct = $1 and checked_at is null and overdue_at is null returning acct',
    [acct, toIso(now)],
  );
  return rows.length > 0;
}

export async function finishCheck(sql: Queryable, acct: AccountId, now: Instant, provider: string): Promise<boolean> {
  const rows = await query(
    sql,
    'update identity.seller_checks set checked_at = $2, provider = $3 where acct = $1 and checked_at is null returning acct',
    [acct, toIso(now), provider],
  );
  return rows.length > 0;
}

export async function endHold(sql: Queryable, acct: AccountId, code: string): Promise<void> {
  await query(sql, 'delete from identity.risk_holds where acct = $1 and code = $2', [acct, code]);
}
