/** The stream of facts that detectors read: appended from the feeds, numbered without gaps, read again in the same order. */
import type { Fact } from '#sandbox/surveillance/facts.ts';
import type { Sql, Tx } from '#server/db.ts';
import { insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import { type FactRow, factFromRow, rowFromFact } from './fact-rows.ts';

export type Place = { readonly marketSeq: bigint; readonly financeSeq: bigint; readonly factNo: bigint };
export type FeedRow = { readonly room: string; readonly seq: string; readonly type: string; readonly at: Date; readonly body: string };

/** Locks the place until the end of the database transaction: one reader at a time, in however many processes. */
export async function lockPlace(tx: Tx): Promise<Place> {
  const [row] = await query<{ market_seq: string; finance_seq: string; fact_no: string }>(
    tx,
    "select market_seq, finance_seq, fact_no from surveillance.place where name = 'feeds' for update",
  );
  return { marketSeq: BigInt(row?.market_seq ?? 0), financeSeq: BigInt(row?.finance_seq ?? 0), factNo: BigInt(row?.fact_no ?? 0) };
}

export async function movePlace(tx: Tx, { marketSeq, financeSeq, factNo }: Place): Promise<void> {
  await query(tx, "update surveillance.place set market_seq = $1, finance_seq = $2, fact_no = $3 where name = 'feeds'", [
    String(marketSeq),
    String(financeSeq),
    String(factNo),
  ]);
}

export async function listFeed(tx: Tx, room: string, after: bigint, limit: number): Promise<readonly FeedRow[]> {
  return query<FeedRow>(
    tx,
    'select room, seq, type, at, body from outbox.messages where room = $1 and seq > $2 order by seq limit $3::int',
    [room, String(after), String(limit)],
  );
}

/** What a trade's message leaves out: its items, and whose game it is. */
export async function listTradeItems(
  tx: Tx,
  tradeIds: readonly string[],
): Promise<ReadonlyMap<string, { readonly items: readonly string[]; readonly issuer: string }>> {
  if (tradeIds.length === 0) return new Map();
  const rows = await query<{ trade_id: string; items: readonly string[]; issuer: string | null }>(
    tx,
    `select t.trade_id, coalesce((select json_agg(i.item_id order by i.item_id) from market.trade_items i where i.trade_id = t.trade_id), '[]') as items,
       c.studio_acct as issuer
     from market.trades t left join catalogue.item_classes c using (class_id) where t.trade_id = any($1)`,
    [tradeIds],
  );
  return new Map(rows.map((row) => [row.trade_id, { items: row.items, issuer: row.issuer ?? '' }]));
}

/** Which of the accounts have put money in before: the first time is the first use of their instrument. */
export async function listKnownPayers(tx: Tx, accounts: readonly string[]): Promise<ReadonlySet<string>> {
  if (accounts.length === 0) return new Set();
  const rows = await query<{ ref: string }>(
    tx,
    "select distinct body->>'account' as ref from surveillance.facts where kind = 'instrument' and fact_id = any($1)",
    [accounts.map((account) => `instrument:${account}`)],
  );
  return new Set(rows.map(({ ref }) => ref));
}

export async function insertFacts(tx: Tx, facts: readonly Fact[], firstNo: bigint): Promise<void> {
  // Each row refers to the one before it, and a foreign key is checked at the end of the statement.
  await insertRows(
    tx,
    'surveillance.facts',
    facts.map((fact, i) => rowFromFact(fact, firstNo + BigInt(i))),
    '',
  ).then(() => undefined);
}

const AT_ONCE = 5_000;

/** Every fact from one number to another, both included, a few thousand at a time. */
export async function* readFacts(sql: Sql, from: bigint, to: bigint): AsyncGenerator<readonly Fact[]> {
  for (let next = from; next <= to; next += BigInt(AT_ONCE)) {
    const until = next + BigInt(AT_ONCE) - 1n;
    const rows = await query<FactRow>(
      sql,
      'select kind, fact_id, at, body from surveillance.facts where fact_no between $1 and $2 order by fact_no',
      [String(next), String(until < to ? until : to)],
    );
    yield rows.map(factFromRow);
  }
}

/** The first and last number of facts in a period; `null`: none. */
export async function findFactRange(
  sql: Queryable,
  from: string,
  to: string,
): Promise<{ readonly first: bigint; readonly last: bigint } | null> {
  const [row] = await query<{ first: string | null; last: string | null }>(
    sql,
    'select min(fact_no)::text as first, max(fact_no)::text as last from surveillance.facts where at >= $1 and at < $2',
    [from, to],
  );
  return row?.first === null || row?.last === null || row === undefined ? null : { first: BigInt(row.first), last: BigInt(row.last) };
}
