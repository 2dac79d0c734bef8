/** X.509 v3 certificates of the profile GB/T 20518 (ledger.md 20): SM2 keys on the standard curve, SM2-with-SM3, default user id. */
import { isOnCurve } from '#ledger/crypto/sm2.ts';
import { signatureFromDer } from '#ledger/crypto/sm2-der.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, equalBytes, fromBase64, toBase64, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { DER, DerReader, readBoolean, readNamedBits, readOid, readText, readTime, readUnsigned, readWholeBits } from './der.ts';

export const OID = {
  ecPublicKey: '1.2.840.10045.2.1',
  sm2Curve: '1.2.156.10197.1.301',
  sm2WithSm3: '1.2.156.10197.1.501',
  commonName: '2.5.4.3',
  serialNumber: '2.5.4.5',
  country: '2.5.4.6',
  organization: '2.5.4.10',
  organizationalUnit: '2.5.4.11',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  timeStamping: '1.3.6.1.5.5.7.3.8',
} as const;

/** Bits of keyUsage. */
export const KEY_USAGE = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  crlSign: 6,
} as const;

/** What a certificate can be refused for while it is read. */
export const CERTIFICATE_PARSE_CODES = [
  'der_malformed',
  'certificate_malformed',
  'certificate_algorithm',
  'certificate_curve',
  'certificate_extension_unknown',
] as const;

export type NamePart = { readonly oid: string; readonly text: string };
export type Name = {
  /** DER of the name: what issuers are compared by. */
  readonly raw: Bytes;
  readonly parts: readonly NamePart[];
};
export type Certificate = {
  readonly der: Bytes;
  /** SM3 of the DER: how anchors and members' certificates are pinned. */
  readonly fingerprint: Bytes;
  /** What the issuer signed. */
  readonly tbs: Bytes;
  /** 64 bytes r‖s. */
  readonly signature: Bytes;
  readonly serial: Bytes;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  /** 64 bytes x‖y, on the curve. */
  readonly publicKey: Bytes;
  readonly isCa: boolean;
  readonly pathLength: number | null;
  /** Absent when the certificate does not limit its use; every profile here demands it. */
  readonly keyUsage: ReadonlySet<number> | null;
  /** Purposes by OID; `isCritical`: these and no others. `null` when the certificate names none. */
  readonly extendedKeyUsage: { readonly purposes: ReadonlySet<string>; readonly isCritical: boolean } | null;
  readonly subjectKeyId: Bytes | null;
  readonly authorityKeyId: Bytes | null;
};

const TAG = { version: 0xa0, issuerUid: 0x81, subjectUid: 0x82, extensions: 0xa3, keyIdentifier: 0x80 } as const;
const MAX_CERTIFICATE = 16_384;

/** @throws {ParseError} one of `CERTIFICATE_PARSE_CODES` */
export function parseCertificate(input: Uint8Array): Certificate {
  if (input.length > MAX_CERTIFICATE) throw new ParseError('certificate_malformed', { what: 'more than 16 KiB' });
  const bytes = new Uint8Array(input);
  const outer = new DerReader(bytes);
  const certificate = outer.sequence();
  outer.end();
  const tbs = certificate.next(DER.sequence);
  readSignatureAlgorithm(certificate);
  const signature = signatureFromDer(readWholeBits(certificate.next(DER.bitString).content));
  certificate.end();
  if (signature === null) throw new ParseError('certificate_malformed', { what: 'the signature' });

  const fields = new DerReader(tbs.content);
  readVersion(fields);
  const serial = readUnsigned(fields.next(DER.integer).content);
  if (serial.length > 20) throw new ParseError('certificate_malformed', { what: 'a serial number above 20 bytes' });
  readSignatureAlgorithm(fields);
  const issuer = readName(fields);
  const validity = fields.sequence();
  const notBefore = instant(readTime(validity.next()));
  const notAfter = instant(readTime(validity.next()));
  validity.end();
  const subject = readName(fields);
  const publicKey = readPublicKey(fields);
  const extensions = readExtensions(fields);
  return {
    der: bytes,
    fingerprint: sm3(bytes),
    tbs: tbs.raw.slice(),
    signature,
    serial,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    ...extensions,
  };
}

