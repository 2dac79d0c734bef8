/**
 * Decisions in a dispute (product P-32): the desk's with reasons, then the supervisor's, in an appeal or under a reversal that nobody
 * appealed against. The item goes back by a TradeReverse that operator and supervisor sign (`ledger.md` op 21), in one database
 * transaction with the money, the tax lines and the freezes.
 */
import { instant } from '#ledger/primitives/instant.ts';
import { documentHash } from '#sandbox/cases/case-order.ts';
import { type ClaimRuling, claimAttest, reverseOp, rulingDocument } from '#sandbox/cases/claim-order.ts';
import { keptOf, ledgerTxOf } from '#server/cases/await-act.ts';
import { recordStep, requireCase } from '#server/cases/case-desk.ts';
import { freezeMessages } from '#server/cases/case-messages.ts';
import { findCase } from '#server/cases/cases.repo.ts';
import { factsOf } from '#server/cases/freeze.ts';
import { endFreeze, findFreeze } from '#server/cases/freezes.repo.ts';
import type { Official } from '#server/cases/personal-signatures.ts';
import { requireStaffSignature, type Signed } from '#server/cases/sign-acts.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { Tx } from '#server/db.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import { message, playerRoom } from '#server/exchange/messages.ts';
import { reverseBooks } from '#server/exchange/reverse-trade.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import { refuseClaim } from './claim-codes.ts';
import { type ClaimGround, closeCase, closeUnreversed, operatorEnvs, requireAll, reviewStep, tellClaim } from './claim-ground.ts';
import {
  type ClaimTrade,
  findClaimTrade,
  heldUntil,
  leavesOf,
  listFreezesOfItems,
  returnLots,
  reversalOf,
  setTradeDeadline,
} from './claim-trade.repo.ts';
import { addStep, type ClaimRow, closeClaim, findClaim, moveClaim } from './claims.repo.ts';

/** A block may come later than the step: until then the item must still be held, or the ledger refuses what these books have done. */
const SEALING_MS = 2 * 60_000;

async function load(
  ground: ClaimGround,
  claimId: string,
): Promise<{ readonly claim: ClaimRow; readonly trade: ClaimTrade & { entry: bigint } }> {
  const claim = await findClaim(ground.sql, claimId);
  if (claim === null) throw refuseClaim('claim_unknown');
  const trade = await findClaimTrade(ground.sql, claim.tradeId);
  if (trade === null || trade.entry === null) throw refuseClaim('claim_state');
  return { claim, trade: { ...trade, entry: trade.entry } };
}

function requireState(claim: ClaimRow | null, states: readonly ClaimRow['state'][]): ClaimRow {
  if (claim === null) throw refuseClaim('claim_unknown');
  if (!states.includes(claim.state)) throw refuseClaim('claim_state', { state: claim.state });
  return claim;
}

/** By the operator's desk: with reasons, signed by the person, its hash on the ledger. */
export async function decideClaim(ground: ClaimGround, staff: StaffSession, ruling: ClaimRuling, signature: string): Promise<void> {
  const { claim, trade } = await load(ground, ruling.claimId);
  requireState(claim, ['deciding']);
  const document = rulingDocument('desk', ruling);
  const bytes = await requireStaffSignature(ground, staff, document, signature);
  const envs = operatorEnvs(ground, [claimAttest(trade.entry, documentHash(document))]);
  await sequenceOutside(ground, envs, async (tx, results) => {
    const [attest] = requireAll(results);
    const { claimId } = requireState(await findClaim(tx, ruling.claimId, true), ['deciding']);
    const at = ground.clock.now();
    const dueAt = instant(at + clocksAt(ground.ledger, at).claimAppealMs);
    const proof = { certificateSerial: staff.certificateSerial };
    await addStep(tx, claimId, {
      role: 'desk',
      by: staff.staffId,
      act: 'decided',
      at,
      document,
      signature: bytes,
      proof,
      txId: attest?.txId ?? null,
    });
    await moveClaim(tx, claimId, { state: 'decided', dueAt, decision: ruling.isUpheld ? 'upheld' : 'refused' });
    await setTradeDeadline(tx, claim.tradeId, dueAt);
    await tellClaim(ground, tx, claim, { act: 'decided', from: 'deciding', to: 'decided', dueAt, byRef: staff.staffId });
  });
}

