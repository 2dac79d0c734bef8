/** From a proposal to an Endorsement: the checks of `ledger.md` 10.3 in their order, then record, then signature. */
import type { SignedVote } from '#ledger/codec/evidence.ts';
import type { EndorsementSet, VotePayload } from '#ledger/codec/header.ts';
import type { Proposal, Refusal } from '#ledger/codec/peer-body.ts';
import { encodeEntry } from '#ledger/codec/tx.ts';
import { equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { configHash, headerHash } from '#ledger/tx/ids.ts';
import { canSign } from './abstain.ts';
import { noteLeader } from './campaign.ts';
import { noteHeight } from './catch-up.ts';
import type { BlockVerdict, MemberEvent } from './events.ts';
import { noteEndorsement, noteRefusal } from './lead.ts';
import { headerConfig } from './rounds.ts';
import type { Examination, OwnEndorsement, Round } from './state.ts';
import { isSetValid } from './statements.ts';
import { leftBehind } from './submit.ts';
import type { Turn } from './turn.ts';
import { noteSlot } from './vote.ts';
import { noteSet } from './witness.ts';

/** How far a header's time may lie behind the clock of the member that endorses it. */
const MAX_AGE_MS = 60_000n;

/** Propose(t, x) of 10.5. */
export function examine(turn: Turn, from: number, proposal: Proposal): void {
  const { round } = turn;
  const { height } = proposal.header;
  if (height < round.height) {
    turn.emit({ kind: 'serve_blocks', to: from, from: height });
    return;
  }
  const hash = headerHash(proposal.header);
  if (height > round.height) {
    noteHeight(turn, height - 1n);
    // The block before is final and on its way to the disk here: the proposal is looked at as soon as it is there.
    if (height === round.height + 1n && round.certifying !== null) {
      turn.set({ early: { from, proposal } });
      return;
    }
    refuse(turn, from, proposal, hash, { code: 'behind' });
    return;
  }
  if (!canSign(turn)) return;
  if (round.examining !== null) {
    const isSame = round.examining.proposal.term === proposal.term && equalBytes(round.examining.hash, hash);
    if (!isSame) turn.setRound({ waiting: { from, proposal } });
    return;
  }
  const own = round.endorsed.find((each) => each.term === proposal.term && equalBytes(each.header, hash));
  if (own !== undefined && mayRepeat(round, own)) {
    repeat(turn, { ...own, to: from });
    return;
  }
  const code = refuseBound(turn, proposal, hash);
  if (code !== null) {
    refuse(turn, from, proposal, hash, { code });
    return;
  }
  const stage = from === turn.ground.self || turn.state.confirmedTerm === proposal.term ? 'checking' : 'reading';
  const examining: Examination = { from, proposal, hash, stage, since: turn.now };
  turn.setRound({ examining });
  if (stage === 'reading') turn.emit({ kind: 'read_engine', purpose: 'propose', epoch: round.epoch, height: round.height });
  else checkBlock(turn, examining);
}

/** What the engine says about a term's first proposal: `not_leader`, then `slot_taken`. */
export function examineLeader(turn: Turn, event: Extract<MemberEvent, { kind: 'engine_read' }>, slot: EndorsementSet | null): void {
  const { examining, epoch, height } = turn.round;
  if (examining?.stage !== 'reading' || event.epoch !== epoch || event.height !== height) return;
  const { from, proposal, hash } = examining;
  if (event.term !== proposal.term) {
    finishExamination(turn, { code: 'not_leader' });
    return;
  }
  turn.set({ confirmedTerm: event.term });
  noteLeader(turn);
  if (slot !== null && !equalBytes(slot.header, hash)) {
    finishExamination(turn, { code: 'slot_taken' });
    noteSlot(turn, slot);
    return;
  }
  const checking: Examination = { from, proposal, hash, stage: 'checking', since: turn.now };
  turn.setRound({ examining: checking });
  checkBlock(turn, checking);
}

/** The engine does not answer: the proposal comes again. */
export function dropExamination(turn: Turn): void {
  if (turn.round.examining?.stage !== 'reading') return;
  turn.setRound({ examining: null });
  examineWaiting(turn);
}

/** `locked`, `stale_term`: what this member has signed before (S1). */
function refuseBound(turn: Turn, proposal: Proposal, hash: Uint8Array): LedgerCode | null {
  const { vote, endorsed } = turn.round;
  if (isBesideVote(turn.round, hash)) return 'locked';
  // A Vote whose record may not be there yet comes first: after an Endorsement of a higher term it could never be recorded (S3).
  if (vote !== null && !vote.isStored && proposal.term > vote.term) return 'locked';
  return endorsed.some((each) => each.term >= proposal.term) ? 'stale_term' : null;
}

function checkBlock(turn: Turn, { from, proposal, hash }: Examination): void {
  const code = refuseLink(turn, proposal) ?? refuseTime(turn, proposal, hash) ?? refuseSize(turn, proposal);
  if (code !== null) {
    finishExamination(turn, { code });
    return;
  }
  const { state, ground } = turn;
  const overdue = leftBehind(turn, proposal);
  turn.emit({
    kind: 'check_block',
    block: { header: proposal.header, entries: proposal.entries },
    config: headerConfig(turn.round, state.configs),
    scope: 'endorse',
    isOwn: from === ground.self,
    overdue: overdue.map(({ txId, env }) => ({ txId, env })),
  });
}

/** Chain, epoch, configHash, prevHash, height, what a Recovery asks for; beside a base nothing is endorsable. */
function refuseLink(turn: Turn, { header, entries }: Proposal): LedgerCode | null {
  const { round, state, ground } = turn;
  const config = headerConfig(round, state.configs);
  const isLinked =
    equalBytes(header.chain, ground.chain) &&
    header.epoch === config.epoch &&
    equalBytes(header.configHash, configHash(config)) &&
    equalBytes(header.prevHash, state.tip.hash) &&
    header.height === round.height &&
    header.txCount === entries.length;
  if (!isLinked) return 'bad_link';
  if (round.base !== null) return equalBytes(headerHash(header), headerHash(round.base)) ? null : 'bad_link';
  return equalBytes(header.ext, round.ext) ? null : 'bad_link';
}

function refuseTime(turn: Turn, { header, set }: Proposal, hash: Uint8Array): LedgerCode | null {
  const { round, moment, state, ground } = turn;
  const { sealedAt } = header;
  if (sealedAt <= state.tip.header.sealedAt) return 'time_range';
  if (sealedAt > moment.clock + BigInt(round.config.limits.skewMs)) return 'time_range';
  if (sealedAt >= moment.clock - MAX_AGE_MS || round.base !== null) return null;
  const known = [set, round.highestSet].find((each) => each !== null && each.height === round.height && equalBytes(each.header, hash));
  if (known === undefined || known === null) return 'time_range';
  const config = state.configs.find((each) => each.epoch === known.epoch);
  return config !== undefined && isSetValid(ground, config, known) ? null : 'time_range';
}

function refuseSize(turn: Turn, { entries }: Proposal): LedgerCode | null {
  const { blockTx, blockBytes } = turn.round.config.limits;
  const bytes = entries.reduce((sum, entry) => sum + encodeEntry(entry).length, 0);
  return entries.length > blockTx || (entries.length > 1 && bytes > blockBytes) ? 'over_limit' : null;
}

/** The block has been executed and judged. What this member signed meanwhile counts: the first checks are made again. */
export function endorseChecked(turn: Turn, header: Uint8Array, verdict: BlockVerdict): void {
  const { examining } = turn.round;
  if (examining?.stage !== 'checking' || !equalBytes(examining.hash, header)) return;
  if (verdict.kind === 'rejected') {
    // While a block is being stored the state has moved on, and a refusal would be about another height.
    finishExamination(turn, turn.round.isStoring ? null : verdict);
    return;
  }
  const { from, proposal, hash } = examining;
  const key = toHex(hash);
  turn.setRound({
    bodies: new Map([...turn.round.bodies, [key, { header: proposal.header, entries: proposal.entries }]]),
    sound: new Set([...turn.round.sound, key]),
  });
  const code = refuseBound(turn, proposal, hash);
  if (code !== null || !canSign(turn)) {
    finishExamination(turn, code === null ? null : { code });
    return;
  }
  if (proposal.set !== null) noteSet(turn, proposal.set);
  endorse(turn, { term: proposal.term, header: hash, to: from, isStored: false });
  finishExamination(turn, null);
}

/** Body first, then the record: an Endorsement says that both are kept. The signature waits for `record_stored`. */
function endorse(turn: Turn, own: OwnEndorsement): void {
  const { round, ground } = turn;
  const block = round.bodies.get(toHex(own.header));
  if (block === undefined) return;
  turn.setRound({ endorsed: [...round.endorsed, own] });
  turn.set({ signedEpoch: Math.max(turn.state.signedEpoch, round.epoch) });
  turn.emit({ kind: 'store_body', block });
  turn.emit({ kind: 'store_record', record: { kind: 'endorsement', payload: payloadOf(turn, own, ground.self) } });
}

function payloadOf(turn: Turn, own: OwnEndorsement, member: number): VotePayload {
  const { epoch, height } = turn.round;
  return { epoch, height, term: own.term, header: own.header, member };
}

/** S1: one whose record failed has perhaps never left, and beside a Vote for another header it never may. */
function isBesideVote({ vote }: Round, header: Uint8Array): boolean {
  return vote !== null && !equalBytes(vote.header, header);
}

/** Only the newest: a later one may have left meanwhile, and terms only rise. */
function mayRepeat(round: Round, own: OwnEndorsement): boolean {
  return !isBesideVote(round, own.header) && round.endorsed.every((each) => each.term <= own.term);
}

/** The same proposal again: the same statement again, or its record once more if that never reached the disk. */
function repeat(turn: Turn, own: OwnEndorsement): void {
  const { round, ground } = turn;
  turn.setRound({ endorsed: round.endorsed.map((each) => (each.term === own.term ? own : each)) });
  const record = { kind: 'endorsement', payload: payloadOf(turn, own, ground.self) } as const;
  turn.emit(own.isStored ? { kind: 'sign', record } : { kind: 'store_record', record });
}

/** The record is on the disk: from here on the signature may exist. Not below an epoch sealed meanwhile (13.1), nor beside a Vote cast meanwhile. */
export function endorsementStored(turn: Turn, payload: VotePayload): void {
  const { round, state } = turn;
  if (payload.epoch !== round.epoch || payload.height !== round.height) return;
  turn.setRound({ endorsed: round.endorsed.map((each) => (each.term === payload.term ? { ...each, isStored: true } : each)) });
  if (payload.epoch < state.floorEpoch || isBesideVote(round, payload.header)) return;
  turn.emit({ kind: 'sign', record: { kind: 'endorsement', payload } });
}

export function endorsementSigned(turn: Turn, statement: SignedVote): void {
  const { round } = turn;
  const { epoch, height, term } = statement.vote;
  if (epoch !== round.epoch || height !== round.height) return;
  const own = round.endorsed.find((each) => each.term === term);
  if (own === undefined) return;
  turn.send(own.to, { kind: 'endorse', statement });
  noteEndorsement(turn, statement);
}

type Fault = { readonly code: LedgerCode } | Extract<BlockVerdict, { kind: 'rejected' }>;

/** Ends the examination, with a refusal if there is one, and begins the one that waits. */
function finishExamination(turn: Turn, fault: Fault | null): void {
  const { examining } = turn.round;
  const overdueRefusals = turn.round.overdueRefusals + (fault?.code === 'promise_overdue' ? 1 : 0);
  turn.setRound({ examining: null, overdueRefusals });
  if (fault !== null && examining !== null) refuse(turn, examining.from, examining.proposal, examining.hash, fault);
  examineWaiting(turn);
}

function examineWaiting(turn: Turn): void {
  const { waiting } = turn.round;
  if (waiting === null) return;
  turn.setRound({ waiting: null });
  examine(turn, waiting.from, waiting.proposal);
}

function refuse(turn: Turn, to: number, proposal: Proposal, hash: Uint8Array, fault: Fault): void {
  const { epoch, vote } = turn.round;
  const { height } = proposal.header;
  const isLocked = fault.code === 'locked' && vote !== null && vote.sig !== null;
  const refusal: Refusal = {
    epoch,
    height,
    term: proposal.term,
    header: new Uint8Array(hash),
    code: fault.code,
    tx: 'tx' in fault ? fault.tx : null,
    vote: isLocked ? { vote: { epoch, height, term: vote.term, header: vote.header, member: turn.ground.self }, sig: vote.sig } : null,
  };
  if (to === turn.ground.self) noteRefusal(turn, to, refusal);
  else turn.send(to, { kind: 'refuse', refusal });
}
