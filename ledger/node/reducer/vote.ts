/** From a Slot to a Vote, and from Votes to Finality (`ledger.md` 10.2 steps 3 to 5, 10.5). */
import { refuseFinality } from '#ledger/block/vote.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { SignedVote } from '#ledger/codec/evidence.ts';
import { decodeEndorsementSet, type EndorsementSet, type Finality, type Header, type VotePayload } from '#ledger/codec/header.ts';
import type { BlockBody } from '#ledger/codec/peer-body.ts';
import type { Certified } from '#ledger/codec/recovery.ts';
import { equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { canSign } from './abstain.ts';
import { askRecovery, noteHeight } from './catch-up.ts';
import type { BlockVerdict } from './events.ts';
import { headerConfig } from './rounds.ts';
import type { OwnVote } from './state.ts';
import { isSetValid, setOf } from './statements.ts';
import type { Turn } from './turn.ts';
import { noteSet, noteVote } from './witness.ts';

/** A body that is missing is asked for again after this time; a Vote is sent again no sooner. */
export const RETRY_MS = 1000n;

/** The set behind an engine's bytes, or `null` for garbage. */
export function readSlot(bytes: Uint8Array): EndorsementSet | null {
  try {
    return decodeEndorsementSet(bytes);
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

/** Slot(t, x, set) of 10.5. */
export function noteSlot(turn: Turn, set: EndorsementSet): void {
  const { round, ground } = turn;
  if (set.height > round.height) noteHeight(turn, set.height - 1n);
  if (set.height !== round.height || set.epoch !== round.epoch) return;
  const isBeside = round.base !== null && !equalBytes(set.header, headerHash(round.base));
  if (isBeside || !isSetValid(ground, round.config, set)) {
    turn.alert('set_invalid', { height: set.height, term: set.term });
    return;
  }
  noteSet(turn, set);
  turn.set({ progressAt: turn.now });
  if (turn.round.vote !== null) {
    resendVote(turn);
    return;
  }
  if (isBelowEndorsement(turn, set)) {
    turn.alert('slot_below_endorsement', { height: set.height, term: set.term });
    return;
  }
  // The same slot again does not check the same body again: a late answer would be taken for one about another body.
  if (turn.round.slot === null || !equalBytes(turn.round.slot.header, set.header)) turn.setRound({ isSlotChecked: false });
  turn.setRound({ slot: set });
  pursueVote(turn);
}

/** S3 */
function isBelowEndorsement(turn: Turn, set: EndorsementSet): boolean {
  return turn.round.endorsed.some((each) => each.term > set.term);
}

/** Votes for the decided header as soon as its body is here and executed. */
export function pursueVote(turn: Turn): void {
  const { round, state } = turn;
  const { slot } = round;
  if (slot === null || round.vote !== null || !canSign(turn) || isBelowEndorsement(turn, slot)) return;
  const key = toHex(slot.header);
  const block = round.bodies.get(key);
  if (block === undefined) {
    askBody(
      turn,
      slot.header,
      slot.sigs.map((sig) => sig.member),
    );
    return;
  }
  if (round.sound.has(key)) {
    castVote(turn, slot, block);
    return;
  }
  if (round.isSlotChecked) return;
  turn.setRound({ isSlotChecked: true });
  const config = headerConfig(round, state.configs);
  turn.emit({ kind: 'check_block', block, config, scope: 'vote', isOwn: false, overdue: [] });
}

/** A decided block has been executed. If it does not hold, its body was a lie or states differ: another member is asked. */
export function voteChecked(turn: Turn, header: Uint8Array, verdict: BlockVerdict): void {
  const { slot, isStoring } = turn.round;
  // While the block is being stored the state has moved on, and an answer about it means nothing.
  if (slot === null || isStoring || !equalBytes(slot.header, header)) return;
  if (verdict.kind === 'rejected') {
    turn.alert('slot_unsound', { height: slot.height, term: slot.term, code: verdict.code });
    dropBody(turn, header);
    return;
  }
  turn.setRound({ sound: new Set([...turn.round.sound, toHex(slot.header)]) });
  pursueVote(turn);
}

/** S2: the first and only Vote at this epoch and height, for a header with a valid set of the same term. */
function castVote(turn: Turn, set: EndorsementSet, block: BlockBody): void {
  const { round, state, ground } = turn;
  const vote: OwnVote = { term: set.term, header: set.header, set, isStored: false, sig: null, sentAt: turn.now };
  turn.setRound({ vote, slot: null });
  turn.set({ signedEpoch: Math.max(state.signedEpoch, round.epoch) });
  const payload: VotePayload = { epoch: round.epoch, height: round.height, term: set.term, header: set.header, member: ground.self };
  turn.emit({ kind: 'store_body', block });
  turn.emit({ kind: 'store_record', record: { kind: 'vote', payload, set } });
}

export function voteStored(turn: Turn, payload: VotePayload, set: EndorsementSet): void {
  const { vote, epoch, height } = turn.round;
  if (vote === null || payload.epoch !== epoch || payload.height !== height) return;
  turn.setRound({ vote: { ...vote, isStored: true } });
  if (payload.epoch >= turn.state.floorEpoch) turn.emit({ kind: 'sign', record: { kind: 'vote', payload, set } });
}

export function voteSigned(turn: Turn, statement: SignedVote): void {
  const { vote, epoch, height } = turn.round;
  if (vote === null || statement.vote.epoch !== epoch || statement.vote.height !== height) return;
  turn.setRound({ vote: { ...vote, sig: statement.sig, sentAt: turn.now } });
  turn.sendAll({ kind: 'vote', statement });
  noteVote(turn, statement);
  certify(turn);
}

/** VOTED: the same Vote again, or its record once more if that never reached the disk. */
export function resendVote(turn: Turn): void {
  const { vote, epoch, height } = turn.round;
  if (vote === null) return;
  const payload: VotePayload = { epoch, height, term: vote.term, header: vote.header, member: turn.ground.self };
  const record = { kind: 'vote', payload, set: vote.set } as const;
  if (vote.sig !== null) turn.sendAll({ kind: 'vote', statement: { vote: payload, sig: vote.sig } });
  // A signer that may have forgotten a Seal or a Vote signs not even what it has recorded.
  else if (canSign(turn)) turn.emit(vote.isStored ? { kind: 'sign', record } : { kind: 'store_record', record });
  turn.setRound({ vote: { ...vote, sentAt: turn.now } });
}

/** A quorum of Votes with the same term and header is Finality. */
export function certify(turn: Turn): void {
  const { round } = turn;
  if (round.certifying !== null) return;
  for (const { vote } of round.votes) {
    const finality = setOf(round.config, round.votes, vote);
    if (finality === null) continue;
    adoptFinality(turn, finality);
    return;
  }
}

/** Finality of 10.5: verify, then apply. One that contradicts what is known halts this member. */
export function noteFinality(turn: Turn, certified: Certified): void {
  const { round, ground, state } = turn;
  const { header, finality } = certified;
  if (!equalBytes(header.chain, ground.chain)) return;
  if (header.height > round.height) noteHeight(turn, header.height);
  if (header.height < round.height) turn.emit({ kind: 'compare_finality', shown: certified });
  if (header.height !== round.height) return;
  if (round.certifying !== null && equalBytes(round.certifying.header, finality.header)) return;
  const config = finalityConfig(turn, header, finality);
  if (config === null) {
    if (finality.epoch > round.epoch) askRecovery(turn);
    return;
  }
  if (refuseFinality(finality, header, config, ground.verify, finality.epoch) !== null) return;
  if (!equalBytes(header.prevHash, state.tip.hash)) {
    turn.halt(`a Finality of height ${header.height} does not follow this member's tip`);
    return;
  }
  for (const { member, sig } of finality.sigs) {
    const { epoch, height, term } = finality;
    noteVote(turn, { vote: { epoch, height, term, header: finality.header, member }, sig });
  }
  adoptFinality(turn, finality);
}

/** Under which configuration its Votes count: the round's, or a base's own from before the Recovery. */
function finalityConfig(turn: Turn, header: Header, finality: Finality): ConsortiumConfig | null {
  const { round, state } = turn;
  if (finality.epoch === round.epoch) return round.config;
  const isBase = round.base !== null && equalBytes(headerHash(round.base), headerHash(header));
  return isBase ? (state.configs.find((each) => each.epoch === finality.epoch && finality.epoch === header.epoch) ?? null) : null;
}

function adoptFinality(turn: Turn, finality: Finality): void {
  const { certifying } = turn.round;
  if (certifying !== null && !equalBytes(certifying.header, finality.header)) {
    turn.halt(`two Finalities of height ${finality.height}`);
    return;
  }
  turn.setRound({ certifying: finality });
  turn.set({ progressAt: turn.now });
  applyFinality(turn);
}

/** Hands the block to the disk once its body is here. */
export function applyFinality(turn: Turn): void {
  const { certifying, bodies, isStoring, config } = turn.round;
  if (certifying === null || isStoring) return;
  const block = bodies.get(toHex(certifying.header));
  if (block === undefined) {
    askBody(
      turn,
      certifying.header,
      config.members.map((member) => member.id),
    );
    return;
  }
  turn.setRound({ isStoring: true });
  turn.emit({ kind: 'store_block', block: { header: block.header, entries: block.entries, finality: certifying } });
}

function askBody(turn: Turn, header: EndorsementSet['header'], from: readonly number[]): void {
  if (turn.now - turn.round.askedAt < RETRY_MS) return;
  turn.setRound({ askedAt: turn.now });
  turn.send(from, { kind: 'body_ask', height: turn.round.height, header });
}

/** A body that was asked for. Others are not kept: nobody may fill this member's memory. */
export function noteBody(turn: Turn, block: BlockBody): void {
  const { round } = turn;
  const hash = headerHash(block.header);
  const wanted = [round.slot?.header, round.certifying?.header, round.highestSet?.header, round.vote?.header];
  if (!wanted.some((each) => each !== undefined && equalBytes(each, hash))) return;
  const key = toHex(hash);
  if (round.bodies.has(key)) return;
  turn.setRound({ bodies: new Map([...round.bodies, [key, block]]) });
  pursueVote(turn);
  applyFinality(turn);
}

/** The body was not the header's: somebody lied, or this member's state differs. The next answer may be better. */
export function dropBody(turn: Turn, header: Uint8Array): void {
  const bodies = new Map(turn.round.bodies);
  bodies.delete(toHex(header));
  turn.setRound({ bodies, isSlotChecked: false, isStoring: false });
}
