/** Alerts and detectors of supervisors (product V-08, V-09). The role decides what exists (V-02). */
import { z } from 'zod';
import { toIso } from '#ledger/primitives/instant.ts';
import { DETECTOR_IDS } from '#sandbox/surveillance/detector.ts';
import { ALERT_REFUSALS, actOnAlert, endCoolDowns } from '#server/compliance/alert-desk.ts';
import { AUDIENCE_OF, getAlert, listAlerts } from '#server/compliance/alert-views.ts';
import { ALERT_STATES } from '#server/compliance/alerts.repo.ts';
import { listDetectors } from '#server/compliance/detector-views.ts';
import { tryOut } from '#server/compliance/try-out.ts';
import type { Services } from '#server/context.ts';
import { activePack } from '#server/exchange/active-pack.ts';
import { isSupervisor, SUPERVISOR_ROLES, type SupervisorRole } from '#server/market/audience.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { refusal } from '../errors.ts';
import { router, staffProcedure } from '../init.ts';
import type { AlertActAnswer, AlertPage, AlertView, DetectorList, StaffRole, TryOutAnswer } from '../views.ts';

const supervisorProcedure = staffProcedure(SUPERVISOR_ROLES);
const alertIdInput = z.string().regex(/^alr_[0-9a-f]{32}$/, 'an alert id');

function roleOf(role: StaffRole): SupervisorRole {
  if (!isSupervisor(role))
    throw refusal('forbidden', 'role_missing', 'Your certificate has another role. Ask your organisation for access.');
  return role;
}

function packOf({ ledger, clock }: Services) {
  return activePack(ledger.pending, clock.now()).pack;
}

export const alertRouter = router({
  list: supervisorProcedure
    .input(
      z.strictObject({
        state: z.enum(ALERT_STATES).optional(),
        detector: z.enum(DETECTOR_IDS).optional(),
        minScore: z.number().int().min(0).max(100).optional(),
        about: z.string().max(100).optional(),
        before: z
          .string()
          .regex(/^\d{1,18}$/, 'an alert number')
          .optional(),
      }),
    )
    .query(
      ({ ctx, input }): Promise<AlertPage> =>
        readSnapshot(ctx.services, null, (snapshot) =>
          listAlerts(snapshot, roleOf(ctx.staff.role), {
            state: input.state ?? null,
            detector: input.detector ?? null,
            minScore: input.minScore ?? 0,
            about: input.about === undefined || input.about === '' ? null : input.about,
            beforeNo: input.before === undefined ? null : BigInt(input.before),
          }),
        ),
    ),
  get: supervisorProcedure.input(z.strictObject({ alertId: alertIdInput })).query(async ({ ctx, input }): Promise<AlertView> => {
    const view = await readSnapshot(ctx.services, null, (snapshot) => getAlert(snapshot, roleOf(ctx.staff.role), input.alertId));
    if (view === null) throw refusal('not_found', 'alert_unknown', ALERT_REFUSALS.alert_unknown);
    return view;
  }),
  act: supervisorProcedure
    .input(
      z.strictObject({
        alertId: alertIdInput,
        act: z.enum(['triage', 'dismiss', 'open_case']),
        reason: z.string().max(2_000).optional(),
      }),
    )
    .mutation(async ({ ctx, input }): Promise<AlertActAnswer> => {
      const role = roleOf(ctx.staff.role);
      const answer = await actOnAlert(ctx.services, {
        alertId: input.alertId,
        act: input.act,
        reason: input.reason ?? null,
        by: { staffId: ctx.staff.staffId, role, audience: AUDIENCE_OF[role] },
      });
      if (answer.kind === 'done') return { state: answer.state, caseId: answer.caseId, at: toIso(answer.at) };
      const kind = answer.code === 'alert_unknown' ? 'not_found' : answer.code === 'alert_state' ? 'conflict' : 'unprocessable';
      throw refusal(kind, answer.code, ALERT_REFUSALS[answer.code], answer.state === null ? {} : { state: answer.state });
    }),
  liftCoolDowns: supervisorProcedure
    .input(z.strictObject({ alertId: alertIdInput, reason: z.string().max(2_000) }))
    .mutation(async ({ ctx, input }): Promise<{ readonly alertId: string }> => {
      const role = roleOf(ctx.staff.role);
      const code = await endCoolDowns(ctx.services, { ...input, by: { staffId: ctx.staff.staffId, role, audience: AUDIENCE_OF[role] } });
      if (code !== null) throw refusal(code === 'alert_unknown' ? 'not_found' : 'unprocessable', code, ALERT_REFUSALS[code]);
      return { alertId: input.alertId };
    }),
  detectors: supervisorProcedure.query(
    ({ ctx }): Promise<DetectorList> => readSnapshot(ctx.services, null, (snapshot) => listDetectors(snapshot, packOf(ctx.services))),
  ),
  tryOut: supervisorProcedure
    .input(
      z.strictObject({
        detector: z.enum(DETECTOR_IDS),
        changes: z.record(z.string().max(60), z.string().max(40)),
        from: z.iso.date(),
        to: z.iso.date(),
      }),
    )
    .mutation(({ ctx, input }): Promise<TryOutAnswer> => {
      const { detector, changes, from, to } = input;
      return tryOut(ctx.services.sql, {
        pack: packOf(ctx.services),
        detector,
        changes,
        from: `${from}T00:00:00+08:00`,
        to: `${to}T24:00:00+08:00`,
      });
    }),
});
