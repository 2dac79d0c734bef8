/** Which two statements convict a member (`ledger.md` 14): shared by those who find evidence and those who judge it. */
import type { VotePayload } from '#ledger/codec/header.ts';
import type { Seal } from '#ledger/codec/recovery.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';

/** `kind` of op 19. */
export const EVIDENCE = {
  /** Two Votes at one (epoch, height) that differ. */
  twoVotes: 1,
  /** Two Endorsements of one (epoch, height, term) for different headers. */
  twoEndorsements: 2,
  /** A Vote (t, x) and an Endorsement (t′ > t, x′ ≠ x) at one (epoch, height). */
  voteAgainstEndorsement: 3,
  /** A Seal, and a Vote in an epoch below its `newEpoch`, above or beside the set that it reports. */
  sealAgainstVote: 4,
  /** Two Finalities of one height with different headers. */
  twoFinalities: 5,
} as const;
export type EvidenceKind = (typeof EVIDENCE)[keyof typeof EVIDENCE];

/** Two statements about one place by one member. */
function isSamePlace(a: VotePayload, b: VotePayload): boolean {
  return a.member === b.member && a.epoch === b.epoch && a.height === b.height;
}

/** Kinds 1 to 3: `a` and `b` in the order of the table. */
export function statementsContradict(kind: number, a: VotePayload, b: VotePayload): boolean {
  if (!isSamePlace(a, b)) return false;
  const isSameHeader = equalBytes(a.header, b.header);
  switch (kind) {
    case EVIDENCE.twoVotes:
      return !isSameHeader || a.term !== b.term;
    case EVIDENCE.twoEndorsements:
      return !isSameHeader && a.term === b.term;
    case EVIDENCE.voteAgainstEndorsement:
      return !isSameHeader && b.term > a.term;
    default:
      return false;
  }
}

/** Kind 4: at the height after the sealed tip, a Vote that the Seal should have reported, or that came after it. */
export function sealContradicts(seal: Seal, vote: VotePayload): boolean {
  if (seal.member !== vote.member || vote.height !== seal.tipHeight + 1n || vote.epoch >= seal.newEpoch) return false;
  if (vote.epoch !== seal.epoch) return vote.epoch > seal.epoch;
  return vote.term > seal.term || (vote.term === seal.term && !equalBytes(vote.header, seal.base));
}