/** By a supervisor. Upholding needs the organisation's signature under the reversal, refusing under the statement. @returns whether it waits for it */
export async function reviewClaim(
  ground: ClaimGround,
  staff: Official,
  ruling: ClaimRuling,
  signed: Signed,
): Promise<{ readonly waits: boolean }> {
  const { claim, trade } = await load(ground, ruling.claimId);
  await ground.sql.begin((tx) => requireOffice(tx, staff, claim));
  requireState(claim, ['appealed', 'upheld']);
  const document = rulingDocument('supervisor', ruling);
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const doc = documentHash(document);
  const reversal = reversalOf(ground.ledger, claim, trade);
  if (ruling.isUpheld && heldUntil(leavesOf(ground.ledger, trade)) < BigInt(ground.clock.now() + SEALING_MS))
    throw refuseClaim('claim_not_held');
  const op = ruling.isUpheld && reversal !== null ? reverseOp(reversal, doc) : claimAttest(trade.entry, doc);
  // The operator is bound by the decision: its own signature under it is the second that the ledger asks for.
  const env = await ledgerTxOf(ground, staff, signed, {
    ...{ op, document, about: null, caseId: claim.caseId ?? '', step: reviewStep(claim.claimId), operatorSigns: ruling.isUpheld },
    intent: { act: 'review_claim', ruling, ...keptOf(staff, signed.signature) },
  });
  if (env === null) return { waits: true };
  await sequenceOutside(ground, [env], async (tx, results) => {
    const [sequenced] = requireAll(results);
    const now = requireState(await findClaim(tx, ruling.claimId, true), ['appealed', 'upheld']);
    await requireOffice(tx, staff, now);
    const at = ground.clock.now();
    const proof = { certificateSerial: staff.certificateSerial };
    const txId = sequenced?.txId ?? new Uint8Array(32);
    await addStep(tx, now.claimId, { role: 'supervisor', by: staff.staffId, act: 'reviewed', at, document, signature, proof, txId });
    await recordReview(ground, tx, now, staff, ruling);
    if (ruling.isUpheld) await reverse(ground, tx, now, trade, txId);
    else await closeUnreversed(ground, tx, now, trade, 'refused');
    await tellClaim(ground, tx, now, { act: 'reviewed', from: now.state, to: 'closed', dueAt: null, byRef: staff.staffId });
    if (signed.elsewhere?.kind === 'finish') await signed.elsewhere.also(tx);
  });
  if (ruling.isUpheld) ground.market.tellReversed(trade);
  return { waits: false };
}

async function requireOffice(tx: Tx, staff: Official, claim: ClaimRow): Promise<void> {
  if (claim.caseId === null) throw refuseClaim('claim_case_unknown');
  await requireCase(tx, staff, claim.caseId);
}

async function recordReview(ground: ClaimGround, tx: Tx, claim: ClaimRow, by: Official, { isUpheld, reason }: ClaimRuling): Promise<void> {
  const row = claim.caseId === null ? null : await findCase(tx, claim.caseId, true);
  const body = { claimId: claim.claimId, decision: isUpheld ? 'upheld' : 'refused', reason };
  if (row !== null) await recordStep(ground, tx, row, { by, act: 'claim', to: row.state, body });
}

/** Custody follows the op by itself; here go money, tax lines, cost, state and freezes. */
async function reverse(ground: ClaimGround, tx: Tx, claim: ClaimRow, trade: ClaimTrade, txId: Uint8Array): Promise<void> {
  const at = ground.clock.now();
  await returnLots(tx, trade);
  await reverseBooks(tx, ground, trade, { now: at, from: 'disputed', reason: 'claim_upheld' });
  const itemIds = trade.serials.map(({ itemId }) => itemId);
  for (const { freeze_id: freezeId } of await listFreezesOfItems(tx, itemIds)) {
    const row = await findFreeze(tx, freezeId, true);
    if (row === null) continue;
    await endFreeze(tx, freezeId, 'lifted', at, txId);
    await ground.outbox.append(tx, freezeMessages('freeze.lifted', factsOf(row), at));
  }
  await closeClaim(tx, claim.claimId, { outcome: 'reversed', at, decision: 'upheld', reversalTxId: txId, releaseAt: null });
  await addStep(tx, claim.claimId, { role: 'clock', by: 'ledger', act: 'reversed', at, txId });
  await ground.outbox.append(
    tx,
    [trade.seller, trade.buyer].map((acct) => message(playerRoom(acct), 'money.updated', at, { kinds: ['reversal'] })),
  );
  await closeCase(ground, tx, claim, 'reversed');
}
