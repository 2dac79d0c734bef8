/** Leaving an epoch and entering the next (`ledger.md` 13.1, 13.2). */
import { genesisFinality, isSealValid, NO_BASE, type RecoveryGround, refuseRecovery } from '#ledger/block/recovery.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { EndorsementSet } from '#ledger/codec/header.ts';
import { type Certified, RECOVERY_KIND, type Recovery, type Seal, type SignedSeal } from '#ledger/codec/recovery.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { follow } from './campaign.ts';
import { isBehind, noteHeight } from './catch-up.ts';
import { newRound } from './rounds.ts';
import { isHigherSet } from './statements.ts';
import type { Turn } from './turn.ts';
import { isSealKnown, KEPT_ROUNDS, noteSeal, pastOf } from './witness.ts';

/** Members first exchange their highest Finality; then they seal. */
const EXCHANGE_MS = 1000n;

export function orderSeal(turn: Turn, newEpoch: number): void {
  if (refuseSeal(turn, newEpoch)) {
    turn.alert('seal_refused', { newEpoch, floorEpoch: turn.state.floorEpoch, epoch: turn.round.epoch });
    return;
  }
  turn.set({ sealing: { newEpoch, since: turn.now } });
  turn.sendAll({ kind: 'checkpoint', certified: tipOf(turn) });
  turn.sendAll({ kind: 'checkpoint_ask' });
}

/** Above the epoch in force, every epoch signed in, and every Seal before. Not by a signer that may have forgotten a Vote. */
function refuseSeal(turn: Turn, newEpoch: number): boolean {
  const { state, round } = turn;
  const mayForget = state.standing.kind !== 'signing' || round.height <= state.quietUntil;
  const isMember = round.config.members.some((member) => member.id === turn.ground.self);
  return !isMember || mayForget || newEpoch <= round.epoch || newEpoch <= state.signedEpoch || newEpoch <= state.floorEpoch;
}

/** A member that has no Finality but genesis has nothing to show for it. */
export function tipOf(turn: Turn): Certified {
  const { header, finality, hash } = turn.state.tip;
  return { header, finality: finality ?? genesisFinality(hash) };
}

export function sealIfDue(turn: Turn): void {
  const { sealing } = turn.state;
  const { round } = turn;
  if (sealing === null || turn.now - sealing.since < EXCHANGE_MS || round.certifying !== null || isBehind(turn)) return;
  turn.set({ sealing: null });
  if (refuseSeal(turn, sealing.newEpoch)) return;
  const set = highestKnown(round.vote?.set ?? null, round.highestSet);
  const reported = set === null ? NO_BASE : { epoch: set.epoch, term: set.term, base: set.header };
  const { tip } = turn.state;
  const seal: Seal = {
    newEpoch: sealing.newEpoch,
    member: turn.ground.self,
    tipHeight: tip.header.height,
    tipHeader: tip.hash,
    ...reported,
  };
  // From here on nothing more is signed below the new epoch, whether or not the disk answers.
  turn.set({ floorEpoch: sealing.newEpoch });
  follow(turn, 0n);
  turn.emit({ kind: 'store_record', record: { kind: 'seal', seal, set } });
}

function highestKnown(a: EndorsementSet | null, b: EndorsementSet | null): EndorsementSet | null {
  if (a === null || b === null) return a ?? b;
  return isHigherSet(b, a) ? b : a;
}

export function sealSigned(turn: Turn, signed: SignedSeal): void {
  noteSeal(turn, signed);
  turn.sendAll({ kind: 'seal', signed });
}

