/** Vectors 9: header, Endorsements, Votes, their sets, Finality, Seals, a Recovery, and what each signature covers. */
import { recoveryApproval, recoveryHash, sealMessage } from '#ledger/block/recovery.ts';
import { voteMessage } from '#ledger/block/vote.ts';
import { encodeSignedVote } from '#ledger/codec/evidence.ts';
import { encodeGenesis } from '#ledger/codec/genesis.ts';
import {
  encodeEndorsementSet,
  encodeFinality,
  encodeHeader,
  encodeSubmitPromise,
  encodeVotePayload,
  type EndorsementSet,
} from '#ledger/codec/header.ts';
import { encodePeerMessage, PEER_TYPE } from '#ledger/codec/peer-message.ts';
import { encodePeerBody } from '#ledger/codec/peer-body.ts';
import { encodeRecovery, encodeSignedSeal } from '#ledger/codec/recovery.ts';
import { digestOf } from '#ledger/crypto/sm2.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { bytes32, seededPublicKey } from './ledger-world.ts';
import { type RecoveredWorld, recoveredChain } from './recovered-world.ts';

const NODES = ['operator', 'studio', 'supervisor', 'notary'] as const;
const nodeOf = (id: number): Bytes => seededPublicKey(`${NODES[id - 1] ?? ''} node`);

/** Each signature of a set with the message it covers and the digest that is signed in the end. */
function statements(world: RecoveredWorld, set: EndorsementSet, tag: 'PLP1/endorse' | 'PLP1/vote') {
  return set.sigs.map(({ member, sig }) => {
    const { epoch, height, term, header } = set;
    const vote = { epoch, height, term, header, member };
    const message = voteMessage(world.chain, vote, tag);
    return {
      payload: toHex(encodeVotePayload(vote)),
      message: toHex(message),
      pub: toHex(nodeOf(member)),
      e: toHex(digestOf(nodeOf(member), message)),
      signed: toHex(encodeSignedVote({ vote, sig })),
    };
  });
}

export function consortiumVectors(source: string): object {
  const { world, recovery } = recoveredChain(0);
  const { base } = recovery;
  assert(base !== null && world.tip.finality !== null, 'the chain has been through a recovery');
  const again = world.certify(base.header, 1n, 1);
  const promise = { txId: bytes32('promised'), by: 1_790_000_060_000n, member: 2 };
  const promised = signedMessage('PLP1/promise', world.chain, encodeSubmitPromise(promise));
  const body = encodePeerBody({ kind: 'slot', set: base.set });
  const peer = encodePeerMessage({ type: PEER_TYPE.slot, epoch: 0, height: base.header.height, from: 1, body });
  return {
    source,
    chain: toHex(world.chain),
    genesis: toHex(encodeGenesis(world.genesis)),
    header: toHex(encodeHeader(base.header)),
    headerHash: toHex(headerHash(base.header)),
    endorsements: statements(world, base.set, 'PLP1/endorse'),
    slot: toHex(encodeEndorsementSet(base.set)),
    tip: { header: toHex(encodeHeader(recovery.tip.header)), finality: toHex(encodeFinality(recovery.tip.finality)) },
    votesForBase: statements(world, again, 'PLP1/vote'),
    finalityOfBase: toHex(encodeFinality(again)),
    seals: recovery.seals.map((signed) => {
      const pub = nodeOf(signed.seal.member);
      const message = sealMessage(world.chain, signed);
      return { signed: toHex(encodeSignedSeal(signed)), message: toHex(message), pub: toHex(pub), e: toHex(digestOf(pub, message)) };
    }),
    recovery: {
      bytes: toHex(encodeRecovery(recovery)),
      approvalMessage: toHex(recoveryApproval(world.chain, recovery)),
      ext: toHex(recoveryHash(recovery)),
    },
    next: { header: toHex(encodeHeader(world.tip.header)), finality: toHex(encodeFinality(world.tip.finality)) },
    promise: { payload: toHex(encodeSubmitPromise(promise)), message: toHex(promised), e: toHex(digestOf(nodeOf(2), promised)) },
    peer: { bytes: toHex(peer), message: toHex(signedMessage('PLP1/peer', world.chain, peer)) },
  };
}
