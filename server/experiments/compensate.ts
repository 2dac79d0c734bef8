/**
 * Compensation out of an experiment's fund (product V-21). The fund is what the operator has promised of its own money: it is paid from the fees
 * that are final, never beyond the cap that the experiment was registered with. What is paid moves the stop trigger that reads it.
 */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, instant } from '#ledger/primitives/instant.ts';
import type { CaseDocument } from '#sandbox/cases/case-order.ts';
import { type CompensationOrder, compensationDocument } from '#sandbox/experiments/compensation-order.ts';
import { requireStaffSignature } from '#server/cases/sign-acts.ts';
import type { Tx } from '#server/db.ts';
import { message, paymentMessage, playerRoom } from '#server/exchange/messages.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import { saveEntries } from '#server/journal/journal.repo.ts';
import { FEE, potOf, transferEntry } from '#server/journal/journal.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import { findCompensation, findLastStake, insertCompensation, readFinalFees, sumCompensation } from './compensations.repo.ts';
import type { DeskGround } from './move.ts';
import { deskRefusal } from './refusals.ts';

export type Compensation = Omit<CompensationOrder, 'acct' | 'amountFen'> & { readonly acct: AccountId; readonly amountFen: bigint };

/** @throws {RefusalError} */
export async function compensate(ground: DeskGround, staff: StaffSession, wish: Compensation, signature: string): Promise<void> {
  const document = compensationDocument({ ...wish, amountFen: String(wish.amountFen) });
  const signed = await requireStaffSignature(ground, staff, document, signature);
  await payCompensation(ground, wish, { staffId: staff.staffId, document, signature: signed });
}

export type SignedBy = { readonly staffId: string; readonly document: CaseDocument; readonly signature: Uint8Array };

const DAY_MS = 86_400_000;

/** The day on which somebody last took part is not counted. */
function lastDayOfClaim(last: Instant, claimDays: number): string {
  return beijingDate(instant(last + claimDays * DAY_MS));
}

/** In the one writer's turn, so that nothing else spends what is counted here. The same act again changes nothing. */
export async function payCompensation(ground: DeskGround, wish: Compensation, by: SignedBy): Promise<void> {
  await ground.ledger.runGroup(() => ground.sql.begin((tx) => pay(ground, tx, wish, by)));
}

async function pay({ clock, market, outbox }: DeskGround, tx: Tx, wish: Compensation, by: SignedBy): Promise<void> {
  const { actId, experimentId, acct, amountFen } = wish;
  const known = await findCompensation(tx, actId);
  if (known !== null) {
    if (known.acct === acct && known.fen === String(amountFen) && known.experimentId === experimentId) return;
    throw deskRefusal('compensation_reused');
  }
  const running = market.experiments.find(experimentId);
  const last = running === null ? null : await findLastStake(tx, experimentId, acct);
  if (running === null || last === null) throw deskRefusal('compensation_not_participant');
  const until = lastDayOfClaim(last, running.experiment.safeguards.compensationClaimDays);
  if (beijingDate(clock.now()) > until) throw deskRefusal('compensation_too_late', { until });
  const leftFen = BigInt(running.experiment.caps.lossCompensationFundFen) - (await sumCompensation(tx, experimentId));
  if (amountFen > leftFen) throw deskRefusal('compensation_fund_spent', { leftFen: String(leftFen) });
  // Fees that a reversal may still take back are not the operator's to promise.
  const feesFen = await readFinalFees(tx);
  if (amountFen > feesFen) throw deskRefusal('compensation_unfunded', { availableFen: String(feesFen < 0n ? 0n : feesFen) });
  const at = clock.now();
  const entry = transferEntry('compensation', at, {}, { from: FEE, to: potOf('available', acct), amountFen });
  const entryId = await saveEntries(tx, [entry]);
  await insertCompensation(tx, { ...wish, ...by, entryId, at });
  const payment = paymentMessage(entry);
  const facts = { experimentId, amountFen: String(amountFen), link: '/money' };
  await outbox.append(tx, [
    { ...payment, body: { ...payment.body, paymentId: actId } },
    message(playerRoom(acct), 'money.updated', at, { kinds: ['compensation'] }),
    noticeTo(acct, 'experiment_compensated', at, facts),
  ]);
}
