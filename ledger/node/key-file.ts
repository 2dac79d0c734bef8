/**
 * Private keys at rest (`ledger.md` 20): PKCS#8 encrypted with PBES2 (RFC 8018), key by PBKDF2 with HMAC-SHA-256, content by
 * SM4-CBC. PBKDF2 has no SM3 here, because OpenSSL 3.0 opens no file with that function; `openssl pkcs8` opens these.
 */
import { createCipheriv, createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { isPrivateKey, publicKeyOf } from '#ledger/crypto/sm2.ts';
import { DER, DerReader, der, derOid, derUnsigned, readOid, readUnsigned } from '#ledger/pki/der.ts';
import { type Bytes, concat, equalBytes, fromBase64, fromHex, toBase64, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';

const PKCS8 = fromHex('308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420');
const PKCS8_PUBLIC = fromHex('a14403420004');
const OIDS = {
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacWithSha256: '1.2.840.113549.2.9',
  sm4Cbc: '1.2.156.10197.1.104.2',
} as const;
const ROUNDS = 100_000;
/** A file that asks for more would only hold the program up. */
const MAX_ROUNDS = 10_000_000;
const KEY_BYTES = 16;

/** 138 bytes of PKCS#8 with the public key, as `ledger.md` 19 gives them. */
export function privateKeyToDer(privateKey: Uint8Array): Bytes {
  return concat(PKCS8, privateKey, PKCS8_PUBLIC, publicKeyOf(privateKey));
}

/** @throws {ParseError} `key_malformed` */
export function privateKeyFromDer(bytes: Uint8Array): Bytes {
  const privateKey = new Uint8Array(bytes.slice(PKCS8.length, PKCS8.length + 32));
  if (!isPrivateKey(privateKey) || !equalBytes(bytes, privateKeyToDer(privateKey))) throw new ParseError('key_malformed');
  return privateKey;
}

/** PEM `ENCRYPTED PRIVATE KEY`. `random` draws salt and initial vector. */
export function sealPrivateKey(privateKey: Uint8Array, passphrase: string, random: (length: number) => Uint8Array): string {
  const salt = random(16);
  const iv = random(16);
  const cipher = createCipheriv('sm4-cbc', pbkdf2Sync(passphrase, salt, ROUNDS, KEY_BYTES, 'sha256'), iv);
  const sealed = concat(new Uint8Array(cipher.update(privateKeyToDer(privateKey))), new Uint8Array(cipher.final()));
  const derivation = der(
    DER.sequence,
    derOid(OIDS.pbkdf2),
    der(
      DER.sequence,
      der(DER.octetString, salt),
      derUnsigned(Uint8Array.of(ROUNDS >>> 16, (ROUNDS >>> 8) & 0xff, ROUNDS & 0xff)),
      der(DER.sequence, derOid(OIDS.hmacWithSha256), der(DER.null)),
    ),
  );
  const encryption = der(DER.sequence, derOid(OIDS.sm4Cbc), der(DER.octetString, iv));
  const scheme = der(DER.sequence, derOid(OIDS.pbes2), der(DER.sequence, derivation, encryption));
  return pem('ENCRYPTED PRIVATE KEY', der(DER.sequence, scheme, der(DER.octetString, sealed)));
}

/** Opens what `sealPrivateKey` and `openssl pkcs8 -topk8 -v2 sm4-cbc` write. @throws {ParseError} `key_malformed`, `key_passphrase` */
export function openPrivateKey(text: string, passphrase: string): Bytes {
  const outer = new DerReader(fromPem('ENCRYPTED PRIVATE KEY', text));
  const file = outer.sequence();
  outer.end();
  const scheme = file.sequence();
  requireOid(scheme, OIDS.pbes2);
  const parts = scheme.sequence();
  const derivation = parts.sequence();
  requireOid(derivation, OIDS.pbkdf2);
  const { salt, rounds } = readDerivation(derivation.sequence());
  const encryption = parts.sequence();
  requireOid(encryption, OIDS.sm4Cbc);
  const iv = encryption.next(DER.octetString).content;
  const sealed = file.next(DER.octetString).content;
  if (iv.length !== 16 || sealed.length === 0 || sealed.length % 16 !== 0) throw new ParseError('key_malformed');
  const key = pbkdf2Sync(passphrase, salt, rounds, KEY_BYTES, 'sha256');
  const decipher = createDecipheriv('sm4-cbc', key, iv);
  try {
    const opened = concat(new Uint8Array(decipher.update(sealed)), new Uint8Array(decipher.final()));
    return privateKeyFromDer(withPublicKey(opened));
  } catch {
    // Wrong padding and a wrong key look the same from outside, and should.
    throw new ParseError('key_passphrase');
  }
}

/** OpenSSL writes the same structure, so its bytes are ours; a file without the public key gets it. */
function withPublicKey(opened: Uint8Array): Uint8Array {
  const isOurs = opened.length === PKCS8.length + 32 + PKCS8_PUBLIC.length + 64;
  if (isOurs) return opened;
  const info = new DerReader(opened).sequence();
  info.next(DER.integer);
  info.sequence();
  const inner = new DerReader(info.next(DER.octetString).content).sequence();
  inner.next(DER.integer);
  return privateKeyToDer(inner.next(DER.octetString).content);
}

function readDerivation(parameters: DerReader): { readonly salt: Uint8Array; readonly rounds: number } {
  const salt = parameters.next(DER.octetString).content;
  const rounds = Number.parseInt(toHex(readUnsigned(parameters.next(DER.integer).content)), 16);
  if (parameters.peekTag() === DER.integer) parameters.next(DER.integer);
  requireOid(parameters.sequence(), OIDS.hmacWithSha256);
  if (rounds < 1 || rounds > MAX_ROUNDS) throw new ParseError('key_malformed', { rounds });
  return { salt, rounds };
}

function requireOid(reader: DerReader, oid: string): void {
  const found = readOid(reader.next(DER.oid).content);
  if (found !== oid) throw new ParseError('key_malformed', { oid: found });
}

function pem(label: string, bytes: Uint8Array): string {
  const lines = toBase64(bytes).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function fromPem(label: string, text: string): Bytes {
  const match = new RegExp(`-----BEGIN ${label}-----\\r?\\n([A-Za-z0-9+/=\\r\\n]+)-----END ${label}-----`).exec(text);
  if (match === null) throw new ParseError('key_malformed', { expected: label });
  return fromBase64((match[1] ?? '').replace(/\s/g, ''));
}

/** True for a PEM that needs a passphrase. */
export function isSealedKey(text: string): boolean {
  return text.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----');
}

export const PASSPHRASE_BYTES = 32;
/** A passphrase nobody needs to remember: for a file beside the keys or a secret of the machine's own store. */
export function drawPassphrase(random: (length: number) => Uint8Array): string {
  return toHex(random(PASSPHRASE_BYTES));
}

/** What a passphrase file holds: its first line. @throws {ParseError} `key_passphrase` */
export function readPassphrase(text: string): string {
  const [line = ''] = text.split(/\r?\n/);
  if (utf8(line).length < 8) throw new ParseError('key_passphrase', { expected: '8 bytes or more' });
  return line;
}
