/** What a detector is: a pure fold over facts with published parameters. Batch and stream are the same fold, so that an alert can be
 *  computed again from stored facts. */
import { assert } from '#ledger/primitives/assert.ts';
import { constantOf, findConstant } from '../packs/pack.ts';
import type { RulePack, Texts } from '../packs/rule-pack.ts';
import { parseRate } from '../parameters/decimal.ts';
import type { Clusters } from './clusters.ts';
import type { AccountFact, Fact, FactKind } from './facts.ts';
import type { ReferencePrices } from './reference-price.ts';

export const DETECTOR_IDS = [
  'CN-SV-01',
  'CN-SV-02',
  'CN-SV-03',
  'CN-SV-04',
  'CN-SV-05',
  'CN-SV-06',
  'CN-SV-07',
  'CN-SV-08',
  'CN-SV-09',
  'CN-SV-10',
  'CN-SV-11',
  'CN-SV-12',
  'CN-SV-13',
  'CN-SV-14',
  'CN-SV-15',
  'CN-SV-16',
  'CN-SV-17',
] as const;
export type DetectorId = (typeof DETECTOR_IDS)[number];

/** Why a trade leaves the filtered price series (product P-14). */
export type TradeLabel = 'self_trade' | 'wash' | 'circular';

/** References, each once, that are written out only when somebody reads them. */
export type Listed = { readonly size: number; readonly list: () => readonly string[] };

export type Finding = {
  /** Names the finding for ever: what grows (another trade of the same ring) keeps its key. */
  readonly key: string;
  readonly at: number;
  /** The shape within the detector: `fan_in`, `cycle`, … */
  readonly typology: string;
  /** 0 to 1. */
  readonly severity: number;
  readonly tradeIds: readonly string[] | Listed;
  readonly accountRefs: readonly string[] | Listed;
  /** The numbers that were compared, ready to show. */
  readonly figures: Readonly<Record<string, string>>;
  readonly explanation: Texts;
};

/** What all detectors of one run share. It is advanced before a fact reaches them, but for prices: a trade is not its own reference. */
export type World = {
  readonly clusters: Clusters;
  readonly prices: ReferencePrices;
  readonly accounts: ReadonlyMap<string, AccountFact>;
  /** When a reference was first seen, and when the stream began. */
  readonly firstSeen: ReadonlyMap<string, number>;
  readonly startedAt: () => number;
  readonly isTradingDay: (at: number) => boolean;
};

export interface Watch {
  take(fact: Fact): readonly Finding[];
  /** The file ends: what waited for later facts is judged with what there is. A stream that goes on never calls it. */
  close?(): readonly Finding[];
}

export type Detector = {
  readonly id: DetectorId;
  /** `wash_set`: the word of alerts, interfaces and files. */
  readonly name: string;
  readonly title: Texts;
  /** The rule in words; the numbers come from the parameters. */
  readonly definition: Texts;
  readonly reads: readonly FactKind[];
  /** Constants of other rules that it compares with. */
  readonly shares?: readonly string[];
  readonly label: TradeLabel | null;
  /** Whom the alert concerns (product V-02). */
  readonly audience: readonly ('market' | 'finance' | 'tax')[];
  readonly open: (parameters: Parameters, world: World) => Watch;
};

export const NOTHING: readonly Finding[] = [];

/** A detector's own parameters by their name after the prefix, and constants of the pack that it shares with other rules. */
export type Parameters = {
  readonly fen: (name: string) => number;
  readonly rate: (name: string) => number;
  readonly count: (name: string) => number;
};

/** `CN-SV-03` → `sv03`: how its constants begin in the pack. */
export function constantPrefix(id: DetectorId): string {
  return `sv${id.slice(-2)}`;
}

export function createParameters(pack: RulePack, id: DetectorId): Parameters {
  const value = (name: string) => (findConstant(pack, `${constantPrefix(id)}.${name}`) ?? constantOf(pack, name)).value;
  const whole = (name: string) => {
    const number = Number(value(name));
    assert(Number.isSafeInteger(number), `the parameter ${name} of ${id} is a whole number`);
    return number;
  };
  return {
    fen: whole,
    count: whole,
    rate: (name) => {
      const { numerator, denominator } = parseRate(value(name));
      return Number(numerator) / Number(denominator);
    },
  };
}

export function yuan(fenAmount: number): string {
  const whole = Math.round(fenAmount);
  return `${whole < 0 ? '−' : ''}${Math.floor(Math.abs(whole) / 100)}.${String(Math.abs(whole) % 100).padStart(2, '0')}`;
}

/** `0.42` with the given number of digits, rounded half up. */
export function decimal(value: number, digits = 2): string {
  const scale = 10 ** digits;
  const scaled = Math.round(Math.abs(value) * scale);
  const sign = value < 0 && scaled > 0 ? '−' : '';
  return digits === 0 ? `${sign}${scaled}` : `${sign}${Math.floor(scaled / scale)}.${String(scaled % scale).padStart(digits, '0')}`;
}

/** A rise from nothing has no measure. */
export function percent(share: number): string {
  return share === Number.POSITIVE_INFINITY ? '∞ %' : `${decimal(share * 100, 1)} %`;
}

/** 0 at `from`, 1 at `to`, straight in between. */
export function ramp(value: number, from: number, to: number): number {
  if (from === to) return value >= to ? 1 : 0;
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}
