/**
 * The operator is gone and nobody has handed over: the notary's market opens with sealed figures. Whoever bought before can't sell on and is told
 * why, gives away freely, and sells once a supervisor has handed over; the supervisor's own checks agree with what was opened then.
 */
import { assert } from '#ledger/primitives/assert.ts';
import { begin, ORGS_ALL, untilEven } from './acts.ts';
import type { Drill } from './drill.ts';
import { enter, list, payIn, portfolioOf, sellTo } from './market-acts.ts';
import { decide, handOver, isOperator, reconcile, takeOver } from './takeover-acts.ts';

const PRICE_FEN = '12800';
const RESALE_FEN = '15000';
/** What is bought rests for days; these clocks are past that. */
const LATER = { clockShiftMs: 8 * 86_400_000 };

export const lateHandOver: Drill = {
  name: 'late-hand-over',
  about: 'taken over without a supervisor’s hand-over: sealed purchases wait, say so, and are sold once it has come',
  isInstitutionApart: true,
  run: async (ground) => {
    const { site, expect } = ground;
    const { lin, chen } = await begin(site, 2);
    const old = { lin: await enter(site, 'operator', 'lin-yue', lin.acct), chen: await enter(site, 'operator', 'chen-hai', chen.acct) };
    for (const client of [old.lin, old.chen]) await payIn(client, '3000000');
    const [sold] = await portfolioOf(old.lin);
    assert(sold !== undefined, 'an item');
    await sellTo({ client: old.lin, acct: lin.acct }, old.chen, sold.itemId, PRICE_FEN);
    await untilEven(site, ORGS_ALL);
    await site.destroy('operator');
    await decide(ground);
    expect(await isOperator(ground), 'the decision is in force: the notary is operator');

    for (const org of ['studio', 'supervisor'] as const) {
      await site.stop(org);
      await site.start(org, 'member', LATER);
    }
    const first = await takeOver(ground, null, LATER);
    expect(
      /"tradesWithoutFigures":1/.test(first) && /"purchasesSealed":1/.test(first),
      'without a hand-over the sale’s figures are sealed',
    );
    expect(reconcile(ground), 'its books agree with ledger and institution');
    const refused = await list(await enter(site, 'notary', 'chen-hai', chen.acct), sold.itemId, RESALE_FEN, 'drill-sealed').then(
      () => 'listed',
      (error: unknown) => String(error),
    );
    expect(/what you paid is still sealed/.test(refused), `who bought it is told why it can’t be sold: ${refused}`);

    const later = await takeOver(ground, handOver(ground), LATER);
    expect(/"purchasesOpened":1,"purchasesSealed":0/.test(later), 'the hand-over opens it');
    const now = { chen: await enter(site, 'notary', 'chen-hai', chen.acct), lin: await enter(site, 'notary', 'lin-yue', lin.acct) };
    const own = (await portfolioOf(now.chen)).find(({ itemId }) => itemId === sold.itemId);
    expect(own?.costBasisFen === PRICE_FEN, 'what was paid is known');
    await sellTo({ client: now.chen, acct: chen.acct }, now.lin, sold.itemId, RESALE_FEN);
    expect(true, 'sold on and certified: the supervisor finds the same cost on the ledger');
    expect(reconcile(ground), 'every book agrees');
    return { lost: 0, facts: {} };
  },
};
