/**
 * The test hierarchy of a demonstration chain (`ledger.md` 20): root, one authority per organisation, certificates. Every key is
 * published (`demonstration-keys.ts`) and every nonce follows from key and message, so each certificate is the same bytes on every
 * machine. The root says NOT_LICENSED in its name: nobody may take it for a licensed authority.
 */

import { ROLE } from '#ledger/codec/config.ts';
import { digestOf, publicKeyOf, type Sm2, signDigest } from '#ledger/crypto/sm2.ts';
import { SM2_N, toScalar } from '#ledger/crypto/sm2-curve.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type CertificateProfile, type DistinguishedName, issueCertificate, issueCrl } from '#ledger/pki/issue-certificate.ts';
import { type Bytes, utf8 } from '#ledger/primitives/bytes.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { demonstrationKeys } from './demonstration-keys.ts';

export const DEMONSTRATION_AUTHORITIES = ['Operator CA', 'Supervisor CA', 'Notary CA', 'Court CA', 'Studio CA', 'Time Stamp CA'] as const;
export type DemonstrationAuthority = (typeof DEMONSTRATION_AUTHORITIES)[number];

const NOT_LICENSED = 'NOT_LICENSED';
export const DEMONSTRATION_ROOT_NAME: DistinguishedName = { commonName: 'Daoju test root', organization: NOT_LICENSED };
const FIRST_YEAR = 2026;
const LEAF_YEARS = 3;
/** Governance pins a node's certificate with its key, so it lives as long as a chain of this kind. */
const NODE_YEARS = 10;

const authorityOfRole: Readonly<Record<number, DemonstrationAuthority>> = {
  [ROLE.operator]: 'Operator CA',
  [ROLE.studio]: 'Studio CA',
  [ROLE.supervisor]: 'Supervisor CA',
  [ROLE.notary]: 'Notary CA',
  [ROLE.court]: 'Court CA',
};

/** The authority that names the people of a member. */
export const demonstrationAuthorityOfRole = (role: number): DemonstrationAuthority => authorityOfRole[role] ?? 'Operator CA';

/** Signs with a nonce that follows from key and digest: never two messages under one nonce, never two signatures of one message. */
const publishedSm2: Pick<Sm2, 'sign'> = {
  sign: (privateKey, message) => {
    const digest = digestOf(publicKeyOf(privateKey), message);
    for (let counter = 0; ; counter++) {
      const nonce = toScalar(sm3(utf8('daoju-demonstration-nonce\n'), privateKey, digest, Uint8Array.of(counter)));
      const signature = nonce < 1n || nonce >= SM2_N ? null : signDigest(privateKey, digest, nonce);
      if (signature !== null) return signature;
    }
  },
};

export const demonstrationAuthorityName = (authority: DemonstrationAuthority): DistinguishedName => ({
  commonName: authority,
  organization: NOT_LICENSED,
});
export const demonstrationAuthorityKeyName = (authority: DemonstrationAuthority): string =>
  `test-authority-${authority.toLowerCase().replaceAll(' ', '-')}`;
const yearStart = (year: number): Instant => instant(Date.UTC(year, 0, 1));

let hierarchy: { readonly root: Bytes; readonly authorities: ReadonlyMap<DemonstrationAuthority, Bytes> } | null = null;

/** DER of the root and of each authority. */
export function demonstrationHierarchy(): NonNullable<typeof hierarchy> {
  hierarchy ??= {
    root: issue('root', DEMONSTRATION_ROOT_NAME, demonstrationKeys('test-root').publicKey, { kind: 'authority', pathLength: 1 }, 30),
    authorities: new Map(
      DEMONSTRATION_AUTHORITIES.map((authority) => [
        authority,
        issue(
          'root',
          demonstrationAuthorityName(authority),
          demonstrationKeys(demonstrationAuthorityKeyName(authority)).publicKey,
          { kind: 'authority', pathLength: 0 },
          20,
        ),
      ]),
    ),
  };
  return hierarchy;
}

/** A certificate that is valid on `at`: it began with that year and ends three years later, so the next year's overlaps it by two. */
export function demonstrationCertificate(request: {
  readonly authority: DemonstrationAuthority;
  readonly subject: DistinguishedName;
  readonly publicKey: Uint8Array;
  readonly profile: Exclude<CertificateProfile, { kind: 'authority' }>;
  readonly at: Instant;
}): Bytes {
  const year = new Date(request.at).getUTCFullYear();
  return issue(request.authority, request.subject, request.publicKey, request.profile, LEAF_YEARS, year);
}

/** The signing certificate of a member's node key: what `Member.cert` pins. */
export function demonstrationMemberCertificate(
  member: { readonly org: string; readonly role: number; readonly pub: Uint8Array },
  at: Instant,
): Bytes {
  const authority = authorityOfRole[member.role] ?? 'Operator CA';
  const subject = { commonName: member.org, organization: member.org, organizationalUnit: 'node' };
  return issue(authority, subject, member.pub, { kind: 'signing' }, NODE_YEARS, new Date(at).getUTCFullYear());
}

/** The revocation list of an authority, or of the root. */
export function demonstrationCrl(issuer: DemonstrationAuthority | 'root', list: Omit<Parameters<typeof issueCrl>[1], 'issuer'>): Bytes {
  return issueCrl({ ...publishedSm2, verify: () => false }, { issuer: issuerOf(issuer), ...list });
}

function issuerOf(issuer: DemonstrationAuthority | 'root') {
  return issuer === 'root'
    ? { name: DEMONSTRATION_ROOT_NAME, privateKey: demonstrationKeys('test-root').privateKey }
    : { name: demonstrationAuthorityName(issuer), privateKey: demonstrationKeys(demonstrationAuthorityKeyName(issuer)).privateKey };
}

function issue(
  by: DemonstrationAuthority | 'root',
  subject: DistinguishedName,
  publicKey: Uint8Array,
  profile: CertificateProfile,
  years: number,
  year = FIRST_YEAR,
): Bytes {
  const key = utf8(`${by}\n${JSON.stringify(subject)}\n${profile.kind}\n${year}\n`);
  const serial = sm3(key, publicKey).slice(0, 8);
  // Positive and without leading zeros in every reading.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return issueCertificate(
    { ...publishedSm2, verify: () => false },
    {
      issuer: issuerOf(by),
      subject,
      publicKey: new Uint8Array(publicKey),
      serial,
      notBefore: yearStart(year),
      notAfter: yearStart(year + years),
      profile,
    },
  );
}
