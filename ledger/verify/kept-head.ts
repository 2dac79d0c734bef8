/**
 * What somebody who keeps one checkpoint of a log holds a later one against (`ledger.md` 14): the newer log begins with the older one, or its
 * signers have contradicted themselves, and both checkpoints together prove it. Pure; whoever serves the proof is untrusted.
 */

import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { HASH_BYTES } from '#ledger/merkle/hash-column.ts';
import { verifyConsistency } from '#ledger/merkle/log-tree.ts';
import { type Bytes, equalBytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Checkpoint } from '#ledger/proof/checkpoint.ts';
import type { TrustBundle } from '#ledger/proof/receipt.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { verifyCertified, verifyGenesis, verifyLinks } from './consortium.ts';

/** `two_headers`: of one height. `other_root`: of logs of one size. `no_prefix`: the newer log does not begin with the older one. */
export type ForkReason = 'two_headers' | 'other_root' | 'no_prefix';
export type HeadVerdict =
  | { readonly kind: 'same' | 'grown' }
  /** Older than what is kept, and not in contradiction to it as far as can be seen. */
  | { readonly kind: 'behind' }
  /** Newer, and nobody proves that it begins with what is kept. */
  | { readonly kind: 'withheld' }
  | { readonly kind: 'other_chain' }
  | { readonly kind: 'forked'; readonly reason: ForkReason };

/** PROOF(older, D[newer]) of RFC 6962 §2.1.2; null: not to be had. */
export type ProveConsistency = (older: bigint, newer: bigint) => Promise<readonly Bytes[] | null>;

const forked = (reason: ForkReason): HeadVerdict => ({ kind: 'forked', reason });

/** The votes of both MUST have been verified: this compares what they say. */
export async function compareHead(kept: Checkpoint, served: Checkpoint, prove: ProveConsistency): Promise<HeadVerdict> {
  if (!equalBytes(kept.chain, served.chain)) return { kind: 'other_chain' };
  if (kept.header.height === served.header.height)
    return equalBytes(headerHash(kept.header), headerHash(served.header)) ? { kind: 'same' } : forked('two_headers');
  const isBehind = served.header.height < kept.header.height;
  const [older, newer] = isBehind ? [served, kept] : [kept, served];
  if (older.logSize > newer.logSize) return forked('no_prefix');
  if (older.logSize === newer.logSize && !equalBytes(older.logRoot, newer.logRoot)) return forked('other_root');
  if (isBehind) return { kind: 'behind' };
  if (older.logSize === newer.logSize) return { kind: 'grown' };
  const path = await prove(older.logSize, newer.logSize);
  if (path === null) return { kind: 'withheld' };
  return verifyConsistency(older.logSize, newer.logSize, older.logRoot, newer.logRoot, path) ? { kind: 'grown' } : forked('no_prefix');
}

/** @throws {VerifyFailure} when it is not certified by the consortium of its chain */
export function verifyCheckpoint({ chain, header, finality }: Checkpoint, trust: TrustBundle, sm2: Sm2): void {
  verifyCertified(verifyLinks(verifyGenesis(trust.genesis, chain, sm2), trust, sm2), header, finality, sm2);
}

/** A proof as it travels: its hashes, one after the other. @throws {ParseError} `proof_length` */
export function parseConsistencyPath(bytes: Bytes): readonly Bytes[] {
  if (bytes.length % HASH_BYTES !== 0) throw new ParseError('proof_length', { bytes: bytes.length });
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, at) => bytes.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES));
}
