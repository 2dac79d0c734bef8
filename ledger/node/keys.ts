/**
 * Private keys of the operator's node: one encrypted PKCS#8 file each, mode 0600, made at the first start. A key signs and verifies
 * a test message before it is used. The same folder pins the ChainId, so that a swapped database is noticed.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { generatePrivateKey, publicKeyOf, type Sm2 } from '#ledger/crypto/sm2.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, fromBase64, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { drawPassphrase, isSealedKey, openPrivateKey, privateKeyFromDer, readPassphrase, sealPrivateKey } from './key-file.ts';

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

/** What a node holds whose signer stands elsewhere: its node key it knows by the public half alone. */
export type HeldKeys = Omit<NodeKeys, 'node'> & { readonly node: Pick<KeyPair, 'publicKey'> };
/** What commands of a member find: its node key, or that a signer elsewhere has it. */
export type SiteKeys = Omit<NodeKeys, 'node'> & { readonly node: { readonly publicKey: Bytes; readonly privateKey: Bytes | null } };

const TEST_MESSAGE = utf8('daoju: a loaded key signs this before use');

/** Reads the four keys; with `create`, makes those that are missing. @throws {Error} when a key is missing and may not be made */
export function loadNodeKeys(options: KeyOptions): NodeKeys {
  const key = openKeys(options);
  return { node: key(NODE), account: key('operator-account'), governance: key(GOVERNANCE), encryption: key('encryption') };
}

/** The keys beside a signer elsewhere that answers with `node`. @throws {Error} as `loadNodeKeys` */
export function loadHeldKeys(options: KeyOptions, node: Bytes): HeldKeys {
  const key = openKeys(options);
  const file = path.join(options.dir, `${NODE}.pem`);
  if (existsSync(file)) throw new Error(`${file} is a node key beside a signer that has another: move it away, it is never to sign again`);
  if (heldNode(options.dir) === null) writeDurably(heldFile(options.dir), `${toHex(node)}\n`);
  return { node: { publicKey: node }, account: key('operator-account'), governance: key(GOVERNANCE), encryption: key('encryption') };
}

/** For commands, whatever form the signer has. @throws {Error} as `loadNodeKeys` */
export function loadSiteKeys(options: KeyOptions): SiteKeys {
  const node = heldNode(options.dir);
  if (node === null || existsSync(path.join(options.dir, `${NODE}.pem`))) return loadNodeKeys(options);
  return { ...loadHeldKeys(options, node), node: { publicKey: node, privateKey: null } };
}

/** @throws {Error} with a sentence: the node key is at the signer */
export function requireNodeKey({ node: { publicKey, privateKey } }: Pick<SiteKeys, 'node'>): KeyPair {
  if (privateKey === null)
    throw new Error('the node key of this member is at its signer, and this command signs with it: run it where a key file is');
  return { publicKey, privateKey };
}

const heldFile = (dir: string) => path.join(dir, 'node.pub');
const heldNode = (dir: string) => (existsSync(heldFile(dir)) ? fromHex(readFileSync(heldFile(dir), 'utf8').trim(), 64) : null);

/** Signs what a node asks its signer. @throws {Error} as `loadNodeKeys` */
export const loadSignerClient = (options: KeyOptions): KeyPair => openKeys(options)('signer-client');

/** On the signer's machine. @throws {Error} as `loadNodeKeys` */
export const loadSignerKey = (options: KeyOptions): KeyPair => openKeys(options)(NODE);

/** Alone: an organisation of several members keeps it apart from its node. @throws {Error} as `loadNodeKeys` */
export const loadGovernanceKey = (options: KeyOptions): KeyPair => openKeys(options)(GOVERNANCE);

/** One key by its file, with the passphrase beside it or in a file of its own. @throws {Error} as `loadNodeKeys` */
export const loadKeyFile = (file: string, options: Omit<KeyOptions, 'dir' | 'create'>): KeyPair =>
  openKeys({ ...options, dir: path.dirname(path.resolve(file)), create: false })(path.basename(file, '.pem'));

export interface KeyOptions {
  readonly dir: string;
  readonly sm2: Sm2;
  readonly random: (length: number) => Bytes;
  readonly create: boolean;
  /** Holds the passphrase of the key files in its first line; `passphrase` in `dir` when left out, drawn with the keys. */
  readonly passphraseFile?: string;
}

const NODE = 'node';
const GOVERNANCE = 'governance';
const NEXT_NODE = 'node-next';

/** The node key that a proposal names and that takes the old one's place when it is in force. @throws {Error} as `loadNodeKeys` */
export const loadNextNodeKey = (options: KeyOptions): KeyPair => openKeys(options)(NEXT_NODE);

/** The next node key takes its place; the old one is kept, void, under the epoch that ended it. Only while the node is down. */
export function adoptNextNodeKey(dir: string, epoch: number): void {
  const file = (name: string) => path.join(dir, `${name}.pem`);
  renameSync(file(NODE), file(`${NODE}-before-${epoch}`));
  renameSync(file(NEXT_NODE), file(NODE));
}

/** Keys, pinned chain and database that do not belong together: nothing is begun or changed. */
export class ForeignInstallation extends Error {}

function openKeys(options: KeyOptions): (name: string) => KeyPair {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const passphrase = passphraseOf(options);
  return (name) => {
    const file = path.join(options.dir, `${name}.pem`);
    if (!existsSync(file)) {
      if (!options.create) throw new ForeignInstallation(`couldn't start the node: ${file} is missing, and this chain was begun with it`);
      writeDurably(file, sealPrivateKey(generatePrivateKey(options.random), passphrase(), options.random));
    }
    const text = readFileSync(file, 'utf8');
    // A folder of stage 1 holds plain files; they stay readable.
    const privateKey = isSealedKey(text) ? openPrivateKey(text, passphrase()) : fromPem(text);
    const publicKey = publicKeyOf(privateKey);
    assert(
      options.sm2.verify(publicKey, TEST_MESSAGE, options.sm2.sign(privateKey, TEST_MESSAGE)),
      `${name} signs what its public key verifies`,
    );
    return { privateKey, publicKey };
  };
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

/** Reads it once, when a sealed file asks for it. @throws {Error} when a file that was named is not there */
function passphraseOf(options: {
  readonly dir: string;
  readonly random: (length: number) => Bytes;
  readonly create: boolean;
  readonly passphraseFile?: string;
}): () => string {
  let known: string | null = null;
  return () => {
    if (known !== null) return known;
    const file = options.passphraseFile ?? path.join(options.dir, 'passphrase');
    if (!existsSync(file)) {
      if (options.passphraseFile !== undefined || !options.create) throw new Error(`couldn't open the keys: ${file} is missing`);
      writeDurably(file, `${drawPassphrase(options.random)}\n`);
    }
    known = readPassphrase(readFileSync(file, 'utf8'));
    return known;
  };
}

/** A plain PKCS#8 file with the public key, as `ledger.md` 19 gives the bytes. @throws {ParseError} `key_malformed` */
export function fromPem(text: string): Bytes {
  const match = /^-----BEGIN PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END PRIVATE KEY-----\n?$/.exec(text);
  if (match === null) throw new ParseError('key_malformed');
  return privateKeyFromDer(fromBase64((match[1] ?? '').replaceAll('\n', '')));
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
