/** Offers (product P-24) over HTTP: every step is a signed order, every end frees the money, every refusal changes nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OrderView } from '#server/trpc/views.ts';
import { offerRefusals } from './offers/refusals.ts';
import {
  answerTo,
  cancelInput,
  eve,
  HOUR,
  harp,
  list,
  MINUTE,
  market,
  moneyOf,
  nextItem,
  offerOn,
  openWorld,
  refusesOrder,
  refusesQuote,
  rig,
  send,
  signed,
  sound,
  step,
  threadOf,
  type Wish,
  withdraw,
} from './offers/world.ts';

beforeAll(openWorld);
afterAll(() => rig.server.stop());

test('five prices and a yes: money is held with each offer, free with each answer, and the trade is negotiated', async () => {
  const itemId = nextItem();
  const listing = await list(itemId);
  const before = await moneyOf(rig.bob);
  const first = await offerOn(rig.bob, itemId, '60000', { targetOrderId: listing.orderId });
  expect(await moneyOf(rig.bob)).toEqual({ available: before.available - 60_000n, held: before.held + 60_000n });
  const second = (await step(rig.amy, answerTo(first, itemId, 'counter', '95000'))).order;
  expect(await moneyOf(rig.bob)).toEqual(before);
  const input = await signed(rig.bob, answerTo(second, itemId, 'offer', '70000'));
  const third = await rig.bob.client.api.offer.counter.mutate(input);
  if (third.kind !== 'placed') throw new Error(third.code);
  const fourth = (await step(rig.amy, answerTo(third.order, itemId, 'counter', '90000'))).order;
  const fifth = await rig.bob.client.api.offer.counter.mutate(await signed(rig.bob, answerTo(fourth, itemId, 'offer', '80000')));
  if (fifth.kind !== 'placed') throw new Error(fifth.code);
  expect(await moneyOf(rig.bob)).toEqual({ available: before.available - 80_000n, held: before.held + 80_000n });
  await refusesQuote(rig.amy, answerTo(fifth.order, itemId, 'counter', '85000'), 'offer_rounds_used');
  expect(await threadOf(rig.amy, itemId)).toMatchObject({
    mine: 'holder',
    state: 'open',
    listingFen: '100000',
    canAnswer: true,
    canCounter: false,
    withdrawFrom: null,
    rounds: [
      { by: 'buyer', priceFen: '60000', state: 'countered' },
      { by: 'holder', priceFen: '95000', state: 'countered', isMine: true },
      { by: 'buyer', priceFen: '70000', state: 'countered' },
      { by: 'holder', priceFen: '90000', state: 'countered' },
      { by: 'buyer', priceFen: '80000', state: 'open', isMine: false },
    ],
  });
  const { trades } = await step(rig.amy, answerTo(fifth.order, itemId, 'accept_offer'));
  expect(trades).toMatchObject([{ priceFen: '80000', quantity: 1, state: 'settled' }]);
  expect(await moneyOf(rig.bob)).toEqual({ ...before, available: before.available - 80_000n });
  const trade = await rig.bob.client.api.trade.get.query({ tradeId: trades[0]?.tradeId ?? '' });
  expect(trade).toMatchObject({ mechanism: 'negotiated', priceFen: '80000' });
  expect(await threadOf(rig.bob, itemId)).toMatchObject({ mine: 'buyer', state: 'accepted', tradeId: trades[0]?.tradeId, order: null });
  // The listing named the version that was spent: its end is definite, and so is the answer to a cancel that comes now.
  expect(await market.cancel(rig.amy, listing)).toBe('already_filled');
  await rig.settled();
  await sound();
});

test('the holder names another price and the buyer says yes: paid at once from what is available', async () => {
  const itemId = nextItem();
  await list(itemId);
  const before = await moneyOf(rig.bob);
  const first = await offerOn(rig.bob, itemId, '50000');
  const second = (await step(rig.amy, answerTo(first, itemId, 'counter', '75000'))).order;
  const { trades, order } = await step(rig.bob, answerTo(second, itemId, 'accept_counter'));
  expect(order.state).toBe('filled');
  expect(trades).toMatchObject([{ priceFen: '75000', state: 'settled' }]);
  expect(await moneyOf(rig.bob)).toEqual({ ...before, available: before.available - 75_000n });
  await rig.settled();
  expect((await rig.bob.client.api.item.get.query({ itemId })).isMine).toBe(true);
  await sound();
});

test('withdrawing is refused for half an hour, with the moment from which it is not; then the money is free at once', async () => {
  const itemId = nextItem();
  await list(itemId);
  const before = await moneyOf(rig.bob);
  const order = await offerOn(rig.bob, itemId, '60000');
  const early = { kind: 'rejected', code: 'offer_withdraw_early', facts: { from: expect.stringMatching(/Z$/) } };
  expect(await rig.unchanged(() => withdraw(rig.bob, order))).toMatchObject(early);
  // No other door is open sooner.
  const cancel = () => rig.bob.client.api.order.cancel.mutate(cancelInput(rig.bob, order));
  expect(await rig.unchanged(cancel)).toMatchObject(early);
  const { withdrawFrom } = await threadOf(rig.bob, itemId);
  rig.server.clock.set(withdrawFrom ?? '');
  expect(await withdraw(rig.bob, order)).toMatchObject({ kind: 'canceled', order: { state: 'canceled', heldFen: '0' } });
  expect(await moneyOf(rig.bob)).toEqual(before);
  expect(await threadOf(rig.amy, itemId)).toMatchObject({ state: 'withdrawn', canAnswer: false });
  await refusesQuote(rig.amy, answerTo(order, itemId, 'accept_offer'), 'offer_gone');
  await sound();
});

test('an offer ends by itself: nobody can accept it any more, both are told, the money is free', async () => {
  const itemId = nextItem();
  await list(itemId);
  const before = await moneyOf(rig.bob);
  const order = await offerOn(rig.bob, itemId, '60000', { lifeHours: 1 });
  const yes = await signed(rig.amy, answerTo(order, itemId, 'accept_offer'));
  rig.server.clock.advance(HOUR - 30_000);
  expect((await threadOf(rig.amy, itemId)).canAnswer).toBe(true);
  const late = await signed(rig.amy, answerTo(order, itemId, 'accept_offer'));
  rig.server.clock.advance(30_000);
  expect(await send(rig.amy, late)).toMatchObject({ kind: 'rejected', code: 'offer_gone' });
  await rig.settled();
  expect(await moneyOf(rig.bob)).toEqual(before);
  expect(await threadOf(rig.bob, itemId)).toMatchObject({ state: 'expired', rounds: [{ state: 'expired' }] });
  const { sql } = rig.server.database;
  const told = await sql<{ room: string; from: string }[]>`
    select room, body::json ->> 'from' as from from outbox.messages
    where type = 'offer.updated' and body::json ->> 'to' = 'expired' order by room`;
  expect(told.map(({ from }) => from)).toEqual(['open', 'open']);
  const steps = await sql<{ from: string | null; to: string }[]>`
    select body::json ->> 'from' as from, body::json ->> 'to' as to from outbox.messages
    where type = 'order.updated' and body::json ->> 'id' = ${order.orderId} order by seq`;
  expect(steps).toEqual([
    { from: null, to: 'new' },
    { from: 'new', to: 'expired' },
  ]);
  expect(told.map(({ room }) => room)).toEqual([`player:${rig.amy.acct}`, `player:${rig.bob.acct}`].sort());
  await refusesOrder(rig.amy, yes, 'quote_expired');
  await sound();
});

test('when the item is sold to somebody else or taken off the market, offers for it end and the money is free', async () => {
  const [sold, closed] = [nextItem(), nextItem()];
  const listing = await list(sold);
  const other = await list(closed);
  const before = await moneyOf(eve);
  await offerOn(eve, sold, '60000');
  await offerOn(eve, closed, '60000');
  await step(rig.bob, { intent: 'take_listing', itemIds: [sold], targetOrderId: listing.orderId });
  expect(await market.cancel(rig.amy, other)).toBe('canceled');
  await rig.settled();
  expect(await threadOf(eve, sold)).toMatchObject({ state: 'ended', reason: 'item_moved' });
  expect(await threadOf(eve, closed)).toMatchObject({ state: 'ended', reason: 'listing_ended' });
  expect(await moneyOf(eve)).toEqual(before);
  await sound();
});

test('two people want one item: the yes to one ends the offer of the other', async () => {
  const itemId = nextItem();
  await list(itemId);
  const before = await moneyOf(eve);
  const mine = await offerOn(rig.bob, itemId, '55000');
  const theirs = await offerOn(eve, itemId, '56000');
  await step(rig.amy, answerTo(mine, itemId, 'accept_offer'));
  await refusesQuote(rig.amy, answerTo(theirs, itemId, 'accept_offer'), 'not_owner');
  await rig.settled();
  expect(await moneyOf(eve)).toEqual(before);
  await sound();
});

test('an edited listing keeps its offers, and its smallest offer', async () => {
  const itemId = nextItem();
  const listing = await list(itemId, { smallestOfferFen: '90000' });
  await offerOn(rig.bob, itemId, '90000');
  rig.server.clock.advance(6 * MINUTE);
  const edited = await market.quote(rig.amy, {
    intent: 'listing',
    classId: harp.classId,
    itemIds: [itemId],
    priceFen: '110000',
    replaces: listing.orderId,
  });
  expect(edited.document.smallestOfferFen).toBe('90000');
  expect(await market.replace(rig.amy, listing, edited)).toBe('replaced');
  await rig.settled();
  expect(await threadOf(rig.bob, itemId)).toMatchObject({ state: 'open', listingFen: '110000' });
  const page = await eve.client.api.item.get.query({ itemId });
  expect(page).toMatchObject({ offers: { isOpen: true, smallestFen: '90000', offerId: null }, listing: { smallestOfferFen: '90000' } });
});

test('an item that is not listed takes offers when its holder says so, and until he says otherwise', async () => {
  const itemId = nextItem();
  const wish: Wish = { intent: 'offer', itemIds: [itemId], priceFen: '100' };
  await refusesQuote(rig.bob, wish, 'offers_closed');
  await rig.amy.client.api.offer.allow.mutate({ takesOffers: true });
  expect(await rig.bob.client.api.item.get.query({ itemId })).toMatchObject({ offers: { isOpen: true, smallestFen: null } });
  const before = await moneyOf(rig.bob);
  const order = await offerOn(rig.bob, itemId, '100');
  await rig.settled();
  const counter = (await step(rig.amy, answerTo(order, itemId, 'counter', '300'))).order;
  expect(counter.heldItems).toEqual([]);
  expect((await threadOf(rig.bob, itemId)).state).toBe('open');
  await rig.amy.client.api.offer.allow.mutate({ takesOffers: false });
  await rig.settled();
  expect(await threadOf(rig.bob, itemId)).toMatchObject({ state: 'ended', reason: 'listing_ended' });
  expect(await moneyOf(rig.bob)).toEqual(before);
  await sound();
});

test('where the kind asks for publicity, the trade that was agreed waits for its end and then settles', async () => {
  const crown = await rig.kind('crown', { terms: { publicity_hours: 24 } });
  const [asOffer = '', asCounter = ''] = await rig.mint(crown, rig.amy, 2);
  const kind = { classId: crown.classId };
  await rig.amy.client.api.offer.allow.mutate({ takesOffers: true });
  const before = await moneyOf(eve);
  const one = await offerOn(eve, asOffer, '1000', { ...kind, lifeHours: 1 });
  const two = await offerOn(eve, asCounter, '1000', { ...kind, lifeHours: 1 });
  const answer = (await step(rig.amy, { ...answerTo(two, asCounter, 'counter', '1500'), ...kind, lifeHours: 1 })).order;
  const sale = await step(rig.amy, { ...answerTo(one, asOffer, 'accept_offer'), ...kind });
  const purchase = await step(eve, { ...answerTo(answer, asCounter, 'accept_counter'), ...kind });
  expect([sale, purchase].map(({ trades }) => trades[0]?.state)).toEqual(['publicity', 'publicity']);
  expect(await moneyOf(eve)).toEqual({ available: before.available - 2_500n, held: before.held + 2_500n });
  await rig.settled();
  await sound();
  rig.server.clock.advance(25 * HOUR);
  // The clock that somebody moves and the market's own may find the same trade due.
  await Promise.all([1, 2, 3].map(() => rig.server.services.market.turnClocks()));
  await rig.settled();
  for (const person of [rig.amy, rig.bob, eve]) await person.client.signIn();
  expect(await moneyOf(eve)).toEqual({ ...before, available: before.available - 2_500n });
  const states = await Promise.all(
    [sale, purchase].map(({ trades }) => eve.client.api.trade.get.query({ tradeId: trades[0]?.tradeId ?? '' })),
  );
  expect(states.map(({ state }) => state)).not.toContain('failed');
  await rig.amy.client.api.offer.allow.mutate({ takesOffers: false });
  await rig.settled();
  await sound();
});

offerRefusals();
test('yes, withdrawal and the end of the listing at once: one of them, never two, and every fen is where it belongs', async () => {
  const total = async () => {
    const [row] = await rig.server.database.sql`select coalesce(sum(balance_fen), 0)::text as fen from journal.accounts`;
    return String(row?.fen);
  };
  const before = await total();
  const wanted = Array.from({ length: 8 }, nextItem);
  const rounds: { readonly itemId: string; readonly listing: OrderView; readonly offer: OrderView }[] = [];
  for (const itemId of wanted) {
    const listing = await list(itemId, { priceFen: '200' });
    rounds.push({ itemId, listing, offer: await offerOn(eve, itemId, '100') });
  }
  rig.server.clock.advance(31 * MINUTE);
  await rig.settled();
  const acts = await Promise.all(
    rounds.map(async ({ itemId, listing, offer }) => ({
      yes: await signed(rig.amy, answerTo(offer, itemId, 'accept_offer')),
      no: cancelInput(eve, offer),
      close: cancelInput(rig.amy, listing),
    })),
  );
  const outcomes = await Promise.all(
    acts.map(async ({ yes, no, close }, index) => {
      const say = () => rig.amy.client.api.offer.accept.mutate(yes);
      const back = () => eve.client.api.offer.withdraw.mutate(no);
      const end = () => rig.amy.client.api.order.cancel.mutate(close);
      // Each order of sending has its turn.
      const orders = [
        ['yes', 'no', 'end'],
        ['no', 'yes', 'end'],
        ['end', 'yes', 'no'],
        ['end', 'no', 'yes'],
      ] as const;
      const calls = { yes: say, no: back, end };
      const kinds = { yes: '', no: '', end: '' };
      await Promise.all(
        (orders[index % 4] ?? orders[0]).map(async (name) => {
          kinds[name] = (await calls[name]()).kind;
        }),
      );
      return kinds;
    }),
  );
  await rig.settled();
  for (const { yes, no, end } of outcomes) {
    if (yes === 'placed') expect([no, end]).toEqual(['already_filled', end === 'canceled' ? 'canceled' : 'already_filled']);
    else expect([yes, no]).toEqual(['rejected', 'canceled']);
  }
  const sold = outcomes.filter(({ yes }) => yes === 'placed').length;
  const [row] = await rig.server.database.sql`select count(*)::int as trades from market.trades t
    join custody.items i on i.item_id = any(${wanted}) join market.trade_items ti on ti.trade_id = t.trade_id and ti.item_id = i.item_id`;
  expect(row?.trades).toBe(sold);
  expect(await total()).toBe(before);
  await sound();
});
