/** SQL of certificates, trust and revocation: schema `pki`. */
import type { Certificate } from '#ledger/pki/certificate.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import type { Sql } from '#server/db.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import type { StaffRole } from '#server/trpc/views.ts';

export const CERTIFICATE_PURPOSES = ['authority', 'node', 'seal', 'staff', 'studio', 'time_stamp', 'other'] as const;
export type CertificatePurpose = (typeof CERTIFICATE_PURPOSES)[number];
export type CertificateKind = 'authority' | 'signing' | 'encryption' | 'time_stamping';

export type AnchorRow = {
  readonly sm3: Bytes;
  readonly der: Bytes;
  readonly subject: string;
  readonly isLicensed: boolean;
  readonly addedAt: Instant;
  readonly retiredAt: Instant | null;
};
export type CertificateRow = {
  readonly sm3: Bytes;
  readonly der: Bytes;
  readonly kind: CertificateKind;
  readonly purpose: CertificatePurpose;
  readonly subject: string;
  readonly organisation: string;
  readonly serial: string;
  readonly publicKey: Bytes;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  readonly addedAt: Instant;
  readonly retiredAt: Instant | null;
};
export type GrantRow = { readonly authority: Bytes; readonly unit: string; readonly role: StaffRole; readonly organisation: string };

const bytes = (value: Uint8Array): Bytes => new Uint8Array(value);
const timeOrNull = (value: Date | null): Instant | null => (value === null ? null : instant(value.getTime()));

export async function insertAnchor(sql: Queryable, anchor: Omit<AnchorRow, 'retiredAt'>): Promise<boolean> {
  const rows = await sql`
    insert into pki.anchors (sm3, der, subject, is_licensed, added_at)
    values (${anchor.sm3}, ${anchor.der}, ${anchor.subject}, ${anchor.isLicensed}, ${new Date(anchor.addedAt)})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

export async function listAnchors(sql: Sql): Promise<readonly AnchorRow[]> {
  type Row = { sm3: Uint8Array; der: Uint8Array; subject: string; is_licensed: boolean; added_at: Date; retired_at: Date | null };
  const rows = await sql<Row[]>`select sm3, der, subject, is_licensed, added_at, retired_at from pki.anchors order by added_at, sm3`;
  return rows.map((row) => ({
    sm3: bytes(row.sm3),
    der: bytes(row.der),
    subject: row.subject,
    isLicensed: row.is_licensed,
    addedAt: instant(row.added_at.getTime()),
    retiredAt: timeOrNull(row.retired_at),
  }));
}

export async function insertCertificate(
  sql: Queryable,
  certificate: Certificate,
  facts: Pick<CertificateRow, 'kind' | 'purpose' | 'subject' | 'organisation' | 'addedAt'>,
): Promise<boolean> {
  const { fingerprint, der, serial, publicKey, notBefore, notAfter } = certificate;
  const rows = await sql`
    insert into pki.certificates (sm3, der, kind, purpose, subject, organisation, serial, public_key, not_before, not_after, added_at)
    values (${fingerprint}, ${der}, ${facts.kind}, ${facts.purpose}, ${facts.subject}, ${facts.organisation}, ${toHex(serial)}, ${publicKey},
      ${new Date(notBefore)}, ${new Date(notAfter)}, ${new Date(facts.addedAt)})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

type Columns = {
  sm3: Uint8Array;
  der: Uint8Array;
  kind: CertificateKind;
  purpose: CertificatePurpose;
  subject: string;
  organisation: string;
  serial: string;
  public_key: Uint8Array;
  not_before: Date;
  not_after: Date;
  added_at: Date;
  retired_at: Date | null;
};

/** Newest validity first within a subject, so that what signs next comes before what it replaced. */
export async function listCertificates(sql: Sql): Promise<readonly CertificateRow[]> {
  const rows = await sql<Columns[]>`
    select sm3, der, kind, purpose, subject, organisation, serial, public_key, not_before, not_after, added_at, retired_at
    from pki.certificates order by purpose, subject, kind, not_before desc, sm3`;
  return rows.map((row) => ({
    sm3: bytes(row.sm3),
    der: bytes(row.der),
    kind: row.kind,
    purpose: row.purpose,
    subject: row.subject,
    organisation: row.organisation,
    serial: row.serial,
    publicKey: bytes(row.public_key),
    notBefore: instant(row.not_before.getTime()),
    notAfter: instant(row.not_after.getTime()),
    addedAt: instant(row.added_at.getTime()),
    retiredAt: timeOrNull(row.retired_at),
  }));
}

/** DER; empty when there is none, which no chain accepts. */
export async function findSigningCertificate(sql: Queryable, serial: string): Promise<Bytes> {
  const [row] = await sql<{ der: Uint8Array }[]>`select der from pki.certificates where serial = ${serial} and kind = 'signing'`;
  return bytes(row?.der ?? new Uint8Array());
}

/** False when there is no such row in force. */
export async function retire(sql: Sql, table: 'anchors' | 'certificates', sm3: Uint8Array, at: Instant): Promise<boolean> {
  const rows = await sql`
    update ${sql(`pki.${table}`)} set retired_at = ${new Date(at)} where sm3 = ${sm3} and retired_at is null returning 1`;
  return rows.length === 1;
}

export async function insertGrant(sql: Queryable, { authority, unit, role, organisation }: GrantRow, at: Instant): Promise<void> {
  await sql`
    insert into pki.grants (authority_sm3, unit, role, organisation, added_at)
    values (${authority}, ${unit}, ${role}, ${organisation}, ${new Date(at)}) on conflict do nothing`;
}

export async function findGrant(sql: Sql, authority: Uint8Array, unit: string): Promise<GrantRow | null> {
  const [row] = await sql<{ role: StaffRole; organisation: string }[]>`
    select role, organisation from pki.grants where authority_sm3 = ${authority} and unit = ${unit}`;
  return row === undefined ? null : { authority: bytes(authority), unit, ...row };
}

export type CrlRow = { readonly der: Bytes; readonly issuer: string; readonly thisUpdate: Instant; readonly nextUpdate: Instant };

export async function insertCrl(sql: Queryable, sm3: Uint8Array, crl: CrlRow, at: Instant): Promise<boolean> {
  const rows = await sql`
    insert into pki.crls (sm3, der, issuer, this_update, next_update, added_at)
    values (${sm3}, ${crl.der}, ${crl.issuer}, ${new Date(crl.thisUpdate)}, ${new Date(crl.nextUpdate)}, ${new Date(at)})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** The newest list of each issuer that was issued by then. */
export async function listCrls(sql: Sql, until: Instant): Promise<readonly CrlRow[]> {
  const rows = await sql<{ der: Uint8Array; issuer: string; this_update: Date; next_update: Date }[]>`
    select distinct on (issuer) der, issuer, this_update, next_update from pki.crls
    where this_update <= ${new Date(until)} order by issuer, this_update desc, added_at desc`;
  return rows.map((row) => ({
    der: bytes(row.der),
    issuer: row.issuer,
    thisUpdate: instant(row.this_update.getTime()),
    nextUpdate: instant(row.next_update.getTime()),
  }));
}

/** True once per certificate and threshold. */
export async function insertWarning(sql: Sql, sm3: Uint8Array, days: number, at: Instant): Promise<boolean> {
  const rows = await sql`
    insert into pki.expiry_warnings (sm3, days, warned_at) values (${sm3}, ${days}, ${new Date(at)}) on conflict do nothing returning 1`;
  return rows.length === 1;
}
