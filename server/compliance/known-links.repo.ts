/** Who acts as one person with whom as far as the server knows (rulebook 9.1): one payout account, one device that both used on three days,
 *  affiliates that a studio declared. Card and device are compared by their keyed hash and by the hash of a random id; neither leaves here. */
import { type Queryable, query } from '#server/journal/rows.repo.ts';

export type KnownLink = {
  readonly a: string;
  readonly b: string;
  readonly reason: 'same_payout_account' | 'same_device';
  /** Of one device; null: of a card. */
  readonly days: number | null;
  readonly since: Date;
};
export type DeclaredAffiliate = { readonly studio: string; readonly affiliate: string };

/** On fewer days a café or a family computer would make strangers one person. */
export const DEVICE_DAYS = 3;
const MOST = 1_000;

/** Each pair from the side of the account that was asked about. */
export async function listKnownLinks(sql: Queryable, accts: readonly string[]): Promise<readonly KnownLink[]> {
  if (accts.length === 0) return [];
  return query<KnownLink>(
    sql,
    `with used as (
       select acct, device_hash, count(distinct to_char(created_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD'))::int as days, min(created_at) as since
       from identity.sessions
       where device_hash in (select device_hash from identity.sessions where acct = any($1) and device_hash is not null)
       group by acct, device_hash
     )
     select mine.acct as a, other.acct as b, 'same_payout_account' as reason, null::int as days, greatest(mine.bound_at, other.bound_at) as since
       from identity.cards mine join identity.cards other on other.card_hash = mine.card_hash and other.acct <> mine.acct
       where mine.acct = any($1)
     union all
     select mine.acct, other.acct, 'same_device', max(least(mine.days, other.days)), min(greatest(mine.since, other.since))
       from used mine join used other on other.device_hash = mine.device_hash and other.acct <> mine.acct
       where mine.acct = any($1) and mine.days >= ${DEVICE_DAYS} and other.days >= ${DEVICE_DAYS} group by mine.acct, other.acct
     order by 1, 3, 2 limit ${MOST}`,
    [accts],
  );
}

/** A studio names its affiliates by account reference or by display name; who has no account here can't deal here. */
export async function listDeclaredAffiliates(sql: Queryable, parties: readonly string[]): Promise<readonly DeclaredAffiliate[]> {
  if (parties.length === 0) return [];
  return query<DeclaredAffiliate>(
    sql,
    `select distinct g.studio_acct as studio, p.acct as affiliate
     from catalogue.games g cross join lateral jsonb_array_elements_text(g.affiliates) as declared(name)
     join identity.players p on p.acct = lower(declared.name) or lower(p.display_name) = lower(declared.name)
     where (g.studio_acct = any($1) or p.acct = any($1)) and p.acct <> g.studio_acct order by 1, 2 limit ${MOST}`,
    [parties],
  );
}

/** Of these facts those that were written down before. */
export async function listKnownFactIds(sql: Queryable, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await query<{ fact_id: string }>(
    sql,
    "select fact_id from surveillance.facts where fact_id = any($1) and kind in ('link', 'account', 'attempt')",
    [ids],
  );
  return new Set(rows.map((row) => row.fact_id));
}