/** The first part of a name with that OID, `null` when there is none. */
export function findNamePart(name: Name, oid: string): string | null {
  return name.parts.find((part) => part.oid === oid)?.text ?? null;
}

export const PEM_LABELS = ['CERTIFICATE', 'X509 CRL', 'CERTIFICATE REQUEST'] as const;
export type PemLabel = (typeof PEM_LABELS)[number];

/** Each block of that label, in order; the text may hold others beside them. */
export function findPem(text: string, label: PemLabel): readonly Bytes[] {
  const blocks = text.matchAll(new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`, 'g'));
  return [...blocks].map(([, body = '']) => fromBase64(body.replace(/\s/g, '')));
}

/** Each `-----BEGIN CERTIFICATE-----` block, in order. @throws {ParseError} `certificate_malformed` */
export function parsePem(text: string): readonly Bytes[] {
  const blocks = findPem(text, 'CERTIFICATE');
  if (blocks.length === 0) throw new ParseError('certificate_malformed', { what: 'no certificate in the text' });
  return blocks;
}

export function toPem(bytes: Uint8Array, label: PemLabel = 'CERTIFICATE'): string {
  const lines = toBase64(bytes).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function readVersion(fields: DerReader): void {
  const version = new DerReader(fields.next(TAG.version).content);
  const value = version.next(DER.integer).content;
  version.end();
  if (value.length !== 1 || value[0] !== 2) throw new ParseError('certificate_malformed', { what: 'a version other than 3' });
}

/** SM2-with-SM3 without parameters; anything else, RSA and ECDSA too, is `certificate_algorithm`. */
export function readSignatureAlgorithm(reader: DerReader): void {
  const algorithm = reader.sequence();
  const oid = readOid(algorithm.next(DER.oid).content);
  if (oid !== OID.sm2WithSm3 || !algorithm.isAtEnd) throw new ParseError('certificate_algorithm', { oid });
}

/** 64 bytes x‖y of a SubjectPublicKeyInfo on the SM2 curve. */
export function readPublicKey(fields: DerReader): Bytes {
  const info = fields.sequence();
  const algorithm = info.sequence();
  const oid = readOid(algorithm.next(DER.oid).content);
  if (oid !== OID.ecPublicKey) throw new ParseError('certificate_algorithm', { oid });
  const curve = readOid(algorithm.next(DER.oid).content);
  algorithm.end();
  if (curve !== OID.sm2Curve) throw new ParseError('certificate_curve', { oid: curve });
  const point = readWholeBits(info.next(DER.bitString).content);
  info.end();
  const publicKey = point.slice(1);
  if (point[0] !== 0x04 || !isOnCurve(publicKey)) throw new ParseError('certificate_curve', { oid: curve });
  return publicKey;
}

export function readName(reader: DerReader): Name {
  const value = reader.next(DER.sequence);
  const names = new DerReader(value.content);
  const parts: NamePart[] = [];
  while (!names.isAtEnd) {
    const set = new DerReader(names.next(DER.set).content);
    if (set.isAtEnd) throw new ParseError('certificate_malformed', { what: 'an empty name' });
    while (!set.isAtEnd) {
      const attribute = set.sequence();
      const oid = readOid(attribute.next(DER.oid).content);
      parts.push({ oid, text: readText(attribute.next()) });
      attribute.end();
    }
  }
  return { raw: value.raw.slice(), parts };
}

type Extensions = Pick<Certificate, 'isCa' | 'pathLength' | 'keyUsage' | 'extendedKeyUsage' | 'subjectKeyId' | 'authorityKeyId'>;

const NO_EXTENSIONS: Extensions = {
  isCa: false,
  pathLength: null,
  keyUsage: null,
  extendedKeyUsage: null,
  subjectKeyId: null,
  authorityKeyId: null,
};

function readExtensions(fields: DerReader): Extensions {
  let found = NO_EXTENSIONS;
  if (fields.isAtEnd) return found;
  const wrapper = new DerReader(fields.next(TAG.extensions).content);
  fields.end();
  const list = wrapper.sequence();
  wrapper.end();
  const seen = new Set<string>();
  while (!list.isAtEnd) {
    const { oid, isCritical, value } = readExtension(list);
    if (seen.has(oid)) throw new ParseError('certificate_malformed', { what: 'an extension twice', oid });
    seen.add(oid);
    if (oid === OID.basicConstraints) found = { ...found, ...readBasicConstraints(value) };
    else if (oid === OID.keyUsage) found = { ...found, keyUsage: readKeyUsage(value) };
    else if (oid === OID.extendedKeyUsage) found = { ...found, extendedKeyUsage: { purposes: readPurposes(value), isCritical } };
    else if (oid === OID.subjectKeyId) found = { ...found, subjectKeyId: readWhole(value, DER.octetString).slice() };
    else if (oid === OID.authorityKeyId) found = { ...found, authorityKeyId: readAuthorityKeyId(value) };
    else if (isCritical) throw new ParseError('certificate_extension_unknown', { oid });
  }
  return found;
}

export function readExtension(list: DerReader): { readonly oid: string; readonly isCritical: boolean; readonly value: Uint8Array } {
  const extension = list.sequence();
  const oid = readOid(extension.next(DER.oid).content);
  const isCritical = extension.peekTag() === DER.boolean && readTrue(extension);
  const value = extension.next(DER.octetString).content;
  extension.end();
  return { oid, isCritical, value };
}

/** A DEFAULT FALSE that is spelled out is not DER. */
function readTrue(reader: DerReader): true {
  if (!readBoolean(reader.next(DER.boolean).content)) throw new ParseError('certificate_malformed', { what: 'a default spelled out' });
  return true;
}

function readBasicConstraints(value: Uint8Array): Pick<Certificate, 'isCa' | 'pathLength'> {
  const body = new DerReader(readWhole(value, DER.sequence));
  const isCa = body.peekTag() === DER.boolean && readTrue(body);
  const pathLength = body.isAtEnd ? null : Number.parseInt(toHex(readUnsigned(body.next(DER.integer).content)), 16);
  body.end();
  if (pathLength !== null && (!isCa || pathLength > 16)) throw new ParseError('certificate_malformed', { what: 'the path length' });
  return { isCa, pathLength };
}

function readKeyUsage(value: Uint8Array): ReadonlySet<number> {
  const bits = readNamedBits(readWhole(value, DER.bitString));
  if (bits.size === 0) throw new ParseError('certificate_malformed', { what: 'a key usage of nothing' });
  return bits;
}

function readPurposes(value: Uint8Array): ReadonlySet<string> {
  const list = new DerReader(readWhole(value, DER.sequence));
  const purposes = new Set<string>();
  while (!list.isAtEnd) purposes.add(readOid(list.next(DER.oid).content));
  if (purposes.size === 0) throw new ParseError('certificate_malformed', { what: 'an extended key usage of nothing' });
  return purposes;
}

function readAuthorityKeyId(value: Uint8Array): Bytes | null {
  const body = new DerReader(readWhole(value, DER.sequence));
  return body.peekTag() === TAG.keyIdentifier ? body.next(TAG.keyIdentifier).content.slice() : null;
}

/** Content of the one value that fills the bytes. */
function readWhole(bytes: Uint8Array, tag: number): Uint8Array {
  const reader = new DerReader(bytes);
  const { content } = reader.next(tag);
  reader.end();
  return content;
}

export function isSameName(a: Name, b: Name): boolean {
  return equalBytes(a.raw, b.raw);
}
