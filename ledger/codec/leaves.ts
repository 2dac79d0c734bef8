/** State leaves (`ledger.md` 8). Sizes are fixed: Item 183, Account 176, Class 252, Order 62, Record 122 bytes. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { decodeWith, type Reader } from './reader.ts';
import { readVersion, VERSION } from './version.ts';
import { encodeWith, type Writer } from './writer.ts';

export const REGISTER = { items: 1, accounts: 2, classes: 3, orders: 4, records: 5, receivables: 6 } as const;
export const REGISTER_COUNT = 8;
/** `lastEntry` of a leaf that genesis wrote, and `Effect.prev` of a new leaf. */
export const NO_ENTRY = (1n << 64n) - 1n;
export const RECORD = { rulePack: 1, experiment: 2, config: 3, sunset: 4, evidence: 5, erased: 6, consent: 7 } as const;

export interface ItemLeaf {
  readonly serial: bigint;
  readonly cls: number;
  readonly owner: Bytes;
  readonly ver: bigint;
  /** Bit 0 burned; bits 1 and 2 freeze rank. */
  readonly flags: number;
  readonly locker: Bytes;
  readonly lockUntil: bigint;
  readonly protectedUntil: bigint;
  readonly frozenUntil: bigint;
  readonly lastEntry: bigint;
  readonly meta: Bytes;
  readonly ext: Bytes;
}

export interface AccountLeaf {
  readonly serial: bigint;
  readonly acct: Bytes;
  /** 0 player, 1 studio, 2 organisation. */
  readonly kind: number;
  readonly flags: number;
  /** Policy hash. */
  readonly policy: Bytes;
  readonly keyEpoch: number;
  readonly frozenUntil: bigint;
  readonly pendingPolicy: Bytes;
  readonly pendingAt: bigint;
  readonly itemCount: bigint;
  readonly kyc: Bytes;
  readonly lastEntry: bigint;
}

export interface ClassLeaf {
  readonly serial: bigint;
  readonly issuer: Bytes;
  readonly ext: Bytes;
  /** 0 free, 1 operator co-signs, 2 bound. */
  readonly transferRule: number;
  readonly flags: number;
  readonly supplyCap: bigint;
  readonly minted: bigint;
  readonly burned: bigint;
  readonly frozenUntil: bigint;
  readonly meta: Bytes;
  readonly media: Bytes;
  readonly terms: Bytes;
  readonly nextTerms: Bytes;
  readonly nextTermsAt: bigint;
  readonly lastEntry: bigint;
}

export interface OrderLeaf {
  readonly serial: bigint;
  /** orderId */
  readonly order: Bytes;
  readonly quantity: number;
  readonly filled: number;
  /** 1 cancelled. */
  readonly closed: number;
  readonly notAfter: bigint;
  readonly lastEntry: bigint;
}

export interface RecordLeaf {
  readonly serial: bigint;
  readonly kind: number;
  readonly key: Bytes;
  readonly value: Bytes;
  readonly prior: Bytes;
  readonly a: bigint;
  readonly lastEntry: bigint;
}

export type StateLeaf =
  | { readonly reg: 1; readonly leaf: ItemLeaf }
  | { readonly reg: 2; readonly leaf: AccountLeaf }
  | { readonly reg: 3; readonly leaf: ClassLeaf }
  | { readonly reg: 4; readonly leaf: OrderLeaf }
  | { readonly reg: 5; readonly leaf: RecordLeaf };

export function writeItemLeaf(writer: Writer, leaf: ItemLeaf): void {
  writer.u8(VERSION).u64(leaf.serial).u32(leaf.cls).b32(leaf.owner).u64(leaf.ver).u16(leaf.flags).b32(leaf.locker);
  writer.u64(leaf.lockUntil).u64(leaf.protectedUntil).u64(leaf.frozenUntil).u64(leaf.lastEntry).b32(leaf.meta).b32(leaf.ext);
}

export function readItemLeaf(reader: Reader): ItemLeaf {
  readVersion(reader);
  return {
    serial: reader.u64(),
    cls: reader.u32(),
    owner: reader.b32(),
    ver: reader.u64(),
    flags: reader.u16(),
    locker: reader.b32(),
    lockUntil: reader.u64(),
    protectedUntil: reader.u64(),
    frozenUntil: reader.u64(),
    lastEntry: reader.u64(),
    meta: reader.b32(),
    ext: reader.b32(),
  };
}

export function writeAccountLeaf(writer: Writer, leaf: AccountLeaf): void {
  writer
    .u8(VERSION)
    .u64(leaf.serial)
    .b32(leaf.acct)
    .u8(leaf.kind)
    .u16(leaf.flags)
    .b32(leaf.policy)
    .u32(leaf.keyEpoch)
    .u64(leaf.frozenUntil);
  writer.b32(leaf.pendingPolicy).u64(leaf.pendingAt).u64(leaf.itemCount).b32(leaf.kyc).u64(leaf.lastEntry);
}

