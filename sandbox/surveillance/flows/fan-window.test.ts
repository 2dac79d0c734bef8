import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instant } from '#ledger/primitives/instant.ts';
import { createFanWindow } from './fan-window.ts';
import { type Flow, pushRecent, type Recent } from './flow.ts';

const WINDOW_MS = 100;
const KEEP_MS = 400;
const LEAST = 3;

/** What the window keeps up to date, read anew from the list. */
function readAnew(recent: Recent, at: number) {
  const kept = recent.list.slice(recent.start);
  const newest = kept.at(-1)?.payment.at ?? at;
  const within = kept.filter(({ payment }) => payment.at > at - WINDOW_MS);
  const regulars = new Set(kept.filter(({ payment }) => payment.at <= newest - WINDOW_MS).map(({ from }) => from));
  const rest = within.filter(({ from }) => !regulars.has(from));
  const restOthers = new Set(rest.map(({ from }) => from)).size;
  const named = restOthers >= LEAST ? rest : within;
  return {
    all: new Set(within.map(({ from }) => from)).size,
    amounts: within.map(({ amount }) => amount).sort((a, b) => a - b),
    others: new Set(named.map(({ from }) => from)).size,
    sum: named.reduce((sum, { amount }) => sum + amount, 0),
    named: named.map(({ order }) => order).reverse(),
  };
}

test('a week kept up to date says what the week read anew says, also where the list is cut to its most', () => {
  const step = fc.record({
    after: fc.integer({ min: 0, max: 40 }),
    from: fc.integer({ min: 0, max: 6 }),
    amount: fc.integer({ min: 1, max: 9 }),
  });
  let cut = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 60, maxLength: 120 }), fc.integer({ min: 2, max: 12 }), (steps, most) => {
      const recent: Recent = { list: [], start: 0, dropped: 0 };
      const window = createFanWindow(recent, WINDOW_MS, ({ from }) => from);
      let at = 1_000;
      for (const [order, { after, from, amount }] of steps.entries()) {
        at += after;
        const payment = {
          kind: 'payment',
          id: `p${order}`,
          at: instant(at),
          from: `${from}`,
          to: 'hub',
          amountFen: BigInt(amount),
        } as const;
        const flow: Flow = { payment, from: `${from}`, to: 'hub', amount, order };
        if (recent.list.length - recent.start >= most) cut += 1;
        pushRecent(recent, flow, KEEP_MS, most, window.forget);
        window.enter(flow);
        window.moveTo(at);
        const { others, sum, notIn } = window.evidence(LEAST);
        const named = notIn(null).map((each) => each.order);
        expect({ all: window.others(), amounts: [...window.amounts.list], others, sum, named }).toEqual(readAnew(recent, at));
      }
    }),
    { seed: 20261128, numRuns: 300 },
  );
  expect(cut).toBeGreaterThan(1_000);
});
