/** What the steps of a dispute share: the operator's statement on the ledger, the freeze that keeps the item, messages, the way back. */
import type { Op } from '#ledger/codec/op-types.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { GroupResult, Sequenced } from '#ledger/node/ledger-node.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { documentHash } from '#sandbox/cases/case-order.ts';
import { type ClaimOutcome, LEFT_AT_LEAST_MS } from '#sandbox/cases/claim-order.ts';
import { refuseCase } from '#server/cases/case-codes.ts';
import { recordStep } from '#server/cases/case-desk.ts';
import { freezeMessages } from '#server/cases/case-messages.ts';
import { findCase, setState } from '#server/cases/cases.repo.ts';
import { factsOf } from '#server/cases/freeze.ts';
import { findFreeze, insertFreeze, listFreezesOfCase } from '#server/cases/freezes.repo.ts';
import type { CaseGround } from '#server/cases/sign-acts.ts';
import type { Tx } from '#server/db.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import type { Market } from '#server/exchange/market.ts';
import { message, playerRoom } from '#server/exchange/messages.ts';
import { moveTrades } from '#server/exchange/trade-clocks.repo.ts';
import type { Identity } from '#server/identity/identity.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import type { ClaimAct } from '#server/trpc/views.ts';
import { type ClaimTrade, leavesOf, returnToProtection } from './claim-trade.repo.ts';
import { type ClaimRow, closeClaim } from './claims.repo.ts';

/** `Services` are one. */
export type ClaimGround = CaseGround & {
  readonly identity: Pick<Identity, 'confirm'>;
  readonly market: Pick<Market, 'tellReversed'>;
};

/** A supervisor's decision among what waits in a case. */
export const reviewStep = (claimId: string): string => `review ${claimId}`;

const WINDOW_MS = 10 * 60_000;
/** What the operator may repeat on one item (`ledger.md` op 11, `freeze_repeat`). */
const PAUSE_MS = 30n * 24n * 3_600_000n;
export const OPERATOR_REF = 'operator';

export function operatorEnvs({ ledger, random, clock }: CaseGround, ops: readonly Op[]): readonly TxEnv[] {
  const now = clock.now();
  return ledger.operator.batchSign(
    ops.map((op) => ({
      chain: ledger.chain,
      salt: random.bytes(16),
      notBefore: BigInt(now - WINDOW_MS / 2),
      notAfter: BigInt(now + WINDOW_MS / 2),
      op,
    })),
  );
}

/** All of them, or the call is refused and its database transaction with it. */
export function requireAll(results: readonly GroupResult[]): readonly Sequenced[] {
  return results.map((result) => {
    if (result.kind !== 'sequenced') throw refuseCase('ledger_refused', { ledgerCode: result.code });
    return result;
  });
}

type Held = { readonly itemId: string; readonly until: Instant; readonly op: Op };

/** The operator's freeze of each item for the longest that it may, where nobody holds it and the ledger would take it. */
export function operatorFreezes({ ledger, clock }: CaseGround, trade: ClaimTrade, text: string): readonly Held[] {
  const now = clock.now();
  const until = instant(now + clocksAt(ledger, now).operatorFreezeMs);
  const doc = documentHash({ act: 'hold_item', tradeId: trade.tradeId, reason: text });
  return leavesOf(ledger, trade).flatMap(({ serial, frozenUntil }) => {
    const itemId = trade.serials.find((item) => item.serial === serial)?.itemId;
    const isRepeat = frozenUntil !== 0n && BigInt(now) < frozenUntil + PAUSE_MS;
    if (itemId === undefined || isRepeat) return [];
    return [{ itemId, until, op: { kind: 'freeze', target: { kind: 'item', serial }, until: BigInt(until), doc } }];
  });
}

