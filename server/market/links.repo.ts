/** Who acts as one person with whom, and why (rulebook 9.1): the same settlement account, one device on three days, what was recorded. */
import type { Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { LinkReason } from '#server/trpc/views.ts';

export type LinkRow = { readonly ref: string; readonly reason: LinkReason; readonly detail: string; readonly since: Date };

/** On fewer days a café or a family computer would make strangers one person. */
const DEVICE_DAYS = 3;
const MOST = 100;

export async function listLinks(tx: Tx, acct: string): Promise<readonly LinkRow[]> {
  return query<LinkRow>(
    tx,
    `select c.acct as ref, 'card' as reason, '' as detail, greatest(c.bound_at, mine.bound_at) as since
       from identity.cards mine join identity.cards c on c.card_hash = mine.card_hash and c.acct <> mine.acct where mine.acct = $1
     union all
     select acct, 'device', count(distinct day)::text, min(since) from (
         select s.acct, to_char(s.created_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as day, s.created_at as since from identity.sessions s
         where s.acct <> $1 and s.device_hash in (select device_hash from identity.sessions where acct = $1 and device_hash is not null)) used
       group by acct having count(distinct day) >= ${DEVICE_DAYS}
     union all
     select case when body->>'a' = $1 then body->>'b' else body->>'a' end, 'recorded', body->>'reason', at
       from surveillance.facts where kind = 'link' and (body->>'a' = $1 or body->>'b' = $1)
     order by 2, 1 limit ${MOST}`,
    [acct],
  );
}
