/** Reads a request for a certificate (PKCS#10, RFC 2986) and proves that whoever asks holds the key. */
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { signatureFromDer } from '#ledger/crypto/sm2-der.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Name, readName, readPublicKey, readSignatureAlgorithm } from './certificate.ts';
import { DER, DerReader, readWholeBits } from './der.ts';

export type ReadRequest = {
  readonly subject: Name;
  /** 64 bytes x‖y. */
  readonly publicKey: Bytes;
};

const ATTRIBUTES_TAG = 0xa0;
const MAX_REQUEST = 16_384;

/**
 * What an authority signs is its own: attributes of the request (wished extensions, a challenge password) are read over, never copied.
 * @throws {ParseError} `request_malformed`, `request_signature`, `der_malformed`, `certificate_algorithm` or `certificate_curve`
 */
export function parseCertificateRequest(bytes: Uint8Array, sm2: Sm2): ReadRequest {
  if (bytes.length > MAX_REQUEST) throw new ParseError('request_malformed', { what: 'more than 16 KiB' });
  const outer = new DerReader(bytes);
  const request = outer.sequence();
  outer.end();
  const info = request.next(DER.sequence);
  readSignatureAlgorithm(request);
  const signature = signatureFromDer(readWholeBits(request.next(DER.bitString).content));
  request.end();
  const fields = new DerReader(info.content);
  const version = fields.next(DER.integer).content;
  if (version.length !== 1 || version[0] !== 0) throw new ParseError('request_malformed', { what: 'a version other than 1' });
  const subject = readName(fields);
  const publicKey = readPublicKey(fields);
  if (!fields.isAtEnd) fields.next(ATTRIBUTES_TAG);
  fields.end();
  if (signature === null || !sm2.verify(publicKey, info.raw, signature)) throw new ParseError('request_signature');
  return { subject, publicKey };
}
