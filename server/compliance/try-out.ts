/** A detector with other parameters on the facts that were recorded (product V-09): what it would have said, beside what the published ones
 *  say, and how people had decided. Nothing is stored and nobody is accused. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { constantOf, packHash, withConstants } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { DetectorId } from '#sandbox/surveillance/detector.ts';
import type { Fact } from '#sandbox/surveillance/facts.ts';
import { type Alert, createSurveillance } from '#sandbox/surveillance/surveillance.ts';
import type { Sql } from '#server/db.ts';
import type { TryOutAlert, TryOutAnswer, TryOutSide } from '#server/trpc/views.ts';
import { listDecided } from './alerts.repo.ts';
import { findFactRange, readFacts } from './facts.repo.ts';

export type TryOutInput = {
  readonly pack: RulePack;
  readonly detector: DetectorId;
  readonly changes: Readonly<Record<string, string>>;
  /** ISO 8601, the end exclusive. */
  readonly from: string;
  readonly to: string;
};

/** Two runs over this many facts take a few seconds; the market goes on meanwhile because the work is cut into pieces. */
const MOST_FACTS = 200_000n;
const AT_ONCE = 500;
const SHOWN = 20;

/** @throws {ParseError} `constant_unknown constant_malformed` */
export async function tryOut(sql: Sql, { pack, detector, changes, from, to }: TryOutInput): Promise<TryOutAnswer> {
  const changed = withConstants(pack, changes);
  const range = await findFactRange(sql, from, to);
  const first = range === null ? null : range.last - range.first >= MOST_FACTS ? range.last - MOST_FACTS + 1n : range.first;
  const [published, draft] = [createSurveillance(pack, [detector]), createSurveillance(changed, [detector])];
  let facts = 0;
  if (range !== null && first !== null) {
    for await (const part of readFacts(sql, first, range.last)) {
      facts += part.length;
      await take(part, [published, draft]);
    }
  }
  const decided = await listDecided(sql, detector);
  const confirmed = decided.filter(({ state }) => state === 'case').map(({ trade_ids: ids }) => ids);
  const dismissed = decided.filter(({ state }) => state === 'dismissed').map(({ trade_ids: ids }) => ids);
  const [before, after] = [evidenceOf(published.list()), evidenceOf(draft.list())];
  const side = (alerts: readonly Alert[], evidence: ReadonlySet<string>): TryOutSide => ({
    alerts: alerts.length,
    evidence: evidence.size,
    confirmed: confirmed.filter((ids) => ids.some((id) => evidence.has(id))).length,
    dismissed: dismissed.filter((ids) => ids.some((id) => evidence.has(id))).length,
  });
  return {
    detector,
    packHash: packHash(pack),
    facts,
    firstFactNo: first === null ? null : String(first),
    lastFactNo: range === null ? null : String(range.last),
    changes: Object.entries(changes).map(([constant, value]) => ({ constant, before: constantOf(pack, constant).value, after: value })),
    baseline: side(published.list(), before),
    draft: side(draft.list(), after),
    decided: { confirmed: confirmed.length, dismissed: dismissed.length },
    added: listOnly(draft.list(), before),
    gone: listOnly(published.list(), after),
  };
}

async function take(facts: readonly Fact[], runs: readonly ReturnType<typeof createSurveillance>[]): Promise<void> {
  for (let from = 0; from < facts.length; from += AT_ONCE) {
    for (const fact of facts.slice(from, from + AT_ONCE)) for (const run of runs) run.take(fact);
    await nextTurn();
  }
}

function evidenceOf(alerts: readonly Alert[]): ReadonlySet<string> {
  return new Set(alerts.flatMap(({ tradeIds }) => tradeIds));
}

/** Alerts that share no evidence with the other run. */
function listOnly(alerts: readonly Alert[], other: ReadonlySet<string>): readonly TryOutAlert[] {
  return alerts
    .filter(({ tradeIds }) => !tradeIds.some((id) => other.has(id)))
    .slice(0, SHOWN)
    .map(({ score, at, explanation, tradeIds }) => ({
      score,
      at: new Date(at).toISOString(),
      explanation,
      tradeIds: tradeIds.slice(0, 10),
    }));
}
