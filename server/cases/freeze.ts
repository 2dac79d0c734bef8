/**
 * Freezing and lifting (product V-14, V-15; `ledger.md` ops 11, 12). Up to 48 hours one official suffices; longer ones wait until a second
 * has signed. What the ledger has and what these rows say become true in one database transaction.
 */
import { instant, parseInstant } from '#ledger/primitives/instant.ts';
import {
  documentHash,
  type FreezeOrder,
  freezeDocument,
  freezeOp,
  type LiftOrder,
  liftDocument,
  termOf,
  unfreezeOp,
} from '#sandbox/cases/case-order.ts';
import type { Tx } from '#server/db.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import { refuseCase } from './case-codes.ts';
import { recordStep, requireCase, requireOpenCase } from './case-desk.ts';
import { freezeMessages } from './case-messages.ts';
import { type CaseRow, insertSignature } from './cases.repo.ts';
import {
  activateFreeze,
  endFreeze,
  type FoundTarget,
  type FreezeRow,
  findActive,
  findFreeze,
  findSince,
  findTarget,
  insertFreeze,
} from './freezes.repo.ts';
import { type CaseGround, requireLedgerTx, requireStaffSignature, sequenceAct } from './sign-acts.ts';

export type Signed = {
  /** SM2 of the person. */
  readonly signature: string;
  /** LedgerTx of the organisation's account; null where the act waits for a second person. */
  readonly signedTx: string | null;
};
export type FreezeAnswer = { readonly freezeId: string; readonly state: 'proposed' | 'active' };

export const freezeIdOf = (actId: string): string => `frz_${actId}`;

export async function setFreeze(ground: CaseGround, staff: StaffSession, order: FreezeOrder, signed: Signed): Promise<FreezeAnswer> {
  const { sql, clock } = ground;
  const freezeId = freezeIdOf(order.actId);
  const document = freezeDocument(order);
  const known = await findFreeze(sql, freezeId);
  if (known !== null) return replay(known, order);
  const { found, since, term } = await sql.begin((tx) => checkOrder(ground, tx, staff, order));
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const until = parseInstant(order.until);
  const insert = async (tx: Tx, row: CaseRow, txId: Uint8Array | null) => {
    const at = clock.now();
    const isSecret = row.topic === 'laundering';
    const facts = { freezeId, order, caseId: order.caseId, claimId: null, holder: found.holder, isSecret, setBy: staff.staffId, at, since };
    await insertFreeze(tx, { ...facts, until, txId });
    await insertSignature(tx, { subjectId: freezeId, act: 'freeze', staff, document, signature, at });
  };
  const { caseId, scope, targetId } = order;
  const body = { freezeId, scope, targetId, until: order.until, reasonCode: order.reasonCode };
  if (term === 'long') {
    await sql.begin(async (tx) => {
      const row = await requireOpenCase(tx, staff, caseId);
      await insert(tx, row, null);
      await recordStep(ground, tx, row, { by: staff, act: 'freeze_proposed', to: row.state, body });
    });
    return { freezeId, state: 'proposed' };
  }
  const env = requireLedgerTx(ground, signed.signedTx, freezeOp(scope, found.target, BigInt(until), documentHash(document)));
  await sequenceAct(ground, env, async (tx, { txId }) => {
    const row = await requireOpenCase(tx, staff, caseId);
    await endReplaced(ground, tx, scope, targetId);
    await insert(tx, row, txId);
    await announce(ground, tx, row, staff, await mustFind(tx, freezeId));
  });
  return { freezeId, state: 'active' };
}

function replay(known: FreezeRow, order: FreezeOrder): FreezeAnswer {
  const isSame =
    known.case_id === order.caseId &&
    known.scope === order.scope &&
    known.target_id === order.targetId &&
    known.reason === order.reason &&
    known.until.toISOString() === order.until;
  if (!isSame || known.state === 'ended') throw refuseCase('act_reused', { freezeId: known.freeze_id });
  return { freezeId: known.freeze_id, state: known.state };
}

type Checked = { readonly found: FoundTarget; readonly since: ReturnType<typeof instant>; readonly term: 'temporary' | 'long' };

async function checkOrder({ clock, ledger }: CaseGround, tx: Tx, staff: StaffSession, order: FreezeOrder): Promise<Checked> {
  await requireOpenCase(tx, staff, order.caseId);
  const found = await findTarget(tx, order.scope, order.targetId);
  if (found === null) throw refuseCase('target_unknown');
  const now = clock.now();
  const first = await findSince(tx, order.caseId, order.scope, order.targetId);
  const since = first === null ? now : instant(first.getTime());
  const term = termOf(parseInstant(order.until), now, since, clocksAt(ledger, now));
  if (term === 'freeze_term') throw refuseCase('freeze_term', { since: new Date(since).toISOString() });
  return { found, since, term };
}

