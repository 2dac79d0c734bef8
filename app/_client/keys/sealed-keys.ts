/** Private keys at rest: PBKDF2-SHA-256 with 600,000 rounds, then AES-256-GCM, both by the browser's own cryptography (P-04). The same
 *  sealed record is the recovery file (P-05) and what the QR code holds. */
import { fromBase64, fromHex, toBase64, toHex, utf8 } from '#ledger/primitives/bytes.ts';

export const ROUNDS = 600_000;
export const MIN_PASSPHRASE = 12;
const FORMAT = 'daoju.recovery/1';

export type PlayerKeys = { readonly privateKey: Uint8Array; readonly encPrivateKey: Uint8Array };
export type SealedKeys = {
  readonly format: typeof FORMAT;
  readonly acct: string;
  readonly displayName: string;
  readonly publicKey: string;
  readonly rounds: number;
  readonly salt: string;
  readonly iv: string;
  readonly sealed: string;
};

export class KeyError extends Error {
  readonly code: 'wrong_passphrase' | 'recovery_file_malformed';
  constructor(code: 'wrong_passphrase' | 'recovery_file_malformed') {
    super('');
    this.code = code;
  }
}

async function keyFrom(passphrase: string, salt: Uint8Array<ArrayBuffer>, rounds: number): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', utf8(passphrase.normalize('NFKC')), 'PBKDF2', false, ['deriveKey']);
  const derivation = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds };
  return crypto.subtle.deriveKey(derivation, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

export async function sealKeys(
  keys: PlayerKeys,
  passphrase: string,
  owner: Pick<SealedKeys, 'acct' | 'displayName' | 'publicKey'>,
): Promise<SealedKeys> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new Uint8Array(64);
  plain.set(keys.privateKey, 0);
  plain.set(keys.encPrivateKey, 32);
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: utf8(owner.acct) },
    await keyFrom(passphrase, salt, ROUNDS),
    plain,
  );
  plain.fill(0);
  return { format: FORMAT, ...owner, rounds: ROUNDS, salt: toHex(salt), iv: toHex(iv), sealed: toBase64(new Uint8Array(sealed)) };
}

/** @throws {KeyError} `wrong_passphrase` */
export async function openKeys(record: SealedKeys, passphrase: string): Promise<PlayerKeys> {
  const key = await keyFrom(passphrase, fromHex(record.salt, 16), record.rounds);
  try {
    const algorithm = { name: 'AES-GCM', iv: fromHex(record.iv, 12), additionalData: utf8(record.acct) };
    const plain = new Uint8Array(await crypto.subtle.decrypt(algorithm, key, fromBase64(record.sealed)));
    return { privateKey: plain.slice(0, 32), encPrivateKey: plain.slice(32, 64) };
  } catch {
    // AES-GCM authenticates, so the only other cause is a changed file, which the same sentence answers.
    throw new KeyError('wrong_passphrase');
  }
}

/** Reads a recovery file. @throws {KeyError} `recovery_file_malformed` */
export function parseSealedKeys(text: string): SealedKeys {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new KeyError('recovery_file_malformed');
  }
  if (typeof value !== 'object' || value === null) throw new KeyError('recovery_file_malformed');
  const field = (name: string): string => {
    const found: unknown = Reflect.get(value, name);
    if (typeof found !== 'string') throw new KeyError('recovery_file_malformed');
    return found;
  };
  const rounds: unknown = Reflect.get(value, 'rounds');
  // A file that asks for fewer rounds would be a way to make passphrases cheap to guess; one that asks for many more, to hang the page.
  if (field('format') !== FORMAT || typeof rounds !== 'number' || rounds < ROUNDS || rounds > ROUNDS * 10) {
    throw new KeyError('recovery_file_malformed');
  }
  const names = { acct: field('acct'), displayName: field('displayName'), publicKey: field('publicKey') };
  return { format: FORMAT, ...names, rounds, salt: field('salt'), iv: field('iv'), sealed: field('sealed') };
}
