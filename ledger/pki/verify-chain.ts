/**
 * Verifies a certificate up to a pinned anchor (ledger.md 20). Own code, because OpenSSL 3 checks SM2 chains with an empty
 * user id (openssl/openssl#23471): here every signature is checked over the raw TBS with the default id.
 */
import { type Sm2, verifyDigest, zOf } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { type Certificate, isSameName, KEY_USAGE, OID, parseCertificate } from './certificate.ts';
import { type Crl, parseCrl } from './crl.ts';

/** `issuing`: the first certificate is an authority's own. */
export type CertificateUse = 'signing' | 'encryption' | 'time_stamping' | 'issuing';

/** In order of precedence, per certificate from the leaf up. The codes of reading come before all of them. */
export const CHAIN_REFUSALS = [
  'chain_too_long',
  'der_malformed',
  'certificate_malformed',
  'certificate_algorithm',
  'certificate_curve',
  'certificate_extension_unknown',
  'crl_malformed',
  'certificate_not_yet_valid',
  'certificate_expired',
  'certificate_usage',
  'certificate_issuer_unknown',
  'certificate_not_ca',
  'certificate_path_length',
  'certificate_user_id',
  'certificate_signature',
  'crl_missing',
  'crl_signature',
  'crl_stale',
  'certificate_revoked',
  'anchor_unknown',
] as const;
export type ChainRefusal = (typeof CHAIN_REFUSALS)[number];

export type ChainInput = {
  /** DER, leaf first, the anchor last. 1 to 5 certificates. */
  readonly chain: readonly Uint8Array[];
  /** SM3 of the DER of each trusted root, 32 bytes. */
  readonly anchors: readonly Uint8Array[];
  /** The moment that counts: now for somebody who signs in, the time of signing for a signature of the past. */
  readonly at: Instant;
  /** Until when revocation lists may have been issued; `at` when left out. A list newer than a signature still knows what was revoked before it. */
  readonly checkedAt?: Instant;
  readonly use: CertificateUse;
  readonly sm2: Sm2;
  /** Revocation lists in DER. When given, every certificate but the anchor needs the list of its issuer; not given, none is checked. */
  readonly crls?: readonly Uint8Array[];
};
export type ChainResult =
  | { readonly kind: 'verified'; readonly leaf: Certificate; readonly chain: readonly Certificate[] }
  | {
      readonly kind: 'rejected';
      readonly code: ChainRefusal;
      /** Which certificate of the chain, leaf 0. */
      readonly position: number;
    };

const MAX_CHAIN = 5;

export function verifyChain(input: ChainInput): ChainResult {
  if (input.chain.length < 1 || input.chain.length > MAX_CHAIN) return { kind: 'rejected', code: 'chain_too_long', position: 0 };
  const chain: Certificate[] = [];
  for (const [position, der] of input.chain.entries()) {
    const certificate = readOrRefuse(() => parseCertificate(der));
    if (typeof certificate === 'string') return { kind: 'rejected', code: certificate, position };
    chain.push(certificate);
  }
  const crls = readOrRefuse(() => input.crls?.map(parseCrl));
  if (typeof crls === 'string') return { kind: 'rejected', code: crls, position: 0 };
  const [leaf] = chain;
  if (leaf === undefined) return { kind: 'rejected', code: 'chain_too_long', position: 0 };

  for (const [position, certificate] of chain.entries()) {
    const code = refuseCertificate(input, chain, position, certificate, crls);
    if (code !== null) return { kind: 'rejected', code, position };
  }
  return { kind: 'verified', leaf, chain };
}

