/** The links of a TrustBundle in the order in which they came into force (`ledger.md` 13.2, 16). */

import type { Recovery } from '#ledger/codec/recovery.ts';
import { decodeEntry } from '#ledger/codec/tx.ts';
import type { Link, UpdateLink } from './receipt.ts';

/** Blocks between a ConfigUpdate and its force. */
const ACTIVATION_HEIGHTS = 16n;

interface Placed {
  readonly epoch: number;
  readonly link: Link;
}

/** Epochs in force rise strictly. A ConfigUpdate that a Recovery has overtaken never came into force and is left out. */
export function orderLinks(updates: readonly UpdateLink[], recoveries: readonly Recovery[]): readonly Link[] {
  const placed: readonly Placed[] = [
    ...updates.flatMap((link) => placeUpdate(link, recoveries)),
    ...recoveries.map((recovery): Placed => ({ epoch: recovery.newEpoch, link: { kind: 'recovery', recovery } })),
  ];
  return [...placed].sort((a, b) => a.epoch - b.epoch).map((each) => each.link);
}

function placeUpdate(link: UpdateLink, recoveries: readonly Recovery[]): readonly Placed[] {
  const entry = decodeEntry(link.entry);
  const { op } = entry.env.body;
  if (op.kind !== 'config_update') return [];
  const { epoch } = op.config;
  const from = entry.height + ACTIVATION_HEIGHTS;
  const isVoid = recoveries.some((each) => each.newEpoch >= epoch && each.tip.header.height + 1n < from);
  return isVoid ? [] : [{ epoch, link }];
}
