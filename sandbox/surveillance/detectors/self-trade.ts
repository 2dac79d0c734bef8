/** CN-SV-01: buyer and seller are one person. The market refuses such orders and tells of the attempt; a trade came by another way or before
 *  the link was known. */
import { type Detector, type Finding, NOTHING, ramp } from '../detector.ts';
import { createEpisodes, type Episode } from '../episodes.ts';
import { DAY_MS, type Fact } from '../facts.ts';

export const selfTrade: Detector = {
  id: 'CN-SV-01',
  name: 'self_trade',
  title: { zh: '自买自卖', en: 'Self-trade' },
  definition: {
    zh: '买卖双方属于同一人（同一身份、收款账户、设备、支付工具或已申报关系）',
    en: 'Buyer and seller are one person: same identity, payout account, device, payment instrument or declared relation',
  },
  reads: ['trade', 'attempt'],
  label: 'self_trade',
  audience: ['market'],
  open: (parameters, { clusters }) => {
    const episodes = createEpisodes(parameters.count('pauseDays') * DAY_MS);
    const refused = new Map<string, Set<string>>();
    const attempts = parameters.count('minAttempts');
    return {
      take: (fact) => {
        const pair = pairOf(fact);
        if (pair === null) return NOTHING;
        const [one, other] = pair;
        const cluster = clusters.of(one);
        if (cluster !== clusters.of(other)) return NOTHING;
        const episode = episodes.extend(cluster, fact.at, fact.kind === 'trade' ? [fact.id] : [], pair, fact.id);
        const tried = refused.get(episode.anchor) ?? new Set<string>();
        refused.set(episode.anchor, tried);
        if (fact.kind === 'attempt') tried.add(fact.id);
        if (episode.trades.size() + tried.size < attempts) return NOTHING;
        const reasons = one === other ? 'same reference' : clusters.reasonsFor(one).join(', ');
        return [finding(episode, { at: fact.at, refused: tried.size, reasons })];
      },
    };
  },
};

function pairOf(fact: Fact): readonly [string, string] | null {
  if (fact.kind === 'attempt') return [fact.from, fact.to];
  if (fact.kind !== 'trade' || fact.seller === null || fact.buyer === null) return null;
  return [fact.seller, fact.buyer];
}

function finding(
  { anchor, trades, accounts }: Episode,
  { at, refused, reasons }: { readonly at: number; readonly refused: number; readonly reasons: string },
): Finding {
  const count = trades.size();
  const attempted = refused === 0 ? { zh: '', en: '' } : { zh: `，另有 ${refused} 次下单被拒绝`, en: `, and ${refused} refused orders` };
  return {
    key: anchor,
    at,
    typology: 'self_trade',
    severity: ramp(count + refused, -2, 3),
    tradeIds: trades.now(),
    accountRefs: accounts.now(),
    figures: {
      trades: String(count),
      ...(refused === 0 ? {} : { refused: String(refused) }),
      accounts: String(accounts.size()),
      link: reasons,
    },
    explanation: {
      zh: `${count} 笔交易的买卖双方为同一人${attempted.zh}（依据：${reasons}）`,
      en: `${count} trades in which buyer and seller are one person${attempted.en} (link: ${reasons})`,
    },
  };
}
