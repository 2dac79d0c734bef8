/** Rows of halts, and what they are set on. */
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { HaltOrder, HaltReason, HaltScope, OpenOrders } from '#sandbox/cases/halt-order.ts';
import type { Tx } from '#server/db.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import type { FreezeEnd, FreezeState } from '#server/trpc/views.ts';

export type HaltRow = {
  readonly haltId: string;
  readonly caseId: string;
  readonly scope: HaltScope;
  readonly targetId: string;
  readonly reasonCode: HaltReason;
  readonly reason: string;
  readonly openOrders: OpenOrders;
  readonly state: FreezeState;
  readonly setBy: string;
  readonly approvedBy: string | null;
  readonly since: Date;
  readonly startsAt: Date | null;
  readonly until: Date;
  readonly endedAt: Date | null;
  readonly endedAs: FreezeEnd | null;
  readonly txId: string | null;
};
const SELECT = `select halt_id as "haltId", case_id as "caseId", scope, target_id as "targetId", reason_code as "reasonCode", reason,
  open_orders as "openOrders", state, set_by as "setBy", approved_by as "approvedBy", since, starts_at as "startsAt", until, ended_at as "endedAt",
  ended_as as "endedAs", encode(tx_id, 'hex') as "txId" from cases.halts`;

export async function findHalt(sql: Queryable, haltId: string, lock = false): Promise<HaltRow | null> {
  const [row] = await query<HaltRow>(sql, `${SELECT} where halt_id = $1${lock ? ' for update' : ''}`, [haltId]);
  return row ?? null;
}
export async function listHaltsOfCase(sql: Queryable, caseId: string): Promise<readonly HaltRow[]> {
  return query<HaltRow>(sql, `${SELECT} where case_id = $1 order by proposed_at desc`, [caseId]);
}
export async function listHaltsNow(sql: Queryable, now: Instant): Promise<readonly HaltRow[]> {
  return query<HaltRow>(sql, `${SELECT} where state = 'active' and until > $1 order by until`, [toIso(now)]);
}
export async function listHaltsOver(sql: Queryable, now: Instant): Promise<readonly HaltRow[]> {
  return query<HaltRow>(
    sql,
    `${SELECT} where state in ('active', 'proposed') and until <= $1 order by until limit 200 for update skip locked`,
    [toIso(now)],
  );
}
export async function findActiveHalt(sql: Queryable, scope: HaltScope, targetId: string): Promise<HaltRow | null> {
  const [row] = await query<HaltRow>(sql, `${SELECT} where scope = $1 and target_id = $2 and state = 'active'`, [scope, targetId]);
  return row ?? null;
}
/** Where one person's 48 hours begin. */
export async function findHaltSince(sql: Queryable, caseId: string, scope: HaltScope, targetId: string): Promise<Date | null> {
  const [row] = await query<{ since: Date | null }>(
    sql,
    `select min(since) as since from cases.halts where scope = $2 and target_id = $3 and starts_at is not null and (case_id = $1 or state = 'active')`,
    [caseId, scope, targetId],
  );
  return row?.since ?? null;
}

export async function insertHalt(
  tx: Tx,
  halt: {
    readonly haltId: string;
    readonly order: HaltOrder;
    readonly setBy: string;
    readonly at: Instant;
    readonly since: Instant;
    readonly txId: Uint8Array | null;
  },
): Promise<void> {
  const { order, txId } = halt;
  await query(
    tx,
    `insert into cases.halts (halt_id, case_id, scope, target_id, reason_code, reason, open_orders, state, set_by, proposed_at, since, starts_at, until, tx_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [
      halt.haltId,
      order.caseId,
      order.scope,
      order.targetId,
      order.reasonCode,
      order.reason,
      order.openOrders,
      txId === null ? 'proposed' : 'active',
      halt.setBy,
      toIso(halt.at),
      toIso(halt.since),
      txId === null ? null : toIso(halt.at),
      order.until,
      txId,
    ],
  );
}
export async function activateHalt(tx: Tx, haltId: string, by: string, at: Instant, txId: Uint8Array): Promise<void> {
  await query(tx, "update cases.halts set state = 'active', approved_by = $2, starts_at = $3, tx_id = $4 where halt_id = $1", [
    haltId,
    by,
    toIso(at),
    txId,
  ]);
}
export async function endHalt(tx: Tx, haltId: string, as: FreezeEnd, at: Instant, liftedTxId: Uint8Array | null = null): Promise<void> {
  await query(tx, "update cases.halts set state = 'ended', ended_as = $2, ended_at = $3, lifted_tx_id = $4 where halt_id = $1", [
    haltId,
    as,
    toIso(at),
    liftedTxId,
  ]);
}

export type HaltTarget = { readonly cls: number | null };
/** Null: nothing has this id. */
export async function findHaltTarget(sql: Queryable, scope: HaltScope, targetId: string): Promise<HaltTarget | null> {
  if (scope === 'market') return targetId === 'market' ? { cls: null } : null;
  if (scope === 'game') {
    const rows = await query(sql, 'select 1 from catalogue.games where game_id = $1', [targetId]);
    return rows.length === 0 ? null : { cls: null };
  }
  const [row] = await query<{ serial: string }>(
    sql,
    'select ledger_serial::text as serial from catalogue.item_classes where class_id = $1 and ledger_serial is not null',
    [targetId],
  );
  return row === undefined ? null : { cls: Number(row.serial) };
}
