/** Cases of supervisors (product V-14 to V-16). The role decides what exists (V-02); every restriction carries two signatures. */
import { z } from 'zod';
import { APPEAL_REASON_MIN, FREEZE_REASONS, FREEZE_SCOPES } from '#sandbox/cases/case-order.ts';
import { HALT_REASONS, HALT_SCOPES } from '#sandbox/cases/halt-order.ts';
import { REFER_TO } from '#sandbox/cases/refer-order.ts';
import { answerAppeal } from '#server/cases/appeals.ts';
import { withdrawAct } from '#server/cases/await-act.ts';
import { refuseCase } from '#server/cases/case-codes.ts';
import { newCaseId, openCase, stepCase } from '#server/cases/case-desk.ts';
import { casePage, caseView, targetView } from '#server/cases/case-views.ts';
import { approveFreeze, type FreezeAnswer, liftFreeze, setFreeze } from '#server/cases/freeze.ts';
import { approveHalt, type HaltAnswer, resume, setHalt } from '#server/cases/halt.ts';
import { haltsNow } from '#server/cases/halt-views.ts';
import { findHaltTarget } from '#server/cases/halts.repo.ts';
import { carryOutJudgement } from '#server/cases/judgement.ts';
import { referCase } from '#server/cases/refer.ts';
import { type ReturnAnswer, returnItem } from '#server/cases/return-item.ts';
import { supervisorSigner } from '#server/cases/sign-acts.ts';
import { AUDIENCE_OF } from '#server/compliance/alert-views.ts';
import { isSupervisor, SUPERVISOR_ROLES, type SupervisorRole } from '#server/market/audience.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { refusal } from '../errors.ts';
import { publicProcedure, router, staffProcedure } from '../init.ts';
import type { AwaitedSigner, CasePage, CaseSigner, CaseTarget, CaseView, HaltNow, StaffRole } from '../views.ts';

