/** The movable clock of a demonstration (product O-25), over HTTP. The members' part is in the tour (test/e2e). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { movableClock } from '#server/clock.ts';
import { RefusalError } from '#server/refusal.ts';
import { fakeClock } from '#test/support/fake-clock.ts';
import { openVisitor, refusalOf, startTestServer, type TestServer, type Visitor } from '#test/support/server.ts';
import { openStaff } from '#test/support/staff.ts';

const HOUR_MS = 3_600_000;
const machine = fakeClock();
const clock = movableClock(machine);
const followed: number[] = [];
let server: TestServer;
let operator: Visitor;

beforeAll(async () => {
  const followers = async (offsetMs: number) => {
    followed.push(offsetMs, clock.offsetMs);
  };
  server = await startTestServer({ clock, movable: { clock, machine, followers } });
  operator = await openStaff(server, 'staff-operator');
});
afterAll(() => server.stop());

const offsetTold = (visitor: Visitor) => visitor.lastAnswer()?.headers.get('x-daoju-clock') ?? null;

test('business time jumps once per press, the members first; answers say so, sessions live on', async () => {
  const before = await operator.api.clock.get.query();
  expect(before).toMatchObject({ offsetMs: 0, moves: [] });
  expect(offsetTold(operator)).toBeNull();
  const moved = await operator.api.clock.forward.mutate({ step: '24h', fromOffsetMs: 0 });
  expect(moved.offsetMs).toBe(24 * HOUR_MS);
  expect(Date.parse(moved.now) - Date.parse(before.now)).toBe(24 * HOUR_MS);
  expect(moved.moves).toMatchObject([{ offsetMs: 24 * HOUR_MS }]);
  // Told before this process went ahead itself.
  expect(followed).toEqual([24 * HOUR_MS, 0]);
  // The same press again, as a lost answer makes a browser do.
  expect((await operator.api.clock.forward.mutate({ step: '24h', fromOffsetMs: 0 })).offsetMs).toBe(24 * HOUR_MS);
  expect(followed).toHaveLength(2);
  // A session idles by the machine's clock: half an hour of it, not a day of the market.
  expect((await operator.api.staff.me.query())?.role).toBe('operator');
  const anybody = openVisitor(server.base);
  await anybody.api.session.demoAccounts.query();
  expect(offsetTold(anybody)).toBe(String(24 * HOUR_MS));
});

test('a press on a time that is no longer shown is refused, and so is a jump past the rules that are loaded', async () => {
  expect((await refusalOf(operator.api.clock.forward.mutate({ step: '7d', fromOffsetMs: 0 }))).code).toBe('clock_moved');
  expect(clock.offsetMs).toBe(24 * HOUR_MS);
  for (let offset = clock.offsetMs; offset + 168 * HOUR_MS <= 400 * 24 * HOUR_MS; offset += 168 * HOUR_MS) {
    await operator.api.clock.forward.mutate({ step: '7d', fromOffsetMs: offset });
  }
  const { offsetMs } = clock;
  expect((await refusalOf(operator.api.clock.forward.mutate({ step: '7d', fromOffsetMs: offsetMs }))).code).toBe('clock_limit');
  expect(clock.offsetMs).toBe(offsetMs);
});

test('nobody but the operator moves it', async () => {
  const supervisor = await openStaff(server, 'staff-tax');
  expect((await refusalOf(supervisor.api.clock.get.query())).code).toBe('role_missing');
  const stranger = openVisitor(server.base);
  const refusal = await refusalOf(stranger.api.clock.forward.mutate({ step: '15m', fromOffsetMs: 0 }));
  expect(refusal.code).toBe('staff_sign_in_required');
});

test('where members run elsewhere, and on a chain that is no demonstration, there is no such panel', async () => {
  const codeOf = (asked: Promise<unknown>) => asked.catch((error: unknown) => (error instanceof RefusalError ? error.code : error));
  const apart = await startTestServer();
  const serious = await startTestServer({ isDemonstration: false });
  try {
    expect(await codeOf(apart.services.clockPanel.view())).toBe('clock_fixed');
    expect(await codeOf(serious.services.clockPanel.view())).toBe('demonstration_only');
    expect(await codeOf(serious.services.clockPanel.forward('operator', '7d', 0))).toBe('demonstration_only');
  } finally {
    await apart.stop();
    await serious.stop();
  }
});
