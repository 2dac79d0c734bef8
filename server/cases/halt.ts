/**
 * Halting and resuming (product V-17). Signed as a freeze is: up to 48 hours one official suffices, longer ones wait for a second. The rows, the
 * office's statement on the ledger and what the one writer of the market knows become true before anybody else gets a place.
 */
import type { Sequenced } from '#ledger/node/ledger-node.ts';
import { instant, parseInstant, toIso } from '#ledger/primitives/instant.ts';
import { documentHash, termOf } from '#sandbox/cases/case-order.ts';
import { type HaltOrder, haltDocument, haltOp, type ResumeOrder, resumeDocument } from '#sandbox/cases/halt-order.ts';
import type { Tx } from '#server/db.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import type { Market } from '#server/exchange/market.ts';
import { message } from '#server/exchange/messages.ts';
import { keptOf, ledgerTxOf } from './await-act.ts';
import { refuseCase } from './case-codes.ts';
import { recordStep, requireCase, requireOpenCase } from './case-desk.ts';
import { findCase, insertSignature } from './cases.repo.ts';
import type { FreezeAnswer } from './freeze.ts';
import {
  activateHalt,
  endHalt,
  findActiveHalt,
  findHalt,
  findHaltSince,
  findHaltTarget,
  type HaltRow,
  insertHalt,
  listHaltsOver,
} from './halts.repo.ts';
import type { Official } from './personal-signatures.ts';
import { type CaseGround, requireStaffSignature, type Signed, sequenceAct } from './sign-acts.ts';

export type HaltGround = CaseGround & { readonly market: Pick<Market, 'halts'> };
export type HaltAnswer = { readonly haltId: string; readonly state: FreezeAnswer['state'] };

export const haltIdOf = (actId: string): string => `hlt_${actId}`;

export async function setHalt(ground: HaltGround, staff: Official, order: HaltOrder, signed: Signed): Promise<HaltAnswer> {
  const { sql, clock } = ground;
  const haltId = haltIdOf(order.actId);
  const known = await findHalt(sql, haltId);
  if (known !== null) return replay(known, order);
  const { cls, since, term } = await sql.begin((tx) => checkOrder(ground, tx, staff, order));
  const document = haltDocument(order);
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const insert = async (tx: Tx, txId: Uint8Array | null) => {
    const row = await requireOpenCase(tx, staff, order.caseId);
    if (txId !== null) await endReplaced(ground, tx, order);
    await insertHalt(tx, { haltId, order, setBy: staff.staffId, at: clock.now(), since, txId });
    await insertSignature(tx, { subjectId: haltId, act: 'halt', staff, document, signature, at: clock.now() });
    const body = { haltId, scope: order.scope, targetId: order.targetId, until: order.until, as: txId === null ? 'proposed' : 'set' };
    await recordStep(ground, tx, row, { by: staff, act: 'halt', to: row.state, body });
    if (txId !== null) await announce(ground, tx, await mustFind(tx, haltId), 'set');
  };
  if (term === 'long' && signed.elsewhere !== undefined) throw refuseCase('freeze_term', { since: toIso(since) });
  if (term === 'long') {
    await sql.begin((tx) => insert(tx, null));
    return { haltId, state: 'proposed' };
  }
  const { caseId, scope, targetId } = order;
  const env = await ledgerTxOf(ground, staff, signed, {
    ...{ op: haltOp(cls, documentHash(document)), document, about: null, caseId, step: `halt ${scope} ${targetId}` },
    intent: { act: 'halt', order, ...keptOf(staff, signed.signature) },
  });
  if (env === null) return { haltId, state: 'waits' };
  const follow = (tx: Tx, { txId }: Sequenced) => insert(tx, txId);
  await sequenceAct(ground, env, follow, signed, () => begin(ground, haltId, order));
  return { haltId, state: 'active' };
}

