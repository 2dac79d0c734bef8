/** Staff certificates (product V-01): who somebody is, by chain, role, validity and revocation list. */
import { findNamePart, OID } from '#ledger/pki/certificate.ts';
import type { ChainRefusal } from '#ledger/pki/verify-chain.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { organisationOf } from '#server/pki/names.ts';
import type { Pki } from '#server/pki/pki.ts';
import type { IdentityRefusalCode, StaffSession } from './identity.ts';

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

function refusalOf(code: string): StaffRefusal {
  if (MALFORMED.includes(code)) return { refusal: 'certificate_malformed', facts: {} };
  const named = NAMED.find((each) => each === code);
  return named === undefined ? { refusal: 'certificate_untrusted', facts: { reason: code } } : { refusal: named, facts: {} };
}