/** The first thing that speaks against one certificate of the chain. */
function refuseCertificate(
  input: ChainInput,
  chain: readonly Certificate[],
  position: number,
  certificate: Certificate,
  crls: readonly Crl[] | undefined,
): ChainRefusal | null {
  if (input.at < certificate.notBefore) return 'certificate_not_yet_valid';
  if (input.at > certificate.notAfter) return 'certificate_expired';
  if (position === 0 && !permits(certificate, input.use)) return 'certificate_usage';
  // The last one must be pinned and sign itself: a pin on another kind of certificate would skip its issuer's checks.
  const issuer = chain[position + 1] ?? certificate;
  if (!isIssuer(issuer, certificate)) return 'certificate_issuer_unknown';
  if (!issuer.isCa || issuer.keyUsage?.has(KEY_USAGE.keyCertSign) !== true) return 'certificate_not_ca';
  // CAs between this issuer and the leaf; the leaf itself does not count (RFC 5280 §4.2.1.9).
  if (issuer !== certificate && issuer.pathLength !== null && position + (input.use === 'issuing' ? 1 : 0) > issuer.pathLength)
    return 'certificate_path_length';
  if (!input.sm2.verify(issuer.publicKey, certificate.tbs, certificate.signature))
    return isSignedWithoutDefaultId(issuer, certificate) ? 'certificate_user_id' : 'certificate_signature';
  if (issuer !== certificate) return crls === undefined ? null : refuseRevoked(input, crls, issuer, certificate);
  return input.anchors.some((anchor) => equalBytes(anchor, certificate.fingerprint)) ? null : 'anchor_unknown';
}

function refuseRevoked(input: ChainInput, crls: readonly Crl[], issuer: Certificate, certificate: Certificate): ChainRefusal | null {
  const ofIssuer = crls.filter((candidate) => isSameName(candidate.issuer, issuer.subject));
  // The highest number wins, so that an old list cannot be shown in place of a newer one that is at hand.
  const crl = ofIssuer.reduce<Crl | undefined>((best, next) => (best === undefined || next.number > best.number ? next : best), undefined);
  if (crl === undefined) return 'crl_missing';
  if (issuer.keyUsage?.has(KEY_USAGE.crlSign) !== true || !input.sm2.verify(issuer.publicKey, crl.tbs, crl.signature))
    return 'crl_signature';
  if (crl.thisUpdate > (input.checkedAt ?? input.at) || input.at > crl.nextUpdate) return 'crl_stale';
  const since = crl.revoked.get(toHex(certificate.serial));
  return since !== undefined && since <= input.at ? 'certificate_revoked' : null;
}

/** What OpenSSL 3 and some older authorities make (openssl/openssl#23471): said by name, because it is the most common fault of an SM2 chain. */
function isSignedWithoutDefaultId(issuer: Certificate, { tbs, signature }: Certificate): boolean {
  const { publicKey } = issuer;
  return [sm3(zOf(publicKey, ''), tbs), sm3(tbs)].some((digest) => verifyDigest(publicKey, digest, signature));
}

function permits(certificate: Certificate, use: CertificateUse): boolean {
  const usage = certificate.keyUsage;
  if (usage === null || certificate.isCa !== (use === 'issuing')) return false;
  const purpose = certificate.extendedKeyUsage;
  switch (use) {
    case 'signing':
      // A critical purpose (a server of TLS, a time stamp) binds the key to it.
      return usage.has(KEY_USAGE.digitalSignature) && purpose?.isCritical !== true;
    case 'encryption':
      return usage.has(KEY_USAGE.keyEncipherment) || usage.has(KEY_USAGE.dataEncipherment) || usage.has(KEY_USAGE.keyAgreement);
    case 'issuing':
      return usage.has(KEY_USAGE.keyCertSign) && usage.has(KEY_USAGE.crlSign);
    case 'time_stamping':
      // RFC 3161 §2.3: this purpose, critical and alone.
      return (
        usage.has(KEY_USAGE.digitalSignature) &&
        purpose?.isCritical === true &&
        purpose.purposes.size === 1 &&
        purpose.purposes.has(OID.timeStamping)
      );
  }
}

function isIssuer(issuer: Certificate, certificate: Certificate): boolean {
  if (!isSameName(issuer.subject, certificate.issuer)) return false;
  return certificate.authorityKeyId === null || issuer.subjectKeyId === null || equalBytes(certificate.authorityKeyId, issuer.subjectKeyId);
}

function readOrRefuse<T>(read: () => T): T | ChainRefusal {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return CHAIN_REFUSALS.find((code) => code === error.code) ?? 'certificate_malformed';
  }
}
