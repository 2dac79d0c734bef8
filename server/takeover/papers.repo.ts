/** SQL of the desk's papers: what the market has of them, the copy that a member keeps, and what a market that was taken over begins with. */
import { parseAccountId, parseClassId } from '#ledger/primitives/ids.ts';
import { type Instant, instant, parseInstant, toIso } from '#ledger/primitives/instant.ts';
import { TAKEOVER_HOLD } from '#sandbox/cases/takeover-order.ts';
import type { Tx } from '#server/db.ts';
import { FALSE_CLAIM_HOLD } from '#server/desk/false-claims.ts';
import { hideContent } from '#server/desk/hidden-content.repo.ts';
import { closedName, upsertHold } from '#server/identity/players.repo.ts';
import { insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import { type Papers, type SealedPapers, sealedPapers } from './papers.ts';

const iso = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const NOTHING: Omit<Papers, 'schema' | 'at'> = {
  ...{ falseClaims: [], takeovers: [], awards: [], closed: [] },
  ...{ holds: [], names: [], watched: [], offers: [], hidden: [] },
};

export async function readPapers(sql: Queryable, now: Instant): Promise<Papers> {
  const [row] = await query<{ papers: Omit<Papers, 'schema' | 'at'> }>(
    sql,
    `select jsonb_build_object(
       'falseClaims', (select coalesce(jsonb_agg(jsonb_build_object('subjectId', subject_id, 'acct', acct, 'at', ${iso('at')}, 'until', ${iso('until')})
           order by at, subject_id), '[]') from cases.false_claims),
       'takeovers', (select coalesce(jsonb_agg(jsonb_build_object('takeoverId', takeover_id, 'acct', acct, 'text', text, 'at', ${iso('at')},
           'until', ${iso('until')}, 'document', document, 'signature', encode(signature, 'hex'), 'proof', proof, 'canceled', canceled,
           'doneAt', ${iso('done_at')}) order by at, takeover_id), '[]') from cases.takeovers where until > $1),
       'awards', (select coalesce(jsonb_agg(jsonb_build_object('awardId', a.award_id, 'tradeId', a.trade_id, 'itemId', a.item_id, 'acct', a.acct,
           'at', ${iso('a.at')}, 'lostFen', a.lost_fen::text, 'leftFen', (a.award_fen - p.paid)::text) order by a.award_no), '[]')
         from cases.guarantee_awards a
         cross join lateral (select coalesce(sum(fen), 0)::bigint as paid from cases.guarantee_payments where award_id = a.award_id) p
         where a.award_fen > p.paid),
       'closed', (select coalesce(jsonb_agg(jsonb_build_object('acct', acct, 'at', ${iso('closed_at')}) order by closed_at, acct), '[]')
         from identity.players where closed_at is not null and erased_at is null),
       'holds', (select coalesce(jsonb_agg(jsonb_build_object('tradeId', trade_id, 'quick', quick_items, 'hold', payout_hold, 'payoutAt', ${iso('payout_at')})
           order by seq), '[]') from market.trades
         where (payout_hold is not null or quick_items > 0) and state in ('settled', 'certified', 'protected', 'disputed')),
       'names', (select coalesce(jsonb_agg(jsonb_build_object('acct', acct, 'name', display_name) order by acct), '[]')
         from identity.players where closed_at is null and not is_demonstration),
       'watched', (select coalesce(jsonb_agg(jsonb_build_object('acct', acct, 'classId', class_id, 'belowFen', below_fen::text,
           'sinceFen', since_fen::text, 'at', ${iso('watched_at')}) order by acct, class_id), '[]') from market.watched),
       'offers', (select coalesce(jsonb_agg(jsonb_build_object('acct', acct, 'isTaken', takes_offers, 'at', ${iso('changed_at')}) order by acct), '[]')
         from market.offer_settings),
       'hidden', (select coalesce(jsonb_agg(jsonb_build_object('classId', class_id, 'at', ${iso('at')}) order by class_id), '[]') from (
           select s.class_id, max(s.at) as at from catalogue.content_steps s join catalogue.item_classes c using (class_id)
           where c.declared is not null and s.act = 'hidden' group by s.class_id) h)) as papers`,
    [toIso(now)],
  );
  return { schema: 'daoju.papers/1', at: toIso(now), ...(row?.papers ?? NOTHING) };
}

/** Older ones do not come back. @returns whether they are kept now */
export async function keepPapers(sql: Queryable, sealed: SealedPapers): Promise<boolean> {
  const kept = await insertRows(
    sql,
    'mirror.papers',
    [{ id: 1, at: sealed.at, sealed }],
    'on conflict (id) do update set at = excluded.at, sealed = excluded.sealed where mirror.papers.at < excluded.at',
  );
  return kept > 0;
}

export async function findKeptPapers(sql: Queryable): Promise<SealedPapers | null> {
  const [row] = await query<{ sealed: unknown }>(sql, 'select sealed from mirror.papers');
  return row === undefined ? null : sealedPapers.parse(row.sealed);
}

export type Carried = Readonly<
  Record<'falseClaims' | 'takeovers' | 'awards' | 'closed' | 'holds' | 'names' | 'watched' | 'offers' | 'hidden', number>
>;

/** After people and sales. About whom or what this market does not know is left out. */
export async function restorePapers(tx: Tx, papers: Papers, now: Instant): Promise<Carried> {
  const people = new Set((await query<{ acct: string }>(tx, 'select acct from identity.players')).map(({ acct }) => acct));
  const falseClaims = papers.falseClaims.filter(({ acct }) => people.has(acct));
  await insertRows(
    tx,
    'cases.false_claims',
    falseClaims.map(({ subjectId, acct, at, until }) => ({ subject_id: subjectId, acct, at, until })),
  );
  const takeovers = papers.takeovers.filter(({ acct }) => people.has(acct));
  await insertRows(
    tx,
    'cases.takeovers',
    takeovers.map(({ takeoverId, signature, doneAt, ...rest }) => ({
      ...rest,
      takeover_id: takeoverId,
      signature: `\\x${signature}`,
      done_at: doneAt,
    })),
  );
  for (const { acct, until } of falseClaims) await hold(tx, acct, FALSE_CLAIM_HOLD, until, now);
  for (const { acct, until } of takeovers) await hold(tx, acct, TAKEOVER_HOLD, until, now);
  const closed = papers.closed.filter(({ acct }) => people.has(acct));
  for (const { acct, at } of closed) await closeRestored(tx, acct, at);
  return {
    falseClaims: falseClaims.length,
    takeovers: takeovers.length,
    awards: await restoreAwards(tx, papers, people),
    closed: closed.length,
    holds: await restoreHolds(tx, papers),
    names: await restoreNames(tx, papers),
    watched: await restoreWatched(tx, papers, people),
    offers: await restoreOfferSettings(tx, papers, people),
    hidden: await restoreHidden(tx, papers),
  };
}

/** Of sales that still wait here too; when they were to be paid out is never earlier than it was. */
async function restoreHolds(tx: Tx, { holds }: Papers): Promise<number> {
  const rows = await query(
    tx,
    `update market.trades t set payout_hold = h.hold, quick_items = h.quick, payout_at = greatest(t.payout_at, h."payoutAt"),
       deadline_at = greatest(t.deadline_at, h."payoutAt")
     from json_to_recordset($1::text::json) as h("tradeId" text, quick integer, hold text, "payoutAt" timestamptz)
     where t.trade_id = h."tradeId" and t.state = 'protected' returning t.trade_id`,
    [JSON.stringify(holds)],
  );
  return rows.length;
}

/** A name that somebody else bears here already stays with them. */
async function restoreNames(tx: Tx, { names }: Papers): Promise<number> {
  const rows = await query(
    tx,
    `update identity.players p set display_name = n.name from json_to_recordset($1::text::json) as n(acct text, name text)
     where p.acct = n.acct and p.closed_at is null and not p.is_demonstration
       and not exists (select from identity.players o where lower(o.display_name) = lower(n.name) and o.acct <> n.acct) returning p.acct`,
    [JSON.stringify(names)],
  );
  return rows.length;
}

async function restoreWatched(tx: Tx, { watched }: Papers, people: ReadonlySet<string>): Promise<number> {
  const wanted = watched.map(({ classId }) => classId);
  const found = await query<{ class_id: string }>(tx, 'select class_id from catalogue.item_classes where class_id = any($1)', [wanted]);
  const kinds = new Set(found.map(({ class_id }) => class_id));
  const known = watched.filter(({ acct, classId }) => people.has(acct) && kinds.has(classId));
  return insertRows(
    tx,
    'market.watched',
    known.map(({ acct, classId, belowFen, sinceFen, at }) => ({
      ...{ acct, class_id: classId, below_fen: belowFen, since_fen: sinceFen, watched_at: at },
    })),
    'on conflict do nothing',
  );
}

/** What the former desk has hidden stays so, and this one's can show it again. A kind that is not here shows nothing. */
async function restoreHidden(tx: Tx, { hidden }: Papers): Promise<number> {
  let count = 0;
  for (const { classId, at } of hidden) if (await hideContent(tx, parseClassId(classId), parseInstant(at))) count += 1;
  return count;
}

async function restoreOfferSettings(tx: Tx, { offers }: Papers, people: ReadonlySet<string>): Promise<number> {
  const known = offers.filter(({ acct }) => people.has(acct));
  return insertRows(
    tx,
    'market.offer_settings',
    known.map(({ acct, isTaken, at }) => ({ acct, takes_offers: isTaken, changed_at: at })),
    'on conflict do nothing',
  );
}

/** Nobody signs in with it, as before. One whose name the ledger says is erased is closed already. */
async function closeRestored(tx: Tx, acct: string, at: string): Promise<void> {
  await query(tx, 'update identity.players set closed_at = $2, display_name = $3 where acct = $1 and closed_at is null', [
    acct,
    at,
    closedName(acct),
  ]);
}

/** What is left of each, in the order of the decisions; what was paid is in its owner's balance. */
async function restoreAwards(tx: Tx, { awards }: Papers, people: ReadonlySet<string>): Promise<number> {
  const wanted = awards.map(({ tradeId }) => tradeId);
  const trades = new Set(
    (await query<{ trade_id: string }>(tx, 'select trade_id from market.trades where trade_id = any($1)', [wanted])).map(
      ({ trade_id }) => trade_id,
    ),
  );
  const known = awards.filter(({ acct, tradeId }) => people.has(acct) && trades.has(tradeId));
  for (const { awardId, tradeId, itemId, acct, at, lostFen, leftFen } of known) {
    const row = { award_id: awardId, trade_id: tradeId, item_id: itemId, acct, case_id: null, at, lost_fen: lostFen, award_fen: leftFen };
    const columns = Object.keys(row).join(', ');
    // The number is given here, so the row comes without it.
    await query(
      tx,
      `insert into cases.guarantee_awards (${columns}) select ${columns} from jsonb_populate_record(null::cases.guarantee_awards, $1::text::jsonb)`,
      [JSON.stringify(row)],
    );
  }
  return known.length;
}

async function hold(tx: Tx, acct: string, code: string, until: string, now: Instant): Promise<void> {
  const ends = instant(Date.parse(until));
  if (ends > now) await upsertHold(tx, parseAccountId(acct), { code, until: ends });
}
