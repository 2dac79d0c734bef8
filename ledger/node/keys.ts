/**
 * Private keys of the operator's node: one PKCS#8 file each, mode 0600, made at the first start. A key signs and verifies a test
 * message before it is used. The same folder pins the ChainId, so that a swapped database is noticed.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { generatePrivateKey, isPrivateKey, publicKeyOf, type Sm2 } from '#ledger/crypto/sm2.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, concat, equalBytes, fromBase64, fromHex, toBase64, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';

export interface KeyPair {
  readonly privateKey: Bytes;
  readonly publicKey: Bytes;
}

export interface NodeKeys {
  /** Signs endorsements, votes and grants. */
  readonly node: KeyPair;
  /** Signs LedgerTx as the operator's account. */
  readonly account: KeyPair;
  /** Signs approvals of configurations. A site with several members keeps it offline. */
  readonly governance: KeyPair;
  /** Opens envelopes. */
  readonly encryption: KeyPair;
}

const PKCS8 = fromHex('308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420');
const PKCS8_PUBLIC = fromHex('a14403420004');
const TEST_MESSAGE = utf8('daoju: a loaded key signs this before use');

/** Reads the four keys; with `create`, makes those that are missing. @throws {Error} when a key is missing and may not be made */
export function loadNodeKeys(options: {
  readonly dir: string;
  readonly sm2: Sm2;
  readonly random: (length: number) => Bytes;
  readonly create: boolean;
}): NodeKeys {
  const key = (name: string): KeyPair => {
    const file = path.join(options.dir, `${name}.pem`);
    if (!existsSync(file)) {
      if (!options.create) throw new Error(`couldn't start the node: ${file} is missing, and this chain was begun with it`);
      writeDurably(file, toPem(generatePrivateKey(options.random)));
    }
    const privateKey = fromPem(readFileSync(file, 'utf8'));
    const publicKey = publicKeyOf(privateKey);
    assert(
      options.sm2.verify(publicKey, TEST_MESSAGE, options.sm2.sign(privateKey, TEST_MESSAGE)),
      `${name} signs what its public key verifies`,
    );
    return { privateKey, publicKey };
  };
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  return { node: key('node'), account: key('operator-account'), governance: key('governance'), encryption: key('encryption') };
}

const chainFile = (dir: string) => path.join(dir, 'chain-id');

/** The ChainId this installation began with, in hex; null before the first start. */
export function pinnedChain(dir: string): string | null {
  const file = chainFile(dir);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}

export function pinChain(dir: string, chain: Bytes): void {
  writeDurably(chainFile(dir), `${toHex(chain)}\n`);
}

/** PKCS#8 with the public key, as `ledger.md` 19 gives the bytes. */
export function toPem(privateKey: Bytes): string {
  const base64 = toBase64(concat(PKCS8, privateKey, PKCS8_PUBLIC, publicKeyOf(privateKey)));
  return `-----BEGIN PRIVATE KEY-----\n${base64.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`;
}

/** @throws {ParseError} `key_malformed` */
export function fromPem(text: string): Bytes {
  const match = /^-----BEGIN PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END PRIVATE KEY-----\n?$/.exec(text);
  const der = fromBase64((match?.[1] ?? '').replaceAll('\n', ''));
  const privateKey = der.slice(PKCS8.length, PKCS8.length + 32);
  if (match === null || !isPrivateKey(privateKey)) throw new ParseError('key_malformed');
  if (!equalBytes(der, concat(PKCS8, privateKey, PKCS8_PUBLIC, publicKeyOf(privateKey)))) throw new ParseError('key_malformed');
  return privateKey;
}

/** After this returns the file survives a power cut, whole or not at all. */
function writeDurably(file: string, text: string): void {
  const draft = `${file}.new`;
  const handle = openSync(draft, 'w', 0o600);
  writeSync(handle, text);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(draft, file);
}
