/** What is assessed within a seller's day: a trade, or a gift that the law deems a sale (rulebook 2.6.5). Either may hold an item. */
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Branded, type OrderId, parseOrderId, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';

/** `gft_` and 16 bytes in lower-case hex. */
export type GiftId = Branded<string, 'GiftId'>;
export type SaleId = TradeId | GiftId;
/** Whatever an item is promised to. */
export type HolderId = OrderId | GiftId;

const GIFT_ID = /^gft_[0-9a-f]{32}$/;

export function isGiftId(id: unknown): id is GiftId {
  return typeof id === 'string' && GIFT_ID.test(id);
}
/** @throws {ParseError} `gift_id_malformed` */
export function parseGiftId(input: unknown): GiftId {
  if (isGiftId(input)) return input;
  throw new ParseError('gift_id_malformed', { expected: 'gft_ and 32 lower-case hex digits' });
}
/** @throws {ParseError} `trade_id_malformed` */
export function parseSaleId(input: unknown): SaleId {
  return isGiftId(input) ? input : parseTradeId(input);
}
/** @throws {ParseError} `order_id_malformed` */
export function parseHolderId(input: unknown): HolderId {
  return isGiftId(input) ? input : parseOrderId(input);
}
