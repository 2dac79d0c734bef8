/** Whom this installation trusts and until when (ledger.md 20, product O-10): what the rest of the server sees. Built by `openPki`. */
import type { Certificate } from '#ledger/pki/certificate.ts';
import type { CertificateUse, ChainRefusal } from '#ledger/pki/verify-chain.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { CertificateView, StaffRole } from '#server/trpc/views.ts';
import type { CertificatePurpose } from './pki.repo.ts';

/** Why a certificate or a list is not taken. `issuer_unknown`: no authority that issued it is known here. */
export const IMPORT_REFUSALS = ['nothing_to_import', 'root_not_self_signed', 'issuer_unknown', 'crl_older'] as const;
export type PkiRefusal = {
  readonly kind: 'rejected';
  readonly code: ChainRefusal | (typeof IMPORT_REFUSALS)[number];
  /** Which certificate. */
  readonly subject: string;
};

export type TrustedCertificate = {
  readonly kind: 'trusted';
  readonly leaf: Certificate;
  /** Leaf first, root last. */
  readonly chain: readonly Certificate[];
  readonly crls: readonly Bytes[];
  /** False below the built-in test root and any root that the operator has not stated to be licensed. */
  readonly isLicensed: boolean;
};

export type Import = {
  /** DER of roots, authorities and certificates in any order. */
  readonly certificates: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
  /** A self-signed root among them becomes an anchor; without it every chain must end at an anchor that is known already. */
  readonly trustsRoots: boolean;
  readonly isLicensed: boolean;
  /** What end certificates are for. */
  readonly purpose: CertificatePurpose;
};
export type Imported = {
  readonly kind: 'imported';
  readonly anchors: number;
  readonly certificates: number;
  readonly crls: number;
};

export interface Pki {
  /** Resolves when a demonstration's own hierarchy is stored; nothing to do elsewhere. */
  ready(): Promise<void>;
  /** Chain up to an anchor in force at `at`, with the revocation lists of every issuer. */
  trust(der: Uint8Array, use: CertificateUse, at: Instant): Promise<TrustedCertificate | PkiRefusal>;
  /** Whom an authority may name by a unit: `null` when it may not. */
  findRole(authority: Certificate, unit: string): Promise<{ readonly role: StaffRole; readonly organisation: string } | null>;
  grantRole(
    authority: Uint8Array,
    grant: { readonly unit: string; readonly role: StaffRole; readonly organisation: string },
  ): Promise<void>;
  /** Everything of one call is taken or nothing. */
  import(request: Import): Promise<Imported | PkiRefusal>;
  /** The newest signing certificate over that key which is trusted at `at`: two may be valid while one takes over from the other. */
  signingCertificate(publicKey: Uint8Array, use: CertificateUse, at: Instant): Promise<TrustedCertificate | null>;
  /** Notes a certificate that somebody has shown and that was trusted. */
  note(certificate: Certificate, purpose: CertificatePurpose): Promise<void>;
  list(): Promise<readonly CertificateView[]>;
  /** Roots, authorities and members' certificates with the newest lists: what a file for a third party carries. */
  shelf(): Promise<{ readonly certificates: readonly Bytes[]; readonly crls: readonly Bytes[] }>;
  retire(fingerprint: Uint8Array): Promise<boolean>;
}
