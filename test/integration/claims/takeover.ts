/** Takeover of an account in one declaration (product P-33). */
import { expect, test } from 'vitest';
import { assert } from '#ledger/primitives/assert.ts';
import { parseAccountId } from '#ledger/primitives/ids.ts';
import { TAKEOVER_HOLD, takeoverDocument } from '#sandbox/cases/takeover-order.ts';
import { countFalse, findBar } from '#server/desk/false-claims.repo.ts';
import { FALSE_CLAIM_HOLD } from '#server/desk/false-claims.ts';
import { listOwed } from '#server/guarantee/guarantee.repo.ts';
import { isClosed } from '#server/identity/players.repo.ts';
import { readPapers, restorePapers } from '#server/takeover/papers.repo.ts';
import { type Papers, papersDocument } from '#server/takeover/papers.ts';
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

  test('the papers of a takeover of the market hold cool-downs, the ladder and what the fund owes, and a market begins with them', async () => {
    const { sql } = rig.server.database;
    const now = () => rig.server.clock.now();
    // One that the fund has paid in part, and owes for the rest.
    const [owed] = await listOwed(sql, 10);
    assert(owed !== undefined && owed.leftFen > 0n, 'an award waits for the fund');
    const declared = await declare(rig.bob);
    await rig.bob.client.deposit({ referenceId: desk.newActId(), amountFen: '900000' });
    for (let turn = 0; turn < 4; turn++) await wait(5_000);
    const { tradeId: held } = await sell();
    const [waiting] = await sql<{ trade_id: string; payout_at: Date; class_id: string }[]>`
      select trade_id, payout_at, class_id from market.trades where trade_id = ${held} and state = 'protected'`;
    assert(waiting !== undefined, 'a sale waits for its payout');
    const payoutAt = new Date(waiting.payout_at.getTime() + 7 * DAY).toISOString();
    const papers = await readPapers(sql, now());
    expect(papersDocument.parse(papers)).toEqual(papers);
    const { awardId, tradeId, acct } = owed;
    expect(papers.awards).toMatchObject([{ awardId, tradeId, acct, leftFen: String(owed.leftFen) }]);
    // Whose cool-down is over is not there.
    expect(papers.takeovers).toMatchObject([{ takeoverId: declared.takeoverId, acct: rig.bob.acct, until: declared.until }]);
    // Under other names, as if this were the new market.
    const renamed = (text: string) => text.replace(/_[0-9a-f]{4}/, '_ffff');
    const until = new Date(now() + 2 * DAY).toISOString();
    const carriedOver: Papers = {
      ...papers,
      falseClaims: [
        { subjectId: 'obj_of_before', acct: rig.amy.acct, at: papers.at, until },
        { subjectId: 'obj_of_a_stranger', acct: 'f'.repeat(64), at: papers.at, until },
      ],
      takeovers: papers.takeovers.map((each) => ({ ...each, takeoverId: renamed(each.takeoverId), doneAt: papers.at })),
      awards: papers.awards.map((each) => ({ ...each, awardId: renamed(each.awardId), itemId: 'itm_of_before', leftFen: '300' })),
      closed: [rig.amy.acct, 'f'.repeat(64)].map((each) => ({ acct: each, at: papers.at })),
      holds: ['f', waiting.trade_id].map((tradeId) => ({ tradeId, quick: 1, hold: 'new_instrument', payoutAt })),
      names: [[rig.bob.acct, '青竹'] as const, [rig.amy.acct, 'Nobody'] as const].map(([acct, name]) => ({ acct, name })),
      watched: [waiting.class_id, 'cls_unknown'].map((classId) => ({
        acct: rig.bob.acct,
        classId,
        belowFen: '900',
        sinceFen: null,
        at: papers.at,
      })),
      offers: [rig.bob.acct, 'f'.repeat(64)].map((acct) => ({ acct, isTaken: false, at: papers.at })),
      hidden: [waiting.class_id, `cls_${'f'.repeat(32)}`].map((classId) => ({ classId, at: papers.at })),
    };
    const before = papers.falseClaims.filter(({ acct: who }) => who === rig.amy.acct).length;
    const undone = new Error('undone');
    const restored = () =>
      sql.begin(async (tx) => {
        // Names of published people stay what they are; these two are like anybody else here.
        await tx`update identity.players set is_demonstration = false where acct in (${rig.amy.acct}, ${rig.bob.acct})`;
        expect(await restorePapers(tx, carriedOver, now())).toEqual({
          ...{ falseClaims: 1, takeovers: 1, awards: 1, closed: 1 },
          ...{ holds: 1, names: 1, watched: 1, offers: 1, hidden: 1 },
        });
        const again = await readPapers(tx, now());
        expect(again.hidden).toEqual([{ classId: waiting.class_id, at: papers.at }]);
        const [kind] = await tx`select name_en from catalogue.item_classes where class_id = ${waiting.class_id}`;
        expect(kind?.name_en).toBe('Content hidden');
        expect(again.holds).toEqual([{ tradeId: waiting.trade_id, quick: 1, hold: 'new_instrument', payoutAt }]);
        expect(again.names).toContainEqual({ acct: rig.bob.acct, name: '青竹' });
        expect(again.watched).toContainEqual({ ...carriedOver.watched[0] });
        expect(again.offers).toContainEqual({ acct: rig.bob.acct, isTaken: false, at: papers.at });
        expect(await countFalse(tx, parseAccountId(rig.amy.acct))).toBe(before + 1);
        expect((await findBar(tx, parseAccountId(rig.amy.acct), now()))?.toISOString()).toBe(until);
        expect((await listOwed(tx, 10)).map(({ awardId, leftFen }) => [awardId, leftFen])).toEqual([
          [awardId, owed.leftFen],
          [renamed(awardId), 300n],
        ]);
        const holds =
          await tx`select code from identity.risk_holds where acct in (${rig.amy.acct}, ${rig.bob.acct}) and until > ${new Date(now())} order by code`;
        expect(holds.map(({ code }) => code)).toEqual([FALSE_CLAIM_HOLD, TAKEOVER_HOLD]);
        expect((await readPapers(tx, now())).closed).toEqual([{ acct: rig.amy.acct, at: papers.at }]);
        expect(await isClosed(tx, parseAccountId(rig.amy.acct))).toBe(true);
        throw undone;
      });
    // A new market has no clocks yet; this one's go on, and PostgreSQL may end one of two that meet crosswise.
    const isCrossed = (error: unknown) => error instanceof Error && 'code' in error && error.code === '40P01';
    await expect(restored().catch((error: unknown) => (isCrossed(error) ? restored() : Promise.reject(error)))).rejects.toBe(undone);
    await wait(31 * DAY);
    await booksAgree();
  });
}
