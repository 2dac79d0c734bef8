/** The desk of a hit on a list of persons (rulebook CN-AML-02): a case of finance with its clock, opened by itself. Closed without a breach it
 *  frees the withdrawals; closed otherwise they stay held until the list no longer names the person. Undecided in time it stays held, and the
 *  case says so. */

import type { Tx } from '#server/db.ts';
import {
  decide,
  type ListReview,
  listDecided,
  listRunningOut,
  listWithoutCase,
  moveOn,
  setCase,
} from '#server/identity/list-reviews.repo.ts';
import { LIST_HOLD } from '#server/identity/list-reviews.ts';
import { upsertHold } from '#server/identity/players.repo.ts';
import { endHold } from '#server/identity/seller-checks.repo.ts';
import { caseDueAt, newCaseId, recordStep } from './case-desk.ts';
import { caseMessages } from './case-messages.ts';
import { addEvent, findCase, insertCase } from './cases.repo.ts';
import type { CaseGround } from './sign-acts.ts';

const GROUND = 'CN-AML-02; Anti-Money Laundering Law art. 40';
/** Nobody's yet: who takes it over owns it. */
const UNOWNED = 'clock';
const AUDIENCE = ['finance'] as const;
const LATE = 'Undecided in time: withdrawals stay held for another term.';

/** @returns how many steps came */
export async function turnListReviews(ground: CaseGround): Promise<number> {
  const { sql, clock } = ground;
  const { steps } = await sql.begin(async (tx) => {
    const now = clock.now();
    const fresh = await listWithoutCase(tx);
    for (const review of fresh) await openListCase(ground, tx, review);
    const decided = await listDecided(tx);
    for (const review of decided) {
      const isFree = review.outcome === 'no_breach' || review.outcome === 'settled';
      await decide(tx, review, isFree ? 'released' : 'reported', now);
      if (isFree) await endHold(tx, review.acct, LIST_HOLD);
    }
    const late = await listRunningOut(tx, now);
    for (const review of late) {
      const dueAt = caseDueAt(ground, now);
      await moveOn(tx, review, dueAt);
      await upsertHold(tx, review.acct, { code: LIST_HOLD, until: dueAt });
      const row = review.isHeld && review.caseId !== null ? await findCase(tx, review.caseId) : null;
      if (row !== null) await recordStep(ground, tx, row, { by: null, act: 'note', to: row.state, body: { text: LATE } });
    }
    return { steps: fresh.length + decided.length + late.length };
  });
  return steps;
}

async function openListCase(ground: CaseGround, tx: Tx, review: ListReview): Promise<void> {
  const caseId = newCaseId(ground);
  const at = ground.clock.now();
  const dueAt = caseDueAt(ground, at);
  const { acct, occasion } = review;
  await insertCase(tx, {
    ...{ caseId, source: 'list', sourceId: `list-${review.reviewNo}`, topic: 'laundering', audience: AUDIENCE, by: UNOWNED, at, dueAt },
    ...{ title: acct, ground: GROUND },
  });
  await addEvent(tx, caseId, { at, by: null, act: 'opened', body: { source: 'list', subjectId: acct, occasion } });
  await ground.outbox.append(
    tx,
    caseMessages({ caseId, audience: AUDIENCE, dueAt }, { kind: 'opened', from: null, to: 'open', byRef: UNOWNED }, at),
  );
  await setCase(tx, review, caseId);
}
