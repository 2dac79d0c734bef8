/** SQL of what supervisors read of decisions (product V-09): those that were not simply allowed, and those behind one trade. */
import { toIso } from '#ledger/primitives/instant.ts';
import { at, atOrNull, isoOrNull, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { DecisionReason, OrderState, RuledDecision, TradeState } from '#server/trpc/views.ts';

type Columns = {
  acct: string;
  stage: RuledDecision['stage'];
  reference_id: string;
  at: Date;
  order_id: string | null;
  intent: RuledDecision['intent'];
  side: RuledDecision['side'];
  mechanism: RuledDecision['mechanism'];
  class_id: string;
  game_id: string;
  price_fen: string;
  quantity: number;
  reference_price_fen: string | null;
  kind: RuledDecision['kind'];
  reasons: readonly DecisionReason[];
  pack_hash: string;
  experiment_id: string | null;
  outcome: string;
  name_zh: string | null;
  name_en: string | null;
  order_state: OrderState | null;
};

const SELECT = `select d.acct, d.stage, d.reference_id, d.at, d.order_id, d.intent, d.side, d.mechanism, d.class_id, d.game_id,
  d.price_fen::text, d.quantity, d.reference_price_fen::text, d.kind, d.reasons, encode(d.pack_hash, 'hex') as pack_hash, d.experiment_id, d.outcome,
  c.name_zh, c.name_en, o.state as order_state
  from compliance.decisions d left join catalogue.item_classes c on c.class_id = d.class_id left join market.orders o on o.order_id = d.order_id`;

export type DecisionPlace = { readonly at: string; readonly acct: string; readonly stage: string; readonly referenceId: string };
export type DecisionFit = {
  readonly kind: 'review' | 'deny';
  readonly from: string;
  readonly before: string;
  readonly code: string | null;
  readonly gameId: string | null;
  readonly classId: string | null;
};

/** The index of migration 0090 holds what was not allowed. */
const FITS = `d.kind <> 'allow' and d.kind = $1 and d.at >= $2::timestamptz and d.at < $3::timestamptz
  and ($4::text is null or d.reasons @> jsonb_build_array(jsonb_build_object('code', $4::text)))
  and ($5::text is null or d.game_id = $5) and ($6::text is null or d.class_id = $6)`;
const fitArgs = ({ kind, from, before, code, gameId, classId }: DecisionFit) => [kind, from, before, code, gameId, classId];

/** Newest first. */
export async function listDecisionLines(
  sql: Queryable,
  fit: DecisionFit,
  page: { readonly after: DecisionPlace | null; readonly limit: number },
): Promise<readonly RuledDecision[]> {
  const { after } = page;
  const rows = await query<Columns>(
    sql,
    `${SELECT} where ${FITS}
       and ($7::timestamptz is null or (d.at, d.acct, d.stage, d.reference_id) < ($7::timestamptz, $8::text, $9::text, $10::text))
     order by d.at desc, d.acct desc, d.stage desc, d.reference_id desc limit $11`,
    [...fitArgs(fit), after?.at ?? null, after?.acct ?? null, after?.stage ?? null, after?.referenceId ?? null, page.limit],
  );
  return withTrades(sql, rows);
}

/** At most `most`: beyond that nobody reads them one by one. */
export async function countDecisionLines(sql: Queryable, fit: DecisionFit, most: number): Promise<number> {
  const [row] = await query<{ count: number }>(
    sql,
    `select count(*)::int as count from (select from compliance.decisions d where ${FITS} limit $7) s`,
    [...fitArgs(fit), most],
  );
  return row?.count ?? 0;
}

/** Of both orders of a trade in the order in which they came, whatever was decided; found by the key of a decision. */
export async function listDecisionsOfTrade(sql: Queryable, tradeId: string): Promise<readonly RuledDecision[]> {
  const rows = await query<Columns>(
    sql,
    `with placed as (
       select p.acct, p.reference_id, p.seq from market.trades t join market.orders p on p.order_id in (t.sell_order_id, t.buy_order_id) where t.trade_id = $1
     )
     ${SELECT} join placed p on p.acct = d.acct and p.reference_id = d.reference_id and d.stage = 'order' order by p.seq`,
    [tradeId],
  );
  return withTrades(sql, rows);
}

type TradeColumns = { order_id: string; trade_id: string; state: TradeState; price_fen: string; settled_at: Date | null };

async function withTrades(sql: Queryable, rows: readonly Columns[]): Promise<readonly RuledDecision[]> {
  const orderIds = rows.flatMap(({ order_id: orderId, order_state: state }) => (orderId === null || state === null ? [] : [orderId]));
  const trades = await query<TradeColumns>(
    sql,
    `select order_id, trade_id, state, price_fen::text, settled_at from (
       select sell_order_id as order_id, trade_id, state, price_fen, settled_at, seq from market.trades where sell_order_id = any($1)
       union all select buy_order_id, trade_id, state, price_fen, settled_at, seq from market.trades where buy_order_id = any($1)
     ) s order by seq`,
    [orderIds],
  );
  const byOrder = Map.groupBy(trades, ({ order_id: orderId }) => orderId);
  return rows.map((row) => lineOf(row, row.order_id === null ? [] : (byOrder.get(row.order_id) ?? [])));
}

function lineOf(row: Columns, trades: readonly TradeColumns[]): RuledDecision {
  return {
    id: `${row.acct}.${row.stage}.${row.reference_id}`,
    at: toIso(at(row.at)),
    kind: row.kind,
    stage: row.stage,
    acctRef: row.acct,
    intent: row.intent,
    side: row.side,
    mechanism: row.mechanism,
    classId: row.class_id,
    gameId: row.game_id,
    names: row.name_en === null ? null : { zh: row.name_zh, en: row.name_en },
    priceFen: row.price_fen,
    quantity: row.quantity,
    referenceFen: row.reference_price_fen,
    reasons: row.reasons,
    packHash: row.pack_hash,
    experimentId: row.experiment_id,
    outcome: row.outcome,
    orderId: row.order_id,
    orderState: row.order_state,
    trades: trades.map((trade) => ({
      tradeId: trade.trade_id,
      state: trade.state,
      priceFen: trade.price_fen,
      settledAt: isoOrNull(atOrNull(trade.settled_at)),
    })),
  };
}