export function readAccountLeaf(reader: Reader): AccountLeaf {
  readVersion(reader);
  return {
    serial: reader.u64(),
    acct: reader.b32(),
    kind: reader.u8(),
    flags: reader.u16(),
    policy: reader.b32(),
    keyEpoch: reader.u32(),
    frozenUntil: reader.u64(),
    pendingPolicy: reader.b32(),
    pendingAt: reader.u64(),
    itemCount: reader.u64(),
    kyc: reader.b32(),
    lastEntry: reader.u64(),
  };
}

export function writeClassLeaf(writer: Writer, leaf: ClassLeaf): void {
  writer.u8(VERSION).u64(leaf.serial).b32(leaf.issuer).b32(leaf.ext).u8(leaf.transferRule).u16(leaf.flags).u64(leaf.supplyCap);
  writer.u64(leaf.minted).u64(leaf.burned).u64(leaf.frozenUntil).b32(leaf.meta).b32(leaf.media).b32(leaf.terms).b32(leaf.nextTerms);
  writer.u64(leaf.nextTermsAt).u64(leaf.lastEntry);
}

export function readClassLeaf(reader: Reader): ClassLeaf {
  readVersion(reader);
  return {
    serial: reader.u64(),
    issuer: reader.b32(),
    ext: reader.b32(),
    transferRule: reader.u8(),
    flags: reader.u16(),
    supplyCap: reader.u64(),
    minted: reader.u64(),
    burned: reader.u64(),
    frozenUntil: reader.u64(),
    meta: reader.b32(),
    media: reader.b32(),
    terms: reader.b32(),
    nextTerms: reader.b32(),
    nextTermsAt: reader.u64(),
    lastEntry: reader.u64(),
  };
}

export function writeOrderLeaf(writer: Writer, leaf: OrderLeaf): void {
  writer
    .u8(VERSION)
    .u64(leaf.serial)
    .b32(leaf.order)
    .u16(leaf.quantity)
    .u16(leaf.filled)
    .u8(leaf.closed)
    .u64(leaf.notAfter)
    .u64(leaf.lastEntry);
}

export function readOrderLeaf(reader: Reader): OrderLeaf {
  readVersion(reader);
  return {
    serial: reader.u64(),
    order: reader.b32(),
    quantity: reader.u16(),
    filled: reader.u16(),
    closed: reader.u8(),
    notAfter: reader.u64(),
    lastEntry: reader.u64(),
  };
}

export function writeRecordLeaf(writer: Writer, leaf: RecordLeaf): void {
  writer.u8(VERSION).u64(leaf.serial).u8(leaf.kind).b32(leaf.key).b32(leaf.value).b32(leaf.prior).u64(leaf.a).u64(leaf.lastEntry);
}

export function readRecordLeaf(reader: Reader): RecordLeaf {
  readVersion(reader);
  return {
    serial: reader.u64(),
    kind: reader.u8(),
    key: reader.b32(),
    value: reader.b32(),
    prior: reader.b32(),
    a: reader.u64(),
    lastEntry: reader.u64(),
  };
}

export function encodeStateLeaf(state: StateLeaf): Bytes {
  switch (state.reg) {
    case 1:
      return encodeItemLeaf(state.leaf);
    case 2:
      return encodeAccountLeaf(state.leaf);
    case 3:
      return encodeClassLeaf(state.leaf);
    case 4:
      return encodeOrderLeaf(state.leaf);
    case 5:
      return encodeRecordLeaf(state.leaf);
  }
}

export const encodeItemLeaf = (leaf: ItemLeaf): Bytes => encodeWith(writeItemLeaf, leaf);
/** @throws {ParseError} */
export const decodeItemLeaf = (bytes: Uint8Array): ItemLeaf => decodeWith(readItemLeaf, bytes);
export const encodeAccountLeaf = (leaf: AccountLeaf): Bytes => encodeWith(writeAccountLeaf, leaf);
/** @throws {ParseError} */
export const decodeAccountLeaf = (bytes: Uint8Array): AccountLeaf => decodeWith(readAccountLeaf, bytes);
export const encodeClassLeaf = (leaf: ClassLeaf): Bytes => encodeWith(writeClassLeaf, leaf);
/** @throws {ParseError} */
export const decodeClassLeaf = (bytes: Uint8Array): ClassLeaf => decodeWith(readClassLeaf, bytes);
export const encodeOrderLeaf = (leaf: OrderLeaf): Bytes => encodeWith(writeOrderLeaf, leaf);
/** @throws {ParseError} */
export const decodeOrderLeaf = (bytes: Uint8Array): OrderLeaf => decodeWith(readOrderLeaf, bytes);
export const encodeRecordLeaf = (leaf: RecordLeaf): Bytes => encodeWith(writeRecordLeaf, leaf);
/** @throws {ParseError} */
export const decodeRecordLeaf = (bytes: Uint8Array): RecordLeaf => decodeWith(readRecordLeaf, bytes);
