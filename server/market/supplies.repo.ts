/** What payers of returns take and give back, from the trades; and sums of it for days that are over, kept ready (`closed-days.repo.ts`). */
import { beijingDate, type Instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';

/**
 * Each trade gives the platform its fee and the kind's studio its royalty, when it is settled; a studio that sells for itself has the price
 * as well. What is taken back, or refused by the members, comes once more with the other sign, on that day (rulebook 0.4, REFUND).
 */
export const GIVEN_BACK = "('reversed', 'failed')";
const OF_TRADE = 't.trade_id, t.class_id, t.seller, t.fee_fen, t.royalty_fen, t.gross_fen';
export const SUPPLIES = `
  select s.payer, s.type, t.trade_id, s.amount, t.sign, t.at from (
    select ${OF_TRADE}, 1 as sign, t.settled_at as at from market.trades t where t.settled_at >= $1 and t.settled_at < $2
    union all
    select ${OF_TRADE}, -1, r.at from market.trade_states r join market.trades t using (trade_id)
    where r.state in ${GIVEN_BACK} and r.at >= $1 and r.at < $2 and t.settled_at is not null
      and not exists (select from market.trade_states e where e.trade_id = r.trade_id and e.state in ${GIVEN_BACK} and (e.at, e.step) < (r.at, r.step))
  ) t
  join catalogue.item_classes c using (class_id)
  cross join lateral (values
    (null, 'FEE', t.fee_fen), (c.studio_acct, 'ROYALTY', t.royalty_fen),
    (case when t.seller = c.studio_acct then t.seller end, 'PRIMARY', case when t.seller = c.studio_acct then t.gross_fen else 0 end)
  ) s(payer, type, amount)
  where s.amount > 0`;

/** The platform in what is kept. */
const PLATFORM = '';

/** Worked out anew from all that was taken and given back on the day. */
export async function writeDaySupplies(tx: Tx, day: string, after: string): Promise<void> {
  await query(tx, 'delete from market.day_supplies where day = $1', [day]);
  await query(
    tx,
    `insert into market.day_supplies (day, payer, gross_fen)
     select $3, coalesce(payer, '${PLATFORM}'), sum(amount * sign)::bigint from (${SUPPLIES}) s group by payer`,
    [toIso(startOfBeijingDate(day)), toIso(startOfBeijingDate(after)), day],
  );
}

/** By payer (null: the platform), from the first instant of one day to that of another: what is kept of days that are over, and the rest from trades. */
export async function sumSupplies(tx: Tx, from: Instant, before: Instant): Promise<ReadonlyMap<string | null, bigint>> {
  const [cursor] = await query<{ closed_before: string | null }>(tx, 'select closed_before from market.figures_cursor');
  const closed = cursor?.closed_before == null ? from : startOfBeijingDate(cursor.closed_before);
  const [low, high] = closed < from ? [from, before] : [closed < before ? closed : before, before];
  const kept = await query<Sum>(
    tx,
    `select nullif(payer, '${PLATFORM}') as payer, sum(gross_fen)::text as fen from market.day_supplies where day >= $1 and day < $2 group by 1`,
    [beijingDate(from), beijingDate(low)],
  );
  const live =
    low < high
      ? await query<Sum>(tx, `select payer, sum(amount * sign)::text as fen from (${SUPPLIES}) s group by payer`, [toIso(low), toIso(high)])
      : [];
  const sums = new Map<string | null, bigint>();
  for (const { payer, fen } of [...kept, ...live]) sums.set(payer, (sums.get(payer) ?? 0n) + BigInt(fen));
  return sums;
}
type Sum = { payer: string | null; fen: string };
