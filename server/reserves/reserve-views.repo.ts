/** SQL behind the pages of what is kept back. */
import { type AccountId, parseAccountId, parseTradeId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { findPackByHash } from '#sandbox/packs/pack.ts';
import { at, isoOrNull, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { ReserveCause, ReservedTax, ReservePartView } from '#server/trpc/views.ts';

type PartColumns = {
  trade_id: string;
  acct: string;
  experiment_id: string;
  name_zh: string | null;
  name_en: string;
  tax: ReservedTax;
  month: string;
  amount_fen: string;
  lines: readonly { readonly id: string; readonly amountFen: string }[];
  newest: readonly { readonly id: string; readonly amountFen: string }[];
  pack_hash: string;
  kept_at: Date;
  due_on: string;
  free_at: Date;
  freed_at: Date | null;
  cause: ReserveCause | null;
  has_complained: boolean;
};

/** `acct` null: everybody's. */
export async function listParts(
  sql: Queryable,
  acct: AccountId | null,
  limit: number,
): Promise<readonly (ReservePartView & { readonly sellerRef: AccountId })[]> {
  const rows = await query<PartColumns>(
    sql,
    `select r.trade_id, r.acct, r.experiment_id, c.name_zh, c.name_en, r.tax, r.month, r.amount_fen::text, r.lines, a.lines as newest,
       encode(a.pack_hash, 'hex') as pack_hash, r.kept_at, r.due_on::text, r.free_at, r.freed_at, r.cause,
       exists (select from experiments.liquidity_complaints l where l.trade_id = r.trade_id) as has_complained
     from experiments.reserves r join market.trades t using (trade_id) join catalogue.item_classes c using (class_id)
     join lateral (select lines, pack_hash from compliance.assessments x where x.trade_id = r.trade_id order by version desc limit 1) a on true
     where $1::text is null or r.acct = $1 order by r.freed_at is not null, coalesce(r.freed_at, r.kept_at) desc, r.trade_id, r.tax desc limit ${String(limit)}`,
    [acct],
  );
  return rows.map((row) => {
    const ids = new Set(row.lines.map(({ id }) => id));
    const pack = findPackByHash(row.pack_hash);
    return {
      tradeId: parseTradeId(row.trade_id),
      sellerRef: parseAccountId(row.acct),
      experimentId: row.experiment_id,
      names: { zh: row.name_zh, en: row.name_en },
      tax: row.tax,
      lines: row.lines.map(({ id, amountFen }) => ({
        id,
        name: pack?.lines.find((line) => line.id === id)?.name ?? { zh: id, en: id },
        amountFen,
      })),
      amountFen: row.amount_fen,
      assessedFen: String(row.newest.reduce((sum, line) => (ids.has(line.id) ? sum + BigInt(line.amountFen) : sum), 0n)),
      month: row.month,
      keptAt: toIso(at(row.kept_at)),
      dueOn: row.due_on,
      freeAt: toIso(at(row.free_at)),
      freedAt: isoOrNull(row.freed_at === null ? null : at(row.freed_at)),
      cause: row.cause,
      hasComplained: row.has_complained,
    };
  });
}

export type TrialSale = {
  readonly month: string;
  readonly soldOn: string;
  readonly packHash: string;
  readonly lines: readonly { readonly id: string; readonly amountFen: string }[];
};

/** Sales that somebody placed inside these experiments, as they are assessed now. */
export async function listTrialSales(sql: Queryable, acct: AccountId, experimentIds: readonly string[]): Promise<readonly TrialSale[]> {
  if (experimentIds.length === 0) return [];
  const rows = await query<{ month: string; sold_on: string; pack_hash: string; lines: TrialSale['lines'] }>(
    sql,
    `select to_char(t.settled_at at time zone 'Asia/Shanghai', 'YYYY-MM') as month, to_char(t.settled_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as sold_on,
       encode(a.pack_hash, 'hex') as pack_hash, a.lines from market.trades t
     join market.orders s on s.order_id = t.sell_order_id and s.experiment_id = t.experiment_id
     join lateral (select lines, pack_hash from compliance.assessments x where x.trade_id = t.trade_id order by version desc limit 1) a on true
     where t.seller = $1 and t.experiment_id = any($2) and t.settled_at is not null and t.state <> 'reversed' order by t.settled_at`,
    [acct, experimentIds],
  );
  return rows.map((row) => ({ month: row.month, soldOn: row.sold_on, packHash: row.pack_hash, lines: row.lines }));
}

export async function sumReserves(
  sql: Queryable,
): Promise<readonly { readonly cause: ReserveCause | null; readonly parts: number; readonly sellers: number; readonly fen: string }[]> {
  return query(
    sql,
    `select cause, count(*)::int as parts, count(distinct acct)::int as sellers, sum(amount_fen)::text as fen
     from experiments.reserves group by cause order by cause nulls first`,
  );
}

/** The institution's figure over all sub-accounts, what is on its way there, and ours: of one moment. */
export async function readSubAccounts(
  sql: Queryable,
): Promise<{ readonly theirs: string; readonly waiting: string; readonly ours: string }> {
  const [row] = await query<{ theirs: string; waiting: string; ours: string }>(
    sql,
    `select coalesce((select sum(balance_fen) from psp.accounts where pot = 'tax'), 0)::text as theirs,
       coalesce((select sum((m.movement->>'amount')::bigint) from payments.instructions i, jsonb_array_elements(i.movements) m(movement)
         where i.instruction_id > (select last_id from psp.cursor where name = 'instructions') and m.movement->>'pot' = 'tax'), 0)::text as waiting,
       coalesce((select sum(balance_fen) from journal.accounts where account_id like 'reserve:%'), 0)::text as ours`,
  );
  return row ?? { theirs: '0', waiting: '0', ours: '0' };
}