/** The second signature of a long freeze. */
export async function approveFreeze(ground: CaseGround, staff: StaffSession, freezeId: string, signed: Signed): Promise<FreezeAnswer> {
  const { sql, clock } = ground;
  const { freeze, order, found } = await sql.begin(async (tx) => {
    const freeze = await requireProposed(tx, staff, freezeId);
    const order = orderOf(freeze);
    const found = await findTarget(tx, order.scope, order.targetId);
    if (found === null) throw refuseCase('target_unknown');
    return { freeze, order, found };
  });
  const document = freezeDocument(order);
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const until = BigInt(freeze.until.getTime());
  const env = requireLedgerTx(ground, signed.signedTx, freezeOp(order.scope, found.target, until, documentHash(document)));
  await sequenceAct(ground, env, async (tx, { txId }) => {
    await requireProposed(tx, staff, freezeId);
    const row = await requireOpenCase(tx, staff, order.caseId);
    await endReplaced(ground, tx, order.scope, order.targetId);
    await activateFreeze(tx, freezeId, staff.staffId, clock.now(), txId);
    await insertSignature(tx, { subjectId: freezeId, act: 'freeze', staff, document, signature, at: clock.now() });
    await announce(ground, tx, row, staff, await mustFind(tx, freezeId));
  });
  return { freezeId, state: 'active' };
}

async function requireProposed(tx: Tx, staff: StaffSession, freezeId: string): Promise<FreezeRow> {
  const freeze = await mustFind(tx, freezeId);
  await requireOpenCase(tx, staff, freeze.case_id ?? '');
  if (freeze.state !== 'proposed') throw refuseCase('freeze_state', { state: freeze.state });
  if (freeze.set_by === staff.staffId) throw refuseCase('second_person_needed');
  return freeze;
}

function orderOf(freeze: FreezeRow): FreezeOrder {
  return {
    actId: freeze.freeze_id.slice('frz_'.length),
    caseId: freeze.case_id ?? '',
    scope: freeze.scope,
    targetId: freeze.target_id,
    reasonCode: freeze.reason_code,
    reason: freeze.reason,
    until: freeze.until.toISOString(),
  };
}

async function mustFind(tx: Tx, freezeId: string): Promise<FreezeRow> {
  const freeze = await findFreeze(tx, freezeId, true);
  if (freeze === null) throw refuseCase('freeze_unknown');
  return freeze;
}

/** The ledger has one freeze per target: the newer one stands for both. */
async function endReplaced({ clock }: CaseGround, tx: Tx, scope: FreezeRow['scope'], targetId: string): Promise<void> {
  const active = await findActive(tx, scope, targetId);
  if (active !== null) await endFreeze(tx, active.freeze_id, 'replaced', clock.now());
}

async function announce(ground: CaseGround, tx: Tx, row: CaseRow, by: StaffSession, freeze: FreezeRow): Promise<void> {
  const body = { freezeId: freeze.freeze_id, scope: freeze.scope, targetId: freeze.target_id, until: freeze.until.toISOString() };
  await recordStep(ground, tx, row, { by, act: 'freeze_set', to: row.state, body: { ...body, reasonCode: freeze.reason_code } });
  await ground.outbox.append(tx, freezeMessages('freeze.set', factsOf(freeze), ground.clock.now()));
}

export function factsOf(freeze: FreezeRow) {
  return {
    freezeId: freeze.freeze_id,
    caseId: freeze.case_id,
    scope: freeze.scope,
    targetId: freeze.target_id,
    holder: freeze.holder,
    reasonCode: freeze.reason_code,
    isSecret: freeze.is_secret,
    until: instant(freeze.until.getTime()),
  };
}

/** Ends a freeze before its time, or takes a proposal back. */
export async function liftFreeze(ground: CaseGround, staff: StaffSession, order: LiftOrder, signed: Signed): Promise<void> {
  const { sql, clock } = ground;
  const document = liftDocument(order);
  const freeze = await sql.begin(async (tx) => {
    const found = await mustFind(tx, order.freezeId);
    await requireCase(tx, staff, found.case_id ?? '');
    return found;
  });
  if (freeze.state === 'ended') throw refuseCase('freeze_state', { state: freeze.state });
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const end = async (tx: Tx, as: 'lifted' | 'withdrawn', txId: Uint8Array | null) => {
    const now = await mustFind(tx, order.freezeId);
    if (now.state !== freeze.state) throw refuseCase('freeze_state', { state: now.state });
    const row = await requireCase(tx, staff, now.case_id ?? '');
    await endFreeze(tx, order.freezeId, as, clock.now(), txId);
    await insertSignature(tx, { subjectId: order.freezeId, act: 'unfreeze', staff, document, signature, at: clock.now() });
    const body = { freezeId: order.freezeId, scope: now.scope, targetId: now.target_id, as, reason: order.reason };
    await recordStep(ground, tx, row, { by: staff, act: 'freeze_lifted', to: row.state, body });
    if (as === 'lifted') await ground.outbox.append(tx, freezeMessages('freeze.lifted', factsOf(now), clock.now()));
  };
  if (freeze.state === 'proposed') {
    await sql.begin((tx) => end(tx, 'withdrawn', null));
    return;
  }
  const found = await findTarget(sql, freeze.scope, freeze.target_id);
  if (found === null) throw refuseCase('target_unknown');
  const env = requireLedgerTx(ground, signed.signedTx, unfreezeOp(freeze.scope, found.target, documentHash(document)));
  await sequenceAct(ground, env, (tx, { txId }) => end(tx, 'lifted', txId));
}
