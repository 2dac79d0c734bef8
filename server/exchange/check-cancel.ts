/** From what arrived to a cancel command: one OrderCancel for the order that the caller names, signed by its owner. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { decodeTxEnv } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { equalBytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { orderIdOf, parseReferenceId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { StateView } from '#ledger/state/view.ts';
import { orderIdOf as ledgerOrderId, txIdOf } from '#ledger/tx/ids.ts';
import type { Player } from '#server/identity/identity.ts';
import type { CancelCommand, Checked } from '#server/settlement/model.ts';
import type { CancelOrderInput } from '#server/trpc/views.ts';
import { signatureChecks } from './check-signatures.ts';
import type { ExchangeCode } from './codes.ts';

export type CancelRefused = { readonly kind: 'rejected'; readonly code: ExchangeCode; readonly command: CancelCommand | null };

export function checkCancel(
  ground: { readonly chain: Uint8Array; readonly pending: StateView; readonly now: Instant },
  player: Player,
  input: CancelOrderInput,
): Checked<CancelCommand> | CancelRefused {
  const command = readCommand(player, input);
  if (command === null) return { kind: 'rejected', code: 'order_malformed', command: null };
  const { body, sigs } = command.env;
  const refuse = (code: ExchangeCode): CancelRefused => ({ kind: 'rejected', code, command });
  if (body.op.kind !== 'order_cancel') return refuse('order_malformed');
  const { order } = body.op;
  if (!equalBytes(body.chain, ground.chain) || !equalBytes(order.chain, ground.chain)) return refuse('wrong_chain');
  if (orderIdOf(ledgerOrderId(order)) !== input.orderId) return refuse('order_malformed');
  if (toHex(order.acct) !== player.acct) return refuse('not_your_order');
  if (body.notBefore > BigInt(ground.now)) return refuse('order_early');
  if (body.notAfter <= BigInt(ground.now)) return refuse('order_expired');
  const answer = signatureChecks(ground.pending, { tag: 'PLP1/txsig', chain: ground.chain, id: txIdOf(body), acct: order.acct }, sigs);
  if (answer.kind === 'rejected') return { ...answer, command };
  return { kind: 'checked', command, signatures: answer.checks };
}

function readCommand(player: Player, input: CancelOrderInput): CancelCommand | null {
  try {
    return {
      kind: 'cancel',
      player,
      referenceId: parseReferenceId(input.referenceId),
      bodySm3: sm3(canonicalBytes({ ...input })),
      orderId: input.orderId,
      env: decodeTxEnv(fromHex(input.signedCancel)),
    };
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}
