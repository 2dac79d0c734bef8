/** Whoever a report is owed to (product V-24, V-06): takes it in, and answers in its own time. A real one is a network call: it may not answer. */
import type { Instant } from '#ledger/primitives/instant.ts';

export type HandedReport = {
  readonly reportId: string;
  readonly manifest: string;
  /** SM2 over `daoju.report/1`, 0A and the manifest; 64 bytes in hex. */
  readonly sig: string;
  readonly files: readonly { readonly name: string; readonly content: Uint8Array }[];
};

export const FILING_REASONS = ['signature_broken', 'file_damaged', 'schema_violated', 'version_unexpected'] as const;
export type FilingReason = (typeof FILING_REASONS)[number];

export type AuthorityAnswer =
  | { readonly outcome: 'accepted'; readonly receiptNo: string; readonly isLate: boolean; readonly at: Instant }
  | { readonly outcome: 'rejected'; readonly reason: FilingReason; readonly at: Instant };

export interface ReportAuthority {
  readonly name: string;
  /** Handing in the same report again changes nothing. */
  hand(report: HandedReport, now: Instant): Promise<'taken' | 'unavailable'>;
  answer(reportId: string, now: Instant): Promise<AuthorityAnswer | 'pending'>;
}
