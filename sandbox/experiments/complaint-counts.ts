/** What became of the complaints of an experiment, against the working days that it promised (`complaintSlaWorkingDays`). */
import type { Instant } from '#ledger/primitives/instant.ts';

export type ComplaintTimes = { readonly dueAt: Instant; readonly answeredAt: Instant | null };
export type ComplaintCounts = Readonly<Record<'received' | 'answeredInTime' | 'answeredLate' | 'open' | 'openLate', number>>;

/** `openLate` are those of `open` whose last day is over. */
export function countComplaints(complaints: readonly ComplaintTimes[], now: Instant): ComplaintCounts {
  const answered = complaints.filter(({ answeredAt }) => answeredAt !== null);
  const inTime = answered.filter(({ answeredAt, dueAt }) => answeredAt !== null && answeredAt <= dueAt).length;
  const open = complaints.filter(({ answeredAt }) => answeredAt === null);
  return {
    received: complaints.length,
    answeredInTime: inTime,
    answeredLate: answered.length - inTime,
    open: open.length,
    openLate: open.filter(({ dueAt }) => now > dueAt).length,
  };
}
