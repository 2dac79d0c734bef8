/** The movements behind an alert: settled trades as the market has them, payments and gifts as they were read. */
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import type { AlertEvidence } from '#server/trpc/views.ts';

type TradeRow = {
  readonly id: string;
  readonly at: Date;
  readonly seller: string;
  readonly buyer: string;
  readonly gross_fen: string;
  readonly quantity: number;
  readonly name_zh: string | null;
  readonly name_en: string | null;
  readonly items: readonly string[];
  readonly labels: readonly string[];
};
type MovementRow = {
  readonly fact_id: string;
  readonly kind: 'payment' | 'gift';
  readonly at: Date;
  readonly body: Readonly<Record<string, unknown>>;
};

export async function listEvidence(sql: Queryable, ids: readonly string[]): Promise<readonly AlertEvidence[]> {
  if (ids.length === 0) return [];
  const [trades, movements] = await Promise.all([
    query<TradeRow>(
      sql,
      `select t.trade_id as id, t.settled_at as at, t.seller, t.buyer, t.gross_fen::text, t.quantity, c.name_zh, c.name_en,
         coalesce((select json_agg(i.item_id order by i.item_id) from market.trade_items i where i.trade_id = t.trade_id), '[]') as items,
         coalesce((select json_agg(l.label order by l.label) from market.trade_labels l where l.trade_id = t.trade_id and l.removed_at is null), '[]') as labels
       from market.trades t left join catalogue.item_classes c using (class_id) where t.trade_id = any($1) and t.settled_at is not null`,
      [ids],
    ),
    query<MovementRow>(
      sql,
      "select fact_id, kind, at, body from surveillance.facts where fact_id = any($1) and kind in ('payment', 'gift')",
      [ids],
    ),
  ]);
  return [...trades.map(ofTrade), ...movements.map(ofMovement)].toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function ofTrade(row: TradeRow): AlertEvidence {
  return {
    id: row.id,
    kind: 'trade',
    at: row.at.toISOString(),
    from: row.seller,
    to: row.buyer,
    amountFen: row.gross_fen,
    className: row.name_en === null ? null : { zh: row.name_zh, en: row.name_en },
    items: row.items,
    quantity: row.quantity,
    labels: row.labels,
  };
}

function ofMovement({ fact_id: id, kind, at, body }: MovementRow): AlertEvidence {
  const text = (name: string) => (typeof body[name] === 'string' ? body[name] : null);
  const item = text('itemId');
  return {
    id,
    kind,
    at: at.toISOString(),
    from: text('from'),
    to: text('to'),
    amountFen: text('amountFen'),
    className: null,
    items: item === null ? [] : [item],
    quantity: null,
    labels: [],
  };
}

export async function listNames(sql: Queryable, accounts: readonly string[]): Promise<Readonly<Record<string, string>>> {
  if (accounts.length === 0) return {};
  const rows = await query<{ acct: string; name: string }>(
    sql,
    'select acct, display_name as name from identity.players where acct = any($1)',
    [accounts],
  );
  return Object.fromEntries(rows.map(({ acct, name }) => [acct, name]));
}
