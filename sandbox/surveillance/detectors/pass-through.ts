/** CN-SV-09: money that only passes an account: in, and out again within a day, with hardly anything kept (mule). */
import { type Detector, NOTHING, percent, ramp, yuan } from '../detector.ts';
import { createEpisodes } from '../episodes.ts';
import { DAY_MS, type PaymentFact } from '../facts.ts';

type Flow = { readonly payment: PaymentFact; readonly isIn: boolean; readonly amount: number };

const MOST_FLOWS = 400;

export const passThrough: Detector = {
  id: 'CN-SV-09',
  name: 'pass_through',
  title: { zh: '过账账户', en: 'Pass-through account' },
  definition: {
    zh: '新账户在 24 小时内把收到的资金几乎全部转出',
    en: 'A young account pays on within 24 hours almost all that it received',
  },
  reads: ['payment'],
  label: null,
  audience: ['finance'],
  open: (parameters, { clusters, firstSeen }) => {
    const flows = new Map<string, Flow[]>();
    const episodes = createEpisodes(DAY_MS);
    const balance = parameters.rate('balance');
    const minTurnover = parameters.fen('minTurnover');
    const maxAge = parameters.count('maxAgeDays') * DAY_MS;
    const highDegree = parameters.count('highDegree');
    const smallTurnover = parameters.fen('minTurnoverHighDegree');
    return {
      take: (fact) => {
        if (fact.kind !== 'payment' || fact.from === fact.to) return NOTHING;
        const amount = Number(fact.amountFen);
        const sides = [
          { ref: fact.to, isIn: true },
          { ref: fact.from, isIn: false },
        ];
        for (const { ref, isIn } of sides) {
          const cluster = clusters.of(ref);
          const known = flows.get(cluster) ?? [];
          const isFull = known.length >= MOST_FLOWS || known.some(({ payment }) => payment.at <= fact.at - DAY_MS);
          const kept = isFull ? known.filter(({ payment }) => payment.at > fact.at - DAY_MS).slice(1 - MOST_FLOWS) : known;
          kept.push({ payment: fact, isIn, amount });
          if (kept !== known || kept.length === 1) flows.set(cluster, kept);
        }
        // Only what leaves can complete a passing.
        const all = flows.get(clusters.of(fact.from)) ?? [];
        const age = fact.at - (firstSeen.get(fact.from) ?? fact.at);
        if (age > maxAge) return NOTHING;
        const ins = all.filter(({ isIn }) => isIn);
        const outs = all.filter(({ isIn }) => !isIn);
        const [sumIn, sumOut] = [total(ins), total(outs)];
        const ratio = Math.min(sumIn, sumOut) / Math.max(sumIn, sumOut);
        const degree = new Set(ins.map(({ payment }) => payment.from)).size;
        const least = degree >= highDegree ? smallTurnover : minTurnover;
        if (ins.length === 0 || ratio < balance || sumIn + sumOut < least) return NOTHING;
        const episode = episodes.extend(
          fact.from,
          fact.at,
          all.map(({ payment }) => payment.id),
          [fact.from, ...all.flatMap(({ payment }) => [payment.from, payment.to])],
        );
        return [
          {
            key: `${fact.from} ${episode.anchor}`,
            at: fact.at,
            typology: 'pass_through',
            severity: degree >= highDegree ? 1 : 0.7 + 0.2 * ramp(ratio, balance, 1),
            tradeIds: episode.trades.now(),
            accountRefs: episode.accounts.now(),
            figures: {
              inFen: String(sumIn),
              outFen: String(sumOut),
              ratio: percent(ratio),
              payers: String(degree),
              ageDays: String(Math.floor(age / DAY_MS)),
            },
            explanation: {
              zh: `24 小时内收入 ${yuan(sumIn)} 元、转出 ${yuan(sumOut)} 元（${percent(ratio)}），付款方 ${degree} 个，账户出现 ${Math.floor(age / DAY_MS)} 天`,
              en: `Within 24 hours ${yuan(sumIn)} came in from ${degree} payers and ${yuan(sumOut)} went out (${percent(ratio)}); the account has been known for ${Math.floor(age / DAY_MS)} days`,
            },
          },
        ];
      },
    };
  },
};

function total(flows: readonly Flow[]): number {
  return flows.reduce((sum, { amount }) => sum + amount, 0);
}
