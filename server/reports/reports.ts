/** Reports to authorities (product V-24): what the rest of the server sees. Built by `openReports`. */
import type { Instant } from '#ledger/primitives/instant.ts';
import type { StaffRole } from '#server/trpc/views.ts';
import type { FilingReason } from './report-authority.ts';

export type ReportJob = {
  readonly jobId: string;
  readonly kind: string;
  readonly period: string;
  readonly requestedBy: string;
  readonly requestedAt: Instant;
  readonly state: 'queued' | 'running' | 'finished' | 'failed';
  readonly reason: string | null;
  readonly reportId: string | null;
};

export type ReportSummary = {
  readonly reportId: string;
  readonly kind: string;
  readonly period: string;
  readonly version: number;
  /** The report that this one takes the place of. */
  readonly amends: string | null;
  readonly height: string;
  readonly at: Instant;
  /** RFC 8785: kind, period, height, packs, files with digests, completeness statement. */
  readonly manifest: string;
  /** SM3 of the manifest in hex: `doc` of the Attest. */
  readonly sm3: string;
  readonly keyId: string;
  /** SM2 over `daoju.report/1`, 0A and the manifest; 64 bytes in hex. */
  readonly sig: string;
  readonly txId: string;
};

/** What became of a report at its authority. Times in ISO 8601. */
export type Filing = {
  readonly authority: string;
  readonly dueOn: string;
  readonly state: 'waiting' | 'handed' | 'accepted' | 'rejected';
  readonly attempts: number;
  readonly handedAt: string | null;
  readonly answeredAt: string | null;
  readonly receiptNo: string | null;
  readonly isLate: boolean | null;
  readonly reason: FilingReason | null;
};

/** A report that is owed for a closed period. */
export type DueReport = {
  readonly kind: string;
  readonly period: string;
  readonly dueOn: string;
  /** `missing`: not made yet. */
  readonly state: Filing['state'] | 'missing';
  /** Past its day and not accepted. */
  readonly isOverdue: boolean;
  readonly reportId: string | null;
};

export const REPORT_REFUSALS = {
  report_kind_unknown: { kind: 'malformed', message: 'There is no such report. Choose one of the list.' },
  report_period_malformed: { kind: 'malformed', message: 'Name the period as the report has it: a day, a quarter or a year.' },
  report_period_early: { kind: 'unprocessable', message: 'The period was over before the ledger began: there is nothing to report.' },
  report_period_open: { kind: 'unprocessable', message: 'The period is not over. A report is made of what cannot change any more.' },
  report_forbidden: { kind: 'forbidden', message: 'This report belongs to another authority.' },
  report_unknown: { kind: 'not_found', message: 'There is no such report.' },
} as const;
export type ReportRefusalCode = keyof typeof REPORT_REFUSALS;
export type ReportRefusal = { readonly kind: 'rejected'; readonly code: ReportRefusalCode };

export interface Reports {
  /** Queues a report, or its amendment when there is one already; asking twice makes one job. */
  order(
    by: { readonly staffId: string; readonly role: StaffRole },
    kind: string,
    period: string,
  ): Promise<{ readonly kind: 'queued'; readonly job: ReportJob } | ReportRefusal>;
  list(role: StaffRole): Promise<{
    readonly reports: readonly ReportSummary[];
    readonly jobs: readonly ReportJob[];
    /** By report; a report that is not owed has none. */
    readonly filings: ReadonlyMap<string, Filing>;
    readonly due: readonly DueReport[];
  }>;
  get(
    role: StaffRole,
    reportId: string,
  ): Promise<{ readonly kind: 'found'; readonly report: ReportSummary; readonly filing: Filing | null } | ReportRefusal>;
  file(
    role: StaffRole,
    reportId: string,
    name: string,
  ): Promise<{ readonly kind: 'found'; readonly mediaType: string; readonly content: Uint8Array } | ReportRefusal>;
  /** Makes what is queued and what is due, one after the other, and hands in what is made. @returns how many reports it made */
  turn(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}
