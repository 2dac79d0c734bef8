/** Policy replays in tables: what was asked, how far it is, the signed result and its rows. */
import type { Json } from '#ledger/codec/canonical-json.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { readStoredPack } from '#sandbox/packs/parse-pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { ReplayOptions } from '#sandbox/replay/inputs.ts';
import type { Mismatch } from '#sandbox/replay/part.ts';
import { at, bytea, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';

export type ReplayRequest = { readonly from: string; readonly to: string; readonly options: ReplayOptions };
export type ReplayRefused = {
  readonly code: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly mismatches?: readonly Mismatch[];
};
export type StoredReplay = {
  readonly replayId: string;
  readonly requestedBy: string;
  readonly requestedAt: Instant;
  readonly request: ReplayRequest;
  readonly draft: RulePack;
  readonly state: 'waiting' | 'running' | 'done' | 'refused';
  readonly done: number;
  readonly total: number;
  readonly refusal: ReplayRefused | null;
  readonly body: { readonly [key: string]: Json } | null;
  readonly bodyHash: string | null;
  readonly signature: string | null;
};

type Row = {
  replay_id: string;
  requested_by: string;
  requested_at: Date;
  request: ReplayRequest;
  draft: unknown;
  state: StoredReplay['state'];
  done: number;
  total: number;
  refusal: ReplayRefused | null;
  body: { readonly [key: string]: Json } | null;
  body_hash: Uint8Array | null;
  signature: Uint8Array | null;
};

const COLUMNS = 'replay_id, requested_by, requested_at, request, draft, state, done, total, refusal, body, body_hash, signature';

export async function insertReplay(
  sql: Queryable,
  replay: Pick<StoredReplay, 'replayId' | 'requestedBy' | 'requestedAt' | 'request' | 'draft'>,
): Promise<void> {
  const { replayId, requestedBy, requestedAt, request, draft } = replay;
  const row = {
    replay_id: replayId,
    requested_by: requestedBy,
    requested_at: toIso(requestedAt),
    request,
    draft,
    state: 'waiting',
    done: 0,
    total: 0,
  };
  await insertRows(sql, 'compliance.replays', [row]);
}

export async function listReplays(sql: Queryable): Promise<readonly StoredReplay[]> {
  const rows = await query<Row>(sql, `select ${COLUMNS} from compliance.replays order by requested_at desc, replay_id limit 100`);
  return rows.map(replayOf);
}

export async function findReplay(sql: Queryable, replayId: string): Promise<StoredReplay | null> {
  const [row] = await query<Row>(sql, `select ${COLUMNS} from compliance.replays where replay_id = $1`, [replayId]);
  return row === undefined ? null : replayOf(row);
}

/** The oldest that is not over: after a crash it is computed again from the beginning. */
export async function nextReplay(sql: Queryable): Promise<StoredReplay | null> {
  const [row] = await query<Row>(
    sql,
    `select ${COLUMNS} from compliance.replays where ended_at is null order by requested_at, replay_id limit 1`,
  );
  return row === undefined ? null : replayOf(row);
}

function replayOf(row: Row): StoredReplay {
  return {
    replayId: row.replay_id,
    requestedBy: row.requested_by,
    requestedAt: at(row.requested_at),
    request: row.request,
    draft: readStoredPack(row.draft),
    state: row.state,
    done: row.done,
    total: row.total,
    refusal: row.refusal,
    body: row.body,
    bodyHash: row.body_hash === null ? null : toHex(row.body_hash),
    signature: row.signature === null ? null : toHex(row.signature),
  };
}

export async function noteProgress(sql: Queryable, replayId: string, done: number, total: number): Promise<void> {
  await query(sql, "update compliance.replays set state = 'running', done = $2, total = $3 where replay_id = $1 and ended_at is null", [
    replayId,
    done,
    total,
  ]);
}

export async function refuseReplay(sql: Queryable, replayId: string, now: Instant, refusal: ReplayRefused): Promise<void> {
  await query(sql, "update compliance.replays set state = 'refused', ended_at = $2, refusal = $3::text::jsonb where replay_id = $1", [
    replayId,
    toIso(now),
    JSON.stringify(refusal),
  ]);
}

export type SignedResult = {
  readonly body: Json;
  readonly bodyHash: string;
  readonly signature: Uint8Array;
  readonly rows: readonly Json[];
  /** `daoju.replay-inputs/1`, compressed. */
  readonly inputs: Uint8Array;
};

export async function keepReplay(sql: Queryable, replayId: string, now: Instant, result: SignedResult): Promise<void> {
  await query(
    sql,
    `update compliance.replays set state = 'done', ended_at = $2, body = $3::text::jsonb, body_hash = $4::text::bytea, signature = $5::text::bytea,
       rows = $6::text::jsonb, inputs = $7::text::bytea, done = total where replay_id = $1`,
    [
      replayId,
      toIso(now),
      JSON.stringify(result.body),
      `\\x${result.bodyHash}`,
      bytea(result.signature),
      JSON.stringify(result.rows),
      bytea(result.inputs),
    ],
  );
}

export async function readReplayRows(sql: Queryable, replayId: string): Promise<readonly Json[]> {
  const [row] = await query<{ rows: readonly Json[] | null }>(sql, 'select rows from compliance.replays where replay_id = $1', [replayId]);
  return row?.rows ?? [];
}
