/** CN-SV-13: who issues the items of a game trades them on the secondary market. */
import { type Detector, NOTHING, ramp } from '../detector.ts';
import { createEpisodes } from '../episodes.ts';
import { DAY_MS } from '../facts.ts';

export const issuerDealing: Detector = {
  id: 'CN-SV-13',
  name: 'issuer_dealing',
  title: { zh: '发行方自营交易', en: 'Issuer dealing' },
  definition: {
    zh: '发行方的关联账户在二级市场买卖自己游戏的道具',
    en: 'An account of the issuer, or linked with it, deals in items of its own game on the secondary market',
  },
  reads: ['account', 'trade'],
  label: null,
  audience: ['market'],
  open: (parameters, { clusters, accounts }) => {
    const episodes = createEpisodes(parameters.count('pauseDays') * DAY_MS);
    const issuers = new Map<string, string>();
    return {
      take: (fact) => {
        if (fact.kind === 'account' && fact.issuer !== null) issuers.set(fact.ref, fact.issuer);
        if (fact.kind !== 'trade' || fact.issuer === undefined) return NOTHING;
        const dealer = [fact.seller, fact.buyer].find((ref) => {
          if (ref === null) return false;
          if (accounts.get(ref)?.issuer === fact.issuer) return true;
          return [...issuers].some(([other, issuer]) => issuer === fact.issuer && clusters.of(other) === clusters.of(ref));
        });
        if (dealer === undefined || dealer === null) return NOTHING;
        const episode = episodes.extend(clusters.of(dealer), fact.at, [fact.id], [dealer]);
        const count = episode.trades.size();
        return [
          {
            key: episode.anchor,
            at: fact.at,
            typology: 'issuer_dealing',
            severity: 0.8 + 0.2 * ramp(count, 1, 5),
            tradeIds: episode.trades.now(),
            accountRefs: episode.accounts.now(),
            figures: { trades: String(count), issuer: fact.issuer },
            explanation: {
              zh: `发行方关联账户在自己游戏的二级市场成交 ${count} 笔`,
              en: `An account of the issuer dealt ${count} times in items of its own game`,
            },
          },
        ];
      },
    };
  },
};
