/**
 * What the body of a peer message says, by type (`ledger.md` 10, 11, 13, 21). A type with several bodies begins with a variant.
 * Envelopes and key grants have their own codecs and never reach the reducer: their bodies stay bytes here.
 */
import { unreachable } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { readSignedVote, type SignedVote, writeSignedVote } from './evidence.ts';
import { type EndorsementSet, type Header, readEndorsementSet, readHeader, writeEndorsementSet, writeHeader } from './header.ts';
import { MAX_PEER_BODY, PEER_TYPE } from './peer-message.ts';
import { decodeWith, type Reader } from './reader.ts';
import {
  type Certified,
  type Recovery,
  readCertified,
  readRecovery,
  readSignedSeal,
  type SignedSeal,
  writeCertified,
  writeRecovery,
  writeSignedSeal,
} from './recovery.ts';
import { type Entry, readEntry, readTxEnv, type TxEnv, writeEntry, writeTxEnv } from './tx.ts';
import { encodeWith, Writer } from './writer.ts';

const MAX_BLOCK_TX = 10_000;
const MAX_SYNC_BLOCKS = 1024;
const SMALLEST_ENTRY = 120;
const SMALLEST_TX_ENV = 67;

/** A block as members send it: header, LedgerTx and effects. */
export interface BlockBody {
  readonly header: Header;
  readonly entries: readonly Entry[];
}

export interface Proposal extends BlockBody {
  readonly term: bigint;
  /** An EndorsementSet of this very header from an earlier term: it waives the lower bound of its time. */
  readonly set: EndorsementSet | null;
}

/** Why a member does not endorse a header (10.3). */
export interface Refusal {
  readonly epoch: number;
  readonly height: bigint;
  readonly term: bigint;
  /** headerHash */
  readonly header: Bytes;
  /** A code of `ledger/tx/codes.ts`. */
  readonly code: string;
  /** Of the one LedgerTx at fault. `txCode` goes with `tx_refused`. */
  readonly tx: { readonly pos: number; readonly txId: Bytes; readonly txCode: string | null } | null;
  /** With `locked`: the Vote that binds the member. */
  readonly vote: SignedVote | null;
}

export interface CertifiedBlock extends Certified {
  readonly entries: readonly Entry[];
}

export type PeerBody =
  | { readonly kind: 'propose'; readonly proposal: Proposal }
  | { readonly kind: 'endorse'; readonly statement: SignedVote }
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  | { readonly kind: 'slot'; readonly set: EndorsementSet }
  | { readonly kind: 'vote'; readonly statement: SignedVote }
  | { readonly kind: 'finality'; readonly certified: Certified }
  | { readonly kind: 'mempool'; readonly envs: readonly TxEnv[] }
  /** Certified blocks from this height on. */
  | { readonly kind: 'sync_ask'; readonly from: bigint }
  /** Consecutive, oldest first. */
  | { readonly kind: 'sync_blocks'; readonly blocks: readonly CertifiedBlock[] }
  /** What a restored signer asks (10.5). */
  | { readonly kind: 'standing_ask'; readonly nonce: Bytes }
  /** `floorEpoch`: below it the asker never signs again, by a Seal of its own or a Recovery that the answerer knows; 0: none. */
  | { readonly kind: 'standing'; readonly nonce: Bytes; readonly votedHeight: bigint; readonly floorEpoch: number }
  /** What a new leader asks (10.6): the highest EndorsementSet known at a height. */
  | { readonly kind: 'set_ask'; readonly epoch: number; readonly height: bigint }
  | { readonly kind: 'set'; readonly epoch: number; readonly height: bigint; readonly set: EndorsementSet | null }
  | { readonly kind: 'body_ask'; readonly height: bigint; readonly header: Bytes }
  | { readonly kind: 'body'; readonly block: BlockBody }
  | { readonly kind: 'envelope'; readonly bytes: Bytes }
  | { readonly kind: 'grant'; readonly bytes: Bytes }
  | { readonly kind: 'seal'; readonly signed: SignedSeal }
  /** Recoveries into epochs above this one. */
  | { readonly kind: 'recovery_ask'; readonly above: number }
  | { readonly kind: 'recovery'; readonly recovery: Recovery }
  | { readonly kind: 'evidence'; readonly evidenceKind: number; readonly a: Bytes; readonly b: Bytes }
  | { readonly kind: 'checkpoint_ask' }
  | { readonly kind: 'checkpoint'; readonly certified: Certified };

