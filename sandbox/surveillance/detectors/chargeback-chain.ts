/** CN-SV-12: the payment behind a purchase is disputed after the item has moved on. The chain is named; innocent buyers are not reversed. */
import { type Detector, type Finding, NOTHING } from '../detector.ts';
import { DAY_MS, type TradeFact } from '../facts.ts';

export const chargebackChain: Detector = {
  id: 'CN-SV-12',
  name: 'chargeback_chain',
  title: { zh: '拒付后流转', en: 'Chargeback chain' },
  definition: {
    zh: '以后来被拒付的款项购入的道具已经转手',
    en: 'An item bought with a payment that was disputed later has been sold on',
  },
  reads: ['trade', 'dispute'],
  label: null,
  audience: ['finance', 'market'],
  open: (parameters) => {
    const keepMs = parameters.count('keepDays') * DAY_MS;
    const trades = new Map<string, TradeFact>();
    const byItem = new Map<string, TradeFact[]>();
    const disputed = new Map<string, TradeFact>();
    const chain = (origin: TradeFact, itemId: string, at: number): readonly Finding[] => {
      const later = (byItem.get(itemId) ?? []).filter((trade) => trade.at > origin.at && trade.id !== origin.id);
      if (later.length === 0) return NOTHING;
      const all = [origin, ...later];
      return [
        {
          key: `${origin.id} ${itemId}`,
          at,
          typology: 'chargeback_chain',
          severity: 1,
          tradeIds: all.map(({ id }) => id),
          accountRefs: origin.buyer === null ? [] : [origin.buyer],
          figures: { itemId, hops: String(later.length), disputed: origin.id },
          explanation: {
            zh: `交易 ${origin.id} 的付款被拒付，道具 ${itemId} 已转手 ${later.length} 次`,
            en: `The payment of trade ${origin.id} was disputed; item ${itemId} has changed hands ${later.length} times since`,
          },
        },
      ];
    };
    return {
      take: (fact) => {
        if (fact.kind === 'trade') {
          trades.set(fact.id, fact);
          return fact.itemIds.flatMap((itemId) => {
            const until = fact.at - keepMs;
            const known = byItem.get(itemId) ?? [];
            const list = known.some(({ at }) => at <= until) ? known.filter(({ at }) => at > until) : known;
            list.push(fact);
            if (list !== known || list.length === 1) byItem.set(itemId, list);
            const origin = disputed.get(itemId);
            return origin === undefined ? NOTHING : chain(origin, itemId, fact.at);
          });
        }
        if (fact.kind !== 'dispute') return NOTHING;
        const origin = trades.get(fact.tradeId);
        if (origin === undefined) return NOTHING;
        return origin.itemIds.flatMap((itemId) => {
          disputed.set(itemId, origin);
          return chain(origin, itemId, fact.at);
        });
      },
    };
  },
};
