import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { type Instant, parseInstant } from '#ledger/primitives/instant.ts';
import { type CapCounter, createCapCounter, type Placement, worstUnitFen } from './cap-counter.ts';
import type { Caps } from './experiment.ts';

const CAPS: Caps = {
  participants: 3,
  perTradeFen: 500,
  perPersonDayFen: 1000,
  perPersonMonthFen: 2500,
  experimentOpenExposureFen: 3000,
  experimentTotalTurnoverFen: 6000,
  lossCompensationFundFen: 100,
};
const DAY_1 = parseInstant('2026-11-22T02:00:00.000Z');
const DAY_2 = parseInstant('2026-11-22T16:00:00.000Z'); // midnight in Beijing

function order(
  orderId: string,
  personRef: string,
  side: 'buy' | 'sell',
  unit: number,
  quantity: number,
  placedAt: Instant = DAY_1,
): Placement {
  return { orderId, personRef, side, unitFen: fen(BigInt(unit)), quantity: BigInt(quantity), placedAt };
}
function code(counter: CapCounter, placement: Placement): string {
  const answer = counter.reserve(placement);
  return answer.kind === 'rejected' ? answer.code : answer.kind;
}

describe('caps', () => {
  test('a trade cap holds to the fen', () => {
    const counter = createCapCounter(CAPS);
    expect(code(counter, order('1', 'amy', 'buy', 501, 1))).toBe('SBX_CAP_PER_TRADE');
    expect(code(counter, order('1', 'amy', 'buy', 100, 5))).toBe('reserved');
  });

  test('a person’s day counts both sides and begins anew at midnight in Beijing', () => {
    const counter = createCapCounter(CAPS);
    expect(code(counter, order('1', 'amy', 'buy', 500, 1))).toBe('reserved');
    expect(code(counter, order('2', 'amy', 'sell', 500, 1))).toBe('reserved');
    expect(code(counter, order('3', 'amy', 'sell', 1, 1))).toBe('SBX_CAP_PER_PERSON_DAY');
    expect(code(counter, order('3', 'bob', 'sell', 1, 1))).toBe('reserved');
    expect(code(counter, order('4', 'amy', 'sell', 1, 1, DAY_2))).toBe('reserved');
  });

  test('month, exposure and turnover refuse in their order', () => {
    const month = createCapCounter({ ...CAPS, perPersonMonthFen: 600 });
    expect(code(month, order('1', 'amy', 'buy', 500, 1))).toBe('reserved');
    expect(code(month, order('2', 'amy', 'buy', 101, 1, DAY_2))).toBe('SBX_CAP_PER_PERSON_MONTH');
    const exposure = createCapCounter({ ...CAPS, experimentOpenExposureFen: 600 });
    expect(code(exposure, order('1', 'amy', 'buy', 500, 1))).toBe('reserved');
    expect(code(exposure, order('2', 'bob', 'buy', 101, 1))).toBe('SBX_CAP_EXPERIMENT_OPEN_EXPOSURE');
    expect(code(exposure, order('2', 'bob', 'sell', 101, 1))).toBe('reserved');
    const turnover = createCapCounter({ ...CAPS, experimentTotalTurnoverFen: 600 });
    expect(code(turnover, order('1', 'amy', 'buy', 500, 1))).toBe('reserved');
    expect(code(turnover, order('2', 'bob', 'buy', 101, 1))).toBe('SBX_CAP_EXPERIMENT_TOTAL_TURNOVER');
  });

  test('a fill below the limit gives the difference back; payout ends exposure, a refund undoes everything', () => {
    const counter = createCapCounter({ ...CAPS, perPersonDayFen: 500 });
    expect(code(counter, order('b', 'amy', 'buy', 500, 1))).toBe('reserved');
    expect(code(counter, order('s', 'bob', 'sell', 400, 1))).toBe('reserved');
    counter.fill({ tradeId: 't', buyOrderId: 'b', sellOrderId: 's', priceFen: fen(400n), quantity: 1n });
    const used = (name: string) => counter.gauges('amy', DAY_1).find((gauge) => gauge.code === name);
    expect(used('SBX_CAP_PER_PERSON_DAY')).toMatchObject({ usedFen: 400n, reservedFen: 0n });
    expect(used('SBX_CAP_EXPERIMENT_OPEN_EXPOSURE')).toMatchObject({ usedFen: 400n });
    counter.close('t');
    expect(used('SBX_CAP_EXPERIMENT_OPEN_EXPOSURE')).toMatchObject({ usedFen: 0n });
    expect(used('SBX_CAP_EXPERIMENT_TOTAL_TURNOVER')).toMatchObject({ usedFen: 400n });
    counter.refund('t');
    for (const gauge of counter.gauges('amy', DAY_1)) expect(gauge).toMatchObject({ usedFen: 0n, reservedFen: 0n });
  });

  test('a seller reserves at the best bid and is trimmed to the limit of what rests', () => {
    const counter = createCapCounter(CAPS);
    const unit = worstUnitFen('sell', fen(100n), fen(120n));
    expect(unit).toBe(120n);
    counter.reserve({ ...order('s', 'amy', 'sell', 0, 4), unitFen: unit });
    counter.trim('s', fen(100n));
    expect(counter.gauges('amy', DAY_1).find((gauge) => gauge.code === 'SBX_CAP_PER_PERSON_DAY')).toMatchObject({ reservedFen: 400n });
    counter.release('s');
    counter.release('s');
    expect(counter.gauges('amy', DAY_1).find((gauge) => gauge.code === 'SBX_CAP_PER_PERSON_DAY')).toMatchObject({ reservedFen: 0n });
  });

  test('no more people join than the cap says, and joining twice is joining once', () => {
    const counter = createCapCounter(CAPS);
    for (const personRef of ['amy', 'bob', 'amy', 'cat']) expect(counter.join(personRef).kind).toBe('joined');
    expect(counter.join('dan')).toEqual({ kind: 'rejected', code: 'SBX_CAP_PARTICIPANTS', limit: 3 });
  });
});

