/**
 * Complaints that money is missing (the guardrail of X1), once for each sale, and the tax supervisor's answer, due within the working days that the
 * experiment promises. An answer is signed, told to who complained, and never changed; a late one is taken and shown as late.
 */

import { parseTradeId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import { addTradingDays } from '#sandbox/decisions/calendar.ts';
import { complaintAnswerDocument } from '#sandbox/experiments/complaint-answer.ts';
import { type ComplaintCounts, countComplaints } from '#sandbox/experiments/complaint-counts.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { keepPersonal, requirePersonal } from '#server/cases/personal-signatures.ts';
import { message } from '#server/exchange/messages.ts';
import type { Player, StaffSession } from '#server/identity/identity.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import * as repo from './complaints.repo.ts';
import type { ProofGround } from './filing-proofs.ts';
import { refuseReserve } from './reserve-codes.ts';

const DAY_MS = 86_400_000;

/** The end of the last working day that the experiment promises, by the calendar of the pack in force; `null`: none is. */
export function complaintDueAt(pack: RulePack | null, at: Instant, workingDays: number): Instant {
  const date = pack === null ? beijingDate(instant(at + workingDays * DAY_MS)) : addTradingDays(pack, beijingDate(at), workingDays);
  return instant(startOfBeijingDate(date) + DAY_MS);
}

/** For its reports: what was received, answered in time or late, and waits. */
export async function complaintCounts(sql: Queryable, pack: RulePack | null, experimentId: string, now: Instant): Promise<ComplaintCounts> {
  const rows = await repo.listComplaintsOf(sql, experimentId);
  return countComplaints(
    rows.map(({ at, slaWorkingDays, answer }) => ({ dueAt: complaintDueAt(pack, at, slaWorkingDays), answeredAt: answer?.at ?? null })),
    now,
  );
}

/** @throws {RefusalError} `reserve_unknown reserve_complained` */
export async function complainOfReserve(
  { sql, clock, outbox }: Pick<ProofGround, 'sql' | 'clock' | 'outbox'>,
  { acct }: Pick<Player, 'acct'>,
  tradeId: string,
  text: string,
): Promise<void> {
  await sql.begin(async (tx) => {
    const experimentId = await repo.findKeptFor(tx, acct, tradeId);
    if (experimentId === null) throw refuseReserve('reserve_unknown');
    const at = clock.now();
    const isNew = await repo.insertComplaint(tx, { tradeId: parseTradeId(tradeId), experimentId, acct, at, text });
    if (!isNew) throw refuseReserve('reserve_complained');
    await outbox.append(tx, [message('sup:tax', 'sbx.complaint', at, { tradeId, experimentId, sellerRef: acct, text, state: 'open' })]);
  });
}

export type ComplaintAnswer = { readonly actId: string; readonly tradeId: string; readonly text: string };

/** The same answer again is the same one. @throws {RefusalError} `complaint_unknown complaint_answered sig_invalid` */
export async function answerComplaint(ground: ProofGround, staff: StaffSession, answer: ComplaintAnswer, signature: string): Promise<void> {
  const { sql, clock, outbox } = ground;
  const { actId, tradeId, text } = answer;
  const known = await repo.findComplaint(sql, tradeId);
  if (known === null) throw refuseReserve('complaint_unknown');
  if (known.answer?.actId === actId && known.answer.text === text) return;
  if (known.answer !== null) throw refuseReserve('complaint_answered');
  const { acct, experimentId } = known;
  const document = complaintAnswerDocument({ actId, tradeId, experimentId, complaint: known.text, text });
  const act = await requirePersonal(ground, staff, document, signature);
  await sql.begin(async (tx) => {
    const at = clock.now();
    if (!(await repo.insertAnswer(tx, { ...answer, by: staff.staffId, at }))) throw refuseReserve('complaint_answered');
    await keepPersonal(tx, tradeId, act, at);
    await outbox.append(tx, [
      message('sup:tax', 'sbx.complaint', at, { tradeId, experimentId, sellerRef: acct, text, state: 'answered' }),
      noticeTo(acct, 'complaint_answered', at, { tradeId, experimentId, link: '/money#reserve' }),
    ]);
  });
}
