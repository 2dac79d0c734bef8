/**
 * Ends that come by themselves (product P-32, V-15): an answer that does not come, a desk that stays silent, a window for appeal that
 * closes, a freeze that is needed or over. What a turn misses the next one does: nothing depends on when it runs.
 */
import type { GroupResult } from '#ledger/node/ledger-node.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { clockStep, HOLD_MARGIN_MS, LONGER_MARGIN_MS } from '#sandbox/cases/claim-order.ts';
import { workingDaysAfter } from '#server/cases/case-desk.ts';
import { freezeMessages } from '#server/cases/case-messages.ts';
import { factsOf } from '#server/cases/freeze.ts';
import { endFreeze, findFreeze } from '#server/cases/freezes.repo.ts';
import type { CaseGround } from '#server/cases/sign-acts.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { Tx } from '#server/db.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import { openClaimCase } from './claim-case.ts';
import { closeUnreversed, OPERATOR_REF, operatorEnvs, operatorFreezes, requireAll, saveHeld, tellClaim } from './claim-ground.ts';
import { type ClaimTrade, findClaimTrade, heldUntil, leavesOf, listFreezesOfClaim, setTradeDeadline } from './claim-trade.repo.ts';
import { addStep, type ClaimRow, findClaim, listRunning, listToRelease, moveClaim, setReleased } from './claims.repo.ts';

const AT_ONCE = 200;
const CLOCK = { role: 'clock', by: 'clock' } as const;

/** @returns how many steps came */
export async function turnClaims(ground: CaseGround): Promise<number> {
  let steps = 0;
  for (const claim of await listRunning(ground.sql, AT_ONCE)) {
    if (await turnHold(ground, claim)) steps += 1;
    if (await turnDue(ground, claim)) steps += 1;
  }
  for (const claim of await listToRelease(ground.sql, ground.clock.now(), AT_ONCE)) {
    await release(ground, claim);
    steps += 1;
  }
  return steps;
}

async function turnDue(ground: CaseGround, { claimId }: ClaimRow): Promise<boolean> {
  const done = await ground.sql.begin(async (tx) => {
    const claim = await findClaim(tx, claimId, true);
    const now = ground.clock.now();
    const step = claim === null ? null : clockStep({ ...claim, dueAt: claim.dueAt === null ? null : claim.dueAt.getTime() }, now);
    if (claim === null || step === null) return { isDone: false };
    const at = instant(claim.dueAt?.getTime() ?? now);
    if (step === 'final') await endAppealWindow(ground, tx, claim, 'clock');
    else await addStep(tx, claimId, { ...CLOCK, act: step, at });
    if (step === 'answer_missed') await toDesk(ground, tx, claim);
    if (step === 'desk_silent') await toSupervisor(ground, tx, claim);
    if (step === 'stands') await close(ground, tx, claim, 'refused', 'stands');
    return { isDone: true };
  });
  return done.isDone;
}

/** When the desk has to have decided. */
export function deskDueAt(ground: CaseGround): Instant {
  const now = ground.clock.now();
  return workingDaysAfter(ground, now, clocksAt(ground.ledger, now).claimDecisionWorkingDays);
}

/** When a supervisor has to have answered. */
export function reviewDueAt({ clock, ledger }: CaseGround): Instant {
  const now = clock.now();
  return instant(now + clocksAt(ledger, now).claimReviewMs);
}

async function toDesk(ground: CaseGround, tx: Tx, claim: ClaimRow): Promise<void> {
  const dueAt = deskDueAt(ground);
  await moveClaim(tx, claim.claimId, { state: 'deciding', dueAt });
  await setTradeDeadline(tx, claim.tradeId, dueAt);
  await tellClaim(ground, tx, claim, { act: 'answer_missed', from: 'open', to: 'deciding', dueAt, byRef: 'clock' });
}

/** Nobody loses a right because the desk sleeps. */
async function toSupervisor(ground: CaseGround, tx: Tx, claim: ClaimRow): Promise<void> {
  const dueAt = reviewDueAt(ground);
  await moveClaim(tx, claim.claimId, { state: 'appealed', dueAt });
  await setTradeDeadline(tx, claim.tradeId, dueAt);
  await openClaimCase(ground, tx, claim, 'desk_silent');
  await tellClaim(ground, tx, claim, { act: 'desk_silent', from: 'deciding', to: 'appealed', dueAt, byRef: 'clock' });
}

/** Nobody appealed, or whoever lost has given in. What was upheld waits for the supervisor's signature under the reversal. */
export async function endAppealWindow(ground: CaseGround, tx: Tx, claim: ClaimRow, by: string): Promise<void> {
  if (by === 'clock')
    await addStep(tx, claim.claimId, { ...CLOCK, act: 'final', at: instant(claim.dueAt?.getTime() ?? ground.clock.now()) });
  if (claim.decision === 'refused') return close(ground, tx, claim, 'refused', 'final');
  const dueAt = reviewDueAt(ground);
  await moveClaim(tx, claim.claimId, { state: 'upheld', dueAt });
  await setTradeDeadline(tx, claim.tradeId, dueAt);
  await openClaimCase(ground, tx, claim, 'reversal');
  await tellClaim(ground, tx, claim, { act: 'final', from: 'decided', to: 'upheld', dueAt, byRef: by });
}

