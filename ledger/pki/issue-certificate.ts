/** Issues SM2 certificates and revocation lists of the profile GB/T 20518: test authorities, organisations, people (ledger.md 20). */
import { publicKeyOf, type Sm2 } from '#ledger/crypto/sm2.ts';
import { signatureToDer } from '#ledger/crypto/sm2-der.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, fromHex, utf8 } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { KEY_USAGE, OID } from './certificate.ts';
import { DER, der, derNamedBits, derOid, derTime, derUnsigned, derWholeBits } from './der.ts';

/** `organization` of a test root is marked `NOT_LICENSED`, so that nobody takes it for a licensed authority. */
export type DistinguishedName = {
  readonly commonName: string;
  readonly organization: string;
  readonly organizationalUnit?: string;
  /** A staff number or the like. */
  readonly serialNumber?: string;
  readonly country?: string;
};
export type CertificateProfile =
  | { readonly kind: 'authority'; readonly pathLength: number | null }
  | { readonly kind: 'signing' }
  | { readonly kind: 'encryption' }
  | { readonly kind: 'time_stamping' };
export type Issuer = { readonly name: DistinguishedName; readonly privateKey: Uint8Array };
export type CertificateRequest = {
  readonly issuer: Issuer;
  readonly subject: DistinguishedName;
  /** 64 bytes x‖y. A root is its own issuer. */
  readonly publicKey: Uint8Array;
  /** 1 to 20 random bytes, not all zero. */
  readonly serial: Uint8Array;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  readonly profile: CertificateProfile;
};

const USAGE: Readonly<Record<CertificateProfile['kind'], readonly number[]>> = {
  authority: [KEY_USAGE.keyCertSign, KEY_USAGE.crlSign],
  signing: [KEY_USAGE.digitalSignature, KEY_USAGE.nonRepudiation],
  encryption: [KEY_USAGE.keyEncipherment, KEY_USAGE.dataEncipherment, KEY_USAGE.keyAgreement],
  time_stamping: [KEY_USAGE.digitalSignature],
};
const TRUE = der(DER.boolean, Uint8Array.of(0xff));

/** DER of a certificate signed by the issuer. */
export function issueCertificate(sm2: Sm2, request: CertificateRequest): Bytes {
  assert(request.serial.length >= 1 && request.serial.length <= 19, 'a serial number has 1 to 19 bytes');
  const { issuer, subject, profile } = request;
  const tbs = der(
    DER.sequence,
    der(0xa0, derUnsigned(Uint8Array.of(2))),
    derUnsigned(request.serial),
    signatureAlgorithm(),
    derName(issuer.name),
    der(DER.sequence, derTime(request.notBefore), derTime(request.notAfter)),
    derName(subject),
    derPublicKey(request.publicKey),
    der(
      0xa3,
      der(
        DER.sequence,
        extension(OID.basicConstraints, basicConstraints(profile), true),
        extension(OID.keyUsage, derNamedBits(USAGE[profile.kind]), true),
        ...(profile.kind === 'time_stamping' ? [extension(OID.extendedKeyUsage, der(DER.sequence, derOid(OID.timeStamping)), true)] : []),
        extension(OID.subjectKeyId, der(DER.octetString, keyIdOf(request.publicKey)), false),
        extension(OID.authorityKeyId, der(DER.sequence, der(0x80, keyIdOf(publicKeyOf(issuer.privateKey)))), false),
      ),
    ),
  );
  return sealed(sm2, issuer, tbs);
}

/** DER of a full revocation list. `number` rises with each list of an issuer. */
export function issueCrl(
  sm2: Sm2,
  request: {
    readonly issuer: Issuer;
    readonly number: number;
    readonly thisUpdate: Instant;
    readonly nextUpdate: Instant;
    readonly revoked: readonly { readonly serial: Uint8Array; readonly at: Instant }[];
  },
): Bytes {
  const entries = request.revoked.map(({ serial, at }) => der(DER.sequence, derUnsigned(serial), derTime(at)));
  const number = fromHex(request.number.toString(16).padStart(16, '0'));
  const tbs = der(
    DER.sequence,
    derUnsigned(Uint8Array.of(1)),
    signatureAlgorithm(),
    derName(request.issuer.name),
    derTime(request.thisUpdate),
    derTime(request.nextUpdate),
    ...(entries.length === 0 ? [] : [der(DER.sequence, ...entries)]),
    der(0xa0, der(DER.sequence, extension(OID.crlNumber, derUnsigned(number), false))),
  );
  return sealed(sm2, request.issuer, tbs);
}

function sealed(sm2: Sm2, { privateKey }: Pick<Issuer, 'privateKey'>, tbs: Bytes): Bytes {
  return der(DER.sequence, tbs, signatureAlgorithm(), derWholeBits(signatureToDer(sm2.sign(privateKey, tbs))));
}

function signatureAlgorithm(): Bytes {
  return der(DER.sequence, derOid(OID.sm2WithSm3));
}

function derPublicKey(publicKey: Uint8Array): Bytes {
  const algorithm = der(DER.sequence, derOid(OID.ecPublicKey), derOid(OID.sm2Curve));
  return der(DER.sequence, algorithm, derWholeBits(Uint8Array.of(0x04, ...publicKey)));
}

/** DER of a request (PKCS#10, RFC 2986): who asks for a certificate, and the proof that the key is theirs. */
export function requestCertificate(sm2: Sm2, subject: DistinguishedName, privateKey: Uint8Array): Bytes {
  const info = der(DER.sequence, derUnsigned(Uint8Array.of(0)), derName(subject), derPublicKey(publicKeyOf(privateKey)), der(0xa0));
  return sealed(sm2, { privateKey }, info);
}

function basicConstraints(profile: CertificateProfile): Bytes {
  if (profile.kind !== 'authority') return der(DER.sequence);
  return profile.pathLength === null ? der(DER.sequence, TRUE) : der(DER.sequence, TRUE, derUnsigned(Uint8Array.of(profile.pathLength)));
}

/** First 20 bytes of SM3 of the point: an identifier, not a proof. */
export function keyIdOf(publicKey: Uint8Array): Bytes {
  return sm3(Uint8Array.of(0x04), publicKey).slice(0, 20);
}

function extension(oid: string, value: Uint8Array, isCritical: boolean): Bytes {
  return der(DER.sequence, derOid(oid), ...(isCritical ? [TRUE] : []), der(DER.octetString, value));
}

/** DER of a name as this issuer writes it. */
export function derName(name: DistinguishedName): Bytes {
  const parts: readonly (readonly [string, string | undefined])[] = [
    [OID.country, name.country ?? 'CN'],
    [OID.organization, name.organization],
    [OID.organizationalUnit, name.organizationalUnit],
    [OID.serialNumber, name.serialNumber],
    [OID.commonName, name.commonName],
  ];
  const sets = parts.flatMap(([oid, text]) => {
    if (text === undefined) return [];
    // RFC 5280 appendix A: country and serial number are PrintableString.
    const tag = oid === OID.country || oid === OID.serialNumber ? DER.printableString : DER.utf8String;
    return [der(DER.set, der(DER.sequence, derOid(oid), der(tag, utf8(text))))];
  });
  return der(DER.sequence, ...sets);
}
