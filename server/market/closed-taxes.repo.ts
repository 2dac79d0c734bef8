/** Taxes of days that are over, kept ready (product V-06); `followDays` says which days, and of which sales. */
import type { Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';
import { NEWEST, SALES_OF } from './newest-assessments.ts';

const NO_GAME = '';
const ALL_LINES = '';

/** From `day` to the date before `after`. */
export async function writeDayTaxes(tx: Tx, day: string, after: string): Promise<void> {
  await query(tx, 'delete from market.day_taxes where day = $1', [day]);
  await query(
    tx,
    `with sold as materialized (select coalesce(s.game_id, '${NO_GAME}') as game, s.gross_fen, s.total_fen, encode(s.pack_hash, 'hex') as pack, s.lines
         from (${SALES_OF(`select a.* ${NEWEST}`)}) s),
       lined as (select game, gross_fen, total_fen, pack, l.line->>'id' as line, (l.line->>'amountFen')::bigint as amount
         from sold, jsonb_array_elements(lines) l(line))
     insert into market.day_taxes (day, game_id, line, sales, gross_fen, tax_fen, amount_fen, pack_hash)
     select $1, game, '${ALL_LINES}', count(*)::int, sum(gross_fen)::bigint, sum(total_fen)::bigint, sum(total_fen)::bigint, decode(min(pack), 'hex')
       from sold group by game
     union all
     select $1, game, line, (count(*) filter (where amount <> 0))::int, coalesce(sum(gross_fen) filter (where amount <> 0), 0)::bigint,
       coalesce(sum(total_fen) filter (where amount <> 0), 0)::bigint, sum(amount)::bigint, decode(min(pack), 'hex')
       from lined group by game, line`,
    [day, after],
  );
}

const SUMS = 'count(*)::int as sales, sum(a.gross_fen)::bigint as gross_fen, sum(a.total_fen)::bigint as tax_fen';

/** A day is added once, when it is over. */
export async function addTaxSellers(tx: Tx, day: string, after: string): Promise<void> {
  await query(
    tx,
    `insert into market.seller_tax_months as m (month, seller, sales, gross_fen, tax_fen)
     select left($1, 7), a.seller, ${SUMS} ${NEWEST} group by a.seller
     on conflict (month, seller) do update set sales = m.sales + excluded.sales, gross_fen = m.gross_fen + excluded.gross_fen,
       tax_fen = m.tax_fen + excluded.tax_fen`,
    [day, after],
  );
}

/** Months of the sellers of these sales before a date, worked out anew from all of what was assessed on days that are over now. */
export async function writeTaxSellers(tx: Tx, sales: readonly string[], before: string, closedBefore: string): Promise<void> {
  const touched = 'select distinct seller, left(day, 7) as month from compliance.assessments where trade_id = any($1) and day < $2';
  await query(tx, `delete from market.seller_tax_months m using (${touched}) t where m.month = t.month and m.seller = t.seller`, [
    [...sales],
    before,
  ]);
  await query(
    tx,
    `insert into market.seller_tax_months (month, seller, sales, gross_fen, tax_fen)
     select t.month, t.seller, ${SUMS} from (${touched}) t join compliance.assessments a
       on a.seller = t.seller and a.day >= t.month || '-01' and a.day <= t.month || '-31' and a.day < $3
     where not exists (select from compliance.assessments b where b.trade_id = a.trade_id and b.version > a.version)
     group by t.month, t.seller`,
    [[...sales], before, closedBefore],
  );
}
