/** Drizzle over the pool writes what raw SQL reads, and leaves the pool's own reading of times and JSON as it was. */
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { games, ledgerItems, refunds, transfers } from '#drizzle/schema/index.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { orm } from '#server/db.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const AT = instant(Date.UTC(2026, 10, 22, 4, 5, 6, 789));
const ACCT = 'a'.repeat(64);

test('JSON is stored as JSON, times to the millisecond; raw rows read as before', async () => {
  const { sql } = database;
  const gameId = `gam_${'1'.repeat(32)}`;
  const affiliates = ['one', { '"quoted"': [1, true, null] }];
  await orm(sql)
    .insert(games)
    .values({ gameId, studioAcct: ACCT, gameRef: 'g', nameEn: 'Game', affiliates, heartbeatAt: AT, createdAt: AT });
  const raw = await sql`select jsonb_typeof(affiliates) as type, affiliates, created_at, name_zh from catalogue.games`;
  expect([...raw]).toEqual([{ type: 'array', affiliates, created_at: new Date(AT), name_zh: null }]);
  const [row] = await orm(sql).select().from(games).where(eq(games.gameId, gameId));
  expect(row).toMatchObject({ affiliates, createdAt: AT, heartbeatAt: AT, nameZh: null, nameEn: 'Game' });
});

test('money, big numbers and bytes go through the parsers at their full width', async () => {
  const { sql } = database;
  const transferId = `pay_${'2'.repeat(32)}`;
  const amountFen = fen(9_007_199_254_740_993n);
  const facts = { transferId, acct: ACCT, referenceId: 'r', kind: 'deposit', state: 'requested', requestedAt: AT } as const;
  await orm(sql)
    .insert(transfers)
    .values({ ...facts, amountFen });
  const [row] = await orm(sql).select({ amountFen: transfers.amountFen, endedAt: transfers.endedAt }).from(transfers);
  expect(row).toEqual({ amountFen, endedAt: null });
  const lastEntry = 18_446_744_073_709_551_615n;
  const bytes = (length: number) => new Uint8Array(length).fill(7);
  await orm(sql)
    .insert(ledgerItems)
    .values({ serial: 1n, cls: 2n, ext: bytes(32), owner: bytes(32), ver: 1n, lastEntry, leaf: bytes(183) });
  const [item] = await orm(sql).select().from(ledgerItems);
  expect(item).toMatchObject({ serial: 1n, lastEntry });
  expect(new Uint8Array(item?.leaf ?? [])).toEqual(bytes(183));
});

test('inside a database transaction it belongs to it', async () => {
  const { sql } = database;
  const transferId = `pay_${'2'.repeat(32)}`;
  const failure = sql.begin(async (tx) => {
    await orm(tx).insert(refunds).values({ transferId, requestedAt: AT });
    expect(await orm(tx).select().from(refunds)).toHaveLength(1);
    throw new Error('taken back');
  });
  await expect(failure).rejects.toThrow('taken back');
  expect(await orm(sql).select().from(refunds)).toEqual([]);
});
