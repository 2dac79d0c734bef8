/** Disaster tests of `ledger.md` 22 that need a plot of their own rather than chance; the same members, disks and network. */
import { describe, expect, test } from 'vitest';
import { draftRecovery, highestReported, recoveryApproval, refuseRecovery, withApproval } from '#ledger/block/recovery.ts';
import type { BlockBody } from '#ledger/codec/peer-body.ts';
import type { Recovery, SignedSeal } from '#ledger/codec/recovery.ts';
import type { TxCheck } from '#ledger/node/reducer/check-block.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { equalBytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { headerHash, txIdOf } from '#ledger/tx/ids.ts';
import { draft } from '#server/members/recovery.ts';
import { actor, defineClass } from '#test/vectors/ledger-world.ts';
import { atLeast, configOf, FOUNDING, governanceKey, simSm2 } from './founding.ts';
import { CensoringMember } from './odd-members.ts';
import { SimMember } from './sim-member.ts';
import { World } from './world.ts';

/** A quiet consortium with one class. */
function begin(make?: (world: World, id: number) => SimMember): World {
  const world = new World(7, new Set(), make);
  for (const member of world.members.values()) member.start();
  world.timeline.runUntil(1000);
  submit(world, 1, defineClass('sword'), 'studio');
  world.timeline.runUntil(3000);
  expect(world.member(2).ledger.classById(0)).not.toBeNull();
  return world;
}

function submit(world: World, id: number, op: Parameters<World['env']>[0], by: string): string {
  const member = world.member(id);
  assert(member.state !== null, 'the member is up');
  const env = world.env(op, [by], member.state);
  member.submit(env);
  return toHex(txIdOf(env.body));
}

const mintOne = (world: World) =>
  ({ kind: 'mint', items: [{ cls: 0, to: actor('alice').acct, ext: world.chance.bytes(32), meta: ZERO_32 }] }) as const;

const certified = (member: SimMember, txId: string): boolean =>
  member.disk.blocks.some((block) => block.entries.some((entry) => toHex(txIdOf(entry.env.body)) === txId));

const alerts = (world: World, code: string): number => world.up.reduce((sum, member) => sum + (member.alerts.get(code) ?? 0), 0);

describe('25 a leader that censors', () => {
  test('one that proposes nothing loses the lead after 15 s', () => {
    const world = begin((at, id) => (id === 1 ? new CensoringMember(at, id) : new SimMember(at, id)));
    const leader = world.member(1);
    assert(leader instanceof CensoringMember, 'member 1 censors');
    leader.censored = null;
    const txId = submit(world, 2, mintOne(world), 'studio');
    world.timeline.runUntil(world.timeline.now + 12_000);
    expect(certified(world.member(3), txId)).toBe(false);
    world.timeline.runUntil(world.timeline.now + 20_000);
    expect(certified(world.member(3), txId)).toBe(true);
    expect(alerts(world, 'leader_removed')).toBeGreaterThan(0);
  });

  test('what two members have promised is in a block soon after their word runs out', () => {
    const world = begin((at, id) => (id === 1 ? new CensoringMember(at, id) : new SimMember(at, id)));
    const leader = world.member(1);
    const reader = world.member(2).state;
    assert(leader instanceof CensoringMember && reader !== null, 'member 1 censors');
    const env = world.env(mintOne(world), ['studio'], reader);
    const txId = toHex(txIdOf(env.body));
    leader.censored = new Set([txId]);
    for (const id of [2, 3])
      world.member(id).take({ kind: 'txs_admitted', txs: [{ txId: txIdOf(env.body), env }], origin: 'local', wantsPromise: true });
    for (let turn = 0; turn < 110; turn++) {
      if (turn % 4 === 0) submit(world, 4, mintOne(world), 'studio');
      world.timeline.runUntil(world.timeline.now + 1000);
      if (turn === 50) expect(certified(world.member(4), txId)).toBe(false);
    }
    expect(world.promised).toBeGreaterThanOrEqual(2);
    expect(certified(world.member(4), txId)).toBe(true);
  });
});

