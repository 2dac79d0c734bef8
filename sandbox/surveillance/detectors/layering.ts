/** CN-SV-07: offers that were not meant to trade: placed in mass, canceled within minutes, while the same person deals on the other side. */
import { type Detector, type Finding, NOTHING, percent, ramp, yuan } from '../detector.ts';
import { DAY_MS, type OrderFact } from '../facts.ts';

type Rules = {
  readonly canceledShare: number;
  readonly minListings: number;
  readonly minValue: number;
  readonly medianLifeMs: number;
  readonly oppositeMs: number;
};
type Placed = { readonly at: number; readonly value: number; readonly side: 'sell' | 'buy' };
type Day = {
  readonly day: number;
  /** Names what is found on it. */
  readonly key: string;
  readonly orders: Map<string, Placed>;
  readonly cancels: { readonly at: number; readonly value: number; readonly lifeMs: number; readonly side: 'sell' | 'buy' }[];
  readonly trades: { readonly id: string; readonly at: number; readonly side: 'sell' | 'buy' }[];
  readonly accounts: Set<string>;
};

export const layering: Detector = {
  id: 'CN-SV-07',
  name: 'layering',
  title: { zh: '虚假挂单', en: 'Layering' },
  definition: {
    zh: '同一人一日内大量挂单并迅速撤销，同时在相反方向成交',
    en: 'One person places many offers in a day, cancels them within minutes and trades on the other side meanwhile',
  },
  reads: ['order', 'trade'],
  label: null,
  audience: ['market'],
  open: (parameters, { clusters }) => {
    const rules: Rules = {
      canceledShare: parameters.rate('canceledShare'),
      minListings: parameters.count('minListings'),
      minValue: parameters.fen('minValue'),
      medianLifeMs: parameters.count('medianLifeSeconds') * 1_000,
      oppositeMs: parameters.count('oppositeMinutes') * 60_000,
    };
    const days = new Map<string, Day>();
    let latest = 0;
    /** One day back is kept, since a fact may come a little late. */
    const forget = (day: number) => {
      latest = day;
      for (const [subject, entry] of days) if (entry.day < day - 1) days.delete(subject);
    };
    const dayOf = (ref: string, classId: string, at: number): Day => {
      const subject = `${classId} ${clusters.of(ref)}`;
      const day = Math.floor((at + 8 * 3_600_000) / DAY_MS);
      if (day > latest) forget(day);
      const known = days.get(subject);
      const entry = known?.day === day ? known : openDay(day, `${subject} ${day}`);
      if (entry !== known) days.set(subject, entry);
      entry.accounts.add(ref);
      return entry;
    };
    return {
      take: (fact) => {
        if (fact.kind === 'order') {
          const entry = dayOf(fact.account, fact.classId, fact.at);
          takeOrder(entry, fact);
          return judge(entry, fact.at, rules);
        }
        if (fact.kind !== 'trade') return NOTHING;
        const sides = [
          { ref: fact.seller, side: 'sell' as const },
          { ref: fact.buyer, side: 'buy' as const },
        ];
        return sides.flatMap(({ ref, side }) => {
          if (ref === null) return NOTHING;
          const entry = dayOf(ref, fact.classId, fact.at);
          entry.trades.push({ id: fact.id, at: fact.at, side });
          return judge(entry, fact.at, rules);
        });
      },
    };
  },
};

function openDay(day: number, key: string): Day {
  return { day, key, orders: new Map(), cancels: [], trades: [], accounts: new Set() };
}

function takeOrder(entry: Day, fact: OrderFact): void {
  if (fact.change === 'placed') {
    entry.orders.set(fact.id, { at: fact.at, value: Number(fact.valueFen), side: fact.side });
    return;
  }
  const placed = entry.orders.get(fact.id);
  if (placed === undefined) return;
  entry.cancels.push({ at: fact.at, value: Math.min(placed.value, Number(fact.valueFen)), lifeMs: fact.at - placed.at, side: fact.side });
}

function judge(entry: Day, at: number, rules: Rules): readonly Finding[] {
  if (entry.cancels.length === 0 || entry.trades.length === 0) return NOTHING;
  const placed = [...entry.orders.values()].reduce((sum, { value }) => sum + value, 0);
  if (entry.orders.size < rules.minListings && placed < rules.minValue) return NOTHING;
  const canceled = entry.cancels.reduce((sum, { value }) => sum + value, 0);
  const share = canceled / placed;
  if (share < rules.canceledShare) return NOTHING;
  const lives = entry.cancels.map(({ lifeMs }) => lifeMs).toSorted((a, b) => a - b);
  const life = lives[Math.floor((lives.length - 1) / 2)] ?? 0;
  if (life >= rules.medianLifeMs) return NOTHING;
  const opposite = entry.trades.filter((trade) =>
    entry.cancels.some((cancel) => cancel.side !== trade.side && Math.abs(cancel.at - trade.at) <= rules.oppositeMs),
  );
  if (opposite.length === 0) return NOTHING;
  const seconds = Math.round(life / 1_000);
  return [
    {
      key: entry.key,
      at,
      typology: 'layering',
      severity: 0.7 + 0.3 * ramp(share, rules.canceledShare, 1),
      tradeIds: opposite.map(({ id }) => id),
      accountRefs: [...entry.accounts],
      figures: {
        placed: String(entry.orders.size),
        placedFen: String(placed),
        canceledFen: String(canceled),
        share: percent(share),
        medianLifeSeconds: String(seconds),
        opposite: String(opposite.length),
      },
      explanation: {
        zh: `一日内挂单 ${entry.orders.size} 笔共 ${yuan(placed)} 元，撤单 ${yuan(canceled)} 元（${percent(share)}），存续中位数 ${seconds} 秒，反向成交 ${opposite.length} 笔`,
        en: `${entry.orders.size} offers worth ${yuan(placed)} in a day, ${yuan(canceled)} canceled (${percent(share)}), median life ${seconds} s, ${opposite.length} trades on the other side`,
      },
    },
  ];
}