/** A Seal of another member: kept for whoever drafts the Recovery, and for its signer should that forget. Its tip is something to catch up with. */
export function noteSealOf(turn: Turn, signed: SignedSeal): void {
  const { round, state, ground } = turn;
  const { seal } = signed;
  if (seal.tipHeight > state.tip.header.height) noteHeight(turn, seal.tipHeight);
  if (seal.newEpoch <= round.epoch) return;
  const known = { chain: ground.chain, config: round.config, configOfEpoch: configOf(turn), verify: ground.verify };
  if (!isSealValid(signed, known)) return;
  if (seal.member !== ground.self) {
    if (!isSealKnown(turn, signed)) turn.emit({ kind: 'store_peer_seal', signed });
    return;
  }
  noteSeal(turn, signed);
  // Its own, which a store that was set back has forgotten: it binds as before, and is recorded again.
  if (seal.newEpoch <= state.floorEpoch) return;
  turn.set({ floorEpoch: seal.newEpoch });
  turn.emit({ kind: 'store_record', record: { kind: 'seal', seal, set: signed.set } });
}

function configOf(turn: Turn): (epoch: number) => ConsortiumConfig | null {
  return (epoch) => turn.state.configs.find((config) => config.epoch === epoch) ?? null;
}

export function noteRecovery(turn: Turn, recovery: Recovery): void {
  const { state, round, ground } = turn;
  const { header } = recovery.tip;
  // A Finality on its way to the disk comes first: the Recovery is sent again.
  if (recovery.newEpoch <= round.epoch || state.accepting !== null || round.certifying !== null) return;
  if (header.height > state.tip.header.height) {
    // The tip it names comes first; whoever sent it is asked again.
    noteHeight(turn, header.height);
    return;
  }
  const known: RecoveryGround = {
    chain: ground.chain,
    config: round.config,
    tipConfig: round.config,
    configOfEpoch: configOf(turn),
    verify: ground.verify,
  };
  const fault = refuseRecovery(recovery, known) ?? refuseMoment(turn, recovery) ?? refusePlace(turn, recovery);
  if (fault !== null) {
    turn.alert('recovery_invalid', { newEpoch: recovery.newEpoch, fault });
    return;
  }
  turn.set({ accepting: recovery, floorEpoch: Math.max(state.floorEpoch, recovery.newEpoch) });
  turn.emit({ kind: 'store_recovery', recovery });
}

/** Who submits a last resort may be in a hurry: objections have their time by each member's own clock. */
function refuseMoment({ moment }: Turn, { kind, closedAt }: Recovery): string | null {
  return kind === RECOVERY_KIND.lastResort && moment.clock < closedAt ? 'recovery_window' : null;
}

/** It begins where this member stands, or one block before: at the base that is certified here already. */
function refusePlace(turn: Turn, recovery: Recovery): string | null {
  const { tip } = turn.state;
  const { header } = recovery.tip;
  if (header.height === tip.header.height) return equalBytes(headerHash(header), tip.hash) ? null : 'recovery_tip';
  const isBaseFinal =
    header.height + 1n === tip.header.height && recovery.base !== null && equalBytes(headerHash(recovery.base.header), tip.hash);
  return isBaseFinal ? null : 'recovery_tip';
}

/** On the disk: the new epoch begins. What was said in the old one stays evidence. */
export function recoveryStored(turn: Turn, newEpoch: number): void {
  const { state, round } = turn;
  const { accepting } = state;
  if (accepting === null || accepting.newEpoch !== newEpoch) return;
  const recoveries = [...state.recoveries, accepting];
  const configs = [...state.configs.filter((config) => config.epoch < newEpoch), accepting.config];
  const next = newRound({
    tip: state.tip,
    config: round.config,
    recoveries,
    records: state.records,
    now: turn.now,
    highestSet: highestKnown(round.highestSet, round.vote?.set ?? null),
    bodies: [...round.bodies.values()],
  });
  turn.set({
    recoveries,
    configs,
    accepting: null,
    isConfigPending: false,
    past: [...state.past, pastOf(round)].slice(-KEPT_ROUNDS),
    round: next,
    confirmedTerm: 0n,
    progressAt: turn.now,
  });
  follow(turn, 0n);
  turn.sendAll({ kind: 'recovery', recovery: accepting });
}

/** Recoveries that the asker has not seen, oldest first. */
export function answerRecovery(turn: Turn, to: number, above: number): void {
  for (const recovery of turn.state.recoveries) if (recovery.newEpoch > above) turn.send(to, { kind: 'recovery', recovery });
}
