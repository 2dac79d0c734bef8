/** CN-SV-16: gifts that go one way again and again are a payment (deemed sale, CN-VAT-13). */
import { type Detector, NOTHING, ramp, yuan } from '../detector.ts';
import { createEpisodes } from '../episodes.ts';
import { DAY_MS, type GiftFact } from '../facts.ts';

type Given = { readonly gift: GiftFact; readonly value: number };

export const giftPayment: Detector = {
  id: 'CN-SV-16',
  name: 'gift_payment',
  title: { zh: '以赠代付', en: 'Gift as payment' },
  definition: {
    zh: '30 天内同一人向另一人单向赠送多次，参考价合计达到下限，且没有反向往来',
    en: 'Within 30 days one person gives to the same other several times, worth a minimum by reference prices, and nothing comes back',
  },
  reads: ['gift', 'trade'],
  label: null,
  audience: ['finance', 'tax'],
  open: (parameters, { clusters, prices }) => {
    const windowMs = parameters.count('windowDays') * DAY_MS;
    const minGifts = parameters.count('minGifts');
    const minValue = parameters.fen('minValue');
    const given = new Map<string, Given[]>();
    const episodes = createEpisodes(windowMs);
    return {
      take: (fact) => {
        if (fact.kind !== 'gift') return NOTHING;
        const [from, to] = [clusters.of(fact.from), clusters.of(fact.to)];
        if (from === to) return NOTHING;
        const value = prices.of(fact.classId, fact.at)?.priceFen ?? 0;
        const gifts = (given.get(`${from} ${to}`) ?? []).filter(({ gift }) => gift.at > fact.at - windowMs);
        gifts.push({ gift: fact, value });
        given.set(`${from} ${to}`, gifts);
        const back = (given.get(`${to} ${from}`) ?? []).filter(({ gift }) => gift.at > fact.at - windowMs);
        const sum = gifts.reduce((all, gift) => all + gift.value, 0);
        if (gifts.length < minGifts || sum < minValue || back.length > 0) return NOTHING;
        const episode = episodes.extend(
          `${from} ${to}`,
          fact.at,
          gifts.map(({ gift }) => gift.id),
          [fact.from, fact.to],
        );
        return [
          {
            key: episode.anchor,
            at: fact.at,
            typology: 'gift_payment',
            severity: 0.7 + 0.3 * ramp(sum, minValue, minValue * 5),
            tradeIds: episode.trades.now(),
            accountRefs: episode.accounts.now(),
            figures: { gifts: String(gifts.length), sumFen: String(Math.round(sum)), limitFen: String(minValue) },
            explanation: {
              zh: `${windowMs / DAY_MS} 天内单向赠送 ${gifts.length} 次，参考价合计 ${yuan(sum)} 元，没有反向往来`,
              en: `${gifts.length} gifts one way within ${windowMs / DAY_MS} days, worth ${yuan(sum)} by reference prices, none back`,
            },
          },
        ];
      },
    };
  },
};
