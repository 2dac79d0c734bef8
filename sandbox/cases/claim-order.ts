/** Disputes about a trade (product P-32): who may claim what, what each side signs, when each clock ends and what then comes by itself.
 *  Pure, so that the browser signs the very document that the server checks. */
import type { ItemMove, Op } from '#ledger/codec/op-types.ts';
import { type Bytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { type CaseDocument, DOCUMENT_ATTEST } from './case-order.ts';

export const CLAIM_KINDS = ['not_authorized', 'deceived', 'studio_refuses', 'payment_disputed', 'minor_purchase'] as const;
export type ClaimKind = (typeof CLAIM_KINDS)[number];
export type ClaimSide = 'buy' | 'sell';
/** A studio refuses the item to who has it, and a guardian speaks for who bought; all else happens to either side. */
export const KINDS_OF_SIDE: Readonly<Record<ClaimSide, readonly ClaimKind[]>> = {
  buy: CLAIM_KINDS,
  sell: ['not_authorized', 'deceived', 'payment_disputed'],
};

/** `open`: the other side answers; `deciding`: the desk; `decided`: whoever lost may appeal; `appealed`: a supervisor answers; `upheld`:
 *  waits for the second signature under the reversal. */
export const CLAIM_STATES = ['open', 'deciding', 'decided', 'appealed', 'upheld', 'closed'] as const;
export type ClaimState = (typeof CLAIM_STATES)[number];
export type ClaimDecision = 'upheld' | 'refused';
/** `lapsed`: nothing held the item back any more, so that the ledger would not reverse it (`ledger.md` op 21). */
export type ClaimOutcome = 'reversed' | 'refused' | 'withdrawn' | 'lapsed';

const DAY_MS = 24 * 3_600_000;
/** Of protection after a claim that was refused. */
export const LEFT_AT_LEAST_MS = DAY_MS;
/** The operator's freeze begins when what holds the item ends so soon. */
export const HOLD_MARGIN_MS = DAY_MS;
/** Supervisors are asked for a longer one while there is time to sign it. */
export const LONGER_MARGIN_MS = 3 * DAY_MS;
export const FILES_MAX = 3;
export const FILE_BYTES_MAX = 400_000;

export type ClockStep = 'answer_missed' | 'desk_silent' | 'final' | 'stands';

/** What the end of a clock does with nobody present. A reversal never comes by itself: it takes two signatures. */
export function clockStep(
  claim: { readonly state: ClaimState; readonly dueAt: number | null; readonly decision: ClaimDecision | null },
  now: number,
): ClockStep | null {
  if (claim.dueAt === null || claim.dueAt > now) return null;
  switch (claim.state) {
    case 'open':
      return 'answer_missed';
    case 'deciding':
      return 'desk_silent';
    case 'decided':
      return 'final';
    case 'appealed':
      return claim.decision === 'refused' ? 'stands' : null;
    case 'upheld':
    case 'closed':
      return null;
  }
}

export type ClaimOrder = {
  /** 32 hex digits drawn by who claims: names the claim and salts its hash. */
  readonly actId: string;
  readonly tradeId: string;
  readonly kind: ClaimKind;
  readonly reason: string;
  /** SM3 of each file, hex, in order. */
  readonly files: readonly string[];
};
export function claimDocument({ actId, tradeId, kind, reason, files }: ClaimOrder): CaseDocument {
  return { act: 'claim', actId, tradeId, kind, reason, files: files.join(' ') };
}

export type ClaimStance = 'agrees' | 'contests';
export type ClaimAnswer = {
  readonly actId: string;
  readonly claimId: string;
  readonly stance: ClaimStance;
  readonly text: string;
  readonly files: readonly string[];
};
export function answerDocument({ actId, claimId, stance, text, files }: ClaimAnswer): CaseDocument {
  return { act: 'answer_claim', actId, claimId, stance, text, files: files.join(' ') };
}

export type ClaimAppeal = { readonly actId: string; readonly claimId: string; readonly text: string };
export function claimAppealDocument({ actId, claimId, text }: ClaimAppeal): CaseDocument {
  return { act: 'appeal_claim', actId, claimId, text };
}

/** Of the desk, and of the supervisor after it. */
export type ClaimRuling = { readonly actId: string; readonly claimId: string; readonly isUpheld: boolean; readonly reason: string };
export function rulingDocument(by: 'desk' | 'supervisor', { actId, claimId, isUpheld, reason }: ClaimRuling): CaseDocument {
  return { act: by === 'desk' ? 'decide_claim' : 'review_claim', actId, claimId, decision: isUpheld ? 'upheld' : 'refused', reason };
}

/** A step of a dispute on the ledger: the entry that it is about, and the hash of what was said. */
export function claimAttest(entry: bigint, doc: Bytes): Op {
  return { kind: 'attest', subject: { kind: 'entry', index: entry }, attestKind: DOCUMENT_ATTEST, doc };
}

export type Reversal = {
  /** Of the trade. */
  readonly entry: bigint;
  readonly items: readonly ItemMove[];
  readonly pay: Bytes;
  readonly rulePack: Bytes;
};
/** Amounts are committed in `pay` and opened to the parties by the operator; there is no envelope. */
export function reverseOp({ entry, items, pay, rulePack }: Reversal, doc: Bytes): Op {
  return { kind: 'trade_reverse', entry, items, doc, pay, env: ZERO_32, rulePack };
}
