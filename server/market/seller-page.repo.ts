/** SQL of a seller's public page. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { Names, SellerPage } from '#server/trpc/views.ts';
import type { Snapshot } from './snapshot.ts';

export type SellerRow = Pick<SellerPage, 'kind' | 'creditCode'> & {
  /** A studio's; a person goes by the display name. */
  readonly names: Names | null;
  /** A person's first listing or sale; a studio's first day. */
  readonly since: Date;
  readonly closedAt: Date | null;
};

export async function findSeller(tx: Tx, acct: AccountId): Promise<SellerRow | null> {
  const [studio] = await query<{ name_zh: string | null; name_en: string; credit_code: string | null; since: Date }>(
    tx,
    `select s.name_zh, s.name_en, a.credit_code, s.created_at as since from studio.studios s left join studio.applications a using (acct)
     where s.acct = $1 and coalesce(a.state, 'active') in ('active', 'suspended')`,
    [acct],
  );
  if (studio !== undefined) {
    const { name_zh: zh, name_en: en, credit_code: creditCode, since } = studio;
    return { kind: 'studio', names: { zh, en }, creditCode, since, closedAt: null };
  }
  const [person] = await query<{ since: Date | null; closed_at: Date | null }>(
    tx,
    `select least((select min(o.placed_at) from market.orders o where o.acct = p.acct and o.side = 'sell'),
       (select min(t.settled_at) from market.trades t where t.seller = p.acct)) as since, p.closed_at
     from identity.players p where p.acct = $1`,
    [acct],
  );
  if (person === undefined || person.since === null) return null;
  return { kind: 'person', names: null, creditCode: null, since: person.since, closedAt: person.closed_at };
}

/** What anybody may take now; the cheapest first. */
export async function listLiveListings(
  { tx, now }: Snapshot,
  acct: AccountId,
  most: number,
): Promise<{ readonly orderIds: readonly string[]; readonly total: number }> {
  const rows = await query<{ order_id: string; total: number }>(
    tx,
    `select o.order_id, count(*) over ()::int as total from market.orders o
     where o.acct = $1 and o.intent = 'listing' and o.named_buyer is null and o.ended_at is null and o.live_from <= $2::timestamptz
     order by o.price_fen, o.priority limit ${most}`,
    [acct, toIso(now)],
  );
  return { orderIds: rows.map((row) => row.order_id), total: rows[0]?.total ?? 0 };
}

export async function listGamesOf(tx: Tx, acct: AccountId): Promise<SellerPage['games']> {
  const rows = await query<{ game_id: string; zh: string | null; en: string; kinds: number }>(
    tx,
    `select c.game_id, g.name_zh as zh, g.name_en as en, count(*)::int as kinds from catalogue.item_classes c join catalogue.games g using (game_id)
     where c.studio_acct = $1 group by c.game_id, g.name_zh, g.name_en order by kinds desc, c.game_id`,
    [acct],
  );
  return rows.map(({ game_id: gameId, zh, en, kinds }) => ({ gameId, names: { zh, en }, kinds }));
}
