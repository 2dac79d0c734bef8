/**
 * Proves a game's archive from its files and a ChainId alone: with the market, the studio and every server gone. Every proof inside is a
 * receipt under one certified header; the kinds say how many items there must be; documents and art are what the kinds name.
 */
import type { Json } from '#ledger/codec/canonical-json.ts';
import { type ClassLeaf, type ItemLeaf, NO_ENTRY, RECORD, REGISTER } from '#ledger/codec/leaves.ts';
import { decodeEntry, type Entry } from '#ledger/codec/tx.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { listOf, recordOf, textOf } from '#ledger/evidence/manifest.ts';
import { type Bytes, equalBytes, fromUtf8, isZero, toHex } from '#ledger/primitives/bytes.ts';
import { type ErrorFacts, ParseError } from '#ledger/primitives/errors.ts';
import { decodeReceipt } from '#ledger/proof/receipt.ts';
import { decodeStateLeaf } from '#ledger/state/decode-state-leaf.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import type { Outcome } from '#ledger/verify/verdict.ts';
import { verifyReceipt } from '#ledger/verify/verify-receipt.ts';
import { ARCHIVE_MANIFEST, ARCHIVE_TRUST, type ArchiveManifest, parseArchiveManifest } from './manifest.ts';

export type ArchiveCode =
  | 'archive_malformed'
  | 'archive_other_chain'
  | 'archive_file_missing'
  | 'archive_file_differs'
  | 'archive_file_unlisted'
  | 'archive_proof'
  | 'archive_other_header'
  | 'archive_sunset'
  | 'archive_other_issuer'
  | 'archive_items_incomplete'
  | 'archive_entries_incomplete'
  | 'archive_document'
  | 'archive_owner'
  | 'archive_item_unknown';

export type ArchiveVerdict = {
  readonly outcome: Outcome;
  /** Null: everything holds. */
  readonly code: ArchiveCode | null;
  readonly facts: ErrorFacts;
  readonly manifest: ArchiveManifest | null;
  /** SM3 of the manifest: what the members' Attest states. */
  readonly sm3: Bytes | null;
  /** Of the item that was asked for. */
  readonly item: { readonly serial: bigint; readonly owner: string; readonly ver: bigint } | null;
};

export type ArchiveOptions = {
  readonly chain: Uint8Array;
  readonly sm2: Sm2;
  /** `owner` null: who owns it? */
  readonly item?: { readonly serial: bigint; readonly owner: Bytes | null };
};

export type ArchiveFiles = ReadonlyMap<string, Uint8Array>;

class Fault extends Error {
  readonly code: ArchiveCode;
  readonly facts: ErrorFacts;
  constructor(code: ArchiveCode, facts: ErrorFacts = {}) {
    super(code);
    this.code = code;
    this.facts = facts;
  }
}

/** What was not certified, or is missing, cannot speak for or against anybody. */
const MALFORMED: ReadonlySet<ArchiveCode> = new Set<ArchiveCode>(['archive_malformed', 'archive_other_chain']);
const INSUFFICIENT: ReadonlySet<ArchiveCode> = new Set<ArchiveCode>(['archive_item_unknown']);

