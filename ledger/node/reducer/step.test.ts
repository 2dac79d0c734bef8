/** Single members, step by step: the checks of 10.3 in their order, the three rules, and record before signature. */
import { beforeEach, describe, expect, test } from 'vitest';
import { buildBlock } from '#ledger/block/block.ts';
import { genesisState } from '#ledger/block/genesis.ts';
import { genesisFinality, NO_BASE, recoveryHash, sealMessage } from '#ledger/block/recovery.ts';
import { voteMessage } from '#ledger/block/vote.ts';
import type { SignedVote } from '#ledger/codec/evidence.ts';
import { type EndorsementSet, encodeEndorsementSet, type Header, type VotePayload } from '#ledger/codec/header.ts';
import type { PeerBody, Proposal } from '#ledger/codec/peer-body.ts';
import type { Recovery, SignedSeal } from '#ledger/codec/recovery.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { type Bytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { configHash, headerHash } from '#ledger/tx/ids.ts';
import { FOUNDING, nodeKey, simSm2 } from '#test/simulation/founding.ts';
import { bytes32, FIRST_EPOCH, START } from '#test/vectors/ledger-world.ts';
import type { Effect } from './effects.ts';
import type { MemberEvent } from './events.ts';
import { type SignRecord, signedPart } from './records.ts';
import { type StoredFacts, startMember } from './start.ts';
import type { Ground, MemberState } from './state.ts';
import { step } from './step.ts';

const SELF = 2;
const ground: Ground = { chain: FOUNDING.chain, self: SELF, verify: simSm2.verify };
const { config } = FOUNDING.genesis;

const FACTS: StoredFacts = {
  tip: { header: FOUNDING.header, finality: null },
  config,
  isConfigPending: false,
  configs: [config],
  recoveries: [],
  records: { endorsements: [], votes: [] },
  seals: [],
  peerSeals: [],
  signedEpoch: 0,
  bodies: [],
  waiting: [],
  promises: [],
  isRestored: false,
  quietUntil: 0n,
};

/** An empty block; `n` milliseconds tell one from another. */
function header(n: number): Header {
  const state = genesisState(FOUNDING.genesis);
  const sealedAt = START + 10_000n + BigInt(n);
  const ground = { state, config, prevHeader: FOUNDING.header, ...FIRST_EPOCH, demonstration: true, verify: simSm2.verify };
  return buildBlock({ ...ground, sealedAt, envs: [] }).header;
}
const X = header(1);
const Y = header(2);

function said(member: number, payload: Omit<VotePayload, 'member'>, tag: 'PLP1/endorse' | 'PLP1/vote'): SignedVote {
  const vote = { ...payload, member };
  return { vote, sig: simSm2.sign(nodeKey(member).privateKey, voteMessage(FOUNDING.chain, vote, tag)) };
}

function setOf(of: Header, term: bigint, members: readonly number[] = [1, 3, 4]): EndorsementSet {
  const place = { epoch: 0, height: 1n, term, header: headerHash(of) };
  return { ...place, sigs: members.map((id) => ({ member: id, sig: said(id, place, 'PLP1/endorse').sig })) };
}

class Member {
  state: MemberState;
  elapsed = 0n;
  clock = START + 10_500n;
  constructor(facts: Partial<StoredFacts> = {}) {
    this.state = startMember(ground, { ...FACTS, ...facts }, this.#moment());
  }

  #moment() {
    return { clock: this.clock, elapsed: this.elapsed, random: (length: number) => new Uint8Array(length) };
  }

