/** Reads what counts for the ceilings of the pack in force (rulebook 10.2, 11): trades of their windows, what waits, open orders. Nothing is
 *  asked of the database while the pack has no ceiling. */
import { type AccountId, parseAccountId, parseTradeId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import { capWindow, capWindowStart, type OpenOrder } from '#sandbox/decisions/caps.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import { type CapFacts, mostTrades, type Side, tradedKey, type WaitingTrade } from '#server/settlement/cap-facts.ts';
import type { OrderIntent } from '#server/trpc/views.ts';

type Ask = { readonly accts: readonly AccountId[]; readonly pack: RulePack; readonly now: Instant };

export async function readCapFacts(sql: Queryable, { accts, pack, now }: Ask): Promise<ReadonlyMap<AccountId, CapFacts>> {
  const caps = pack.caps ?? [];
  if (caps.length === 0 || accts.length === 0) return new Map();
  const date = beijingDate(now);
  const since = new Map(
    caps.map(({ window }) => [capWindow(window, date), toIso(startOfBeijingDate(capWindowStart(window, date)))] as const),
  );
  const [traded, waiting, open] = await Promise.all([listTraded(sql, accts, since), listWaiting(sql, accts), listOpen(sql, accts)]);
  return new Map(
    accts.map((acct) => {
      const own = traded.filter((row) => row.acct === acct);
      const facts: CapFacts = {
        traded: new Map(own.map((row) => [tradedKey(row.side, row.name), { grossFen: BigInt(row.gross_fen), trades: BigInt(row.trades) }])),
        waiting: waiting.flatMap((row) => waitingOf(row, acct)),
        open: open.flatMap((row) => (row.acct === acct ? [openOf(row)] : [])),
      };
      return [acct, facts];
    }),
  );
}

type TradedRow = { acct: string; side: Side; name: string; gross_fen: string; trades: string };

/** What was reversed later was traded all the same: a ceiling on the gross knows no refunds. */
function listTraded(sql: Queryable, accts: readonly AccountId[], since: ReadonlyMap<string, string>): Promise<readonly TradedRow[]> {
  return query<TradedRow>(
    sql,
    `select k.acct, s.side, w.name, s.gross_fen::text, s.trades::text
     from unnest($1::text[]) as k(acct) cross join unnest($2::text[], $3::timestamptz[]) as w(name, since)
     cross join lateral (
       select 'sell' as side, coalesce(sum(gross_fen), 0) as gross_fen, count(*) as trades
         from market.trades where seller = k.acct and settled_at >= w.since and state <> 'failed'
       union all
       select 'buy', coalesce(sum(gross_fen), 0), count(*)
         from market.trades where buyer = k.acct and settled_at >= w.since and state <> 'failed') s`,
    [accts, [...since.keys()], [...since.values()]],
  );
}

type WaitingRow = { trade_id: string; seller: string; buyer: string; gross_fen: string };

function listWaiting(sql: Queryable, accts: readonly AccountId[]): Promise<readonly WaitingRow[]> {
  return query<WaitingRow>(
    sql,
    `select trade_id, seller, buyer, gross_fen::text from market.trades
     where state = 'publicity' and (seller = any($1) or buyer = any($1))`,
    [accts],
  );
}

function waitingOf(row: WaitingRow, acct: AccountId): readonly WaitingTrade[] {
  const { seller, buyer } = row;
  const trade = { tradeId: parseTradeId(row.trade_id), grossFen: BigInt(row.gross_fen) };
  if (parseAccountId(seller) === acct) return [{ ...trade, side: 'sell' }];
  return parseAccountId(buyer) === acct ? [{ ...trade, side: 'buy' }] : [];
}

type OpenRow = {
  order_id: string;
  acct: string;
  side: Side;
  intent: OrderIntent;
  price_fen: string;
  units: number;
  item_ids: readonly string[];
};

/** A counter-offer names its item and does not hold it: it counts while its owner has it. */
function listOpen(sql: Queryable, accts: readonly AccountId[]): Promise<readonly OpenRow[]> {
  return query<OpenRow>(
    sql,
    `select o.order_id, o.acct, o.side, o.intent, o.price_fen::text, o.quantity - o.filled as units,
       case when o.side = 'buy' then '{}'::text[]
         when o.intent = 'counter' then array(
           select i.item_id from json_array_elements(o.quote::json #> '{document,items}') as q
           join custody.items i on i.item_id = q ->> 'itemId' and i.owner = o.acct)
         else array(select oi.item_id from market.order_items oi
           join custody.item_holds h on h.order_id = oi.order_id and h.item_id = oi.item_id and h.state = 'active'
           where oi.order_id = o.order_id) end as item_ids
     from market.orders o where o.ended_at is null and o.acct = any($1)`,
    [accts],
  );
}

function openOf(row: OpenRow): OpenOrder {
  return {
    orderId: row.order_id,
    side: row.side,
    unitFen: BigInt(row.price_fen),
    units: row.units,
    trades: mostTrades(row.intent, row.units),
    itemIds: row.item_ids,
  };
}
