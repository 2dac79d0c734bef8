/** Experiments for those who declare and supervise them (product V-20 to V-22). */
import { z } from 'zod';
import { canonicalText } from '#ledger/codec/canonical-json.ts';
import { parseAccountId } from '#ledger/primitives/ids.ts';
import { beijingDate } from '#ledger/primitives/instant.ts';
import { INTERIM_KINDS } from '#sandbox/experiments/interim.ts';
import { STEP_NAMES, STEPS } from '#sandbox/experiments/steps.ts';
import { fillTemplate, TEMPLATES } from '#sandbox/experiments/templates.ts';
import type { Services } from '#server/context.ts';
import { activePack } from '#server/exchange/active-pack.ts';
import { compensate } from '#server/experiments/compensate.ts';
import { deskView } from '#server/experiments/desk-view.ts';
import { approveStep, type DeskGround, draftExperiment, hasEnded, moveExperiment } from '#server/experiments/move.ts';
import { deskRefusal } from '#server/experiments/refusals.ts';
import { findInterim } from '#server/experiments/report.repo.ts';
import { SUPERVISOR_ROLES } from '#server/market/audience.ts';
import { found } from '#server/market/input.ts';
import { refusal } from '../errors.ts';
import { router, staffProcedure } from '../init.ts';
import type { ExperimentDeskRow, ExperimentDeskView, ExperimentTemplateView } from '../views.ts';
import { actIdInput, reasonInput, signatureInput } from './case.ts';

const reader = staffProcedure([...SUPERVISOR_ROLES, 'operator', 'auditor']);
const author = staffProcedure([...SUPERVISOR_ROLES, 'operator']);

const experimentId = z.string().regex(/^SBX-\d{4}-\d{4}$/);
const idInput = z.strictObject({ experimentId });
const DOCUMENT_MAX = 200_000;
const stepInput = z.strictObject({ experimentId, step: z.enum(STEP_NAMES), newEnd: z.iso.date().nullable().default(null) });
const signedInput = { actId: actIdInput, signature: signatureInput };
const draftInput = z.strictObject({ document: z.string().max(DOCUMENT_MAX), declaration: z.string().max(DOCUMENT_MAX) });
const compensationInput = z.strictObject({
  actId: actIdInput,
  experimentId,
  acct: z.string().regex(/^[0-9a-f]{64}$/, 'an account'),
  amountFen: z.string().regex(/^[1-9]\d{0,11}$/, 'an amount above zero'),
  reason: reasonInput,
  signature: signatureInput,
});
const templateInput = z.strictObject({
  templateId: z.string().max(4),
  experimentId,
  declarationNo: z.string().max(40),
  gameIds: z.array(z.string().max(80)).min(1).max(20),
  classIds: z.array(z.string().max(80)).min(1).max(200),
});

export function deskGround({ experiments, ...services }: Services): DeskGround {
  return { ...services, market: experiments.market };
}

const view = ({ experiments, ...services }: Services, id: string): Promise<ExperimentDeskView> =>
  deskView(
    { ...services, market: experiments.market },
    experiments.watch,
    found(experiments.market.experiments.find(id), 'experiment_unknown'),
  );

function parseJson(text: string, code: 'experiment_malformed' | 'declaration_malformed'): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw deskRefusal(code, { path: '', expected: 'JSON' });
  }
}

export const experimentDeskRouter = router({
  list: reader.query(({ ctx }): readonly ExperimentDeskRow[] =>
    ctx.services.experiments.market.experiments.all().map(({ experiment, caps }) => ({
      experimentId: experiment.id,
      title: experiment.title,
      status: experiment.status,
      mode: experiment.mode,
      from: experiment.period.start,
      to: experiment.period.end,
      participants: caps.participants(),
    })),
  ),
  get: reader.input(idInput).query(({ ctx, input }) => view(ctx.services, input.experimentId)),
  /** A report that it wrote while it ran, as its signature covers it. */
  interim: reader
    .input(idInput.extend({ kind: z.enum(INTERIM_KINDS), label: z.string().max(10) }))
    .query(async ({ ctx, input: { experimentId: id, ...owed } }) => {
      const body = await findInterim(ctx.services.sql, id, owed);
      if (body === null) throw deskRefusal('report_missing');
      return { json: canonicalText(body) };
    }),
  templates: reader.query((): readonly ExperimentTemplateView[] =>
    TEMPLATES.map(({ id, title, varies, isShadow }) => ({ id, title, varies, isShadow })),
  ),
  /** A filled draft to go on with; keeps nothing. */
  template: author.input(templateInput).query(({ ctx, input }) => {
    const { ledger, clock } = ctx.services;
    const now = clock.now();
    const template = found(TEMPLATES.find(({ id }) => id === input.templateId) ?? null, 'experiment_unknown');
    const draft = fillTemplate(template, {
      id: input.experimentId,
      declarationNo: input.declarationNo,
      pack: activePack(ledger.pending, now).pack,
      today: beijingDate(now),
      gameIds: input.gameIds,
      classIds: input.classIds,
    });
    return { document: JSON.stringify(draft) };
  }),
  draft: author.input(draftInput).mutation(async ({ ctx, input }) => {
    const document = parseJson(input.document, 'experiment_malformed');
    const experiment = await draftExperiment(
      deskGround(ctx.services),
      ctx.staff,
      document,
      parseJson(input.declaration, 'declaration_malformed'),
    );
    return view(ctx.services, experiment.id);
  }),
  approve: author.input(stepInput.extend(signedInput)).mutation(async ({ ctx, input }) => {
    await approveStep(deskGround(ctx.services), ctx.staff, input, input);
    return view(ctx.services, input.experimentId);
  }),
  compensate: author.input(compensationInput).mutation(async ({ ctx, input }) => {
    const { signature, ...wish } = input;
    const amountFen = BigInt(wish.amountFen);
    await compensate(deskGround(ctx.services), ctx.staff, { ...wish, acct: parseAccountId(wish.acct), amountFen }, signature);
    return view(ctx.services, input.experimentId);
  }),
  move: author.input(stepInput.extend({ ...signedInput, reason: z.string().trim().max(2000) })).mutation(async ({ ctx, input }) => {
    const role = ctx.staff.role === 'operator' ? 'operator' : 'supervisor';
    const { signers } = STEPS[input.step];
    if ((signers === 'O' && role !== 'operator') || (signers === 'S' && role !== 'supervisor')) {
      throw refusal('forbidden', 'role_missing', 'Your certificate has another role. Ask your organisation for access.', {
        needed: signers === 'O' ? 'operator' : 'supervisor',
      });
    }
    const moved = await moveExperiment(
      deskGround(ctx.services),
      { by: ctx.staff.staffId, role, staff: { ...ctx.staff, signed: input } },
      input,
    );
    if (hasEnded(moved)) ctx.services.experiments.watch.soon();
    return view(ctx.services, input.experimentId);
  }),
});
