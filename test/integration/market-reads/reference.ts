/** The reference price (rulebook CN-SV-00). */
import { describe, expect, test } from 'vitest';
import { getClassPage } from '#server/market/class-page.ts';
import type { Trader } from '#test/support/market.ts';
import { at, list, look, m, take } from './world.ts';

export function referenceCases(): void {
  describe('reference price', () => {
    test('is the volume-weighted median of enough trades by enough sellers, and none before', async () => {
      const gem = await m.kind('gem');
      const sellers = [m.amy, m.cid, await m.trader('demo-01')];
      await m.fund(m.bob, 300_000n);
      const sell = async (seller: Trader, price: bigint) => {
        const item = at(await m.mint(gem, seller, 1), 0);
        await take(m.bob, gem, item, (await list(seller, gem, item, price)).order.orderId);
      };
      const reference = async () => (await look(null, (s) => getClassPage(m, s, gem.classId)))?.card.referenceFen;
      for (const [index, price] of [100n, 500n, 200n, 300n].entries()) await sell(at(sellers, index % 3), price * 10n);
      await m.certify();
      expect(await reference()).toBeNull();
      await sell(at(sellers, 1), 4_000n);
      expect(await reference()).toBeNull();
      await m.certify();
      expect(await reference()).toBe('3000');
    });
  });
}