async function close(
  ground: CaseGround,
  tx: Tx,
  claim: ClaimRow,
  outcome: 'refused' | 'lapsed',
  act: 'final' | 'stands' | 'lapsed',
): Promise<void> {
  const trade = await findClaimTrade(tx, claim.tradeId);
  if (trade === null) return;
  await closeUnreversed(ground, tx, claim, trade, outcome);
  await tellClaim(ground, tx, claim, { act, from: claim.state, to: 'closed', dueAt: null, byRef: 'clock' });
}

/** The operator's freeze where protection ends first, then a case for a longer one; an item that nothing holds ends the dispute. */
async function turnHold(ground: CaseGround, { claimId, tradeId }: ClaimRow): Promise<boolean> {
  const trade = await findClaimTrade(ground.sql, tradeId);
  if (trade === null) return false;
  const now = ground.clock.now();
  const until = heldUntil(leavesOf(ground.ledger, trade));
  if (until >= BigInt(now + LONGER_MARGIN_MS)) return false;
  const used = await listFreezesOfClaim(ground.sql, claimId);
  if (used.length === 0 && until >= BigInt(now + HOLD_MARGIN_MS)) return false;
  if (used.length === 0 && (await hold(ground, claimId, trade))) return true;
  const { isDone } = await ground.sql.begin(async (tx) => {
    const claim = await findClaim(tx, claimId, true);
    if (claim === null || claim.state === 'closed') return { isDone: false };
    if (until <= BigInt(now)) {
      await addStep(tx, claimId, { ...CLOCK, act: 'lapsed', at: instant(Number(until)) });
      await close(ground, tx, claim, 'lapsed', 'lapsed');
      return { isDone: true };
    }
    if (claim.caseId !== null) return { isDone: false };
    await openClaimCase(ground, tx, claim, 'longer_hold');
    return { isDone: true };
  });
  return isDone;
}

/** @returns false when the ledger would not take it: the operator has frozen one of the items within thirty days */
async function hold(ground: CaseGround, claimId: string, trade: ClaimTrade): Promise<boolean> {
  const isWithBuyer = leavesOf(ground.ledger, trade).length === trade.serials.length;
  const reason = `disputed ${claimId}`;
  const freezes = operatorFreezes(ground, trade, reason);
  if (!isWithBuyer || freezes.length < trade.serials.length) return false;
  const envs = operatorEnvs(
    ground,
    freezes.map(({ op }) => op),
  );
  await sequenceOutside(ground, envs, async (tx, results) => {
    const frozen = requireAll(results);
    const claim = await findClaim(tx, claimId, true);
    if (claim === null || claim.state === 'closed') throw new Error(`the dispute ${claimId} ended while its items were to be held`);
    const held = freezes.map((freeze, index) => ({ ...freeze, txId: frozen[index]?.txId ?? new Uint8Array(32) }));
    await saveHeld(ground, tx, { claimId, trade, reason }, held);
    await addStep(tx, claimId, { role: 'desk', by: OPERATOR_REF, act: 'held', at: ground.clock.now(), txId: frozen[0]?.txId ?? null });
  });
  return true;
}

/** A day after a claim that was not upheld the operator's hand comes off; what supervisors froze is theirs to lift. */
async function release(ground: CaseGround, claim: ClaimRow): Promise<void> {
  const live = (await listFreezesOfClaim(ground.sql, claim.claimId)).filter(({ state }) => state === 'active');
  const trade = await findClaimTrade(ground.sql, claim.tradeId);
  const now: Instant = ground.clock.now();
  const frozen = live.flatMap((freeze) => {
    const serial = trade?.serials.find(({ itemId }) => itemId === freeze.target_id)?.serial;
    const leaf = serial === undefined ? null : ground.ledger.pending.itemBySerial(serial);
    return serial === undefined || leaf === null || leaf.frozenUntil <= BigInt(now) ? [] : [{ freezeId: freeze.freeze_id, serial }];
  });
  const doc = new Uint8Array(32);
  const envs = operatorEnvs(
    ground,
    frozen.map(({ serial }) => ({ kind: 'unfreeze', target: { kind: 'item', serial }, doc })),
  );
  const follow = async (tx: Tx, results: readonly GroupResult[]) => {
    for (const [index, { freezeId }] of frozen.entries()) {
      const result = results[index];
      // A freeze of a higher rank stands above ours: its office lifts it.
      if (result?.kind !== 'sequenced') continue;
      const row = await findFreeze(tx, freezeId, true);
      if (row === null || row.state === 'ended') continue;
      await endFreeze(tx, freezeId, 'lifted', now, result.txId);
      await ground.outbox.append(tx, freezeMessages('freeze.lifted', factsOf(row), now));
    }
    if (live.length > 0) await addStep(tx, claim.claimId, { role: 'desk', by: OPERATOR_REF, act: 'freed', at: now });
    await setReleased(tx, claim.claimId);
  };
  if (envs.length === 0) await ground.sql.begin((tx) => follow(tx, []));
  else await sequenceOutside(ground, envs, follow);
}
