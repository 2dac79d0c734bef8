/** False claims climb a ladder (product P-34): whoever swore or objected falsely cannot swear, report or object for
 *  2, 7, 30, then 365 days, or as the pack in force says. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { CaseGround } from '#server/cases/sign-acts.ts';
import type { Tx } from '#server/db.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import type { Identity } from '#server/identity/identity.ts';
import { refuseDesk } from './desk-codes.ts';
import { countFalse, findBar, insertFalse } from './false-claims.repo.ts';

/** Neither sale nor gift nor withdrawal: the person goes on trading. */
export const FALSE_CLAIM_HOLD = 'false_claim';

export async function requireUnbarred(tx: Tx, acct: AccountId, now: Instant): Promise<void> {
  const until = await findBar(tx, acct, now);
  if (until !== null) throw refuseDesk('claims_barred', { until: until.toISOString() });
}

/** @returns until when */
export async function barClaimant(
  { identity, ledger }: { readonly identity: Pick<Identity, 'holdPlayer'> } & Pick<CaseGround, 'ledger'>,
  tx: Tx,
  finding: { readonly subjectId: string; readonly acct: AccountId; readonly at: Instant },
): Promise<string> {
  const before = await countFalse(tx, finding.acct);
  const ladder = clocksAt(ledger, finding.at).falseClaimMs;
  const until = instant(finding.at + (ladder[before] ?? ladder[3]));
  await insertFalse(tx, { ...finding, until });
  await identity.holdPlayer(tx, finding.acct, { code: FALSE_CLAIM_HOLD, until });
  return toIso(until);
}
