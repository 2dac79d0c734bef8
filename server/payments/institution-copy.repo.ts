/**
 * The statement as we keep it: a copy of the institution's books in our own schema `psp`, for an institution with a database of its own. What
 * was booked is added, never changed; balances follow from the postings by the schema's own trigger.
 */
import type { Sql } from '#server/db.ts';
import { insertRows, query } from '#server/journal/rows.repo.ts';

const BATCH = 2_000;

type EntryRow = { source: string; number: string; kind: string; at: string; is_abroad: boolean };
type PostingRow = { source: string; line: number; ref: string; pot: string; amount_fen: string };
type RequestRow = {
  client_ref: string;
  kind: string;
  ref: string;
  amount_fen: string;
  state: string;
  reason: string | null;
  due_at: string;
  purpose: string | null;
  expires_at: string | null;
};

/** Whole when it resolves, or as it was before. */
export async function copyBooks(from: Sql, to: Sql): Promise<void> {
  const [known] = await query<{ number: string }>(to, 'select coalesce(max(number), 0)::text as number from psp.entries');
  const news = await readNews(from, known?.number ?? '0');
  const [cursor] = await query<{ last_id: string }>(to, "select last_id::text from psp.cursor where name = 'instructions'");
  const [requests] = await query<{ digest: string }>(to, REQUESTS_DIGEST);
  if (news.entries.length === 0 && cursor?.last_id === news.cursor && requests?.digest === news.digest) return;
  await to.begin(async (tx) => {
    const accounts = [...new Map(news.postings.map(({ ref, pot }) => [`${pot} ${ref}`, { ref, pot, balance_fen: '0' }])).values()];
    await insertRows(tx, 'psp.accounts', accounts, 'on conflict do nothing');
    // The institution's own numbers, so that a statement names the same line on both sides.
    await query(
      tx,
      `insert into psp.entries (source, number, kind, at, is_abroad) overriding system value
       select source, number, kind, at, is_abroad
       from json_to_recordset($1::text::json) as e(source text, number bigint, kind text, at timestamptz, is_abroad boolean)`,
      [JSON.stringify(news.entries)],
    );
    await insertRows(tx, 'psp.postings', news.postings);
    await insertRows(
      tx,
      'psp.requests',
      news.requests,
      `on conflict (client_ref) do update set state = excluded.state, reason = excluded.reason, due_at = excluded.due_at`,
    );
    await query(tx, "update psp.cursor set last_id = $1::bigint where name = 'instructions'", [news.cursor]);
  });
  if (news.entries.length === BATCH) await copyBooks(from, to);
}

const REQUESTS_DIGEST = "select md5(coalesce(string_agg(client_ref || state, ',' order by client_ref), '')) as digest from psp.requests";

/** Of one moment. */
async function readNews(from: Sql, after: string) {
  return from.begin('isolation level repeatable read read only', async (tx) => {
    const entries = await query<EntryRow>(
      tx,
      `select source, number::text, kind, at::text, is_abroad from psp.entries where number > $1::bigint order by number limit ${BATCH}`,
      [after],
    );
    const postings = await query<PostingRow>(
      tx,
      'select source, line, ref, pot, amount_fen::text from psp.postings where source = any($1)',
      [entries.map(({ source }) => source)],
    );
    const requests = await query<RequestRow>(
      tx,
      'select client_ref, kind, ref, amount_fen::text, state, reason, due_at::text, purpose, expires_at::text from psp.requests',
    );
    const [cursor] = await query<{ last_id: string }>(tx, "select last_id::text from psp.cursor where name = 'instructions'");
    const [digest] = await query<{ digest: string }>(tx, REQUESTS_DIGEST);
    return { entries, postings, requests, cursor: cursor?.last_id ?? '0', digest: digest?.digest ?? '' };
  });
}
