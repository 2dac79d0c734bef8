/** A Vote or an Endorsement with its signature, as evidence of misbehaviour carries it (`ledger.md` 14): 118 B. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { readVotePayload, type VotePayload, writeVotePayload } from './header.ts';
import { decodeWith, type Reader } from './reader.ts';
import { encodeWith, type Writer } from './writer.ts';

export interface SignedVote {
  readonly vote: VotePayload;
  readonly sig: Bytes;
}

export function writeSignedVote(writer: Writer, signed: SignedVote): void {
  writeVotePayload(writer, signed.vote);
  writer.b64(signed.sig);
}

export function readSignedVote(reader: Reader): SignedVote {
  return { vote: readVotePayload(reader), sig: reader.b64() };
}

export const encodeSignedVote = (signed: SignedVote): Bytes => encodeWith(writeSignedVote, signed);
/** @throws {ParseError} */
export const decodeSignedVote = (bytes: Uint8Array): SignedVote => decodeWith(readSignedVote, bytes);
