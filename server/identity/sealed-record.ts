/**
 * The one key that opens people's records, and what is done with it: sealing (AES-256-GCM) and keyed hashes (HMAC-SM3), so that a phone
 * number or an ID number can be looked up and never read from the database.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { type Bytes, concat, fromHex, fromUtf8, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import type { Random } from '#server/random.ts';

export type SealedRecord = { readonly nonce: Bytes; readonly sealed: Bytes };

export interface RecordKey {
  /** `owner` is bound to the text: a record moved to another row does not open. */
  seal(owner: string, text: string): SealedRecord;
  /** @throws when the record was changed, moved, or sealed by another key */
  open(owner: string, record: { readonly nonce: Uint8Array; readonly sealed: Uint8Array }): string;
  /** 32 bytes; the same text gives another hash for another purpose. */
  hash(purpose: 'phone' | 'person' | 'code' | 'card', text: string): Bytes;
}

const TAG_BYTES = 16;

/** Reads the key from `identity.key` in the folder, or makes it at the first start (mode 0600). */
export function openRecordKey(keysDir: string, random: Random): RecordKey {
  const file = path.join(keysDir, 'identity.key');
  if (!existsSync(file)) {
    mkdirSync(keysDir, { recursive: true, mode: 0o700 });
    writeDurably(file, toHex(random.bytes(32)));
  }
  return recordKeyOf(fromHex(readFileSync(file, 'utf8').trim(), 32), random);
}

export function recordKeyOf(secret: Uint8Array, random: Random): RecordKey {
  const derive = (label: string) => new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), `daoju identity ${label}`, 32));
  const sealingKey = derive('seal');
  const hashKey = derive('hash');
  return {
    seal: (owner, text) => {
      const nonce = random.bytes(12);
      const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce).setAAD(utf8(owner));
      const sealed = concat(cipher.update(utf8(text)), cipher.final());
      return { nonce, sealed: concat(sealed, cipher.getAuthTag()) };
    },
    open: (owner, { nonce, sealed }) => {
      const decipher = createDecipheriv('aes-256-gcm', sealingKey, nonce).setAAD(utf8(owner));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      return fromUtf8(concat(decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()));
    },
    hash: (purpose, text) => new Uint8Array(createHmac('sm3', hashKey).update(`${purpose}\n${text}`).digest()),
  };
}

function writeDurably(file: string, text: string): void {
  const draft = `${file}.new`;
  const handle = openSync(draft, 'w', 0o600);
  writeSync(handle, `${text}\n`);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(draft, file);
}
