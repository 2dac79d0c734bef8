/** Header, Endorsements, Votes, their sets and SubmitPromise (`ledger.md` 9, 10.1). */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { decodeWith, type Reader, requireAscending } from './reader.ts';
import { readVersion, readVersionAndSuite, SUITE, VERSION } from './version.ts';
import { encodeWith, type Writer } from './writer.ts';

/** As many as a configuration has members. */
export const MAX_SIGNERS = 20;
/** Bytes of `MemberSig`. */
export const MEMBER_SIG_BYTES = 66;

export interface Header {
  readonly chain: Bytes;
  readonly epoch: number;
  readonly height: bigint;
  readonly prevHash: Bytes;
  readonly configHash: Bytes;
  /** Milliseconds since 1970. */
  readonly sealedAt: bigint;
  readonly txCount: number;
  readonly logSize: bigint;
  readonly logRoot: Bytes;
  readonly stateRoot: Bytes;
  readonly ext: Bytes;
}

/** What an Endorsement or a Vote signs: 54 B. */
export interface VotePayload {
  readonly epoch: number;
  readonly height: bigint;
  readonly term: bigint;
  /** headerHash */
  readonly header: Bytes;
  readonly member: number;
}

export interface MemberSig {
  readonly member: number;
  readonly sig: Bytes;
}

/**
 * Same fields for endorsements and votes; the bytes of Finality begin with its version. `PCE(EndorsementSet)` is the Slot: the only
 * thing that an ordering engine stores per height.
 */
export interface EndorsementSet {
  readonly epoch: number;
  readonly height: bigint;
  readonly term: bigint;
  /** headerHash */
  readonly header: Bytes;
  /** By member. */
  readonly sigs: readonly MemberSig[];
}

export type Finality = EndorsementSet;

/** A member's word that a LedgerTx will be in a block: 42 B. */
export interface SubmitPromise {
  readonly txId: Bytes;
  /** Milliseconds since 1970. */
  readonly by: bigint;
  readonly member: number;
}

export function writeHeader(writer: Writer, header: Header): void {
  writer.u8(VERSION).u8(SUITE).b32(header.chain).u32(header.epoch).u64(header.height).b32(header.prevHash).b32(header.configHash);
  writer.u64(header.sealedAt).u32(header.txCount).u64(header.logSize).b32(header.logRoot).b32(header.stateRoot).b32(header.ext);
}

export function readHeader(reader: Reader): Header {
  readVersionAndSuite(reader);
  return {
    chain: reader.b32(),
    epoch: reader.u32(),
    height: reader.u64(),
    prevHash: reader.b32(),
    configHash: reader.b32(),
    sealedAt: reader.u64(),
    txCount: reader.u32(),
    logSize: reader.u64(),
    logRoot: reader.b32(),
    stateRoot: reader.b32(),
    ext: reader.b32(),
  };
}

export function writeVotePayload(writer: Writer, vote: VotePayload): void {
  writer.u32(vote.epoch).u64(vote.height).u64(vote.term).b32(vote.header).u16(vote.member);
}

export function readVotePayload(reader: Reader): VotePayload {
  return { epoch: reader.u32(), height: reader.u64(), term: reader.u64(), header: reader.b32(), member: reader.u16() };
}

export function writeMemberSig(writer: Writer, sig: MemberSig): void {
  writer.u16(sig.member).b64(sig.sig);
}

export function readMemberSig(reader: Reader): MemberSig {
  return { member: reader.u16(), sig: reader.b64() };
}

export function writeEndorsementSet(writer: Writer, set: EndorsementSet): void {
  writer.u32(set.epoch).u64(set.height).u64(set.term).b32(set.header).vec(set.sigs, writeMemberSig);
}

export function readEndorsementSet(reader: Reader): EndorsementSet {
  const head = { epoch: reader.u32(), height: reader.u64(), term: reader.u64(), header: reader.b32() };
  const sigs = reader.vec(readMemberSig, { smallest: MEMBER_SIG_BYTES, max: MAX_SIGNERS });
  requireAscending(sigs, (a, b) => a.member - b.member, 'sigs');
  return { ...head, sigs };
}

export function writeFinality(writer: Writer, finality: Finality): void {
  writer.u8(VERSION);
  writeEndorsementSet(writer, finality);
}

export function readFinality(reader: Reader): Finality {
  readVersion(reader);
  return readEndorsementSet(reader);
}

export function writeSubmitPromise(writer: Writer, promise: SubmitPromise): void {
  writer.b32(promise.txId).u64(promise.by).u16(promise.member);
}

export function readSubmitPromise(reader: Reader): SubmitPromise {
  return { txId: reader.b32(), by: reader.u64(), member: reader.u16() };
}

export const encodeHeader = (header: Header): Bytes => encodeWith(writeHeader, header);
/** @throws {ParseError} */
export const decodeHeader = (bytes: Uint8Array): Header => decodeWith(readHeader, bytes);
export const encodeVotePayload = (vote: VotePayload): Bytes => encodeWith(writeVotePayload, vote);
/** @throws {ParseError} */
export const decodeVotePayload = (bytes: Uint8Array): VotePayload => decodeWith(readVotePayload, bytes);
export const encodeEndorsementSet = (set: EndorsementSet): Bytes => encodeWith(writeEndorsementSet, set);
/** @throws {ParseError} */
export const decodeEndorsementSet = (bytes: Uint8Array): EndorsementSet => decodeWith(readEndorsementSet, bytes);
export const encodeFinality = (finality: Finality): Bytes => encodeWith(writeFinality, finality);
/** @throws {ParseError} */
export const decodeFinality = (bytes: Uint8Array): Finality => decodeWith(readFinality, bytes);
export const encodeSubmitPromise = (promise: SubmitPromise): Bytes => encodeWith(writeSubmitPromise, promise);
/** @throws {ParseError} */
export const decodeSubmitPromise = (bytes: Uint8Array): SubmitPromise => decodeWith(readSubmitPromise, bytes);
