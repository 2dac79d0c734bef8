/** What an experiment went through, in tables: declaration, approvals, comments, steps, triggers. */
import { toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { type Declaration, parseDeclaration } from '#sandbox/experiments/declaration.ts';
import type { Experiment } from '#sandbox/experiments/experiment.ts';
import type { StopState } from '#sandbox/experiments/stop-triggers.ts';
import type { Tx } from '#server/db.ts';
import { at, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';

export async function insertDeclaration(tx: Tx, experimentId: string, document: Declaration, by: string, now: Instant): Promise<void> {
  await insertRows(tx, 'experiments.declarations', [{ experiment_id: experimentId, document, created_by: by, created_at: toIso(now) }]);
}
export async function findDeclaration(sql: Queryable, experimentId: string): Promise<Declaration | null> {
  const [row] = await query<{ document: unknown }>(sql, 'select document from experiments.declarations where experiment_id = $1', [
    experimentId,
  ]);
  return row === undefined ? null : parseDeclaration(row.document);
}

/** Of the games and kinds that an experiment names those that the market has. */
export async function listKnown(
  sql: Queryable,
  { games, itemClasses }: { readonly games: readonly string[]; readonly itemClasses: readonly string[] },
): Promise<{ readonly games: ReadonlySet<string>; readonly gameOf: ReadonlyMap<string, string> }> {
  const named = await query<{ game_id: string }>(sql, 'select game_id from catalogue.games where game_id = any($1)', [games]);
  const kinds = await query<{ class_id: string; game_id: string }>(
    sql,
    'select class_id, game_id from catalogue.item_classes where class_id = any($1)',
    [itemClasses],
  );
  return {
    games: new Set(named.map(({ game_id: gameId }) => gameId)),
    gameOf: new Map(kinds.map(({ class_id: classId, game_id: gameId }) => [classId, gameId])),
  };
}

/** One at a time moves an experiment; the row is the lock. @returns false: there is none */
export async function lockExperiment(tx: Tx, experimentId: string): Promise<boolean> {
  const rows = await query(tx, 'select 1 from experiments.experiments where experiment_id = $1 for update', [experimentId]);
  return rows.length === 1;
}
export async function updateExperiment(tx: Tx, experiment: Experiment, now: Instant): Promise<void> {
  await query(tx, 'update experiments.experiments set document = $2::text::jsonb, status = $3, since = $4 where experiment_id = $1', [
    experiment.id,
    JSON.stringify(experiment),
    experiment.status,
    toIso(now),
  ]);
}

export type StepRow = {
  readonly step: string;
  readonly from: Experiment['status'] | null;
  readonly to: Experiment['status'];
  readonly at: Instant;
  readonly reason: string;
  readonly by: string;
  readonly txId: string | null;
};
export async function insertStep(tx: Tx, experimentId: string, step: StepRow): Promise<void> {
  await query(
    tx,
    `insert into experiments.steps select $1::text, coalesce(max(step_no), 0) + 1, $2::text, $3::text, $4::text, $5::timestamptz, $6::text, $7::text, decode($8::text, 'hex')
     from experiments.steps where experiment_id = $1`,
    [experimentId, step.step, step.from, step.to, toIso(step.at), step.reason, step.by, step.txId],
  );
}
export async function listSteps(sql: Queryable, experimentId: string): Promise<readonly StepRow[]> {
  const rows = await query<{
    step: string;
    from_status: Experiment['status'] | null;
    to_status: Experiment['status'];
    at: Date;
    reason: string;
    by_whom: string;
    tx_id: Uint8Array | null;
  }>(
    sql,
    'select step, from_status, to_status, at, reason, by_whom, tx_id from experiments.steps where experiment_id = $1 order by step_no',
    [experimentId],
  );
  return rows.map((row) => ({
    step: row.step,
    from: row.from_status,
    to: row.to_status,
    at: at(row.at),
    reason: row.reason,
    by: row.by_whom,
    txId: row.tx_id === null ? null : toHex(row.tx_id),
  }));
}

export type Approval = {
  readonly step: string;
  readonly subject: string;
  readonly staffId: string;
  readonly role: 'operator' | 'supervisor';
  readonly name: string;
  readonly organisation: string;
  readonly at: Instant;
};
export async function insertApproval(tx: Tx, experimentId: string, approval: Approval): Promise<void> {
  const { step, subject, staffId, role, name, organisation } = approval;
  await insertRows(tx, 'experiments.approvals', [
    { experiment_id: experimentId, step, subject, staff_id: staffId, role, name, organisation, at: toIso(approval.at) },
  ]);
}
export async function listApprovals(sql: Queryable, experimentId: string): Promise<readonly Approval[]> {
  const rows = await query<Omit<Approval, 'staffId' | 'at'> & { staff_id: string; at: Date }>(
    sql,
    'select step, subject, staff_id, role, name, organisation, at from experiments.approvals where experiment_id = $1 order by at, staff_id',
    [experimentId],
  );
  return rows.map(({ staff_id: staffId, at: when, ...rest }) => ({ ...rest, staffId, at: at(when) }));
}

export type CommentRow = { readonly commentId: string; readonly at: Instant; readonly author: string; readonly text: string };
export async function insertExperimentComment(tx: Queryable, experimentId: string, comment: CommentRow): Promise<void> {
  const { commentId, author, text } = comment;
  await insertRows(tx, 'experiments.comments', [
    { comment_id: commentId, experiment_id: experimentId, at: toIso(comment.at), author, text },
  ]);
}
export async function listExperimentComments(sql: Queryable, experimentId: string): Promise<readonly CommentRow[]> {
  const rows = await query<{ comment_id: string; at: Date; author: string; text: string }>(
    sql,
    'select comment_id, at, author, text from experiments.comments where experiment_id = $1 order by at, comment_id',
    [experimentId],
  );
  return rows.map((row) => ({ commentId: row.comment_id, at: at(row.at), author: row.author, text: row.text }));
}

export type FiredRow = {
  readonly when: string;
  readonly action: StopState['action'];
  readonly value: bigint;
  readonly bound: bigint;
  readonly at: Instant;
};
export async function insertTrigger(tx: Tx, experimentId: string, fired: FiredRow): Promise<void> {
  const { when, action, value, bound } = fired;
  await insertRows(tx, 'experiments.triggers', [
    { experiment_id: experimentId, at: toIso(fired.at), condition: when, action, value: String(value), bound: String(bound) },
  ]);
}
export async function listTriggers(sql: Queryable, experimentId: string): Promise<readonly FiredRow[]> {
  const rows = await query<{ condition: string; action: StopState['action']; value: string; bound: string; at: Date }>(
    sql,
    'select condition, action, value, bound, at from experiments.triggers where experiment_id = $1 order by at',
    [experimentId],
  );
  return rows.map((row) => ({
    when: row.condition,
    action: row.action,
    value: BigInt(row.value),
    bound: BigInt(row.bound),
    at: at(row.at),
  }));
}

export type RearmRow = { readonly when: string; readonly at: Instant };
export async function insertRearm(sql: Queryable, experimentId: string, when: string, now: Instant): Promise<void> {
  await insertRows(sql, 'experiments.trigger_rearms', [{ experiment_id: experimentId, condition: when, at: toIso(now) }]);
}
export async function listRearms(sql: Queryable, experimentId: string): Promise<readonly RearmRow[]> {
  const rows = await query<{ condition: string; at: Date }>(
    sql,
    'select condition, at from experiments.trigger_rearms where experiment_id = $1',
    [experimentId],
  );
  return rows.map((row) => ({ when: row.condition, at: at(row.at) }));
}
