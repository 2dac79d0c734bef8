/** Who is reported under Decree 810, and what each had: people who sell, and studios with their royalties (rulebook 1 and 3.1). */
import { fen, parseFen } from '#ledger/primitives/fen.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { Period } from '#sandbox/reports/period.ts';
import type { IncomeOrder } from '#sandbox/tax/income-record.ts';
import type { Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';

const MS = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint::text`;
const span = (period: Period) => [toIso(period.from), toIso(period.before)];
const at = (text: string): Instant => instant(Number(text));

export type SellerFact = {
  readonly acct: string;
  readonly displayName: string;
  readonly verifiedAt: Instant;
  readonly card: { readonly lastDigits: string; readonly boundAt: Instant } | null;
  readonly firstSaleAt: Instant;
  readonly closedAt: Instant | null;
};

/**
 * People who had a sale by the end of the period and had one in it (`accts`), or whose name, payout account or account changed in it: a change
 * is reported without a sale, too (CN-RPT-03, CN-RPT-06).
 */
export async function listSellers(tx: Tx, period: Period, accts: readonly string[]): Promise<readonly SellerFact[]> {
  const isWithin = (column: string) => `(${column} >= $1 and ${column} < $2)`;
  const rows = await query<{
    acct: string;
    display_name: string;
    verified: string;
    last_digits: string | null;
    bound: string | null;
    first_sale: string;
    closed: string | null;
  }>(
    tx,
    `select s.*, ${MS('f.at')} as first_sale from (
       select p.acct, p.display_name, ${MS('r.verified_at')} as verified, c.last_digits, ${MS('c.bound_at')} as bound, ${MS('p.closed_at')} as closed
       from identity.players p join identity.person_records r on r.acct = p.acct left join identity.cards c on c.acct = p.acct
       where p.acct = any($3) or ${isWithin('r.verified_at')} or ${isWithin('c.bound_at')} or ${isWithin('p.closed_at')} offset 0
     ) s
     cross join lateral (select min(settled_at) as at from market.trades t where t.seller = s.acct) f
     where f.at < $2 order by s.acct`,
    [...span(period), [...accts]],
  );
  return rows.map((row) => ({
    acct: row.acct,
    displayName: row.display_name,
    verifiedAt: at(row.verified),
    card: row.last_digits === null || row.bound === null ? null : { lastDigits: row.last_digits, boundAt: at(row.bound) },
    firstSaleAt: at(row.first_sale),
    closedAt: row.closed === null ? null : at(row.closed),
  }));
}

export type RoyaltyFact = IncomeOrder & {
  readonly studio: string;
  /** When its sale was taken back, and the royalty with it. */
  readonly reversedAt: Instant | null;
};

/** Royalties of sales paid in the period, and of earlier ones that were taken back in it. No fee is paid on them. */
export async function listRoyalties(tx: Tx, period: Period): Promise<readonly RoyaltyFact[]> {
  const rows = await query<{ trade_id: string; studio: string; paid: string; royalty: string; reversed: string | null }>(
    tx,
    `select t.trade_id, c.studio_acct as studio, ${MS('t.settled_at')} as paid, t.royalty_fen::text as royalty, ${MS('r.at')} as reversed
     from market.trades t join catalogue.item_classes c using (class_id)
     left join lateral (select at from market.trade_states s where s.trade_id = t.trade_id and s.state = 'reversed' limit 1) r on true
     where t.royalty_fen > 0 and t.settled_at < $2 and (t.settled_at >= $1 or (r.at >= $1 and r.at < $2)) order by t.seq`,
    span(period),
  );
  return rows.map((row) => ({
    id: `${row.trade_id} royalty`,
    txType: 'ROYALTY',
    studio: row.studio,
    paidAt: at(row.paid),
    grossFen: fen(parseFen(row.royalty)),
    feeBps: 0,
    reversedAt: row.reversed === null ? null : at(row.reversed),
  }));
}

export type StudioFact = {
  readonly acct: string;
  readonly name: string;
  /** Null: a demonstration's studio, which nobody has registered. */
  readonly creditCode: string | null;
  readonly payoutNumber: string | null;
  /** Null: it has given none. */
  readonly phone: string | null;
  readonly verifiedAt: Instant | null;
  readonly firstIncomeAt: Instant;
};

/** Studios with an income in the period (`accts`), and those whose certificate was verified anew in it after their first. */
export async function listStudios(tx: Tx, period: Period, accts: readonly string[]): Promise<readonly StudioFact[]> {
  const rows = await query<{
    acct: string;
    name: string;
    credit_code: string | null;
    payout_number: string | null;
    phone: string | null;
    verified: string | null;
    first_income: string;
  }>(
    tx,
    `select s.*, ${MS('f.at')} as first_income from (
       select s.acct, coalesce(s.name_zh, s.name_en) as name, a.credit_code, a.payout->>'number' as payout_number, a.phone, ${MS('a.verified_at')} as verified
       from studio.studios s left join studio.applications a on a.acct = s.acct
       where s.acct = any($3) or (a.verified_at >= $1 and a.verified_at < $2) offset 0
     ) s
     cross join lateral (
       select min(t.settled_at) as at from catalogue.item_classes c join market.trades t using (class_id)
       where c.studio_acct = s.acct and t.settled_at is not null and (t.royalty_fen > 0 or t.seller = s.acct)
     ) f
     where f.at < $2 order by s.acct`,
    [...span(period), [...accts]],
  );
  return rows.map((row) => ({
    acct: row.acct,
    name: row.name,
    creditCode: row.credit_code,
    payoutNumber: row.payout_number,
    phone: row.phone,
    verifiedAt: row.verified === null ? null : at(row.verified),
    firstIncomeAt: at(row.first_income),
  }));
}
