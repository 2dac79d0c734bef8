/** P-27: a cancel and a fill of the same order, sent at the same time. There is no third outcome, and holds balance. Ten thousand races,
 *  each with its own order and signatures, 250 at once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import type { Player } from '#server/identity/identity.ts';
import type { Quote } from '#server/trpc/views.ts';
import { assertInvariants, codeOf, openTestMarket, placed, type TestMarket } from '#test/support/market.ts';

const ROUNDS = 40;
const RACES = 250;

let m: TestMarket;
let amy: Player;
let bob: Player;
beforeAll(async () => {
  m = await openTestMarket({ workers: 1 });
  await m.fund(m.bob, 2_000_000n);
  [amy, bob] = [await m.amy.player(), await m.bob.player()];
});
afterAll(() => m.stop());

const NO_TARGET = {
  targetOrderId: null,
  priceFen: fen(100n),
  quantity: 1,
  timeInForce: 'gtc',
  payFrom: 'balance',
  replaces: null,
  expression: '',
  smallestFill: 1,
  lifeDays: 30,
} as const;
const quoted = (answer: Awaited<ReturnType<TestMarket['market']['quote']>>): Quote => {
  if (answer.kind === 'rejected') throw new Error(`quote refused: ${answer.code}`);
  return answer.quote;
};

async function prepare(round: number) {
  const kind = await m.kind(`sword-${round}`);
  const items = await m.mint(kind, m.amy, RACES);
  return Promise.all(
    items.map(async (itemId) => {
      const common = { ...NO_TARGET, classId: kind.classId, itemIds: [itemId] };
      const listing = quoted(await m.market.quote(amy, { ...common, intent: 'listing' }));
      const { order } = placed(await m.market.place(amy, m.input(m.amy, listing)));
      const taking = quoted(await m.market.quote(bob, { ...common, intent: 'take_listing', targetOrderId: order.orderId }));
      return { cancel: m.cancelInput(m.amy, order), input: m.input(m.bob, taking) };
    }),
  );
}

test('every race ends in a fill or a cancel, and both sides hear the same', { timeout: 300_000 }, async () => {
  const counts = { filled: 0, canceled: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const races = await prepare(round);
    const outcomes = await Promise.all(
      races.map(async ({ cancel: canceling, input }, index) => {
        const buy = () => m.market.place(bob, input);
        const cancel = () => m.market.cancel(amy, canceling);
        const isBuyFirst = (index + round) % 2 === 0;
        const first = isBuyFirst ? buy() : cancel();
        const second = isBuyFirst ? cancel() : buy();
        const [bought, canceled] = isBuyFirst ? [codeOf(await first), codeOf(await second)] : [codeOf(await second), codeOf(await first)];
        return `${bought} ${canceled}`;
      }),
    );
    for (const outcome of outcomes) {
      expect(['placed already_filled', 'listing_gone canceled']).toContain(outcome);
      counts[outcome.startsWith('placed') ? 'filled' : 'canceled'] += 1;
    }
    await m.certify();
  }
  expect(counts.filled + counts.canceled).toBe(ROUNDS * RACES);
  expect(Math.min(counts.filled, counts.canceled)).toBeGreaterThan(0);
  await assertInvariants(m);
});
