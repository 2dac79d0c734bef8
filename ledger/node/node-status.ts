/** A node's state in plain JSON, for health, status and the node page: the operator's and any member's look the same. */

import { toHex } from '#ledger/primitives/bytes.ts';
import type { SignerState } from './signer/signer.ts';
import type { LedgerReader } from './types.ts';

export type NodeStatus = {
  readonly chain: string;
  readonly height: number;
  /** Milliseconds since 1970, of the newest certified header. */
  readonly certifiedAt: number;
  readonly signers: number;
  readonly halted: string | null;
  readonly waiting: number;
  /** Of the node's own clock: see `Health`. */
  readonly clockBehindMs: number;
  readonly isClockBehind: boolean;
  readonly epoch: number;
  /** `alone`: one member seals. */
  readonly state: 'alone' | 'certifying' | 'waiting_for_signer' | 'waiting_for_members' | 'abstaining' | 'halted';
  readonly ordering: 'pg' | 'etcd' | null;
  readonly leader: number | null;
  /** What this node does about the lead. */
  readonly leading: 'follow' | 'campaign' | 'sync' | 'lead' | null;
  readonly term: string | null;
  readonly progressMs: number;
  readonly endorsed: readonly number[];
  readonly voted: readonly number[];
  readonly self: number | null;
  readonly members: readonly {
    readonly id: number;
    readonly org: string;
    readonly role: number;
    readonly isSelf: boolean;
    readonly height: number | null;
    readonly seenAt: number | null;
    readonly failure: string | null;
  }[];
  /** What holds this node's key: `place` is the address of a signer elsewhere, `failure` why it does not answer. */
  readonly signer: SignerState;
  readonly refusals: readonly {
    readonly height: number;
    readonly member: number;
    readonly code: string;
    readonly txCode: string | null;
    readonly txId: string | null;
  }[];
};

const REFUSALS_SHOWN = 20;
/** Seals alone, with its key in a file. */
const ALONE: SignerState = { form: 'file', place: null, failure: null, signed: 0, refused: 0 };

export function nodeStatus(node: LedgerReader): NodeStatus {
  const { certified } = node;
  const view = node.consortium();
  const { halted, waiting, clockBehind, signer } = node.health();
  return {
    chain: toHex(node.chain),
    height: Number(certified.height),
    certifiedAt: Number(certified.header.sealedAt),
    signers: certified.finality?.sigs.length ?? 0,
    halted,
    waiting: view === null ? waiting : Math.max(waiting, view.waiting),
    clockBehindMs: clockBehind.ms,
    isClockBehind: clockBehind.isTooFar,
    epoch: node.config.epoch,
    state: stateOf(view, halted, signer),
    ordering: view?.ordering ?? null,
    leader: view?.leader ?? null,
    leading: view?.leading ?? null,
    term: view === null ? null : String(view.term),
    progressMs: view?.progressMs ?? 0,
    endorsed: view?.endorsed ?? [],
    voted: view?.voted ?? [],
    self: view?.self ?? null,
    signer: signer ?? ALONE,
    members: (view?.members ?? []).map((member) => ({ ...member, height: member.height === null ? null : Number(member.height) })),
    refusals: (view?.refusals ?? []).slice(0, REFUSALS_SHOWN).map(({ height, member, code, tx }) => ({
      height: Number(height),
      member,
      code,
      txCode: tx?.txCode ?? null,
      txId: tx === null ? null : toHex(tx.txId),
    })),
  };
}

function stateOf(view: ReturnType<LedgerReader['consortium']>, halted: string | null, signer: SignerState | null): NodeStatus['state'] {
  if (halted !== null || view?.standing === 'halted') return 'halted';
  // It can say nothing to anybody until then.
  if (signer !== null && signer.failure !== null) return 'waiting_for_signer';
  if (view === null) return 'alone';
  if (view.isWaitingForMembers) return 'waiting_for_members';
  return view.standing === 'asking' ? 'abstaining' : 'certifying';
}
