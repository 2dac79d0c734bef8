/** SQL of a takeover: what it finds, and that it has happened. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Sql, Tx } from '#server/db.ts';
import { at, bytea, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';

export type Takeover = {
  readonly at: Instant;
  readonly height: bigint;
  readonly operator: string;
  readonly attestedEntry: bigint | null;
  readonly attestedHeads: unknown;
};

/** Null: this market is run by whoever began it. */
export async function findTakeover(sql: Queryable): Promise<Takeover | null> {
  const [row] = await query<{ at: Date; height: string; operator: string; attested_entry: string | null; attested_heads: unknown }>(
    sql,
    'select at, height::text, operator, attested_entry::text, attested_heads from takeover.takeovers',
  );
  if (row === undefined) return null;
  return {
    at: at(row.at),
    height: BigInt(row.height),
    operator: row.operator,
    attestedEntry: row.attested_entry === null ? null : BigInt(row.attested_entry),
    attestedHeads: row.attested_heads,
  };
}

/** Ledger transactions of a write that was made under this reference before the takeover, in hex. */
export async function findSightings(sql: Queryable, acct: Bytes, salt: Bytes): Promise<readonly string[]> {
  const rows = await query<{ tx_id: string }>(
    sql,
    `select encode(s.tx_id, 'hex') as tx_id from takeover.sightings s join ledger.entries e using (tx_id) where s.acct = $1 and s.salt = $2 order by e.idx`,
    [acct, salt],
  );
  return rows.map((row) => row.tx_id);
}

export async function insertTakeover(tx: Tx, takeover: Takeover): Promise<void> {
  await insertRows(tx, 'takeover.takeovers', [
    {
      id: 1,
      at: toIso(takeover.at),
      height: String(takeover.height),
      operator: takeover.operator,
      attested_entry: takeover.attestedEntry === null ? null : String(takeover.attestedEntry),
      attested_heads: takeover.attestedHeads === null ? null : Object(takeover.attestedHeads),
    },
  ]);
}

export async function insertSightings(
  tx: Tx,
  sightings: readonly { readonly acct: Bytes; readonly salt: Bytes; readonly txId: Bytes }[],
): Promise<void> {
  const rows = sightings.map(({ acct, salt, txId }) => ({ acct: bytea(acct), salt: bytea(salt), tx_id: bytea(txId) }));
  await insertRows(tx, 'takeover.sightings', rows, 'on conflict do nothing');
}

/** Everything certified gets a place in the sequence, as if this node had given it: what asks for a LedgerTx by its place finds it. */
export async function numberEntries(tx: Tx): Promise<void> {
  await tx`
    insert into ledger.ledger_txs (seq, tx_id, env, sequenced_at, status, height)
    select e.idx + 1, e.tx_id, null, 0, 'certified', e.height from ledger.entries e order by e.idx on conflict do nothing`;
}

/** Requests that the institution has taken, and whether the former operator was told of their end. */
export type RequestRow = {
  readonly client_ref: string;
  readonly kind: 'pay_in' | 'pay_out' | 'refund' | 'checkout';
  readonly ref: string;
  readonly amount_fen: string;
  readonly state: 'open' | 'accepted' | 'done' | 'failed';
  readonly is_told: boolean;
};

export async function listInstitutionRequests(institution: Sql): Promise<readonly RequestRow[]> {
  return query<RequestRow>(
    institution,
    `select r.client_ref, r.kind, r.ref, r.amount_fen::text, r.state,
       exists (select from psp.callbacks c where c.client_ref = r.client_ref and c.delivered_at is not null and c.outcome in ('paid', 'failed', 'refunded')) as is_told
     from psp.requests r where r.kind <> 'refund' order by r.due_at, r.client_ref`,
  );
}

/** Where the numbering of entries begins: after the last instruction that the institution has followed. */
export async function beginJournal(tx: Tx, first: bigint, delivered: bigint): Promise<void> {
  await query(tx, "update journal.heads set first_id = $1::bigint, next_id = $1::bigint where name = 'entries'", [String(first)]);
  await query(tx, "update payments.deliveries set last_id = $1::bigint where name = 'instructions'", [String(delivered)]);
}
