/** Building a block and executing one that others built: the same steps, the same bytes (`ledger.md` 5, 9, 10). */

import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { Header } from '#ledger/codec/header.ts';
import { type Effect, type Entry, encodeEntry, type TxEnv } from '#ledger/codec/tx.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { Applied, ApplyContext } from '#ledger/state/applied.ts';
import { apply } from '#ledger/state/apply.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { configHash, headerHash, logLeafHash, txIdOf } from '#ledger/tx/ids.ts';

/** What block building and execution share. */
export interface BlockGround {
  /** Moves by the block. The caller opens a level of undo where it may want to go back. */
  readonly state: LedgerState;
  /** In force at the new height. */
  readonly config: ConsortiumConfig;
  readonly prevHeader: Header;
  readonly demonstration: boolean;
  readonly verify: ApplyContext['verify'];
  readonly formerConfig: ApplyContext['formerConfig'];
  readonly firstEntry: ApplyContext['firstEntry'];
}

export interface BuildBlock extends BlockGround {
  readonly sealedAt: bigint;
  readonly envs: readonly TxEnv[];
  readonly ext?: Bytes;
  /** What this member judges beyond `apply` (10.3): the code that refuses, or null. */
  readonly judge?: ((env: TxEnv) => LedgerCode | null) | undefined;
}

/** One LedgerTx of a block, as it stands in the log. */
export interface BlockTx {
  readonly txId: Bytes;
  readonly index: bigint;
  readonly entry: Entry;
  readonly entryBytes: Bytes;
  readonly applied: Applied;
}

export interface DroppedTx {
  readonly txId: Bytes;
  readonly env: TxEnv;
  readonly code: LedgerCode;
}

export interface BuiltBlock {
  readonly header: Header;
  readonly entries: readonly Entry[];
  readonly txs: readonly BlockTx[];
  readonly dropped: readonly DroppedTx[];
  /** Beyond `blockTx` or `blockBytes`: for the next block. */
  readonly rest: readonly TxEnv[];
}

function contextOf(ground: BlockGround, now: bigint): ApplyContext {
  const { config, prevHeader, demonstration, verify, formerConfig, firstEntry } = ground;
  return { now, height: prevHeader.height + 1n, chain: prevHeader.chain, config, demonstration, verify, formerConfig, firstEntry };
}

function append(state: LedgerState, entry: Entry, entryBytes: Bytes, applied: Applied): BlockTx {
  const index = state.logSize;
  state.absorb(applied, logLeafHash(entryBytes));
  return { txId: applied.txId, index, entry, entryBytes, applied };
}

function headerOf(ground: BlockGround, sealedAt: bigint, txCount: number, ext: Bytes): Header {
  const { state, config, prevHeader } = ground;
  return {
    chain: prevHeader.chain,
    epoch: config.epoch,
    height: prevHeader.height + 1n,
    prevHash: headerHash(prevHeader),
    configHash: configHash(config),
    sealedAt,
    txCount,
    logSize: state.logSize,
    logRoot: state.logRoot(),
    stateRoot: state.stateRoot(),
    ext,
  };
}

/** Takes LedgerTx in order, drops those that fail and moves `state` by the rest. */
export function buildBlock(build: BuildBlock): BuiltBlock {
  const { state, config, sealedAt, envs, prevHeader } = build;
  assert(sealedAt > prevHeader.sealedAt, 'sealedAt rises strictly');
  const context = contextOf(build, sealedAt);
  const txs: BlockTx[] = [];
  const dropped: DroppedTx[] = [];
  let bytes = 0;
  let taken = 0;
  for (const env of envs) {
    if (txs.length >= config.limits.blockTx) break;
    const judged = build.judge?.(env) ?? null;
    const result = judged === null ? apply(state, context, env) : ({ kind: 'rejected', code: judged } as const);
    if (result.kind === 'rejected') {
      dropped.push({ txId: txIdOf(env.body), env, code: result.code });
      taken++;
      continue;
    }
    const entry: Entry = { height: context.height, pos: txs.length, env, effects: result.effects };
    const entryBytes = encodeEntry(entry);
    if (txs.length > 0 && bytes + entryBytes.length > config.limits.blockBytes) break;
    bytes += entryBytes.length;
    txs.push(append(state, entry, entryBytes, result));
    taken++;
  }
  return {
    header: headerOf(build, sealedAt, txs.length, build.ext ?? ZERO_32),
    entries: txs.map((tx) => tx.entry),
    txs,
    dropped,
    rest: envs.slice(taken),
  };
}

