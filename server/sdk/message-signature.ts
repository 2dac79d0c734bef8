/** HTTP message signatures (RFC 9421) with SM2-with-SM3 and content digests (RFC 9530) with SM3, as product T-11 fixes them: exactly the
 *  components below in this order, one label `sig1`, `alg` `sm2-sm3`, 64 bytes `r‖s`. Signer and verifier share this file. */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, fromBase64, toBase64, utf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';

const COMPONENTS = '("@method" "@path" "@query" "content-digest")';

export type SignatureParameters = { readonly created: number; readonly nonce: string; readonly keyId: string };
export type SignedRequest = { readonly method: string; readonly path: string; readonly query: string; readonly contentDigest: string };

/** `sm3=:<base64>:` over the exact body bytes. */
export function contentDigestOf(body: Uint8Array): string {
  return `sm3=:${toBase64(sm3(body))}:`;
}

/** Value of `Signature-Input` behind the label, also the last line of the signature base. */
function formatParameters(parameters: SignatureParameters): string {
  return `${COMPONENTS};created=${parameters.created};nonce="${parameters.nonce}";keyid="${parameters.keyId}";alg="sm2-sm3"`;
}

/** The bytes that are signed (RFC 9421 2.5). `query` is with its question mark, `?` alone when there is none. */
export function signatureBase(request: SignedRequest, parameters: SignatureParameters): Bytes {
  return utf8(
    [
      `"@method": ${request.method.toUpperCase()}`,
      `"@path": ${request.path}`,
      `"@query": ${request.query === '' ? '?' : request.query}`,
      `"content-digest": ${request.contentDigest}`,
      `"@signature-params": ${formatParameters(parameters)}`,
    ].join('\n'),
  );
}

export function formatSignatureInput(parameters: SignatureParameters): string {
  return `sig1=${formatParameters(parameters)}`;
}

const INPUT =
  /^sig1=\("@method" "@path" "@query" "content-digest"\);created=(\d{1,12});nonce="([\x21\x23-\x5b\x5d-\x7e]{8,64})";keyid="([A-Za-z0-9_-]{1,64})";alg="sm2-sm3"$/;

/** @throws {ParseError} `signature_input_malformed` */
export function parseSignatureInput(header: string): SignatureParameters {
  const match = INPUT.exec(header);
  if (match === null) throw new ParseError('signature_input_malformed', { expected: `sig1=${COMPONENTS};created;nonce;keyid;alg` });
  const [, created = '0', nonce = '', keyId = ''] = match;
  return { created: Number(created), nonce, keyId };
}

/** Reads `sig1=:<base64 of 64 bytes>:`. @throws {ParseError} `signature_malformed` */
export function parseSignature(header: string): Bytes {
  const match = /^sig1=:([A-Za-z0-9+/=]+):$/.exec(header);
  if (match === null) throw new ParseError('signature_malformed', { expected: 'sig1=:base64:' });
  const bytes = fromBase64(match[1]);
  if (bytes.length !== 64) throw new ParseError('signature_malformed', { expected: '64 bytes' });
  return bytes;
}

export function formatSignature(signature: Uint8Array): string {
  return `sig1=:${toBase64(signature)}:`;
}