/** Never throws for what is in the files. */
export function verifyArchive(files: ArchiveFiles, options: ArchiveOptions): ArchiveVerdict {
  let manifest: ArchiveManifest | null = null;
  const bytes = files.get(ARCHIVE_MANIFEST);
  const hash = bytes === undefined ? null : sm3(bytes);
  try {
    manifest = manifestOf(files);
    if (manifest.chain !== toHex(options.chain)) throw new Fault('archive_other_chain', { found: manifest.chain });
    holdFiles(files, manifest);
    const proven = proveAll(files, manifest, options);
    holdCounts(manifest, proven);
    holdDocuments(files, manifest, proven.classes);
    return { outcome: 'proven', code: null, facts: {}, manifest, sm3: hash, item: itemAsked(proven, options) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const outcome = MALFORMED.has(error.code) ? 'malformed' : INSUFFICIENT.has(error.code) ? 'insufficient' : 'disproven';
    return { outcome, code: error.code, facts: error.facts, manifest, sm3: hash, item: null };
  }
}

/** The chain that the archive names by itself: to compare, never to trust. */
export function chainNamedByArchive(files: ArchiveFiles): string | null {
  try {
    return manifestOf(files).chain;
  } catch {
    return null;
  }
}

function manifestOf(files: ArchiveFiles): ArchiveManifest {
  const bytes = files.get(ARCHIVE_MANIFEST);
  if (bytes === undefined) throw new Fault('archive_malformed', { file: ARCHIVE_MANIFEST });
  try {
    return parseArchiveManifest(bytes);
  } catch (error) {
    if (error instanceof ParseError) throw new Fault('archive_malformed', { file: ARCHIVE_MANIFEST, because: error.code, ...error.facts });
    throw error;
  }
}

function holdFiles(files: ArchiveFiles, manifest: ArchiveManifest): void {
  const listed = new Set([ARCHIVE_MANIFEST, ...manifest.files.map((each) => each.path)]);
  for (const path of files.keys()) if (!listed.has(path)) throw new Fault('archive_file_unlisted', { path });
  for (const { path, size, sm3: named } of manifest.files) {
    const bytes = files.get(path);
    if (bytes === undefined) throw new Fault('archive_file_missing', { path });
    if (bytes.length !== size || toHex(sm3(bytes)) !== named) throw new Fault('archive_file_differs', { path });
  }
}

type Proven = {
  readonly classes: ReadonlyMap<string, ClassLeaf>;
  readonly items: ReadonlyMap<bigint, ItemLeaf>;
  readonly entries: ReadonlyMap<bigint, Entry>;
  readonly hasSunset: boolean;
};

function proveAll(files: ArchiveFiles, manifest: ArchiveManifest, { chain, sm2 }: ArchiveOptions): Proven {
  const classes = new Map<string, ClassLeaf>();
  const items = new Map<bigint, ItemLeaf>();
  const entries = new Map<bigint, Entry>();
  let hasSunset = false;
  for (const { path } of manifest.files) {
    const bytes = files.get(path);
    if (bytes === undefined || !(path.endsWith('.plproof') || path === ARCHIVE_TRUST)) continue;
    const verdict = verifyReceipt(bytes, { chain, sm2 });
    const failed = verdict.steps.find(({ ok }) => !ok);
    if (verdict.outcome !== 'proven') throw new Fault('archive_proof', { path, code: failed?.code ?? verdict.outcome });
    if (path === ARCHIVE_TRUST) continue;
    const receipt = decodeReceipt(bytes);
    if (toHex(headerHash(receipt.header)) !== manifest.header || String(receipt.header.height) !== manifest.height)
      throw new Fault('archive_other_header', { path });
    if (String(receipt.header.sealedAt) !== manifest.sealedAt) throw new Fault('archive_other_header', { path });
    for (const claim of receipt.claims) {
      if (claim.kind === 'entry') entries.set(claim.index, decodeEntry(claim.entry));
      if (claim.kind !== 'leaf') continue;
      const state = decodeStateLeaf(claim.reg, claim.leaf);
      if (state.reg === REGISTER.classes) classes.set(String(state.leaf.serial), state.leaf);
      if (state.reg === REGISTER.items) items.set(state.leaf.serial, state.leaf);
      if (state.reg !== REGISTER.records || state.leaf.kind !== RECORD.sunset || toHex(state.leaf.key) !== manifest.studio) continue;
      if (String(state.leaf.a) !== manifest.endedAt) throw new Fault('archive_sunset', { endsAt: String(state.leaf.a) });
      hasSunset = true;
    }
  }
  return { classes, items, entries, hasSunset };
}

/** A kind counts what was ever minted of it: none may be left out. */
function holdCounts(manifest: ArchiveManifest, { classes, items, entries, hasSunset }: Proven): void {
  if (!hasSunset) throw new Fault('archive_sunset', { studio: manifest.studio });
  const counted = new Map<string, bigint>();
  for (const { cls } of items.values()) counted.set(String(cls), (counted.get(String(cls)) ?? 0n) + 1n);
  for (const { serial, issuer, minted } of classes.values()) {
    if (toHex(issuer) !== manifest.studio) throw new Fault('archive_other_issuer', { cls: String(serial) });
    const found = counted.get(String(serial)) ?? 0n;
    if (found !== minted)
      throw new Fault('archive_items_incomplete', { cls: String(serial), minted: String(minted), found: String(found) });
  }
  if (classes.size !== manifest.classes || items.size !== manifest.items || [...counted.keys()].some((cls) => !classes.has(cls)))
    throw new Fault('archive_items_incomplete', { classes: classes.size, items: items.size });
  if (entries.size !== manifest.entries) throw new Fault('archive_entries_incomplete', { found: entries.size });
  holdHistory(BigInt(manifest.entriesFrom), { classes, items, entries });
}

/** From the newest change of each kind and item back to the first: an entry names the one before it. */
function holdHistory(from: bigint, { classes, items, entries }: Pick<Proven, 'classes' | 'items' | 'entries'>): void {
  const need = (index: bigint, what: string): void => {
    if (index === NO_ENTRY || index < from || entries.has(index)) return;
    throw new Fault('archive_entries_incomplete', { entry: String(index), of: what });
  };
  for (const { serial, lastEntry } of items.values()) need(lastEntry, `item ${serial}`);
  for (const { serial, lastEntry } of classes.values()) need(lastEntry, `class ${serial}`);
  for (const { effects } of entries.values())
    for (const { reg, index, prev } of effects) {
      if (reg === REGISTER.items && items.has(index)) need(prev, `item ${index}`);
      if (reg === REGISTER.classes && classes.has(String(index))) need(prev, `class ${index}`);
    }
}

/** What a kind names is here, or said to be missing. */
function holdDocuments(files: ArchiveFiles, { missing }: ArchiveManifest, classes: Proven['classes']): void {
  const absent = new Set(missing);
  const hold = (folder: 'documents' | 'media', name: string): Uint8Array | null => {
    const bytes = files.get(`${folder}/${name}`);
    if (bytes === undefined) {
      if (!absent.has(name)) throw new Fault('archive_document', { [folder]: name, because: 'missing' });
      return null;
    }
    if (toHex(sm3(bytes)) !== name) throw new Fault('archive_document', { [folder]: name, because: 'differs' });
    return bytes;
  };
  for (const { terms, media } of classes.values()) {
    if (!isZero(terms)) hold('documents', toHex(terms));
    const list = isZero(media) ? null : hold('documents', toHex(media));
    for (const name of list === null ? [] : artOf(list)) hold('media', name);
  }
}

function artOf(list: Uint8Array): readonly string[] {
  try {
    const value: Json = JSON.parse(fromUtf8(list));
    return listOf(value).map((each) => textOf(recordOf(each).sm3));
  } catch {
    throw new Fault('archive_document', { because: 'no list of art' });
  }
}

function itemAsked({ items }: Proven, { item }: ArchiveOptions): ArchiveVerdict['item'] {
  if (item === undefined) return null;
  const leaf = items.get(item.serial);
  if (leaf === undefined) throw new Fault('archive_item_unknown', { serial: String(item.serial) });
  if (item.owner !== null && !equalBytes(item.owner, leaf.owner))
    throw new Fault('archive_owner', { serial: String(item.serial), owner: toHex(leaf.owner) });
  return { serial: leaf.serial, owner: toHex(leaf.owner), ver: leaf.ver };
}
