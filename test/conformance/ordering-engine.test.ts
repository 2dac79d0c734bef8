/** One suite for every ordering engine (`ledger.md` 10.7): PostgreSQL, etcd on three nodes, and the one in memory that tests make lie. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEtcdEngine } from '#ledger/node/engines/etcd-engine.ts';
import { HostileEngine } from '#ledger/node/engines/hostile-engine.ts';
import type { DecidedSlot, OrderingEngine } from '#ledger/node/engines/ordering-engine.ts';
import { openPgEngine } from '#ledger/node/engines/pg-engine.ts';
import { openDatabase } from '#server/db.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { type EtcdCluster, findEtcd, startEtcd } from '#test/support/etcd.ts';

/** Nobody's lease ends by itself, however slow the machine is, where a test is not about its end. */
const TTL_MS = 300_000;
/** etcd gives leases of whole seconds and at least two. */
const SHORT_MS = 2000;
const slotOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const EPOCH = 3;

interface Ground {
  /** Two members' handles on one engine. */
  open(): Promise<readonly [OrderingEngine, OrderingEngine]>;
  close(): Promise<void>;
}

let prefixes = 0;

async function pgGround(): Promise<Ground> {
  const databases: TestDatabase[] = [];
  return {
    open: async () => {
      const database = await createTestDatabase();
      databases.push(database);
      return [await openPgEngine(openDatabase(database.url)), await openPgEngine(openDatabase(database.url))];
    },
    close: async () => {
      for (const database of databases) await database.drop();
    },
  };
}

async function etcdGround(): Promise<Ground> {
  const found = await findEtcd();
  if (found.kind === 'missing') throw new Error(found.reason);
  const cluster: EtcdCluster = await startEtcd(found.path);
  return {
    open: async () => {
      prefixes += 1;
      const prefix = `/suite-${prefixes}`;
      return [
        openEtcdEngine({ endpoints: cluster.endpoints, prefix }),
        openEtcdEngine({ endpoints: [...cluster.endpoints].reverse(), prefix }),
      ];
    },
    close: () => cluster.stop(),
  };
}

async function memoryGround(): Promise<Ground> {
  return {
    open: async () => {
      const engine = new HostileEngine({ now: () => performance.now() });
      return [engine, engine];
    },
    close: async () => undefined,
  };
}

