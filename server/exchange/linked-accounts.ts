/** Two accounts of one person are no two parties (rulebook CN-SV-01): who pays out to one bank card, or signs in on one device day after day,
 *  meets himself. What a studio has declared stands for itself (`issuer_refused`). */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { createClusters } from '#sandbox/surveillance/clusters.ts';
import { followLinks } from '#server/compliance/link-facts.ts';
import { listPublished } from '#server/identity/players.repo.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import type { Hands } from '#server/settlement/group.ts';
import type { PlaceCommand } from '#server/settlement/model.ts';

export async function readHands(sql: Queryable, accts: readonly AccountId[]): Promise<Hands> {
  const clusters = createClusters();
  const links = await followLinks(sql, accts);
  if (links.length === 0) return clusters;
  const published = await listPublished(
    sql,
    links.flatMap(({ a, b }) => [a, b]),
  );
  for (const { a, b, reason } of links) {
    // Keys that are published are everybody's: one browser says nothing about who is behind two of them.
    if (reason === 'same_device' && published.has(a) && published.has(b)) continue;
    clusters.link(a, b, reason);
  }
  return clusters;
}

export function refuseOneHand(hands: Hands, acct: AccountId, other: AccountId): 'self_trade' | 'linked_account' | null {
  if (acct === other) return 'self_trade';
  return hands.of(acct) === hands.of(other) ? 'linked_account' : null;
}

/** Whether it names, or may meet, somebody else's order: nobody else is asked with whom he acts. */
export function meetsSomebody({ input, quote }: PlaceCommand): boolean {
  return input.intent !== 'buy_order' && (input.intent !== 'listing' || (quote.namedBuyer ?? null) !== null);
}
