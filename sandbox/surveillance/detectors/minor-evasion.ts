/** CN-SV-17: several signs that a minor uses an adult's account (CN-MIN-06): ask for the face again. */
import { type Detector, NOTHING, ramp } from '../detector.ts';
import { createEpisodes } from '../episodes.ts';
import { DAY_MS } from '../facts.ts';

export const minorEvasion: Detector = {
  id: 'CN-SV-17',
  name: 'minor_evasion',
  title: { zh: '未成年人冒用', en: 'Minor evasion' },
  definition: {
    zh: '同一账户出现两种以上未成年人使用迹象，需要重新核验',
    en: 'Two or more different signs that a minor uses the account; the person has to be verified again',
  },
  reads: ['signal'],
  label: null,
  audience: ['market'],
  open: (parameters, { clusters }) => {
    const minSignals = parameters.count('minSignals');
    const windowMs = parameters.count('windowDays') * DAY_MS;
    const seen = new Map<string, Map<string, { readonly at: number; readonly id: string }>>();
    const episodes = createEpisodes(windowMs);
    return {
      take: (fact) => {
        if (fact.kind !== 'signal') return NOTHING;
        const cluster = clusters.of(fact.account);
        const signals = seen.get(cluster) ?? new Map<string, { readonly at: number; readonly id: string }>();
        seen.set(cluster, signals.set(fact.signal, { at: fact.at, id: fact.id }));
        const current = [...signals].filter(([, { at }]) => at > fact.at - windowMs);
        if (current.length < minSignals) return NOTHING;
        const names = current.map(([name]) => name).toSorted();
        const first = current.map(([, { id }]) => id).toSorted()[0] ?? fact.id;
        const episode = episodes.extend(cluster, fact.at, [first], [fact.account]);
        return [
          {
            key: episode.anchor,
            at: fact.at,
            typology: 'minor_evasion',
            severity: 0.7 + 0.3 * ramp(current.length, minSignals, minSignals + 2),
            tradeIds: [],
            accountRefs: episode.accounts.now(),
            figures: { signals: names.join(', '), count: String(current.length) },
            explanation: {
              zh: `出现 ${current.length} 种迹象：${names.join('、')}`,
              en: `${current.length} signs: ${names.join(', ')}`,
            },
          },
        ];
      },
    };
  },
};
