/**
 * What a person deletes (product P-46): at any time what nothing depends on, and the account as a whole when nothing of it stands open. Closing
 * takes the display name, the sign-ins and the lists; identity and dealings stay for the term of the law, the commitment on the ledger for ever.
 */
import { toHex } from '#ledger/primitives/bytes.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import type { Services } from '#server/context.ts';
import type { FreshSignature, IdentityRefusal } from '#server/identity/identity.ts';
import type { CloseObstacle } from '#server/trpc/views.ts';
import { closePlayer, deleteUnneeded, listObstacles, lockOpenAccount } from './close-account.repo.ts';

export const CLOSE_FORMAT = 'daoju.close-account/1';
/** Network logs are kept for six months (rulebook 4.7, CAC Order 3 of 2019 art. 17). */
const LOG_TERM_MS = 184 * 86_400_000;

export type CloseGround = Pick<Services, 'sql' | 'clock' | 'machineClock' | 'random' | 'identity'>;
export type CloseAnswer = { readonly kind: 'closed' } | { readonly kind: 'refused'; readonly obstacle: CloseObstacle } | IdentityRefusal;

export async function closeAccount(ground: CloseGround, acct: AccountId, proof: FreshSignature): Promise<CloseAnswer> {
  const { sql, clock, machineClock = clock, random, identity } = ground;
  const unproven = await identity.confirm(acct, CLOSE_FORMAT, {}, proof);
  if (unproven !== null) return unproven;
  const name = `closed-${toHex(random.bytes(6))}`;
  const { obstacle } = await sql.begin(async (tx) => {
    // Closed by another window a moment ago: the same answer again.
    if (!(await lockOpenAccount(tx, acct))) return { obstacle: undefined };
    const now = clock.now();
    const [first] = await listObstacles(tx, acct, now);
    if (first === undefined) await closePlayer(tx, acct, name, now, machineClock.now());
    return { obstacle: first };
  });
  return obstacle === undefined ? { kind: 'closed' } : { kind: 'refused', obstacle };
}

export async function clearUnneeded({ sql, clock, machineClock = clock }: CloseGround, acct: AccountId): Promise<number> {
  const { deleted } = await sql.begin(async (tx) => ({
    deleted: await deleteUnneeded(tx, acct, instant(machineClock.now() - LOG_TERM_MS)),
  }));
  return deleted;
}
