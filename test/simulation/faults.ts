/** What goes wrong in a run, drawn from its seed: each fault is a schedule on the timeline, and all end before the healing. */
import { voteMessage } from '#ledger/block/vote.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { configOf, FOUNDING, nodeKey, simMember, simSm2 } from './founding.ts';
import type { SimDisk } from './sim-disk.ts';
import { HONEST } from './sim-engine.ts';
import { SimMember } from './sim-member.ts';
import type { World } from './world.ts';

/** Names are those of the disaster tests in `ledger.md` 22. */
export const FAULTS = [
  'leader-killed',
  'member-killed-after-record',
  'power-cut',
  'disk-fails',
  'blocks-damaged',
  'minority-partition',
  'engine-answers-lost',
  'engine-lies',
  'engine-rewound',
  'clock-wrong',
  'signer-restored',
  'two-processes',
  'key-rotated',
  'member-joins',
  'member-leaves',
  'recovery',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Milliseconds of trouble. */
export const CHAOS_MS = 12_000;

export function plan(world: World, faults: ReadonlySet<Fault>): void {
  const { chance, timeline, network } = world;
  network.faults = { loss: share(world), doubling: share(world), delay: share(world) };
  for (const fault of faults) SCHEDULES[fault](world);
  timeline.after(CHAOS_MS, () => {
    network.faults = { loss: 0, doubling: 0, delay: 0 };
    network.minority = new Set();
    world.engine.lies = { ...HONEST };
    for (const member of world.members.values()) {
      member.diskFaults = { failure: 0, death: 0 };
      member.skew = chance.between(-200, 200);
      member.start();
    }
  });
}

/** 5–40 %, or a quiet network. */
function share(world: World): number {
  return world.chance.hits(0.3) ? 0 : world.chance.between(5, 40) / 100;
}

/** At random times before the healing. */
function sometimes(world: World, everyMs: number, act: () => void): void {
  for (let at = world.chance.between(0, everyMs); at < CHAOS_MS; at += world.chance.between(everyMs / 2, everyMs * 2))
    world.timeline.after(at, act);
}

function once(world: World, act: () => void): void {
  world.timeline.after(world.chance.between(1500, CHAOS_MS - 2500), act);
}

const SCHEDULES: Readonly<Record<Fault, (world: World) => void>> = {
  'leader-killed': (world) =>
    sometimes(world, 1500, () => {
      const leader = world.up.find((member) => member.state?.leading.kind === 'lead') ?? world.chance.pick(world.up);
      if (leader !== undefined) world.kill(leader.id);
    }),
  'member-killed-after-record': (world) => {
    for (const member of world.members.values()) member.diskFaults = { ...member.diskFaults, death: 0.04 };
  },
  'power-cut': (world) =>
    sometimes(world, 4000, () => {
      for (const member of world.members.values()) world.kill(member.id, world.chance.between(100, 1500));
    }),
  'disk-fails': (world) => {
    for (const member of world.members.values()) member.diskFaults = { ...member.diskFaults, failure: 0.1 };
  },
  'blocks-damaged': (world) => {
    world.monitor.forgetful++;
    sometimes(world, 3000, () => {
      const member = world.chance.pick(world.up);
      if (member === undefined || member.disk.blocks.length === 0) return;
      member.stop();
      // The start check finds the first row that does not hold: it and what follows are fetched from the others again.
      member.disk.blocks.length = world.chance.between(0, member.disk.blocks.length - 1);
      world.timeline.after(200, () => member.start());
    });
  },
  'minority-partition': (world) =>
    sometimes(world, 3000, () => {
      const ids = [...world.members.keys()];
      const leader = world.up.find((member) => member.state?.leading.kind === 'lead');
      world.network.minority = new Set([leader?.id ?? 1, ...(world.chance.hits(0.5) ? [world.chance.pick(ids) ?? 1] : [])]);
      world.timeline.after(world.chance.between(300, 3000), () => {
        world.network.minority = new Set();
      });
    }),
  'engine-answers-lost': (world) => {
    world.engine.lies = { ...world.engine.lies, lostAnswers: world.chance.between(5, 40) / 100 };
  },
  'engine-lies': (world) => {
    world.engine.lies = { ...world.engine.lies, falseReads: 0.2, falseDecides: 0.2, twoLeaders: 0.3 };
  },
  'engine-rewound': (world) => {
    if (world.chance.hits(0.5)) once(world, () => world.engine.backUp());
    sometimes(world, 4000, () => world.engine.rewind());
  },
  'clock-wrong': (world) =>
    sometimes(world, 2000, () => {
      for (const member of world.members.values()) member.skew = 0;
      const one = world.chance.pick([...world.members.values()]);
      if (one !== undefined) one.skew = world.chance.pick([3_600_000, -3_600_000, 1500, -1500, -90_000]) ?? 0;
    }),
  'signer-restored': (world) => {
    const member = world.chance.pick(world.honest);
    let dump: SimDisk | null = null;
    if (member === undefined) return;
    world.monitor.forgetful++;
    world.timeline.after(world.chance.between(500, 2000), () => {
      dump = member.disk.copy();
    });
    world.timeline.after(world.chance.between(4000, 8000), () => {
      member.stop();
      member.disk = dump ?? member.disk;
      world.monitor.setBack(member.id, member.disk);
      // Whoever puts a copy back says so, and a restart does not forget it.
      member.disk.isAsking = true;
      member.start(true);
    });
  },
  // Who runs them is chosen with the members (`run.ts`).
  'two-processes': () => undefined,
  'key-rotated': (world) => {
    // Whoever has the old key goes on using it: statements with it count for nothing from the activation on.
    sometimes(world, 500, () => stealVote(world));
    once(world, () => {
      const id = world.chance.pick([2, 3, 4]) ?? 2;
      nodeKey(id, 1);
      world.updateConfig((config) => ({ ...config, members: config.members.map((each) => (each.id === id ? simMember(id, 1) : each)) }));
    });
  },
  'member-joins': (world) =>
    once(world, () => {
      if (world.members.has(5)) return;
      const member = new SimMember(world, 5);
      world.members.set(5, member);
      member.start();
      world.updateConfig((config) => ({ ...configOf(config.epoch, [...config.members, simMember(5)]) }));
    }),
  'member-leaves': (world) =>
    once(world, () =>
      world.updateConfig((config) => {
        const stay = config.members.filter((each) => each.id !== 2);
        return stay.length >= 4 ? configOf(config.epoch, stay) : { ...config, ordering: { ...config.ordering, leaders: [4, 3, 1] } };
      }),
    ),
  recovery: (world) => once(world, () => beginRecovery(world)),
};

/** A Vote for whatever is proposed, signed with the key that members 2 to 4 began with, after theirs has been rotated. */
function stealVote(world: World): void {
  const reader = world.best()?.state;
  if (reader === null || reader === undefined) return;
  const { round } = reader;
  const [key, block] = [...round.bodies][0] ?? [];
  const rotated = round.config.members.find((each) => !equalBytes(each.pub, nodeKey(each.id).publicKey));
  if (key === undefined || block === undefined || rotated === undefined) return;
  const vote = {
    epoch: round.epoch,
    height: round.height,
    term: reader.confirmedTerm,
    header: headerHash(block.header),
    member: rotated.id,
  };
  const sig = simSm2.sign(nodeKey(rotated.id).privateKey, voteMessage(FOUNDING.chain, vote));
  for (const member of world.members.values())
    member.take({ kind: 'message', from: rotated.id, body: { kind: 'vote', statement: { vote, sig } } });
}

/** Staff seal, wait, and draft from the Seals of some quorum: each choice is as good as any other. */
export function beginRecovery(world: World): void {
  const highest = Math.max(
    ...[...world.members.values()].map((member) => Math.max(member.state?.round.epoch ?? 0, member.state?.floorEpoch ?? 0)),
  );
  const newEpoch = highest + 1;
  world.orderSeals(newEpoch);
  world.timeline.after(3000, () => {
    const seals = [...world.gatherSeals(newEpoch)];
    const quorum = world.quorum();
    while (seals.length > quorum) seals.splice(world.chance.between(0, seals.length - 1), 1);
    if (seals.length < quorum || !world.recover(newEpoch, seals)) return;
    world.renewEngine();
  });
}
