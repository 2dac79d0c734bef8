/** Who must not sign (`ledger.md` 10.5, 13.1): halted, restored from a copy, at a height too near, in a sealed epoch. */
import { satisfies } from '#ledger/block/policy.ts';
import type { SignedVote } from '#ledger/codec/evidence.ts';
import type { PeerBody } from '#ledger/codec/peer-body.ts';
import { equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import type { Turn } from './turn.ts';

const ASK_AGAIN_MS = 1000n;

export function canSign(turn: Turn): boolean {
  const { state, round, ground } = turn;
  return (
    state.standing.kind === 'signing' &&
    round.height > state.quietUntil &&
    round.epoch >= state.floorEpoch &&
    round.config.members.some((member) => member.id === ground.self)
  );
}

/** Begins to abstain: a signature of this member is known of which it has no record, or its store is a copy. */
export function abstain(turn: Turn): void {
  if (turn.state.standing.kind !== 'signing') return;
  const nonce = turn.moment.random(16);
  turn.set({ standing: { kind: 'asking', nonce: new Uint8Array(nonce), answers: new Map(), askedAt: turn.now } });
  turn.emit({ kind: 'store_abstention', until: null });
  turn.sendAll({ kind: 'standing_ask', nonce: new Uint8Array(nonce) });
}

export function askStandingAgain(turn: Turn): void {
  const { standing } = turn.state;
  if (standing.kind !== 'asking' || turn.now - standing.askedAt < ASK_AGAIN_MS) return;
  turn.set({ standing: { ...standing, askedAt: turn.now } });
  turn.sendAll({ kind: 'standing_ask', nonce: standing.nonce });
}

/**
 * The highest height at which this member has voted: the one after its tip, or at most its tip; and the highest epoch that the asker must
 * not sign below, whether it remembers or not.
 */
export function answerStanding(turn: Turn, to: number, nonce: Uint8Array): void {
  const { round, state } = turn;
  const sealed = [...state.seals.values()].filter((signed) => signed.seal.member === to);
  for (const signed of sealed) turn.send(to, { kind: 'seal', signed });
  const begun = [...sealed.map((signed) => signed.seal), ...state.recoveries];
  const floorEpoch = begun.reduce((highest, { newEpoch }) => Math.max(highest, newEpoch), 0);
  const votedHeight = round.vote === null ? state.tip.header.height : round.height;
  turn.send(to, { kind: 'standing', nonce: new Uint8Array(nonce), votedHeight, floorEpoch });
}

/** Members that form a finality quorum without this one have answered: it signs again above R + 1. */
export function noteStanding(turn: Turn, from: number, answer: Extract<PeerBody, { kind: 'standing' }>): void {
  const { standing, floorEpoch } = turn.state;
  const { nonce, votedHeight } = answer;
  if (standing.kind !== 'asking' || !equalBytes(standing.nonce, nonce)) return;
  // A forgotten Seal or Recovery has to be here, and on the disk, first: it is on its way, and the question is asked again.
  if (answer.floorEpoch > floorEpoch) return;
  const answers = new Map([...standing.answers, [from, votedHeight]]);
  turn.set({ standing: { ...standing, answers } });
  const { config } = turn.round;
  const others = new Set([...answers.keys()].filter((id) => id !== turn.ground.self));
  if (!satisfies(config.finality, others, config.members)) return;
  const highest = [...answers.values()].reduce((best, each) => (each > best ? each : best), 0n);
  turn.set({ standing: { kind: 'signing' }, quietUntil: highest + 1n });
  turn.emit({ kind: 'store_abstention', until: highest + 1n });
}

/**
 * A verified statement in this member's own name. Without a record of it the store has lost what the signer said: from here on
 * nothing is signed until the others have answered.
 */
export function recognise(turn: Turn, kind: 'endorsement' | 'vote', statement: SignedVote): void {
  const { round, ground, state } = turn;
  const { vote } = statement;
  if (vote.member !== ground.self || state.standing.kind !== 'signing') return;
  if (vote.height <= state.quietUntil || vote.height < round.height || vote.epoch !== round.epoch) return;
  const isRecorded =
    kind === 'vote'
      ? round.vote !== null && round.vote.term === vote.term && equalBytes(round.vote.header, vote.header)
      : round.endorsed.some((each) => each.term === vote.term && equalBytes(each.header, vote.header));
  if (vote.height === round.height && isRecorded) return;
  turn.alert('own_signature_unknown', { height: vote.height, term: vote.term, header: toHex(vote.header) });
  abstain(turn);
}
