/**
 * Measures the experiments that run, every five minutes, and acts by itself (product V-21): a stop trigger pauses at once, one that halts
 * also cancels what rests, and a supervisor signs the end. Whatever a crash left open is done at the next turn: resting orders of an
 * experiment that ended, and its exit report.
 */
import { beijingDate, type Instant, instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import { addDays } from '#sandbox/experiments/check-experiment.ts';
import { decimalText } from '#sandbox/experiments/exit-report.ts';
import type { Experiment } from '#sandbox/experiments/experiment.ts';
import { ratioText } from '#sandbox/experiments/judge.ts';
import { computeKpis, type KpiValue } from '#sandbox/experiments/kpis.ts';
import { actionOf, evaluateStops, parseStopCondition, type StopFacts, type StopState } from '#sandbox/experiments/stop-triggers.ts';
import { findActivePack } from '#server/exchange/active-pack.ts';
import { message } from '#server/exchange/messages.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import { sumCompensation } from './compensations.repo.ts';
import { readArmFacts, readLossMedian, sampleSpreads, saveKpis } from './facts.repo.ts';
import { type DeskGround, hasEnded, MARKET_ITSELF, moveExperiment } from './move.ts';
import { type FiredRow, insertRearm, listRearms, listTriggers } from './steps.repo.ts';
import { ensureExitReport, ensureInterims } from './write-report.ts';

const EVERY_MS = 300_000;

export type WatchGround = DeskGround & {
  /** How many differences the last comparison of books and ledger found; null before the first. */
  ledgerBreaks(): number | null;
};
export interface ExperimentWatch {
  /** Every experiment once, now. */
  turn(): Promise<void>;
  measure(experiment: Experiment): Promise<Measured>;
  /** The next turn comes in a moment: an experiment has ended, and its report is waited for. */
  soon(): void;
  start(): void;
  stop(): Promise<void>;
}
export type Measured = { readonly kpis: readonly KpiValue[]; readonly stops: readonly StopState[] };

export function watchExperiments(ground: WatchGround): ExperimentWatch {
  const { log, market } = ground;
  let timer: NodeJS.Timeout | null = null;
  let turning: Promise<void> = Promise.resolve();
  let isStopped = false;
  let isTurning = false;
  let nextMs = EVERY_MS;

  const turn = async (): Promise<void> => {
    for (const { experiment } of market.experiments.all()) {
      if (isStopped) return;
      try {
        await turnOne(ground, experiment);
      } catch (error) {
        log.error({ error, experimentId: experiment.id }, "couldn't measure an experiment; the next turn tries again");
      }
    }
  };
  const schedule = (everyMs: number) => {
    timer = setTimeout(() => {
      isTurning = true;
      nextMs = EVERY_MS;
      turning = turn().finally(() => {
        isTurning = false;
        if (!isStopped) schedule(nextMs);
      });
    }, everyMs);
  };
  return {
    turn,
    measure: (experiment) => measure(ground, experiment),
    soon: () => {
      nextMs = SOON_MS;
      // Before the start there is no next turn, and the one that runs schedules it.
      if (timer === null || isStopped || isTurning) return;
      clearTimeout(timer);
      schedule(SOON_MS);
    },
    start: () => schedule(FIRST_MS),
    stop: async () => {
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
      await turning;
    },
  };
}
const FIRST_MS = 5_000;
const SOON_MS = 2_000;

async function turnOne(ground: WatchGround, experiment: Experiment): Promise<void> {
  if (hasEnded(experiment)) {
    await ground.market.endExperimentOrders(experiment.id);
    await ensureExitReport(ground, experiment, () => measure(ground, experiment));
    return;
  }
  if (experiment.status !== 'TESTING' && experiment.status !== 'PAUSED') return;
  const now = ground.clock.now();
  await ground.sql.begin((tx) => sampleSpreads(tx, experiment, now));
  const { kpis, stops } = await measure(ground, experiment);
  await publish(ground, experiment, kpis, now);
  await act(ground, experiment, stops, now);
  // After the triggers, which nothing may hold up, and with the state that they left.
  await ensureInterims(ground, ground.market.experiments.find(experiment.id)?.experiment ?? experiment, { kpis, stops });
}

async function publish({ sql, outbox }: WatchGround, experiment: Experiment, kpis: readonly KpiValue[], now: Instant): Promise<void> {
  const day = beijingDate(now);
  await sql.begin(async (tx) => {
    await saveKpis(
      tx,
      experiment.id,
      kpis.map((kpi) => ({ day, kpiId: kpi.kpiId, arm: kpi.arm, at: now, body: kpiDocument(kpi) })),
    );
    await outbox.append(
      tx,
      kpis.map((kpi) => message('sup:all', 'sbx.kpi', now, { experimentId: experiment.id, ...kpiDocument(kpi) })),
    );
  });
}

export function kpiDocument({ kpiId, arm, value, n, interval, target, guardrail }: KpiValue) {
  return {
    arm,
    kpiId,
    value: value === null ? null : ratioText(value),
    n,
    low: interval === null ? null : decimalText(interval.low),
    high: interval === null ? null : decimalText(interval.high),
    target: target?.source ?? null,
    isTargetMet: target === null || target.judgement === 'unknown' ? null : target.judgement === 'holds',
    guardrail: guardrail?.source ?? null,
    isGuardrailTouched: guardrail === null || guardrail.judgement === 'unknown' ? null : guardrail.judgement === 'holds',
  };
}

/** A trigger acts once: again only when it has grown since, so that a supervisor who resumed is not overruled by the same figure. A ledger
 *  that was sound in between has failed anew, however few its differences are now. */
async function act(ground: WatchGround, experiment: Experiment, stops: readonly StopState[], now: Instant): Promise<void> {
  const before = await listTriggers(ground.sql, experiment.id);
  const rested = await listRearms(ground.sql, experiment.id);
  const counts = ({ when, at }: FiredRow) => !rested.some((rearm) => rearm.when === when && rearm.at >= at);
  const acted = before.filter(counts);
  for (const { when } of stops.filter(isAtRest)) {
    if (acted.some((fired) => fired.when === when)) await insertRearm(ground.sql, experiment.id, when, now);
  }
  const isNew = ({ when, value }: StopState) => !acted.some((fired) => fired.when === when && fired.value >= value);
  const stop = actionOf(stops.filter(isNew));
  if (stop === null) return;
  const fired = { when: stop.when, action: stop.action, value: stop.value, bound: stop.bound, at: now };
  if (experiment.status === 'TESTING') {
    const move = { experimentId: experiment.id, step: 'pause' as const, reason: `trigger: ${stop.when}`, newEnd: null };
    await moveExperiment(ground, MARKET_ITSELF, move, fired);
  }
  if (stop.action === 'HALT_ALL') await ground.market.endExperimentOrders(experiment.id);
}

function isAtRest({ unit, isKnown, value }: StopState): boolean {
  return unit === 'breaks' && isKnown && value === 0n;
}

async function measure(ground: WatchGround, experiment: Experiment): Promise<Measured> {
  const { sql, clock } = ground;
  const now = clock.now();
  const from = startOfBeijingDate(experiment.period.start);
  const to = now > from ? now : from;
  const kpis = computeKpis(experiment, await readArmFacts(sql, experiment, from, instant(to + 1), packInForce(ground)));
  return { kpis, stops: evaluateStops(experiment, await stopFacts(ground, experiment, kpis, sql)) };
}

async function stopFacts(ground: WatchGround, experiment: Experiment, kpis: readonly KpiValue[], sql: Queryable): Promise<StopFacts> {
  const guardrails: Record<string, { days: number; isTouched: boolean }> = {};
  for (const { when } of experiment.stopTriggers) {
    const condition = parseStopCondition(when);
    if (condition.kind !== 'guardrail') continue;
    const days = await daysTouched(ground, experiment, condition.kpiId, condition.days);
    guardrails[condition.kpiId] = { days, isTouched: isTouched(kpis, condition.kpiId) };
  }
  const breaks = ground.ledgerBreaks();
  return {
    guardrails,
    compensationPaidFen: await sumCompensation(sql, experiment.id),
    fundFen: BigInt(experiment.caps.lossCompensationFundFen),
    participantLossMedianFen: await readLossMedian(sql, experiment.id),
    ledgerBreaks: breaks === null ? null : BigInt(breaks),
    isOrdered: false,
  };
}

function isTouched(kpis: readonly KpiValue[], kpiId: string): boolean {
  return kpis.some((kpi) => kpi.kpiId === kpiId && kpi.guardrail?.judgement === 'holds');
}

/** Whole Beijing days in a row, back from yesterday. */
async function daysTouched(ground: WatchGround, experiment: Experiment, kpiId: string, most: number): Promise<number> {
  const { sql, clock } = ground;
  const today = beijingDate(clock.now());
  for (let back = 1; back <= most; back++) {
    const day = addDays(today, -back);
    if (day < experiment.period.start) return back - 1;
    const facts = await readArmFacts(sql, experiment, startOfBeijingDate(day), startOfBeijingDate(addDays(day, 1)), packInForce(ground));
    if (!isTouched(computeKpis(experiment, facts), kpiId)) return back - 1;
  }
  return most;
}

function packInForce({ ledger, clock }: WatchGround) {
  return findActivePack(ledger.pending, clock.now())?.pack ?? null;
}
