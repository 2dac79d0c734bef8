/** Reports to authorities (product V-24): each authority orders and reads its own. */
import { z } from 'zod';
import { toBase64, toHex } from '#ledger/primitives/bytes.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { isReportKind, REPORT_KINDS } from '#server/reports/report-kinds.ts';
import { schemaPath } from '#server/reports/report-schemas.ts';
import { type Filing, REPORT_REFUSALS, type ReportRefusal, type ReportSummary } from '#server/reports/reports.ts';
import { refusal } from '../errors.ts';
import { router, staffProcedure } from '../init.ts';
import type { ReportDetail, ReportList } from '../views.ts';

const reportProcedure = staffProcedure(['sup_tax', 'sup_market', 'sup_finance', 'auditor', 'operator']);
const reportIdInput = z.string().regex(/^rep_[0-9a-f]{32}$/);

function refused({ code }: ReportRefusal) {
  const { kind, message } = REPORT_REFUSALS[code];
  return refusal(kind, code, message);
}

const rowOf = ({ manifest: _, at, ...report }: ReportSummary, filing: Filing | null) => ({ ...report, at: toIso(at), filing });

function schemasOf(kind: string): ReportDetail['schemas'] {
  const own = isReportKind(kind) ? REPORT_KINDS[kind].schema : null;
  return ['daoju.report/1', ...(own === null ? [] : [own])].map((name) => ({ name, path: schemaPath(name) }));
}

export const reportRouter = router({
  list: reportProcedure.query(async ({ ctx }): Promise<ReportList> => {
    const { role } = ctx.staff;
    const { reports, jobs, filings, due } = await ctx.services.reports.list(role);
    const kinds = Object.entries(REPORT_KINDS).flatMap(([kind, { role: owner, period, name }]) =>
      role === 'operator' || role === owner ? [{ kind, period, name }] : [],
    );
    return {
      kinds,
      due,
      reports: reports.map((report) => rowOf(report, filings.get(report.reportId) ?? null)),
      jobs: jobs.map((job) => ({ ...job, requestedAt: toIso(job.requestedAt) })),
    };
  }),
  get: reportProcedure.input(z.strictObject({ reportId: reportIdInput })).query(async ({ ctx, input }): Promise<ReportDetail> => {
    const answer = await ctx.services.reports.get(ctx.staff.role, input.reportId);
    if (answer.kind === 'rejected') throw refused(answer);
    const { report, filing } = answer;
    return {
      ...rowOf(report, filing),
      manifest: report.manifest,
      publicKey: toHex(ctx.services.ledger.operator.publicKey),
      schemas: schemasOf(report.kind),
    };
  }),
  file: reportProcedure
    .input(z.strictObject({ reportId: reportIdInput, name: z.string().max(100) }))
    .query(async ({ ctx, input }): Promise<{ readonly mediaType: string; readonly base64: string }> => {
      const answer = await ctx.services.reports.file(ctx.staff.role, input.reportId, input.name);
      if (answer.kind === 'rejected') throw refused(answer);
      return { mediaType: answer.mediaType, base64: toBase64(answer.content) };
    }),
  order: reportProcedure
    .input(z.strictObject({ kind: z.string().max(40), period: z.string().max(10) }))
    .mutation(async ({ ctx, input }): Promise<{ readonly jobId: string; readonly state: string }> => {
      const { staffId, role } = ctx.staff;
      const answer = await ctx.services.reports.order({ staffId, role }, input.kind, input.period);
      if (answer.kind === 'rejected') throw refused(answer);
      return { jobId: answer.job.jobId, state: answer.job.state };
    }),
});