describe.each([
  { name: 'pg', ground: pgGround },
  { name: 'etcd', ground: etcdGround },
  { name: 'memory', ground: memoryGround },
])('ordering engine $name', ({ ground: openGround }) => {
  let ground: Ground;
  const opened: OrderingEngine[] = [];

  beforeAll(async () => {
    ground = await openGround();
  }, 300_000);
  afterAll(async () => {
    for (const engine of opened) await engine.close();
    await ground?.close();
  });

  const open = async (): Promise<readonly [OrderingEngine, OrderingEngine]> => {
    const pair = await ground.open();
    opened.push(...pair);
    return pair;
  };
  const lead = async (engine: OrderingEngine, member: number, ttlMs = TTL_MS): Promise<bigint> => {
    const won = await engine.campaign(member, ttlMs);
    if (won === null) throw new Error(`member ${member} leads`);
    return won.term;
  };

  test('one leads at a time, and every leadership has a higher term', async () => {
    const [one, two] = await open();
    const first = await lead(one, 1);
    expect(await two.campaign(2, TTL_MS)).toBeNull();
    await one.resign(first);
    const second = await lead(two, 2);
    expect(second).toBeGreaterThan(first);
    // A member that comes back ends its own earlier leadership and nobody else's.
    expect(await one.campaign(1, TTL_MS)).toBeNull();
    const third = await lead(two, 2);
    expect(third).toBeGreaterThan(second);
    expect(await two.renew(second)).toBe(false);
    expect(await two.renew(third)).toBe(true);
  });

  test('a campaign of many at once has one winner', async () => {
    const [one, two] = await open();
    const wins = await Promise.all([1, 2, 3, 4, 5, 6].map((member) => (member % 2 === 0 ? one : two).campaign(member, TTL_MS)));
    expect(wins.filter((win) => win !== null)).toHaveLength(1);
  });

  test('a lease that nobody renews ends; a renewed one does not', async () => {
    const [one, two] = await open();
    const term = await keepLease(one, two);
    await expect.poll(async () => (await two.read(EPOCH, 1n)).term, { timeout: 15_000, interval: 200 }).toBe(0n);
    expect(await one.renew(term)).toBe(false);
    expect(await one.decide(EPOCH, 1n, term, slotOf('late'))).toEqual({ won: false, slot: null });
    expect(await lead(two, 2)).toBeGreaterThan(term);
  });

  /** @returns the term of a lease that was kept for longer than it lives. One whose renewal came too late, on a machine that stood still, is no
   *  answer to the question: then another is taken. */
  async function keepLease(one: OrderingEngine, two: OrderingEngine): Promise<bigint> {
    for (;;) {
      let since = performance.now();
      const term = await lead(one, 1, SHORT_MS);
      const isLate = () => performance.now() - since >= SHORT_MS;
      let isKept = true;
      for (let at = 0; at < 5 && isKept; at++) {
        await sleep(SHORT_MS / 4);
        const asked = performance.now();
        isKept = await one.renew(term);
        expect(isKept || isLate()).toBe(true);
        if (isKept) since = asked;
      }
      const other = isKept ? await two.campaign(2, SHORT_MS) : null;
      if (isKept && other === null) return term;
      expect(isLate()).toBe(true);
      if (other !== null) await two.resign(other.term);
    }
  }

  test('a slot is written once, by the leader, and stands for everybody', async () => {
    const [one, two] = await open();
    const term = await lead(one, 1);
    const won = await one.decide(EPOCH, 7n, term, slotOf('x'));
    expect(won.won).toBe(true);
    // The same again is the answer of the first time: a leader that got no answer asks again.
    expect((await one.decide(EPOCH, 7n, term, slotOf('x'))).won).toBe(true);
    const lost = await one.decide(EPOCH, 7n, term, slotOf('y'));
    expect(lost.won).toBe(false);
    expect(new Uint8Array(lost.slot ?? [])).toEqual(slotOf('x'));
    const read = await two.read(EPOCH, 7n);
    expect({ term: read.term, slot: new Uint8Array(read.slot ?? []) }).toEqual({ term, slot: slotOf('x') });
    // The same height in another epoch is another place.
    expect(await two.read(EPOCH + 1, 7n)).toEqual({ term, slot: null });
  });

  test('nobody decides under a term that is not the leader’s', async () => {
    const [one, two] = await open();
    const first = await lead(one, 1);
    expect(await two.decide(EPOCH, 1n, first + 1n, slotOf('stranger'))).toEqual({ won: false, slot: null });
    await two.resign(first);
    expect(await one.decide(EPOCH, 1n, first, slotOf('removed'))).toEqual({ won: false, slot: null });
    const second = await lead(two, 2);
    expect(await one.decide(EPOCH, 1n, first, slotOf('removed'))).toEqual({ won: false, slot: null });
    // A resignation of an earlier term does not touch the present leader.
    await one.resign(first);
    expect((await two.decide(EPOCH, 1n, second, slotOf('rightful'))).won).toBe(true);
  });

  test('of many that decide one height at once one wins, and all are shown the same slot', async () => {
    const [one, two] = await open();
    const term = await lead(one, 1);
    const decisions = await Promise.all(
      Array.from({ length: 12 }, (_, at) => (at % 2 === 0 ? one : two).decide(EPOCH, 5n, term, slotOf(`slot ${at}`))),
    );
    expect(decisions.filter((decision) => decision.won)).toHaveLength(1);
    expect(new Set(decisions.map((decision) => new TextDecoder().decode(decision.slot ?? new Uint8Array(0)))).size).toBe(1);
  });

  test('watching shows what stands and then what comes, in order, of one epoch only', async () => {
    const [one, two] = await open();
    const term = await lead(one, 1);
    await one.decide(EPOCH, 1n, term, slotOf('1'));
    await one.decide(EPOCH, 2n, term, slotOf('2'));
    await one.decide(EPOCH + 1, 3n, term, slotOf('other'));
    const seen: DecidedSlot[] = [];
    const watching = (async () => {
      for await (const decided of two.watch(EPOCH, 2n)) {
        seen.push(decided);
        if (seen.length === 3) return;
      }
    })();
    await expect.poll(() => seen.length, { timeout: 30_000 }).toBe(1);
    await one.decide(EPOCH, 3n, term, slotOf('3'));
    await one.decide(EPOCH, 4n, term, slotOf('4'));
    await watching;
    expect(seen.map(({ height, slot }) => [height, new TextDecoder().decode(slot)])).toEqual([
      [2n, '2'],
      [3n, '3'],
      [4n, '4'],
    ]);
  });

  test('trimming forgets the slots below and no other', async () => {
    const [one] = await open();
    const term = await lead(one, 1);
    for (const height of [9n, 10n, 11n]) await one.decide(EPOCH, height, term, slotOf(String(height)));
    await one.trim(10n);
    expect((await one.read(EPOCH, 9n)).slot).toBeNull();
    expect((await one.read(EPOCH, 10n)).slot).not.toBeNull();
    expect((await one.read(EPOCH, 11n)).slot).not.toBeNull();
  });
});

