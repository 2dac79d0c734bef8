/** The public page of a seller, a person or a studio: the shop that Decree 810 asks the address of (rulebook 3.2, shopUrl). */
import { type AccountId, parseOrderId } from '#ledger/primitives/ids.ts';
import type { SellerPage } from '#server/trpc/views.ts';
import { listCards } from './cards.repo.ts';
import { displayNames } from './names.repo.ts';
import { listListingsById } from './offers.repo.ts';
import { findSeller, listGamesOf, listLiveListings } from './seller-page.repo.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';

const SHOWN = 60;

/** Null: nobody of that account has ever offered anything here. */
export async function getSellerPage(ground: ReadGround, snapshot: Snapshot, acct: AccountId): Promise<SellerPage | null> {
  const seller = await findSeller(snapshot.tx, acct);
  if (seller === null) return null;
  const nameOf = await displayNames(ground, snapshot, [acct]);
  const { orderIds, total } = await listLiveListings(snapshot, acct, SHOWN);
  const listings = await listListingsById(ground, snapshot, orderIds.map(parseOrderId));
  const found = await listCards(snapshot, [...new Set(listings.map(({ classId }) => classId))]);
  const cards = new Map(found.map((card) => [card.classId, card]));
  return {
    acct,
    names: seller.names ?? { zh: null, en: nameOf(acct) },
    kind: seller.kind,
    creditCode: seller.creditCode,
    since: seller.since.toISOString(),
    closedAt: seller.closedAt?.toISOString() ?? null,
    games: seller.kind === 'studio' ? await listGamesOf(snapshot.tx, acct) : [],
    total,
    listings: listings.flatMap((listing) => {
      const card = cards.get(listing.classId);
      return card === undefined ? [] : [{ listing, card }];
    }),
    height: snapshot.height,
  };
}
