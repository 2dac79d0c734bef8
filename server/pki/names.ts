/** A certificate's names as people read them. */
import { type Certificate, findNamePart, type Name, OID } from '#ledger/pki/certificate.ts';
import type { CertificateKind } from './pki.repo.ts';

const PARTS: readonly (readonly [string, string])[] = [
  ['CN', OID.commonName],
  ['SN', OID.serialNumber],
  ['OU', OID.organizationalUnit],
  ['O', OID.organization],
  ['C', OID.country],
];

/** `CN=王检查, OU=tax, O=Supervisor, C=CN`. */
export function nameText(name: Name): string {
  const known = PARTS.flatMap(([label, oid]) => {
    const text = findNamePart(name, oid);
    return text === null ? [] : [`${label}=${text}`];
  });
  return known.length === 0 ? '?' : known.join(', ');
}

export function organisationOf(name: Name): string {
  return findNamePart(name, OID.organization) ?? '';
}

export function kindOf({ isCa, extendedKeyUsage, keyUsage }: Certificate): CertificateKind {
  if (isCa) return 'authority';
  if (extendedKeyUsage?.purposes.has(OID.timeStamping) === true) return 'time_stamping';
  return keyUsage?.has(0) === true ? 'signing' : 'encryption';
}
