/** Time-stamp protocol (RFC 3161; GM/T 0033 is its profile with SM3 and SM2): request, response and token, strictly and for SM3 alone. */
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { type Bytes, equalBytes, fromHex, fromUtf8, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Instant, instant, parseInstant } from '#ledger/primitives/instant.ts';
import type { Certificate } from './certificate.ts';
import { DER, DerReader, der, derOid, derUnsigned, readBoolean, readOid, readUnsigned } from './der.ts';
import {
  algorithm,
  parseSignedData,
  requireAlgorithm,
  requireVersion,
  signData,
  TIME_STAMP_TOKEN,
  verifySignedData,
} from './signed-data.ts';

const SM3_OID = '1.2.156.10197.1.401';
const GRANTED = 0;
const REJECTION = 2;

export type TimeStampRequest = {
  /** SM3 of what is to be stamped, 32 bytes. */
  readonly imprint: Bytes;
  /** Up to 20 random bytes, so that an old answer can't stand for a new one. */
  readonly nonce: Bytes;
};
export type TimeStamp = {
  readonly policy: string;
  readonly imprint: Bytes;
  readonly serial: bigint;
  readonly genTime: Instant;
  readonly nonce: Bytes;
  readonly certificate: Certificate;
};

export function encodeTimeStampRequest({ imprint, nonce }: TimeStampRequest): Bytes {
  return der(
    DER.sequence,
    derUnsigned(Uint8Array.of(1)),
    messageImprint(imprint),
    derUnsigned(nonce),
    der(DER.boolean, Uint8Array.of(0xff)),
  );
}

/** @throws {ParseError} */
export function parseTimeStampRequest(bytes: Uint8Array): TimeStampRequest {
  const outer = new DerReader(bytes);
  const fields = outer.sequence();
  outer.end();
  requireVersion(fields, 1);
  const imprint = readImprint(fields.sequence());
  const nonce = readUnsigned(fields.next(DER.integer).content);
  const wantsCertificate = readBoolean(fields.next(DER.boolean).content);
  fields.end();
  if (!wantsCertificate) throw new ParseError('time_stamp_malformed', { what: 'a request without its certificate' });
  return { imprint, nonce };
}

/** A token that grants the request. */
export function makeTimeStampResponse(
  sm2: Sm2,
  stamp: TimeStampRequest & {
    readonly policy: string;
    readonly serial: bigint;
    readonly genTime: Instant;
    readonly certificate: Uint8Array;
    readonly privateKey: Uint8Array;
  },
): Bytes {
  const { imprint, nonce, policy, serial, genTime, certificate, privateKey } = stamp;
  const content = der(
    DER.sequence,
    derUnsigned(Uint8Array.of(1)),
    derOid(policy),
    messageImprint(imprint),
    derUnsigned(fromHex(serial.toString(16).padStart(16, '0'))),
    generalizedTime(genTime),
    derUnsigned(nonce),
  );
  const token = signData(sm2, TIME_STAMP_TOKEN, { content, isDetached: false, certificate, privateKey, signingTime: genTime });
  return der(DER.sequence, der(DER.sequence, derUnsigned(Uint8Array.of(GRANTED))), token);
}

/** PKIStatus 2, rejection. */
export function rejectTimeStamp(): Bytes {
  return der(DER.sequence, der(DER.sequence, derUnsigned(Uint8Array.of(REJECTION))));
}

/** The token of a response. @throws {ParseError} `time_stamp_rejected`, or what is malformed */
export function tokenOfResponse(bytes: Uint8Array): Bytes {
  const outer = new DerReader(bytes);
  const response = outer.sequence();
  outer.end();
  const status = response.sequence().next(DER.integer).content;
  if (status.length !== 1 || status[0] !== GRANTED || response.isAtEnd)
    throw new ParseError('time_stamp_rejected', { status: toHex(status) });
  const token = response.next(DER.sequence).raw.slice();
  response.end();
  return token;
}

/** Reads a token and proves its signature; whom the certificate names and whether to believe it, the caller asks. @throws {ParseError} */
export function parseTimeStamp(token: Uint8Array, sm2: Sm2): TimeStamp {
  const signed = parseSignedData(token, TIME_STAMP_TOKEN);
  if (signed.content === null || !verifySignedData(sm2, signed, signed.content)) throw new ParseError('time_stamp_signature');
  const outer = new DerReader(signed.content);
  const fields = outer.sequence();
  outer.end();
  requireVersion(fields, 1);
  const policy = readOid(fields.next(DER.oid).content);
  const imprint = readImprint(fields.sequence());
  const serial = BigInt(`0x${toHex(readUnsigned(fields.next(DER.integer).content))}`);
  const genTime = readGeneralizedTime(fields.next(DER.generalizedTime).content);
  const nonce = readUnsigned(fields.next(DER.integer).content);
  fields.end();
  if (genTime !== signed.signingTime) throw new ParseError('time_stamp_malformed', { what: 'two times' });
  return { policy, imprint, serial, genTime, nonce, certificate: signed.certificate };
}

/** The answer is to this request. */
export function answers(stamp: TimeStamp, { imprint, nonce }: TimeStampRequest): boolean {
  return (
    equalBytes(stamp.imprint, imprint) && equalBytes(stamp.nonce, readUnsigned(new DerReader(derUnsigned(nonce)).next(DER.integer).content))
  );
}

function messageImprint(imprint: Uint8Array): Bytes {
  return der(DER.sequence, algorithm(SM3_OID), der(DER.octetString, imprint));
}

function readImprint(fields: DerReader): Bytes {
  requireAlgorithm(fields, SM3_OID);
  const imprint = fields.next(DER.octetString).content.slice();
  fields.end();
  if (imprint.length !== 32) throw new ParseError('time_stamp_malformed', { what: 'the imprint' });
  return imprint;
}

function generalizedTime(at: Instant): Bytes {
  return der(DER.generalizedTime, utf8(`${new Date(at).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`));
}

function readGeneralizedTime(content: Uint8Array): Instant {
  const text = fromUtf8(content);
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) throw new ParseError('time_stamp_malformed', { what: 'the time' });
  const [, year, month, day, hour, minute, second] = match;
  return instant(parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`));
}
