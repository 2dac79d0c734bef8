/**
 * What `check_block` asks for (`ledger.md` 10.3, from `tx_refused` on): execution, then what a member must hold and may judge.
 * The checks of class terms and of the sealed part are functions handed in: the ledger knows no market rule and no tax.
 */
import { type BlockGround, type BlockTx, executeBlock } from '#ledger/block/block.ts';
import { type ConsortiumConfig, MEMBER_FLAG, ROLE } from '#ledger/codec/config.ts';
import type { Header } from '#ledger/codec/header.ts';
import type { BlockBody } from '#ledger/codec/peer-body.ts';
import type { Entry, TxEnv } from '#ledger/codec/tx.ts';
import { type Bytes, isZero } from '#ledger/primitives/bytes.ts';
import { apply } from '#ledger/state/apply.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import type { AdmittedTx, BlockVerdict } from './events.ts';

export interface CheckedTx {
  readonly pos: number;
  readonly txId: Bytes;
  readonly entry: Entry;
}

/** One check of one LedgerTx: the code that refuses, or `null`. What it reads has been fetched before. */
export type TxCheck = (tx: CheckedTx) => LedgerCode | null;

/** In the order of 10.3. */
export interface MemberChecks {
  /** Supervisors: `envelope_missing`. */
  readonly envelopes: TxCheck;
  /** Mirrors of media: `media_missing`. */
  readonly media: TxCheck;
  /** Every member: `class_terms_breach`. */
  readonly classTerms: TxCheck;
  /** Every member: `reversal_mismatch`. */
  readonly reversals: TxCheck;
  /** Supervisors: `envelope_open`, `commitment_mismatch`, `terms_breach`, `assessment_mismatch`, `cap_exceeded`. */
  readonly sealedPart: TxCheck;
}

/** Refuses nothing. */
export const NO_CHECKS: MemberChecks = {
  envelopes: () => null,
  media: () => null,
  classTerms: () => null,
  reversals: () => null,
  sealedPart: () => null,
};

export interface CheckBlock {
  /** Certified at the tip; left as it was. */
  readonly state: LedgerState;
  readonly prevHeader: Header;
  readonly config: ConsortiumConfig;
  readonly demonstration: boolean;
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
  readonly formerConfig: BlockGround['formerConfig'];
  readonly firstEntry: BlockGround['firstEntry'];
  readonly self: number;
  readonly block: BlockBody;
  readonly scope: 'endorse' | 'vote';
  readonly isOwn: boolean;
  readonly overdue: readonly AdmittedTx[];
  readonly checks: MemberChecks;
  /** Told what execution gave: a shell that keeps it need not execute the block again when it is final. */
  readonly onExecuted?: (txs: readonly BlockTx[]) => void;
}

export function checkBlock(check: CheckBlock): BlockVerdict {
  const { state } = check;
  state.begin();
  try {
    return judge(check);
  } finally {
    state.rollback();
  }
}

function judge(check: CheckBlock): BlockVerdict {
  const { block, isOwn, scope } = check;
  if (!isOwn) {
    const executed = executeBlock({ ...check, ...block });
    if (executed.kind === 'rejected') {
      const { code, pos, txId, txCode } = executed;
      return { kind: 'rejected', code, tx: pos === undefined || txId === undefined ? null : { pos, txId, txCode: txCode ?? null } };
    }
    check.onExecuted?.(executed.txs);
  }
  if (scope === 'vote') return { kind: 'sound' };
  return judgeDuties(check) ?? judgePromises(check) ?? { kind: 'sound' };
}

function judgeDuties({ config, self, block, checks }: CheckBlock): BlockVerdict | null {
  const member = config.members.find((each) => each.id === self);
  const isSupervisor = member?.role === ROLE.supervisor;
  const isMirror = member !== undefined && (member.flags & MEMBER_FLAG.mirrorsMedia) !== 0;
  const due: readonly (readonly [boolean, TxCheck])[] = [
    [isSupervisor, checks.envelopes],
    [isMirror, checks.media],
    [true, checks.classTerms],
    [true, checks.reversals],
    [isSupervisor, ({ entry }) => refuseUnsealed(entry.env)],
    [isSupervisor, checks.sealedPart],
  ];
  const txs = block.entries.map((entry, pos): CheckedTx => ({ pos, txId: txIdOf(entry.env.body), entry }));
  for (const [isDue, run] of due) {
    if (!isDue) continue;
    for (const tx of txs) {
      const code = run(tx);
      if (code !== null) return { kind: 'rejected', code, tx: { pos: tx.pos, txId: tx.txId, txCode: null } };
    }
  }
  return null;
}

/**
 * A Trade that names no envelope has a sealed part that nobody can ever open (15.3), whatever the program checks. Not in `apply`: a chain
 * of one member, which has no supervisor, may hold such Trades.
 */
export function refuseUnsealed({ body: { op } }: TxEnv): LedgerCode | null {
  return op.kind === 'trade' && isZero(op.env) ? 'envelope_open' : null;
}

/** A LedgerTx this member promised, past its time, that still passes after the block and is not in it. */
function judgePromises(check: CheckBlock): BlockVerdict | null {
  const { state, config, block, demonstration, verify, formerConfig, firstEntry, overdue, isOwn } = check;
  if (isOwn) return null;
  const { chain, height, sealedAt } = block.header;
  const context = { now: sealedAt, height, chain, config, demonstration, verify, formerConfig, firstEntry };
  const left = overdue.find(({ txId, env }) => !state.hasTx(txId) && apply(state, context, env).kind === 'applied');
  return left === undefined ? null : { kind: 'rejected', code: 'promise_overdue', tx: { pos: 0, txId: left.txId, txCode: null } };
}
