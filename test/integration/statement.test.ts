/** The daily comparison with the institution's statement: sums agree, a planted break is found, named, aged and closed, and nothing is told
 *  twice (V-11). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { parseReferenceId } from '#ledger/primitives/ids.ts';
import { beijingDate } from '#ledger/primitives/instant.ts';
import { reconcile } from '#server/journal/reconcile.ts';
import { listBreaks } from '#server/journal/statement.repo.ts';
import { openStatementDesk, type StatementDesk } from '#server/journal/statement-desk.ts';
import { silentLog } from '#server/log.ts';
import { openTestMarket, placed, type TestMarket } from '#test/support/market.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

let m: TestMarket;
let desk: StatementDesk;
let day: string;

async function rest(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    m.clock.advance(5_000);
    await m.market.turnClocks();
  }
}

beforeAll(async () => {
  m = await openTestMarket();
  const compareBooks = () => reconcile({ sql: m.sql, clock: m.clock, random: seededRandom('statement'), ledger: m.ledger });
  desk = openStatementDesk({ sql: m.sql, clock: m.clock, log: silentLog, outbox: m.outbox, compareBooks });
  expect(await desk.turn(), 'nothing is due before the first booking').toBe(0);
  await m.fund(m.bob, 900_000n);
  const sword = await m.kind('sword');
  const itemIds = await m.mint(sword, m.amy, 1);
  const of = { classId: sword.classId, itemIds } as const;
  const listing = placed(await m.place(m.amy, await m.quote(m.amy, { ...of, intent: 'listing', priceFen: fen(120_000n) })));
  placed(await m.place(m.bob, await m.quote(m.bob, { ...of, intent: 'take_listing', targetOrderId: listing.order.orderId })));
  await m.certify();
  expect((await m.market.withdraw(await m.bob.player(), { referenceId: parseReferenceId('out'), amountFen: fen(200_000n) })).kind).toBe(
    'requested',
  );
  await rest();
  day = beijingDate(m.clock.now());
});
afterAll(() => m.stop());

const told = async (type: string) =>
  (await m.sql<{ body: string }[]>`select body from outbox.messages where room = 'sup:finance' and type = ${type} order by seq`).map(
    ({ body }): Record<string, string> => JSON.parse(body),
  );
async function compare(of: string) {
  const compared = await desk.compare(of);
  if (compared === null) throw new Error('the day has not begun');
  return compared;
}
/** Past the institution's own guards. */
async function alter(statement: string): Promise<void> {
  await m.sql.begin(async (tx) => {
    await tx.unsafe('set local session_replication_role = replica');
    await tx.unsafe(statement);
  });
}

test('opening and what came, less what went, is closing and what everybody holds, on both sides', async () => {
  const { day: compared, open } = await compare(day);
  expect(open).toEqual([]);
  const figures = { openingFen: '0', inFen: '900000', outFen: '200000', closingFen: '700000', heldFen: '700000' };
  expect(compared).toMatchObject({ day, run: 1, differenceFen: '0', figures: { ours: figures, theirs: figures, onItsWayFen: '0' } });
});

test('a day is compared at 01:00 of the next, once, and told once', async () => {
  const before = await told('fin.flow.day');
  const start = Date.parse(`${day}T00:00:00+08:00`) + 86_400_000;
  m.clock.set(new Date(start + 3_599_000).toISOString());
  expect(await desk.turn()).toBe(0);
  m.clock.set(new Date(start + 3_601_000).toISOString());
  expect(await desk.turn()).toBe(1);
  expect(await desk.turn()).toBe(0);
  await Promise.all([compare(day), compare(day)]);
  const after = await told('fin.flow.day');
  expect(after).toHaveLength(before.length + 1);
  expect(after.at(-1)).toMatchObject({
    day,
    run: 2,
    inFen: '900000',
    outFen: '200000',
    heldFen: '700000',
    reconciliationDiffFen: '0',
    breaks: 0,
  });
});

