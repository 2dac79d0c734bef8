/** The rule pack that the ledger says is in force, and the document behind its hash. */

import { RECORD } from '#ledger/codec/leaves.ts';
import { type Bytes, isZero, toHex } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { StateView } from '#ledger/state/view.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import { type Clocks, clocksOf } from '#sandbox/packs/clocks.ts';
import { findPackByHash } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { RefusalError } from '#server/refusal.ts';
import { EXCHANGE_REFUSALS } from './codes.ts';

export const JURISDICTION = 'CN';

export type ActivePack = { readonly pack: RulePack; readonly hash: Bytes };

/** @throws {RefusalError} `pack_inactive`: nothing is traded before the first activation */
export function activePack(pending: StateView, now: Instant): ActivePack {
  const active = findActivePack(pending, now);
  if (active === null) throw new RefusalError('unavailable', 'pack_inactive', EXCHANGE_REFUSALS.pack_inactive.message);
  return active;
}

export function findActivePack(pending: StateView, now: Instant): ActivePack | null {
  const record = pending.record(RECORD.rulePack, recordKey.rulePack(JURISDICTION));
  if (record === null) return null;
  const hash = BigInt(now) >= record.a ? record.value : record.prior;
  if (isZero(hash)) return null;
  // A document that nobody has brought here: nothing is traded by rules that can't be read.
  const pack = findPackByHash(toHex(hash));
  return pack === null || pack.id !== JURISDICTION ? null : { pack, hash };
}

/** Terms by the pack in force at that moment. What has begun keeps the end that it was given. */
export function clocksAt({ pending }: { readonly pending: StateView }, now: Instant): Clocks {
  return clocksOf(findActivePack(pending, now)?.pack ?? null);
}
