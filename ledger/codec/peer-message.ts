/** The frame of every message between members (`ledger.md` 21), signed by the sender's node key under tag `PLP1/peer`. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { decodeWith, type Reader } from './reader.ts';
import { encodeWith, type Writer } from './writer.ts';

/** In the order of `ledger.md` 21. Unknown numbers are ignored by the receiver, never refused. */
export const PEER_TYPE = {
  propose: 1,
  endorse: 2,
  slot: 3,
  vote: 4,
  finality: 5,
  mempool: 6,
  sync: 7,
  body: 8,
  envelope: 9,
  grant: 10,
  seal: 11,
  recovery: 12,
  evidence: 13,
  checkpoint: 14,
} as const;

export const MAX_PEER_BODY = 4 * 1024 * 1024;

export interface PeerMessage {
  readonly type: number;
  /** In force at the sender. */
  readonly epoch: number;
  /** That the sender is working on: its tip + 1. */
  readonly height: bigint;
  readonly from: number;
  readonly body: Bytes;
}

export interface SignedPeerMessage {
  readonly message: PeerMessage;
  readonly sig: Bytes;
}

export function writePeerMessage(writer: Writer, message: PeerMessage): void {
  writer.u8(message.type).u32(message.epoch).u64(message.height).u16(message.from).bytes(message.body);
}

export function readPeerMessage(reader: Reader): PeerMessage {
  return {
    type: reader.u8(),
    epoch: reader.u32(),
    height: reader.u64(),
    from: reader.u16(),
    body: reader.bytes(MAX_PEER_BODY),
  };
}

export const encodePeerMessage = (message: PeerMessage): Bytes => encodeWith(writePeerMessage, message);

export const encodeSignedPeerMessage = (signed: SignedPeerMessage): Bytes =>
  encodeWith((writer, { message, sig }: SignedPeerMessage) => {
    writePeerMessage(writer, message);
    writer.b64(sig);
  }, signed);

/** @throws {ParseError} */
export const decodeSignedPeerMessage = (bytes: Uint8Array): SignedPeerMessage =>
  decodeWith((reader): SignedPeerMessage => ({ message: readPeerMessage(reader), sig: reader.b64() }), bytes);
