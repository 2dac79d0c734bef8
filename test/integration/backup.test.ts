/** A backup is written while the market runs and restored elsewhere (O-07): the same rows, a sound chain, books that agree; a changed byte restores nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { audit } from '#ledger/node/audit.ts';
import { loadNodeKeys } from '#ledger/node/keys.ts';
import { openSslSm2 } from '#ledger/node/sm2-openssl.ts';
import { reconcile } from '#server/journal/reconcile.ts';
import { BackupDamage, linesOf, readBackup, writeBackup } from '#server/operations/backup.repo.ts';
import { openKeys, sealKeys } from '#server/operations/key-backup.ts';
import type { Answer } from '#server/sdk/studio-client.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { startTestServer } from '#test/support/server.ts';
import { newReference, openRig, type Rig } from './public-refusals/rig.ts';

let rig: Rig;
let elsewhere: TestDatabase;
let folder: string;
let bytes: Buffer;
const kept: { readonly method: 'POST' | 'PATCH'; readonly address: string; readonly body: object; readonly answer: Answer }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'daoju-backup-'));
  rig = await openRig();
  elsewhere = await createTestDatabase();
  await rig.mint(await rig.kind('shield'), rig.amy, 3);
  await rig.server.database.sql`update identity.players set display_name = ${'line\u2028end'} where acct = ${rig.bob.acct}`;
  const game = await keep('POST', '/api/v1/games', { game_ref: 'kept', name: { en: 'Kept' }, approval_no: 'ISBN-2' });
  const game_id = String(Object(game.body).game_id);
  const row = { class_ref: 'helm', name: { en: 'Helm' }, category: 'Mods', type: 'Mod', icon: 'processor' };
  const declared = await keep('POST', '/api/v1/item-classes', { game_id, rows: [row] });
  await rig.settled();
  const open = () => rig.server.database.sql`select from catalogue.item_classes where certified_at is null`;
  await vi.waitUntil(async () => (await open()).length === 0, { timeout: 30_000 });
  await keep('POST', '/api/v1/mints', { game_id, rows: [{ class_ref: 'helm', to: rig.amy.acct, quantity: 2 }] });
  await keep('PATCH', `/api/v1/item-classes/${Object(declared.body).rows[0].id}`, { supply_cap: 9 });
  await keep('POST', `/api/v1/games/${game_id}/heartbeat`, {});
  await rig.settled();
  // The feed tells of a block after it is certified.
  const told = async () => {
    const [row] = await rig.server.database.sql<
      { n: number }[]
    >`select count(*)::int as n from outbox.messages where type = 'ledger.block'`;
    return row?.n === Number(rig.server.services.ledger.certified.height);
  };
  await vi.waitUntil(told, { timeout: 30_000 });
  bytes = await written();
});
afterAll(async () => {
  await rig?.server.stop();
  await elsewhere?.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** A write that is done, to be sent again. */
async function keep(method: 'POST' | 'PATCH', address: string, facts: Readonly<Record<string, unknown>>): Promise<Answer> {
  const body = { reference_id: newReference(), ...facts };
  const answer = await rig.studio.write(method, address, body);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  kept.push({ method, address, body, answer });
  return answer;
}

async function written(): Promise<Buffer> {
  const out = new PassThrough();
  const chunks: Buffer[] = [];
  out.on('data', (chunk: Buffer) => chunks.push(chunk));
  await writeBackup(rig.server.database.sql, out, '2026-11-23T10:00:00.000Z');
  out.end();
  return Buffer.concat(chunks);
}
const read = (content: Buffer) => readBackup(elsewhere.sql, linesOf(PassThrough.from([content])));
const countIn = async ({ sql }: TestDatabase) =>
  sql`select (select count(*)::int from ledger.entries) as entries, (select count(*)::int from identity.players) as players,
    (select count(*)::int from custody.items) as items, (select count(*)::int from outbox.messages) as messages, (select next_id from journal.heads) as next`;

test('one changed byte, or a file that ends too early, restores nothing', async () => {
  const before = await countIn(elsewhere);
  const changed = Buffer.from(bytes);
  const place = changed.indexOf(Buffer.from('line'));
  changed[place] = 76;
  await expect(read(changed)).rejects.toThrow(BackupDamage);
  await expect(read(bytes.subarray(0, bytes.length - 200))).rejects.toThrow(BackupDamage);
  expect(await countIn(elsewhere)).toEqual(before);
});

test('restored elsewhere it has the same rows, a sound chain and books that agree', async () => {
  const done = await read(bytes);
  expect(done.at).toBe('2026-11-23T10:00:00.000Z');
  expect(await countIn(elsewhere)).toEqual(await countIn(rig.server.database));
  const [name] = await elsewhere.sql`select display_name from identity.players where acct = ${rig.bob.acct}`;
  expect(name).toMatchObject({ display_name: 'line\u2028end' });
  const report = await audit(elsewhere.sql, openSslSm2());
  expect(report.height).toBe(rig.server.services.ledger.certified.height);
  const { clock, random } = rig.server.services;
  expect(await reconcile({ sql: elsewhere.sql, clock, random, ledger: null })).toEqual([]);
  const guarded = elsewhere.sql`update outbox.messages set body = '[]'`;
  await expect(guarded).rejects.toThrow('insert-only');
  await expect(read(bytes)).rejects.toThrow('holds a chain already');
});

test('keys travel apart: they open with their passphrase alone, into an empty folder alone', () => {
  const from = path.join(rig.server.dataDir, 'keys');
  const text = sealKeys(from, 'a passphrase of its own', seededRandom('backup'));
  const to = path.join(folder, 'keys');
  expect(() => openKeys(text, 'another passphrase', to)).toThrow('passphrase is not the one');
  openKeys(text, 'a passphrase of its own', to);
  const sm2 = openSslSm2();
  const load = (dir: string) => loadNodeKeys({ dir, sm2, random: seededRandom('none').bytes, create: false });
  expect(load(to)).toEqual(load(from));
  expect(() => openKeys(text, 'a passphrase of its own', to)).toThrow('holds keys already');
  expect(() => sealKeys(from, 'short', seededRandom('backup'))).toThrow('12 characters');
});

test('a market started from the backup answers every write of before as it did, does nothing twice, and refuses another under its reference', async () => {
  const restored = await startTestServer({ sql: elsewhere.sql, dataDir: folder, clock: rig.server.clock });
  const countWrites = () =>
    elsewhere.sql`select (select count(*) from catalogue.item_classes) as kinds, (select count(*) from custody.items) as items,
      (select count(*) from studio."references") as answers, (select count(*) from ledger.ledger_txs) as txs`;
  try {
    const studio = rig.studioAt(restored.base);
    const before = await countWrites();
    for (const { method, address, body, answer } of kept) {
      const again = await studio.write(method, address, body);
      expect([address, again.status, again.body]).toEqual([address, answer.status, { ...Object(answer.body), replayed: true }]);
    }
    expect(kept.length).toBe(5);
    const [first] = kept;
    const conflict = await studio.write('POST', first?.address ?? '', { ...first?.body, approval_no: 'ISBN-3' });
    expect(conflict).toMatchObject({ status: 409, body: { code: 'reference_conflict', diff: [{ path: 'approval_no' }] } });
    expect(await countWrites()).toEqual(before);
  } finally {
    await restored.stop();
  }
});
