/** How a round begins: at start, after a block, after a Recovery. */
import { recoveryHash } from '#ledger/block/recovery.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { EndorsementSet, VotePayload } from '#ledger/codec/header.ts';
import type { BlockBody } from '#ledger/codec/peer-body.ts';
import type { Recovery } from '#ledger/codec/recovery.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import type { OwnRecords, OwnVote, Round, Tip } from './state.ts';
import { isHigherSet } from './statements.ts';

/** Further back than any timer reaches, in milliseconds. */
export const LONG_AGO = 1_000_000n;

export interface RoundFacts {
  readonly tip: Tip;
  /** In force at tip + 1 by the ledger. */
  readonly config: ConsortiumConfig;
  readonly recoveries: readonly Recovery[];
  readonly records: OwnRecords;
  readonly now: bigint;
  readonly highestSet?: EndorsementSet | null;
  readonly bodies?: readonly BlockBody[];
}

/** The Recovery whose epoch no header carries yet. After a rebuild from peers, later ones may be known already. */
export function unbuiltRecovery(tip: Tip, recoveries: readonly Recovery[]): Recovery | null {
  const last = recoveries.findLast((each) => each.tip.header.height <= tip.header.height);
  return last !== undefined && tip.header.epoch < last.newEpoch ? last : null;
}

export function newRound(facts: RoundFacts): Round {
  const { tip, now } = facts;
  const recovery = unbuiltRecovery(tip, facts.recoveries);
  const config = recovery === null || recovery.config.epoch <= facts.config.epoch ? facts.config : recovery.config;
  const { epoch } = config;
  const height = tip.header.height + 1n;
  const isHere = (payload: VotePayload): boolean => payload.epoch === epoch && payload.height === height;
  const voted = facts.records.votes.find((each) => isHere(each.payload));
  const isBaseDue = recovery !== null && recovery.tip.header.height === tip.header.height;
  return {
    epoch,
    height,
    config,
    base: isBaseDue ? (recovery.base?.header ?? null) : null,
    ext: recovery === null ? ZERO_32 : recoveryHash(recovery),
    endorsed: facts.records.endorsements.filter(isHere).map(({ term, header, member }) => ({ term, header, to: member, isStored: true })),
    vote: voted === undefined ? null : ownVote(voted.payload, voted.set, now),
    examining: null,
    overdueRefusals: 0,
    waiting: null,
    bodies: new Map((facts.bodies ?? []).map((body) => [toHex(headerHash(body.header)), body])),
    sound: new Set(),
    slot: null,
    isSlotChecked: false,
    highestSet: facts.records.votes
      .filter((each) => each.payload.height === height)
      .reduce((best, { set }) => (isHigherSet(set, best) ? set : best), facts.highestSet ?? null),
    endorsements: [],
    votes: [],
    certifying: null,
    isStoring: false,
    askedAt: now - LONG_AGO,
    since: now,
  };
}

/** A Vote of a process before this one: its signature is made again from the record. */
function ownVote({ term, header }: VotePayload, set: EndorsementSet, now: bigint): OwnVote {
  return { term, header, set, isStored: true, sig: null, sentAt: now - LONG_AGO };
}

/** Which configuration a header of this round must name: the base keeps its own. */
export function headerConfig(round: Round, configs: readonly ConsortiumConfig[]): ConsortiumConfig {
  const { base } = round;
  if (base === null) return round.config;
  const found = configs.find((config) => config.epoch === base.epoch);
  assert(found !== undefined, 'the configuration of a base was in force once');
  return found;
}
