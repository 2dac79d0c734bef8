/**
 * The member node as one pure function (`ledger.md` 10 to 14): state, event, clock and chance in; state and effects out. It holds
 * the protocol and nothing else: no disk, no socket, no key, no database, and it throws only for bugs.
 *
 * How to drive it
 * 1. Start: verify the stored tip, roots and tables, read `StoredFacts`, and make the first state with `startMember`.
 * 2. Loop: take one event, call `step`, keep the state, carry out the effects in order. One event at a time; nothing else writes.
 * 3. Time: give `{ kind: 'tick' }` no later than `nextWakeAt(…)` says. `Moment.clock` is the wall clock and may step,
 *    `Moment.elapsed` is monotonic and must not.
 * 4. Disk: an effect that stores MUST be durable before the next effect of the list is carried out. `store_record` inserts into
 *    the signer's tables, whose unique keys enforce S1 and S2 once more, and is answered by `record_stored` or `record_failed`.
 *    Only then does the reducer ask for the signature (`sign`): a member that dies in between has promised nothing.
 * 5. Calls: `campaign`, `renew`, `decide`, `read_engine`, `build_block`, `check_block`, `store_block`, `store_recovery` and `sign` are
 *    answered by exactly one event each, in any order and at any later time. An engine whose answer does not come within `leaseMs`
 *    is answered for by `engine_failed` or `read_failed`. Answers that are out of date are ignored.
 * 6. Blocks: `build_block`, `check_block` (`check-block.ts`) and `store_block` run on the certified state at the tip. `store_block`
 *    executes again, stores block, entries, leaves and tip in one database transaction and answers with the configuration of the
 *    next height. No further `check_block` or `build_block` is asked for until it has.
 * 7. Peers: messages are signed, verified and decoded outside (`codec/peer-message.ts`, `codec/peer-body.ts`); `from` is a member
 *    whose signature held. Loss, doubling and reordering are expected. `envelope` and `grant` never come here.
 *
 * Files: `examine` proposal → Endorsement · `vote` slot → Vote → Finality · `campaign` who leads · `lead` what a leader does · `submit` LedgerTx and promises ·
 * `catch-up` · `seal` Seal and Recovery · `abstain` who must not sign · `witness` evidence · `timers`.
 */
import type { PeerBody } from '#ledger/codec/peer-body.ts';
import { unreachable } from '#ledger/primitives/assert.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { abstain, answerStanding, noteStanding } from './abstain.ts';
import { accept } from './advance.ts';
import { campaigned, follow, giveUp, noteSetAnswer, renewed, syncRead } from './campaign.ts';
import { nextBlock, noteBlocks } from './catch-up.ts';
import type { Effect } from './effects.ts';
import type { MemberEvent } from './events.ts';
import { dropExamination, endorseChecked, endorsementSigned, endorsementStored, examine, examineLeader } from './examine.ts';
import { blockBuilt, decided, decideFailed, noteEndorsement, noteRefusal } from './lead.ts';
import type { SignRecord } from './records.ts';
import { answerRecovery, noteRecovery, noteSealOf, orderSeal, recoveryStored, sealSigned, tipOf } from './seal.ts';
import type { Ground, MemberState, Moment } from './state.ts';
import { admit, promiseStored, removeLeader } from './submit.ts';
import { tick } from './timers.ts';
import { Turn } from './turn.ts';
import { certify, dropBody, noteBody, noteFinality, noteSlot, RETRY_MS, readSlot, voteChecked, voteSigned, voteStored } from './vote.ts';
import { accuseFinalities, noteEvidence, noteSeal, noteVote } from './witness.ts';

export interface Step {
  readonly state: MemberState;
  readonly effects: readonly Effect[];
}

export function step(ground: Ground, state: MemberState, event: MemberEvent, moment: Moment): Step {
  const turn = new Turn(ground, state, moment);
  take(turn, event);
  return { state: turn.state, effects: turn.effects };
}

function take(turn: Turn, event: MemberEvent): void {
  switch (event.kind) {
    case 'tick':
      tick(turn);
      return;
    case 'message':
      takeMessage(turn, event.from, event.body);
      return;
    case 'record_stored':
      takeStored(turn, event.record);
      return;
    case 'record_failed':
      turn.alert('record_failed', { record: event.record.kind });
      return;
    case 'block_stored':
      accept(turn, event);
      return;
    case 'block_failed':
      takeBlockFailed(turn, event.height, event.reason);
      return;
    case 'recovery_stored':
      recoveryStored(turn, event.newEpoch);
      return;
    case 'peer_seal_stored':
      noteSeal(turn, event.signed);
      return;
    case 'contradiction':
      accuseFinalities(turn, event.stored, event.shown);
      turn.halt(`two Finalities of height ${event.stored.header.height}`);
      return;
    case 'signed':
      takeSigned(turn, event.record, event.sig);
      return;
    case 'block_built':
      blockBuilt(turn, event);
      return;
    case 'block_checked':
      if (event.scope === 'endorse') endorseChecked(turn, event.header, event.verdict);
      else voteChecked(turn, event.header, event.verdict);
      return;
    case 'txs_admitted':
      admit(turn, event);
      return;
    case 'campaigned':
      campaigned(turn, event.term);
      return;
    case 'renewed':
      renewed(turn, event.term, event.ok);
      return;
    case 'decided':
      decided(turn, event);
      return;
    case 'engine_read':
      takeRead(turn, event);
      return;
    case 'engine_failed':
      takeEngineFailed(turn, event.call);
      return;
    case 'read_failed':
      if (event.purpose === 'propose') dropExamination(turn);
      return;
    case 'slot_seen':
      takeSlot(turn, event.slot);
      return;
    case 'seal_ordered':
      orderSeal(turn, event.newEpoch);
      return;
    case 'resign_ordered':
      giveUp(turn);
      return;
    case 'restored':
      abstain(turn);
      return;
    default:
      unreachable(event);
  }
}

