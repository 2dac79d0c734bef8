/**
 * Freezing and lifting (product V-14, V-15; `ledger.md` ops 11, 12). Up to 48 hours one official suffices; longer ones wait until a second
 * has signed. What the ledger has and what these rows say become true in one database transaction.
 */
import type { Sequenced } from '#ledger/node/ledger-node.ts';
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
import type { ActIntent } from './act-intent.ts';
import { keptOf, ledgerTxOf } from './await-act.ts';
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
import type { Official } from './personal-signatures.ts';
import { type CaseGround, requireStaffSignature, type Signed, sequenceAct } from './sign-acts.ts';

/** `waits`: for the office's signature, given elsewhere. */
export type FreezeAnswer = { readonly freezeId: string; readonly state: 'proposed' | 'active' | 'waits' };

export const freezeIdOf = (actId: string): string => `frz_${actId}`;

export async function setFreeze(ground: CaseGround, staff: Official, order: FreezeOrder, signed: Signed): Promise<FreezeAnswer> {
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
  // Asked for as the act of one official; another freeze since then has made it one of two.
  if (term === 'long' && signed.elsewhere !== undefined) throw refuseCase('freeze_term', { since: new Date(since).toISOString() });
  if (term === 'long') {
    await sql.begin(async (tx) => {
      const row = await requireOpenCase(tx, staff, caseId);
      await insert(tx, row, null);
      await recordStep(ground, tx, row, { by: staff, act: 'freeze_proposed', to: row.state, body });
    });
    return { freezeId, state: 'proposed' };
  }
  const env = await ledgerTxOf(ground, staff, signed, {
    ...{ op: freezeOp(scope, found.target, BigInt(until), documentHash(document)), document, about: null, caseId },
    ...{ step: `freeze ${scope} ${targetId}`, intent: { act: 'freeze', order, ...keptOf(staff, signed.signature) } },
  });
  if (env === null) return { freezeId, state: 'waits' };
  const follow = async (tx: Tx, { txId }: Sequenced) => {
    const row = await requireOpenCase(tx, staff, caseId);
    await endReplaced(ground, tx, scope, targetId);
    await insert(tx, row, txId);
    await announce(ground, tx, row, staff, await mustFind(tx, freezeId));
  };
  await sequenceAct(ground, env, follow, signed);
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

async function checkOrder({ clock, ledger }: CaseGround, tx: Tx, staff: Official, order: FreezeOrder): Promise<Checked> {
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
export async function approveFreeze(ground: CaseGround, staff: Official, freezeId: string, signed: Signed): Promise<FreezeAnswer> {
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
  const env = await ledgerTxOf(ground, staff, signed, {
    ...{ op: freezeOp(order.scope, found.target, until, documentHash(document)), document, about: null, caseId: order.caseId },
    ...{ step: `approve ${freezeId}`, intent: { act: 'approve_freeze', freezeId, ...keptOf(staff, signed.signature) } },
  });
  if (env === null) return { freezeId, state: 'waits' };
  const follow = async (tx: Tx, { txId }: Sequenced) => {
    await requireProposed(tx, staff, freezeId);
    const row = await requireOpenCase(tx, staff, order.caseId);
    await endReplaced(ground, tx, order.scope, order.targetId);
    await activateFreeze(tx, freezeId, staff.staffId, clock.now(), txId);
    await insertSignature(tx, { subjectId: freezeId, act: 'freeze', staff, document, signature, at: clock.now() });
    await announce(ground, tx, row, staff, await mustFind(tx, freezeId));
  };
  await sequenceAct(ground, env, follow, signed);
  return { freezeId, state: 'active' };
}

async function requireProposed(tx: Tx, staff: Official, freezeId: string): Promise<FreezeRow> {
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

async function announce(ground: CaseGround, tx: Tx, row: CaseRow, by: Official, freeze: FreezeRow): Promise<void> {
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

/** What an appeal's answer is, where the lift grants one: it becomes true in the same commit. */
export type Granting = { readonly intent: ActIntent; readonly also: (tx: Tx) => Promise<void> };

/** Ends a freeze before its time, or takes a proposal back. @returns whether it waits for the office's signature */
export async function liftFreeze(
  ground: CaseGround,
  staff: Official,
  order: LiftOrder,
  signed: Signed,
  granting: Granting | null = null,
): Promise<{ readonly waits: boolean }> {
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
    await granting?.also(tx);
  };
  if (freeze.state === 'proposed') {
    await sql.begin((tx) => end(tx, 'withdrawn', null));
    return { waits: false };
  }
  const found = await findTarget(sql, freeze.scope, freeze.target_id);
  if (found === null) throw refuseCase('target_unknown');
  const env = await ledgerTxOf(ground, staff, signed, {
    ...{ op: unfreezeOp(freeze.scope, found.target, documentHash(document)), document, about: freezeDocument(orderOf(freeze)) },
    ...{ caseId: freeze.case_id ?? '', step: `lift ${order.freezeId}` },
    intent: granting?.intent ?? { act: 'lift', order, ...keptOf(staff, signed.signature) },
  });
  if (env !== null) await sequenceAct(ground, env, (tx, { txId }) => end(tx, 'lifted', txId), signed);
  return { waits: env === null };
}
