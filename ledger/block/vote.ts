/** Votes and Finality of a header (`ledger.md` 10.1). With one member the term is 1 and one Vote is Finality. */
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import { encodeVotePayload, type Finality, type Header, type VotePayload } from '#ledger/codec/header.ts';
import { isSignatureInRange } from '#ledger/crypto/sm2.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { type Bytes, equalBytes } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { satisfies } from './policy.ts';

/** The 102 bytes that a Vote or an Endorsement signs. */
export function voteMessage(chain: Uint8Array, vote: VotePayload, tag: 'PLP1/vote' | 'PLP1/endorse' = 'PLP1/vote'): Bytes {
  return signedMessage(tag, chain, encodeVotePayload(vote));
}

/** A member's Vote for a header, to be signed with its node key. */
export function votePayload(header: Header, term: bigint, member: number): VotePayload {
  return { epoch: header.epoch, height: header.height, term, header: headerHash(header), member };
}

export type FinalityFault = 'finality_header' | 'finality_member' | 'finality_signature' | 'finality_policy';

/** `null` when the Finality certifies this header under this configuration. `epoch`: of the Recovery that has the header as its base (13.2). */
export function refuseFinality(
  finality: Finality,
  header: Header,
  config: ConsortiumConfig,
  verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean,
  epoch: number = header.epoch,
): FinalityFault | null {
  if (!equalBytes(finality.header, headerHash(header)) || finality.height !== header.height || finality.epoch !== epoch)
    return 'finality_header';
  const voted = new Set<number>();
  for (const { member, sig } of finality.sigs) {
    const known = config.members.find((each) => each.id === member);
    if (known === undefined || voted.has(member)) return 'finality_member';
    const message = voteMessage(header.chain, { ...votePayload(header, finality.term, member), epoch });
    if (!isSignatureInRange(sig) || !verify(known.pub, message, sig)) return 'finality_signature';
    voted.add(member);
  }
  return satisfies(config.finality, voted, config.members) ? null : 'finality_policy';
}
