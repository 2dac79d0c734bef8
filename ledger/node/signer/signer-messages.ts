/**
 * What a node and its signer say to each other, in PCE. Each ask is signed by the node's client key under `PLP1/signask`, each answer by
 * the node key under `PLP1/signans` over the ask's SM3 and the reply, so that an answer belongs to one ask. A session, drawn by the signer, and
 * a counter make an ask good for one time. Nothing in them is secret: what is signed is shown to every member anyway.
 */
import {
  decodeEndorsementSet,
  encodeEndorsementSet,
  readSubmitPromise,
  readVotePayload,
  writeSubmitPromise,
  writeVotePayload,
} from '#ledger/codec/header.ts';
import { decodeWith, type Reader } from '#ledger/codec/reader.ts';
import { readSeal, writeSeal } from '#ledger/codec/recovery.ts';
import { encodeWith, type Writer } from '#ledger/codec/writer.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { type Bytes, concat } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { SignRecord } from '../reducer/records.ts';
import { type FreeTag, SIGNING_REFUSALS, type SignedFacts, type SigningRefusal } from './signer.ts';
import type { SignatureRow, VoteRow } from './signing-records.ts';

export const SIGNER_PATH = '/signer/v1/ask';
/** A Recovery carries a configuration and the Seals of a quorum. */
export const MAX_SIGNER_BYTES = 8 * 1024 * 1024;
const VERSION = 1;

export type SignerCall =
  | { readonly kind: 'hello' }
  | { readonly kind: 'store'; readonly record: SignRecord }
  | { readonly kind: 'find'; readonly record: SignRecord }
  | { readonly kind: 'sign'; readonly tag: FreeTag; readonly payload: Bytes }
  | { readonly kind: 'facts'; readonly above: bigint }
  | { readonly kind: 'has_vote'; readonly epoch: number; readonly height: bigint }
  | { readonly kind: 'abstain_until'; readonly height: bigint }
  | { readonly kind: 'abstain'; readonly until: bigint | null }
  | { readonly kind: 'accept_recovery'; readonly newEpoch: number; readonly height: bigint; readonly body: Bytes };

export const DOOR_REFUSALS = ['session_unknown', 'ask_replayed', 'wrong_chain', 'no_record', 'failed'] as const;
export type DoorRefusal = (typeof DOOR_REFUSALS)[number];

export type SignerReply =
  | { readonly kind: 'session'; readonly session: Bytes }
  | { readonly kind: 'signature'; readonly sig: Bytes }
  | { readonly kind: 'facts'; readonly facts: SignedFacts }
  | { readonly kind: 'flag'; readonly isTrue: boolean }
  | { readonly kind: 'done' }
  /** By S1 to S3: the record is not there and never will be. */
  | SigningRefusal
  /** Nothing was done. */
  | { readonly kind: 'refused'; readonly code: DoorRefusal };

export interface Ask {
  /** Public key of the client. */
  readonly client: Bytes;
  /** 32 zero bytes: no chain is known yet. */
  readonly chain: Bytes;
  /** 16 zero bytes: none is asked for but `hello`. */
  readonly session: Bytes;
  readonly counter: bigint;
  readonly call: SignerCall;
}

const CALLS = ['hello', 'store', 'find', 'sign', 'facts', 'has_vote', 'abstain_until', 'abstain', 'accept_recovery'] as const;
const REPLIES = ['session', 'signature', 'facts', 'flag', 'done', 'rejected', 'refused'] as const;
const RECORDS = ['endorsement', 'vote', 'seal', 'promise'] as const;
const FREE_TAGS = ['PLP1/peer', 'PLP1/grant', 'PLP1/promise', 'PLP1/pop'] as const satisfies readonly FreeTag[];

const MAX_SET = 4096;

function fromList<T>(list: readonly T[], at: number): T {
  const found = list[at];
  if (found === undefined) throw new ParseError('signer_message_malformed', { at });
  return found;
}

function writeRecord(writer: Writer, record: SignRecord): void {
  writer.u8(RECORDS.indexOf(record.kind));
  switch (record.kind) {
    case 'endorsement':
      writeVotePayload(writer, record.payload);
      return;
    case 'vote':
      writeVotePayload(writer, record.payload);
      writer.bytes(encodeEndorsementSet(record.set));
      return;
    case 'seal':
      writeSeal(writer, record.seal);
      writer.option(record.set, (w, set) => w.bytes(encodeEndorsementSet(set)));
      return;
    case 'promise':
      writeSubmitPromise(writer, record.promise);
      return;
  }
}

function readRecord(reader: Reader): SignRecord {
  const kind = fromList(RECORDS, reader.u8());
  const set = (r: Reader) => decodeEndorsementSet(r.bytes(MAX_SET));
  switch (kind) {
    case 'endorsement':
      return { kind, payload: readVotePayload(reader) };
    case 'vote':
      return { kind, payload: readVotePayload(reader), set: set(reader) };
    case 'seal':
      return { kind, seal: readSeal(reader), set: reader.option(set) };
    case 'promise':
      return { kind, promise: readSubmitPromise(reader) };
  }
}

function writeCall(writer: Writer, call: SignerCall): void {
  writer.u8(CALLS.indexOf(call.kind));
  switch (call.kind) {
    case 'hello':
      return;
    case 'store':
    case 'find':
      writeRecord(writer, call.record);
      return;
    case 'sign':
      writer.u8(FREE_TAGS.indexOf(call.tag)).bytes(call.payload);
      return;
    case 'facts':
      writer.u64(call.above);
      return;
    case 'has_vote':
      writer.u32(call.epoch).u64(call.height);
      return;
    case 'abstain_until':
      writer.u64(call.height);
      return;
    case 'abstain':
      writer.option(call.until, (w, until) => w.u64(until));
      return;
    case 'accept_recovery':
      writer.u32(call.newEpoch).u64(call.height).bytes(call.body);
  }
}

