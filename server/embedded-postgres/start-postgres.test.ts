import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAlive, waitUntilGone } from './processes.ts';
import { type EmbeddedPostgres, startPostgres } from './start-postgres.ts';

const SETTINGS = { fsync: 'off' };
let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'daoju-postgres-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  // Whoever is left is ours: this process adopts and removes it.
  await (await startPostgres({ dir: folder, settings: SETTINGS })).destroy();
  rmSync(folder, { recursive: true, force: true });
});

const start = () => startPostgres({ dir: folder, settings: SETTINGS });

async function note(server: EmbeddedPostgres, text: string): Promise<readonly string[]> {
  const sql = postgres(server.url, { max: 1, onnotice: () => undefined });
  try {
    await sql`create table if not exists notes (text text)`;
    await sql`insert into notes values (${text})`;
    return (await sql<{ text: string }[]>`select text from notes`).map((row) => row.text);
  } finally {
    await sql.end();
  }
}

/** Another process that starts the server and then only lives. */
async function startElsewhere(): Promise<{ readonly child: ChildProcess; readonly pid: number }> {
  const module = path.join(import.meta.dirname, 'start-postgres.ts');
  const code = `const { startPostgres } = await import(${JSON.stringify(module)});
    const server = await startPostgres({ dir: ${JSON.stringify(folder)}, settings: { fsync: 'off' } });
    process.stdout.write(String(server.pid) + '\\n'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: path.resolve(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(child.stdout, 'data');
  return { child, pid: Number(String(line)) };
}

test('data survive a stop, and a second start in the same process attaches', async () => {
  const first = await start();
  await note(first, 'one');
  const again = await start();
  expect([again.isAttached, again.pid]).toEqual([true, first.pid]);
  await first.stop();
  const second = await start();
  expect(await note(second, 'two')).toEqual(['one', 'two']);
});

test('kill -9 of the starter: the next start adopts the running server and may stop it', async () => {
  const { child, pid } = await startElsewhere();
  const guest = await start();
  expect([guest.pid, guest.isForeign]).toEqual([pid, true]);
  await guest.stop();
  expect(isAlive(pid)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const heir = await start();
  expect([heir.pid, heir.isForeign]).toEqual([pid, false]);
  await heir.stop();
  expect(isAlive(pid)).toBe(false);
});

test('kill -9 of PostgreSQL itself: what was committed is there after the next start', async () => {
  const first = await startPostgres({ dir: folder });
  await note(first, 'durable');
  process.kill(first.pid, 'SIGKILL');
  await waitUntilGone(first.pid);
  const second = await start();
  expect(second.pid).not.toBe(first.pid);
  expect(await note(second, 'after')).toEqual(['durable', 'after']);
});

test('a stale lock that names another living process is dropped', async () => {
  const first = await start();
  await first.stop();
  const lock = path.join(first.dir, 'pg18', 'data', 'postmaster.pid');
  writeFileSync(lock, `${process.pid}\n/nowhere\n0\n5432\n\n127.0.0.1\n0\nready\n`);
  const second = await start();
  expect(second.isAttached).toBe(false);
  expect(readFileSync(lock, 'utf8').split('\n')[0]).toBe(String(second.pid));
});

test('three that start at once share one server', async () => {
  const servers = await Promise.all([start(), start(), start()]);
  expect(new Set(servers.map((server) => server.pid)).size).toBe(1);
  expect(existsSync(servers[0]?.dir ?? '')).toBe(true);
});