  take(event: MemberEvent): readonly Effect[] {
    const next = step(ground, this.state, event, this.#moment());
    this.state = next.state;
    return next.effects;
  }

  hear(body: PeerBody, from = 1): readonly Effect[] {
    return this.take({ kind: 'message', from, body });
  }

  propose(of: Header, term: bigint, change: Partial<Proposal> = {}): readonly Effect[] {
    return this.hear({ kind: 'propose', proposal: { header: of, entries: [], term, set: null, ...change } });
  }

  read(term: bigint, slot: Bytes | null = null): readonly Effect[] {
    return this.take({ kind: 'engine_read', purpose: 'propose', epoch: 0, height: 1n, term, slot });
  }

  checked(of: Header, scope: 'endorse' | 'vote' = 'endorse'): readonly Effect[] {
    return this.take({ kind: 'block_checked', header: headerHash(of), scope, verdict: { kind: 'sound' } });
  }

  /** Stores and signs every record that is asked for; what was sent in the end. */
  carryOut(effects: readonly Effect[]): readonly Effect[] {
    const records = effects.flatMap((effect) => (effect.kind === 'store_record' ? [effect.record] : []));
    return records.flatMap((record) => {
      this.take({ kind: 'record_stored', record });
      const { tag, payload } = signedPart(record);
      const sig = simSm2.sign(nodeKey(SELF).privateKey, signedMessage(tag, FOUNDING.chain, payload));
      return this.take({ kind: 'signed', record, sig });
    });
  }

  endorse(of: Header, term: bigint): readonly Effect[] {
    const first = this.propose(of, term);
    if (first.some((effect) => effect.kind === 'read_engine')) this.read(term);
    return this.carryOut(this.checked(of));
  }

  vote(of: Header, term: bigint): readonly Effect[] {
    this.hear({ kind: 'slot', set: setOf(of, term) });
    this.hear({ kind: 'body', block: { header: of, entries: [] } });
    const decided = this.checked(of, 'vote');
    const again = decided.length > 0 ? decided : this.hear({ kind: 'slot', set: setOf(of, term) });
    return this.carryOut(again);
  }
}

const kinds = (effects: readonly Effect[]): readonly string[] => effects.map((effect) => effect.kind);
const refusals = (effects: readonly Effect[]): readonly string[] =>
  effects.flatMap((effect) => (effect.kind === 'send' && effect.body.kind === 'refuse' ? [effect.body.refusal.code] : []));
const records = (effects: readonly Effect[]): readonly SignRecord['kind'][] =>
  effects.flatMap((effect) => (effect.kind === 'store_record' ? [effect.record.kind] : []));

let member = new Member();
beforeEach(() => {
  member = new Member();
});

describe('record before signature', () => {
  test('an Endorsement: body, record, acknowledgement, signature, message', () => {
    expect(kinds(member.propose(X, 1n))).toEqual(['read_engine']);
    expect(kinds(member.read(1n))).toEqual(['check_block']);
    const stored = member.checked(X);
    expect(kinds(stored)).toEqual(['store_body', 'store_record']);
    const record: SignRecord = { kind: 'endorsement', payload: { epoch: 0, height: 1n, term: 1n, header: headerHash(X), member: SELF } };
    expect(member.take({ kind: 'record_stored', record })).toEqual([{ kind: 'sign', record }]);
    expect(kinds(member.take({ kind: 'signed', record, sig: said(SELF, record.payload, 'PLP1/endorse').sig }))).toEqual(['send']);
  });

  test('a Vote: body, record, acknowledgement, signature, message to all', () => {
    member.endorse(X, 1n);
    const voted = member.hear({ kind: 'slot', set: setOf(X, 1n) });
    expect(kinds(voted)).toEqual(['store_body', 'store_record']);
    expect(kinds(member.carryOut(voted))).toContain('send');
  });

  test('a record that may not have been stored signs nothing, and binds', () => {
    member.propose(X, 1n);
    member.read(1n);
    const [record] = member.checked(X).flatMap((effect) => (effect.kind === 'store_record' ? [effect.record] : []));
    if (record === undefined) throw new Error('a record was asked for');
    expect(kinds(member.take({ kind: 'record_failed', record }))).toEqual(['alert']);
    expect(refusals(member.propose(Y, 1n))).toEqual(['stale_term']);
    // The same proposal tries the same record again.
    expect(records(member.propose(X, 1n))).toEqual(['endorsement']);
  });
});

describe('S1', () => {
  test('terms only rise', () => {
    member.endorse(X, 5n);
    expect(refusals(member.propose(Y, 5n))).toEqual(['stale_term']);
    expect(refusals(member.propose(Y, 4n))).toEqual(['stale_term']);
    expect(kinds(member.propose(Y, 6n))).toEqual(['read_engine']);
  });

  test('after a Vote for X no Endorsement of Y, in any term; the refusal shows the Vote', () => {
    member.vote(X, 3n);
    const effects = member.propose(Y, 9n);
    expect(refusals(effects)).toEqual(['locked']);
    const [sent] = effects.flatMap((effect) => (effect.kind === 'send' && effect.body.kind === 'refuse' ? [effect.body.refusal.vote] : []));
    expect(sent?.vote).toEqual({ epoch: 0, height: 1n, term: 3n, header: headerHash(X), member: SELF });
    expect(kinds(member.propose(X, 9n))).toEqual(['read_engine']);
  });

  test('after a Vote for X an Endorsement of Y whose record failed is not tried again, nor signed when its record is there after all', () => {
    member.propose(Y, 1n);
    member.read(1n);
    const [record] = member.checked(Y).flatMap((effect) => (effect.kind === 'store_record' ? [effect.record] : []));
    if (record === undefined) throw new Error('a record was asked for');
    member.take({ kind: 'record_failed', record });
    member.vote(X, 1n);
    const again = member.propose(Y, 1n);
    expect(records(again)).toEqual([]);
    expect(refusals(again)).toEqual(['locked']);
    expect(kinds(member.take({ kind: 'record_stored', record }))).toEqual([]);
  });

  test('a Vote that falls while a proposal is examined counts', () => {
    member.propose(Y, 9n);
    member.read(9n);
    member.vote(X, 3n);
    expect(refusals(member.checked(Y))).toEqual(['locked']);
  });

  test('records of a process before this one bind', () => {
    const payload = { epoch: 0, height: 1n, term: 5n, header: headerHash(X), member: SELF };
    member = new Member({ records: { endorsements: [payload], votes: [] } });
    expect(refusals(member.propose(Y, 5n))).toEqual(['stale_term']);
    member = new Member({ records: { endorsements: [], votes: [{ payload, set: setOf(X, 5n) }] } });
    expect(refusals(member.propose(Y, 9n))).toEqual(['locked']);
  });
});

describe('S2', () => {
  test('one Vote at a height, and only for a header with a set', () => {
    member.vote(X, 3n);
    expect(records(member.hear({ kind: 'slot', set: setOf(Y, 4n) }))).toEqual([]);
    expect(records(member.hear({ kind: 'slot', set: setOf(X, 4n) }))).toEqual([]);
  });

  test.each([
    ['short of a quorum', setOf(X, 1n, [1, 3])],
    ['with a false signature', { ...setOf(X, 1n), sigs: setOf(Y, 1n).sigs }],
    ['of another term', { ...setOf(X, 1n), term: 2n }],
    ['with a member twice', { ...setOf(X, 1n), sigs: setOf(X, 1n, [1, 1, 3]).sigs }],
  ])('no Vote for a set %s', (_, set) => {
    member.endorse(X, 1n);
    const effects = member.hear({ kind: 'slot', set });
    expect(records(effects)).toEqual([]);
    expect(kinds(effects)).toEqual(['alert']);
  });
});

test('S3: no Vote below the highest endorsed term', () => {
  member.endorse(X, 5n);
  expect(records(member.hear({ kind: 'slot', set: setOf(X, 4n) }))).toEqual([]);
  expect(records(member.hear({ kind: 'slot', set: setOf(X, 5n) }))).toEqual(['vote']);
});

test('Votes count for one term and header only', () => {
  const vote = (id: number, term: bigint, of = X) =>
    member.hear({ kind: 'vote', statement: said(id, { epoch: 0, height: 1n, term, header: headerHash(of) }, 'PLP1/vote') }, id);
  vote(1, 1n);
  vote(3, 1n);
  expect(member.state.round.certifying).toBeNull();
  vote(4, 2n);
  expect(member.state.round.certifying).toBeNull();
  vote(4, 1n, Y);
  expect(member.state.round.certifying).toBeNull();
});

describe('10.3, one fault after the other', () => {
  const cases: readonly (readonly [string, Partial<Header>])[] = [
    ['bad_link', { chain: bytes32('elsewhere') }],
    ['bad_link', { epoch: 1 }],
    ['bad_link', { configHash: ZERO_32 }],
    ['bad_link', { prevHash: ZERO_32 }],
    ['bad_link', { ext: bytes32('a recovery that was not') }],
    ['bad_link', { txCount: 1 }],
    ['time_range', { sealedAt: START + 13_000n }],
    ['time_range', { sealedAt: FOUNDING.header.sealedAt }],
  ];
  test.each(cases)('%s %o', (code, change) => {
    member.propose({ ...X, ...change }, 1n);
    expect(refusals(member.read(1n))).toEqual([code]);
  });

  test('behind comes before everything, then not_leader, then slot_taken', () => {
    expect(refusals(member.propose({ ...X, height: 3n, prevHash: ZERO_32 }, 1n))).toEqual(['behind']);
    member.propose({ ...X, prevHash: ZERO_32 }, 1n);
    expect(refusals(member.read(2n, encodeEndorsementSet(setOf(Y, 1n))))).toEqual(['not_leader']);
    member.propose({ ...X, prevHash: ZERO_32 }, 1n);
    expect(refusals(member.read(1n, encodeEndorsementSet(setOf(Y, 1n))))).toEqual(['slot_taken']);
  });

  test('an old header passes when a quorum has endorsed it before', () => {
    member.clock = START + 200_000n;
    member.propose(X, 7n);
    expect(refusals(member.read(7n))).toEqual(['time_range']);
    expect(kinds(member.propose(X, 7n, { set: setOf(X, 3n) }))).toEqual(['check_block']);
  });

  test('what execution finds is what the leader hears, with place and code', () => {
    member.propose(X, 1n);
    member.read(1n);
    const verdict = { kind: 'rejected', code: 'tx_refused', tx: { pos: 0, txId: bytes32('tx'), txCode: 'item_frozen' } } as const;
    const effects = member.take({ kind: 'block_checked', header: headerHash(X), scope: 'endorse', verdict });
    expect(effects).toMatchObject([
      { kind: 'send', body: { kind: 'refuse', refusal: { code: 'tx_refused', tx: { txCode: 'item_frozen' } } } },
    ]);
  });
});

test('a Finality is believed for its Votes, not for its sender', () => {
  const finality = (voters: readonly number[], of = X) => {
    const place = { epoch: 0, height: 1n, term: 1n, header: headerHash(of) };
    return { ...place, sigs: voters.map((id) => ({ member: id, sig: said(id, place, 'PLP1/vote').sig })) };
  };
  member.hear({ kind: 'finality', certified: { header: X, finality: finality([1, 3]) } });
  expect(member.state.round.certifying).toBeNull();
  member.hear({ kind: 'finality', certified: { header: X, finality: { ...finality([1, 3, 4]), sigs: finality([1, 3, 4], Y).sigs } } });
  expect(member.state.round.certifying).toBeNull();
  member.hear({ kind: 'finality', certified: { header: X, finality: finality([1, 3, 4]) } });
  expect(member.state.round.certifying?.header).toEqual(headerHash(X));
});

test('after a Recovery with a base nothing else is endorsable at that height', () => {
  const next = { ...config, epoch: 1 };
  const recovery: Recovery = {
    kind: 0,
    newEpoch: 1,
    config: next,
    tip: { header: FOUNDING.header, finality: genesisFinality(headerHash(FOUNDING.header)) },
    base: { header: X, set: setOf(X, 3n) },
    seals: [],
    openedAt: 0n,
    closedAt: 0n,
    approvals: [],
  };
  member = new Member({ recoveries: [recovery], configs: [config, next] });
  const read = () => member.take({ kind: 'engine_read', purpose: 'propose', epoch: 1, height: 1n, term: 9n, slot: null });
  member.propose(Y, 9n);
  expect(refusals(read())).toEqual(['bad_link']);
  expect(refusals(member.propose({ ...Y, epoch: 1, configHash: configHash(next), ext: recoveryHash(recovery) }, 9n))).toEqual(['bad_link']);
  expect(kinds(member.propose(X, 9n))).toEqual(['check_block']);
});

describe('abstaining', () => {
  const standing = ({ votedHeight = 0n, floorEpoch = 0 }) =>
    ({ kind: 'standing', nonce: new Uint8Array(16), votedHeight, floorEpoch }) as const;
  const sealOf = (id: number): SignedSeal => {
    const seal = { newEpoch: 1, member: id, tipHeight: 0n, tipHeader: headerHash(FOUNDING.header), ...NO_BASE };
    return { seal, sig: simSm2.sign(nodeKey(id).privateKey, sealMessage(FOUNDING.chain, { seal })), set: null };
  };

  test('a Seal that a restored signer has forgotten binds it: whoever heard it says so, and counts only when it is back', () => {
    member = new Member({ isRestored: true });
    member.elapsed = 1000n;
    member.take({ kind: 'tick' });
    for (const id of [1, 3]) member.hear(standing({}), id);
    // The Seal itself was lost on the way: the answer waits for it.
    member.hear(standing({ floorEpoch: 1 }), 4);
    expect(member.state.standing.kind).toBe('asking');
    expect(records(member.hear({ kind: 'seal', signed: sealOf(SELF) }, 4))).toEqual(['seal']);
    member.hear(standing({ floorEpoch: 1 }), 4);
    expect(member.state).toMatchObject({ standing: { kind: 'signing' }, floorEpoch: 1, quietUntil: 1n });
    expect(member.propose(X, 1n)).toEqual([]);
  });

  test('a Seal of another counts when it is on the disk, and is still told after a restart', () => {
    const signed = sealOf(4);
    const heard = member.hear({ kind: 'seal', signed }, 4);
    expect(kinds(heard)).toEqual(['store_peer_seal']);
    expect(member.state.seals.size).toBe(0);
    member.take({ kind: 'peer_seal_stored', signed });
    expect(kinds(member.hear({ kind: 'seal', signed }, 4))).toEqual([]);
    const again = new Member({ peerSeals: [signed] });
    const told = again.hear({ kind: 'standing_ask', nonce: new Uint8Array(16) }, 4);
    expect(told.flatMap((effect) => (effect.kind === 'send' ? [effect.body] : []))).toEqual([
      { kind: 'seal', signed },
      standing({ floorEpoch: 1 }),
    ]);
  });

  test('a restored signer signs nothing at heights up to R + 1', () => {
    member = new Member({ isRestored: true });
    member.elapsed = 1000n;
    expect(kinds(member.take({ kind: 'tick' }))).toContain('send');
    expect(member.propose(X, 1n)).toEqual([]);
    for (const id of [1, 3]) member.hear(standing({ votedHeight: 0n }), id);
    expect(member.propose(X, 1n)).toEqual([]);
    member.hear(standing({ votedHeight: 4n }), 4);
    expect(member.state.quietUntil).toBe(5n);
    expect(member.propose(X, 1n)).toEqual([]);
  });

  test('an own signature without its record makes a member abstain', () => {
    const statement = said(SELF, { epoch: 0, height: 1n, term: 1n, header: headerHash(Y) }, 'PLP1/vote');
    expect(kinds(member.hear({ kind: 'vote', statement }))).toContain('alert');
    expect(member.state.standing.kind).toBe('asking');
    expect(member.propose(X, 1n)).toEqual([]);
  });
});

describe('seals', () => {
  const seal = (newEpoch: number): readonly Effect[] => {
    member.take({ kind: 'seal_ordered', newEpoch });
    member.elapsed += 1500n;
    return member.take({ kind: 'tick' });
  };

  test('a Seal reports the set behind the Vote, and nothing is signed below it', () => {
    member.vote(X, 3n);
    const sealed = seal(1);
    const [record] = sealed.flatMap((effect) => (effect.kind === 'store_record' ? [effect.record] : []));
    expect(record).toMatchObject({ kind: 'seal', seal: { newEpoch: 1, tipHeight: 0n, epoch: 0, term: 3n, base: headerHash(X) } });
    expect(member.propose(X, 9n)).toEqual([]);
  });

  test('a later Seal only rises', () => {
    member.carryOut(seal(3));
    expect(records(seal(3))).toEqual([]);
    expect(records(seal(2))).toEqual([]);
    expect(records(seal(4))).toEqual(['seal']);
  });

  test('an Endorsement whose record is acknowledged after a Seal is never signed', () => {
    member.propose(X, 1n);
    member.read(1n);
    const [record] = member.checked(X).flatMap((effect) => (effect.kind === 'store_record' ? [effect.record] : []));
    seal(1);
    if (record === undefined) throw new Error('a record was asked for');
    expect(member.take({ kind: 'record_stored', record })).toEqual([]);
  });
});

test('what waited at the start is told to the others with the first tick: another may lead before this member does', () => {
  const body = { chain: FOUNDING.chain, salt: new Uint8Array(16), notBefore: START, notAfter: START + 60_000n };
  const env = { body: { ...body, op: { kind: 'burn', serial: 0n, ver: 1n } as const }, sigs: [] };
  const member = new Member({ waiting: [{ txId: bytes32('waiting'), env }] });
  member.elapsed += 500n;
  const pushed = member
    .take({ kind: 'tick' })
    .flatMap((effect) => (effect.kind === 'send' && effect.body.kind === 'mempool' ? [effect.body] : []));
  expect(pushed).toEqual([{ kind: 'mempool', envs: [env] }]);
});
