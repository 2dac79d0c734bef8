/**
 * SignedData with one signer: GB/T 35275 for documents (content types of its own, otherwise as PKCS#7) and CMS (RFC 5652) for time-stamp
 * tokens. Strict both ways: one certificate, one signer, sorted attributes, nothing unsigned; so no byte can change unnoticed.
 */
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { signatureFromDer, signatureToDer } from '#ledger/crypto/sm2-der.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, compareBytes, concat, equalBytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { DER, DerReader, der, derOid, derTime, derUnsigned, readOid, readTime } from './der.ts';

const SM3_OID = '1.2.156.10197.1.401';
const ATTRIBUTE = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const;

/** What the two standards spell differently. */
export type SignedDataFormat = {
  readonly signedData: string;
  readonly content: string;
  readonly version: number;
  readonly signatureAlgorithm: string;
  /** RFC 3161 §2.4.2: a token names its certificate inside the signature. */
  readonly namesCertificate: boolean;
};
export const GBT_35275: SignedDataFormat = {
  signedData: '1.2.156.10197.6.1.4.2.2',
  content: '1.2.156.10197.6.1.4.2.1',
  version: 1,
  signatureAlgorithm: '1.2.156.10197.1.301.1',
  namesCertificate: false,
};
export const TIME_STAMP_TOKEN: SignedDataFormat = {
  signedData: '1.2.840.113549.1.7.2',
  content: '1.2.840.113549.1.9.16.1.4',
  version: 3,
  signatureAlgorithm: '1.2.156.10197.1.501',
  namesCertificate: true,
};

export type SignedData = {
  /** `null`: the content lies elsewhere. */
  readonly content: Bytes | null;
  readonly certificate: Certificate;
  readonly signingTime: Instant;
  readonly digest: Bytes;
  /** What the signature covers: the attributes as a SET. */
  readonly signedBytes: Bytes;
  readonly signature: Bytes;
};

const TAG = { explicit0: 0xa0, implicit0: 0xa0 } as const;

/** DER of a SignedData over `content`; with `isDetached` the content itself stays outside. */
export function signData(
  sm2: Sm2,
  format: SignedDataFormat,
  request: {
    readonly content: Uint8Array;
    readonly isDetached: boolean;
    readonly certificate: Uint8Array;
    readonly privateKey: Uint8Array;
    readonly signingTime: Instant;
  },
): Bytes {
  const { content, certificate, privateKey, signingTime } = request;
  const leaf = parseCertificate(certificate);
  const attributes = sorted([
    attribute(ATTRIBUTE.contentType, derOid(format.content)),
    attribute(ATTRIBUTE.messageDigest, der(DER.octetString, sm3(content))),
    attribute(ATTRIBUTE.signingTime, derTime(signingTime)),
    ...(format.namesCertificate ? [attribute(ATTRIBUTE.signingCertificateV2, signingCertificate(leaf))] : []),
  ]);
  const signature = sm2.sign(privateKey, der(DER.set, ...attributes));
  const signer = der(
    DER.sequence,
    derUnsigned(Uint8Array.of(1)),
    der(DER.sequence, leaf.issuer.raw, derUnsigned(leaf.serial)),
    algorithm(SM3_OID),
    der(TAG.implicit0, ...attributes),
    algorithm(format.signatureAlgorithm),
    der(DER.octetString, signatureToDer(signature)),
  );
  const inner = request.isDetached ? [] : [der(TAG.explicit0, der(DER.octetString, content))];
  const signed = der(
    DER.sequence,
    derUnsigned(Uint8Array.of(format.version)),
    der(DER.set, algorithm(SM3_OID)),
    der(DER.sequence, derOid(format.content), ...inner),
    der(TAG.implicit0, leaf.der),
    der(DER.set, signer),
  );
  return der(DER.sequence, derOid(format.signedData), der(TAG.explicit0, signed));
}

/** Reads the structure and demands that it is consistent in itself. @throws {ParseError} `signed_data_malformed` or a code of certificates */
export function parseSignedData(bytes: Uint8Array, format: SignedDataFormat): SignedData {
  const outer = new DerReader(bytes);
  const info = outer.sequence();
  outer.end();
  requireOid(info, format.signedData);
  const wrapper = new DerReader(info.next(TAG.explicit0).content);
  info.end();
  const signed = wrapper.sequence();
  wrapper.end();
  requireVersion(signed, format.version);
  const digests = new DerReader(signed.next(DER.set).content);
  requireAlgorithm(digests, SM3_OID);
  digests.end();
  const content = readContent(signed.sequence(), format);
  const certificates = new DerReader(signed.next(TAG.implicit0).content);
  const certificate = parseCertificate(certificates.next(DER.sequence).raw);
  certificates.end();
  const signers = new DerReader(signed.next(DER.set).content);
  signed.end();
  const signer = readSigner(signers.sequence(), certificate, format);
  signers.end();
  return { content, certificate, ...signer };
}

