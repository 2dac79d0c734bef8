/** Which two statements convict a member (`ledger.md` 14): shared by those who find evidence and those who judge it. */
import { sealMessage } from '#ledger/block/recovery.ts';
import { refuseFinality, voteMessage } from '#ledger/block/vote.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import { decodeSignedVote, type SignedVote } from '#ledger/codec/evidence.ts';
import type { VotePayload } from '#ledger/codec/header.ts';
import type { EvidenceOp } from '#ledger/codec/op-types.ts';
import { type Certified, decodeCertified, decodeSignedSeal, type Seal } from '#ledger/codec/recovery.ts';
import { isSignatureInRange } from '#ledger/crypto/sm2.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { configHash, headerHash } from '#ledger/tx/ids.ts';
import type { Run } from './rules.ts';

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

/** The member that the bytes of op 19 convict; `null`: they convict nobody. Kind 5: the lowest of those that signed both. */
export function convictedMember(op: EvidenceOp, run: Run): number | null {
  switch (op.evidenceKind) {
    case EVIDENCE.twoVotes:
    case EVIDENCE.twoEndorsements:
    case EVIDENCE.voteAgainstEndorsement:
      return convictedByStatements(op, run);
    case EVIDENCE.sealAgainstVote:
      return convictedBySeal(op, run);
    case EVIDENCE.twoFinalities:
      return convictedByFinalities(op, run);
    default:
      return null;
  }
}

function convictedByStatements(op: EvidenceOp, run: Run): number | null {
  const a = read(decodeSignedVote, op.a);
  const b = read(decodeSignedVote, op.b);
  if (a === null || b === null || !statementsContradict(op.evidenceKind, a.vote, b.vote)) return null;
  const tagA = op.evidenceKind === EVIDENCE.twoEndorsements ? 'PLP1/endorse' : 'PLP1/vote';
  const tagB = op.evidenceKind === EVIDENCE.twoVotes ? 'PLP1/vote' : 'PLP1/endorse';
  return isSigned(a, tagA, run) && isSigned(b, tagB, run) ? a.vote.member : null;
}

/** `a` is the Seal without its set, `b` the Vote. */
function convictedBySeal(op: EvidenceOp, run: Run): number | null {
  const signed = read(decodeSignedSeal, op.a);
  const vote = read(decodeSignedVote, op.b);
  if (signed === null || vote === null || signed.set !== null || !sealContradicts(signed.seal, vote.vote)) return null;
  const member = configOfEpoch(run, vote.vote.epoch)?.members.find((each) => each.id === vote.vote.member);
  if (member === undefined || !isSignatureInRange(signed.sig)) return null;
  const isSealed = run.context.verify(member.pub, sealMessage(run.context.chain, signed), signed.sig);
  return isSealed && isSigned(vote, 'PLP1/vote', run) ? member.id : null;
}

/** More than f have signed both: whoever reads this knows whom not to trust. */
function convictedByFinalities(op: EvidenceOp, run: Run): number | null {
  const a = read(decodeCertified, op.a);
  const b = read(decodeCertified, op.b);
  if (a === null || b === null || a.header.height !== b.header.height || equalBytes(headerHash(a.header), headerHash(b.header)))
    return null;
  if (!isCertified(a, run) || !isCertified(b, run)) return null;
  const others = new Set(b.finality.sigs.map((sig) => sig.member));
  return a.finality.sigs.find((sig) => others.has(sig.member))?.member ?? null;
}

function isCertified({ header, finality }: Certified, run: Run): boolean {
  if (!equalBytes(header.chain, run.context.chain)) return false;
  const config = configOfEpoch(run, finality.epoch);
  const isNamed = config !== null && (finality.epoch > header.epoch || equalBytes(header.configHash, configHash(config)));
  return isNamed && finality.epoch >= header.epoch && refuseFinality(finality, header, config, run.context.verify, finality.epoch) === null;
}

function isSigned(statement: SignedVote, tag: 'PLP1/vote' | 'PLP1/endorse', run: Run): boolean {
  const member = configOfEpoch(run, statement.vote.epoch)?.members.find((each) => each.id === statement.vote.member);
  const message = voteMessage(run.context.chain, statement.vote, tag);
  return member !== undefined && isSignatureInRange(statement.sig) && run.context.verify(member.pub, message, statement.sig);
}

/** In force, or in force before: a key that was stolen is rotated first, and what it signed stays evidence. */
function configOfEpoch({ context }: Run, epoch: number): ConsortiumConfig | null {
  if (epoch === context.config.epoch) return context.config;
  if (epoch > context.config.epoch) return null;
  return context.formerConfig(epoch);
}

function read<T>(decode: (bytes: Uint8Array) => T, bytes: Uint8Array): T | null {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}