test('the next day opens where this one closed', async () => {
  const { figures } = (await compare(beijingDate(m.clock.now()))).day;
  expect([figures.ours, figures.theirs].map(({ openingFen, closingFen, inFen }) => [openingFen, inFen, closingFen])).toEqual([
    ['700000', '0', '700000'],
    ['700000', '0', '700000'],
  ]);
});

test.each([
  [
    'statement_differs',
    'pay_in',
    `update psp.postings set amount_fen = amount_fen - 5 where pot = 'bank' and source like 'pay_in/%'`,
    `update psp.postings set amount_fen = amount_fen + 5 where pot = 'bank' and source like 'pay_in/%'`,
  ],
  [
    'statement_differs',
    'instruction',
    `update psp.postings set amount_fen = amount_fen + 7 where pot = 'pending'`,
    `update psp.postings set amount_fen = amount_fen - 7 where pot = 'pending'`,
  ],
  [
    'statement_missing',
    'pay_out',
    `update psp.entries set source = 'lost' where source like 'pay_out/%'`,
    `update psp.entries set source = (select 'pay_out/' || transfer_id from payments.transfers where kind = 'withdrawal') where source = 'lost'`,
  ],
] as const)('a break that is planted in the statement (%s, %s) is found, named, aged and closed', async (kind, source, plant, repair) => {
  const before = (await told('fin.break')).length;
  await alter(plant);
  const first = await compare(day);
  const found = first.open.find((each) => each.kind === kind);
  expect(found?.subject).toMatch(new RegExp(`^${source}/`));
  expect(BigInt(found?.differenceFen ?? '0')).toBe(BigInt(found?.reported ?? '0') - BigInt(found?.expected ?? '0'));
  expect(found?.differenceFen).not.toBe('0');
  const opened = (await told('fin.break')).length;
  expect(opened).toBe(before + first.open.length);
  m.clock.advance(90_000);
  const again = await compare(day);
  expect(again.open.map(({ breakId }) => breakId)).toEqual(first.open.map(({ breakId }) => breakId));
  expect((await told('fin.break')).length, 'an open break is told once').toBe(opened);
  await alter(repair);
  expect((await compare(day)).open).toEqual([]);
  const closed = (await told('fin.break')).slice(opened);
  expect(closed.find(({ breakId }) => breakId === found?.breakId)).toMatchObject({ state: 'closed', ageSeconds: 90 });
  expect((await listBreaks(m.sql, 50)).find(({ breakId }) => breakId === found?.breakId)?.closedAt).not.toBeNull();
});

test('a day that has not begun is not compared', async () => {
  expect(await desk.compare('2099-01-01')).toBeNull();
});

test('a fault that makes thousands of breaks is told in two hundred lines and one that counts the rest', async () => {
  let count = 2_500;
  const compareBooks = async () =>
    Array.from({ length: count }, (_, at) => ({
      kind: 'custody_differs' as const,
      subject: `itm_${String(at).padStart(32, '0')}`,
      expected: 'amy ver 1',
      reported: 'bob ver 2',
    }));
  const flooded = openStatementDesk({ sql: m.sql, clock: m.clock, log: silentLog, outbox: m.outbox, compareBooks });
  const before = (await told('fin.break')).length;
  const since = async () => (await told('fin.break')).slice(before).map(({ subject, state }) => `${subject} ${state}`);
  await flooded.compare(day);
  expect(await since()).toHaveLength(201);
  expect(await since()).toContain('2300 more open');
  await flooded.compare(day);
  expect(await since()).toHaveLength(201);
  count = 2_499;
  await flooded.compare(day);
  expect((await since()).slice(201)).toEqual(['2299 more open', '2300 more closed']);
  count = 0;
  await flooded.compare(day);
  expect(await since()).toHaveLength(203 + 201);
});

test('figures and breaks that are kept cannot be rewritten', async () => {
  await expect(m.sql`update journal.statement_days set difference_fen = 1`).rejects.toThrow('append-only');
  await expect(m.sql`delete from journal.breaks`).rejects.toThrow('append-only');
  await expect(m.sql`update journal.breaks set closed_at = null`).rejects.toThrow('was closed');
});