describe('the engine in memory, told to break the contract', () => {
  const hostile = () => new HostileEngine({ now: () => 0 });

  test('an answer is lost before the effect or after it, and reading tells which', async () => {
    const engine = hostile();
    const term = (await engine.campaign(1, TTL_MS))?.term ?? 0n;
    engine.loseAnswers('before', 'after');
    await expect(engine.decide(EPOCH, 1n, term, slotOf('x'))).rejects.toThrow('no answer');
    expect((await engine.read(EPOCH, 1n)).slot).toBeNull();
    await expect(engine.decide(EPOCH, 1n, term, slotOf('x'))).rejects.toThrow('no answer');
    expect((await engine.decide(EPOCH, 1n, term, slotOf('x'))).won).toBe(true);
  });

  test('restored from an old copy it gives a term and a height away again', async () => {
    const engine = hostile();
    const old = engine.save();
    const term = (await engine.campaign(1, TTL_MS))?.term ?? 0n;
    await engine.decide(EPOCH, 1n, term, slotOf('x'));
    engine.rewind(old);
    expect((await engine.campaign(2, TTL_MS))?.term).toBe(term);
    expect((await engine.decide(EPOCH, 1n, term, slotOf('y'))).won).toBe(true);
  });
});

describe('etcd without a majority', () => {
  test('two of three nodes gone: calls fail and nothing is decided; one back: it goes on', async () => {
    const found = await findEtcd();
    if (found.kind === 'missing') throw new Error(found.reason);
    const cluster = await startEtcd(found.path);
    try {
      const engine = openEtcdEngine({ endpoints: cluster.endpoints, prefix: '/minority', timeoutMs: 1500 });
      const term = (await engine.campaign(1, 60_000))?.term ?? 0n;
      expect((await engine.decide(EPOCH, 1n, term, slotOf('1'))).won).toBe(true);
      await cluster.kill(0);
      await cluster.kill(1);
      await expect(engine.decide(EPOCH, 2n, term, slotOf('2'))).rejects.toThrow("can't be reached");
      await cluster.start(1);
      await expect
        .poll(async () => (await engine.decide(EPOCH, 2n, term, slotOf('2')).catch(() => null))?.won, { timeout: 60_000, interval: 300 })
        .toBe(true);
      await engine.close();
    } finally {
      await cluster.stop();
    }
  });
});