const supervisor = staffProcedure(SUPERVISOR_ROLES);
const idOf = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[0-9a-f]{32}$`), `an id that begins with ${prefix}_`);
export const caseIdInput = idOf('cas');
export const actIdInput = z.string().regex(/^[0-9a-f]{32}$/, '32 hex digits');
export const signatureInput = z.string().regex(/^[0-9a-f]{128}$/, 'an SM2 signature');
export const signedTxInput = z.string().max(4_000).nullable();
export const reasonInput = z.string().trim().min(APPEAL_REASON_MIN).max(2_000);
const topics = ['abuse', 'laundering', 'theft', 'dispute', 'tax', 'other'] as const;
const audiences = ['market', 'finance', 'tax'] as const;

export function supervisorRole(role: StaffRole): SupervisorRole {
  if (!isSupervisor(role))
    throw refusal('forbidden', 'role_missing', 'Your certificate has another role. Ask your organisation for access.');
  return role;
}

const stepInput = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('note'), text: z.string().trim().min(1).max(2_000) }),
  z.strictObject({ act: z.literal('evidence'), subjectId: z.string().min(4).max(100), text: z.string().trim().max(500) }),
  z.strictObject({ act: z.literal('owner') }),
  z.strictObject({ act: z.literal('shared'), audience: z.enum(audiences) }),
  z.strictObject({ act: z.literal('closed'), outcome: z.enum(['no_breach', 'breach', 'referred', 'settled']), text: reasonInput }),
]);

export const caseRouter = router({
  list: supervisor
    .input(
      z.strictObject({
        state: z.enum(['open', 'referred', 'closed']).optional(),
        topic: z.enum(topics).optional(),
        about: z.string().max(100).optional(),
        before: z
          .string()
          .regex(/^\d{1,18}$/, 'a case number')
          .optional(),
      }),
    )
    .query(
      ({ ctx, input }): Promise<CasePage> =>
        readSnapshot(ctx.services, null, (snapshot) =>
          casePage(snapshot, supervisorRole(ctx.staff.role), {
            state: input.state ?? null,
            topic: input.topic ?? null,
            about: input.about === undefined || input.about === '' ? null : input.about,
            beforeNo: input.before === undefined ? null : BigInt(input.before),
          }),
        ),
    ),
  get: supervisor.input(z.strictObject({ caseId: caseIdInput })).query(async ({ ctx, input }): Promise<CaseView> => {
    const view = await readSnapshot(ctx.services, null, (snapshot) =>
      caseView(ctx.services, snapshot, supervisorRole(ctx.staff.role), input.caseId),
    );
    if (view === null) throw refuseCase('case_unknown');
    return view;
  }),
  open: supervisor
    .input(
      z.strictObject({
        topic: z.enum(topics),
        title: z.string().trim().min(3).max(200),
        ground: z.string().trim().min(3).max(500),
      }),
    )
    .mutation(async ({ ctx, input }): Promise<{ readonly caseId: string }> => {
      const { services, staff } = ctx;
      const caseId = newCaseId(services);
      const audience = [AUDIENCE_OF[supervisorRole(staff.role)]];
      await services.sql.begin((tx) =>
        openCase(services, tx, { ...input, caseId, source: 'own_motion', sourceId: null, audience, by: staff }),
      );
      return { caseId };
    }),
  step: supervisor.input(z.strictObject({ caseId: caseIdInput, step: stepInput })).mutation(async ({ ctx, input }) => {
    await stepCase(ctx.services, ctx.staff, input.caseId, input.step);
    return { isDone: true };
  }),
  refer: supervisor
    .input(
      z.strictObject({
        actId: actIdInput,
        caseId: caseIdInput,
        authority: z.enum(REFER_TO),
        reason: reasonInput,
        signature: signatureInput,
        signedTx: signedTxInput,
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const { signature, signedTx, ...order } = input;
      const { waits } = await referCase(ctx.services, ctx.staff, order, { signature, signedTx });
      return { isDone: !waits };
    }),
  signer: supervisor.query(({ ctx }): CaseSigner | AwaitedSigner => supervisorSigner(ctx.services)),
  /** Takes back what waits for the office's signature. */
  withdraw: supervisor.input(z.strictObject({ coSignId: idOf('cos') })).mutation(async ({ ctx, input }) => {
    await withdrawAct(ctx.services, ctx.staff, input.coSignId);
    return { isDone: true };
  }),
  target: supervisor
    .input(z.strictObject({ scope: z.enum(FREEZE_SCOPES), targetId: z.string().min(4).max(100) }))
    .query(async ({ ctx, input }): Promise<CaseTarget> => {
      const view = await readSnapshot(ctx.services, null, (snapshot) => targetView(snapshot, input.scope, input.targetId));
      if (view === null) throw refuseCase('target_unknown');
      return view;
    }),
  freeze: supervisor
    .input(
      z.strictObject({
        actId: actIdInput,
        caseId: caseIdInput,
        scope: z.enum(FREEZE_SCOPES),
        targetId: z.string().min(4).max(100),
        reasonCode: z.enum(FREEZE_REASONS),
        reason: reasonInput,
        until: z.iso.datetime({ precision: 3 }),
        signature: signatureInput,
        signedTx: signedTxInput,
      }),
    )
    .mutation(async ({ ctx, input }): Promise<FreezeAnswer> => {
      const { signature, signedTx, ...order } = input;
      return setFreeze(ctx.services, ctx.staff, order, { signature, signedTx });
    }),
  approveFreeze: supervisor
    .input(z.strictObject({ freezeId: idOf('frz'), signature: signatureInput, signedTx: signedTxInput }))
    .mutation(async ({ ctx, input }): Promise<FreezeAnswer> => {
      return approveFreeze(ctx.services, ctx.staff, input.freezeId, input);
    }),
  lift: supervisor
    .input(
      z.strictObject({ actId: actIdInput, freezeId: idOf('frz'), reason: reasonInput, signature: signatureInput, signedTx: signedTxInput }),
    )
    .mutation(async ({ ctx, input }) => {
      const { actId, freezeId, reason, signature, signedTx } = input;
      const { waits } = await liftFreeze(ctx.services, ctx.staff, { actId, freezeId, reason }, { signature, signedTx });
      return { isDone: !waits };
    }),
  returnItem: supervisor
    .input(
      z.strictObject({
        actId: actIdInput,
        caseId: caseIdInput,
        reportId: idOf('rpt'),
        isGoodFaith: z.boolean(),
        reason: reasonInput,
        signature: signatureInput,
        signedTx: signedTxInput,
      }),
    )
    .mutation(async ({ ctx, input }): Promise<ReturnAnswer> => {
      const { signature, signedTx, ...order } = input;
      return returnItem(ctx.services, ctx.staff, order, { signature, signedTx });
    }),
  judge: supervisor
    .input(
      z.strictObject({
        actId: actIdInput,
        caseId: caseIdInput,
        itemId: idOf('itm'),
        to: z.string().regex(/^[0-9a-f]{64}$/, 'an account id'),
        court: z.string().trim().min(2).max(100),
        docket: z.string().trim().min(2).max(100),
        fileSm3: z.string().regex(/^[0-9a-f]{64}$/, 'an SM3 digest'),
        reason: reasonInput,
        signature: signatureInput,
        signedTx: signedTxInput,
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const { signature, signedTx, ...order } = input;
      const { waits } = await carryOutJudgement(ctx.services, ctx.staff, order, { signature, signedTx });
      return { isDone: !waits };
    }),
  halt: supervisor
    .input(
      z.strictObject({
        actId: actIdInput,
        caseId: caseIdInput,
        scope: z.enum(HALT_SCOPES),
        targetId: z.string().min(4).max(100),
        reasonCode: z.enum(HALT_REASONS),
        reason: reasonInput,
        openOrders: z.enum(['keep', 'cancel']),
        until: z.iso.datetime({ precision: 3 }),
        signature: signatureInput,
        signedTx: signedTxInput,
      }),
    )
    .mutation(async ({ ctx, input }): Promise<HaltAnswer> => {
      const { signature, signedTx, ...order } = input;
      return setHalt(ctx.services, ctx.staff, order, { signature, signedTx });
    }),
  approveHalt: supervisor
    .input(z.strictObject({ haltId: idOf('hlt'), signature: signatureInput, signedTx: signedTxInput }))
    .mutation(async ({ ctx, input }): Promise<HaltAnswer> => {
      return approveHalt(ctx.services, ctx.staff, input.haltId, input);
    }),
  resume: supervisor
    .input(
      z.strictObject({ actId: actIdInput, haltId: idOf('hlt'), reason: reasonInput, signature: signatureInput, signedTx: signedTxInput }),
    )
    .mutation(async ({ ctx, input }) => {
      const { signature, signedTx, ...order } = input;
      const { waits } = await resume(ctx.services, ctx.staff, order, { signature, signedTx });
      return { isDone: !waits };
    }),
  haltTarget: supervisor
    .input(z.strictObject({ scope: z.enum(HALT_SCOPES), targetId: z.string().min(4).max(100) }))
    .query(async ({ ctx, input }): Promise<{ readonly cls: number | null }> => {
      const found = await findHaltTarget(ctx.services.sql, input.scope, input.targetId);
      if (found === null) throw refuseCase('target_unknown');
      return found;
    }),
  /** Everybody may know what stands still. */
  halts: publicProcedure.query(
    async ({ ctx }): Promise<readonly HaltNow[]> =>
      (await readSnapshot(ctx.services, null, async (snapshot) => ({ list: await haltsNow(snapshot) }))).list,
  ),
  answerAppeal: supervisor
    .input(
      z.strictObject({
        actId: actIdInput,
        appealId: idOf('apl'),
        isGranted: z.boolean(),
        reason: reasonInput,
        signature: signatureInput,
        signedTx: signedTxInput,
        liftSignature: signatureInput.nullable(),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const { signature, signedTx, liftSignature, ...decision } = input;
      const { waits } = await answerAppeal(ctx.services, ctx.staff, decision, { signature, signedTx, liftSignature });
      return { isDone: !waits };
    }),
});
