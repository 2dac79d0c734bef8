/** The genesis of the chain that goes on when every database of a consortium is gone (`ledger.md` 13.3), from a snapshot alone. */
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { Genesis } from '#ledger/codec/genesis.ts';
import type { Recovery } from '#ledger/codec/recovery.ts';
import { configInForce } from '#ledger/state/config-in-force.ts';
import { configAt } from '#ledger/state/ops-consortium.ts';
import type { VerifiedSnapshot } from '#ledger/verify/verify-snapshot.ts';
import { promoted } from './governance.ts';

export type SuccessorPlan = {
  /** A member that is gone for good, and the one whose organisation takes the operator's place. */
  readonly change: { readonly leaves: number; readonly operator: number } | null;
  readonly sealedAt: bigint;
};

/** The same organisations and keys under a new ChainId, or those that are left of them. */
export function successorGenesis(snapshot: VerifiedSnapshot, { change, sealedAt }: SuccessorPlan): Genesis {
  const { genesis, manifest } = snapshot;
  const { header, finality } = manifest;
  const last = lastConfig(snapshot, snapshot.recoveries, header.height + 1n);
  const config = change === null ? last : promoted(last, change);
  return {
    name: genesis.name,
    demonstration: genesis.demonstration,
    // Time goes on: what was locked or frozen until then stays so.
    sealedAt: sealedAt > header.sealedAt ? sealedAt : header.sealedAt + 1n,
    config: { ...config, epoch: 0 },
    accounts: [],
    predecessor: { header, finality },
  };
}

function lastConfig({ state, genesis }: VerifiedSnapshot, recoveries: readonly Recovery[], height: bigint): ConsortiumConfig {
  const firstEntry = genesis.predecessor?.header.logSize ?? 0n;
  return configInForce(configAt(state, height, genesis.config, firstEntry), recoveries, height);
}