export async function saveHeld(
  { clock, outbox, random }: CaseGround,
  tx: Tx,
  held: { readonly claimId: string; readonly trade: ClaimTrade; readonly reason: string },
  freezes: readonly (Held & { readonly txId: Uint8Array })[],
): Promise<void> {
  const at = clock.now();
  for (const { itemId, until, txId } of freezes) {
    const freezeId = `frz_${toHex(random.bytes(16))}`;
    const order = { scope: 'item', targetId: itemId, reasonCode: 'disputed_trade', reason: held.reason } as const;
    const { claimId, trade } = held;
    await insertFreeze(tx, {
      ...{ freezeId, order, caseId: null, claimId, holder: trade.buyer, isSecret: false, setBy: OPERATOR_REF, at, since: at, until, txId },
    });
    const row = await findFreeze(tx, freezeId);
    if (row !== null) await outbox.append(tx, freezeMessages('freeze.set', factsOf(row), at));
  }
}

type ClaimNotice = Exclude<ClaimAct, 'accepted' | 'reversed' | 'held' | 'freed' | 'case_opened'>;

/** Both sides, and the office of markets under the parties' references. */
export async function tellClaim(
  { outbox, clock }: CaseGround,
  tx: Tx,
  claim: Pick<ClaimRow, 'claimId' | 'tradeId' | 'kind' | 'claimant' | 'respondent'>,
  step: {
    readonly act: ClaimNotice;
    readonly from: string | null;
    readonly to: string;
    readonly dueAt: Instant | null;
    readonly byRef: string;
  },
): Promise<void> {
  const at = clock.now();
  const { claimId, tradeId } = claim;
  const dueAt = step.dueAt === null ? null : toIso(step.dueAt);
  await outbox.append(tx, [
    message('sup:market', 'case.state', at, {
      ...{ caseId: claimId, kind: `claim_${step.act}`, from: step.from, to: step.to, dueAt, byRef: step.byRef },
      ...{ tradeId, claimKind: claim.kind, claimantRef: claim.claimant },
    }),
    ...[claim.claimant, claim.respondent].map((acct) =>
      noticeTo(acct, `claim_${step.act}`, at, { claimId, tradeId, link: `/disputes/${claimId}`, dueAt }),
    ),
  ]);
}

/** Not upheld: the trade is protected again, for a day at least, and the operator's hand comes off the items then. */
export async function closeUnreversed(
  ground: CaseGround,
  tx: Tx,
  claim: ClaimRow,
  trade: ClaimTrade,
  outcome: Exclude<ClaimOutcome, 'reversed'>,
): Promise<void> {
  const at = ground.clock.now();
  const until = instant(Math.max(trade.payoutAt ?? at, at + LEFT_AT_LEAST_MS));
  const releaseAt = instant(at + LEFT_AT_LEAST_MS);
  const decision = outcome === 'refused' ? { decision: 'refused' as const } : {};
  await closeClaim(tx, claim.claimId, { outcome, at, releaseAt, ...decision });
  await moveTrades(tx, [trade], { state: 'protected', reason: null, at });
  await returnToProtection(tx, trade.tradeId, until);
  await ground.outbox.append(
    tx,
    [trade.seller, trade.buyer].map((acct) =>
      message(playerRoom(acct), 'trade.updated', at, { id: trade.tradeId, from: 'disputed', to: 'protected', reason: null }),
    ),
  );
  await closeCase(ground, tx, claim, outcome);
}

/** The supervisors' case ends with what it was opened for, unless freezes of its own are still in force. */
export async function closeCase(ground: CaseGround, tx: Tx, claim: ClaimRow, outcome: ClaimOutcome): Promise<void> {
  const row = claim.caseId === null ? null : await findCase(tx, claim.caseId, true);
  if (row === null || row.state === 'closed') return;
  const isHolding = (await listFreezesOfCase(tx, row.case_id)).some(({ state }) => state !== 'ended');
  const body = { claimId: claim.claimId, outcome };
  if (isHolding) return recordStep(ground, tx, row, { by: null, act: 'claim', to: row.state, body });
  await setState(tx, row.case_id, 'closed', 'settled', ground.clock.now());
  await recordStep(ground, tx, row, { by: null, act: 'closed', to: 'closed', body });
}