/** True when the digest is the content's and the signature is the certificate's. Whether to believe the certificate is another question. */
export function verifySignedData(sm2: Sm2, signed: SignedData, content: Uint8Array): boolean {
  return equalBytes(signed.digest, sm3(content)) && sm2.verify(signed.certificate.publicKey, signed.signedBytes, signed.signature);
}

function readContent(info: DerReader, format: SignedDataFormat): Bytes | null {
  requireOid(info, format.content);
  if (info.isAtEnd) return null;
  const wrapper = new DerReader(info.next(TAG.explicit0).content);
  info.end();
  const content = wrapper.next(DER.octetString).content.slice();
  wrapper.end();
  return content;
}

function readSigner(signer: DerReader, certificate: Certificate, format: SignedDataFormat) {
  requireVersion(signer, 1);
  const named = signer.sequence();
  const issuer = named.next(DER.sequence).raw;
  const serial = named.next(DER.integer).raw;
  named.end();
  if (!equalBytes(issuer, certificate.issuer.raw) || !equalBytes(serial, derUnsigned(certificate.serial)))
    throw malformed('another signer');
  requireAlgorithm(signer, SM3_OID);
  const attributes = signer.next(TAG.implicit0).content;
  requireAlgorithm(signer, format.signatureAlgorithm);
  const signature = signatureFromDer(signer.next(DER.octetString).content);
  signer.end();
  if (signature === null) throw malformed('the signature');
  return { ...readAttributes(attributes, certificate, format), signedBytes: der(DER.set, attributes), signature };
}

function readAttributes(bytes: Uint8Array, certificate: Certificate, format: SignedDataFormat) {
  const reader = new DerReader(bytes);
  const found = new Map<string, Uint8Array>();
  const raws: Uint8Array[] = [];
  while (!reader.isAtEnd) {
    const { raw, content } = reader.next(DER.sequence);
    raws.push(raw);
    const fields = new DerReader(content);
    const oid = readOid(fields.next(DER.oid).content);
    const values = new DerReader(fields.next(DER.set).content);
    fields.end();
    found.set(oid, values.next().raw);
    values.end();
  }
  if (!equalBytes(concat(...raws), concat(...sorted(raws)))) throw malformed('attributes out of order');
  const expected = format.namesCertificate ? 4 : 3;
  if (raws.length !== expected || found.size !== expected) throw malformed('other attributes');
  requireSame(found, ATTRIBUTE.contentType, derOid(format.content));
  if (format.namesCertificate) requireSame(found, ATTRIBUTE.signingCertificateV2, signingCertificate(certificate));
  const time = new DerReader(found.get(ATTRIBUTE.signingTime) ?? new Uint8Array(0));
  const digest = new DerReader(found.get(ATTRIBUTE.messageDigest) ?? new Uint8Array(0));
  return { signingTime: instant(readTime(time.next())), digest: digest.next(DER.octetString).content.slice() };
}

function requireSame(found: ReadonlyMap<string, Uint8Array>, oid: string, value: Uint8Array): void {
  if (!equalBytes(found.get(oid) ?? new Uint8Array(0), value)) throw malformed(`attribute ${oid}`);
}

/** RFC 5035: SM3 of the certificate, and nothing else. */
function signingCertificate(certificate: Certificate): Bytes {
  return der(DER.sequence, der(DER.sequence, der(DER.sequence, algorithm(SM3_OID), der(DER.octetString, certificate.fingerprint))));
}

function attribute(oid: string, value: Uint8Array): Bytes {
  return der(DER.sequence, derOid(oid), der(DER.set, value));
}

/** DER of a SET OF: by encoded bytes. */
function sorted<T extends Uint8Array>(values: readonly T[]): readonly T[] {
  return [...values].sort(compareBytes);
}

export function algorithm(oid: string): Bytes {
  return der(DER.sequence, derOid(oid));
}

function requireOid(reader: DerReader, oid: string): void {
  const found = readOid(reader.next(DER.oid).content);
  if (found !== oid) throw malformed(`object identifier ${found}`);
}

export function requireAlgorithm(reader: DerReader, oid: string): void {
  const fields = reader.sequence();
  requireOid(fields, oid);
  fields.end();
}

export function requireVersion(reader: DerReader, version: number): void {
  const { content } = reader.next(DER.integer);
  if (content.length !== 1 || content[0] !== version) throw malformed('a version');
}

function malformed(what: string): ParseError {
  return new ParseError('signed_data_malformed', { what });
}
