/** CN-SV-14: prices of a kind whose first digits or round numbers are not those of a market. Points an analyst at a kind and accuses no
 *  single trade, so it names none. */
import { type Detector, decimal, type Finding, NOTHING, percent } from '../detector.ts';
import { DAY_MS } from '../facts.ts';

type Tally = {
  readonly digits: number[];
  /** Last 90 days of round and all prices by day, for the baseline. */
  readonly days: Map<number, { round: number; all: number }>;
  /** Of all these days, today among them. */
  round: number;
  all: number;
  count: number;
};
type Rules = { readonly minTrades: number; readonly chiSquare: number; readonly z: number; readonly roundFen: number };

/** log10(1 + 1/d), as printed in the tables. */
const BENFORD = [0.30103, 0.176091, 0.124939, 0.09691, 0.0791812, 0.0669468, 0.0579919, 0.0511525, 0.0457575] as const;

export const digitAnomaly: Detector = {
  id: 'CN-SV-14',
  name: 'digit_anomaly',
  title: { zh: '价格数字异常', en: 'Digit anomaly' },
  definition: {
    zh: '某品类成交价首位数字不符合本福特分布，且整数价比例比过去 90 天突增',
    en: 'First digits of the prices of a kind are not Benford’s, and the share of round prices jumps against the 90 days before',
  },
  reads: ['trade'],
  label: null,
  audience: ['market'],
  open: (parameters) => {
    const rules: Rules = {
      minTrades: parameters.count('minTrades'),
      chiSquare: parameters.rate('chiSquare'),
      z: parameters.rate('z'),
      roundFen: parameters.fen('roundMultiple'),
    };
    const tallies = new Map<string, Tally>();
    return {
      take: (fact) => {
        // Nothing has no first digit.
        if (fact.kind !== 'trade' || fact.priceFen === 0n) return NOTHING;
        const tally = tallies.get(fact.classId) ?? openTally();
        if (tally.count === 0) tallies.set(fact.classId, tally);
        const digit = Number(String(fact.priceFen)[0]) - 1;
        tally.digits[digit] = (tally.digits[digit] ?? 0) + 1;
        tally.count += 1;
        const day = Math.floor((fact.at + 8 * 3_600_000) / DAY_MS);
        const isRound = Number(fact.priceFen) % rules.roundFen === 0 ? 1 : 0;
        const today = tally.days.get(day) ?? { round: 0, all: 0 };
        if (today.all === 0) beginDay(tally, day, today);
        today.all += 1;
        tally.all += 1;
        today.round += isRound;
        tally.round += isRound;
        return tally.count < rules.minTrades ? NOTHING : judge(tally, day, fact.classId, fact.at, rules);
      },
    };
  },
};

function openTally(): Tally {
  return { digits: Array.from({ length: 9 }, () => 0), days: new Map(), round: 0, all: 0, count: 0 };
}

function beginDay(tally: Tally, day: number, today: { round: number; all: number }): void {
  tally.days.set(day, today);
  for (const [old, { round, all }] of tally.days) {
    if (old > day - 90) break;
    tally.days.delete(old);
    tally.round -= round;
    tally.all -= all;
  }
}

function judge(tally: Tally, day: number, classId: string, at: number, rules: Rules): readonly Finding[] {
  const today = tally.days.get(day);
  if (today === undefined || today.all < 30) return NOTHING;
  const [round, all] = [tally.round - today.round, tally.all - today.all];
  if (all < rules.minTrades / 2) return NOTHING;
  const usual = round / all;
  const share = today.round / today.all;
  const z = (share - usual) / Math.sqrt(Math.max(usual * (1 - usual), 0.25 / all) / today.all);
  if (z < rules.z) return NOTHING;
  const chi = BENFORD.reduce((sum, part, i) => sum + ((tally.digits[i] ?? 0) - part * tally.count) ** 2 / (part * tally.count), 0);
  if (chi < rules.chiSquare) return NOTHING;
  return [
    {
      key: `${classId} ${day}`,
      at,
      typology: 'digit_anomaly',
      severity: 0.5,
      tradeIds: [],
      accountRefs: [],
      figures: {
        classId,
        chiSquare: decimal(chi, 1),
        limit: decimal(rules.chiSquare, 1),
        roundShare: percent(share),
        usual: percent(usual),
        z: decimal(z, 1),
      },
      explanation: {
        zh: `品类 ${classId}：首位数字卡方 ${decimal(chi, 1)}（限 ${decimal(rules.chiSquare, 1)}），今日整数价 ${percent(share)}，过去 90 天 ${percent(usual)}（z=${decimal(z, 1)}）`,
        en: `Kind ${classId}: chi-square of first digits ${decimal(chi, 1)} (limit ${decimal(rules.chiSquare, 1)}), round prices ${percent(share)} today against ${percent(usual)} before (z=${decimal(z, 1)})`,
      },
    },
  ];
}
