/** Which configuration governs a height: the last one activated, unless a Recovery has overtaken it (`ledger.md` 9, 13.2). */
import { firstHeightOf } from '#ledger/block/recovery.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { Recovery } from '#ledger/codec/recovery.ts';
import { CONFIG_DELAY, configAt } from './ops-consortium.ts';
import type { StateView } from './view.ts';

/**
 * `view` is the certified state below `height`. A ConfigUpdate that was pending when a Recovery came has an epoch no higher than
 * the Recovery's and is void; so the highest epoch wins, and of two equal ones the Recovery's.
 */
export function configInForce(
  view: StateView,
  height: bigint,
  genesis: ConsortiumConfig,
  recoveries: readonly Recovery[],
): ConsortiumConfig {
  const updated = configAt(view, height, genesis);
  const recovery = recoveries.findLast((each) => firstHeightOf(each) <= height);
  return recovery !== undefined && recovery.newEpoch >= updated.epoch ? recovery.config : updated;
}

/** A ConfigUpdate waits for its height: empty blocks come faster until then (10.2). */
export function isConfigPendingAt(view: StateView, height: bigint, genesis: ConsortiumConfig, recoveries: readonly Recovery[]): boolean {
  const now = configInForce(view, height, genesis, recoveries);
  return configInForce(view, height + CONFIG_DELAY, genesis, recoveries).epoch !== now.epoch;
}
