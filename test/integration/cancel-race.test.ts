/** P-27: a cancel and a fill of the same order, sent at the same time. There is no third outcome, and holds balance. Ten thousand races,
 *  each with its own order, purchase and cancel, 250 at once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assert } from '#ledger/primitives/assert.ts';
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

/** Listings, purchases and cancels, each an order or a LedgerTx of its own, signed in sheets. */
async function prepare(round: number) {
  const kind = await m.kind(`sword-${round}`);
  const items = await m.mint(kind, m.amy, RACES);
  const common = items.map((itemId) => ({ ...NO_TARGET, classId: kind.classId, itemIds: [itemId] }));
  const listings = await Promise.all(common.map(async (one) => quoted(await m.market.quote(amy, { ...one, intent: 'listing' }))));
  const answers = await m.market.placeMany(amy, m.inputSheet(m.amy, listings));
  const orders = answers.map((answer) => placed(answer).order);
  const takings = await Promise.all(
    orders.map(async ({ orderId, heldItems }) =>
      quoted(
        await m.market.quote(bob, {
          ...NO_TARGET,
          classId: kind.classId,
          itemIds: heldItems,
          intent: 'take_listing',
          targetOrderId: orderId,
        }),
      ),
    ),
  );
  const [cancels, inputs] = [m.cancelSheet(m.amy, orders), m.inputSheet(m.bob, takings)];
  return cancels.map((cancel, index) => {
    const input = inputs[index];
    assert(input !== undefined, 'a purchase for every cancel');
    return { cancel, input };
  });
}

test('every race ends in a fill or a cancel, and both sides hear the same', { timeout: 600_000 }, async () => {
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
    if (round % 8 === 7) await m.certify();
  }
  expect(counts.filled + counts.canceled).toBe(ROUNDS * RACES);
  expect(Math.min(counts.filled, counts.canceled)).toBeGreaterThan(0);
  await assertInvariants(m);
});
