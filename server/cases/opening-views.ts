/** Opened identities as officials see them, and as the person does afterwards (product V-13). */
import { OPENING_WAIT_MS } from '#sandbox/cases/opening.ts';
import type { Clocks } from '#sandbox/packs/clocks.ts';
import { AUDIENCE_OF } from '#server/compliance/alert-views.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import type { SupervisorRole } from '#server/market/audience.ts';
import { isoOrNull } from '#server/market/item-state.ts';
import type { Snapshot } from '#server/market/snapshot.ts';
import type { AccessOfMe, OpeningView } from '#server/trpc/views.ts';
import { awaitedActs } from './await-act.ts';
import { findCase } from './cases.repo.ts';
import { listOpenings, listTold, type OpeningRow } from './openings.repo.ts';
import { openingStep } from './openings.ts';

const DAY_MS = 86_400_000;

export const caseNumber = ({ case_no: no, case_opened_at: at }: OpeningRow): string => `C-${at.getUTCFullYear()}-${no.padStart(6, '0')}`;

export async function openingsFor(
  snapshot: Snapshot,
  staff: StaffSession & { readonly role: SupervisorRole },
  about: { readonly caseId: string } | { readonly subject: string },
  { sealingMs }: Pick<Clocks, 'sealingMs'>,
): Promise<readonly OpeningView[]> {
  const { tx, now } = snapshot;
  const audience = AUDIENCE_OF[staff.role];
  if ('caseId' in about) {
    const file = await findCase(tx, about.caseId);
    if (file === null || !file.audience.includes(audience)) return [];
  }
  const rows = await listOpenings(tx, 'caseId' in about ? about : { ...about, audience });
  const waiting = new Set(rows.filter(({ state }) => state === 'proposed').map((row) => row.case_id));
  const coSigns = (await Promise.all([...waiting].map((caseId) => awaitedActs(snapshot, caseId)))).flat();
  return rows.map((row) => {
    const coSign = coSigns.find(({ step }) => step === openingStep(row.opening_id)) ?? null;
    const isWaiting = coSign?.state === 'waiting' || coSign?.state === 'signed';
    const isLapsed = row.state === 'proposed' && row.asked_at.getTime() + OPENING_WAIT_MS <= now;
    const isSigner = row.asked_by === staff.staffId || row.approved_by === staff.staffId;
    return {
      openingId: row.opening_id,
      caseId: row.case_id,
      caseNumber: caseNumber(row),
      subject: row.subject,
      legalGround: row.legal_ground,
      reason: row.reason,
      scope: row.scope,
      state: isLapsed ? 'lapsed' : row.state,
      askedBy: row.asked_by,
      askedAt: row.asked_at.toISOString(),
      approvedBy: row.approved_by,
      approvedAt: isoOrNull(row.approved_at),
      sealedUntil: isoOrNull(row.sealed_until),
      sealingDays: sealingMs / DAY_MS,
      toldAt: isoOrNull(row.told_at),
      txId: row.tx_id,
      reads: row.reads,
      canApprove: row.state === 'proposed' && !isLapsed && !isWaiting && row.asked_by !== staff.staffId,
      canRead: row.state === 'open' && isSigner,
      coSign,
    };
  });
}

/** Of a laundering case nothing but the fact (rulebook CN-AML-04). */
export async function accessesOf({ tx }: Snapshot, acct: string): Promise<readonly AccessOfMe[]> {
  const rows = await listTold(tx, acct);
  return rows.map((row) => {
    const isSecret = row.topic === 'laundering';
    return {
      openingId: row.opening_id,
      agency: row.asked_role,
      officials: row.approved_role === row.asked_role ? [row.asked_role] : [row.asked_role, row.approved_role ?? row.asked_role],
      openedAt: isoOrNull(row.approved_at) ?? row.asked_at.toISOString(),
      toldAt: isoOrNull(row.told_at) ?? row.asked_at.toISOString(),
      scope: row.scope,
      reads: row.reads,
      legalGround: isSecret ? null : row.legal_ground,
      caseNumber: isSecret ? null : caseNumber(row),
      txId: row.tx_id ?? '',
    };
  });
}
