/** Branded ids: a string becomes one by being parsed once. */
import { type Bytes, fromHex, toHex } from './bytes.ts';
import { ParseError } from './errors.ts';

declare const brand: unique symbol;
export type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** 32 bytes in lower-case hex: ledger account id (`ledger.md` 3). */
export type AccountId = Branded<string, 'AccountId'>;
/** `itm_` and 16 bytes in lower-case hex. */
export type ItemId = Branded<string, 'ItemId'>;
/** `cls_` and 16 bytes in lower-case hex: SM3(issuer, ext), first 16 bytes. */
export type ClassId = Branded<string, 'ClassId'>;
/** `ord_` and 32 bytes in lower-case hex: the ledger orderId. */
export type OrderId = Branded<string, 'OrderId'>;
/** `trd_` and 16 bytes in lower-case hex. */
export type TradeId = Branded<string, 'TradeId'>;
/** 1 to 64 printable ASCII characters, chosen by the caller; makes a write idempotent for ever. */
export type ReferenceId = Branded<string, 'ReferenceId'>;
/** What a user quotes to support. */
export type TraceId = Branded<string, 'TraceId'>;

function parsePattern(input: unknown, pattern: RegExp, code: string, expected: string): string {
  if (typeof input === 'string' && pattern.test(input)) return input;
  throw new ParseError(code, { expected });
}

/** @throws {ParseError} `account_id_malformed` */
export function parseAccountId(input: unknown): AccountId {
  return parsePattern(input, /^[0-9a-f]{64}$/, 'account_id_malformed', '64 lower-case hex digits') as AccountId;
}
/** @throws {ParseError} `item_id_malformed` */
export function parseItemId(input: unknown): ItemId {
  return parsePattern(input, /^itm_[0-9a-f]{32}$/, 'item_id_malformed', 'itm_ and 32 lower-case hex digits') as ItemId;
}
/** @throws {ParseError} `class_id_malformed` */
export function parseClassId(input: unknown): ClassId {
  return parsePattern(input, /^cls_[0-9a-f]{32}$/, 'class_id_malformed', 'cls_ and 32 lower-case hex digits') as ClassId;
}
/** @throws {ParseError} `order_id_malformed` */
export function parseOrderId(input: unknown): OrderId {
  return parsePattern(input, /^ord_[0-9a-f]{64}$/, 'order_id_malformed', 'ord_ and 64 lower-case hex digits') as OrderId;
}
/** @throws {ParseError} `trade_id_malformed` */
export function parseTradeId(input: unknown): TradeId {
  return parsePattern(input, /^trd_[0-9a-f]{32}$/, 'trade_id_malformed', 'trd_ and 32 lower-case hex digits') as TradeId;
}
/** @throws {ParseError} `reference_id_malformed` */
export function parseReferenceId(input: unknown): ReferenceId {
  return parsePattern(input, /^[\x21-\x7e]{1,64}$/, 'reference_id_malformed', '1 to 64 printable ASCII characters') as ReferenceId;
}

export function accountIdBytes(id: AccountId): Bytes {
  return fromHex(id, 32);
}
export function accountIdOf(bytes: Uint8Array): AccountId {
  return parseAccountId(toHex(bytes));
}
export function itemIdOf(bytes16: Uint8Array): ItemId {
  return parseItemId(`itm_${toHex(bytes16)}`);
}
export function classIdOf(bytes16: Uint8Array): ClassId {
  return parseClassId(`cls_${toHex(bytes16)}`);
}
export function orderIdOf(bytes32: Uint8Array): OrderId {
  return parseOrderId(`ord_${toHex(bytes32)}`);
}
export function tradeIdOf(bytes16: Uint8Array): TradeId {
  return parseTradeId(`trd_${toHex(bytes16)}`);
}
/** The bytes behind a prefixed id. */
export function idBytes(id: ItemId | ClassId | OrderId | TradeId): Bytes {
  return fromHex(id.slice(4));
}
