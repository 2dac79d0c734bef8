/** From what arrived to a command: form, quote, terms, chain, window, keys. Everything here is decided without the database; what it
 *  refuses has touched nothing. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { decodeSignedOrder, encodeOrder, type Order, type SignedOrder } from '#ledger/codec/order.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import type { OpenField } from '#ledger/merkle/field-tree.ts';
import { equalBytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type OrderId, orderIdOf, parseReferenceId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { StateView } from '#ledger/state/view.ts';
import { orderIdOf as ledgerOrderId } from '#ledger/tx/ids.ts';
import type { Player } from '#server/identity/identity.ts';
import type { Checked, PlaceCommand } from '#server/settlement/model.ts';
import { doTermsFit, parseTerms, quotedTerms } from '#server/settlement/terms.ts';
import type { PlaceOrderInput, QuoteDocument } from '#server/trpc/views.ts';
import { signatureChecks } from './check-signatures.ts';
import type { ExchangeCode } from './codes.ts';
import type { Quotes } from './quotes.ts';

export type PlaceRefused = { readonly kind: 'rejected'; readonly code: ExchangeCode; readonly command: PlaceCommand | null };

export type PlaceGround = {
  readonly chain: Uint8Array;
  readonly pending: StateView;
  readonly quotes: Quotes;
  readonly now: Instant /** The order that is canceled in the same step. */;
  readonly replaces: OrderId | null;
};

export function checkPlace(ground: PlaceGround, player: Player, input: PlaceOrderInput): Checked<PlaceCommand> | PlaceRefused {
  const command = readCommand(player, input);
  if (command === null) return { kind: 'rejected', code: 'order_malformed', command: null };
  const code = refusePlace(ground, command);
  if (code !== null) return { kind: 'rejected', code, command };
  const { order, signed } = command;
  const id = fromHex(command.orderId.slice('ord_'.length));
  const answer = signatureChecks(ground.pending, { tag: 'PLP1/order', chain: ground.chain, id, acct: order.acct }, signed.sigs);
  if (answer.kind === 'rejected') return { ...answer, command };
  return { kind: 'checked', command, signatures: answer.checks };
}

function readCommand(player: Player, input: PlaceOrderInput): PlaceCommand | null {
  try {
    const signed: SignedOrder = decodeSignedOrder(fromHex(input.signedOrder));
    const fields: readonly OpenField[] = parseTerms(input.terms);
    const { order } = signed;
    return {
      kind: 'place',
      player,
      input,
      referenceId: parseReferenceId(input.referenceId),
      bodySm3: sm3(canonicalBytes({ ...input })),
      signed,
      order,
      orderId: orderIdOf(ledgerOrderId(order)),
      orderBytes: encodeOrder(order),
      fields,
      quote: input.quote.document,
      quoteHash: sm3(canonicalBytes({ ...input.quote.document })),
    };
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

function refusePlace({ chain, quotes, now, replaces }: PlaceGround, command: PlaceCommand): ExchangeCode | null {
  const { order, quote, player, input } = command;
  if (!equalBytes(order.chain, chain)) return 'wrong_chain';
  if (!quotes.isOurs(command.quoteHash, input.quote)) return 'quote_invalid';
  if (quote.acct !== player.acct || toHex(order.acct) !== player.acct) return 'order_malformed';
  if (!fitsQuote(order, quote) || input.intent !== quote.intent || input.targetOrderId !== quote.targetOrderId) return 'terms_mismatch';
  if (quote.replaces !== replaces) return 'terms_mismatch';
  if (!doTermsFit(command.fields, quotedTerms(quote, command.quoteHash), order.terms)) return 'terms_mismatch';
  if (toIso(now) >= quote.expiresAt) return 'quote_expired';
  if (order.notBefore > BigInt(now)) return 'order_early';
  return order.notAfter <= BigInt(now) ? 'order_expired' : null;
}

/** The signed bytes say what the quote says, field by field. A buyer of one listing names its items with version 0. */
function fitsQuote(order: Order, quote: QuoteDocument): boolean {
  const side = quote.side === 'sell' ? 0 : 1;
  const items = quote.items.map((item) => ({ serial: BigInt(item.serial), ver: side === 0 ? BigInt(item.ver) : 0n }));
  const sameItems =
    items.length === order.items.length &&
    items.every((item, index) => item.serial === order.items[index]?.serial && item.ver === order.items[index]?.ver);
  return (
    sameItems &&
    order.side === side &&
    order.cls === quote.classSerial &&
    order.quantity === quote.quantity &&
    (order.counterparty === null ? null : toHex(order.counterparty)) === (quote.namedBuyer ?? quote.namedSeller ?? null) &&
    order.notBefore === BigInt(Date.parse(quote.orderNotBefore)) &&
    order.notAfter === BigInt(Date.parse(quote.orderNotAfter))
  );
}
