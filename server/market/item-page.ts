/** The page of one item (product P-13): what it is, whose it is, and every hop since it was issued. */
import { type AccountId, type ItemId, parseAccountId, parseClassId, parseOrderId, parseTradeId } from '#ledger/primitives/ids.ts';
import { EXCHANGE_REFUSALS, isExchangeCode } from '#server/exchange/codes.ts';
import { query } from '#server/journal/rows.repo.ts';
import { type ItemChangeRow, listItemChanges, listUnitValues } from '#server/studio/item-attributes.repo.ts';
import type { Hop, ItemPage } from '#server/trpc/views.ts';
import { placesOf } from './attribute-places.ts';
import { listCards } from './cards.repo.ts';
import { findClassDetails } from './class-details.repo.ts';
import { type HeldFor, HOLD_COLUMNS, HOLD_JOINS, itemStateOf } from './item-state.ts';
import { displayNames, type NameOf } from './names.repo.ts';
import { offersOfItem } from './offer-threads.ts';
import { findListing, listBuyOrders } from './offers.repo.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';

const BUY_ORDERS_SHOWN = 5;

type ItemColumns = {
  class_id: string;
  ledger_serial: string;
  unit_no: number;
  owner: string;
  ver: string;
  is_burned: boolean;
  frozen_until: Date | null;
  protected_until: Date | null;
  order_id: string | null;
  held_for: HeldFor | null;
  held_until: Date | null;
  is_certified: boolean;
};

type HopColumns = {
  act: Hop['act'];
  at: Date;
  from_acct: string | null;
  to_acct: string;
  trade_id: string | null;
  price_fen: string | null;
  idx: string | null;
  height: string | null;
};

/** `seesPrices`: supervisors; everybody else sees the prices of their own trades. */
export async function getItemPage(ground: ReadGround, snapshot: Snapshot, itemId: ItemId, seesPrices: boolean): Promise<ItemPage | null> {
  const { tx, now, viewer, height } = snapshot;
  const [[item], hops, changes] = await Promise.all([
    query<ItemColumns>(
      tx,
      `select i.class_id, i.ledger_serial, i.unit_no, i.owner, i.ver, i.is_burned, i.frozen_until, i.protected_until, h.order_id,
         ${HOLD_COLUMNS}, exists (select 1 from ledger.entries e where e.tx_id = i.tx_id) as is_certified
       from custody.items i
       ${HOLD_JOINS} where i.item_id = $1`,
      [itemId],
    ),
    query<HopColumns>(
      tx,
      `select p.act, p.at, p.from_acct, p.to_acct, p.trade_id, t.price_fen, e.idx, e.height
       from custody.hops p left join market.trades t on t.trade_id = p.trade_id left join ledger.entries e on e.tx_id = p.tx_id
       where p.item_id = $1 order by p.ver`,
      [itemId],
    ),
    listItemChanges(tx, itemId),
  ]);
  if (item === undefined) return null;
  const classId = parseClassId(item.class_id);
  const ownerRef = parseAccountId(item.owner);
  const people = [ownerRef, ...hops.flatMap((hop) => [hop.from_acct, hop.to_acct])].flatMap((acct) =>
    acct === null ? [] : [parseAccountId(acct)],
  );
  const [[card], details, units, nameOf, buyOrders, offers, listing] = await Promise.all([
    listCards(snapshot, [classId]),
    findClassDetails(snapshot, classId, changes.at(-1)?.after),
    listUnitValues(tx, classId),
    displayNames(ground, snapshot, people),
    listBuyOrders(ground, snapshot, classId),
    offersOfItem(snapshot, itemId),
    item.held_for === 'listing' && item.order_id !== null ? findListing(ground, snapshot, parseOrderId(item.order_id)) : null,
  ]);
  if (card === undefined || details === null) return null;
  const { state, until, reason } = itemStateOf(
    {
      isBurned: item.is_burned,
      frozenUntil: item.frozen_until,
      protectedUntil: item.protected_until,
      heldFor: item.held_for,
      heldUntil: item.held_until,
    },
    now,
  );
  return {
    itemId,
    serialNo: item.unit_no,
    ledgerSerial: item.ledger_serial,
    card,
    terms: details.terms,
    attributes: details.attributes,
    isHidden: details.isHidden,
    attributePlaces: details.isHidden ? {} : placesOf({ ...units.declared, ...changes.at(-1)?.after }, units),
    contents: details.contents,
    ownerRef,
    ownerName: nameOf(ownerRef),
    isMine: ownerRef === viewer,
    version: item.ver,
    state,
    stateUntil: until,
    stateReason: reason,
    stateMessage: reason !== null && isExchangeCode(reason) ? EXCHANGE_REFUSALS[reason].message : '',
    listing,
    offers,
    buyOrders: buyOrders.filter((order) => order.mechanism !== 'price_time').slice(0, BUY_ORDERS_SHOWN),
    attributeChanges: details.isHidden ? [] : changes.flatMap(changesOf),
    hops: hops.map((hop) => hopOf(hop, { nameOf, viewer, seesPrices })),
    certified: item.is_certified,
    height,
  };
}

/** What each ItemUpdate changed; null: the value of the kind before. */
function changesOf({ at, before, after }: ItemChangeRow): ItemPage['attributeChanges'] {
  return Object.entries(after).flatMap(([key, value]) =>
    before[key] === value ? [] : [{ at: at.toISOString(), key, before: before[key] ?? null, now: value }],
  );
}

type Looks = { readonly nameOf: NameOf; readonly viewer: AccountId | null; readonly seesPrices: boolean };

/** An entry that is not certified yet has no number: -1, and no height. */
function hopOf(hop: HopColumns, { nameOf, viewer, seesPrices }: Looks): Hop {
  const fromRef = hop.from_acct === null ? null : parseAccountId(hop.from_acct);
  const toRef = parseAccountId(hop.to_acct);
  const isParty = viewer !== null && (viewer === fromRef || viewer === toRef);
  return {
    act: hop.act,
    at: hop.at.toISOString(),
    entry: Number(hop.idx ?? '-1'),
    height: hop.height === null ? null : Number(hop.height),
    fromRef,
    toRef,
    fromName: fromRef === null ? null : nameOf(fromRef),
    toName: nameOf(toRef),
    priceFen: isParty || seesPrices ? hop.price_fen : null,
    tradeId: hop.trade_id !== null && (isParty || seesPrices) ? parseTradeId(hop.trade_id) : null,
  };
}
