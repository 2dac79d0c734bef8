/** The rules of thumb that detectors are measured against: one and the same account on both sides; a pair that trades an item both ways;
 *  an account that bought or sold an item three times. */
import type { TradeFact } from '#sandbox/surveillance/facts.ts';

export const SIMPLE_RULES: Readonly<Record<string, (facts: readonly TradeFact[]) => readonly string[]>> = {
  same_buyer_and_seller: (facts) => facts.filter(({ seller, buyer }) => seller !== null && seller === buyer).map(({ id }) => id),
  back_and_forth: (facts) => {
    const ways = new Set(facts.map(({ seller, buyer, itemIds }) => `${itemIds[0]} ${seller} ${buyer}`));
    return facts
      .filter(({ seller, buyer, itemIds }) => seller !== buyer && seller !== null && ways.has(`${itemIds[0]} ${buyer} ${seller}`))
      .map(({ id }) => id);
  },
  three_times: (facts) => {
    const counts = new Map<string, string[]>();
    for (const { id, seller, buyer, itemIds } of facts) {
      for (const key of [`sold ${seller} ${itemIds[0]}`, `bought ${buyer} ${itemIds[0]}`]) {
        if (key.includes(' null ')) continue;
        counts.set(key, [...(counts.get(key) ?? []), id]);
      }
    }
    return [...counts.values()].filter((ids) => ids.length >= 3).flat();
  },
};