/** The second signature of a long halt. */
export async function approveHalt(ground: HaltGround, staff: Official, haltId: string, signed: Signed): Promise<HaltAnswer> {
  const { sql, clock } = ground;
  const order = orderOf(await sql.begin((tx) => requireProposed(tx, staff, haltId)));
  const found = await findHaltTarget(sql, order.scope, order.targetId);
  if (found === null) throw refuseCase('target_unknown');
  const document = haltDocument(order);
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const env = await ledgerTxOf(ground, staff, signed, {
    ...{ op: haltOp(found.cls, documentHash(document)), document, about: null, caseId: order.caseId, step: `approve ${haltId}` },
    intent: { act: 'approve_halt', haltId, ...keptOf(staff, signed.signature) },
  });
  if (env === null) return { haltId, state: 'waits' };
  const follow = async (tx: Tx, { txId }: Sequenced) => {
    await requireProposed(tx, staff, haltId);
    const row = await requireOpenCase(tx, staff, order.caseId);
    await endReplaced(ground, tx, order);
    await activateHalt(tx, haltId, staff.staffId, clock.now(), txId);
    await insertSignature(tx, { subjectId: haltId, act: 'halt', staff, document, signature, at: clock.now() });
    const body = { haltId, scope: order.scope, targetId: order.targetId, until: order.until, as: 'set' };
    await recordStep(ground, tx, row, { by: staff, act: 'halt', to: row.state, body });
    await announce(ground, tx, await mustFind(tx, haltId), 'set');
  };
  await sequenceAct(ground, env, follow, signed, () => begin(ground, haltId, order));
  return { haltId, state: 'active' };
}

/** Before its end, or a proposal taken back. @returns whether it waits for the office's signature */
export async function resume(
  ground: HaltGround,
  staff: Official,
  order: ResumeOrder,
  signed: Signed,
): Promise<{ readonly waits: boolean }> {
  const { sql, clock } = ground;
  const halt = await sql.begin(async (tx) => {
    const found = await mustFind(tx, order.haltId);
    await requireCase(tx, staff, found.caseId);
    return found;
  });
  if (halt.state === 'ended') throw refuseCase('halt_state', { state: halt.state });
  const document = resumeDocument(order);
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const end = async (tx: Tx, as: 'lifted' | 'withdrawn', txId: Uint8Array | null) => {
    const now = await mustFind(tx, order.haltId);
    if (now.state !== halt.state) throw refuseCase('halt_state', { state: now.state });
    const row = await requireCase(tx, staff, now.caseId);
    await endHalt(tx, order.haltId, as, clock.now(), txId);
    await insertSignature(tx, { subjectId: order.haltId, act: 'resume', staff, document, signature, at: clock.now() });
    const body = { haltId: order.haltId, scope: now.scope, targetId: now.targetId, as, reason: order.reason };
    await recordStep(ground, tx, row, { by: staff, act: 'halt', to: row.state, body });
    if (as === 'lifted') await announce(ground, tx, now, 'lifted');
  };
  if (halt.state === 'proposed') {
    await sql.begin((tx) => end(tx, 'withdrawn', null));
    return { waits: false };
  }
  const found = await findHaltTarget(sql, halt.scope, halt.targetId);
  const env = await ledgerTxOf(ground, staff, signed, {
    ...{ op: haltOp(found?.cls ?? null, documentHash(document)), document, about: haltDocument(orderOf(halt)), caseId: halt.caseId },
    ...{ step: `resume ${order.haltId}`, intent: { act: 'resume', order, ...keptOf(staff, signed.signature) } },
  });
  const over = () => ground.market.halts.end(order.haltId);
  if (env !== null) await sequenceAct(ground, env, (tx, { txId }) => end(tx, 'lifted', txId), signed, over);
  return { waits: env === null };
}

