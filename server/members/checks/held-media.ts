/** Which art a mirror must hold before it endorses a LedgerTx (`ledger.md` 10.3 `media_missing`): of a ClassUpdate, a Mint, a StudioSunset. */

import { REGISTER } from '#ledger/codec/leaves.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import type { CheckSources } from '#ledger/node/consortium/options.ts';
import { type Bytes, equalBytes, isZero, toHex } from '#ledger/primitives/bytes.ts';
import type { Media } from '../media.ts';

type State = CheckSources['state'];

/** Hashes of the lists that an op needs; most need none. */
export function mediaNeeded(op: Op, state: State): readonly Bytes[] {
  switch (op.kind) {
    case 'class_update':
      return isZero(op.media) ? [] : [op.media];
    case 'mint':
      return [...new Set(op.items.map(({ cls }) => cls))].flatMap((cls) => mediaOf(cls, state));
    case 'studio_sunset':
      return mediaOfStudio(op.studio, state);
    default:
      return [];
  }
}

/** Asked once a list for the whole block. @returns by hash in hex, whether it is held */
export async function holdMedia(block: CheckSources['block'], state: State, media: Pick<Media, 'hold'>) {
  const needed = new Map(block.entries.flatMap(({ env }) => mediaNeeded(env.body.op, state)).map((list) => [toHex(list), list]));
  const held = await Promise.all([...needed].map(async ([name, list]) => [name, await media.hold(list)] as const));
  return new Map(held);
}

function mediaOf(cls: number, state: State): readonly Bytes[] {
  const media = state.classById(cls)?.media;
  return media === undefined || isZero(media) ? [] : [media];
}

function mediaOfStudio(studio: Bytes, state: State): readonly Bytes[] {
  const lists: Bytes[] = [];
  for (let cls = 0; cls < Number(state.count(REGISTER.classes)); cls++) {
    const leaf = state.classById(cls);
    if (leaf !== null && equalBytes(leaf.issuer, studio) && !isZero(leaf.media)) lists.push(leaf.media);
  }
  return lists;
}