const act = fc.oneof(
  fc.record({
    do: fc.constant('place' as const),
    person: fc.constantFrom('amy', 'bob', 'cat', 'dan'),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    limit: fc.integer({ min: 1, max: 200 }),
    quantity: fc.integer({ min: 1, max: 5 }),
    at: fc.constantFrom(DAY_1, DAY_2),
  }),
  fc.record({ do: fc.constantFrom('release' as const, 'close' as const, 'refund' as const), pick: fc.nat(400) }),
);

test('no interleaving exceeds a cap by a fen, and a counter read back from its state is the same counter', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 120 }), (acts) => {
      let counter = createCapCounter(CAPS);
      let n = 0;
      for (const step of acts) {
        n += 1;
        if (step.do === 'place') {
          const placement = order(`o${n}`, step.person, step.side, step.limit, step.quantity, step.at);
          const resting = counter.state().placements.filter(({ side, personRef }) => side !== step.side && personRef !== step.person);
          const bestBid = resting.reduce((best, { unitFen }) => (unitFen > best ? unitFen : best), 0n);
          const unitFen = worstUnitFen(step.side, placement.unitFen, step.side === 'sell' ? fen(bestBid) : null);
          if (counter.reserve({ ...placement, unitFen }).kind === 'reserved') trade(counter, placement, `t${n}`);
        } else {
          const { placements, trades } = counter.state();
          if (step.do === 'release') counter.release(placements[step.pick % Math.max(1, placements.length)]?.orderId ?? '');
          else counter[step.do](trades[step.pick % Math.max(1, trades.length)]?.tradeId ?? '');
        }
        assertWithinCaps(counter);
        if (n % 20 === 0) {
          const again = createCapCounter(CAPS, counter.state());
          for (const person of ['amy', 'bob']) expect(again.gauges(person, DAY_2)).toEqual(counter.gauges(person, DAY_2));
          counter = again;
        }
      }
    }),
    { numRuns: 200 },
  );
});

/** Fills against every crossing order of somebody else, then trims. */
function trade(counter: CapCounter, { orderId, personRef, side, unitFen: limit }: Placement, tradeId: string): void {
  const others = counter.state().placements.filter((other) => other.side !== side && other.personRef !== personRef);
  for (const [index, other] of others.entries()) {
    const crosses = side === 'buy' ? other.unitFen <= limit : other.unitFen >= limit;
    const left = counter.state().placements.find((placement) => placement.orderId === orderId)?.quantity ?? 0n;
    if (!crosses || left === 0n) continue;
    const quantity = left < other.quantity ? left : other.quantity;
    const [buyOrderId, sellOrderId] = side === 'buy' ? [orderId, other.orderId] : [other.orderId, orderId];
    counter.fill({ tradeId: `${tradeId}.${index}`, buyOrderId, sellOrderId, priceFen: other.unitFen, quantity });
  }
  counter.trim(orderId, limit);
}

/** Counted from the trades themselves, not from the counter's own sums. */
function assertWithinCaps(counter: CapCounter): void {
  const { trades } = counter.state();
  const sum = (filter: (trade: (typeof trades)[number]) => boolean) =>
    trades.filter(filter).reduce((total, { grossFen }) => total + grossFen, 0n);
  for (const person of ['amy', 'bob', 'cat', 'dan']) {
    const on = (at: Instant) =>
      sum(({ buyer }) => buyer?.personRef === person && buyer.placedAt === at) +
      sum(({ seller }) => seller?.personRef === person && seller.placedAt === at);
    expect(on(DAY_1) <= BigInt(CAPS.perPersonDayFen)).toBe(true);
    expect(on(DAY_2) <= BigInt(CAPS.perPersonDayFen)).toBe(true);
    expect(on(DAY_1) + on(DAY_2) <= BigInt(CAPS.perPersonMonthFen)).toBe(true);
  }
  expect(sum(({ isOpen }) => isOpen) <= BigInt(CAPS.experimentOpenExposureFen)).toBe(true);
  expect(sum(() => true) <= BigInt(CAPS.experimentTotalTurnoverFen)).toBe(true);
  expect(trades.every(({ grossFen }) => grossFen <= BigInt(CAPS.perTradeFen))).toBe(true);
}