describe('more is promised and overdue than a block holds', () => {
  /** Fifteen at each of these members, with its word: none can get into a block for as long as the word is good. */
  function promiseMany(world: World, ids: readonly number[]): readonly string[] {
    return ids.flatMap((id) =>
      Array.from({ length: 15 }, () => {
        const member = world.member(id);
        assert(member.state !== null, 'the member is up');
        const env = world.env(mintOne(world), ['studio'], member.state);
        const txId = txIdOf(env.body);
        member.take({ kind: 'txs_admitted', txs: [{ txId, env }], origin: 'local', wantsPromise: true });
        return toHex(txId);
      }),
    );
  }

  test('two members were down and one came back: every block is full, and the queue drains', () => {
    const world = begin();
    for (const id of [3, 4]) world.member(id).stop();
    const promised = promiseMany(world, [1, 2]);
    world.timeline.runUntil(world.timeline.now + 70_000);
    world.member(3).start();
    world.timeline.runUntil(world.timeline.now + 30_000);
    expect(promised.filter((txId) => !certified(world.member(3), txId))).toEqual([]);
  });

  test('nobody heard of the others’ promises in time: full blocks are refused, and pass at last', () => {
    const world = begin();
    world.network.faults = { ...world.network.faults, loss: 1 };
    const promised = promiseMany(world, [1, 2, 3, 4]);
    world.timeline.runUntil(world.timeline.now + 70_000);
    world.network.faults = { ...world.network.faults, loss: 0 };
    world.timeline.runUntil(world.timeline.now + 120_000);
    expect(alerts(world, 'proposal_refused')).toBeGreaterThan(0);
    expect(promised.filter((txId) => !certified(world.member(4), txId))).toEqual([]);
  });
});

describe('29 a refused LedgerTx', () => {
  const refusing = (txId: () => string, code: 'class_terms_breach' | 'assessment_mismatch'): TxCheck => {
    return (tx) => (toHex(tx.txId) === txId() ? code : null);
  };

  test('named by so many that Finality is out of reach, it drops out with its code and the others go on', () => {
    const world = begin();
    let bad = '';
    for (const id of [2, 3])
      world.member(id).checks = { ...world.member(id).checks, classTerms: refusing(() => bad, 'class_terms_breach') };
    bad = submit(world, 1, mintOne(world), 'studio');
    const good = submit(world, 1, mintOne(world), 'studio');
    world.timeline.runUntil(world.timeline.now + 25_000);
    expect(world.refused.get(bad)).toBe('class_terms_breach');
    expect(world.honest.map((member) => [certified(member, bad), certified(member, good)])).toEqual(world.honest.map(() => [false, true]));
  });

  test('one member alone undoes nothing: a supervisor’s refusal is heard, and three others certify', () => {
    const world = begin();
    let bad = '';
    world.member(3).checks = { ...world.member(3).checks, sealedPart: refusing(() => bad, 'assessment_mismatch') };
    bad = submit(world, 1, mintOne(world), 'studio');
    world.timeline.runUntil(world.timeline.now + 10_000);
    expect(certified(world.member(2), bad)).toBe(true);
    expect(world.refused.size).toBe(0);
    const disk = world.member(3).disk;
    const block = disk.blocks.find((each) => each.entries.some((entry) => toHex(txIdOf(entry.env.body)) === bad));
    expect(disk.endorsements().some((each) => each.height === block?.header.height)).toBe(false);
  });
});

test('30 parts of a batch come apart, out of order, twice and never: each enters once, alone', () => {
  const world = begin();
  const state = world.member(1).state;
  assert(state !== null, 'member 1 is up');
  const batch = world.batch(6, state);
  const sent = [5, 2, 4, 2, 0, 5];
  sent.forEach((at, turn) => {
    const env = batch[at];
    assert(env !== undefined, 'six were signed together');
    world.timeline.after(turn * 300, () => world.member(1 + (turn % 4)).submit(env));
  });
  world.timeline.runUntil(world.timeline.now + 8000);
  const times = batch.map((env) => {
    const txId = toHex(txIdOf(env.body));
    return world
      .member(4)
      .disk.blocks.flatMap((block) => block.entries)
      .filter((entry) => toHex(txIdOf(entry.env.body)) === txId).length;
  });
  expect(times).toEqual([1, 0, 1, 0, 1, 1]);
});