function readCall(reader: Reader): SignerCall {
  const kind = fromList(CALLS, reader.u8());
  switch (kind) {
    case 'hello':
      return { kind };
    case 'store':
    case 'find':
      return { kind, record: readRecord(reader) };
    case 'sign':
      return { kind, tag: fromList(FREE_TAGS, reader.u8()), payload: reader.bytes(MAX_SIGNER_BYTES) };
    case 'facts':
      return { kind, above: reader.u64() };
    case 'has_vote':
      return { kind, epoch: reader.u32(), height: reader.u64() };
    case 'abstain_until':
      return { kind, height: reader.u64() };
    case 'abstain':
      return { kind, until: reader.option((r) => r.u64()) };
    case 'accept_recovery':
      return { kind, newEpoch: reader.u32(), height: reader.u64(), body: reader.bytes(MAX_SIGNER_BYTES) };
  }
}

export const encodeAsk = (ask: Ask): Bytes =>
  encodeWith((writer, { client, chain, session, counter, call }: Ask) => {
    writer.u8(VERSION).b64(client).b32(chain).b16(session).u64(counter);
    writeCall(writer, call);
  }, ask);

/** @throws {ParseError} */
export const decodeAsk = (bytes: Uint8Array): Ask =>
  decodeWith((reader) => {
    if (reader.u8() !== VERSION) throw new ParseError('signer_message_malformed', { expected: `version ${VERSION}` });
    return { client: reader.b64(), chain: reader.b32(), session: reader.b16(), counter: reader.u64(), call: readCall(reader) };
  }, bytes);

const writeRow = (writer: Writer, row: SignatureRow): Writer =>
  writer.u32(row.epoch).u64(row.height).u64(row.term).b32(row.header).b64(row.sig);

const readRow = (reader: Reader): SignatureRow => ({
  epoch: reader.u32(),
  height: reader.u64(),
  term: reader.u64(),
  header: reader.b32(),
  sig: reader.b64(),
});
const ROW_BYTES = 116;

function writeFacts(writer: Writer, facts: SignedFacts): void {
  writer.vec(facts.endorsements, writeRow);
  writer.vec(facts.votes, (w, vote) => writeRow(w, vote).option(vote.endorsed, (each, set) => each.bytes(encodeEndorsementSet(set))));
  writer.vec(facts.seals, (w, seal) => w.bytes(seal));
  writer.u32(facts.signedEpoch);
  writer.u8(facts.standing.isAsking ? 1 : 0).u64(facts.standing.quietUntil);
}

const readFacts = (reader: Reader): SignedFacts => ({
  endorsements: reader.vec(readRow, { smallest: ROW_BYTES }),
  votes: reader.vec((r): VoteRow => ({ ...readRow(r), endorsed: r.option((each) => decodeEndorsementSet(each.bytes(MAX_SET))) }), {
    smallest: ROW_BYTES + 1,
  }),
  seals: reader.vec((r) => r.bytes(MAX_SIGNER_BYTES), { smallest: 1 }),
  signedEpoch: reader.u32(),
  standing: { isAsking: reader.u8() === 1, quietUntil: reader.u64() },
});

export const encodeReply = (reply: SignerReply): Bytes =>
  encodeWith((writer, given: SignerReply) => {
    writer.u8(REPLIES.indexOf(given.kind));
    switch (given.kind) {
      case 'session':
        writer.b16(given.session);
        return;
      case 'signature':
        writer.b64(given.sig);
        return;
      case 'facts':
        writeFacts(writer, given.facts);
        return;
      case 'flag':
        writer.u8(given.isTrue ? 1 : 0);
        return;
      case 'done':
        return;
      case 'rejected':
        writer.u8(SIGNING_REFUSALS.indexOf(given.code));
        return;
      case 'refused':
        writer.u8(DOOR_REFUSALS.indexOf(given.code));
    }
  }, reply);

/** @throws {ParseError} */
export const decodeReply = (bytes: Uint8Array): SignerReply =>
  decodeWith((reader): SignerReply => {
    const kind = fromList(REPLIES, reader.u8());
    switch (kind) {
      case 'session':
        return { kind, session: reader.b16() };
      case 'signature':
        return { kind, sig: reader.b64() };
      case 'facts':
        return { kind, facts: readFacts(reader) };
      case 'flag':
        return { kind, isTrue: reader.u8() === 1 };
      case 'done':
        return { kind };
      case 'rejected':
        return { kind, code: fromList(SIGNING_REFUSALS, reader.u8()) };
      case 'refused':
        return { kind, code: fromList(DOOR_REFUSALS, reader.u8()) };
    }
  }, bytes);

/** A message and its signature, one after the other. */
export const joinSigned = (message: Uint8Array, sig: Uint8Array): Bytes => concat(message, sig);
const SIG_BYTES = 64;

/** @throws {ParseError} */
export function splitSigned(bytes: Uint8Array): { readonly message: Bytes; readonly sig: Bytes } {
  if (bytes.length <= SIG_BYTES) throw new ParseError('signer_message_malformed', { length: bytes.length });
  const at = bytes.length - SIG_BYTES;
  return { message: new Uint8Array(bytes.slice(0, at)), sig: new Uint8Array(bytes.slice(at)) };
}

export const askMessage = (chain: Uint8Array, ask: Uint8Array): Bytes => signedMessage('PLP1/signask', chain, ask);
export const answerMessage = (chain: Uint8Array, ask: Uint8Array, reply: Uint8Array): Bytes =>
  signedMessage('PLP1/signans', chain, concat(sm3(ask), reply));
