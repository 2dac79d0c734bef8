/** Takeover of an account in one declaration (product P-33). */
import { expect, test } from 'vitest';
import { TAKEOVER_HOLD, takeoverDocument } from '#sandbox/cases/takeover-order.ts';
import { refusalOf } from '#test/support/server.ts';
import type { Actor } from '../public-refusals/rig.ts';
import { booksAgree, DAY, desk, HOUR, nextItem, proof, refuses, rig, sell, signIn, tradeOf, wait, world } from './world.ts';

async function declare(who: Actor, text = 'Somebody had my phone since Monday.', actId = desk.newActId()) {
  const declaration = { actId, text };
  return who.client.api.claim.declareTakeover.mutate({ ...declaration, proof: await proof(who, takeoverDocument(declaration)) });
}

export function takeovers(): void {
  test('one declaration ends the orders of an account, disputes its trades of seven days and holds it for thirty, buying left free', async () => {
    await signIn();
    const old = await sell();
    await wait(7 * DAY + HOUR);
    const mine = await sell();
    const offered = nextItem();
    const listed = await world.list(offered);
    await rig.unchanged(async () => {
      const declaration = { actId: desk.newActId(), text: 'Somebody had my phone.' };
      const signed = await proof(rig.amy, takeoverDocument({ ...declaration, text: 'Something else was signed.' }));
      expect(await refusalOf(rig.amy.client.api.claim.declareTakeover.mutate({ ...declaration, proof: signed }))).toMatchObject({
        code: 'sig_invalid',
      });
    });
    const fresh = await sell(false);
    const actId = desk.newActId();
    const answer = await declare(rig.amy, undefined, actId);
    // The fresh trade is claimed when it is certified, which a slow machine may have done by now.
    const { canceled, claims: claimed, isDone } = answer;
    expect([
      { canceled: 1, claimed: 1, isDone: false },
      { canceled: 1, claimed: 2, isDone: true },
    ]).toContainEqual({ canceled, claimed, isDone });
    expect(Date.parse(answer.until) - rig.server.clock.now()).toBe(30 * DAY);
    expect(await declare(rig.amy, undefined, actId)).toEqual(answer);
    await refuses(declare(rig.amy, 'These are other words.', actId), 'takeover_reused');
    await refuses(declare(rig.amy), 'takeover_running');
    const [order] = await rig.server.database.sql`select state, reason from market.orders where order_id = ${listed.orderId}`;
    expect(order).toEqual({ state: 'canceled', reason: 'account_taken_over' });
    expect(await tradeOf(rig.amy, old.tradeId)).toMatchObject({ state: 'paid_out' });
    expect(await tradeOf(rig.amy, mine.tradeId)).toMatchObject({ state: 'disputed' });
    await wait(60_000);
    // Certified meanwhile, and disputed by itself.
    expect(await tradeOf(rig.amy, fresh.tradeId)).toMatchObject({ state: 'disputed' });
    const { running } = await rig.amy.client.api.claim.takeover.query();
    expect(running).toMatchObject({ canceled: 1, claims: 2, isDone: true });
    const claims = (await rig.amy.client.api.claim.list.query()).filter(({ kind, state }) => kind === 'not_authorized' && state === 'open');
    expect(claims).toHaveLength(2);
    expect((await rig.amy.client.api.account.me.query())?.holds).toEqual([{ code: TAKEOVER_HOLD, until: answer.until }]);
    const sale = () => world.quote(rig.amy, { intent: 'listing', itemIds: [offered] });
    const selling = async () => {
      const quote = await sale();
      const placed = await rig.amy.client.api.order.place.mutate(world.input(rig.amy, quote));
      return placed.kind === 'placed' ? 'placed' : placed.code;
    };
    await rig.unchanged(async () => {
      expect(await selling().catch(async (error: unknown) => (await refusalOf(Promise.reject(error))).code)).toBe('sale_on_hold');
      const out = await refusalOf(rig.amy.client.withdraw({ referenceId: desk.newActId(), amountFen: '100' }));
      expect(out.code).toBe('withdrawal_on_hold');
    });
    const quote = await world.quote(rig.amy, { intent: 'buy_order', priceFen: '100' });
    expect(await rig.amy.client.api.order.place.mutate(world.input(rig.amy, quote))).toMatchObject({ kind: 'placed' });
    await wait(30 * DAY);
    expect((await rig.amy.client.api.account.me.query())?.holds).toEqual([]);
    expect(await selling()).toBe('placed');
    await booksAgree();
  });
}