/** Stops the consortium with a set of the next height in some hands: three have endorsed, and only member 1 has seen the slot. */
function stalledWithVote(): World {
  const world = begin();
  submit(world, 1, mintOne(world), 'studio');
  for (;;) {
    world.timeline.runUntil(world.timeline.now + 1);
    const leader = world.member(1).state;
    if (leader?.round.vote != null) break;
  }
  world.network.faults = { ...world.network.faults, loss: 1 };
  return world;
}

function approve(recovery: Recovery, ids: readonly number[]): Recovery {
  const message = recoveryApproval(FOUNDING.chain, recovery);
  return ids.reduce(
    (signed, id) => withApproval(signed, { member: id, sig: simSm2.sign(governanceKey(id).privateKey, message) }),
    recovery,
  );
}

test('20 every choice of seals that is accepted keeps what may be final, also when one of them lies', () => {
  const world = stalledWithVote();
  world.timeline.runUntil(world.timeline.now + 500);
  for (const member of world.members.values()) member.take({ kind: 'seal_ordered', newEpoch: 1 });
  world.timeline.runUntil(world.timeline.now + 3000);
  const seals = world.honest.flatMap((member) =>
    [...(member.state?.seals.values() ?? [])].filter((each) => each.seal.member === member.id),
  );
  expect(seals.map((each) => each.seal.member)).toEqual([1, 2, 3, 4]);
  const tip = world.member(1).disk.blocks.at(-1);
  const bodies = world.honest.flatMap((member) => [...(member.state?.round.bodies.values() ?? [])]);
  assert(tip !== undefined, 'a block is certified');
  const choices = [...seals.map((left) => seals.filter((each) => each !== left)), seals];
  const verdicts = choices.map((chosen) => {
    const set = highestReported(chosen, tip.header.height);
    const header = set === null ? null : headerOf(bodies, set.header);
    const draft = draftRecovery({
      newEpoch: 1,
      config: FOUNDING.genesis.config,
      tip,
      baseHeader: header,
      seals: chosen,
      openedAt: 0n,
      closedAt: 0n,
    });
    const { config } = FOUNDING.genesis;
    const ground = { chain: FOUNDING.chain, config, tipConfig: config, configOfEpoch: () => null, verify: simSm2.verify };
    const hidden: readonly SignedSeal[] = chosen.map((each) => ({ ...each, set: null }));
    expect(refuseRecovery(approve({ ...draft, seals: hidden }, [1, 2, 3]), ground)).toBe(
      hidden.some((_, at) => chosen[at]?.set != null) ? 'recovery_seal' : null,
    );
    return [refuseRecovery(approve(draft, [1, 2, 3]), ground), set !== null];
  });
  // Whoever has voted is in three of the four choices; in the fourth nobody can have a Finality.
  expect(verdicts.map(([fault]) => fault)).toEqual(verdicts.map(() => null));
  expect(verdicts.filter(([, hasBase]) => hasBase === true).length).toBeGreaterThanOrEqual(3);
});

function headerOf(bodies: readonly BlockBody[], hash: Uint8Array): BlockBody['header'] | null {
  const found = bodies.find((body) => equalBytes(headerHash(body.header), hash));
  return found?.header ?? null;
}

