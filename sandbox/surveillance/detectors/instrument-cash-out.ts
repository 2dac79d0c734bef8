/** CN-SV-11: bought with a payment instrument just seen for the first time and sold on at once, cheaply or in number (stolen cards). */
import { type Detector, decimal, NOTHING } from '../detector.ts';
import { createEpisodes } from '../episodes.ts';
import { DAY_MS, HOUR_MS } from '../facts.ts';

/** `freeAt`: hours in which nobody may resell are not counted. */
type Bought = { readonly freeAt: number; readonly tradeId: string; readonly cluster: string };

export const instrumentCashOut: Detector = {
  id: 'CN-SV-11',
  name: 'instrument_cash_out',
  title: { zh: '新支付工具套现', en: 'Cash-out of a new instrument' },
  definition: {
    zh: '用首次出现的支付工具购入的道具在 72 小时内低价转卖，或一天内转卖多件',
    en: 'Items bought with an instrument seen for the first time are resold within 72 hours far below the reference, or several within a day',
  },
  reads: ['instrument', 'trade'],
  label: null,
  audience: ['finance'],
  open: (parameters, { clusters, prices }) => {
    const windowMs = parameters.count('windowHours') * HOUR_MS;
    const priceShare = parameters.rate('priceShare');
    const minItems = parameters.count('minItems');
    const fresh = new Map<string, number>();
    const bought = new Map<string, Bought>();
    const resales = new Map<string, { readonly at: number; readonly ids: readonly string[] }[]>();
    const episodes = createEpisodes(windowMs);
    return {
      take: (fact) => {
        if (fact.kind === 'instrument') {
          fresh.set(clusters.of(fact.account), fact.at);
          return NOTHING;
        }
        if (fact.kind !== 'trade' || fact.seller === null || fact.buyer === null) return NOTHING;
        const seller = clusters.of(fact.seller);
        const origins = fact.itemIds.map((itemId) => bought.get(itemId)).filter((origin) => origin !== undefined);
        const quick = origins.filter(({ freeAt, cluster }) => cluster === seller && fact.at - freeAt <= windowMs);
        const buyer = clusters.of(fact.buyer);
        const firstUse = fresh.get(buyer);
        for (const itemId of fact.itemIds) {
          if (firstUse !== undefined && fact.at - firstUse <= windowMs)
            bought.set(itemId, { freeAt: fact.freeAt ?? fact.at, tradeId: fact.id, cluster: buyer });
          else bought.delete(itemId);
        }
        if (quick.length === 0) return NOTHING;
        const reference = prices.of(fact.classId, fact.at);
        const share = reference === null ? null : Number(fact.priceFen) / reference.priceFen;
        const ids = [...quick.map(({ tradeId }) => tradeId), fact.id];
        const day = (resales.get(seller) ?? []).filter(({ at }) => at > fact.at - DAY_MS);
        day.push({ at: fact.at, ids });
        resales.set(seller, day);
        const isCheap = share !== null && share <= priceShare;
        if (!isCheap && day.length < minItems) return NOTHING;
        const evidence = isCheap && day.length < minItems ? ids : day.flatMap((resale) => resale.ids);
        const episode = episodes.extend(seller, fact.at, evidence, [fact.seller]);
        return [
          {
            key: episode.anchor,
            at: fact.at,
            typology: 'instrument_cash_out',
            severity: isCheap && day.length >= minItems ? 1 : 0.8,
            tradeIds: episode.trades.now(),
            accountRefs: episode.accounts.now(),
            figures: { resales: String(day.length), priceShare: share === null ? '-' : decimal(share), limit: decimal(priceShare) },
            explanation: {
              zh: `首次使用的支付工具购入的道具在 ${windowMs / HOUR_MS} 小时内转卖 ${day.length} 次，价格为参考价的 ${share === null ? '（无参考价）' : decimal(share)}`,
              en: `${day.length} resales within a day of items bought with a new instrument; price ${share === null ? 'without a reference' : `${decimal(share)} of the reference`}`,
            },
          },
        ];
      },
    };
  },
};
