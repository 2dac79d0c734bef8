/** A small busy market in which every kind of fact occurs, from a seed. */
import type { Fact } from '#sandbox/surveillance/facts.ts';
import { seededRandom } from './seeded-random.ts';

export type Draw = { readonly below: (limit: number) => number; readonly pick: <T>(list: readonly [T, ...T[]] | readonly T[]) => T };

export function createDraw(seed: string): Draw {
  const random = seededRandom(seed);
  const below = (limit: number) => new DataView(random.bytes(4).buffer).getUint32(0) % limit;
  return {
    below,
    pick: (list) => {
      const value = list[below(list.length)];
      if (value === undefined) throw new Error('nothing to pick from');
      return value;
    },
  };
}

const START = Date.parse('2026-03-02T02:00:00Z');

/** Few people and items, so that loops, returns and splits come about. */
export function randomFacts(seed: string, count: number): readonly Fact[] {
  const { below, pick } = createDraw(seed);
  const people = Array.from({ length: 9 }, (_, i) => `p${i}`);
  const holders = new Map<string, string>();
  const placed: string[] = [];
  let at = START;
  return Array.from({ length: count }, (_, i): Fact => {
    at += below(3 * 3_600_000);
    const id = `f${i}`;
    const [from, to] = [pick(people), pick(people)];
    const kind = below(100);
    if (kind < 55) {
      const item = `i${below(12)}`;
      const seller = holders.get(item) ?? from;
      holders.set(item, to);
      return {
        kind: 'trade',
        id,
        at,
        itemIds: [item],
        classId: `c${below(3)}`,
        seller,
        buyer: to,
        priceFen: BigInt(80_000 + below(60_000)),
        quantity: 1 + below(3),
        issuer: 's1',
      };
    }
    if (kind < 85)
      return { kind: 'payment', id, at, from, to, amountFen: BigInt(pick([480_000, 90_000, 95_000, 4_900_000]) + below(9_000)) };
    if (kind < 90) {
      const isCancel = placed.length > 0 && below(2) === 0;
      const order = isCancel ? (placed.pop() ?? id) : id;
      if (!isCancel) placed.push(id);
      return {
        kind: 'order',
        id: order,
        at,
        change: isCancel ? 'canceled' : 'placed',
        account: 'p1',
        classId: 'c1',
        side: 'sell',
        valueFen: 3_000_000n,
      };
    }
    if (kind < 94) return { kind: 'gift', id, at, itemId: `i${below(12)}`, classId: `c${below(3)}`, from, to };
    if (kind < 95) return { kind: 'link', id, at, a: from, b: to, reason: 'same_device' };
    if (kind < 96) return { kind: 'dispute', id, at, tradeId: `f${below(i + 1)}` };
    if (kind < 98) return { kind: 'signal', id, at, account: from, signal: pick(['school_hours', 'small_steps', 'many_refunds']) };
    if (kind < 99) return { kind: 'account', id, at, ref: from, isMinor: below(4) === 0, issuer: below(3) === 0 ? 's1' : null };
    return { kind: 'instrument', id, at, account: from };
  });
}