export interface ExecuteBlock extends BlockGround {
  readonly header: Header;
  readonly entries: readonly Entry[];
}

export interface ExecutedBlock {
  readonly kind: 'executed';
  readonly txs: readonly BlockTx[];
}

export interface RefusedBlock {
  readonly kind: 'rejected';
  readonly code: 'bad_link' | 'time_range' | 'over_limit' | 'tx_refused' | 'effects_mismatch' | 'root_mismatch';
  /** Of the LedgerTx at fault. */
  readonly pos?: number;
  readonly txId?: Bytes;
  readonly txCode?: LedgerCode;
}

/** Recomputes a block from its LedgerTx and compares every byte. Leaves `state` as it was unless all agree. */
export function executeBlock(ground: ExecuteBlock): ExecutedBlock | RefusedBlock {
  const { state } = ground;
  state.begin();
  const result = execute(ground);
  if (result.kind === 'executed') state.commit();
  else state.rollback();
  return result;
}

function execute(ground: ExecuteBlock): ExecutedBlock | RefusedBlock {
  const { state, config, header, entries } = ground;
  if (!isLinked(ground)) return { kind: 'rejected', code: 'bad_link' };
  if (!isTimely(ground)) return { kind: 'rejected', code: 'time_range' };
  const encoded = entries.map(encodeEntry);
  const bytes = encoded.reduce((sum, each) => sum + each.length, 0);
  // A block of one may exceed the limit of bytes: an entry is bounded by itself.
  const isTooLarge = entries.length > 1 && bytes > config.limits.blockBytes;
  if (entries.length > config.limits.blockTx || isTooLarge) return { kind: 'rejected', code: 'over_limit' };
  const context = contextOf(ground, header.sealedAt);
  const txs: BlockTx[] = [];
  for (const [pos, entry] of entries.entries()) {
    const txId = txIdOf(entry.env.body);
    const applied = apply(state, context, entry.env);
    if (applied.kind === 'rejected') return { kind: 'rejected', code: 'tx_refused', pos, txId, txCode: applied.code };
    const isSame = entry.pos === pos && entry.height === context.height && sameEffects(entry.effects, applied.effects);
    if (!isSame) return { kind: 'rejected', code: 'effects_mismatch', pos, txId };
    // Height, place, env and effects are the same, so its bytes are too.
    txs.push(append(state, entry, encoded[pos] ?? encodeEntry(entry), applied));
  }
  const expected = headerOf(ground, header.sealedAt, txs.length, header.ext);
  return equalBytes(headerHash(expected), headerHash(header)) ? { kind: 'executed', txs } : { kind: 'rejected', code: 'root_mismatch' };
}

function isLinked(ground: ExecuteBlock): boolean {
  const { header, prevHeader, config } = ground;
  return (
    equalBytes(header.chain, prevHeader.chain) &&
    header.epoch === config.epoch &&
    header.height === prevHeader.height + 1n &&
    equalBytes(header.prevHash, headerHash(prevHeader)) &&
    equalBytes(header.configHash, configHash(config))
  );
}

/** Rises strictly, and is an Instant: sums of it with any delay then fit their u64. */
function isTimely(ground: ExecuteBlock): boolean {
  const { header, prevHeader } = ground;
  return header.sealedAt > prevHeader.sealedAt && header.sealedAt <= BigInt(Number.MAX_SAFE_INTEGER);
}

function sameEffects(a: readonly Effect[], b: readonly Effect[]): boolean {
  return (
    a.length === b.length &&
    a.every((effect, index) => {
      const other = b[index];
      return (
        other !== undefined &&
        effect.reg === other.reg &&
        effect.index === other.index &&
        effect.prev === other.prev &&
        equalBytes(effect.leaf, other.leaf)
      );
    })
  );
}
