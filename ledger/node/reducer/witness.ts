/** Statements of other members as they are seen, and the contradictions among them (`ledger.md` 14). */
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import { decodeSignedVote, encodeSignedVote, type SignedVote } from '#ledger/codec/evidence.ts';
import type { EndorsementSet } from '#ledger/codec/header.ts';
import { type Certified, encodeCertified, encodeSignedSeal, type SignedSeal } from '#ledger/codec/recovery.ts';
import { type Bytes, compareBytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { EVIDENCE, type EvidenceKind, sealContradicts } from '#ledger/state/evidence.ts';
import { recognise } from './abstain.ts';
import type { PastRound, Round } from './state.ts';
import { isHigherSet, isKnown, isSignedBy, statementsOf, withStatement } from './statements.ts';
import type { Turn } from './turn.ts';

/** Rounds whose statements are kept after they have ended. */
export const KEPT_ROUNDS = 8;

type Kind = 'endorsement' | 'vote';

interface Place {
  readonly config: ConsortiumConfig;
  readonly endorsements: readonly SignedVote[];
  readonly votes: readonly SignedVote[];
}

/** Takes an Endorsement whose signature has been, or is now, verified. False: it is not one. */
export function noteEndorsementSeen(turn: Turn, statement: SignedVote): boolean {
  return note(turn, 'endorsement', statement);
}

export function noteVote(turn: Turn, statement: SignedVote): boolean {
  return note(turn, 'vote', statement);
}

/** A verified set: its statements, and itself if it is the highest. */
export function noteSet(turn: Turn, set: EndorsementSet): void {
  for (const statement of statementsOf(set)) noteEndorsementSeen(turn, statement);
  const { round } = turn;
  if (set.height === round.height && isHigherSet(set, round.highestSet)) turn.setRound({ highestSet: set });
}

function note(turn: Turn, kind: Kind, statement: SignedVote): boolean {
  const { round, state } = turn;
  const { epoch, height } = statement.vote;
  const isNow = epoch === round.epoch && height === round.height;
  const past = isNow ? undefined : state.past.find((each) => each.epoch === epoch && each.height === height);
  const place: Place | undefined = isNow ? round : past;
  if (place === undefined) return false;
  const known = kind === 'vote' ? place.votes : place.endorsements;
  if (isKnown(known, statement)) return true;
  if (!isSignedBy(turn.ground, place.config, kind === 'vote' ? 'PLP1/vote' : 'PLP1/endorse', statement)) return false;
  keep(turn, kind, withStatement(known, statement), past);
  if (isNow) recognise(turn, kind, statement);
  accuse(turn, kind, statement, place);
  return true;
}

function keep(turn: Turn, kind: Kind, statements: readonly SignedVote[], past: PastRound | undefined): void {
  const change = kind === 'vote' ? { votes: statements } : { endorsements: statements };
  if (past === undefined) turn.setRound(change);
  else turn.set({ past: turn.state.past.map((each) => (each === past ? { ...each, ...change } : each)) });
}

/** Kinds 1 to 3, and 4 against Seals that are known. */
function accuse(turn: Turn, kind: Kind, statement: SignedVote, place: Place): void {
  const { member, term, header } = statement.vote;
  const own = (each: SignedVote): boolean => each.vote.member === member;
  if (kind === 'vote') {
    for (const other of place.votes.filter(own))
      if (other.vote.term !== term || !equalBytes(other.vote.header, header)) submitVotes(turn, EVIDENCE.twoVotes, other, statement);
    for (const later of place.endorsements.filter(own))
      if (later.vote.term > term && !equalBytes(later.vote.header, header))
        submitVotes(turn, EVIDENCE.voteAgainstEndorsement, statement, later);
    for (const signed of turn.state.seals.values()) accuseSeal(turn, signed, statement);
    return;
  }
  for (const other of place.endorsements.filter(own))
    if (other.vote.term === term && !equalBytes(other.vote.header, header)) submitVotes(turn, EVIDENCE.twoEndorsements, other, statement);
  for (const vote of place.votes.filter(own))
    if (vote.vote.term < term && !equalBytes(vote.vote.header, header)) submitVotes(turn, EVIDENCE.voteAgainstEndorsement, vote, statement);
}

export const sealKey = ({ seal }: SignedSeal): string => `${seal.newEpoch}:${seal.member}`;

export function isSealKnown(turn: Turn, signed: SignedSeal): boolean {
  return turn.state.seals.has(sealKey(signed));
}

/** A verified Seal that is on the disk: kept, and held against the Votes that are known. */
export function noteSeal(turn: Turn, signed: SignedSeal): void {
  if (isSealKnown(turn, signed)) return;
  turn.set({ seals: new Map([...turn.state.seals, [sealKey(signed), signed]]) });
  const { round, state } = turn;
  for (const place of [round, ...state.past]) for (const vote of place.votes) accuseSeal(turn, signed, vote);
}

function accuseSeal(turn: Turn, signed: SignedSeal, vote: SignedVote): void {
  if (!sealContradicts(signed.seal, vote.vote)) return;
  submit(turn, EVIDENCE.sealAgainstVote, vote.vote.member, encodeSignedSeal({ ...signed, set: null }), encodeSignedVote(vote));
}

/** Kind 5: more than f members have signed both. Everybody halts. */
export function accuseFinalities(turn: Turn, stored: Certified, shown: Certified): void {
  const both = stored.finality.sigs.map((sig) => sig.member).filter((id) => shown.finality.sigs.some((sig) => sig.member === id));
  submit(turn, EVIDENCE.twoFinalities, both[0] ?? 0, encodeCertified(stored), encodeCertified(shown));
}

/** Where the order means nothing the smaller bytes come first, so that two finders record one entry. */
function submitVotes(turn: Turn, kind: EvidenceKind, first: SignedVote, second: SignedVote): void {
  const [a, b] = [encodeSignedVote(first), encodeSignedVote(second)];
  const isSwapped = kind !== EVIDENCE.voteAgainstEndorsement && compareBytes(a, b) > 0;
  submit(turn, kind, first.vote.member, isSwapped ? b : a, isSwapped ? a : b);
}

function submit(turn: Turn, evidenceKind: EvidenceKind, member: number, a: Bytes, b: Bytes): void {
  if (member === turn.ground.self) return;
  const key = `${evidenceKind}:${member}:${toHex(a)}:${toHex(b)}`;
  const own = `${evidenceKind}:${member}:`;
  // One contradiction of a kind is enough: a liar that signs a thousand headers gets one entry, not a thousand.
  if ([...turn.state.convicted].some((each) => each.startsWith(own))) return;
  turn.set({ convicted: new Set([...turn.state.convicted, key]) });
  turn.alert('evidence', { evidenceKind, member });
  turn.emit({ kind: 'submit_evidence', evidenceKind, member, a, b });
  turn.sendAll({ kind: 'evidence', evidenceKind, a, b });
}

/** Evidence that another member has found: believed as far as its own statements can be verified here. */
export function noteEvidence(turn: Turn, evidenceKind: number, a: Uint8Array, b: Uint8Array): void {
  const kinds: Readonly<Record<number, readonly [Kind, Kind]>> = {
    [EVIDENCE.twoVotes]: ['vote', 'vote'],
    [EVIDENCE.twoEndorsements]: ['endorsement', 'endorsement'],
    [EVIDENCE.voteAgainstEndorsement]: ['vote', 'endorsement'],
  };
  const [first, second] = kinds[evidenceKind] ?? [];
  if (first === undefined || second === undefined) return;
  for (const [kind, bytes] of [
    [first, a],
    [second, b],
  ] as const) {
    const statement = readStatement(bytes);
    if (statement !== null) note(turn, kind, statement);
  }
}

function readStatement(bytes: Uint8Array): SignedVote | null {
  try {
    return decodeSignedVote(bytes);
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

/** The statements of a round that has ended. */
export function pastOf(round: Round): PastRound {
  const { epoch, height, config, endorsements, votes } = round;
  return { epoch, height, config, endorsements, votes };
}
