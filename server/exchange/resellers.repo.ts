/** SQL of who resells what he bought with a payment instrument then new (rulebook CN-SV-11). */
import { type AccountId, parseAccountId, parseTradeId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { DAY_OF_RESALES_MS } from '#sandbox/decisions/payout-hold.ts';
import { at, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { ResellerFacts } from '#server/settlement/hold-payout.ts';

/** An instrument is an account's at the institution: the first money that came in by it is its first use. */
export async function listResellers(sql: Queryable, accts: readonly AccountId[], now: Instant): Promise<Map<AccountId, ResellerFacts>> {
  if (accts.length === 0) return new Map();
  const rows = await query<{
    acct: string;
    first_at: Date | null;
    sales: { readonly tradeId: string; readonly quick: number; readonly isHeld: boolean }[];
  }>(
    sql,
    `select k.acct,
       (select min(x.ended_at) from payments.transfers x where x.acct = k.acct and x.kind in ('deposit', 'purchase') and x.state = 'paid') as first_at,
       (select coalesce(json_agg(json_build_object('tradeId', t.trade_id, 'quick', t.quick_items, 'isHeld', t.payout_hold is not null) order by t.seq), '[]')
          from market.trades t where t.seller = k.acct and t.quick_items > 0 and t.settled_at > $2
            and t.state in ('settled', 'certified', 'protected', 'disputed', 'paid_out')) as sales
     from unnest($1::text[]) as k(acct)`,
    [accts, new Date(now - DAY_OF_RESALES_MS)],
  );
  return new Map(
    rows.map((row) => [
      parseAccountId(row.acct),
      {
        firstUsedAt: row.first_at === null ? null : at(row.first_at),
        sales: row.sales.map(({ tradeId, ...sale }) => ({ ...sale, tradeId: parseTradeId(tradeId) })),
      },
    ]),
  );
}
