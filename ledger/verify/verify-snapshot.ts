/**
 * Proves a snapshot from its bytes and a ChainId (`ledger.md` 11): sources are untrusted. The Finality must certify the header, every leaf
 * must count towards its `stateRoot`, the frontier must fold to its `logRoot`, bodies must hash to what leaves name.
 */
import { decodeAuthPolicy } from '#ledger/codec/auth-policy.ts';
import { type ConsortiumConfig, decodeConsortiumConfig } from '#ledger/codec/config.ts';
import type { Genesis } from '#ledger/codec/genesis.ts';
import { REGISTER, type StateLeaf } from '#ledger/codec/leaves.ts';
import type { Recovery } from '#ledger/codec/recovery.ts';
import {
  BODIES,
  BODY_KIND,
  CHUNK_LEAVES,
  decodeBodies,
  decodeManifest,
  decodeRecent,
  type Manifest,
  type RecentEntries,
  type SnapshotFile,
} from '#ledger/codec/snapshot.ts';
import { decodeEntry } from '#ledger/codec/tx.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { LogTree, logLeaf, rootOfFrontier } from '#ledger/merkle/log-tree.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { type ErrorFacts, ParseError } from '#ledger/primitives/errors.ts';
import { decodeTrustBundle, type TrustBundle } from '#ledger/proof/receipt.ts';
import { decodeStateLeaf, LEAF_BYTES } from '#ledger/state/decode-state-leaf.ts';
import { LedgerState } from '#ledger/state/ledger-state.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import { type Consortium, verifyCertified, verifyGenesis, verifyLinks } from './consortium.ts';
import { VerifyFailure } from './verdict.ts';

export const SNAPSHOT_CODES = [
  'snapshot_malformed',
  'snapshot_trust',
  'snapshot_not_certified',
  'snapshot_log_root',
  'snapshot_chunk',
  'snapshot_leaf',
  'snapshot_body',
  'snapshot_state_root',
  'snapshot_recent',
] as const;
export type SnapshotCode = (typeof SNAPSHOT_CODES)[number];

/** Hostile or torn: nothing of it is used. */
export class SnapshotFault extends Error {
  readonly code: SnapshotCode;
  readonly facts: ErrorFacts;
  constructor(code: SnapshotCode, facts: ErrorFacts = {}) {
    super(`${code} ${JSON.stringify(facts)}`);
    this.name = 'SnapshotFault';
    this.code = code;
    this.facts = facts;
  }
}

/** Where the bytes come from, unpacked. */
export interface SnapshotSource {
  manifest(): Promise<Bytes>;
  /** TrustBundle of the chain at that height or later. */
  trust(): Promise<Bytes>;
  file(file: SnapshotFile): Promise<Bytes>;
  recent(): Promise<Bytes>;
}

export interface RecentTx {
  readonly txId: Bytes;
  readonly notAfter: bigint;
}

export interface VerifiedSnapshot {
  readonly manifest: Manifest;
  readonly genesis: Genesis;
  readonly trust: TrustBundle;
  /** Accepted by that height, oldest first. */
  readonly recoveries: readonly Recovery[];
  /** Registers, bodies, and a log that goes on from the frontier. */
  readonly state: LedgerState;
  readonly recent: readonly RecentTx[];
}

const DAY_MS = 86_400_000n;

/** @throws {SnapshotFault} the first thing that does not hold */
export async function verifySnapshot(source: SnapshotSource, chain: Uint8Array, sm2: Sm2): Promise<VerifiedSnapshot> {
  const manifest = parsed('snapshot_malformed', { what: 'manifest' }, decodeManifest, await source.manifest());
  const trust = parsed('snapshot_malformed', { what: 'trust' }, decodeTrustBundle, await source.trust());
  const consortium = established(trust, chain, sm2);
  certified(consortium, manifest, sm2);
  const { header } = manifest;
  const log = frontierOf(manifest);
  const state = new LedgerState(log);
  for (const file of manifest.files) await take(state, file, source);
  requireBodies(state, consortium);
  if (!equalBytes(state.stateRoot(), header.stateRoot))
    throw new SnapshotFault('snapshot_state_root', { height: header.height.toString() });
  const recent = recentOf(parsed('snapshot_malformed', { what: 'recent' }, decodeRecent, await source.recent()), manifest, consortium, sm2);
  const recoveries = trust.links.flatMap((link) =>
    link.kind === 'recovery' && link.recovery.tip.header.height < header.height ? [link.recovery] : [],
  );
  return { manifest, genesis: trust.genesis, trust, recoveries, state, recent };
}

function established(trust: TrustBundle, chain: Uint8Array, sm2: Sm2): Consortium {
  try {
    return verifyLinks(verifyGenesis(trust.genesis, chain, sm2), trust, sm2);
  } catch (error) {
    if (error instanceof VerifyFailure) throw new SnapshotFault('snapshot_trust', { because: error.message });
    throw error;
  }
}

/** Height 0 is computed, never voted: a snapshot of it is a genesis. */
function certified(consortium: Consortium, { header, finality }: Manifest, sm2: Sm2): void {
  try {
    verifyCertified(consortium, header, finality, sm2);
  } catch (error) {
    if (error instanceof VerifyFailure) throw new SnapshotFault('snapshot_not_certified', { because: error.message });
    throw error;
  }
}

