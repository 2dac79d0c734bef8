/** CN-SV-01: buyer and seller are one person. The market refuses such orders; what arrives here came by another way or a later link. */
import { type Detector, type Finding, NOTHING, ramp } from '../detector.ts';
import { createEpisodes } from '../episodes.ts';
import { DAY_MS } from '../facts.ts';

export const selfTrade: Detector = {
  id: 'CN-SV-01',
  name: 'self_trade',
  title: { zh: '自买自卖', en: 'Self-trade' },
  definition: {
    zh: '买卖双方属于同一人（同一身份、收款账户、设备、支付工具或已申报关系）',
    en: 'Buyer and seller are one person: same identity, payout account, device, payment instrument or declared relation',
  },
  reads: ['trade'],
  label: 'self_trade',
  audience: ['market'],
  open: (parameters, { clusters }) => {
    const episodes = createEpisodes(parameters.count('pauseDays') * DAY_MS);
    const attempts = parameters.count('minAttempts');
    return {
      take: (fact) => {
        if (fact.kind !== 'trade' || fact.seller === null || fact.buyer === null) return NOTHING;
        const cluster = clusters.of(fact.seller);
        if (cluster !== clusters.of(fact.buyer)) return NOTHING;
        const episode = episodes.extend(cluster, fact.at, [fact.id], [fact.seller, fact.buyer]);
        if (episode.trades.size < attempts) return NOTHING;
        const reasons = fact.seller === fact.buyer ? 'same reference' : clusters.reasonsFor(fact.seller).join(', ');
        return [finding(episode.anchor, fact.at, [...episode.trades], [...episode.accounts], reasons)];
      },
    };
  },
};

function finding(anchor: string, at: number, tradeIds: readonly string[], accountRefs: readonly string[], reasons: string): Finding {
  const count = tradeIds.length;
  return {
    key: anchor,
    at,
    typology: 'self_trade',
    severity: ramp(count, -2, 3),
    tradeIds,
    accountRefs,
    figures: { trades: String(count), accounts: String(accountRefs.length), link: reasons },
    explanation: {
      zh: `${count} 笔交易的买卖双方为同一人（依据：${reasons}）`,
      en: `${count} trades in which buyer and seller are one person (link: ${reasons})`,
    },
  };
}
