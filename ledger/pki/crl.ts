/** Certificate revocation lists (RFC 5280 §5, version 2) signed with SM2: full lists with a number and a next update, nothing else. */
import { signatureFromDer } from '#ledger/crypto/sm2-der.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { type Name, OID, readExtension, readName, readSignatureAlgorithm } from './certificate.ts';
import { DER, DerReader, readTime, readUnsigned, readWholeBits } from './der.ts';

export type Crl = {
  readonly tbs: Bytes;
  readonly signature: Bytes;
  readonly issuer: Name;
  readonly thisUpdate: Instant;
  readonly nextUpdate: Instant;
  readonly number: bigint;
  /** Since when, by serial number in hex. */
  readonly revoked: ReadonlyMap<string, Instant>;
};

const EXTENSIONS_TAG = 0xa0;
const MAX_CRL = 1_048_576;

/** @throws {ParseError} `der_malformed`, `crl_malformed`, `certificate_algorithm` or `certificate_extension_unknown` */
export function parseCrl(bytes: Uint8Array): Crl {
  if (bytes.length > MAX_CRL) throw new ParseError('crl_malformed', { what: 'more than 1 MiB' });
  const outer = new DerReader(bytes);
  const list = outer.sequence();
  outer.end();
  const tbs = list.next(DER.sequence);
  readSignatureAlgorithm(list);
  const signature = signatureFromDer(readWholeBits(list.next(DER.bitString).content));
  list.end();
  const fields = new DerReader(tbs.content);
  const version = fields.next(DER.integer).content;
  if (signature === null || version.length !== 1 || version[0] !== 1)
    throw new ParseError('crl_malformed', { what: 'signature or version' });
  readSignatureAlgorithm(fields);
  const issuer = readName(fields);
  const thisUpdate = instant(readTime(fields.next()));
  const nextUpdate = instant(readTime(fields.next()));
  const revoked = fields.peekTag() === DER.sequence ? readRevoked(fields.sequence()) : new Map<string, Instant>();
  const number = readNumber(fields);
  fields.end();
  return { tbs: tbs.raw.slice(), signature, issuer, thisUpdate, nextUpdate, number, revoked };
}

function readRevoked(entries: DerReader): ReadonlyMap<string, Instant> {
  const revoked = new Map<string, Instant>();
  while (!entries.isAtEnd) {
    const entry = entries.sequence();
    const serial = toHex(readUnsigned(entry.next(DER.integer).content));
    const since = instant(readTime(entry.next()));
    if (revoked.has(serial)) throw new ParseError('crl_malformed', { what: 'a serial number twice' });
    revoked.set(serial, since);
    if (entry.isAtEnd) continue;
    const extensions = entry.sequence();
    entry.end();
    while (!extensions.isAtEnd) refuseCritical(readExtension(extensions));
  }
  return revoked;
}

function readNumber(fields: DerReader): bigint {
  const wrapper = new DerReader(fields.next(EXTENSIONS_TAG).content);
  const extensions = wrapper.sequence();
  wrapper.end();
  let number: bigint | null = null;
  while (!extensions.isAtEnd) {
    const extension = readExtension(extensions);
    if (extension.oid !== OID.crlNumber) {
      refuseCritical(extension);
      continue;
    }
    const value = new DerReader(extension.value);
    number = BigInt(`0x${toHex(readUnsigned(value.next(DER.integer).content))}`);
    value.end();
  }
  if (number === null) throw new ParseError('crl_malformed', { what: 'no number' });
  return number;
}

function refuseCritical(extension: { readonly oid: string; readonly isCritical: boolean }): void {
  if (extension.isCritical) throw new ParseError('certificate_extension_unknown', { oid: extension.oid });
}
