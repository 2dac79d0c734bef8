/** Which configuration governs a height: the last one activated, unless a Recovery has overtaken it (`ledger.md` 9, 13.2). */
import { firstHeightOf } from '#ledger/block/recovery.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { Recovery } from '#ledger/codec/recovery.ts';

/**
 * `byLedger` is the configuration that `configAt` finds at that height. A ConfigUpdate that was pending when a Recovery came has an
 * epoch no higher than the Recovery's and is void; so the highest epoch wins, and of two equal ones the Recovery's.
 */
export function configInForce(byLedger: ConsortiumConfig, recoveries: readonly Recovery[], height: bigint): ConsortiumConfig {
  const recovery = recoveries.findLast((each) => firstHeightOf(each) <= height);
  return recovery !== undefined && recovery.newEpoch >= byLedger.epoch ? recovery.config : byLedger;
}
