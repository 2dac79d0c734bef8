/** Rows of freezes and appeals, and what they are set on. */
import type { FreezeTarget } from '#ledger/codec/op-types.ts';
import { type AccountId, accountIdBytes, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { FreezeOrder, FreezeReason, FreezeScope } from '#sandbox/cases/case-order.ts';
import type { Tx } from '#server/db.ts';
import { bytea, insertRows, isoOrNull, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { FreezeEnd, FreezeState } from '#server/trpc/views.ts';

export type FreezeRow = {
  readonly freeze_id: string;
  readonly case_id: string | null;
  readonly claim_id: string | null;
  readonly scope: FreezeScope;
  readonly target_id: string;
  readonly holder: string | null;
  readonly reason_code: FreezeReason;
  readonly reason: string;
  readonly is_secret: boolean;
  readonly state: FreezeState;
  readonly set_by: string;
  readonly approved_by: string | null;
  readonly proposed_at: Date;
  readonly since: Date;
  readonly starts_at: Date | null;
  readonly until: Date;
  readonly ended_at: Date | null;
  readonly ended_as: FreezeEnd | null;
  readonly tx_id: string | null;
  readonly lifted_tx_id: string | null;
};
const ROW = `freeze_id, case_id, claim_id, scope, target_id, holder, reason_code, reason, is_secret, state, set_by, approved_by, proposed_at, since,
  starts_at, until, ended_at, ended_as, encode(tx_id, 'hex') as tx_id, encode(lifted_tx_id, 'hex') as lifted_tx_id`;

export type FoundTarget = { readonly target: FreezeTarget; readonly holder: AccountId | null };

/** What a scope and an id mean on the ledger, and whom it restricts. */
export async function findTarget(sql: Queryable, scope: FreezeScope, targetId: string): Promise<FoundTarget | null> {
  switch (scope) {
    case 'item': {
      const [row] = await query<{ serial: string; owner: string }>(
        sql,
        'select ledger_serial::text as serial, owner from custody.items where item_id = $1 and not is_burned',
        [targetId],
      );
      return row === undefined ? null : { target: { kind: 'item', serial: BigInt(row.serial) }, holder: parseAccountId(row.owner) };
    }
    case 'class': {
      const [row] = await query<{ serial: string }>(
        sql,
        'select ledger_serial::text as serial from catalogue.item_classes where class_id = $1',
        [targetId],
      );
      return row === undefined ? null : { target: { kind: 'class', cls: Number(row.serial) }, holder: null };
    }
    case 'account':
    case 'payout': {
      const [row] = await query<{ acct: string }>(sql, 'select acct from identity.players where acct = $1', [targetId]);
      if (row === undefined) return null;
      const acct = parseAccountId(row.acct);
      return { target: { kind: 'account', acct: accountIdBytes(acct) }, holder: acct };
    }
  }
}

export type NewFreeze = {
  readonly freezeId: string;
  readonly order: Omit<FreezeOrder, 'actId' | 'caseId' | 'until'>;
  readonly caseId: string | null;
  readonly claimId: string | null;
  readonly holder: string | null;
  readonly isSecret: boolean;
  readonly setBy: string;
  readonly at: Instant;
  readonly since: Instant;
  readonly until: Instant;
  /** null: waits for a second person. */
  readonly txId: Uint8Array | null;
};
export async function insertFreeze(tx: Tx, freeze: NewFreeze): Promise<void> {
  const { order, txId } = freeze;
  await insertRows(tx, 'cases.freezes', [
    {
      freeze_id: freeze.freezeId,
      case_id: freeze.caseId,
      claim_id: freeze.claimId,
      scope: order.scope,
      target_id: order.targetId,
      holder: freeze.holder,
      reason_code: order.reasonCode,
      reason: order.reason,
      is_secret: freeze.isSecret,
      state: txId === null ? 'proposed' : 'active',
      set_by: freeze.setBy,
      proposed_at: toIso(freeze.at),
      since: toIso(freeze.since),
      starts_at: txId === null ? null : toIso(freeze.at),
      until: toIso(freeze.until),
      tx_id: txId === null ? null : bytea(txId),
    },
  ]);
}

export async function activateFreeze(tx: Tx, freezeId: string, by: string, at: Instant, txId: Uint8Array): Promise<void> {
  await query(tx, "update cases.freezes set state = 'active', approved_by = $2, starts_at = $3, tx_id = $4 where freeze_id = $1", [
    freezeId,
    by,
    toIso(at),
    txId,
  ]);
}

export async function endFreeze(tx: Tx, freezeId: string, as: FreezeEnd, at: Instant, liftedTxId: Uint8Array | null = null): Promise<void> {
  await query(tx, "update cases.freezes set state = 'ended', ended_as = $2, ended_at = $3, lifted_tx_id = $4 where freeze_id = $1", [
    freezeId,
    as,
    toIso(at),
    liftedTxId,
  ]);
}

/** Of the operator's own, once an office has to look at it. */
export async function attachCase(tx: Tx, freezeId: string, caseId: string): Promise<void> {
  await query(tx, 'update cases.freezes set case_id = $2 where freeze_id = $1 and case_id is null', [freezeId, caseId]);
}

export async function findFreeze(sql: Queryable, freezeId: string, lock = false): Promise<FreezeRow | null> {
  const [row] = await query<FreezeRow>(sql, `select ${ROW} from cases.freezes where freeze_id = $1${lock ? ' for update' : ''}`, [
    freezeId,
  ]);
  return row ?? null;
}

/** In force on a target now, whoever set it. */
export async function findActive(sql: Queryable, scope: FreezeScope, targetId: string): Promise<FreezeRow | null> {
  const [row] = await query<FreezeRow>(sql, `select ${ROW} from cases.freezes where scope = $1 and target_id = $2 and state = 'active'`, [
    scope,
    targetId,
  ]);
  return row ?? null;
}

/** Where the longest term begins: the first freeze of the case on the target, or the one that is in force. */
export async function findSince(sql: Queryable, caseId: string, scope: FreezeScope, targetId: string): Promise<Date | null> {
  const [row] = await query<{ since: Date | null }>(
    sql,
    `select min(since) as since from cases.freezes where scope = $2 and target_id = $3 and starts_at is not null
       and (case_id = $1 or state = 'active')`,
    [caseId, scope, targetId],
  );
  return row?.since ?? null;
}

export async function listFreezesOfCase(sql: Queryable, caseId: string): Promise<readonly FreezeRow[]> {
  return query<FreezeRow>(sql, `select ${ROW} from cases.freezes where case_id = $1 order by proposed_at desc`, [caseId]);
}
/** In force on a person: account, payout, and the items that they hold. */
export async function listFreezesOfHolder(sql: Queryable, acct: string): Promise<readonly FreezeRow[]> {
  return query<FreezeRow>(
    sql,
    `select ${ROW} from cases.freezes f where holder = $1 and starts_at is not null
       and (state = 'active' or exists (select from cases.appeals a where a.freeze_id = f.freeze_id)) order by starts_at desc limit 100`,
    [acct],
  );
}
export async function listOver(sql: Queryable, now: Instant): Promise<readonly FreezeRow[]> {
  return query<FreezeRow>(
    sql,
    `select ${ROW} from cases.freezes where state in ('active', 'proposed') and until <= $1 order by until limit 200 for update skip locked`,
    [toIso(now)],
  );
}

export type AppealRow = {
  readonly appeal_id: string;
  readonly freeze_id: string;
  readonly acct: string;
  readonly text: string;
  readonly opened_at: Date;
  readonly due_at: Date;
  readonly state: 'open' | 'granted' | 'rejected';
  readonly answered_by: string | null;
  readonly answered_at: Date | null;
  readonly answer: string | null;
};
const APPEAL = 'appeal_id, freeze_id, acct, text, opened_at, due_at, state, answered_by, answered_at, answer';

export async function insertAppeal(
  tx: Tx,
  appeal: {
    readonly appealId: string;
    readonly freezeId: string;
    readonly acct: string;
    readonly text: string;
    readonly at: Instant;
    readonly dueAt: Instant;
  },
): Promise<boolean> {
  const count = await insertRows(
    tx,
    'cases.appeals',
    [
      {
        appeal_id: appeal.appealId,
        freeze_id: appeal.freezeId,
        acct: appeal.acct,
        text: appeal.text,
        opened_at: toIso(appeal.at),
        due_at: toIso(appeal.dueAt),
        state: 'open',
      },
    ],
    'on conflict do nothing',
  );
  return count === 1;
}
export async function findAppeal(sql: Queryable, appealId: string): Promise<AppealRow | null> {
  const [row] = await query<AppealRow>(sql, `select ${APPEAL} from cases.appeals where appeal_id = $1`, [appealId]);
  return row ?? null;
}
export async function listAppeals(sql: Queryable, freezeIds: readonly string[]): Promise<readonly AppealRow[]> {
  return query<AppealRow>(sql, `select ${APPEAL} from cases.appeals where freeze_id = any($1)`, [freezeIds]);
}
export async function answerAppealRow(
  tx: Tx,
  appealId: string,
  answer: { readonly state: 'granted' | 'rejected'; readonly by: string; readonly at: Instant; readonly text: string },
): Promise<boolean> {
  const rows = await query(
    tx,
    "update cases.appeals set state = $2, answered_by = $3, answered_at = $4, answer = $5 where appeal_id = $1 and state = 'open' returning 1",
    [appealId, answer.state, answer.by, isoOrNull(answer.at), answer.text],
  );
  return rows.length === 1;
}
