/** Money in and out through the simulated institution: every outcome, every repetition, every crash, and books that agree after each. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Instant } from '#ledger/primitives/instant.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { systemClock } from '#server/clock.ts';
import type { Player } from '#server/identity/identity.ts';
import { listBalances } from '#server/journal/journal.repo.ts';
import { potOf } from '#server/journal/journal.ts';
import { reconcile } from '#server/journal/reconcile.ts';
import { type Institution, simulatedInstitution } from '#server/payments/simulated-institution.ts';
import { drawBelow } from '#server/random.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { type FakeClock, fakeClock } from '#test/support/fake-clock.ts';
import { removeKeys } from '#test/support/ledger.ts';
import { openTestPayments, outcomeOf, type TestPayments, testPlayer, transfer } from '#test/support/payments.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

const NODE = path.resolve('node_modules/.bin/node');

describe('deposits and withdrawals', () => {
  let database: TestDatabase;
  let clock: FakeClock;
  let world: TestPayments;
  const amy = testPlayer('amy');
  const bea = testPlayer('bea', { level: 'R3' });

  beforeEach(async () => {
    database = await createTestDatabase();
    clock = fakeClock();
    world = await openTestPayments(database.sql, { clock });
  });
  afterEach(async () => {
    await world.ledger.node.stop();
    removeKeys(world.ledger);
    await database.drop();
  });

  const rest = () => world.rest(() => clock.advance(700));
  const ours = async ({ acct }: Player) => {
    const balances = await listBalances(database.sql, [potOf('available', acct), potOf('withdrawing', acct)]);
    return [potOf('available', acct), potOf('withdrawing', acct)].map((account) => balances.get(account) ?? 0n);
  };
  const theirs = async ({ acct }: Player) =>
    (await world.payments.provider.balances(acct)).reduce((sum, { amountFen }) => sum + amountFen, 0n);
  const states = async () =>
    (
      await database.sql<{ reference_id: string; state: string; reason: string | null }[]>`
      select reference_id, state, reason from payments.transfers order by reference_id`
    ).map((row) => [row.reference_id, row.state, row.reason]);
  const sound = async () => expect(await reconcile(world.ground)).toEqual([]);

  it('a deposit is there when the institution says so, not before', async () => {
    expect(outcomeOf(await world.payments.deposit(amy, transfer('d-1', 10_000n)))).toBe('requested');
    expect(await ours(amy)).toEqual([0n, 0n]);
    await sound();
    await rest();
    expect(await ours(amy)).toEqual([10_000n, 0n]);
    expect(await theirs(amy)).toBe(10_000n);
    expect(await states()).toEqual([['d-1', 'paid', null]]);
    await sound();
    const feed = await database.sql<
      { room: string; type: string; body: string }[]
    >`select room, type, body from outbox.messages order by room, seq`;
    expect(feed.filter(({ type }) => type === 'fin.payment').map(({ body }) => JSON.parse(body))).toMatchObject([
      { kind: 'payIn', amountFen: '10000', providerRef: expect.stringMatching(/^sim_pay_/) },
    ]);
    const moves = feed.filter(({ room }) => room === `player:${amy.acct}`).map(({ body }) => JSON.parse(body).to);
    expect(moves.at(0)).toBe('requested');
    expect(moves.at(-1)).toBe('paid');
  });

  it('a withdrawal leaves at once, and comes back when the bank declines it', async () => {
    await world.payments.deposit(amy, transfer('d-1', 10_000n));
    await rest();
    expect(outcomeOf(await world.payments.withdraw(amy, transfer('w-1', 4_000n)))).toBe('requested');
    expect(outcomeOf(await world.payments.withdraw(amy, transfer('w-2', 2_013n)))).toBe('requested');
    expect(await ours(amy)).toEqual([3_987n, 6_013n]);
    await sound();
    await rest();
    expect(await ours(amy)).toEqual([6_000n, 0n]);
    expect(await theirs(amy)).toBe(6_000n);
    expect(await states()).toEqual([
      ['d-1', 'paid', null],
      ['w-1', 'paid', null],
      ['w-2', 'failed', 'bank_declined'],
    ]);
    await sound();
  });

  it('money that comes after we gave up on it goes back by itself and never enters the journal', async () => {
    await world.payments.deposit(amy, transfer('late', 5_014n));
    await world.payments.deposit(amy, transfer('declined', 5_013n));
    let seenAtTheirs = 0n;
    await world.rest(() => clock.advance(200));
    for (let turn = 0; turn < 40; turn++) {
      clock.advance(200);
      await world.payments.turn();
      const figure = await theirs(amy);
      if (figure > seenAtTheirs) seenAtTheirs = figure;
      await sound();
    }
    expect(seenAtTheirs).toBe(5_014n);
    expect(await theirs(amy)).toBe(0n);
    expect(await ours(amy)).toEqual([0n, 0n]);
    expect(await states()).toEqual([
      ['declined', 'failed', 'bank_declined'],
      ['late', 'failed', 'timeout'],
    ]);
    const [refund] = await database.sql<{ ended_at: Date | null }[]>`select ended_at from payments.refunds`;
    expect(refund?.ended_at).not.toBeNull();
    const kinds = await database.sql<{ body: string }[]>`select body from outbox.messages where room = 'sup:finance' order by seq`;
    expect(kinds.map(({ body }) => JSON.parse(body).kind)).toEqual(['late', 'refund']);
  });

  it.each([
    ['too small', 'R2', 'deposit', 99n, 'amount_out_of_range'],
    ['too large', 'R3', 'deposit', 5_000_001n, 'amount_out_of_range'],
    ['the smallest', 'R2', 'deposit', 100n, 'requested'],
    ['the largest', 'R2', 'deposit', 5_000_000n, 'requested'],
    ['no name verified', 'R0', 'deposit', 1_000n, 'level_required'],
    ['no card bound', 'R1', 'withdrawal', 1_000n, 'payout_account_missing'],
    ['no money', 'R2', 'withdrawal', 1_000n, 'insufficient_funds'],
  ] as const)('%s: %s %s of %i fen is %s', async (_, level, kind, amountFen, outcome) => {
    const player = testPlayer('amy', { level });
    const request = transfer('r-1', amountFen);
    expect(outcomeOf(await (kind === 'deposit' ? world.payments.deposit(player, request) : world.payments.withdraw(player, request)))).toBe(
      outcome,
    );
    expect(await states()).toHaveLength(outcome === 'requested' ? 1 : 0);
  });

  it('a day takes 50,000.00 yuan of R2 and 200,000.00 of R3, failures aside, and ends at midnight in Beijing', async () => {
    await world.payments.deposit(amy, transfer('a-0', 4_999_913n));
    await rest();
    expect(await states()).toEqual([['a-0', 'failed', 'bank_declined']]);
    expect(outcomeOf(await world.payments.deposit(amy, transfer('a-1', 5_000_000n)))).toBe('requested');
    expect(outcomeOf(await world.payments.deposit(amy, transfer('a-2', 100n)))).toBe('day_limit_reached');
    for (const [index] of [1, 2, 3, 4].entries()) {
      expect(outcomeOf(await world.payments.deposit(bea, transfer(`b-${index}`, 5_000_000n)))).toBe('requested');
    }
    expect(outcomeOf(await world.payments.deposit(bea, transfer('b-5', 100n)))).toBe('day_limit_reached');
    clock.set('2026-11-23T15:59:59.999Z');
    expect(outcomeOf(await world.payments.deposit(bea, transfer('b-6', 100n)))).toBe('day_limit_reached');
    clock.set('2026-11-23T16:00:00.000Z');
    expect(outcomeOf(await world.payments.deposit(bea, transfer('b-7', 100n)))).toBe('requested');
  });

  it('a hold on withdrawals keeps the money in, until it ends', async () => {
    await world.payments.deposit(amy, transfer('d-1', 10_000n));
    await rest();
    const until = instant(clock.now() + 60_000);
    const held = { ...amy, holds: [{ code: 'withdrawal_new_payout_account', until }] };
    expect(outcomeOf(await world.payments.withdraw(held, transfer('w-1', 1_000n)))).toBe('withdrawal_on_hold');
    expect(outcomeOf(await world.payments.deposit(held, transfer('d-2', 1_000n)))).toBe('requested');
    clock.advance(60_001);
    expect(outcomeOf(await world.payments.withdraw(held, transfer('w-1', 1_000n)))).toBe('requested');
  });

  it('a reference names one transfer for ever', async () => {
    const first = await world.payments.deposit(amy, transfer('r-1', 1_000n));
    const again = await world.payments.deposit(amy, transfer('r-1', 1_000n));
    expect(outcomeOf(again)).toBe('requested again');
    expect(again.kind === 'requested' && first.kind === 'requested' && again.transfer.id === first.transfer.id).toBe(true);
    const other = await world.payments.deposit(amy, transfer('r-1', 1_001n));
    expect(other).toMatchObject({ code: 'reference_conflict', facts: { knownFen: '1000', amountFen: '1001' } });
    expect(outcomeOf(await world.payments.withdraw(amy, transfer('r-1', 1_000n)))).toBe('reference_conflict');
    // Another person's reference is another reference.
    expect(outcomeOf(await world.payments.deposit(bea, transfer('r-1', 1_001n)))).toBe('requested');
    await rest();
    expect(outcomeOf(await world.payments.deposit(amy, transfer('r-1', 1_000n)))).toBe('paid again');
    expect(await ours(amy)).toEqual([1_000n, 0n]);
  });

  it('forty withdrawals at once pay out no fen more than there is', async () => {
    await world.payments.deposit(amy, transfer('d-1', 10_000n));
    await rest();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => world.payments.withdraw(amy, transfer(`w-${index}`, 1_000n))),
    );
    expect(answers.filter(({ kind }) => kind === 'requested')).toHaveLength(10);
    expect(new Set(answers.filter(({ kind }) => kind === 'rejected').map(outcomeOf))).toEqual(new Set(['insufficient_funds']));
    await rest();
    expect(await ours(amy)).toEqual([0n, 0n]);
    expect(await theirs(amy)).toBe(0n);
    await sound();
  });

  it('the statement of a day lists every movement and adds up', async () => {
    await world.payments.deposit(amy, transfer('d-1', 10_000n));
    await rest();
    await world.payments.withdraw(amy, transfer('w-1', 4_000n));
    await rest();
    const lines = await world.payments.provider.statement('2026-11-23');
    expect(lines.map(({ kind, pot, amountFen }) => `${kind} ${pot} ${amountFen}`)).toEqual([
      'pay_in bank -10000',
      'pay_in free 10000',
      'withdrawal free -4000',
      'withdrawal leaving 4000',
      'pay_out bank 4000',
      'pay_out leaving -4000',
    ]);
    expect(await world.payments.provider.statement('2026-11-24')).toEqual([]);
  });
});

describe('an institution that fails, repeats and mixes up', () => {
  it.each([1, 2, 3])('every call lost before or after its effect, every event told again: the books agree (seed %i)', async (seed) => {
    const database = await createTestDatabase();
    const clock = fakeClock();
    const dice = seededRandom(`faults ${seed}`);
    const world = await openTestPayments(database.sql, {
      clock,
      seed: `payments ${seed}`,
      institution: unreliable(simulatedInstitution({ sql: database.sql, clock, random: seededRandom(`institution ${seed}`) }), () =>
        drawBelow(dice, 3),
      ),
    });
    const players = ['amy', 'bea', 'cid'].map((name) => testPlayer(name, { level: 'R3' }));
    const turns = async (count: number) => {
      for (let turn = 0; turn < count; turn++) {
        clock.advance(600);
        await world.payments.turn().catch(() => undefined);
      }
    };
    // Withdrawals need money first.
    for (const player of players) await world.payments.deposit(player, transfer('start', 50_000n));
    await turns(60);
    let requested = players.length;
    for (let step = 0; step < 60; step++) {
      const player = players[drawBelow(dice, 3)];
      if (player === undefined) throw new Error('three players');
      const request = transfer(`r-${step}`, BigInt(100 + drawBelow(dice, 20) * 100) + ([0n, 13n, 14n][drawBelow(dice, 3)] ?? 0n));
      const answer = await (drawBelow(dice, 3) === 0 ? world.payments.withdraw(player, request) : world.payments.deposit(player, request));
      if (answer.kind === 'requested') requested += 1;
      clock.advance(drawBelow(dice, 900));
      await world.payments.turn().catch(() => undefined);
    }
    expect(await reconcile(world.ground)).toEqual([]);
    await turns(200);
    const [{ open = -1, total = 0 } = {}] = await database.sql<{ open: number; total: number }[]>`
      select count(*) filter (where ended_at is null)::int as open, count(*)::int as total from payments.transfers`;
    expect({ open, total }).toEqual({ open: 0, total: requested });
    const [{ followed = 0 } = {}] = await database.sql<{ followed: number }[]>`
      select count(*)::int as followed from psp.entries where source like 'instruction/%'`;
    expect(followed).toBeGreaterThan(10);
    expect(await reconcile(world.ground)).toEqual([]);
    const differences = await database.sql`
      select a.ref, sum(a.balance_fen) from psp.accounts a where a.pot <> 'bank' group by a.ref
      having sum(a.balance_fen) <> coalesce((select sum(j.balance_fen) from journal.accounts j where j.account_id like '%:' || a.ref), 0)`;
    expect([...differences]).toEqual([]);
    await world.ledger.node.stop();
    removeKeys(world.ledger);
    await database.drop();
  });
});

/** Loses a third of all calls before their effect, a third after it, and tells each event twice. */
function unreliable(institution: Institution, draw: () => number): Institution {
  const flaky =
    <A extends readonly unknown[]>(call: (...args: A) => Promise<void>) =>
    async (...args: A): Promise<void> => {
      const fate = draw();
      if (fate === 0) throw new Error('the line broke before');
      await call(...args);
      if (fate === 1) throw new Error('the line broke after');
    };
  return {
    ...institution,
    createDeposit: flaky(institution.createDeposit),
    requestPayout: flaky(institution.requestPayout),
    requestRefund: flaky(institution.requestRefund),
    execute: flaky(institution.execute),
    turn: (deliver) =>
      institution.turn(async (event) => {
        const taken = await deliver(event);
        // The answer is lost: the institution tells it again.
        return draw() !== 0 && taken;
      }),
  };
}

