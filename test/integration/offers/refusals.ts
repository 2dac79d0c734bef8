/** What each door of an offer refuses; nothing changes. */
import { beforeAll, describe, expect, test } from 'vitest';
import { parseOrderId } from '#ledger/primitives/ids.ts';
import type { ExchangeCode } from '#server/exchange/codes.ts';
import type { OrderView, PlaceOrderInput } from '#server/trpc/views.ts';
import { refusalOf } from '#test/support/server.ts';
import type { QuoteWish } from '../public-refusals/market-cases.ts';
import type { Actor } from '../public-refusals/rig.ts';
import {
  answerTo,
  eve,
  items,
  list,
  MINUTE,
  market,
  nextItem,
  offerOn,
  refusesOrder,
  refusesQuote,
  rig,
  send,
  signed,
  sound,
  type Wish,
  withdraw,
} from './world.ts';

export function offerRefusals(): void {
  describe('refused, and nothing changed', () => {
    let itemId: string;
    let listing: OrderView;
    let offer: OrderView;
    beforeAll(async () => {
      await rig.kim.client.signIn();
      itemId = nextItem();
      listing = await list(itemId);
      offer = await offerOn(rig.bob, itemId, '60000');
      await rig.settled();
    });
    const open = (more: Partial<QuoteWish> = {}): Wish => ({ intent: 'offer', itemIds: [itemId], priceFen: '60000', ...more });

    const CASES: readonly (readonly [string, ExchangeCode, () => readonly [Actor, Wish]])[] = [
      ['a second thread of the same person', 'offer_exists', () => [rig.bob, open()]],
      ['less than the smallest', 'offer_too_low', () => [eve, open({ priceFen: '49999' })]],
      ['an hour too few', 'offer_life_out_of_range', () => [eve, open({ lifeHours: 0 })]],
      ['an hour too many', 'offer_life_out_of_range', () => [eve, open({ lifeHours: 73 })]],
      ['for the own item', 'self_trade', () => [rig.amy, open()]],
      ['for two items', 'quantity_out_of_range', () => [eve, open({ itemIds: [itemId, items[0] ?? ''], quantity: 2 })]],
      ['for none', 'quantity_out_of_range', () => [eve, open({ itemIds: [] })]],
      ['on a listing of another item', 'listing_gone', () => [eve, open({ targetOrderId: market.listed.orderId })]],
      ['on a listing that nobody placed', 'offer_gone', () => [eve, open({ targetOrderId: `ord_${'0'.repeat(64)}` })]],
      ['paid from outside', 'order_malformed', () => [eve, open({ payFrom: 'outside' })]],
      ['by a minor', 'minor_refused', () => [rig.kim, open()]],
      ['another price of nothing', 'price_out_of_range', () => [rig.amy, answerTo(offer, itemId, 'counter', '0')]],
      [
        'a smallest offer above the price',
        'smallest_offer_out_of_range',
        () => [rig.amy, { intent: 'listing', itemIds: [items[1] ?? ''], smallestOfferFen: '100001' }],
      ],
      [
        'a smallest offer of nothing',
        'smallest_offer_out_of_range',
        () => [rig.amy, { intent: 'listing', itemIds: [items[1] ?? ''], smallestOfferFen: '0' }],
      ],
      ['a smallest offer of a buy order', 'order_malformed', () => [eve, { intent: 'buy_order', priceFen: '100', smallestOfferFen: '50' }]],
      ['an answer to the own step', 'offer_not_your_turn', () => [rig.bob, answerTo(offer, itemId, 'offer', '70000')]],
      ['an answer of a third person', 'offer_not_yours', () => [eve, answerTo(offer, itemId, 'accept_counter')]],
      ["a third person's yes", 'not_owner', () => [eve, answerTo(offer, itemId, 'accept_offer')]],
      ['a yes to a step that is none', 'offer_gone', () => [rig.amy, answerTo(listing, itemId, 'accept_offer')]],
      ['a yes with another item', 'order_item_mismatch', () => [rig.amy, answerTo(offer, items[2] ?? '', 'accept_offer')]],
    ];
    test.each(CASES)('%s: %s', async (_, code, make) => {
      const [who, wish] = make();
      const facts = await refusesQuote(who, wish, code);
      if (code === 'offer_too_low') expect(facts).toEqual({ smallestFen: '50000' });
    });

    test('an offer through the door of another step', async () => {
      const input = await signed(eve, open());
      for (const door of ['accept', 'counter'] as const) {
        const refusal = await rig.unchanged(() => refusalOf(eve.client.api.offer[door].mutate(input)));
        expect(refusal).toMatchObject({ code: 'terms_mismatch' });
      }
    });

    test('an offer without the money, and one for what is promised to one person', async () => {
      const poor = await rig.actor('demo-04');
      await refusesOrder(poor, await signed(poor, open()), 'insufficient_funds');
      const named = nextItem();
      await list(named, { namedBuyer: rig.bob.acct });
      await refusesQuote(eve, open({ itemIds: [named] }), 'named_buyer_only');
    });

    test('a withdrawal of somebody else, of a step that was answered, and an answer that comes late', async () => {
      const mine = nextItem();
      await list(mine);
      const first = await offerOn(rig.bob, mine, '60000');
      expect(await rig.unchanged(() => withdraw(rig.amy, first))).toMatchObject({ code: 'not_your_order' });
      const [one, two] = [
        await signed(rig.amy, answerTo(first, mine, 'counter', '90000')),
        await signed(rig.amy, answerTo(first, mine, 'accept_offer')),
      ];
      expect((await send(rig.amy, one)).kind).toBe('placed');
      await refusesOrder(rig.amy, two, 'offer_gone');
      rig.server.clock.advance(31 * MINUTE);
      await rig.settled();
      expect(await rig.unchanged(() => withdraw(rig.bob, first))).toMatchObject({ code: 'order_closed' });
      const stray = { ...first, orderId: parseOrderId(`ord_${'0'.repeat(64)}`) };
      expect(await rig.unchanged(() => withdraw(rig.bob, stray))).toMatchObject({ code: 'order_malformed' });
      await sound();
    });

    test('fifty open offers are enough', async () => {
      await rig.amy.client.api.offer.allow.mutate({ takesOffers: true });
      const inputs: PlaceOrderInput[] = [];
      for (const each of items.slice(0, 50)) inputs.push(await signed(eve, open({ itemIds: [each], priceFen: '100' })));
      const answers = await Promise.all(inputs.map((input) => send(eve, input)));
      expect(answers.filter(({ kind }) => kind === 'placed')).toHaveLength(50);
      await refusesQuote(eve, open({ itemIds: [items[50] ?? ''], priceFen: '100' }), 'too_many_offers');
      expect((await eve.client.api.offer.list.query()).open).toBe(50);
      await rig.amy.client.api.offer.allow.mutate({ takesOffers: false });
      await rig.settled();
      expect((await eve.client.api.offer.list.query()).open).toBe(0);
      await sound();
    });
  });
}