test('21 two of four are gone for good: a last resort, moved forward by a receipt, and the rest goes on', () => {
  const world = begin();
  const before = submit(world, 1, mintOne(world), 'studio');
  world.timeline.runUntil(world.timeline.now + 3000);
  // One more block becomes final at member 2 alone, the others are stopped before they hear of it; somebody keeps a receipt.
  const survivors = [world.member(3), world.member(4)];
  const lost = world.member(2);
  world.member(3).stop();
  submit(world, 1, mintOne(world), 'studio');
  const kept = lost.disk.blocks.length;
  while (lost.disk.blocks.length === kept) world.timeline.runUntil(world.timeline.now + 1);
  const receipt = lost.disk.blocks.at(-1);
  assert(receipt !== undefined, 'the block is certified');
  for (const id of [1, 2, 4]) world.member(id).stop();
  world.timeline.runUntil(world.timeline.now + 1000);
  for (const member of survivors) member.start();
  world.timeline.runUntil(world.timeline.now + 2000);
  for (const member of survivors) member.take({ kind: 'seal_ordered', newEpoch: 1 });
  world.timeline.runUntil(world.timeline.now + 5000);
  const seals = survivors.flatMap((member) => [...(member.state?.seals.values() ?? [])].filter((each) => each.seal.member === member.id));
  const members = FOUNDING.genesis.config.members.filter((each) => each.id > 2);
  const config = { ...configOf(1, members), finality: atLeast(2, [3, 4]), governance: atLeast(2, [3, 4]), recovery: atLeast(2, [3, 4]) };
  const parts = {
    kind: 1,
    newEpoch: 1,
    config,
    tip: { header: receipt.header, finality: receipt.finality },
    baseHeader: null,
    seals,
    openedAt: 1000n,
    closedAt: 2000n,
  };
  // As `recover draft` does it: the receipt moves the last resort forward, and nothing else.
  const statements = survivors.flatMap((member) => {
    const own = seals.find(({ seal }) => seal.member === member.id);
    const last = member.disk.blocks.at(-1);
    return own === undefined || last === undefined ? [] : [{ signed: own, tip: last, base: own.set === null ? null : receipt.header }];
  });
  const wish = { statements, leaves: [1, 2], engine: null, isLastResort: true, receipts: [parts.tip], now: 1000 };
  const founding = FOUNDING.genesis.config;
  expect(draft(founding, wish).tip).toEqual(parts.tip);
  expect(draft(founding, { ...wish, receipts: [] }).tip.header.height).toBe(receipt.header.height - 1n);
  expect(() => draft(founding, { ...wish, isLastResort: false })).toThrow(/moves a last resort alone/);
  const recovery = approve(draftRecovery(parts), [3, 4]);
  const hurried = approve(draftRecovery({ ...parts, closedAt: 2n ** 50n }), [3, 4]);
  for (const member of survivors) {
    // Archives hold the entries; the receipt only says that there are some.
    member.take({ kind: 'message', from: 3, body: { kind: 'sync_blocks', blocks: [receipt] } });
  }
  world.timeline.runUntil(world.timeline.now + 2000);
  // Whoever brings it: the time for objections runs by each member's own clock.
  for (const member of survivors) {
    member.take({ kind: 'message', from: 3, body: { kind: 'recovery', recovery: hurried } });
    expect(member.state?.accepting).toBeNull();
  }
  for (const member of survivors) member.take({ kind: 'message', from: 3, body: { kind: 'recovery', recovery } });
  world.renewEngine();
  world.timeline.runUntil(world.timeline.now + 2000);
  const after = submit(world, 4, mintOne(world), 'studio');
  world.timeline.runUntil(world.timeline.now + 15_000);
  for (const member of survivors) {
    expect([certified(member, before), certified(member, after)]).toEqual([true, true]);
    expect(member.disk.blocks.some((block) => equalBytes(block.finality.header, receipt.finality.header))).toBe(true);
    expect(member.state?.round.epoch).toBe(1);
  }
});

test('15 a signer that is restored after it sealed keeps its Seal, though all who heard it were restarted', () => {
  const world = begin();
  const member = world.member(2);
  const dump = member.disk.copy();
  member.take({ kind: 'seal_ordered', newEpoch: 1 });
  world.timeline.runUntil(world.timeline.now + 2000);
  expect(member.disk.seals()).toHaveLength(1);
  member.stop();
  for (const id of [1, 3, 4]) world.kill(id, 100);
  member.disk = dump;
  world.monitor.setBack(member.id, dump);
  dump.isAsking = true;
  member.start(true);
  world.timeline.runUntil(world.timeline.now + 5000);
  const txId = submit(world, 3, mintOne(world), 'studio');
  world.timeline.runUntil(world.timeline.now + 20_000);
  expect(member.state).toMatchObject({ standing: { kind: 'signing' }, floorEpoch: 1 });
  expect(certified(member, txId)).toBe(true);
});