/** An end that comes by itself; trading goes on at that instant, here the rows follow and everybody is told. @returns how many came */
export async function endHalts(ground: HaltGround): Promise<number> {
  const { sql, clock } = ground;
  const { over } = await sql.begin(async (tx) => {
    const over = await listHaltsOver(tx, clock.now());
    for (const halt of over) {
      const as = halt.state === 'active' ? 'over' : 'withdrawn';
      await endHalt(tx, halt.haltId, as, instant(halt.until.getTime()));
      const row = await findCase(tx, halt.caseId);
      const body = { haltId: halt.haltId, scope: halt.scope, targetId: halt.targetId, as };
      if (row !== null) await recordStep(ground, tx, row, { by: null, act: 'halt', to: row.state, body });
      if (as === 'over') await announce(ground, tx, halt, 'over');
    }
    return { over };
  });
  for (const { haltId } of over) ground.market.halts.end(haltId);
  return over.length;
}

function begin({ market }: HaltGround, haltId: string, order: HaltOrder): void {
  const { scope, targetId, openOrders } = order;
  for (const other of market.halts.inForce(instant(0)))
    if (other.scope === scope && other.targetId === targetId) market.halts.end(other.haltId);
  market.halts.set({ haltId, scope, targetId, openOrders, until: parseInstant(order.until) });
}

function replay(known: HaltRow, order: HaltOrder): HaltAnswer {
  const { until, state, haltId } = known;
  const isSame =
    known.caseId === order.caseId && known.scope === order.scope && known.targetId === order.targetId && known.reason === order.reason;
  if (!isSame || state === 'ended' || until.toISOString() !== order.until) throw refuseCase('act_reused', { haltId });
  return { haltId, state };
}

async function checkOrder({ clock, ledger }: HaltGround, tx: Tx, staff: Official, order: HaltOrder) {
  await requireOpenCase(tx, staff, order.caseId);
  const found = await findHaltTarget(tx, order.scope, order.targetId);
  if (found === null) throw refuseCase('target_unknown');
  const now = clock.now();
  const first = await findHaltSince(tx, order.caseId, order.scope, order.targetId);
  const since = first === null ? now : instant(first.getTime());
  const term = termOf(parseInstant(order.until), now, since, clocksAt(ledger, now));
  if (term === 'freeze_term') throw refuseCase('freeze_term', { since: toIso(since) });
  return { cls: found.cls, since, term };
}

async function requireProposed(tx: Tx, staff: Official, haltId: string): Promise<HaltRow> {
  const halt = await mustFind(tx, haltId);
  await requireOpenCase(tx, staff, halt.caseId);
  if (halt.state !== 'proposed') throw refuseCase('halt_state', { state: halt.state });
  if (halt.setBy === staff.staffId) throw refuseCase('second_person_needed');
  return halt;
}

function orderOf({ haltId, caseId, scope, targetId, reasonCode, reason, openOrders, until }: HaltRow): HaltOrder {
  return { actId: haltId.slice('hlt_'.length), caseId, scope, targetId, reasonCode, reason, openOrders, until: until.toISOString() };
}

async function mustFind(tx: Tx, haltId: string): Promise<HaltRow> {
  const halt = await findHalt(tx, haltId, true);
  if (halt === null) throw refuseCase('halt_unknown');
  return halt;
}

/** One halt per target: the newer stands for both. */
async function endReplaced({ clock }: HaltGround, tx: Tx, { scope, targetId }: HaltOrder): Promise<void> {
  const active = await findActiveHalt(tx, scope, targetId);
  if (active !== null) await endHalt(tx, active.haltId, 'replaced', clock.now());
}

async function announce({ outbox, clock }: HaltGround, tx: Tx, halt: HaltRow, to: 'set' | 'lifted' | 'over'): Promise<void> {
  const { haltId, scope, targetId, reasonCode, setBy: by, until, openOrders } = halt;
  await outbox.append(tx, [
    message('public', 'mkt.halt', clock.now(), { haltId, scope, targetId, reasonCode, by, until: until.toISOString(), openOrders, to }),
  ]);
}
