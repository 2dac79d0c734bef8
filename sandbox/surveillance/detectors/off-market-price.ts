/** CN-SV-05: a price far from what the kind costs (VAT Law art. 20 lets the tax office set another). `ln` of the rulebook as ratios: the
 *  comparison is the same and exact on every machine. */
import { type Detector, decimal, NOTHING, ramp, yuan } from '../detector.ts';

export const offMarketPrice: Detector = {
  id: 'CN-SV-05',
  name: 'off_market_price',
  title: { zh: '价格明显偏离', en: 'Off-market price' },
  definition: {
    zh: '成交价与参考价之比超过两倍、四倍离散度和该品类尾部离散度，且差额达到下限',
    en: 'The price differs from the reference by more than a factor of two, four times the usual spread and the tail of the kind, and by a minimum amount',
  },
  reads: ['trade'],
  shares: ['offMarketFactor', 'offMarketMinDifference'],
  label: null,
  audience: ['market', 'tax'],
  open: (parameters, { prices, clusters }) => {
    const [factor, tail, madPower] = [parameters.rate('offMarketFactor'), parameters.rate('tailFactor'), parameters.count('madPower')];
    const mostTail = parameters.rate('mostTailRatio');
    const minDifference = parameters.fen('offMarketMinDifference');
    return {
      take: (fact) => {
        if (fact.kind !== 'trade') return NOTHING;
        const reference = prices.of(fact.classId, fact.at);
        // Units of such a kind differ in worth: one price says nothing about another.
        if (reference === null || reference.tailRatio > mostTail) return NOTHING;
        const price = Number(fact.priceFen);
        const ratio = price > reference.priceFen ? price / reference.priceFen : reference.priceFen / price;
        const limit = Math.max(factor, reference.madRatio ** madPower, reference.tailRatio * tail);
        const difference = Math.abs(price - reference.priceFen);
        if (ratio <= limit || difference < minDifference) return NOTHING;
        // Between accounts of one person a price is no price: CN-SV-01 has it.
        if (fact.seller !== null && fact.buyer !== null && clusters.of(fact.seller) === clusters.of(fact.buyer)) return NOTHING;
        const side = price > reference.priceFen;
        const times = Number.isFinite(ratio) ? `${side ? '' : '1/'}${decimal(ratio)}` : '0';
        return [
          {
            key: fact.id,
            at: fact.at,
            typology: side ? 'price_far_above' : 'price_far_below',
            severity: 0.6 + 0.4 * ramp(ratio / limit, 1, 5),
            tradeIds: [fact.id],
            accountRefs: [fact.seller, fact.buyer].filter((ref) => ref !== null),
            figures: {
              priceFen: String(fact.priceFen),
              referenceFen: String(Math.round(reference.priceFen)),
              ratio: Number.isFinite(ratio) ? decimal(ratio) : 'infinite',
              limit: decimal(limit),
              differenceFen: String(Math.round(difference)),
              referenceTrades: String(reference.trades),
            },
            explanation: {
              zh: `成交价 ${yuan(price)} 元为参考价 ${yuan(reference.priceFen)} 元的 ${times} 倍，限度 ${decimal(limit)} 倍（${reference.days} 天内 ${reference.trades} 笔），差额 ${yuan(difference)} 元`,
              en: `Price ${yuan(price)} against the reference ${yuan(reference.priceFen)} (${reference.trades} trades in ${reference.days} days): ${times} times, the limit is ${decimal(limit)}; difference ${yuan(difference)}`,
            },
          },
        ];
      },
    };
  },
};
