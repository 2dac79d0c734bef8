/** Rows of the certificates page: days left, chain, state of the issuer's revocation list. */
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { type Certificate, isSameName, parseCertificate } from '#ledger/pki/certificate.ts';
import { type Crl, parseCrl } from '#ledger/pki/crl.ts';
import { verifyChain } from '#ledger/pki/verify-chain.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { chainFrom } from '#ledger/verify/verify-certificates.ts';
import type { CertificateView } from '#server/trpc/views.ts';
import { nameText, organisationOf } from './names.ts';
import type { AnchorRow, CertificateRow, CrlRow } from './pki.repo.ts';

const DAY_MS = 86_400_000;
/** Days before the end at which somebody is told (O-10). */
export const WARNING_DAYS = [7, 30, 60] as const;

type Shelf = {
  readonly anchors: readonly AnchorRow[];
  readonly rows: readonly CertificateRow[];
  readonly crls: readonly CrlRow[];
  readonly now: Instant;
  readonly sm2: Sm2;
};

export function certificateViews(shelf: Shelf): readonly CertificateView[] {
  const lists = shelf.crls.map(({ der }) => parseCrl(der));
  const pool = [...shelf.anchors, ...shelf.rows].map(({ der }) => parseCertificate(der));
  const roots = shelf.anchors.map((anchor) =>
    viewOf(shelf, lists, pool, { row: anchor, kind: 'root', purpose: 'root', isLicensed: anchor.isLicensed }),
  );
  const others = shelf.rows.map((row) => viewOf(shelf, lists, pool, { row, kind: row.kind, purpose: row.purpose, isLicensed: null }));
  return [...roots, ...others];
}

/** Days left, rounded down: the day of the end itself is 0. */
export function daysLeft(notAfter: Instant, now: Instant): number {
  return Math.floor((notAfter - now) / DAY_MS);
}

/** The narrowest threshold that has been passed. */
export function warningAt(notAfter: Instant, now: Instant): CertificateView['warning'] {
  if (now > notAfter) return 0;
  return WARNING_DAYS.find((days) => notAfter - now <= days * DAY_MS) ?? null;
}

type Subject = Pick<CertificateView, 'kind' | 'purpose'> & {
  readonly row: { readonly sm3: Bytes; readonly der: Bytes; readonly retiredAt: Instant | null };
  readonly isLicensed: boolean | null;
};

function viewOf(
  shelf: Shelf,
  lists: readonly Crl[],
  pool: readonly Certificate[],
  { row, kind, purpose, isLicensed }: Subject,
): CertificateView {
  const { now, anchors } = shelf;
  const certificate = parseCertificate(row.der);
  const chain = chainFrom(certificate, pool).map((der) => parseCertificate(der));
  const root = chain.at(-1);
  const { subject, serial, notBefore, notAfter } = certificate;
  return {
    fingerprint: toHex(row.sm3),
    kind,
    purpose,
    subject: nameText(subject),
    organisation: organisationOf(subject),
    serial: toHex(serial),
    notBefore: toIso(notBefore),
    notAfter: toIso(notAfter),
    daysLeft: daysLeft(notAfter, now),
    warning: row.retiredAt === null ? warningAt(notAfter, now) : null,
    refusal: refusalOf(shelf, certificate, chain, kind),
    isLicensed: isLicensed ?? anchors.some((anchor) => anchor.isLicensed && root !== undefined && equalBytes(anchor.sm3, root.fingerprint)),
    isRetired: row.retiredAt !== null,
    chain: chain.slice(1).map((issuer) => ({ subject: nameText(issuer.subject), fingerprint: toHex(issuer.fingerprint) })),
    crl: kind === 'root' ? null : crlOf(lists, certificate, now),
  };
}

function refusalOf(
  { anchors, crls, now, sm2 }: Shelf,
  certificate: Certificate,
  chain: readonly Certificate[],
  kind: CertificateView['kind'],
) {
  if (kind === 'root') return now > certificate.notAfter ? 'certificate_expired' : null;
  const use = kind === 'authority' ? 'issuing' : kind;
  const inForce = anchors.filter((anchor) => anchor.retiredAt === null).map((anchor) => anchor.sm3);
  const ders = chain.map(({ der }) => der);
  const result = verifyChain({ chain: ders, anchors: inForce, at: now, use, sm2, crls: crls.map(({ der }) => der) });
  return result.kind === 'rejected' ? result.code : null;
}

function crlOf(lists: readonly Crl[], { issuer, serial }: Certificate, now: Instant): CertificateView['crl'] {
  const list = lists.find((each) => isSameName(each.issuer, issuer));
  if (list === undefined) return null;
  const since = list.revoked.get(toHex(serial));
  return {
    thisUpdate: toIso(list.thisUpdate),
    nextUpdate: toIso(list.nextUpdate),
    isStale: now > list.nextUpdate,
    revokedSince: since === undefined ? null : toIso(since),
  };
}