/** Type number and variant of each kind; `null`: the type has one body and no variant. */
const PLACE = {
  propose: [PEER_TYPE.propose, null],
  endorse: [PEER_TYPE.endorse, 0],
  refuse: [PEER_TYPE.endorse, 1],
  slot: [PEER_TYPE.slot, null],
  vote: [PEER_TYPE.vote, null],
  finality: [PEER_TYPE.finality, null],
  mempool: [PEER_TYPE.mempool, null],
  sync_ask: [PEER_TYPE.sync, 0],
  sync_blocks: [PEER_TYPE.sync, 1],
  standing_ask: [PEER_TYPE.sync, 2],
  standing: [PEER_TYPE.sync, 3],
  set_ask: [PEER_TYPE.sync, 4],
  set: [PEER_TYPE.sync, 5],
  body_ask: [PEER_TYPE.body, 0],
  body: [PEER_TYPE.body, 1],
  envelope: [PEER_TYPE.envelope, null],
  grant: [PEER_TYPE.grant, null],
  seal: [PEER_TYPE.seal, null],
  recovery_ask: [PEER_TYPE.recovery, 0],
  recovery: [PEER_TYPE.recovery, 1],
  evidence: [PEER_TYPE.evidence, null],
  checkpoint_ask: [PEER_TYPE.checkpoint, 0],
  checkpoint: [PEER_TYPE.checkpoint, 1],
} as const satisfies Readonly<Record<PeerBody['kind'], readonly [number, number | null]>>;

export const peerTypeOf = (body: PeerBody): number => PLACE[body.kind][0];

export function encodePeerBody(body: PeerBody): Bytes {
  const writer = new Writer();
  const variant = PLACE[body.kind][1];
  if (variant !== null) writer.uleb(variant);
  writeBody(writer, body);
  return writer.finish();
}

/** `null` for a type that this program does not know. @throws {ParseError} */
export function decodePeerBody(type: number, bytes: Uint8Array): PeerBody | null {
  const kinds = Object.entries(PLACE).filter(([, [number]]) => number === type);
  if (kinds.length === 0) return null;
  if (bytes.length > MAX_PEER_BODY) throw new ParseError('pce_over_limit', { bytes: bytes.length });
  return decodeWith((reader) => readByType(reader, type), bytes);
}

function writeBody(writer: Writer, body: PeerBody): void {
  switch (body.kind) {
    case 'propose':
      writeProposal(writer, body.proposal);
      return;
    case 'endorse':
    case 'vote':
      writeSignedVote(writer, body.statement);
      return;
    case 'refuse':
      writeRefusal(writer, body.refusal);
      return;
    case 'slot':
      writeEndorsementSet(writer, body.set);
      return;
    case 'finality':
    case 'checkpoint':
      writeCertified(writer, body.certified);
      return;
    case 'mempool':
      writer.vec(body.envs, writeTxEnv);
      return;
    case 'sync_ask':
      writer.u64(body.from);
      return;
    case 'sync_blocks':
      writer.vec(body.blocks, writeCertifiedBlock);
      return;
    case 'standing_ask':
      writer.b16(body.nonce);
      return;
    case 'standing':
      writer.b16(body.nonce).u64(body.votedHeight).u32(body.floorEpoch);
      return;
    case 'set_ask':
      writer.u32(body.epoch).u64(body.height);
      return;
    case 'set':
      writer.u32(body.epoch).u64(body.height).option(body.set, writeEndorsementSet);
      return;
    case 'body_ask':
      writer.u64(body.height).b32(body.header);
      return;
    case 'body':
      writeBlockBody(writer, body.block);
      return;
    case 'envelope':
    case 'grant':
      writer.fixed(body.bytes);
      return;
    case 'seal':
      writeSignedSeal(writer, body.signed);
      return;
    case 'recovery_ask':
      writer.u32(body.above);
      return;
    case 'recovery':
      writeRecovery(writer, body.recovery);
      return;
    case 'evidence':
      writer.u8(body.evidenceKind).bytes(body.a).bytes(body.b);
      return;
    case 'checkpoint_ask':
      return;
    default:
      unreachable(body);
  }
}

