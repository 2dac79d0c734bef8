/** Private keys of an installation as one file, apart from its data and under a passphrase of its own (product O-07): AES-256-GCM, key by scrypt. */
import { createCipheriv, createDecipheriv, scryptSync } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { concat, fromBase64, fromUtf8, toBase64, utf8 } from '#ledger/primitives/bytes.ts';
import type { Random } from '#server/random.ts';

const SCHEMA = 'daoju.key-backup/1';
const SCRYPT = { N: 32_768, r: 8, p: 1, maxmem: 67_108_864 } as const;
const TAG_BYTES = 16;
const SHORTEST_PASSPHRASE = 12;

const file = z.object({ schema: z.literal(SCHEMA), salt: z.base64(), nonce: z.base64(), sealed: z.base64() });
const content = z.record(z.string().regex(/^[a-zA-Z0-9._-]{1,80}$/), z.base64());

export function sealKeys(keysDir: string, passphrase: string, random: Random): string {
  if (passphrase.length < SHORTEST_PASSPHRASE)
    throw new Error(`the passphrase of a key backup has ${SHORTEST_PASSPHRASE} characters or more`);
  const names = readdirSync(keysDir).filter((name) => statSync(path.join(keysDir, name)).isFile());
  const text = JSON.stringify(
    Object.fromEntries(names.map((name) => [name, toBase64(new Uint8Array(readFileSync(path.join(keysDir, name))))])),
  );
  const [salt, nonce] = [random.bytes(16), random.bytes(12)];
  const cipher = createCipheriv('aes-256-gcm', scryptSync(passphrase, salt, 32, SCRYPT), nonce).setAAD(utf8(SCHEMA));
  const sealed = concat(new Uint8Array(cipher.update(utf8(text))), new Uint8Array(cipher.final()), new Uint8Array(cipher.getAuthTag()));
  return `${JSON.stringify({ schema: SCHEMA, salt: toBase64(salt), nonce: toBase64(nonce), sealed: toBase64(sealed) })}\n`;
}

/** Into a folder that has none. @throws {Error} for another passphrase or a changed file; then nothing is written */
export function openKeys(text: string, passphrase: string, keysDir: string): readonly string[] {
  if (existsSync(keysDir) && readdirSync(keysDir).length > 0) throw new Error(`${keysDir} holds keys already`);
  const { salt, nonce, sealed } = file.parse(JSON.parse(text));
  const bytes = fromBase64(sealed);
  const cipher = createDecipheriv('aes-256-gcm', scryptSync(passphrase, fromBase64(salt), 32, SCRYPT), fromBase64(nonce)).setAAD(
    utf8(SCHEMA),
  );
  cipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  const files = content.parse(JSON.parse(decrypted(cipher, bytes.subarray(0, bytes.length - TAG_BYTES))));
  mkdirSync(keysDir, { recursive: true, mode: 0o700 });
  for (const [name, body] of Object.entries(files)) writeFileSync(path.join(keysDir, name), fromBase64(body), { mode: 0o600 });
  return Object.keys(files);
}

function decrypted(cipher: ReturnType<typeof createDecipheriv>, bytes: Uint8Array): string {
  try {
    return fromUtf8(concat(new Uint8Array(cipher.update(bytes)), new Uint8Array(cipher.final())));
  } catch {
    throw new Error('the passphrase is not the one of this file, or the file was changed');
  }
}
