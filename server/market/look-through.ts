/** Everything about one item in one answer, and everything about one person by reference (product V-12, V-13), masked by role. */
import { type AccountId, type ItemId, parseAccountId, parseTradeId } from '#ledger/primitives/ids.ts';
import { beijingDate } from '#ledger/primitives/instant.ts';
import { freezesOn } from '#server/cases/case-views.ts';
import { listAlerts } from '#server/compliance/alert-views.ts';
import { sellerYear } from '#server/compliance/seller-years.ts';
import { findActivePack } from '#server/exchange/active-pack.ts';
import { completedYears } from '#server/identity/id-number.ts';
import type { ItemLook, PersonLook, TradeView } from '#server/trpc/views.ts';
import { SIGHT, type SupervisorRole } from './audience.ts';
import { getItemPage } from './item-page.ts';
import { listLinks } from './links.repo.ts';
import { countSides, findPerson, listTradesOfItem } from './look-through.repo.ts';
import { displayNames } from './names.repo.ts';
import { personDecisions } from './person-decisions.ts';
import { getPortfolio } from './portfolio.ts';
import { type ReadGround, readSnapshot } from './snapshot.ts';
import { getTrade, listTradePage } from './trades.ts';

/** The newest of a long history; the passport has every hop. */
const MOST_TRADES = 20;
const ADULT_YEARS = 18;

export async function lookThroughItem(ground: ReadGround, role: SupervisorRole, itemId: ItemId): Promise<ItemLook | null> {
  const found = await readSnapshot(ground, null, async (snapshot) => {
    const [page, tradeIds] = await Promise.all([getItemPage(ground, snapshot, itemId, true), listTradesOfItem(snapshot.tx, itemId)]);
    return page === null ? null : { page, tradeIds };
  });
  if (found === null) return null;
  const trades: TradeView[] = [];
  for (const tradeId of found.tradeIds.slice(0, MOST_TRADES)) {
    const trade = await getTrade(ground, { kind: 'supervisor', role }, parseTradeId(tradeId));
    if (trade !== null) trades.push(trade);
  }
  return { page: found.page, trades, tradesTotal: found.tradeIds.length };
}

export async function lookThroughPerson(ground: ReadGround, role: SupervisorRole, acct: AccountId): Promise<PersonLook | null> {
  const sight = SIGHT[role];
  return readSnapshot(ground, null, async (snapshot) => {
    const { tx, now } = snapshot;
    const pack = findActivePack(ground.ledger.pending, now)?.pack ?? null;
    const person = await findPerson(tx, acct);
    if (person === null) return null;
    const [portfolio, trades, sides, links, freezes, alerts, year, decisions] = await Promise.all([
      getPortfolio(snapshot, acct, undefined),
      listTradePage(snapshot, acct, undefined),
      countSides(tx, acct),
      listLinks(tx, acct),
      freezesOn(snapshot, acct),
      listAlerts(snapshot, role, { state: null, detector: null, minScore: 0, about: acct, beforeNo: null }),
      pack === null || role === 'sup_finance' ? null : sellerYear(tx, acct, pack, now),
      personDecisions(snapshot, acct),
    ]);
    const refs = links.map(({ ref }) => parseAccountId(ref));
    const nameOf = sight.names ? await displayNames(ground, snapshot, [acct, ...refs]) : null;
    return {
      ref: acct,
      name: nameOf?.(acct) ?? null,
      level: person.level,
      joinedAt: person.created_at.toISOString(),
      isAdult: completedYears(person.birth_date, beijingDate(now)) >= ADULT_YEARS,
      holdings: {
        items: portfolio.totals.items,
        referenceFen: portfolio.totals.referenceFen,
        // What somebody paid for what they hold is the tax office's to see.
        rows: sight.tax ? portfolio.rows : portfolio.rows.map((row) => ({ ...row, costBasisFen: null, unrealisedFen: null })),
      },
      trades: trades.rows,
      tradesMore: trades.nextCursor !== null,
      ...sides,
      year,
      links: links.map(({ ref, reason, detail, since }) => ({
        ref: parseAccountId(ref),
        name: nameOf?.(parseAccountId(ref)) ?? null,
        reason,
        detail,
        since: since.toISOString(),
      })),
      freezes,
      alerts: alerts.alerts,
      decisions,
    };
  });
}
