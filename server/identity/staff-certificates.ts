/**
 * The pinned authority behind staff certificates (product V-01). A folder holds the trusted root and the organisations' authorities in DER;
 * on a demonstration chain it is filled at the first start with certificates over published keys, named NOT_LICENSED.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DEMONSTRATION_STAFF, DEMONSTRATION_STUDIO } from '#drizzle/seed/demonstration-keys.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { type Certificate, findNamePart, OID, parseCertificate } from '#ledger/pki/certificate.ts';
import { type DistinguishedName, issueCertificate } from '#ledger/pki/issue-certificate.ts';
import { verifyChain } from '#ledger/pki/verify-chain.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import type { StaffRole } from '#server/trpc/views.ts';
import type { StaffSession } from './identity.ts';

export interface TrustStore {
  readonly root: Bytes | null;
  readonly authorities: readonly Certificate[];
}

const YEAR_MS = 365 * 86_400_000;
const DAY_MS = 86_400_000;

/** Which authority may name which role: the operator's cannot make a supervisor. */
const ROLES: readonly { readonly unit: string; readonly authority: string; readonly role: StaffRole; readonly organisation: string }[] = [
  { unit: 'tax', authority: 'Supervisor CA', role: 'sup_tax', organisation: 'Supervisor (demonstration)' },
  { unit: 'market', authority: 'Supervisor CA', role: 'sup_market', organisation: 'Supervisor (demonstration)' },
  { unit: 'finance', authority: 'Supervisor CA', role: 'sup_finance', organisation: 'Supervisor (demonstration)' },
  { unit: 'audit', authority: 'Supervisor CA', role: 'auditor', organisation: 'Supervisor (demonstration)' },
  { unit: 'operator', authority: 'Operator CA', role: 'operator', organisation: 'Operator (demonstration)' },
  { unit: 'notary', authority: 'Notary CA', role: 'notary', organisation: 'Notary (demonstration)' },
  { unit: 'studio', authority: 'Studio CA', role: 'studio', organisation: 'Demonstration Studio' },
];

const ROOT_NAME: DistinguishedName = { commonName: 'Daoju test root', organization: 'NOT_LICENSED' };

export function loadTrustStore(folder: string): TrustStore {
  const rootFile = path.join(folder, 'root.der');
  if (!existsSync(rootFile)) return { root: null, authorities: [] };
  const files = readdirSync(folder).filter((file) => file.startsWith('authority-') && file.endsWith('.der'));
  return {
    root: new Uint8Array(readFileSync(rootFile)),
    authorities: files.sort().map((file) => parseCertificate(new Uint8Array(readFileSync(path.join(folder, file))))),
  };
}

export type StaffCertificate = { readonly staff: Omit<StaffSession, 'sessionId'>; readonly publicKey: Bytes };
export type StaffRefusal = 'certificate_malformed' | 'certificate_untrusted' | 'certificate_role_unknown';

/** Who the certificate names, when its chain ends at the pinned root and is valid at the instant. */
export function readStaffCertificate(
  store: TrustStore,
  sm2: Sm2,
  der: Uint8Array,
  at: Instant,
): StaffCertificate | { readonly refusal: StaffRefusal } {
  const leaf = parseOrNull(der);
  if (leaf === null) return { refusal: 'certificate_malformed' };
  const authority = store.authorities.find((each) => equalBytes(each.subject.raw, leaf.issuer.raw));
  if (authority === undefined || store.root === null) return { refusal: 'certificate_untrusted' };
  const result = verifyChain({ chain: [der, authority.der, store.root], anchors: [sm3(store.root)], at, use: 'signing', sm2 });
  if (result.kind === 'rejected') return { refusal: 'certificate_untrusted' };
  const unit = findNamePart(leaf.subject, OID.organizationalUnit);
  const issuer = findNamePart(authority.subject, OID.commonName);
  const role = ROLES.find((each) => each.unit === unit && each.authority === issuer);
  const staffId = findNamePart(leaf.subject, OID.serialNumber);
  const name = findNamePart(leaf.subject, OID.commonName);
  if (role === undefined || staffId === null || name === null) return { refusal: 'certificate_role_unknown' };
  const staff = { staffId, name, role: role.role, organisation: role.organisation, certificateSerial: toHex(leaf.serial) };
  return { staff, publicKey: leaf.publicKey };
}

