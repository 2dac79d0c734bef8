/** Which members have run a policy replay again, and what it was computed from. */
import { toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { at, type Queryable, query } from '#server/journal/rows.repo.ts';

export type ReplayConfirmation = {
  readonly member: number;
  readonly org: string;
  readonly publicKey: string;
  readonly signature: string;
  readonly trades: number;
  readonly opened: number;
  readonly at: Instant;
};

type Row = { member: number; org: string; public_key: Uint8Array; signature: Uint8Array; trades: number; opened: number; at: Date };

/** First come, first shown. */
export async function listConfirmations(sql: Queryable, replayId: string): Promise<readonly ReplayConfirmation[]> {
  const rows = await query<Row>(
    sql,
    'select member, org, public_key, signature, trades, opened, at from compliance.replay_confirmations where replay_id = $1 order by at, member',
    [replayId],
  );
  return rows.map((row) => ({
    ...{ member: row.member, org: row.org, trades: row.trades, opened: row.opened, at: at(row.at) },
    ...{ publicKey: toHex(row.public_key), signature: toHex(row.signature) },
  }));
}

/** False: this member has confirmed it before. */
export async function insertConfirmation(
  sql: Queryable,
  replayId: string,
  { member, org, publicKey, signature, trades, opened }: Omit<ReplayConfirmation, 'at'>,
  by: { readonly staffId: string; readonly at: Instant },
): Promise<boolean> {
  const rows = await query(
    sql,
    `insert into compliance.replay_confirmations (replay_id, member, org, public_key, signature, trades, opened, asked_by, at)
     values ($1, $2, $3, $4::text::bytea, $5::text::bytea, $6, $7, $8, $9) on conflict do nothing returning 1`,
    [replayId, member, org, `\\x${publicKey}`, `\\x${signature}`, trades, opened, by.staffId, toIso(by.at)],
  );
  return rows.length === 1;
}

/** Compressed; null: there is no such replay, it is not done, or it is from before inputs were kept. */
export async function findReplayInputs(sql: Queryable, replayId: string): Promise<Uint8Array | null> {
  const [row] = await query<{ inputs: Uint8Array | null }>(sql, 'select inputs from compliance.replays where replay_id = $1', [replayId]);
  return row?.inputs ?? null;
}
