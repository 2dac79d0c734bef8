/** CN-SV-04: one unique item comes back to where it was. Two hops are the back and forth of simple rules; up to six hops count. */
import { type Detector, decimal, type Finding, NOTHING, percent } from '../detector.ts';
import { createEvidence, type Evidence } from '../episodes.ts';
import { DAY_MS, type TradeFact } from '../facts.ts';

type Hop = { readonly trade: TradeFact; readonly from: string; readonly to: string };
type Ring = { readonly anchor: string; readonly trades: Evidence; readonly accounts: Evidence; returns: number; lastAt: number };
type History = { hops: Hop[]; ring: Ring | null };
type Rules = { readonly windowMs: number; readonly longMs: number; readonly mostHops: number; readonly near: number; readonly far: number };

export const circularItem: Detector = {
  id: 'CN-SV-04',
  name: 'circular_item',
  title: { zh: '道具循环成交', en: 'Circular item' },
  definition: {
    zh: '同一件道具经过 2 至 6 手回到先前的持有人',
    en: 'One and the same item returns to an earlier holder after 2 to 6 sales',
  },
  reads: ['trade'],
  label: 'circular',
  audience: ['market'],
  open: (parameters, { clusters }) => {
    const rules: Rules = {
      windowMs: parameters.count('windowDays') * DAY_MS,
      longMs: parameters.count('longWindowDays') * DAY_MS,
      mostHops: parameters.count('mostHops'),
      near: parameters.rate('gainNear'),
      far: parameters.rate('gainFar'),
    };
    const items = new Map<string, History>();
    return {
      take: (fact) => {
        if (fact.kind !== 'trade' || fact.seller === null || fact.buyer === null) return NOTHING;
        const hop: Hop = { trade: fact, from: clusters.of(fact.seller), to: clusters.of(fact.buyer) };
        if (hop.from === hop.to) return NOTHING;
        return fact.itemIds.flatMap((itemId) => takeHop(items, itemId, hop, rules));
      },
    };
  },
};

function takeHop(items: Map<string, History>, itemId: string, hop: Hop, rules: Rules): readonly Finding[] {
  const history = items.get(itemId) ?? { hops: [], ring: null };
  if (history.hops.length === 0) items.set(itemId, history);
  const from = hop.trade.at - rules.longMs;
  const most = 4 * rules.mostHops;
  if (history.hops.length > most || history.hops.some(({ trade }) => trade.at <= from)) {
    history.hops = history.hops.filter(({ trade }) => trade.at > from).slice(-most);
  }
  const cycle = closeCycle(history.hops, hop, rules.mostHops);
  history.hops.push(hop);
  if (cycle === null) return NOTHING;
  const ids = cycle.map(({ trade }) => trade.id);
  const isSameRing = history.ring !== null && ids.some((id) => history.ring?.trades.has(id) === true);
  const ring: Ring =
    isSameRing && history.ring !== null
      ? history.ring
      : { anchor: ids[0] ?? hop.trade.id, trades: createEvidence(), accounts: createEvidence(), returns: 0, lastAt: hop.trade.at };
  for (const { trade } of cycle) {
    ring.trades.add(trade.id);
    for (const ref of [trade.seller, trade.buyer]) if (ref !== null) ring.accounts.add(ref);
  }
  const gain = gainOf(cycle);
  const isStriking = Math.abs(gain) <= rules.near || Math.abs(gain) >= rules.far;
  const isQuick = spanOf(cycle) <= rules.windowMs;
  ring.returns += 1;
  ring.lastAt = hop.trade.at;
  history.ring = ring;
  // After weeks an item may come back by chance; at the same price, or again, it does not.
  if (!isQuick && Math.abs(gain) > rules.near && ring.returns < 2) return NOTHING;
  return [finding(`${ring.anchor} ${itemId}`, itemId, cycle, ring, { gain, isStriking, isQuick })];
}

/** Follows the item back from its seller to the buyer of this trade. Hops of others in between (a source may lack some) are passed over. */
function closeCycle(hops: readonly Hop[], last: Hop, mostHops: number): readonly Hop[] | null {
  const cycle = [last];
  let holder = last.from;
  for (let i = hops.length - 1; i >= 0 && cycle.length < mostHops; i -= 1) {
    const hop = hops[i];
    if (hop === undefined || hop.to !== holder) continue;
    cycle.unshift(hop);
    if (hop.from === last.to) return cycle;
    holder = hop.from;
  }
  return null;
}

function gainOf(cycle: readonly Hop[]): number {
  const [first, last] = [Number(cycle[0]?.trade.priceFen ?? 0), Number(cycle.at(-1)?.trade.priceFen ?? 0)];
  return first === last ? 0 : last / first - 1;
}

function spanOf(cycle: readonly Hop[]): number {
  return (cycle.at(-1)?.trade.at ?? 0) - (cycle[0]?.trade.at ?? 0);
}

type Shape = { readonly gain: number; readonly isStriking: boolean; readonly isQuick: boolean };

function finding(key: string, itemId: string, cycle: readonly Hop[], ring: Ring, { gain, isStriking, isQuick }: Shape): Finding {
  const days = spanOf(cycle) / DAY_MS;
  const severity = (isQuick ? 0.75 : 0.5) + (isStriking ? 0.2 : 0) + Math.min(0.05 * (ring.returns - 1), 0.2);
  return {
    key,
    at: ring.lastAt,
    typology: cycle.length === 2 ? 'back_and_forth' : 'circular',
    severity: Math.min(1, severity),
    tradeIds: ring.trades.now(),
    accountRefs: ring.accounts.now(),
    figures: { itemId, hops: String(cycle.length), days: decimal(days, 1), gain: percent(gain), returns: String(ring.returns) },
    explanation: {
      zh: `道具 ${itemId} 经 ${cycle.length} 手、${decimal(days, 1)} 天后回到原持有人，价格变化 ${percent(gain)}，共返回 ${ring.returns} 次`,
      en: `Item ${itemId} came back to an earlier holder after ${cycle.length} sales and ${decimal(days, 1)} days, price change ${percent(gain)}, ${ring.returns} returns in all`,
    },
  };
}
