/** How a round begins: at start, after a block, after a Recovery. */
import { recoveryHash } from '#ledger/block/recovery.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { EndorsementSet } from '#ledger/codec/header.ts';
import type { BlockBody } from '#ledger/codec/peer-body.ts';
import type { Recovery } from '#ledger/codec/recovery.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import type { OwnEndorsement, OwnVote, Round, Tip } from './state.ts';

export interface RoundFacts {
  readonly tip: Tip;
  /** In force at tip + 1 by the ledger. */
  readonly config: ConsortiumConfig;
  readonly recoveries: readonly Recovery[];
  readonly now: bigint;
  readonly endorsed?: readonly OwnEndorsement[];
  readonly vote?: OwnVote | null;
  readonly highestSet?: EndorsementSet | null;
  readonly bodies?: readonly BlockBody[];
}

/** The Recovery whose epoch no header carries yet. */
export function unbuiltRecovery(tip: Tip, recoveries: readonly Recovery[]): Recovery | null {
  const last = recoveries.at(-1);
  return last !== undefined && tip.header.epoch < last.newEpoch ? last : null;
}

export function newRound(facts: RoundFacts): Round {
  const { tip, now } = facts;
  const recovery = unbuiltRecovery(tip, facts.recoveries);
  const config = recovery === null || recovery.config.epoch <= facts.config.epoch ? facts.config : recovery.config;
  const isBaseDue = recovery !== null && recovery.tip.header.height === tip.header.height;
  return {
    epoch: config.epoch,
    height: tip.header.height + 1n,
    config,
    base: isBaseDue ? (recovery.base?.header ?? null) : null,
    ext: recovery === null ? ZERO_32 : recoveryHash(recovery),
    endorsed: facts.endorsed ?? [],
    vote: facts.vote ?? null,
    examining: null,
    waiting: null,
    bodies: new Map((facts.bodies ?? []).map((body) => [toHex(headerHash(body.header)), body])),
    sound: new Set(),
    slot: null,
    isSlotChecked: false,
    highestSet: facts.highestSet ?? null,
    endorsements: [],
    votes: [],
    certifying: null,
    isStoring: false,
    askedAt: now - 1_000_000n,
    since: now,
  };
}

/** Which configuration a header of this round must name: the base keeps its own. */
export function headerConfig(round: Round, configs: readonly ConsortiumConfig[]): ConsortiumConfig {
  const { base } = round;
  if (base === null) return round.config;
  const found = configs.find((config) => config.epoch === base.epoch);
  assert(found !== undefined, 'the configuration of a base was in force once');
  return found;
}
