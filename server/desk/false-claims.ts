/** False claims climb a ladder (product P-34): whoever swore or objected falsely cannot swear, report or object for 2, 7, 30, then 365 days. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import type { Identity } from '#server/identity/identity.ts';
import { refuseDesk } from './desk-codes.ts';
import { countFalse, findBar, insertFalse } from './false-claims.repo.ts';

const DAY_MS = 24 * 3_600_000;
/** Pack CN, product 1.6. */
const LADDER_DAYS = [2, 7, 30, 365] as const;
/** Neither sale nor gift nor withdrawal: the person goes on trading. */
export const FALSE_CLAIM_HOLD = 'false_claim';

export async function requireUnbarred(tx: Tx, acct: AccountId, now: Instant): Promise<void> {
  const until = await findBar(tx, acct, now);
  if (until !== null) throw refuseDesk('claims_barred', { until: until.toISOString() });
}

/** @returns until when */
export async function barClaimant(
  { identity }: { readonly identity: Pick<Identity, 'holdPlayer'> },
  tx: Tx,
  finding: { readonly subjectId: string; readonly acct: AccountId; readonly at: Instant },
): Promise<string> {
  const before = await countFalse(tx, finding.acct);
  const days = LADDER_DAYS[before] ?? 365;
  const until = instant(finding.at + days * DAY_MS);
  await insertFalse(tx, { ...finding, until });
  await identity.holdPlayer(tx, finding.acct, { code: FALSE_CLAIM_HOLD, until });
  return toIso(until);
}
