/**
 * Lists of persons (rulebook CN-AML-02; Anti-Money Laundering Law art. 40): asked with the real name, the card, the enhanced check, the re-check
 * of sellers, and before money leaves. A hit holds withdrawals in the same database transaction and waits for a person; `server/cases/
 * list-reviews.ts` brings it to the desk of finance. Nobody else is told: the account sees a hold as any other (CN-AML-04).
 */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { caseDueAt } from '#server/cases/case-desk.ts';
import type { Tx } from '#server/db.ts';
import { appendOutbox } from '#server/outbox/append-outbox.ts';
import type { IdentityRefusal, OpenedPerson } from './identity.ts';
import { endReported, findLastScreening, insertReview } from './list-reviews.repo.ts';
import { insertScreening, type Screening, upsertHold } from './players.repo.ts';
import type { RegistrationGround } from './registration.ts';
import { endHold } from './seller-checks.repo.ts';

/** Says what is held and nothing of why. */
export const LIST_HOLD = 'review_withdrawal';
const DAY_MS = 86_400_000;
/** A person said that it is another of the same name: the same hit does not hold again at once. Ours. */
const RELEASE_LASTS_MS = 30 * DAY_MS;
/** Lists change from day to day; who pays out three times a day is asked about once. */
const ANSWER_LASTS_MS = DAY_MS;

type Ground = Pick<RegistrationGround, 'ledger'>;

export async function recordScreening(ground: Ground, tx: Tx, screening: Screening): Promise<void> {
  const { acct, at, answer } = screening;
  await insertScreening(tx, screening);
  if (answer === 'clear') {
    if (await endReported(tx, acct, at)) await endHold(tx, acct, LIST_HOLD);
    return;
  }
  const dueAt = caseDueAt(ground, at);
  const isNew = await insertReview(tx, screening, { dueAt, releasedSince: instant(at - RELEASE_LASTS_MS) });
  if (isNew) await upsertHold(tx, acct, { code: LIST_HOLD, until: dueAt });
  await appendOutbox(tx, [listedMessage(screening)]);
}

/** Tipping off is forbidden: nothing of this goes to a player's room. */
function listedMessage({ acct, occasion, at }: Screening) {
  const body = { caseId: null, typology: 'listed_person', amounts: {}, playerRefs: [acct], tradeIds: [], occasion };
  return { room: 'sup:finance', type: 'fin.aml.case', at, body };
}

/** Before money leaves. A hit answers nothing here: the hold that it set refuses the withdrawal as every hold does. Without the party’s answer
 *  nothing leaves. */
export async function screenBeforePayout(
  ground: RegistrationGround,
  { acct, name, idNumber }: Pick<OpenedPerson, 'name' | 'idNumber'> & { readonly acct: AccountId },
): Promise<IdentityRefusal | null> {
  const { sql, clock, provider } = ground;
  const last = await findLastScreening(sql, acct);
  if (last !== null && clock.now() - last.at < ANSWER_LASTS_MS) return null;
  const answer = await provider.screen(name, idNumber);
  if (answer === 'unavailable') return { kind: 'rejected', code: 'real_name_unavailable' };
  const at = clock.now();
  await sql.begin((tx) =>
    recordScreening(ground, tx, { acct, at, occasion: 'withdrawal', provider: provider.name, answer, declared: null }),
  );
  return null;
}