function readByType(reader: Reader, type: number): PeerBody {
  switch (type) {
    case PEER_TYPE.propose:
      return { kind: 'propose', proposal: readProposal(reader) };
    case PEER_TYPE.endorse:
      return readVariant(reader, [
        (r) => ({ kind: 'endorse', statement: readSignedVote(r) }),
        (r) => ({ kind: 'refuse', refusal: readRefusal(r) }),
      ]);
    case PEER_TYPE.slot:
      return { kind: 'slot', set: readEndorsementSet(reader) };
    case PEER_TYPE.vote:
      return { kind: 'vote', statement: readSignedVote(reader) };
    case PEER_TYPE.finality:
      return { kind: 'finality', certified: readCertified(reader) };
    case PEER_TYPE.mempool:
      return { kind: 'mempool', envs: reader.vec(readTxEnv, { smallest: SMALLEST_TX_ENV, max: MAX_BLOCK_TX }) };
    case PEER_TYPE.sync:
      return readVariant(reader, [
        (r) => ({ kind: 'sync_ask', from: r.u64() }),
        (r) => ({ kind: 'sync_blocks', blocks: r.vec(readCertifiedBlock, { smallest: 280, max: MAX_SYNC_BLOCKS }) }),
        (r) => ({ kind: 'standing_ask', nonce: r.b16() }),
        (r) => ({ kind: 'standing', nonce: r.b16(), votedHeight: r.u64(), floorEpoch: r.u32() }),
        (r) => ({ kind: 'set_ask', epoch: r.u32(), height: r.u64() }),
        (r) => ({ kind: 'set', epoch: r.u32(), height: r.u64(), set: r.option(readEndorsementSet) }),
      ]);
    case PEER_TYPE.body:
      return readVariant(reader, [
        (r) => ({ kind: 'body_ask', height: r.u64(), header: r.b32() }),
        (r) => ({ kind: 'body', block: readBlockBody(r) }),
      ]);
    case PEER_TYPE.envelope:
      return { kind: 'envelope', bytes: reader.fixed(reader.left) };
    case PEER_TYPE.grant:
      return { kind: 'grant', bytes: reader.fixed(reader.left) };
    case PEER_TYPE.seal:
      return { kind: 'seal', signed: readSignedSeal(reader) };
    case PEER_TYPE.recovery:
      return readVariant(reader, [
        (r) => ({ kind: 'recovery_ask', above: r.u32() }),
        (r) => ({ kind: 'recovery', recovery: readRecovery(r) }),
      ]);
    case PEER_TYPE.evidence:
      return { kind: 'evidence', evidenceKind: reader.u8(), a: reader.bytes(65_535), b: reader.bytes(65_535) };
    default:
      return readVariant(reader, [() => ({ kind: 'checkpoint_ask' }), (r) => ({ kind: 'checkpoint', certified: readCertified(r) })]);
  }
}

function readVariant(reader: Reader, variants: readonly ((reader: Reader) => PeerBody)[]): PeerBody {
  const variant = reader.uleb();
  const read = variants[variant];
  if (read === undefined) throw new ParseError('pce_unknown_variant', { offset: reader.offset, variant });
  return read(reader);
}

export function writeBlockBody(writer: Writer, block: BlockBody): void {
  writeHeader(writer, block.header);
  writer.vec(block.entries, writeEntry);
}

export function readBlockBody(reader: Reader): BlockBody {
  return { header: readHeader(reader), entries: reader.vec(readEntry, { smallest: SMALLEST_ENTRY, max: MAX_BLOCK_TX }) };
}

function writeProposal(writer: Writer, proposal: Proposal): void {
  writer.u64(proposal.term);
  writeBlockBody(writer, proposal);
  writer.option(proposal.set, writeEndorsementSet);
}

function readProposal(reader: Reader): Proposal {
  return { term: reader.u64(), ...readBlockBody(reader), set: reader.option(readEndorsementSet) };
}

function writeCertifiedBlock(writer: Writer, block: CertifiedBlock): void {
  writeCertified(writer, block);
  writer.vec(block.entries, writeEntry);
}

function readCertifiedBlock(reader: Reader): CertifiedBlock {
  return { ...readCertified(reader), entries: reader.vec(readEntry, { smallest: SMALLEST_ENTRY, max: MAX_BLOCK_TX }) };
}

function writeRefusal(writer: Writer, refusal: Refusal): void {
  writer.u32(refusal.epoch).u64(refusal.height).u64(refusal.term).b32(refusal.header).string(refusal.code);
  writer.option(refusal.tx, (w, tx) =>
    w
      .u32(tx.pos)
      .b32(tx.txId)
      .option(tx.txCode, (inner, code) => inner.string(code)),
  );
  writer.option(refusal.vote, writeSignedVote);
}

function readRefusal(reader: Reader): Refusal {
  return {
    epoch: reader.u32(),
    height: reader.u64(),
    term: reader.u64(),
    header: reader.b32(),
    code: reader.string(40),
    tx: reader.option((r) => ({ pos: r.u32(), txId: r.b32(), txCode: r.option((inner) => inner.string(40)) })),
    vote: reader.option(readSignedVote),
  };
}

export const encodeBlockBody = (block: BlockBody): Bytes => encodeWith(writeBlockBody, block);
/** @throws {ParseError} */
export const decodeBlockBody = (bytes: Uint8Array): BlockBody => decodeWith(readBlockBody, bytes);
