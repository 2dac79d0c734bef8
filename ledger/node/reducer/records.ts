/** What a member is bound by: the rows of its signer (`ledger.md` 10.4, 13.1). A record is durable before its signature exists. */
import { type EndorsementSet, encodeSubmitPromise, encodeVotePayload, type SubmitPromise, type VotePayload } from '#ledger/codec/header.ts';
import { encodeSeal, type Seal } from '#ledger/codec/recovery.ts';
import type { Tag } from '#ledger/crypto/tagged-hash.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';

export type SignRecord =
  /** Key (epoch, height, term). */
  | { readonly kind: 'endorsement'; readonly payload: VotePayload }
  /** Key (epoch, height). The set is stored with it: a Seal must report at least that one. */
  | { readonly kind: 'vote'; readonly payload: VotePayload; readonly set: EndorsementSet }
  /** Key (newEpoch). */
  | { readonly kind: 'seal'; readonly seal: Seal; readonly set: EndorsementSet | null }
  /** Key (txId). */
  | { readonly kind: 'promise'; readonly promise: SubmitPromise };

/** What the node key signs for a record: `Sign(tag, payload)`. */
export function signedPart(record: SignRecord): { readonly tag: Tag; readonly payload: Bytes } {
  switch (record.kind) {
    case 'endorsement':
      return { tag: 'PLP1/endorse', payload: encodeVotePayload(record.payload) };
    case 'vote':
      return { tag: 'PLP1/vote', payload: encodeVotePayload(record.payload) };
    case 'seal':
      return { tag: 'PLP1/seal', payload: encodeSeal(record.seal) };
    case 'promise':
      return { tag: 'PLP1/promise', payload: encodeSubmitPromise(record.promise) };
  }
}
