/** The state of a member that starts, from what its disk holds. Whoever calls it has verified tip, roots and tables (10.5 "start"). */
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { SubmitPromise } from '#ledger/codec/header.ts';
import type { BlockBody } from '#ledger/codec/peer-body.ts';
import type { Certified, Recovery, SignedSeal } from '#ledger/codec/recovery.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import type { AdmittedTx } from './events.ts';
import { LONG_AGO, newRound } from './rounds.ts';
import type { Ground, MemberState, Moment, OwnRecords, Standing } from './state.ts';
import { sealKey } from './witness.ts';

/** Everything durable that the reducer needs. */
export interface StoredFacts {
  readonly tip: { readonly header: Certified['header']; readonly finality: Certified['finality'] | null };
  /** In force at tip + 1 by the ledger. */
  readonly config: ConsortiumConfig;
  readonly isConfigPending: boolean;
  /** Every configuration that was ever in force, that one and those of Recoveries included; never one that a Recovery has made void. */
  readonly configs: readonly ConsortiumConfig[];
  readonly recoveries: readonly Recovery[];
  /** Own records above the tip, of every epoch. After a rebuild from peers they may lie further ahead than tip + 1. */
  readonly records: OwnRecords;
  /** Own Seals, all of them. */
  readonly seals: readonly SignedSeal['seal'][];
  /** Of other members, verified when they came. */
  readonly peerSeals: readonly SignedSeal[];
  /** The highest epoch in any record. */
  readonly signedEpoch: number;
  /** Stored by `store_body` at tip + 1. */
  readonly bodies: readonly BlockBody[];
  readonly waiting: readonly AdmittedTx[];
  readonly promises: readonly SubmitPromise[];
  /** The store is a copy of an older one, or the key is older than the store (10.5). */
  readonly isRestored: boolean;
  /** Of an abstention before this process (10.5); 0: none. */
  readonly quietUntil: bigint;
}

export function startMember(ground: Ground, stored: StoredFacts, moment: Moment): MemberState {
  const now = moment.elapsed;
  const tip = { ...stored.tip, hash: headerHash(stored.tip.header) };
  const round = newRound({
    tip,
    config: stored.config,
    recoveries: stored.recoveries,
    records: stored.records,
    now,
    bodies: stored.bodies,
  });
  const place = Math.max(round.config.ordering.leaders.indexOf(ground.self), 0);
  const nonce = new Uint8Array(moment.random(16));
  const standing: Standing = stored.isRestored
    ? { kind: 'asking', nonce, answers: new Map(), askedAt: now - LONG_AGO }
    : { kind: 'signing' };
  return {
    tip,
    isConfigPending: stored.isConfigPending,
    configs: stored.configs,
    recoveries: stored.recoveries,
    accepting: null,
    floorEpoch: Math.max(0, ...stored.seals.map((seal) => seal.newEpoch), ...stored.recoveries.map((each) => each.newEpoch)),
    signedEpoch: stored.signedEpoch,
    standing,
    quietUntil: stored.quietUntil,
    round,
    records: stored.records,
    early: null,
    past: [],
    leading: { kind: 'follow', notBefore: now + BigInt(place) * 1000n },
    confirmedTerm: 0n,
    stalled: null,
    progressAt: now,
    // What waited before this member took part was told to nobody yet: another may lead, and what comes after may build on it.
    mempool: new Map(stored.waiting.map((tx) => [toHex(tx.txId), { ...tx, since: now, sentAt: now - LONG_AGO }])),
    promises: new Map(stored.promises.map(({ txId, by }) => [toHex(txId), { txId, by, isStored: true }])),
    sealing: null,
    seals: new Map(stored.peerSeals.map((signed) => [sealKey(signed), signed])),
    catchUp: { target: tip.header.height, askedAt: now - LONG_AGO, turn: 0, queue: [] },
    convicted: new Set(),
    jobs: 0,
    timers: { tickedAt: now, checkpointAt: now - LONG_AGO, engineReadAt: now, stallReadAt: now, recoveryAskedAt: now - LONG_AGO },
  };
}