function parseOrNull(der: Uint8Array): Certificate | null {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

/** The studio's console is entered with a certificate too; its key is the one of the issuing account. */
const CERTIFIED = [...DEMONSTRATION_STAFF, DEMONSTRATION_STUDIO.account] as const;

const STAFF: Readonly<Record<(typeof CERTIFIED)[number], { readonly unit: string; readonly commonName: string }>> = {
  'staff-tax': { unit: 'tax', commonName: '演示税务监管员' },
  'staff-market': { unit: 'market', commonName: '演示市场监管员' },
  'staff-finance': { unit: 'finance', commonName: '演示资金监管员' },
  'staff-operator': { unit: 'operator', commonName: '演示运营员' },
  'staff-notary': { unit: 'notary', commonName: '演示公证员' },
  studio: { unit: 'studio', commonName: '示例工作室' },
};

export type DemonstrationStaff = { readonly name: string; readonly role: StaffRole; readonly certificate: Bytes };

/** Issues root, authorities and personal certificates once; later starts read them. */
export function ensureDemonstrationCertificates(folder: string, sm2: Sm2, now: Instant): readonly DemonstrationStaff[] {
  if (!existsSync(path.join(folder, 'root.der'))) issueDemonstrationCertificates(folder, sm2, now);
  return CERTIFIED.map((name) => {
    const role = ROLES.find(({ unit }) => unit === STAFF[name].unit);
    if (role === undefined) throw new Error(`no role for ${name}`);
    return { name, role: role.role, certificate: new Uint8Array(readFileSync(path.join(folder, `${name}.der`))) };
  });
}

function issueDemonstrationCertificates(folder: string, sm2: Sm2, now: Instant): void {
  const making = `${folder}.new`;
  mkdirSync(making, { recursive: true, mode: 0o700 });
  let serial = 0;
  const issue = (
    file: string,
    issuerKey: string,
    issuerName: DistinguishedName,
    subjectKey: string,
    subject: DistinguishedName,
    pathLength: number | null,
  ) => {
    serial += 1;
    const der = issueCertificate(sm2, {
      issuer: { name: issuerName, privateKey: demonstrationKeys(issuerKey).privateKey },
      subject,
      publicKey: demonstrationKeys(subjectKey).publicKey,
      serial: Uint8Array.of(0x20, 0x26, serial),
      notBefore: instant(now - DAY_MS),
      notAfter: instant(now + 10 * YEAR_MS),
      profile: pathLength === null ? { kind: 'signing' } : { kind: 'authority', pathLength },
    });
    writeFileSync(path.join(making, file), der);
  };
  issue('root.der', 'test-root', ROOT_NAME, 'test-root', ROOT_NAME, 1);
  const authorities = [...new Set(ROLES.map(({ authority }) => authority))];
  const nameOf = (authority: string): DistinguishedName => ({ commonName: authority, organization: 'NOT_LICENSED' });
  for (const authority of authorities) {
    const file = authority.toLowerCase().replace(' ', '-');
    issue(`authority-${file}.der`, 'test-root', ROOT_NAME, `test-${file}`, nameOf(authority), 0);
  }
  for (const name of CERTIFIED) {
    const { unit, commonName } = STAFF[name];
    const role = ROLES.find((each) => each.unit === unit);
    if (role === undefined) throw new Error(`no role for ${name}`);
    const subject = { commonName, organization: role.organisation, organizationalUnit: unit, serialNumber: name.toUpperCase() };
    issue(`${name}.der`, `test-${role.authority.toLowerCase().replace(' ', '-')}`, nameOf(role.authority), name, subject, null);
  }
  // Whole or not at all: a folder with a root and no leaves would lock everybody out.
  mkdirSync(path.dirname(folder), { recursive: true });
  renameSync(making, folder);
}
