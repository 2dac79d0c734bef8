/**
 * Proofs of filing (rulebook 6.6): a seller names the tax office's receipt, which is checked as far as it can be: its form, its day, that
 * nobody has presented it before, and then by asking the office. Where none answers, the tax supervisor decides. A confirmed proof frees what
 * was kept of the sales that it covers; an answer is never changed.
 */
import { toHex } from '#ledger/primitives/bytes.ts';
import { beijingDate, type Instant, instant } from '#ledger/primitives/instant.ts';
import { proofDecisionDocument } from '#sandbox/experiments/proof-decision.ts';
import { type ReservedTax, triesReserve } from '#sandbox/experiments/tax-reserve.ts';
import { keepPersonal, requirePersonal } from '#server/cases/personal-signatures.ts';
import type { Ground } from '#server/context.ts';
import type { Tx } from '#server/db.ts';
import type { Experiments } from '#server/exchange/experiments.ts';
import { message, playerRoom } from '#server/exchange/messages.ts';
import type { Player, StaffSession } from '#server/identity/identity.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import * as repo from './filing-proofs.repo.ts';
import { refuseReserve } from './reserve-codes.ts';
import type { TaxOffice } from './tax-office.ts';

export type ProofGround = Pick<Ground, 'sql' | 'clock' | 'random' | 'ledger'> & {
  readonly outbox: Pick<Outbox, 'append'>;
  readonly experiments: Pick<Experiments, 'all'>;
};
export type ProofWish = {
  readonly tax: ReservedTax;
  readonly month: string;
  readonly receiptNo: string;
  readonly filedOn: string;
};

/** The office is asked so often, each time after twice the wait; then the supervisor is left with it. */
export const MOST_ASKS = 5;
const FIRST_WAIT_MS = 60_000;
const AT_ONCE = 50;

export function reserveTrials(experiments: Pick<Experiments, 'all'>): readonly string[] {
  return experiments.all().flatMap(({ experiment }) => (triesReserve(experiment) ? [experiment.id] : []));
}

/** The same proof again is the same one. @throws {RefusalError} */
export async function presentProof(ground: ProofGround, { acct }: Player, wish: ProofWish): Promise<repo.ProofRow> {
  const { sql, clock, random, outbox, experiments } = ground;
  const { tax, month, receiptNo, filedOn } = wish;
  const { proof } = await sql.begin(async (tx) => {
    // One receipt at a time: two who present the same one are told apart.
    await tx`select pg_advisory_xact_lock(hashtext(${`proof ${receiptNo}`}))`;
    const known = await repo.findStandingProof(tx, receiptNo);
    if (known !== null) {
      const isSame = known.acct === acct && known.tax === tax && known.month === month && known.filedOn === filedOn;
      if (isSame) return { proof: known };
      throw refuseReserve('proof_receipt_used');
    }
    const now = clock.now();
    const first = await repo.findFirstSale(tx, acct, month, reserveTrials(experiments));
    if (first === null) throw refuseReserve('proof_month', { month });
    if (filedOn > beijingDate(now)) throw refuseReserve('proof_future', { filedOn });
    if (filedOn < first) throw refuseReserve('proof_early', { first });
    const proofId = `prf_${toHex(random.bytes(16))}`;
    await repo.insertProof(tx, { proofId, acct, ...wish, presentedAt: now });
    const row: repo.ProofRow = {
      ...{ proofId, acct, ...wish, presentedAt: now, state: 'waiting', asks: 0 },
      ...{ decidedAt: null, decidedBy: null, reason: null },
    };
    await outbox.append(tx, [told(row, 'waiting', null, now)]);
    return { proof: row };
  });
  return proof;
}

function told(row: repo.ProofRow, state: repo.ProofRow['state'], reason: string | null, now: Instant): NewMessage {
  const { proofId, acct, tax, month, filedOn } = row;
  return message('sup:tax', 'sbx.filing', now, { proofId, sellerRef: acct, tax, month, filedOn, state, reason });
}

async function decide({ outbox }: Pick<ProofGround, 'outbox'>, tx: Tx, row: repo.ProofRow, verdict: repo.Verdict): Promise<boolean> {
  const { proofId, acct, month, tax } = row;
  const { state, reason, at } = verdict;
  if (!(await repo.decideProof(tx, proofId, verdict))) return false;
  await outbox.append(tx, [
    told(row, state, reason, at),
    noticeTo(acct, `filing_${state}`, at, { proofId, month, tax, reason, link: '/money' }),
    message(playerRoom(acct), 'money.updated', at, { kinds: ['filing'] }),
  ]);
  return true;
}

/** Asks the office about what waits. A crash after its answer asks again, which changes nothing there. @returns how many were decided */
export async function askTaxOffice(ground: Omit<ProofGround, 'experiments' | 'random' | 'ledger'>, office: TaxOffice): Promise<number> {
  const { sql, clock } = ground;
  let decided = 0;
  for (const row of await repo.listUnasked(sql, clock.now(), MOST_ASKS, AT_ONCE)) {
    const { proofId, acct: taxpayer, tax, month, receiptNo, filedOn, asks } = row;
    const answer = await office.check({ receiptNo, taxpayer, tax, month, filedOn });
    const at = clock.now();
    if (answer === 'unavailable') {
      await repo.putOff(sql, proofId, instant(at + FIRST_WAIT_MS * 2 ** asks));
      continue;
    }
    const reason = answer.outcome === 'refused' ? answer.reason : null;
    const { isNew } = await sql.begin(async (tx) => ({
      isNew: await decide(ground, tx, row, { state: answer.outcome, by: office.name, reason, at }),
    }));
    decided += isNew ? 1 : 0;
  }
  return decided;
}

export type ProofDecision = {
  readonly actId: string;
  readonly proofId: string;
  readonly isConfirmed: boolean;
  readonly reason: string;
};

/** By the tax supervisor, who has seen the receipt or asked the office by other means. @throws {RefusalError} */
export async function decideBySupervisor(ground: ProofGround, staff: StaffSession, wish: ProofDecision, signature: string): Promise<void> {
  const { sql, clock } = ground;
  const { proofId, isConfirmed, reason } = wish;
  const row = await repo.findProof(sql, proofId);
  if (row === null) throw refuseReserve('proof_unknown');
  const { tax, month, receiptNo, filedOn } = row;
  const act = await requirePersonal(ground, staff, proofDecisionDocument({ ...wish, tax, month, receiptNo, filedOn }), signature);
  await sql.begin(async (tx) => {
    const at = clock.now();
    const verdict = { state: isConfirmed ? 'confirmed' : 'refused', by: staff.staffId, reason: isConfirmed ? null : reason, at } as const;
    if (!(await decide(ground, tx, row, verdict))) throw refuseReserve('proof_decided');
    await keepPersonal(tx, proofId, act, at);
  });
}
