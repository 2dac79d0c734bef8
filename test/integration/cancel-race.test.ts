/** P-27: a cancel and a fill of the same order, sent at the same time. There is no third outcome, and holds balance. Ten
 *  thousand races, each with its own order and signatures, a hundred at once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { assertInvariants, codeOf, openTestMarket, placed, type TestMarket } from '#test/support/market.ts';

const ROUNDS = 100;
const RACES = 100;

let m: TestMarket;
beforeAll(async () => {
  m = await openTestMarket();
  await m.fund(m.bob, 900_000n);
});
afterAll(() => m.stop());

test('every race ends in a fill or a cancel, and both sides hear the same', { timeout: 300_000 }, async () => {
  const counts = { filled: 0, canceled: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const kind = await m.kind(`sword-${round}`);
    const items = await m.mint(kind, m.amy, RACES);
    const races = await Promise.all(
      items.map(async (itemId) => {
        const quote = await m.quote(m.amy, { intent: 'listing', classId: kind.classId, itemIds: [itemId], priceFen: fen(100n) });
        const { order } = placed(await m.place(m.amy, quote));
        const taking = await m.quote(m.bob, {
          intent: 'take_listing',
          classId: kind.classId,
          itemIds: [itemId],
          targetOrderId: order.orderId,
        });
        return { cancel: m.cancelInput(m.amy, order), input: m.input(m.bob, taking) };
      }),
    );
    const [amy, bob] = [await m.amy.player(), await m.bob.player()];
    await Promise.all(
      races.map(async ({ cancel: canceling, input }, index) => {
        const buy = () => m.market.place(bob, input);
        const cancel = () => m.market.cancel(amy, canceling);
        const isBuyFirst = (index + round) % 2 === 0;
        const first = isBuyFirst ? buy() : cancel();
        const second = isBuyFirst ? cancel() : buy();
        const [bought, canceled] = isBuyFirst ? [codeOf(await first), codeOf(await second)] : [codeOf(await second), codeOf(await first)];
        expect([`${bought} ${canceled}`]).toEqual([bought === 'placed' ? 'placed already_filled' : 'listing_gone canceled']);
        counts[bought === 'placed' ? 'filled' : 'canceled'] += 1;
      }),
    );
    await m.certify();
  }
  expect(counts.filled + counts.canceled).toBe(ROUNDS * RACES);
  expect(Math.min(counts.filled, counts.canceled)).toBeGreaterThan(0);
  await assertInvariants(m);
});
