/** Rows of disputes, their steps and files, and what of a trade they concern. */
import { type AccountId, parseAccountId, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { CaseDocument } from '#sandbox/cases/case-order.ts';
import type { ClaimDecision, ClaimKind, ClaimOutcome, ClaimState } from '#sandbox/cases/claim-order.ts';
import type { Tx } from '#server/db.ts';
import { bytea, insertRows, isoOrNull, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { ClaimAct, ClaimRole } from '#server/trpc/views.ts';

export type ClaimRow = {
  readonly claimId: string;
  readonly claimNo: string;
  readonly tradeId: TradeId;
  readonly kind: ClaimKind;
  readonly claimant: AccountId;
  readonly respondent: AccountId;
  readonly reason: string;
  readonly state: ClaimState;
  readonly openedAt: Date;
  readonly dueAt: Date | null;
  readonly decision: ClaimDecision | null;
  readonly outcome: ClaimOutcome | null;
  readonly closedAt: Date | null;
  readonly caseId: string | null;
  /** Hex. */
  readonly payRoot: string;
  readonly reversalTxId: string | null;
};
type Columns = Omit<ClaimRow, 'tradeId' | 'claimant' | 'respondent'> & {
  readonly tradeId: string;
  readonly claimant: string;
  readonly respondent: string;
};
const SELECT = `select c.claim_id as "claimId", c.claim_no::text as "claimNo", c.trade_id as "tradeId", c.kind, c.claimant, c.respondent, c.reason,
    c.state, c.opened_at as "openedAt", c.due_at as "dueAt", c.decision, c.outcome, c.closed_at as "closedAt", c.case_id as "caseId",
    encode(c.pay_root, 'hex') as "payRoot", encode(c.reversal_tx_id, 'hex') as "reversalTxId"
  from cases.claims c`;
const rowOf = (row: Columns): ClaimRow => ({
  ...row,
  tradeId: parseTradeId(row.tradeId),
  claimant: parseAccountId(row.claimant),
  respondent: parseAccountId(row.respondent),
});

export async function findClaim(sql: Queryable, claimId: string, lock = false): Promise<ClaimRow | null> {
  const [row] = await query<Columns>(sql, `${SELECT} where c.claim_id = $1${lock ? ' for update' : ''}`, [claimId]);
  return row === undefined ? null : rowOf(row);
}

export async function listClaimsOf(sql: Queryable, acct: AccountId, limit: number): Promise<readonly ClaimRow[]> {
  const rows = await query<Columns>(sql, `${SELECT} where c.claimant = $1 or c.respondent = $1 order by c.claim_no desc limit $2::int`, [
    acct,
    String(limit),
  ]);
  return rows.map(rowOf);
}

/** Those that run, the most urgent first. */
export async function listRunning(sql: Queryable, limit: number): Promise<readonly ClaimRow[]> {
  const rows = await query<Columns>(sql, `${SELECT} where c.state <> 'closed' order by c.due_at, c.claim_no limit $1::int`, [
    String(limit),
  ]);
  return rows.map(rowOf);
}

/** The newest about a trade. */
export async function findClaimOfTrade(sql: Queryable, tradeId: TradeId): Promise<ClaimRow | null> {
  const [row] = await query<Columns>(sql, `${SELECT} where c.trade_id = $1 order by c.claim_no desc limit 1`, [tradeId]);
  return row === undefined ? null : rowOf(row);
}

/** Closed without a reversal, whose items the operator still holds. */
export async function listToRelease(sql: Queryable, now: Instant, limit: number): Promise<readonly ClaimRow[]> {
  const rows = await query<Columns>(sql, `${SELECT} where c.release_at <= $1 order by c.release_at limit $2::int`, [
    toIso(now),
    String(limit),
  ]);
  return rows.map(rowOf);
}

export async function hasClaimed(tx: Tx, tradeId: TradeId, acct: AccountId): Promise<boolean> {
  return (await query(tx, 'select 1 from cases.claims where trade_id = $1 and claimant = $2', [tradeId, acct])).length > 0;
}

export type NewClaim = {
  readonly claimId: string;
  readonly tradeId: TradeId;
  readonly kind: ClaimKind;
  readonly claimant: AccountId;
  readonly respondent: AccountId;
  readonly reason: string;
  readonly at: Instant;
  readonly dueAt: Instant;
  readonly pay: { readonly opened: object; readonly root: Uint8Array };
  readonly takeoverId: string | null;
};
export async function insertClaim(tx: Tx, claim: NewClaim): Promise<void> {
  await query(
    tx,
    `insert into cases.claims (claim_id, trade_id, kind, claimant, respondent, reason, state, opened_at, due_at, pay, pay_root, takeover_id)
     values ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9::text::jsonb, $10, $11)`,
    [
      claim.claimId,
      claim.tradeId,
      claim.kind,
      claim.claimant,
      claim.respondent,
      claim.reason,
      toIso(claim.at),
      toIso(claim.dueAt),
      JSON.stringify(claim.pay.opened),
      claim.pay.root,
      claim.takeoverId,
    ],
  );
}

export async function moveClaim(
  tx: Tx,
  claimId: string,
  to: { readonly state: Exclude<ClaimState, 'closed'>; readonly dueAt: Instant; readonly decision?: ClaimDecision },
): Promise<void> {
  await query(tx, 'update cases.claims set state = $2, due_at = $3, decision = coalesce($4, decision) where claim_id = $1', [
    claimId,
    to.state,
    toIso(to.dueAt),
    to.decision ?? null,
  ]);
}

export async function closeClaim(
  tx: Tx,
  claimId: string,
  end: {
    readonly outcome: ClaimOutcome;
    readonly at: Instant;
    readonly decision?: ClaimDecision;
    readonly reversalTxId?: Uint8Array;
    readonly releaseAt: Instant | null;
  },
): Promise<void> {
  await query(
    tx,
    `update cases.claims set state = 'closed', due_at = null, outcome = $2, closed_at = $3, decision = coalesce($4, decision), reversal_tx_id = $5,
       release_at = $6 where claim_id = $1`,
    [claimId, end.outcome, toIso(end.at), end.decision ?? null, end.reversalTxId ?? null, isoOrNull(end.releaseAt)],
  );
}

export async function setReleased(tx: Tx, claimId: string): Promise<void> {
  await query(tx, 'update cases.claims set release_at = null where claim_id = $1', [claimId]);
}

export async function setCase(tx: Tx, claimId: string, caseId: string): Promise<void> {
  await query(tx, 'update cases.claims set case_id = $2 where claim_id = $1', [claimId, caseId]);
}

export type StepWrite = {
  readonly role: ClaimRole | 'clock';
  readonly by: string;
  readonly act: ClaimAct;
  readonly at: Instant;
  readonly document?: CaseDocument;
  readonly signature?: Uint8Array;
  /** What else the signature covers. */
  readonly proof?: Readonly<Record<string, string>>;
  readonly txId?: Uint8Array | null;
};
export async function addStep(tx: Tx, claimId: string, step: StepWrite): Promise<void> {
  await query(
    tx,
    `insert into cases.claim_steps (claim_id, step, at, role, by_ref, act, document, signature, proof, tx_id)
     select $1, coalesce(max(step), 0) + 1, $2::timestamptz, $3, $4, $5, $6::text::jsonb, $7::bytea, $8::text::jsonb, $9::bytea from cases.claim_steps where claim_id = $1`,
    [
      claimId,
      toIso(step.at),
      step.role,
      step.by,
      step.act,
      step.document === undefined ? null : JSON.stringify(step.document),
      step.signature ?? null,
      step.proof === undefined ? null : JSON.stringify(step.proof),
      step.txId ?? null,
    ],
  );
}

export type StepRow = {
  readonly at: Date;
  readonly role: ClaimRole | 'clock';
  readonly by: string;
  readonly act: ClaimAct;
  readonly document: CaseDocument | null;
  readonly txId: string | null;
};
export async function listSteps(sql: Queryable, claimId: string): Promise<readonly StepRow[]> {
  return query<StepRow>(
    sql,
    `select at, role, by_ref as by, act, document, encode(tx_id, 'hex') as "txId" from cases.claim_steps where claim_id = $1 order by step`,
    [claimId],
  );
}

export type FileWrite = { readonly sm3: Uint8Array; readonly name: string; readonly mime: string; readonly bytes: Uint8Array };
export async function insertFiles(
  tx: Tx,
  claimId: string,
  role: 'claimant' | 'respondent',
  at: Instant,
  files: readonly FileWrite[],
): Promise<void> {
  const rows = files.map(({ sm3, name, mime, bytes }) => ({
    claim_id: claimId,
    sm3: bytea(sm3),
    role,
    name,
    mime,
    at: toIso(at),
    bytes: bytea(bytes),
  }));
  await insertRows(tx, 'cases.claim_files', rows, 'on conflict do nothing');
}
export type FileRow = {
  readonly sm3: string;
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  readonly role: 'claimant' | 'respondent';
};
export async function listFiles(sql: Queryable, claimId: string): Promise<readonly FileRow[]> {
  return query<FileRow>(
    sql,
    `select encode(sm3, 'hex') as sm3, name, mime, length(bytes) as size, role from cases.claim_files where claim_id = $1 order by at, name`,
    [claimId],
  );
}
export async function findFile(
  sql: Queryable,
  claimId: string,
  sm3: Uint8Array,
): Promise<{ readonly name: string; readonly mime: string; readonly bytes: Uint8Array } | null> {
  const [row] = await query<{ name: string; mime: string; bytes: Uint8Array }>(
    sql,
    'select name, mime, bytes from cases.claim_files where claim_id = $1 and sm3 = $2',
    [claimId, sm3],
  );
  return row === undefined ? null : { ...row, bytes: new Uint8Array(row.bytes) };
}
