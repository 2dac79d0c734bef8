/** Who leads (`ledger.md` 10.6): FOLLOW → CAMPAIGN → SYNC → LEAD → FOLLOW. The engine's lease decides; places only keep order. */
import { MEMBER_FLAG } from '#ledger/codec/config.ts';
import type { EndorsementSet } from '#ledger/codec/header.ts';
import { canSign } from './abstain.ts';
import { isBehind } from './catch-up.ts';
import type { MemberEvent } from './events.ts';
import { proposeIfDue } from './lead.ts';
import { isSetValid } from './statements.ts';
import type { Turn } from './turn.ts';
import { noteSlot } from './vote.ts';
import { noteSet } from './witness.ts';

/** A new leader waits this long for what the others know. */
const SYNC_MS = 1000n;
/** Between two candidates of the list of leaders. */
const PLACE_MS = 1000n;
/** After an engine that another one leads: ask again. */
export const AGAIN_MS = 500n;

/** Place in `ordering.leaders`, or `null` for a member that may not lead. */
function placeOf(turn: Turn): bigint | null {
  const { config } = turn.round;
  const place = config.ordering.leaders.indexOf(turn.ground.self);
  const member = config.members.find((each) => each.id === turn.ground.self);
  return place < 0 || member === undefined || (member.flags & MEMBER_FLAG.mayLead) === 0 ? null : BigInt(place);
}

/** Back to FOLLOW; the next campaign in its turn, later by `wait`. */
export function follow(turn: Turn, wait: bigint): void {
  turn.set({ leading: { kind: 'follow', notBefore: turn.now + wait + (placeOf(turn) ?? 0n) * PLACE_MS } });
}

/** A leader gives signs of life: candidates wait a lease longer. */
export function noteLeader(turn: Turn): void {
  if (turn.state.leading.kind === 'follow') follow(turn, BigInt(turn.round.config.limits.leaseMs));
}

/** Gives the lead up and lets every other candidate go first. */
export function giveUp(turn: Turn): void {
  const { leading } = turn.state;
  const { limits, ordering } = turn.round.config;
  if (leading.kind === 'sync' || leading.kind === 'lead') turn.emit({ kind: 'resign', term: leading.term });
  follow(turn, BigInt(limits.leaseMs) + BigInt(ordering.leaders.length) * PLACE_MS);
}

export function campaignIfDue(turn: Turn): void {
  const { leading, accepting } = turn.state;
  if (leading.kind !== 'follow' || turn.now < leading.notBefore) return;
  if (placeOf(turn) === null || !canSign(turn) || isBehind(turn) || accepting !== null) return;
  turn.set({ leading: { kind: 'campaign' } });
  turn.emit({ kind: 'campaign', ttlMs: turn.round.config.limits.leaseMs });
}

export function campaigned(turn: Turn, term: bigint | null): void {
  if (turn.state.leading.kind !== 'campaign') {
    if (term !== null) turn.emit({ kind: 'resign', term });
    return;
  }
  if (term === null) {
    follow(turn, AGAIN_MS);
    return;
  }
  turn.set({
    leading: { kind: 'sync', term, renewedAt: turn.now, isRenewing: false, since: turn.now, isEngineRead: false, answered: new Set() },
    confirmedTerm: term,
  });
  beginSync(turn);
}

/** What is decided above the tip is finished first; then the others are asked which sets they know. */
export function beginSync(turn: Turn): void {
  const { leading } = turn.state;
  if (leading.kind !== 'sync') return;
  const { epoch, height } = turn.round;
  turn.set({ leading: { ...leading, isEngineRead: false, answered: new Set(), since: turn.now } });
  turn.emit({ kind: 'read_engine', purpose: 'sync', epoch, height });
  turn.sendAll({ kind: 'set_ask', epoch, height });
}

export function syncRead(turn: Turn, event: Extract<MemberEvent, { kind: 'engine_read' }>, slot: EndorsementSet | null): void {
  const { leading } = turn.state;
  const { epoch, height } = turn.round;
  if (leading.kind !== 'sync' || event.epoch !== epoch || event.height !== height) return;
  if (event.term !== leading.term) {
    follow(turn, AGAIN_MS);
    return;
  }
  if (slot !== null) {
    turn.sendAll({ kind: 'slot', set: slot });
    noteSlot(turn, slot);
    return;
  }
  turn.set({ leading: { ...leading, isEngineRead: true } });
  leadIfSynced(turn);
}

export function noteSetAnswer(turn: Turn, from: number, set: EndorsementSet | null): void {
  const { leading, configs } = turn.state;
  const { round, ground } = turn;
  if (set !== null && set.height === round.height) {
    const config = configs.find((each) => each.epoch === set.epoch);
    if (config !== undefined && isSetValid(ground, config, set)) noteSet(turn, set);
  }
  if (leading.kind !== 'sync') return;
  turn.set({ leading: { ...leading, answered: new Set([...leading.answered, from]) } });
  leadIfSynced(turn);
}

/** Everybody has answered, or those that answer have. */
export function leadIfSynced(turn: Turn): void {
  const { leading } = turn.state;
  if (leading.kind !== 'sync' || !leading.isEngineRead || turn.round.certifying !== null) return;
  const others = turn.round.config.members.filter((member) => member.id !== turn.ground.self);
  const isComplete = others.every((member) => leading.answered.has(member.id));
  if (!isComplete && turn.now - leading.since < SYNC_MS) return;
  const { term, renewedAt, isRenewing } = leading;
  turn.set({ leading: { kind: 'lead', term, renewedAt, isRenewing, job: null, proposed: null } });
  proposeIfDue(turn);
}

export function renewIfDue(turn: Turn): void {
  const { leading } = turn.state;
  if (leading.kind !== 'sync' && leading.kind !== 'lead') return;
  const lease = BigInt(turn.round.config.limits.leaseMs);
  const age = turn.now - leading.renewedAt;
  if (age >= lease) {
    follow(turn, AGAIN_MS);
    return;
  }
  if (leading.isRenewing || age < lease / 3n) return;
  turn.set({ leading: { ...leading, isRenewing: true } });
  turn.emit({ kind: 'renew', term: leading.term });
}

export function renewed(turn: Turn, term: bigint, isOk: boolean): void {
  const { leading } = turn.state;
  if ((leading.kind !== 'sync' && leading.kind !== 'lead') || leading.term !== term) return;
  if (!isOk) {
    follow(turn, AGAIN_MS);
    return;
  }
  turn.set({ leading: { ...leading, renewedAt: turn.now, isRenewing: false } });
}
