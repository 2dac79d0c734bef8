/** Precision and recall of the detectors, and how fast they read. Parameters were set on the seeds `train-…`; the seeds `test-…` were
 *  drawn afterwards. AMLSim's own labels are on accounts, half of which leave no transfer of the pattern in the file. */
import { performance } from 'node:perf_hooks';
import { PACK_CN_2026_1 } from '#sandbox/packs/cn/pack-2026-1.ts';
import type { Fact, PaymentFact } from '#sandbox/surveillance/facts.ts';
import { type Alert, createSurveillance } from '#sandbox/surveillance/surveillance.ts';
import { type Labelled, readFraudAccounts, readPunks, readTransfers } from './detect/labelled.ts';
import { plantTrades } from './detect/plant-trades.ts';
import { plantTransfers } from './detect/plant-transfers.ts';
import { SIMPLE_RULES } from './detect/simple-rules.ts';

type Figures = {
  readonly found: number;
  readonly right: number;
  readonly planted: number;
  readonly precision: string;
  readonly recall: string;
};

const SEEDS = 3;

export async function benchDetect(): Promise<Readonly<Record<string, unknown>>> {
  const punks = readPunks();
  const transfers = readTransfers();
  const fraud = readFraudAccounts();
  const sets = (half: string) => ({
    trades: average(Array.from({ length: SEEDS }, (_, i) => measure(plantTrades(punks, `${half}-${i}`)))),
    // What AMLSim itself planted is neither ours nor innocent: it is counted by accounts below.
    transfers: average(Array.from({ length: SEEDS }, (_, i) => measure(withoutOwn(plantTransfers(transfers, `${half}-${i}`))))),
  });
  const withoutOwn = (set: Labelled<PaymentFact>): Labelled => ({
    ...set,
    ignored: new Set(set.facts.flatMap(({ id, from, to }) => (fraud.has(from) && fraud.has(to) ? [id] : []))),
  });
  const simple = plantTrades(punks, 'test-0');
  const started = performance.now();
  const own = run(transfers);
  const seconds = (performance.now() - started) / 1_000;
  const accusedBy = (keep: (alert: Alert) => boolean) => new Set(own.filter(keep).flatMap(({ accountRefs }) => accountRefs));
  return {
    test: sets('test'),
    train: sets('train'),
    simpleRules: Object.fromEntries(
      Object.entries(SIMPLE_RULES).map(([name, rule]) => [name, compare(new Set(rule(simple.facts)), new Set(simple.labels.keys()))]),
    ),
    amlsimAccounts: {
      all: compare(
        accusedBy(() => true),
        fraud,
      ),
      ...Object.fromEntries(
        shapesOf(own).map((shape) => [
          shape,
          compare(
            accusedBy((alert) => shapeOf(alert) === shape),
            fraud,
          ),
        ]),
      ),
    },
    untouched: { sales: punks.length, accusedSales: new Set(run(punks).flatMap(({ tradeIds }) => tradeIds)).size },
    rowsPerSecond: Math.round(transfers.length / seconds),
  };
}

function run(facts: readonly Fact[]): readonly Alert[] {
  const surveillance = createSurveillance(PACK_CN_2026_1);
  for (const fact of facts) surveillance.take(fact);
  surveillance.close();
  return surveillance.list();
}

const shapeOf = ({ detector, typology }: Alert) => `${detector} ${typology}`;
const shapesOf = (alerts: readonly Alert[]) => [...new Set(alerts.map(shapeOf))].toSorted();

type Measured = Readonly<Record<string, Figures>>;

/** By detector: of what it names, how much was planted, and how much of all that was planted it names; by pattern: how much was found. */
function measure({ facts, labels, ignored = new Set() }: Labelled): Measured {
  const alerts = run(facts);
  const planted = new Set(labels.keys());
  const named = (keep: (alert: Alert) => boolean) =>
    new Set(alerts.filter(keep).flatMap(({ tradeIds }) => tradeIds.filter((id) => labels.has(id) || !ignored.has(id))));
  const all = named(() => true);
  return {
    all: compare(all, planted),
    ...Object.fromEntries(
      shapesOf(alerts).map((shape) => [
        shape,
        compare(
          named((alert) => shapeOf(alert) === shape),
          planted,
        ),
      ]),
    ),
    ...Object.fromEntries(
      [...new Set(labels.values())].map((name) => {
        const members = new Set([...labels].filter(([, label]) => label === name).map(([id]) => id));
        return [`pattern ${name}`, compare(new Set([...members].filter((id) => all.has(id))), members)];
      }),
    ),
  };
}

function compare(found: ReadonlySet<string>, truth: ReadonlySet<string>): Figures {
  const right = [...found].filter((id) => truth.has(id)).length;
  return { found: found.size, right, planted: truth.size, precision: share(right, found.size), recall: share(right, truth.size) };
}

function share(part: number, whole: number): string {
  return whole === 0 ? '-' : (part / whole).toPrecision(3);
}

/** Sums over the seeds, so that each planted row counts once. */
function average(runs: readonly Measured[]): Measured {
  const names = [...new Set(runs.flatMap((figures) => Object.keys(figures)))];
  return Object.fromEntries(
    names.map((name) => {
      const rows = runs.map((figures) => figures[name]).filter((row) => row !== undefined);
      const sum = (of: (row: Figures) => number) => rows.reduce((total, row) => total + of(row), 0);
      const [found, right, planted] = [sum((row) => row.found), sum((row) => row.right), sum((row) => row.planted)];
      return [name, { found, right, planted, precision: share(right, found), recall: share(right, planted) }];
    }),
  );
}
