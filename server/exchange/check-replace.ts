/** From what arrived to a replacement: a sound cancel of one order and a sound new one that was quoted to take its place. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import type { Player } from '#server/identity/identity.ts';
import type { Checked, ReplaceCommand } from '#server/settlement/model.ts';
import type { ReplaceOrderInput } from '#server/trpc/views.ts';
import { checkCancel } from './check-cancel.ts';
import { checkPlace, type PlaceGround } from './check-place.ts';
import type { ExchangeCode } from './codes.ts';

export type ReplaceRefused = { readonly kind: 'rejected'; readonly code: ExchangeCode; readonly command: ReplaceCommand | null };

export function checkReplace(
  ground: Omit<PlaceGround, 'replaces'>,
  player: Player,
  input: ReplaceOrderInput,
): Checked<ReplaceCommand> | ReplaceRefused {
  const { referenceId } = input;
  const cancel = checkCancel(ground, player, { ...input.cancel, referenceId });
  const place = checkPlace({ ...ground, replaces: input.cancel.orderId }, player, { ...input.place, referenceId });
  if (cancel.command === null || place.command === null) return { kind: 'rejected', code: 'order_malformed', command: null };
  const command: ReplaceCommand = {
    kind: 'replace',
    player,
    referenceId: place.command.referenceId,
    bodySm3: sm3(canonicalBytes({ ...input })),
    cancel: cancel.command,
    place: place.command,
  };
  if (cancel.kind === 'rejected') return { kind: 'rejected', code: cancel.code, command };
  if (place.kind === 'rejected') return { kind: 'rejected', code: place.code, command };
  return { kind: 'checked', command, signatures: [...cancel.signatures, ...place.signatures] };
}