function takeMessage(turn: Turn, from: number, body: PeerBody): void {
  switch (body.kind) {
    case 'propose':
      examine(turn, from, body.proposal);
      return;
    case 'endorse':
      noteEndorsement(turn, body.statement);
      return;
    case 'refuse':
      noteRefusal(turn, from, body.refusal);
      return;
    case 'slot':
      noteSlot(turn, body.set);
      return;
    case 'vote':
      if (noteVote(turn, body.statement)) certify(turn);
      return;
    case 'finality':
    case 'checkpoint':
      noteFinality(turn, body.certified);
      return;
    case 'mempool':
      turn.emit({ kind: 'admit', from, envs: body.envs });
      return;
    case 'sync_ask':
      turn.emit({ kind: 'serve_blocks', to: from, from: body.from });
      return;
    case 'sync_blocks':
      noteBlocks(turn, body.blocks);
      return;
    case 'standing_ask':
      answerStanding(turn, from, body.nonce);
      return;
    case 'standing':
      noteStanding(turn, from, body);
      return;
    case 'set_ask':
      answerSet(turn, from, body.height);
      return;
    case 'set':
      noteSetAnswer(turn, from, body.set);
      return;
    case 'body_ask':
      answerBody(turn, from, body.height, body.header);
      return;
    case 'body':
      noteBody(turn, body.block);
      return;
    case 'seal':
      noteSealOf(turn, body.signed);
      return;
    case 'recovery_ask':
      answerRecovery(turn, from, body.above);
      return;
    case 'recovery':
      noteRecovery(turn, body.recovery);
      return;
    case 'evidence':
      noteEvidence(turn, body.evidenceKind, body.a, body.b);
      return;
    case 'checkpoint_ask':
      turn.send(from, { kind: 'checkpoint', certified: tipOf(turn) });
      answerRecovery(turn, from, turn.state.tip.header.epoch);
      return;
    case 'envelope':
    case 'grant':
      return;
    default:
      unreachable(body);
  }
}

function takeStored(turn: Turn, record: SignRecord): void {
  switch (record.kind) {
    case 'endorsement':
      endorsementStored(turn, record.payload);
      return;
    case 'vote':
      voteStored(turn, record.payload, record.set);
      return;
    case 'seal':
      turn.emit({ kind: 'sign', record });
      return;
    case 'promise':
      promiseStored(turn, record.promise);
      return;
    default:
      unreachable(record);
  }
}

function takeSigned(turn: Turn, record: SignRecord, sig: Bytes): void {
  switch (record.kind) {
    case 'endorsement':
      endorsementSigned(turn, { vote: record.payload, sig });
      return;
    case 'vote':
      voteSigned(turn, { vote: record.payload, sig });
      return;
    case 'seal':
      sealSigned(turn, { seal: record.seal, sig, set: record.set });
      return;
    case 'promise':
      turn.emit({ kind: 'answer_promise', promise: record.promise, sig });
      return;
    default:
      unreachable(record);
  }
}

function takeBlockFailed(turn: Turn, height: bigint, reason: 'disk' | 'unsound'): void {
  if (height !== turn.round.height) return;
  turn.alert('block_failed', { height, reason });
  const { certifying } = turn.round;
  if (reason === 'unsound' && certifying !== null) dropBody(turn, certifying.header);
  turn.setRound({ isStoring: false });
  nextBlock(turn);
}

function takeRead(turn: Turn, event: Extract<MemberEvent, { kind: 'engine_read' }>): void {
  const slot = event.slot === null ? null : readSlot(event.slot);
  switch (event.purpose) {
    case 'propose':
      examineLeader(turn, event, slot);
      return;
    case 'sync':
      syncRead(turn, event, slot);
      return;
    case 'wait':
      if (slot !== null) noteSlot(turn, slot);
      return;
    case 'stall':
      if (slot === null) removeLeader(turn, event.term);
      else noteSlot(turn, slot);
      return;
    default:
      unreachable(event.purpose);
  }
}

function takeSlot(turn: Turn, bytes: Uint8Array): void {
  const slot = readSlot(bytes);
  if (slot === null) turn.alert('set_invalid', { height: turn.round.height });
  else noteSlot(turn, slot);
}

function takeEngineFailed(turn: Turn, call: 'campaign' | 'renew' | 'decide'): void {
  turn.alert('engine_failed', { call });
  const { leading } = turn.state;
  switch (call) {
    case 'campaign':
      if (leading.kind === 'campaign') follow(turn, RETRY_MS);
      return;
    case 'renew':
      // The lease decides: without an answer in time the lead is over.
      if (leading.kind === 'sync' || leading.kind === 'lead') turn.set({ leading: { ...leading, isRenewing: false } });
      return;
    case 'decide':
      decideFailed(turn);
      return;
    default:
      unreachable(call);
  }
}

/** The highest set known at that height, whatever its epoch. */
function answerSet(turn: Turn, to: number, height: bigint): void {
  const { round } = turn;
  if (height !== round.height) return;
  turn.send(to, { kind: 'set', epoch: round.epoch, height, set: round.highestSet });
}

function answerBody(turn: Turn, to: number, height: bigint, header: Uint8Array): void {
  const block = height === turn.round.height ? turn.round.bodies.get(toHex(header)) : undefined;
  if (block !== undefined) turn.send(to, { kind: 'body', block });
  else turn.emit({ kind: 'serve_body', to, height, header: new Uint8Array(header) });
}
