/** What convicts a member, and what only looks like it (`ledger.md` 14). */
import { describe, expect, test } from 'vitest';
import { sealMessage } from '#ledger/block/recovery.ts';
import { voteMessage } from '#ledger/block/vote.ts';
import { encodeSignedVote } from '#ledger/codec/evidence.ts';
import type { Header, VotePayload } from '#ledger/codec/header.ts';
import { type Certified, encodeCertified, encodeSignedSeal, type Seal } from '#ledger/codec/recovery.ts';
import { type Bytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { bytes32, hashSm2, seededKey, seededPublicKey, World } from '#test/vectors/ledger-world.ts';
import { EVIDENCE } from './evidence.ts';

const world = new World();
seededPublicKey('operator node');
seededPublicKey('operator governance');

type Tag = 'PLP1/vote' | 'PLP1/endorse';
const X = bytes32('header x');
const Y = bytes32('header y');
const AT: VotePayload = { epoch: 0, height: 7n, term: 3n, header: X, member: 1 };

function said(change: Partial<VotePayload> = {}, tag: Tag = 'PLP1/vote', key = 'operator node'): Bytes {
  const vote = { ...AT, ...change };
  return encodeSignedVote({ vote, sig: hashSm2.sign(seededKey(key), voteMessage(world.chain, vote, tag)) });
}
const endorsed = (change: Partial<VotePayload> = {}): Bytes => said(change, 'PLP1/endorse');

const SEAL: Seal = { newEpoch: 1, member: 1, tipHeight: 6n, tipHeader: bytes32('tip'), epoch: 0, term: 2n, base: X };
function sealed(change: Partial<Seal> = {}, key = 'operator node'): Bytes {
  const seal = { ...SEAL, ...change };
  return encodeSignedSeal({ seal, sig: hashSm2.sign(seededKey(key), sealMessage(world.chain, { seal })), set: null });
}

function certified(change: Partial<Header> = {}, voters: readonly number[] = [1]): Bytes {
  const header: Header = { ...world.header, height: 7n, ...change };
  const hash = headerHash(header);
  const vote = { ...AT, height: header.height, header: hash };
  const sig = hashSm2.sign(seededKey('operator node'), voteMessage(world.chain, vote));
  const finality = { epoch: 0, height: header.height, term: vote.term, header: hash, sigs: voters.map((member) => ({ member, sig })) };
  return encodeCertified({ header, finality } satisfies Certified);
}

const code = (evidenceKind: number, a: Bytes, b: Bytes) => world.code({ kind: 'evidence', evidenceKind, a, b }, ['operator']);

describe('convicts', () => {
  test.each([
    ['two Votes for two headers', EVIDENCE.twoVotes, said(), said({ header: Y })],
    ['two Votes in two terms for one header', EVIDENCE.twoVotes, said(), said({ term: 4n })],
    ['two Endorsements in one term', EVIDENCE.twoEndorsements, endorsed(), endorsed({ header: Y })],
    ['a Vote, then an Endorsement of another header', EVIDENCE.voteAgainstEndorsement, said(), endorsed({ term: 4n, header: Y })],
    ['a Seal that hides a Vote in a higher term', EVIDENCE.sealAgainstVote, sealed(), said()],
    ['a Seal that reports another header of the Vote’s term', EVIDENCE.sealAgainstVote, sealed({ term: 3n, base: Y }), said()],
    ['a Seal that reports nothing, and a Vote', EVIDENCE.sealAgainstVote, sealed({ term: 0n, base: ZERO_32 }), said({ term: 1n })],
    ['two Finalities of one height', EVIDENCE.twoFinalities, certified(), certified({ sealedAt: 1n })],
  ])('%s', (_, kind, a, b) => {
    expect(code(kind, a, b)).toBeNull();
  });
});

describe('convicts nobody', () => {
  test.each([
    ['one Vote twice', 1, said(), said()],
    ['Votes at two heights', 1, said(), said({ height: 8n, header: Y })],
    ['Votes in two epochs', 1, said(), said({ epoch: 1, header: Y })],
    ['Votes of two members', 1, said(), said({ member: 2, header: Y })],
    ['a Vote with another key', 1, said(), said({ header: Y }, 'PLP1/vote', 'operator governance')],
    ['an Endorsement shown as a Vote', 1, said(), endorsed({ header: Y })],
    ['a byte short', 1, said().slice(1), said({ header: Y })],
    ['Endorsements in two terms', 2, endorsed(), endorsed({ term: 4n, header: Y })],
    ['one Endorsement twice', 2, endorsed(), endorsed()],
    ['two Votes as Endorsements', 2, said(), said({ header: Y })],
    ['an Endorsement before the Vote', 3, said(), endorsed({ term: 2n, header: Y })],
    ['an Endorsement in the term of the Vote', 3, said(), endorsed({ header: Y })],
    ['an Endorsement of the same header later', 3, said(), endorsed({ term: 4n })],
    ['Vote and Endorsement in the wrong order', 3, endorsed({ term: 4n, header: Y }), said()],
    ['a Seal that reports the set behind the Vote', 4, sealed({ term: 3n }), said()],
    ['a Seal that reports a higher set', 4, sealed({ term: 9n, base: Y }), said()],
    ['a Vote in the new epoch', 4, sealed({ newEpoch: 0 }), said()],
    ['a Vote at another height', 4, sealed({ tipHeight: 5n }), said()],
    ['a Seal of another member', 4, sealed({ member: 2 }), said()],
    ['a Seal with another key', 4, sealed({}, 'operator governance'), said()],
    ['an Endorsement after the Seal', 4, sealed(), endorsed()],
    ['one Finality twice', 5, certified(), certified()],
    ['Finalities of two heights', 5, certified(), certified({ height: 8n })],
    ['a Finality without Votes', 5, certified(), certified({ sealedAt: 1n }, [])],
    ['a Finality with a stranger’s Vote', 5, certified(), certified({ sealedAt: 1n }, [2])],
    ['a Finality of another chain', 5, certified(), certified({ chain: bytes32('elsewhere') })],
    ['kind 0', 0, said(), said({ header: Y })],
    ['kind 6', 6, said(), said({ header: Y })],
  ])('%s', (_, kind, a, b) => {
    expect(code(kind, a, b)).toBe('evidence_invalid');
  });
});

test('the record names the member', () => {
  world.do({ kind: 'evidence', evidenceKind: EVIDENCE.sealAgainstVote, a: sealed(), b: said() }, ['operator']);
  expect(world.state.recordsOfKind(5).map((record) => record.a)).toEqual([1n]);
  expect(code(EVIDENCE.sealAgainstVote, sealed(), said())).toBe('evidence_known');
});