describe('killed at any moment', () => {
  let database: TestDatabase;
  let keysDir: string;
  beforeAll(async () => {
    database = await createTestDatabase({ max: 6 });
    keysDir = mkdtempSync(path.join(tmpdir(), 'daoju-keys-'));
  });
  afterAll(async () => {
    await database.drop();
    rmSync(keysDir, { recursive: true, force: true });
  });

  it('what was answered is finished by the next process, and no fen is lost or made', async () => {
    const dice = seededRandom('kill');
    const answered: string[] = [];
    for (let life = 0; life < 6; life++)
      answered.push(...(await liveAndDie(database.url, keysDir, life * 10_000, 5 + drawBelow(dice, 40), drawBelow(dice, 60))));
    const world = await openTestPayments(database.sql, { clock: systemClock, keysDir, pace: { workMs: 2, callbackMs: 2, repeatMs: 4 } });
    // What the last life made due lies at most a moment ahead.
    await world.rest(() => undefined);
    const until: Instant = instant(systemClock.now() + 60_000);
    const open = async () => (await database.sql`select 1 from payments.transfers where ended_at is null limit 1`).length > 0;
    while ((await open()) && systemClock.now() < until) await world.payments.turn();
    await world.rest();
    expect(await reconcile(world.ground)).toEqual([]);
    const rows = await database.sql<{ transfer_id: string; state: string }[]>`select transfer_id, state from payments.transfers`;
    expect(answered.length).toBeGreaterThan(20);
    const known = new Map(rows.map((row) => [row.transfer_id, row.state]));
    expect(answered.filter((id) => !['paid', 'failed'].includes(known.get(id) ?? 'nothing'))).toEqual([]);
    await world.ledger.node.stop();
  });
});

/** @returns the transfers that the process was answered before it was killed, a moment after the `count`th answer */
async function liveAndDie(url: string, keysDir: string, first: number, count: number, momentMs: number): Promise<readonly string[]> {
  const child = spawn(NODE, ['--no-warnings', 'test/support/payments-child.ts', url, keysDir, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const answered: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== 'ready') answered.push(line.replace('requested ', ''));
    if (answered.length === count) setTimeout(() => child.kill('SIGKILL'), momentMs);
  }
  return answered;
}
