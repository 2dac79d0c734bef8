/** Endorsements, Votes and sets of them: whether they hold, and what they add up to (`ledger.md` 10.1, 10.4). */
import { satisfies } from '#ledger/block/policy.ts';
import { voteMessage } from '#ledger/block/vote.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { SignedVote } from '#ledger/codec/evidence.ts';
import type { EndorsementSet, VotePayload } from '#ledger/codec/header.ts';
import { isSignatureInRange } from '#ledger/crypto/sm2.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import type { Ground } from './state.ts';

export type StatementTag = 'PLP1/endorse' | 'PLP1/vote';

/** A member of the configuration signed it. */
export function isSignedBy(ground: Ground, config: ConsortiumConfig, tag: StatementTag, statement: SignedVote): boolean {
  const member = config.members.find((each) => each.id === statement.vote.member);
  return (
    member !== undefined &&
    isSignatureInRange(statement.sig) &&
    ground.verify(member.pub, voteMessage(ground.chain, statement.vote, tag), statement.sig)
  );
}

/** Each endorsement in a set as a statement of its own. */
export function statementsOf(set: EndorsementSet): readonly SignedVote[] {
  const { epoch, height, term, header } = set;
  return set.sigs.map(({ member, sig }) => ({ vote: { epoch, height, term, header, member }, sig }));
}

/** Known and distinct members of the set's epoch, every signature right, the finality policy satisfied. */
export function isSetValid(ground: Ground, config: ConsortiumConfig, set: EndorsementSet): boolean {
  const signed = new Set(set.sigs.map((sig) => sig.member));
  return (
    set.epoch === config.epoch &&
    signed.size === set.sigs.length &&
    satisfies(config.finality, signed, config.members) &&
    statementsOf(set).every((statement) => isSignedBy(ground, config, 'PLP1/endorse', statement))
  );
}

/** By epoch, then term (13.1). */
export function isHigherSet(a: EndorsementSet, b: EndorsementSet | null): boolean {
  return b === null || a.epoch > b.epoch || (a.epoch === b.epoch && a.term > b.term);
}

const isSameStatement = (a: VotePayload, b: VotePayload): boolean =>
  a.member === b.member && a.epoch === b.epoch && a.height === b.height && a.term === b.term && equalBytes(a.header, b.header);

export function isKnown(statements: readonly SignedVote[], statement: SignedVote): boolean {
  return statements.some((each) => isSameStatement(each.vote, statement.vote));
}

/** Statements kept of one member: two headers in one term convict it, a third adds nothing. */
const MAX_PER_TERM = 2;
const MAX_PER_MEMBER = 32;

/** Adds a statement unless it is known or its member has said too much already: what is kept is bounded by honest needs. */
export function withStatement(statements: readonly SignedVote[], statement: SignedVote): readonly SignedVote[] {
  if (isKnown(statements, statement)) return statements;
  const own = statements.filter((each) => each.vote.member === statement.vote.member);
  if (own.filter((each) => each.vote.term === statement.vote.term).length >= MAX_PER_TERM) return statements;
  const kept = own.length < MAX_PER_MEMBER ? statements : statements.filter((each) => each !== own[0]);
  return [...kept, statement];
}

/** The set that statements of one term and header make, or `null` while the finality policy is not satisfied. */
export function setOf(
  config: ConsortiumConfig,
  statements: readonly SignedVote[],
  place: Pick<EndorsementSet, 'term' | 'header'>,
): EndorsementSet | null {
  const agreeing = statements.filter((each) => each.vote.term === place.term && equalBytes(each.vote.header, place.header));
  const [first] = agreeing;
  if (first === undefined) return null;
  const sigs = agreeing
    .map((each) => ({ member: each.vote.member, sig: each.sig }))
    .filter((each) => config.members.some((member) => member.id === each.member))
    .sort((a, b) => a.member - b.member);
  if (!satisfies(config.finality, new Set(sigs.map((sig) => sig.member)), config.members)) return null;
  const { epoch, height, term, header } = first.vote;
  return { epoch, height, term, header, sigs };
}
