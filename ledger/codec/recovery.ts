/** Seal and Recovery (`ledger.md` 13): how members leave an epoch that cannot go on, and what begins the next. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type ConsortiumConfig, readConsortiumConfig, writeConsortiumConfig } from './config.ts';
import {
  type EndorsementSet,
  type Finality,
  type Header,
  MAX_SIGNERS,
  MEMBER_SIG_BYTES,
  type MemberSig,
  readEndorsementSet,
  readFinality,
  readHeader,
  readMemberSig,
  writeEndorsementSet,
  writeFinality,
  writeHeader,
  writeMemberSig,
} from './header.ts';
import { decodeWith, type Reader, requireAscending } from './reader.ts';
import { readVersion, VERSION } from './version.ts';
import { encodeWith, type Writer } from './writer.ts';

export const RECOVERY_KIND = { quorum: 0, lastResort: 1 } as const;
/** A SignedSeal without its set: 90 B, a signature, an empty option. */
const SMALLEST_SIGNED_SEAL = 155;

/** "I sign nothing below `newEpoch` any more, and this is what I know": 90 B. */
export interface Seal {
  readonly newEpoch: number;
  readonly member: number;
  readonly tipHeight: bigint;
  /** headerHash */
  readonly tipHeader: Bytes;
  /** Of the highest EndorsementSet known at `tipHeight + 1`, by epoch, then term; 0, 0 and zero bytes when there is none. */
  readonly epoch: number;
  readonly term: bigint;
  /** headerHash */
  readonly base: Bytes;
}

export interface SignedSeal {
  readonly seal: Seal;
  readonly sig: Bytes;
  /** The set that the seal reports. */
  readonly set: EndorsementSet | null;
}

export interface Certified {
  readonly header: Header;
  /** Without signatures at height 0, which is never voted. */
  readonly finality: Finality;
}

export interface RecoveryBase {
  readonly header: Header;
  readonly set: EndorsementSet;
}

export interface Recovery {
  /** 0 quorum, 1 last resort. */
  readonly kind: number;
  readonly newEpoch: number;
  readonly config: ConsortiumConfig;
  readonly tip: Certified;
  readonly base: RecoveryBase | null;
  /** By member. */
  readonly seals: readonly SignedSeal[];
  readonly openedAt: bigint;
  readonly closedAt: bigint;
  /** By member, by governance keys. */
  readonly approvals: readonly MemberSig[];
}

export function writeSeal(writer: Writer, seal: Seal): void {
  writer.u32(seal.newEpoch).u16(seal.member).u64(seal.tipHeight).b32(seal.tipHeader).u32(seal.epoch).u64(seal.term).b32(seal.base);
}

export function readSeal(reader: Reader): Seal {
  return {
    newEpoch: reader.u32(),
    member: reader.u16(),
    tipHeight: reader.u64(),
    tipHeader: reader.b32(),
    epoch: reader.u32(),
    term: reader.u64(),
    base: reader.b32(),
  };
}

export function writeSignedSeal(writer: Writer, signed: SignedSeal): void {
  writeSeal(writer, signed.seal);
  writer.b64(signed.sig).option(signed.set, writeEndorsementSet);
}

export function readSignedSeal(reader: Reader): SignedSeal {
  return { seal: readSeal(reader), sig: reader.b64(), set: reader.option(readEndorsementSet) };
}

export function writeCertified(writer: Writer, certified: Certified): void {
  writeHeader(writer, certified.header);
  writeFinality(writer, certified.finality);
}

export function readCertified(reader: Reader): Certified {
  return { header: readHeader(reader), finality: readFinality(reader) };
}

export function writeRecovery(writer: Writer, recovery: Recovery): void {
  writer.u8(VERSION).u8(recovery.kind).u32(recovery.newEpoch);
  writeConsortiumConfig(writer, recovery.config);
  writeCertified(writer, recovery.tip);
  writer.option(recovery.base, (w, base) => {
    writeHeader(w, base.header);
    writeEndorsementSet(w, base.set);
  });
  writer.vec(recovery.seals, writeSignedSeal).u64(recovery.openedAt).u64(recovery.closedAt).vec(recovery.approvals, writeMemberSig);
}

export function readRecovery(reader: Reader): Recovery {
  readVersion(reader);
  const kind = reader.u8();
  if (kind > RECOVERY_KIND.lastResort) throw new ParseError('pce_unknown_variant', { offset: reader.offset, kind });
  const recovery: Recovery = {
    kind,
    newEpoch: reader.u32(),
    config: readConsortiumConfig(reader),
    tip: readCertified(reader),
    base: reader.option((r): RecoveryBase => ({ header: readHeader(r), set: readEndorsementSet(r) })),
    seals: reader.vec(readSignedSeal, { smallest: SMALLEST_SIGNED_SEAL, max: MAX_SIGNERS }),
    openedAt: reader.u64(),
    closedAt: reader.u64(),
    approvals: reader.vec(readMemberSig, { smallest: MEMBER_SIG_BYTES, max: MAX_SIGNERS }),
  };
  requireAscending(recovery.seals, (a, b) => a.seal.member - b.seal.member, 'seals');
  requireAscending(recovery.approvals, (a, b) => a.member - b.member, 'approvals');
  return recovery;
}

export const encodeSeal = (seal: Seal): Bytes => encodeWith(writeSeal, seal);
/** @throws {ParseError} */
export const decodeSeal = (bytes: Uint8Array): Seal => decodeWith(readSeal, bytes);
export const encodeSignedSeal = (signed: SignedSeal): Bytes => encodeWith(writeSignedSeal, signed);
/** @throws {ParseError} */
export const decodeSignedSeal = (bytes: Uint8Array): SignedSeal => decodeWith(readSignedSeal, bytes);
export const encodeCertified = (certified: Certified): Bytes => encodeWith(writeCertified, certified);
/** @throws {ParseError} */
export const decodeCertified = (bytes: Uint8Array): Certified => decodeWith(readCertified, bytes);
export const encodeRecovery = (recovery: Recovery): Bytes => encodeWith(writeRecovery, recovery);
/** @throws {ParseError} */
export const decodeRecovery = (bytes: Uint8Array): Recovery => decodeWith(readRecovery, bytes);
