/** Rows of what waits for a supervisor's signature. */
import { decodeTxBody, decodeTxEnv, encodeTxBody, encodeTxEnv, type TxBody, type TxEnv } from '#ledger/codec/tx.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import type { CoSignKind, CoSignPaper, CoSignState } from '#sandbox/cases/co-sign.ts';
import type { Texts } from '#sandbox/packs/rule-pack.ts';
import type { Tx } from '#server/db.ts';
import { at, atOrNull, bytea, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';

export type CoSignSubject = { readonly kind: CoSignKind; readonly subjectId: string; readonly step: string };
export type CoSignRequest = CoSignSubject & {
  readonly body: TxBody;
  /** With the signatures that it has already; null: none. */
  readonly env: TxEnv | null;
  readonly paper: CoSignPaper;
  /** What finishes the step; read back by whoever wrote it. */
  readonly intent: object;
  readonly askedBy: string;
};
export type CoSign = Omit<CoSignRequest, 'intent'> & {
  readonly coSignId: string;
  readonly txId: string;
  readonly about: Texts;
  readonly intent: unknown;
  readonly askedAt: Instant;
  readonly until: Instant;
  readonly state: CoSignState;
  readonly answeredAt: Instant | null;
  readonly signer: string | null;
  readonly signedEnv: TxEnv | null;
  readonly reason: string | null;
  readonly endCode: string | null;
  readonly doneAt: Instant | null;
};

type Row = {
  readonly co_sign_id: string;
  readonly kind: CoSignKind;
  readonly subject_id: string;
  readonly step: string;
  readonly tx_id: Uint8Array;
  readonly body: Uint8Array;
  readonly env: Uint8Array | null;
  readonly about: Texts;
  readonly paper: CoSignPaper;
  readonly intent: unknown;
  readonly asked_by: string;
  readonly asked_at: Date;
  readonly until: Date;
  readonly state: CoSignState;
  readonly answered_at: Date | null;
  readonly signer: string | null;
  readonly signed_env: Uint8Array | null;
  readonly reason: string | null;
  readonly end_code: string | null;
  readonly done_at: Date | null;
};
const envOf = (bytes: Uint8Array | null): TxEnv | null => (bytes === null ? null : decodeTxEnv(new Uint8Array(bytes)));

function coSignOf(row: Row): CoSign {
  return {
    ...{ coSignId: row.co_sign_id, kind: row.kind, subjectId: row.subject_id, step: row.step, txId: toHex(row.tx_id) },
    ...{ body: decodeTxBody(new Uint8Array(row.body)), env: envOf(row.env), signedEnv: envOf(row.signed_env) },
    ...{ about: row.about, paper: row.paper, intent: row.intent, askedBy: row.asked_by, state: row.state, signer: row.signer },
    ...{ askedAt: at(row.asked_at), until: at(row.until), answeredAt: atOrNull(row.answered_at), doneAt: atOrNull(row.done_at) },
    ...{ reason: row.reason, endCode: row.end_code },
  };
}

/** @returns false: the same step waits already */
export async function insertCoSign(
  tx: Queryable,
  { coSignId, about, askedAt, until, ...asked }: CoSignRequest & Pick<CoSign, 'coSignId' | 'about' | 'askedAt' | 'until'>,
): Promise<boolean> {
  const { kind, subjectId, step, body, env, paper, intent, askedBy } = asked;
  const row = {
    ...{ co_sign_id: coSignId, kind, subject_id: subjectId, step, tx_id: bytea(txIdOf(body)), body: bytea(encodeTxBody(body)) },
    ...{ env: env === null ? null : bytea(encodeTxEnv(env)), about, paper, intent, asked_by: askedBy },
    ...{ asked_at: toIso(askedAt), until: toIso(until), state: 'waiting' },
  };
  const open = "on conflict (kind, subject_id, step) where state = 'waiting' or (state = 'signed' and done_at is null) do nothing";
  return (await insertRows(tx, 'compliance.co_signatures', [row], open)) === 1;
}

const COLUMNS = `co_sign_id, kind, subject_id, step, tx_id, body, env, about, paper, intent, asked_by, asked_at, until, state, answered_at, signer,
  signed_env, reason, end_code, done_at`;
const SELECT = `select ${COLUMNS} from compliance.co_signatures`;

export async function findCoSign(sql: Queryable, coSignId: string): Promise<CoSign | null> {
  const [row] = await query<Row>(sql, `${SELECT} where co_sign_id = $1`, [coSignId]);
  return row === undefined ? null : coSignOf(row);
}

/** Those that a signature or its step is waited for, oldest first. */
export async function listOpenCoSigns(sql: Queryable): Promise<readonly CoSign[]> {
  const rows = await query<Row>(
    sql,
    `${SELECT} where state = 'waiting' or (state = 'signed' and done_at is null) order by asked_at, co_sign_id limit 500`,
  );
  return rows.map(coSignOf);
}

/** The newest of each step, newest first. */
export async function listCoSignsOf(sql: Queryable, kind: CoSignKind, subjectId: string): Promise<readonly CoSign[]> {
  const rows = await query<Row>(
    sql,
    `select * from (select distinct on (step) ${COLUMNS} from compliance.co_signatures where kind = $1 and subject_id = $2
       order by step, asked_at desc, answered_at desc nulls first, done_at nulls last, co_sign_id) newest order by asked_at desc, step`,
    [kind, subjectId],
  );
  return rows.map(coSignOf);
}

type Answer = { readonly coSignId: string; readonly at: Instant };

/** @returns false: it waits no more */
export async function markSigned(sql: Queryable, { coSignId, at: now }: Answer, signer: string, env: TxEnv): Promise<boolean> {
  const rows = await query(
    sql,
    `update compliance.co_signatures set state = 'signed', answered_at = $2, signer = $3, signed_env = $4
     where co_sign_id = $1 and state = 'waiting' returning 1`,
    [coSignId, toIso(now), signer, encodeTxEnv(env)],
  );
  return rows.length === 1;
}

/** A signature of several. @returns false: it waits no more */
export async function addToEnv(sql: Queryable, coSignId: string, env: TxEnv): Promise<boolean> {
  const rows = await query(sql, "update compliance.co_signatures set env = $2 where co_sign_id = $1 and state = 'waiting' returning 1", [
    coSignId,
    encodeTxEnv(env),
  ]);
  return rows.length === 1;
}

/** @returns false: it waits no more */
export async function markDeclined(sql: Queryable, { coSignId, at: now }: Answer, signer: string, reason: string): Promise<boolean> {
  const rows = await query(
    sql,
    `update compliance.co_signatures set state = 'declined', answered_at = $2, signer = $3, reason = $4
     where co_sign_id = $1 and state = 'waiting' returning 1`,
    [coSignId, toIso(now), signer, reason],
  );
  return rows.length === 1;
}

export type Ending = { readonly code: string; readonly message: string };
/** Without its step, signed or not. @returns false: it was over */
export async function markEnded(sql: Queryable, { coSignId, at: now }: Answer, { code, message }: Ending): Promise<boolean> {
  const rows = await query(
    sql,
    `update compliance.co_signatures set state = 'ended', answered_at = coalesce(answered_at, $2), end_code = $3, reason = $4
     where co_sign_id = $1 and (state = 'waiting' or (state = 'signed' and done_at is null)) returning 1`,
    [coSignId, toIso(now), code, message],
  );
  return rows.length === 1;
}

/** In the commit of the step. @returns false: it was taken before */
export async function markDone(tx: Tx, { coSignId, at: now }: Answer): Promise<boolean> {
  const rows = await query(
    tx,
    "update compliance.co_signatures set done_at = $2 where co_sign_id = $1 and state = 'signed' and done_at is null returning 1",
    [coSignId, toIso(now)],
  );
  return rows.length === 1;
}
