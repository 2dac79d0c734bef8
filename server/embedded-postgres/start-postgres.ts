/**
 * A real PostgreSQL from the lockfile: no container, no package manager; as root, as a user, with install scripts blocked.
 * Survives the kill -9 of its starter (the next start adopts the server) and of itself, a stale lock file, and several starters at once.
 */
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { type Cluster, openCluster, spawnBinary } from './cluster.ts';
import { errorCode, findFreePort, isAlive, waitUntilGone } from './processes.ts';

export interface EmbeddedPostgres {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Where the data really is: not always the folder that was asked for, so never guess it. */
  readonly dir: string;
  /** True when the server was already running. */
  readonly isAttached: boolean;
  /** True when the living process that started it is another one: `stop` then leaves it running. */
  readonly isForeign: boolean;
  /** Stops the server, unless another living process started it. */
  stop(): Promise<void>;
  /** Stops the server and removes its data. */
  destroy(): Promise<void>;
}

export type EmbeddedPostgresOptions = {
  readonly dir: string;
  readonly database?: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** For a server that others find by its address; any free one when left out. */
  readonly port?: number;
  /** Receives FATAL and PANIC lines of the running server. */
  readonly log?: (line: string) => void;
};

const START_ATTEMPTS = 5;

/** Attaches to the server of this folder or starts it. The named database exists when this resolves. */
export async function startPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const cluster = await openCluster(options.dir);
  let complaint = '';
  for (let attempt = 1; attempt <= START_ATTEMPTS; attempt++) {
    const running = await attach(cluster, options);
    if (running !== null) return running;
    const started = await start(cluster, options);
    if (started.kind === 'started') return started.server;
    complaint = started.complaint;
    // Another starter won the folder, or someone took the port in between: look again.
    if (!/lock file|shared memory block|could not bind|in use/.test(complaint)) break;
    await sleep(300);
  }
  throw new Error(`PostgreSQL did not start:\n${complaint}`);
}

const ownerFile = (cluster: Cluster) => path.join(cluster.folder, 'owner.pid');

function urlOf(cluster: Cluster, port: number, database: string): string {
  return `postgres://postgres:${cluster.password}@127.0.0.1:${port}/${database}`;
}

function remove(cluster: Cluster): void {
  rmSync(cluster.base, { recursive: true, force: true });
}

/** The server of an earlier run: used, and adopted when its starter is gone. A lock that names no server of ours is dropped. */
async function attach(cluster: Cluster, { database = 'market' }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres | null> {
  const pidFile = path.join(cluster.data, 'postmaster.pid');
  if (!existsSync(pidFile)) return null;
  const lines = readFileSync(pidFile, 'utf8').split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!isServerOf(cluster, pid)) {
    rmSync(pidFile, { force: true });
    return null;
  }
  await ensureDatabase(cluster, port, database);
  const owner = existsSync(ownerFile(cluster)) ? Number(readFileSync(ownerFile(cluster), 'utf8')) : 0;
  const isAdopted = !isAlive(owner);
  if (isAdopted) writeFileSync(ownerFile(cluster), String(process.pid));
  const stop = async () => {
    if (!isAdopted || !isAlive(pid)) return;
    process.kill(pid, 'SIGINT'); // PostgreSQL's fast shutdown
    await waitUntilGone(pid);
  };
  const destroy = async () => {
    await stop();
    remove(cluster);
  };
  return { url: urlOf(cluster, port, database), port, pid, dir: cluster.base, isAttached: true, isForeign: !isAdopted, stop, destroy };
}

/** The pid of a lock file may by now be any process: on Linux its command line must name our data folder. */
function isServerOf(cluster: Cluster, pid: number): boolean {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(cluster.data);
  } catch {
    return false;
  }
}

type Start = { readonly kind: 'started'; readonly server: EmbeddedPostgres } | { readonly kind: 'failed'; readonly complaint: string };

async function start(cluster: Cluster, options: EmbeddedPostgresOptions): Promise<Start> {
  const { database = 'market', log } = options;
  const port = options.port ?? (await findFreePort());
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    logging_collector: 'off',
    log_checkpoints: 'off',
    timezone: 'UTC',
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawnBinary(cluster, 'postgres', ['-D', cluster.data, '-p', String(port), ...flags]);
  let output = '';
  const isReady = await new Promise<boolean>((resolve) => {
    child.stderr?.on('data', (chunk) => {
      output = (output + String(chunk)).slice(-20_000);
      if (output.includes('ready to accept connections')) resolve(true);
    });
    child.once('error', (error) => {
      output += String(error);
      resolve(false);
    });
    child.once('exit', () => resolve(false));
  });
  if (!isReady || child.pid === undefined) return { kind: 'failed', complaint: output };
  writeFileSync(ownerFile(cluster), String(process.pid));
  child.stderr?.removeAllListeners('data').on('data', (chunk) => {
    for (const line of String(chunk).split('\n')) if (/FATAL|PANIC/.test(line)) log?.(line);
  });
  child.unref();
  // The pipe must not keep a short command alive; its type hides that it is a socket.
  if (child.stderr !== null && 'unref' in child.stderr && typeof child.stderr.unref === 'function') child.stderr.unref();

  let stopping: Promise<void> | undefined;
  const stopOnce = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const ended = once(child, 'exit');
    child.kill('SIGINT'); // fast shutdown
    const impatience = setTimeout(() => child.kill('SIGQUIT'), 15_000); // immediate shutdown: recovery at the next start
    await ended;
    clearTimeout(impatience);
  };
  const stop = () => {
    stopping ??= stopOnce();
    return stopping;
  };
  const destroy = async () => {
    await stop();
    remove(cluster);
  };
  await ensureDatabase(cluster, port, database);
  return {
    kind: 'started',
    server: {
      url: urlOf(cluster, port, database),
      port,
      pid: child.pid,
      dir: cluster.base,
      isAttached: false,
      isForeign: false,
      stop,
      destroy,
    },
  };
}

/** Waits up to 10 s for a server that is still recovering. A wrong password (28P01) is not worth waiting for. */
async function ensureDatabase(cluster: Cluster, port: number, database: string): Promise<void> {
  const sql = postgres(urlOf(cluster, port, 'postgres'), { max: 1, connect_timeout: 10, onnotice: () => undefined });
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        const rows = await sql`select 1 from pg_database where datname = ${database}`;
        if (rows.length === 0) await sql.unsafe(`create database "${database}"`);
        return;
      } catch (error) {
        if (errorCode(error) === '42P04' || errorCode(error) === '23505') return; // another starter made it
        if (attempt >= 50 || errorCode(error) === '28P01') throw error;
        await sleep(200);
      }
    }
  } finally {
    await sql.end();
  }
}
