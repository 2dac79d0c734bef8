/** LedgerTx (`ledger.md` 5): TxBody, TxEnv, Effect, Entry. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { readOp, writeOp } from './op.ts';
import type { Op } from './op-types.ts';
import { decodeWith, Reader, requireAscending } from './reader.ts';
import { MAX_TX_SIGS, readTxSigs, type TxSig, writeTxSig } from './tx-sig.ts';
import { readVersion, SUITE, VERSION } from './version.ts';
import { encodeWith, type Writer } from './writer.ts';

export const MAX_ENTRY_BYTES = 65_535;
const EFFECT_BYTES = 49;

export interface TxBody {
  readonly chain: Bytes;
  readonly salt: Bytes;
  readonly notBefore: bigint;
  readonly notAfter: bigint;
  readonly op: Op;
}

export interface TxEnv {
  readonly body: TxBody;
  /** Ascend strictly by (acct, keyIdx). */
  readonly sigs: readonly TxSig[];
}

export interface Effect {
  readonly reg: number;
  readonly index: bigint;
  /** Leaf hash after. */
  readonly leaf: Bytes;
  /** `lastEntry` before. */
  readonly prev: bigint;
}

export interface Entry {
  readonly height: bigint;
  readonly pos: number;
  readonly env: TxEnv;
  /** Ascend by (reg, index). */
  readonly effects: readonly Effect[];
}

export function writeTxBody(writer: Writer, body: TxBody): void {
  writer.u8(VERSION).u8(SUITE).b32(body.chain).b16(body.salt).u64(body.notBefore).u64(body.notAfter);
  writeOp(writer, body.op);
}

/** Another version decodes as far as this one does, so that a malformed body is told from an unknown version. */
function readBodyAndVersion(reader: Reader): { readonly known: boolean; readonly body: TxBody } {
  const known = [reader.u8() === VERSION, reader.u8() === SUITE].every(Boolean);
  const head = { chain: reader.b32(), salt: reader.b16(), notBefore: reader.u64(), notAfter: reader.u64() };
  try {
    return { known, body: { ...head, op: readOp(reader) } };
  } catch (error) {
    const unreadable = error instanceof ParseError && (error.code === 'op_unknown' || error.code === 'op_reserved');
    throw unreadable && !known ? new ParseError('tx_version') : error;
  }
}

export function readTxBody(reader: Reader): TxBody {
  const { known, body } = readBodyAndVersion(reader);
  if (!known) throw new ParseError('tx_version');
  return body;
}

export function writeTxEnv(writer: Writer, env: TxEnv): void {
  writeTxBody(writer, env.body);
  writer.vec(env.sigs, writeTxSig);
}

export function readTxEnv(reader: Reader): TxEnv {
  return { body: readTxBody(reader), sigs: readTxSigs(reader, MAX_TX_SIGS) };
}

/** @throws {ParseError} `tx_version`, `op_unknown`, `op_reserved`, and codes that begin with `pce_` or name malformed text */
export function decodeTxEnv(bytes: Uint8Array): TxEnv {
  if (bytes.length > MAX_ENTRY_BYTES) throw new ParseError('pce_over_limit', { bytes: bytes.length });
  const reader = new Reader(bytes);
  const { known, body } = readBodyAndVersion(reader);
  const env = { body, sigs: readTxSigs(reader, MAX_TX_SIGS) };
  reader.end();
  if (!known) throw new ParseError('tx_version');
  return env;
}

export function writeEffect(writer: Writer, effect: Effect): void {
  writer.u8(effect.reg).u64(effect.index).b32(effect.leaf).u64(effect.prev);
}

export function readEffect(reader: Reader): Effect {
  return { reg: reader.u8(), index: reader.u64(), leaf: reader.b32(), prev: reader.u64() };
}

export function compareEffects(a: Effect, b: Effect): number {
  return a.reg - b.reg || (a.index < b.index ? -1 : a.index > b.index ? 1 : 0);
}

export function writeEntry(writer: Writer, entry: Entry): void {
  writer.u8(VERSION).u64(entry.height).u32(entry.pos);
  writeTxEnv(writer, entry.env);
  writer.vec(entry.effects, writeEffect);
}

export function readEntry(reader: Reader): Entry {
  readVersion(reader);
  const height = reader.u64();
  const pos = reader.u32();
  const env = readTxEnv(reader);
  const effects = reader.vec(readEffect, { smallest: EFFECT_BYTES });
  requireAscending(effects, compareEffects, 'effects');
  return { height, pos, env, effects };
}

/** @throws {ParseError} */
export function decodeEntry(bytes: Uint8Array): Entry {
  if (bytes.length > MAX_ENTRY_BYTES) throw new ParseError('pce_over_limit', { bytes: bytes.length });
  return decodeWith(readEntry, bytes);
}

export const encodeTxBody = (body: TxBody): Bytes => encodeWith(writeTxBody, body);
/** @throws {ParseError} */
export const decodeTxBody = (bytes: Uint8Array): TxBody => decodeWith(readTxBody, bytes);
export const encodeTxEnv = (env: TxEnv): Bytes => encodeWith(writeTxEnv, env);
export const encodeEffect = (effect: Effect): Bytes => encodeWith(writeEffect, effect);
/** @throws {ParseError} */
export const decodeEffect = (bytes: Uint8Array): Effect => decodeWith(readEffect, bytes);
export const encodeEntry = (entry: Entry): Bytes => encodeWith(writeEntry, entry);
