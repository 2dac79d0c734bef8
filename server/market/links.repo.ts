/** With whom somebody acts as one person, and why (rulebook 9.1): what the server knows now, and what was recorded for the detectors. */
import { DEVICE_DAYS, listKnownLinks } from '#server/compliance/known-links.repo.ts';
import type { Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { LinkReason } from '#server/trpc/views.ts';

export type LinkRow = { readonly ref: string; readonly reason: LinkReason; readonly detail: string; readonly since: Date };

const MOST = 100;
const REASONS: Readonly<Record<string, LinkReason>> = { same_payout_account: 'card', same_device: 'device', declared: 'declared' };

export async function listLinks(tx: Tx, acct: string): Promise<readonly LinkRow[]> {
  const [known, recorded] = await Promise.all([
    listKnownLinks(tx, [acct]),
    query<{ ref: string; reason: string; at: Date }>(
      tx,
      `select case when body->>'a' = $1 then body->>'b' else body->>'a' end as ref, body->>'reason' as reason, min(at) as at
       from surveillance.facts where kind = 'link' and (body->>'a' = $1 or body->>'b' = $1) group by 1, 2 order by 2, 1 limit ${MOST}`,
      [acct],
    ),
  ]);
  const rows = new Map<string, LinkRow>();
  for (const { ref, reason, at } of recorded) {
    const named = REASONS[reason];
    const detail = named === 'device' ? String(DEVICE_DAYS) : named === undefined ? reason : '';
    rows.set(`${ref} ${reason}`, { ref, reason: named ?? 'recorded', detail, since: at });
  }
  // What is known today says more: on how many days, and since when.
  for (const { b: ref, reason, days, since } of known) {
    rows.set(`${ref} ${reason}`, { ref, reason: REASONS[reason] ?? 'recorded', detail: days === null ? '' : String(days), since });
  }
  return [...rows.values()].toSorted((a, b) => order(a, b)).slice(0, MOST);
}

const order = (a: LinkRow, b: LinkRow): number => a.reason.localeCompare(b.reason) || a.ref.localeCompare(b.ref);
