/** Order and SignedOrder (`ledger.md` 6.1): what a player signs. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { decodeWith, type Reader } from './reader.ts';
import { MAX_ORDER_SIGS, readTxSigs, type TxSig, writeTxSig } from './tx-sig.ts';
import { readVersionAndSuite, SUITE, VERSION } from './version.ts';
import { encodeWith, type Writer } from './writer.ts';

export const MAX_ORDER_ITEMS = 32;
export const SIDE = { sell: 0, buy: 1 } as const;
/** `cls` of a buy order that any class may fill. */
export const ANY_CLASS = 0xffff_ffff;

export interface OrderItem {
  readonly serial: bigint;
  /** The version for sale; 0 in a buy order. */
  readonly ver: bigint;
}

export interface Order {
  readonly chain: Bytes;
  readonly salt: Bytes;
  readonly acct: Bytes;
  readonly side: number;
  readonly cls: number;
  readonly items: readonly OrderItem[];
  readonly quantity: number;
  readonly counterparty: Bytes | null;
  readonly notBefore: bigint;
  readonly notAfter: bigint;
  /** Root of the field commitment of set 2. */
  readonly terms: Bytes;
}

export interface SignedOrder {
  readonly order: Order;
  readonly sigs: readonly TxSig[];
}

export function writeOrder(writer: Writer, order: Order): void {
  writer.u8(VERSION).u8(SUITE).b32(order.chain).b16(order.salt).b32(order.acct).u8(order.side).u32(order.cls);
  writer.vec(order.items, (w, item) => w.u64(item.serial).u64(item.ver));
  writer.u16(order.quantity).option(order.counterparty, (w, acct) => w.b32(acct));
  writer.u64(order.notBefore).u64(order.notAfter).b32(order.terms);
}

export function readOrder(reader: Reader): Order {
  readVersionAndSuite(reader);
  return {
    chain: reader.b32(),
    salt: reader.b16(),
    acct: reader.b32(),
    side: reader.u8(),
    cls: reader.u32(),
    items: reader.vec((r) => ({ serial: r.u64(), ver: r.u64() }), { smallest: 16, max: MAX_ORDER_ITEMS }),
    quantity: reader.u16(),
    counterparty: reader.option((r) => r.b32()),
    notBefore: reader.u64(),
    notAfter: reader.u64(),
    terms: reader.b32(),
  };
}

export function writeSignedOrder(writer: Writer, signed: SignedOrder): void {
  writeOrder(writer, signed.order);
  writer.vec(signed.sigs, writeTxSig);
}

export function readSignedOrder(reader: Reader): SignedOrder {
  return { order: readOrder(reader), sigs: readTxSigs(reader, MAX_ORDER_SIGS) };
}

export const encodeOrder = (order: Order): Bytes => encodeWith(writeOrder, order);
/** @throws {ParseError} */
export const decodeOrder = (bytes: Uint8Array): Order => decodeWith(readOrder, bytes);
export const encodeSignedOrder = (signed: SignedOrder): Bytes => encodeWith(writeSignedOrder, signed);
/** @throws {ParseError} */
export const decodeSignedOrder = (bytes: Uint8Array): SignedOrder => decodeWith(readSignedOrder, bytes);
