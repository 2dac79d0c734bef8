/** The studio of the demonstration behind a real server, and what its tests ask of it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import type { AccountSigner } from '#ledger/node/ledger-node.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import type { Ground } from '#server/context.ts';
import { silentLog } from '#server/log.ts';
import { appendOutbox } from '#server/outbox/append-outbox.ts';
import { listDigest } from '#server/rest/cursor.ts';
import { restHandler } from '#server/rest/rest.ts';
import { type Answer, createStudioClient, type StudioClient } from '#server/sdk/studio-client.ts';
import { openStudio, type Studio } from '#server/studio/studio.ts';
import { ensureDemonstrationStudio, STUDIO_READ_KEY, STUDIO_WRITE_KEY_ID } from '#server/workers/demonstration/studio-account.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { describedStudio } from '#test/support/described-answers.ts';
import { type FakeClock, fakeClock } from '#test/support/fake-clock.ts';
import { openTestLedger, removeKeys, type TestLedger } from '#test/support/ledger.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

export let database: TestDatabase;
export let ledger: TestLedger;
export let studio: Studio;
export let signer: AccountSigner;
export let server: Server;
export let base: string;
export let client: StudioClient;
export let clock: FakeClock;
export let gameId: string;
/** Every write of this file that was done, with its answer. */
export const done: {
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly answer: Answer;
}[] = [];
export const random = seededRandom('studio-api');
export const restKey = demonstrationKeys('studio-rest');
export const ALL_CLASSES = listDigest('item-classes', '');

export async function openWorld(): Promise<void> {
  database = await createTestDatabase();
  ledger = await openTestLedger(database.sql);
  clock = fakeClock();
  clock.set(new Date(ledger.clock.now).toISOString());
  const ground = { sql: database.sql, clock, random, log: silentLog, ledger: ledger.node };
  signer = await ensureDemonstrationStudio(ground);
  await openRest(ground);
  const game = await client.write('POST', '/api/v1/games', {
    reference_id: 'game-1',
    game_ref: 'g1',
    name: { zh: '游戏', en: 'Game' },
    approval_no: 'ISBN-1',
    attributes: [{ key: 'drain', type: 'integer', label: { en: 'Drain' } }],
  });
  gameId = fieldOf(game, 'game_id');
}

/** The studio's side of the server, with nothing in memory. */
export async function openRest(ground: Ground): Promise<void> {
  studio = openStudio(ground, { outbox: { append: appendOutbox }, hostedSigners: new Map([[toHex(signer.acct), signer]]) });
  await studio.start();
  const handle = restHandler({ ...ground, studio, archives: { of: () => null } });
  server = createServer((req, res) => void handle(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const made = createStudioClient({
    base,
    keyId: STUDIO_WRITE_KEY_ID,
    privateKey: restKey.privateKey,
    readKey: STUDIO_READ_KEY,
    sm2: ledger.node.sm2,
    now: () => clock.now(),
    random: (length) => random.bytes(length),
  });
  const described = describedStudio(made);
  client = {
    ...described,
    write: async (method, path, body, headers) => {
      const answer = await described.write(method, path, body, headers);
      const isDone = answer.status < 300 && Object(answer.body).state !== 'dry_run' && Object(answer.body).replayed === false;
      if (isDone && (method === 'POST' || method === 'PATCH')) done.push({ method, path, body: Object(body), answer });
      return answer;
    },
  };
}

export async function closeWorld(): Promise<void> {
  server.close();
  await studio.stop();
  await ledger.node.stop();
  await database.drop();
  removeKeys(ledger);
}

export function fieldOf(answer: Answer, name: string): string {
  return String((answer.body as Readonly<Record<string, unknown>>)[name]);
}

export const kind = (classRef: string, more: Readonly<Record<string, unknown>> = {}) => ({
  class_ref: classRef,
  name: { en: classRef },
  category: 'Mods',
  type: 'Mod',
  icon: 'processor',
  ...more,
});

export async function declare(referenceId: string, ...classRefs: readonly string[]): Promise<Answer> {
  const answer = await client.write('POST', '/api/v1/item-classes', {
    reference_id: referenceId,
    game_id: gameId,
    rows: classRefs.map((ref) => kind(ref)),
  });
  await seal();
  return answer;
}

/** Seals, and waits until the studio's side has followed. */
export async function seal(): Promise<void> {
  ledger.clock.now += 1000;
  await ledger.node.sealNow();
  await expect
    .poll(async () => (await database.sql`select 1 from catalogue.item_classes where certified_at is null`).length, { timeout: 30_000 })
    .toBe(0);
}

export async function counts(): Promise<string> {
  const [row] =
    await database.sql`select (select count(*) from catalogue.item_classes) as classes, (select count(*) from custody.items) as items, (select count(*) from studio."references") as refs, (select count(*) from ledger.ledger_txs) as txs`;
  return JSON.stringify(row);
}
