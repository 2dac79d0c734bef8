/**
 * Sealing with one member (`ledger.md` 10, stage 1): the waiting LedgerTx in sequence order, re-executed at `sealedAt` on the
 * certified state, make a block; its header and one Vote are final. No clock and no disk here.
 */

import { type BlockTx, type BuildBlock, buildBlock } from '#ledger/block/block.ts';
import { voteMessage, votePayload } from '#ledger/block/vote.ts';
import { encodeAuthPolicy } from '#ledger/codec/auth-policy.ts';
import { type ConsortiumConfig, encodeConsortiumConfig } from '#ledger/codec/config.ts';
import { encodeFinality, encodeHeader, type Finality, type Header } from '#ledger/codec/header.ts';
import { encodeStateLeaf, type StateLeaf } from '#ledger/codec/leaves.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, concat, equalBytes } from '#ledger/primitives/bytes.ts';
import type { Applied } from '#ledger/state/applied.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import { configHash, headerHash, policyHash } from '#ledger/tx/ids.ts';
import type { BlockWrite, EntryRow } from './store/blocks.ts';
import type { BodyRow } from './store/leaves.ts';
import type { CertifiedBlock, CertifiedTx, RefusedTx } from './types.ts';

/** With one member the term never changes: there is nobody to hand the lead to. */
export const TERM = 1n;

export interface Waiting {
  readonly seq: bigint;
  readonly txId: Bytes;
  readonly env: TxEnv;
  readonly sequencedAt: bigint;
}

export interface SealFacts {
  readonly config: ConsortiumConfig;
  readonly demonstration: boolean;
  readonly sm2: Sm2;
  readonly nodeKey: Bytes;
  readonly judge?: BuildBlock['judge'];
  readonly formerConfig: BuildBlock['formerConfig'];
  readonly firstEntry: BuildBlock['firstEntry'];
}

export interface SealTip {
  readonly header: Header;
  readonly lastSeq: bigint;
}

export interface SealedBlock {
  readonly write: BlockWrite;
  readonly certified: Omit<CertifiedBlock, 'displaced'>;
  /** How many of the waiting LedgerTx it decided, entered or refused. */
  readonly decided: number;
}

/** Moves `state` by the next block and answers what to store. The signature must not leave the process before that is durable. */
export function sealBlock(state: LedgerState, tip: SealTip, waiting: readonly Waiting[], sealedAt: bigint, facts: SealFacts): SealedBlock {
  const built = buildBlock({
    state,
    config: facts.config,
    prevHeader: tip.header,
    demonstration: facts.demonstration,
    verify: facts.sm2.verify.bind(facts.sm2),
    sealedAt,
    envs: waiting.map((each) => each.env),
    judge: facts.judge,
    formerConfig: facts.formerConfig,
    firstEntry: facts.firstEntry,
  });
  const { header } = built;
  const { height } = header;
  const decided = waiting.slice(0, waiting.length - built.rest.length);
  const hash = headerHash(header);
  const finality = sign(header, facts);
  const { txs, refused } = assign(decided, built.txs, new Map(built.dropped.map((dropped) => [dropped.env, dropped.code])));
  const [vote] = finality.sigs;
  assert(vote !== undefined, 'one member, one Vote');
  return {
    decided: decided.length,
    certified: { height, header, headerHash: hash, finality, signers: signersOf(finality, facts.config), txs, refused },
    write: {
      block: {
        height,
        epoch: header.epoch,
        header: encodeHeader(header),
        headerHash: hash,
        finality: encodeFinality(finality),
        logSize: header.logSize,
        lastSeq: decided.at(-1)?.seq ?? tip.lastSeq,
      },
      vote: { epoch: header.epoch, height, term: TERM, header: hash, sig: vote.sig },
      entries: built.txs.map((tx) => entryRow(tx, height, state.log.leafHash(Number(tx.index)))),
      leaves: lastOfEach(built.txs),
      bodies: built.txs.flatMap((tx) => bodiesOf(tx.applied)),
      firstSeq: tip.lastSeq + 1n,
      refused,
    },
  };
}

/** Gives each decided LedgerTx its outcome: the block holds them in the same order, less the refused. */
function assign(decided: readonly Waiting[], built: readonly BlockTx[], codes: ReadonlyMap<TxEnv, string>) {
  const txs: CertifiedTx[] = [];
  const refused: RefusedTx[] = [];
  for (const { seq, txId, env } of decided) {
    const code = codes.get(env);
    if (code !== undefined) {
      refused.push({ txId, seq, env, code });
      continue;
    }
    const tx = built[txs.length];
    assert(tx !== undefined && equalBytes(tx.txId, txId), 'a block keeps the sequence');
    txs.push({ txId, seq, index: tx.index, pos: tx.entry.pos, entry: tx.entry, leaves: tx.applied.leaves });
  }
  return { txs, refused };
}

export function entryRow({ txId, index, entryBytes, applied }: BlockTx, height: bigint, leafHash: Bytes): EntryRow {
  return { index, height, txId, leafHash, body: entryBytes, leaves: concat(...applied.leaves.map(encodeStateLeaf)) };
}

/** Each changed leaf as it stands after the last of these LedgerTx. */
export function lastOfEach(txs: readonly BlockTx[]): readonly StateLeaf[] {
  const last = new Map<string, StateLeaf>();
  for (const { applied } of txs) for (const leaf of applied.leaves) last.set(`${leaf.reg}:${leaf.leaf.serial}`, leaf);
  return [...last.values()];
}

export function bodiesOf(applied: Pick<Applied, 'policies' | 'configs'>): readonly BodyRow[] {
  return [
    ...applied.policies.map((policy): BodyRow => ({ hash: policyHash(policy), kind: 'policy', body: encodeAuthPolicy(policy) })),
    ...applied.configs.map((config): BodyRow => ({ hash: configHash(config), kind: 'config', body: encodeConsortiumConfig(config) })),
  ];
}

function sign(header: Header, { config, sm2, nodeKey }: SealFacts): Finality {
  const [member] = config.members;
  assert(member !== undefined, 'a configuration has members');
  const payload = votePayload(header, TERM, member.id);
  const sig = sm2.sign(nodeKey, voteMessage(header.chain, payload));
  return { epoch: payload.epoch, height: payload.height, term: TERM, header: payload.header, sigs: [{ member: member.id, sig }] };
}

/** Names of the organisations that signed. */
export function signersOf(finality: Finality | null, config: ConsortiumConfig): readonly string[] {
  return (finality?.sigs ?? []).map(({ member }) => config.members.find((each) => each.id === member)?.org ?? `member ${member}`);
}
