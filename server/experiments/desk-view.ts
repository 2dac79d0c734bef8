/** An experiment as its page and the desk show it: the way so far, KPIs, distance to each trigger, caps with their forecast. */
import { toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import type { Experiment } from '#sandbox/experiments/experiment.ts';
import { exhaustedAt } from '#sandbox/experiments/forecast.ts';
import { type KpiValue, readingOf } from '#sandbox/experiments/kpis.ts';
import { experimentWordsZh } from '#sandbox/experiments/words-zh.ts';
import { readPersonal } from '#server/cases/personal-signatures.ts';
import { coSignViews } from '#server/co-sign/ask.ts';
import { activePack } from '#server/exchange/active-pack.ts';
import { experimentView } from '#server/exchange/experiment-view.ts';
import type { Running } from '#server/exchange/experiments.ts';
import type { CoSignView, ExperimentDeskView, ExperimentKpiView, ExperimentNotice } from '#server/trpc/views.ts';
import { listCompensations, sumCompensation } from './compensations.repo.ts';
import { isCounted, listKpiDays } from './facts.repo.ts';
import type { DeskGround } from './move.ts';
import { findReport, listInterims } from './report.repo.ts';
import { findDeclaration, listApprovals, listExperimentComments, listSteps, listTriggers } from './steps.repo.ts';
import { experimentTerms } from './terms.ts';
import { type ExperimentWatch, kpiDocument } from './watch.ts';

const DAY_MS = 86_400_000;

export async function noticeView(
  { sql, ledger, clock }: Pick<DeskGround, 'sql' | 'ledger' | 'clock'>,
  { experiment }: Pick<Running, 'experiment'>,
): Promise<ExperimentNotice> {
  const [steps, comments, report, declaration] = await Promise.all([
    listSteps(sql, experiment.id),
    listExperimentComments(sql, experiment.id),
    findReport(sql, experiment.id),
    findDeclaration(sql, experiment.id),
  ]);
  const since = steps.findLast(({ to }) => to === 'PUBLIC_NOTICE')?.at ?? null;
  return {
    experimentId: experiment.id,
    hypothesis: { zh: experimentWordsZh(experiment.hypothesis), en: experiment.hypothesis },
    from: experiment.period.start,
    to: experiment.period.end,
    terms: experimentTerms(experiment, activePack(ledger.pending, clock.now()).pack),
    declaration,
    noticeUntil: since === null ? null : toIso(instant(since + experiment.period.publicNoticeDays * DAY_MS)),
    takesComments: experiment.status === 'PUBLIC_NOTICE',
    steps: steps.map((step) => ({ ...step, at: toIso(step.at) })),
    comments: comments.map(({ commentId, at, text }) => ({ commentId, at: toIso(at), text })),
    report: report === null ? null : { at: toIso(report.at), bodyHash: toHex(report.bodyHash), signature: toHex(report.signature) },
  };
}

export async function deskView(ground: DeskGround, watch: ExperimentWatch, running: Running): Promise<ExperimentDeskView> {
  const { experiment } = running;
  const now = ground.clock.now();
  const [notice, personal, measured, fired, approvals, kpiDays, compensationFen, compensations, interims, coSigns] = await Promise.all([
    noticeView(ground, running),
    readPersonal(ground, experiment.id),
    watch.measure(experiment),
    listTriggers(ground.sql, experiment.id),
    listApprovals(ground.sql, experiment.id),
    listKpiDays(ground.sql, experiment.id),
    sumCompensation(ground.sql, experiment.id),
    listCompensations(ground.sql, experiment.id),
    listInterims(ground.sql, experiment.id),
    coSignsOf(ground, experiment.id),
  ]);
  const view = experimentView(running, null, now);
  return {
    ...notice,
    experiment: view,
    forecasts: view.caps.filter(({ name }) => !name.startsWith('PER_')).map((cap) => forecast(cap, experiment.period.start, now)),
    kpis: measured.kpis.map((kpi) => kpiView(experiment, kpi)),
    kpiDays,
    stops: measured.stops.map((stop) => ({ ...stop, value: String(stop.value), bound: String(stop.bound) })),
    fired: fired.map(({ when, action, value, at }) => ({ when, action, value: String(value), at: toIso(at) })),
    fundFen: String(experiment.caps.lossCompensationFundFen),
    chain: toHex(ground.ledger.chain),
    compensationClaimDays: experiment.safeguards.compensationClaimDays,
    compensationFen: String(compensationFen),
    compensations: compensations.map(({ at, acct, fen, by, reason }) => ({ at: at.toISOString(), acct, amountFen: fen, by, reason })),
    interims: interims.map(({ kind, label, at, bodyHash, signature }) => ({
      kind,
      label,
      at: toIso(at),
      bodyHash: toHex(bodyHash),
      signature: toHex(signature),
    })),
    approvals: approvals.map(({ step, subject, staffId, role, name, organisation, at }) => ({
      ...{ step, subject, role, name, organisation, at: toIso(at) },
      signed: personal.find((each) => each.act === 'approve_step' && each.staffId === staffId && each.at === at)?.view ?? null,
    })),
    taken: personal.flatMap(({ act, at, document, view: signed }) =>
      act === 'take_step' ? [{ step: document.step ?? '', at: toIso(at), signed }] : [],
    ),
    coSigns,
    document: JSON.stringify(experiment),
  };
}

async function coSignsOf({ sql }: DeskGround, experimentId: string): Promise<readonly CoSignView[]> {
  const since = (await listSteps(sql, experimentId)).at(-1)?.at ?? instant(0);
  return coSignViews(sql, 'experiment_step', experimentId, since);
}

function forecast(
  { name, used, limit }: { readonly name: string; readonly used: string; readonly limit: string },
  start: string,
  now: Instant,
) {
  const fullAt = exhaustedAt({ used: BigInt(used), limit: BigInt(limit), since: startOfBeijingDate(start), now });
  return { name, fullAt: fullAt === null ? null : toIso(fullAt) };
}

function kpiView({ kpis }: Experiment, kpi: KpiValue): ExperimentKpiView {
  const formula = kpis.find(({ id }) => id === kpi.kpiId)?.formula ?? '';
  return { ...kpiDocument(kpi), ...readingOf(formula), isCounted: isCounted(formula) };
}