function frontierOf({ header, frontier }: Manifest): LogTree {
  const log = parsed('snapshot_log_root', {}, () => LogTree.fromFrontier(Number(header.logSize), frontier), new Uint8Array(0));
  if (!equalBytes(log.root(), header.logRoot)) throw new SnapshotFault('snapshot_log_root', { size: header.logSize.toString() });
  return log;
}

async function take(state: LedgerState, file: SnapshotFile, source: SnapshotSource): Promise<void> {
  const where = { reg: file.reg, chunk: file.chunk };
  if (file.count === 0 || file.count > CHUNK_LEAVES || (file.reg !== BODIES && file.reg > REGISTER.records))
    throw new SnapshotFault('snapshot_malformed', where);
  const bytes = await source.file(file);
  if (!equalBytes(sm3(bytes), file.sm3)) throw new SnapshotFault('snapshot_chunk', where);
  if (file.reg === BODIES) takeBodies(state, bytes, file);
  else takeLeaves(state, bytes, file);
}

function takeLeaves(state: LedgerState, bytes: Bytes, { reg, chunk, count }: SnapshotFile): void {
  const size = LEAF_BYTES[reg] ?? 0;
  // Chunks are full but the last, and come in order: so the serial of each leaf follows from its place.
  if (bytes.length !== count * size || state.count(reg) !== BigInt(chunk * CHUNK_LEAVES))
    throw new SnapshotFault('snapshot_malformed', { reg, chunk });
  for (let at = 0; at < count; at++) {
    const serial = chunk * CHUNK_LEAVES + at;
    const where = { reg, serial };
    const leaf = parsed('snapshot_leaf', where, (own): StateLeaf => decodeStateLeaf(reg, own), bytes.subarray(at * size, (at + 1) * size));
    if (leaf.leaf.serial !== BigInt(serial)) throw new SnapshotFault('snapshot_leaf', where);
    state.loadLeaf(leaf);
  }
}

function takeBodies(state: LedgerState, bytes: Bytes, { chunk, count }: SnapshotFile): void {
  for (const { kind, body } of parsed('snapshot_body', { chunk }, (own) => decodeBodies(own, count), bytes)) {
    if (kind === BODY_KIND.policy) state.loadPolicy(parsed('snapshot_body', { chunk }, decodeAuthPolicy, body));
    else state.loadConfig(parsed('snapshot_body', { chunk }, decodeConsortiumConfig, body));
  }
}

/** Bodies are kept by the hash that they have: what a leaf names is there or it is not. */
function requireBodies(state: LedgerState, { eras }: Consortium): void {
  for (const each of state.leaves(REGISTER.accounts)) {
    if (each.reg === REGISTER.accounts && state.policyByHash(each.leaf.policy) === null)
      throw new SnapshotFault('snapshot_body', { policy: toHex(each.leaf.policy) });
  }
  for (const { config } of eras) state.loadConfig(config satisfies ConsortiumConfig);
}

function recentOf(recent: RecentEntries, { header }: Manifest, consortium: Consortium, sm2: Sm2): readonly RecentTx[] {
  const from = startOf(recent, header, consortium, sm2);
  const log = parsed('snapshot_recent', {}, () => LogTree.fromFrontier(from, recent.frontier), new Uint8Array(0));
  for (const entry of recent.entries) log.append(logLeaf(entry));
  if (BigInt(log.size) !== header.logSize || !equalBytes(log.root(), header.logRoot))
    throw new SnapshotFault('snapshot_recent', { from, entries: recent.entries.length });
  return recent.entries.map((bytes) => {
    const { body } = parsed('snapshot_recent', {}, decodeEntry, bytes).env;
    return { txId: txIdOf(body), notAfter: body.notAfter };
  });
}

/** The log size that the recent entries begin at: that of a certified block a day older, or where the chain's own log begins. */
function startOf({ before, frontier }: RecentEntries, header: Manifest['header'], consortium: Consortium, sm2: Sm2): number {
  if (before === null) {
    const own = consortium.genesis.predecessor?.header;
    if (own !== undefined && !equalBytes(rootOfFrontier(frontier), own.logRoot))
      throw new SnapshotFault('snapshot_recent', { from: 'genesis' });
    return Number(own?.logSize ?? 0n);
  }
  try {
    verifyCertified(consortium, before.header, before.finality, sm2);
  } catch (error) {
    if (error instanceof VerifyFailure) throw new SnapshotFault('snapshot_recent', { because: error.message });
    throw error;
  }
  const isOld = before.header.sealedAt + DAY_MS <= header.sealedAt;
  if (!isOld || !equalBytes(rootOfFrontier(frontier), before.header.logRoot))
    throw new SnapshotFault('snapshot_recent', { from: before.header.logSize.toString() });
  return Number(before.header.logSize);
}

function parsed<T>(code: SnapshotCode, facts: ErrorFacts, read: (bytes: Uint8Array) => T, bytes: Uint8Array): T {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof ParseError) throw new SnapshotFault(code, { ...facts, because: error.code });
    throw error;
  }
}
