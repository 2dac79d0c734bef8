/** The run of all detectors over a stream of facts (rulebook 9). A batch is the same stream read at once. Same facts in the same order and
 *  the same pack: same alerts, same ids, whoever computes them. */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { beijingDate, instant } from '#ledger/primitives/instant.ts';
import { isTradingDay } from '../decisions/calendar.ts';
import { constantOf, packHash } from '../packs/pack.ts';
import type { RulePack, Texts } from '../packs/rule-pack.ts';
import { createClusters } from './clusters.ts';
import { createParameters, type DetectorId, type Finding, type Listed, type TradeLabel, type World } from './detector.ts';
import { DETECTORS } from './detectors.ts';
import { type AccountFact, DAY_MS, type Fact, type FactKind, HOUR_MS } from './facts.ts';
import { createReferencePrices } from './reference-price.ts';

export type Alert = {
  /** `alr_` and half an SM3 of detector, pack and first evidence: stays when evidence grows. */
  readonly alertId: string;
  readonly detector: DetectorId;
  readonly name: string;
  readonly typology: string;
  /** 0 to 100: `100 × weight × severity`, rounded. */
  readonly score: number;
  /** Of the first and the latest evidence. */
  readonly firstAt: number;
  readonly at: number;
  readonly tradeIds: readonly string[];
  readonly accountRefs: readonly string[];
  readonly figures: Readonly<Record<string, string>>;
  readonly explanation: Texts;
  readonly label: TradeLabel | null;
  readonly packHash: string;
};

export type Surveillance = {
  /** Alerts that are new or have grown by this fact. */
  readonly take: (fact: Fact) => readonly Alert[];
  /** The end of a file: what waited for later facts. */
  readonly close: () => readonly Alert[];
  readonly list: () => readonly Alert[];
};

const BEIJING_MS = 8 * HOUR_MS;
const NONE: readonly Alert[] = [];

/** `detectors`: only these, as in a try-out; the others do not influence them. */
export function createSurveillance(pack: RulePack, detectors?: readonly DetectorId[]): Surveillance {
  const clusters = createClusters();
  const accounts = new Map<string, AccountFact>();
  const firstSeen = new Map<string, number>();
  const count = (name: string) => Number(constantOf(pack, name).value);
  const prices = createReferencePrices({ minTrades: count('sv00.minTrades'), minSellers: count('sv00.minSellers') });
  let startedAt: number | null = null;
  const tradingDays = new Map<number, boolean>();
  const world: World = {
    clusters,
    prices,
    accounts,
    firstSeen,
    startedAt: () => startedAt ?? 0,
    isTradingDay: (at) => {
      const day = Math.floor((at + BEIJING_MS) / DAY_MS);
      const known = tradingDays.get(day) ?? isTradingDay(pack, beijingDate(instant(at)));
      tradingDays.set(day, known);
      return known;
    },
  };
  const see = (ref: string | null, at: number) => {
    if (ref !== null && !firstSeen.has(ref)) firstSeen.set(ref, at);
  };
  const advance = (fact: Fact) => {
    startedAt ??= fact.at;
    if (fact.kind === 'trade') {
      see(fact.seller, fact.at);
      see(fact.buyer, fact.at);
    } else if (fact.kind === 'payment') {
      see(fact.from, fact.at);
      see(fact.to, fact.at);
    } else if (fact.kind === 'account') {
      see(fact.ref, fact.at);
      accounts.set(fact.ref, fact);
    } else if (fact.kind === 'link') clusters.link(fact.a, fact.b, fact.reason);
  };
  const watches = DETECTORS.filter(({ id }) => detectors === undefined || detectors.includes(id)).map((detector) => ({
    detector,
    watch: detector.open(createParameters(pack, detector.id), world),
    weight: createParameters(pack, detector.id).rate('weight'),
  }));
  const readers = new Map<FactKind, typeof watches>();
  const readersOf = (kind: FactKind) => {
    const reading = readers.get(kind) ?? watches.filter(({ detector }) => detector.reads.includes(kind));
    if (!readers.has(kind)) readers.set(kind, reading);
    return reading;
  };
  const alerts = new Map<string, Recorded>();
  const hash = packHash(pack);
  const record = ({ detector, weight }: Pick<(typeof watches)[number], 'detector' | 'weight'>, finding: Finding): Alert | null => {
    const key = `${detector.id}\n${finding.key}`;
    const [trades, parties] = [listed(finding.tradeIds), listed(finding.accountRefs)];
    const recorded = alerts.get(key);
    if (recorded !== undefined && recorded.trades === trades.size && recorded.parties === parties.size) return null;
    const known = recorded?.alert;
    const alert: Alert = {
      alertId: known?.alertId ?? `alr_${toHex(sm3(utf8(`daoju.alert/1\n${hash}\n${key}`))).slice(0, 32)}`,
      detector: detector.id,
      name: detector.name,
      typology: finding.typology,
      // Evidence does not get weaker by what follows it.
      score: Math.max(known?.score ?? 0, Math.round(100 * weight * finding.severity)),
      firstAt: known?.firstAt ?? finding.at,
      at: finding.at,
      get tradeIds() {
        return trades.list();
      },
      get accountRefs() {
        return parties.list();
      },
      figures: finding.figures,
      explanation: finding.explanation,
      label: detector.label,
      packHash: hash,
    };
    alerts.set(key, { alert, trades: trades.size, parties: parties.size });
    return alert;
  };
  const recordAll = (entry: (typeof watches)[number], findings: readonly Finding[]) =>
    findings.length === 0 ? NONE : findings.map((finding) => record(entry, finding)).filter((alert) => alert !== null);
  return {
    take: (fact) => {
      advance(fact);
      const changed: Alert[] = [];
      for (const entry of readersOf(fact.kind)) changed.push(...recordAll(entry, entry.watch.take(fact)));
      // After the detectors: a trade is not its own reference.
      if (fact.kind === 'trade' && fact.seller !== null && fact.buyer !== null) {
        prices.take(fact, clusters.of(fact.seller), clusters.of(fact.buyer));
      }
      return changed;
    },
    close: () => watches.flatMap((entry) => recordAll(entry, entry.watch.close?.() ?? [])),
    list: () => [...alerts.values()].map(({ alert }) => alert),
  };
}

type Recorded = { readonly alert: Alert; readonly trades: number; readonly parties: number };

/** Written out once, when first read. */
function listed(ids: readonly string[] | Listed): Listed {
  if ('list' in ids) {
    let written: readonly string[] | null = null;
    return { size: ids.size, list: () => (written ??= ids.list()) };
  }
  const written = [...new Set(ids)];
  return { size: written.length, list: () => written };
}
