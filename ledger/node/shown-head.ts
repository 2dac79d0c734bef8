/**
 * Checkpoints that wallets show (`ledger.md` 14): (size, root) with a request, compared at no cost; the whole checkpoint after a mismatch,
 * believed by its votes alone. Two logs that the same consortium certified are found by whoever was shown the other one.
 */
import type { Certified } from '#ledger/codec/recovery.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { type Bytes, concat, equalBytes, fromHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { parseCheckpoint } from '#ledger/proof/checkpoint.ts';
import { verifyCheckpoint } from '#ledger/verify/kept-head.ts';
import { VerifyFailure } from '#ledger/verify/verdict.ts';
import type { LedgerReader } from './types.ts';

/** Carries both the question and the answer on a market's procedures. */
export const LOG_HEADER = 'x-daoju-log';

/** `ahead`: larger than what is certified here, or from before the log that is kept here: nothing can be said. */
export type HeadAnswer = 'same' | 'differs' | 'ahead';
export type ShownAnswer = HeadAnswer | 'unproven' | 'other_chain';

/** `size-root` in decimal and hex; null: not of this form. */
export function compareSent(text: string, { header, log }: Pick<LedgerReader['certified'], 'header' | 'log'>): HeadAnswer | null {
  const [, size = '', root = ''] = /^(0|[1-9]\d{0,15})-([0-9a-f]{64})$/.exec(text) ?? [];
  return size === '' ? null : compareRoot(Number(size), fromHex(root, 32), { header, log });
}

function compareRoot(size: number, root: Bytes, { header, log }: Pick<LedgerReader['certified'], 'header' | 'log'>): HeadAnswer {
  if (BigInt(size) > header.logSize || (size < log.first && size !== 0)) return 'ahead';
  return equalBytes(log.root(size), root) ? 'same' : 'differs';
}

/** PROOF(older, D[newer]), its hashes one after the other; null: not known here. */
export function consistencyProof({ header, log }: LedgerReader['certified'], older: bigint, newer: bigint): Bytes | null {
  if (older > newer || newer > header.logSize || (older < BigInt(log.first) && older !== 0n)) return null;
  return concat(...log.consistencyPath(Number(older), Number(newer)));
}

export type ShownOptions = {
  readonly sm2: Sm2;
  /** The consortium certified another log than the one that is here. */
  readonly onContradiction: (shown: Certified) => void;
};

/** @throws {ParseError} `checkpoint_malformed` */
export async function judgeShown(
  node: Pick<LedgerReader, 'chain' | 'certified' | 'trust'>,
  text: string,
  options: ShownOptions,
): Promise<ShownAnswer> {
  const shown = parseCheckpoint(text);
  if (!equalBytes(shown.chain, node.chain)) return 'other_chain';
  if (shown.logSize > BigInt(Number.MAX_SAFE_INTEGER)) throw new ParseError('checkpoint_malformed', { size: shown.logSize.toString() });
  const answer = compareRoot(Number(shown.logSize), shown.logRoot, node.certified);
  if (answer !== 'differs') return answer;
  try {
    verifyCheckpoint(shown, await node.trust(), options.sm2);
  } catch (error) {
    if (error instanceof VerifyFailure) return 'unproven';
    throw error;
  }
  options.onContradiction({ header: shown.header, finality: shown.finality });
  return 'differs';
}
