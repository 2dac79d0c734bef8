/** Staff certificates (product V-01): who somebody is, by chain, role, validity and revocation list. */
import { findNamePart, OID } from '#ledger/pki/certificate.ts';
import type { ChainRefusal } from '#ledger/pki/verify-chain.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import { organisationOf } from '#server/pki/names.ts';
import { findSigningCertificate } from '#server/pki/pki.repo.ts';
import type { Pki } from '#server/pki/pki.ts';
import { RefusalError } from '#server/refusal.ts';
import { IDENTITY_REFUSALS, type IdentityRefusalCode, type StaffSession } from './identity.ts';

export type StaffCertificate = { readonly staff: Omit<StaffSession, 'sessionId'>; readonly publicKey: Bytes };
export type StaffRefusal = { readonly refusal: IdentityRefusalCode; readonly facts: Readonly<Record<string, string>> };

/** What has a sentence of its own; everything else of a chain is `certificate_untrusted` with the reason beside it. */
const NAMED = [
  'certificate_expired',
  'certificate_not_yet_valid',
  'certificate_revoked',
  'certificate_usage',
  'certificate_curve',
  'certificate_user_id',
  'crl_missing',
  'crl_stale',
] as const satisfies readonly (ChainRefusal & IdentityRefusalCode)[];
const MALFORMED: readonly string[] = ['der_malformed', 'certificate_malformed'] satisfies readonly ChainRefusal[];

/** Who the certificate names, when its chain ends at a trusted root, is valid at the instant and on no list. */
export async function readStaffCertificate(pki: Pki, der: Uint8Array, at: Instant): Promise<StaffCertificate | StaffRefusal> {
  const answer = await pki.trust(der, 'signing', at);
  if (answer.kind === 'rejected') return refusalOf(answer.code);
  const { leaf, chain } = answer;
  const [, authority] = chain;
  const unit = findNamePart(leaf.subject, OID.organizationalUnit);
  const staffId = findNamePart(leaf.subject, OID.serialNumber);
  const name = findNamePart(leaf.subject, OID.commonName);
  const grant = authority === undefined || unit === null ? null : await pki.findRole(authority, unit);
  if (grant === null || staffId === null || name === null) return { refusal: 'certificate_role_unknown', facts: {} };
  await pki.note(leaf, grant.role === 'studio' ? 'studio' : 'staff');
  // An authority of many studios names none in its grant.
  const organisation = grant.organisation || organisationOf(leaf.subject);
  const staff = { staffId, name, role: grant.role, organisation, certificateSerial: toHex(leaf.serial) };
  return { staff, publicKey: leaf.publicKey };
}

export type LivingGround = { readonly sql: Sql; readonly clock: Clock; readonly pki: Pki };

const refuseStaff = async ({ sql, clock, pki }: LivingGround, certificateSerial: string): Promise<StaffRefusal | null> => {
  const answer = await readStaffCertificate(pki, await findSigningCertificate(sql, certificateSerial), clock.now());
  return 'refusal' in answer ? answer : null;
};

/** Asked at every act of an official, in `staffProcedure`: a session may outlive a revocation for a moment, what somebody does must not.
 *  @throws {RefusalError} `certificate_revoked`, … */
export async function requireLivingCertificate(ground: LivingGround, staff: Pick<StaffSession, 'certificateSerial'>): Promise<void> {
  const refused = await refuseStaff(ground, staff.certificateSerial);
  if (refused === null) return;
  const { kind, message } = IDENTITY_REFUSALS[refused.refusal];
  throw new RefusalError(kind, refused.refusal, message, refused.facts);
}

/** Reading asks often, and a chain takes five signatures to verify. */
const LOOK_EVERY_MS = 30_000;
const ENDS_SESSION: readonly IdentityRefusalCode[] = ['certificate_revoked', 'certificate_expired'];

/** Remembers when a session's certificate was last seen to live. A list that is late ends nobody's reading; a revocation does. */
export function watchCertificatesOfSessions(ground: LivingGround) {
  const seen = new Map<string, Instant>();
  const forgetBefore = (at: number) => {
    for (const [sessionId, lookedAt] of seen) if (lookedAt < at) seen.delete(sessionId);
  };
  return {
    saw: (sessionId: string, now: Instant): void => {
      seen.set(sessionId, now);
    },
    livesOn: async ({ sessionId, certificateSerial }: StaffSession, now: Instant): Promise<boolean> => {
      if (now < (seen.get(sessionId) ?? 0) + LOOK_EVERY_MS) return true;
      const refused = await refuseStaff(ground, certificateSerial);
      if (refused !== null && ENDS_SESSION.includes(refused.refusal)) return false;
      forgetBefore(now - LOOK_EVERY_MS);
      seen.set(sessionId, now);
      return true;
    },
  };
}

function refusalOf(code: string): StaffRefusal {
  if (MALFORMED.includes(code)) return { refusal: 'certificate_malformed', facts: {} };
  const named = NAMED.find((each) => each === code);
  return named === undefined ? { refusal: 'certificate_untrusted', facts: { reason: code } } : { refusal: named, facts: {} };
}
