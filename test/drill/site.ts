/**
 * Four organisations for a drill: four processes of the real program, each with a data folder, keys and a PostgreSQL of its own, and an
 * ordering engine that belongs to none of them. Whatever a drill destroys, it destroys for real.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeMember, type Member } from '#ledger/codec/config.ts';
import { openPgEngine } from '#ledger/node/engines/pg-engine.ts';
import { loadNodeKeys, type NodeKeys } from '#ledger/node/keys.ts';
import { DEMONSTRATION_MEMBERS } from '#ledger/node/membership.ts';
import type { NodeStatus } from '#ledger/node/node-status.ts';
import { startSm2, systemRandom } from '#ledger/node/sm2-openssl.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { openDatabase } from '#server/db.ts';
import { isAlive, waitUntilGone } from '#server/embedded-postgres/processes.ts';
import { type EmbeddedPostgres, startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import { memberRecord } from '#server/members/run-member.ts';
import { freePorts } from '#test/support/etcd.ts';

const MAIN = path.resolve(import.meta.dirname, '../../server/main.ts');
const CLI = path.resolve(import.meta.dirname, '../../server/cli/index.ts');
const HOST = '127.0.0.1';
const OPEN_MS = 120_000;

export type Org = 'operator' | 'studio' | 'supervisor' | 'notary';
export const MEMBER_ID = { operator: 1, studio: 2, supervisor: 3, notary: 4 } as const satisfies Record<Org, number>;
const ORGS: readonly Org[] = ['operator', 'studio', 'supervisor', 'notary'];

export interface DrillSite {
  readonly folder: string;
  baseOf(org: Org): string;
  dirOf(org: Org): string;
  keysOf(org: Org): NodeKeys;
  /** Of the organisation's own PostgreSQL, which runs with its process. */
  databaseOf(org: Org): Promise<EmbeddedPostgres>;
  /** `market`: the program of an operator, which any organisation runs that has taken over. */
  start(org: Org, as?: 'market' | 'member', options?: StartOptions): Promise<void>;
  stop(org: Org): Promise<void>;
  /** Process and PostgreSQL at once, as a power cut. */
  kill(org: Org): Promise<void>;
  /** Kills it and removes everything it had. */
  destroy(org: Org): Promise<void>;
  isRunning(org: Org): boolean;
  /** A copy of its database as it lies on the disk; the organisation must be stopped. */
  backUp(org: Org): string;
  /** Puts a copy back in the database's place. */
  putBack(org: Org, copy: string): void;
  /** The same for the site's ordering engine, which is stopped and started again around it. */
  backUpOrdering(): Promise<string>;
  putBackOrdering(copy: string): Promise<void>;
  destroyOrdering(): Promise<void>;
  /** A new, empty engine at another address, written into every site file. */
  replaceOrdering(): Promise<void>;
  orderingUrl(): string;
  /** Absent: the institution's books lie beside the operator's. */
  institutionUrl(): string | undefined;
  /** The organisation's database on a small file system of its own, so that it can be full; it must not have started yet. */
  limitDisk(org: Org, megabytes: number): void;
  /** Writes into that file system until nothing more fits; answers the way to free it. */
  fillDisk(org: Org): () => void;
  /** A command of the organisation's own staff, by a clock that may be ahead of the machine's. */
  cli(org: Org, args: readonly string[], options?: ClockShift): CliAnswer;
  /** With another data folder: keys alone, say. */
  cliIn(dir: string, args: readonly string[]): CliAnswer;
  /** Whether the engine holds a slot of epoch 0 at this height. */
  hasSlot(height: number): Promise<boolean>;
  status(org: Org): Promise<NodeStatus | null>;
  /** Height of the newest certified block at a member; -1 while it does not answer. */
  height(org: Org): Promise<number>;
  logOf(org: Org): string;
  /** Ends every process; `isKept`: the folders stay, for looking. */
  close(options: { readonly isKept: boolean }): Promise<void>;
}

export type ClockShift = { readonly clockShiftMs: number };
export type StartOptions = Partial<ClockShift> & { readonly hasPages?: boolean };

export interface CliAnswer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SiteOptions {
  /** In place of the site's own PostgreSQL: `etcd:…`. */
  readonly ordering?: string;
  /** The payment institution keeps its books where no organisation of the site does. */
  readonly isInstitutionApart?: boolean;
  readonly say: (line: string) => void;
}

export async function openSite({ ordering: given, isInstitutionApart = false, say }: SiteOptions): Promise<DrillSite> {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-drill-'));
  // PostgreSQL runs as another user than root and keeps its data where that user can go: here, so that a drill knows what it copies.
  chmodSync(folder, 0o755);
  const dirOf = (org: Org) => path.join(folder, org);
  const ports = await freePorts(ORGS.length);
  const baseOf = (org: Org) => `http://${HOST}:${ports[MEMBER_ID[org] - 1] ?? 0}`;
  let orderingDir = path.join(folder, 'ordering');
  // Its port must not change when it is started again: members know it by address.
  let [orderingPort = 0] = await freePorts(1);
  const startOrdering = () =>
    startPostgres({ dir: orderingDir, database: 'ordering', port: orderingPort, settings: { shared_buffers: '32MB' } });
  let engine = await startOrdering();
  const institution = isInstitutionApart ? await makeDatabase(engine.url, 'institution') : undefined;
  const { sm2 } = startSm2();
  const keys = new Map(ORGS.map((org) => [org, makeKeys(dirOf(org))] as const));
  const certifiedAt = Math.round(performance.timeOrigin + performance.now());
  const founders: readonly Member[] = DEMONSTRATION_MEMBERS.map((each) => memberRecord(each, keysIn(keys, each.name), certifiedAt));
  const endpoints = Object.fromEntries(ORGS.map((org) => [String(MEMBER_ID[org]), baseOf(org)]));
  const writeSites = (ordering: string): void => {
    for (const org of ORGS) {
      const site = { member: MEMBER_ID[org], endpoints, ordering, founders: founders.map((member) => toHex(encodeMember(member))) };
      writeFileSync(siteFile(org), JSON.stringify(site));
    }
  };
  writeSites(given ?? engine.url);
  const mounted: string[] = [];
  const children = new Map<Org, ChildProcess>();

  function makeKeys(dir: string): NodeKeys {
    mkdirSync(dir, { recursive: true, mode: 0o755 });
    return loadNodeKeys({ dir: path.join(dir, 'keys'), sm2, random: systemRandom, create: true });
  }
  function siteFile(org: Org): string {
    return path.join(folder, `${org}.json`);
  }
  const logFile = (org: Org) => path.join(folder, `${org}.log`);

  const start = async (org: Org, isMarket: boolean, { clockShiftMs = 0, hasPages = false }: StartOptions): Promise<void> => {
    const log = openSync(logFile(org), 'a');
    const pages = hasPages ? [] : ['--no-pages'];
    const role = isMarket ? ['--no-catalogue'] : ['--role', 'member', '--member', org, '--site', siteFile(org)];
    const child = spawn(process.execPath, [...shifted(clockShiftMs), MAIN, ...pages, ...role], {
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        HOST,
        PORT: String(ports[MEMBER_ID[org] - 1] ?? 0),
        DATA_DIR: dirOf(org),
        DATABASE_URL: undefined,
        MEMBERS: siteFile(org),
        INSTITUTION_URL: institution,
        LOG_LEVEL: 'info',
      },
    });
    children.set(org, child);
    const until = performance.now() + OPEN_MS;
    while ((await height(org)) < 0) {
      if (child.exitCode !== null) throw new Error(`the ${org} did not start: ${tail(logFile(org))}`);
      if (performance.now() > until) throw new Error(`the ${org} does not answer: ${tail(logFile(org))}`);
      await sleep(100);
    }
  };
  const end = async (org: Org, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const child = children.get(org);
    children.delete(org);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  const databaseOf = (org: Org) =>
    startPostgres({
      dir: path.join(dirOf(org), 'postgres'),
      ...(org === 'operator' ? {} : { settings: { shared_buffers: '64MB', max_connections: '40' } }),
    });
  const kill = async (org: Org): Promise<void> => {
    await end(org, 'SIGKILL');
    const { pid } = await databaseOf(org);
    process.kill(pid, 'SIGQUIT');
    await sleep(300);
  };
  const height = async (org: Org): Promise<number> => {
    const answer = await fetch(`${baseOf(org)}/readyz`, { signal: AbortSignal.timeout(3000) }).catch(() => null);
    const body: unknown = await answer?.json().catch(() => null);
    return typeof body === 'object' && body !== null && 'height' in body && typeof body.height === 'number' ? body.height : -1;
  };

  const runCli = (who: string, dir: string, args: readonly string[], { clockShiftMs }: ClockShift = { clockShiftMs: 0 }): CliAnswer => {
    const env = { ...process.env, DATA_DIR: dir, DATABASE_URL: undefined };
    const { status, stdout, stderr } = spawnSync(process.execPath, [...shifted(clockShiftMs), CLI, ...args], { encoding: 'utf8', env });
    if (status !== 0) say(`${who}: ${args.join(' ')}: ${status} ${stdout} ${stderr}`);
    return { status, stdout, stderr };
  };

  return {
    folder,
    baseOf,
    dirOf,
    keysOf: (org) => keysIn(keys, org),
    databaseOf,
    start: async (org, as, options = {}) => {
      await start(org, org === 'operator' || as === 'market', options);
      say(as === 'market' ? `the market of the ${org} is open` : `${org} is up`);
    },
    institutionUrl: () => institution,
    stop: (org) => end(org, 'SIGTERM'),
    kill,
    destroy: async (org) => {
      await end(org, 'SIGKILL');
      await (await databaseOf(org)).destroy();
      rmSync(dirOf(org), { recursive: true, force: true });
    },
    isRunning: (org) => children.has(org),
    status: async (org) => {
      const answer = await fetch(`${baseOf(org)}/ledger/v1/status`, { signal: AbortSignal.timeout(3000) }).catch(() => null);
      return answer?.ok === true ? ((await answer.json()) as NodeStatus) : null;
    },
    backUp: (org) => copyOf(path.join(dirOf(org), 'postgres'), path.join(folder, `${org}.backup`)),
    putBack: (org, copy) => {
      copyOf(copy, path.join(dirOf(org), 'postgres'));
    },
    backUpOrdering: async () => {
      await engine.stop();
      const copy = copyOf(orderingDir, path.join(folder, 'ordering.backup'));
      engine = await startOrdering();
      return copy;
    },
    putBackOrdering: async (copy) => {
      await engine.stop();
      copyOf(copy, orderingDir);
      engine = await startOrdering();
    },
    destroyOrdering: () => engine.destroy(),
    replaceOrdering: async () => {
      orderingDir = path.join(folder, `ordering-${orderingPort}`);
      [orderingPort = 0] = await freePorts(1);
      engine = await startOrdering();
      writeSites(engine.url);
    },
    limitDisk: (org, megabytes) => {
      const place = path.join(dirOf(org), 'postgres');
      mkdirSync(place, { recursive: true, mode: 0o755 });
      const done = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', place], { encoding: 'utf8' });
      if (done.status !== 0)
        throw new Error(`a small file system can't be mounted here (it takes root): ${done.stderr || done.error?.message}`);
      mounted.push(place);
    },
    fillDisk: (org) => fill(path.join(dirOf(org), 'postgres', 'ballast')),
    cli: (org, args, options) => runCli(org, dirOf(org), args, options),
    cliIn: (dir, args) => runCli('staff', dir, args),
    orderingUrl: () => engine.url,
    hasSlot: async (at) => {
      const opened = await openPgEngine(openDatabase(engine.url, { max: 1 }));
      try {
        return (await opened.read(0, BigInt(at))).slot !== null;
      } finally {
        await opened.close();
      }
    },
    height,
    logOf: (org) => readFileSync(logFile(org), 'utf8'),
    close: async ({ isKept }) => {
      await Promise.all(ORGS.map((org) => end(org, 'SIGKILL')));
      if (isKept) return engine.stop();
      // Whatever one of them says, the others go: a disk that is still full must leave no server behind.
      const faults: string[] = [];
      const attempt = (what: string, work: () => Promise<void>) =>
        work().catch((error: unknown) => void faults.push(`${what}: ${error instanceof Error ? error.message : String(error)}`));
      for (const org of ORGS) await attempt(`the database of the ${org}`, () => endPostgres(path.join(dirOf(org), 'postgres')));
      for (const place of mounted) await attempt(place, async () => unmount(place));
      await attempt('the ordering engine', () => engine.destroy());
      await attempt(folder, async () => rmSync(folder, { recursive: true, force: true }));
      if (faults.length > 0) throw new Error(faults.join('; '));
    },
  };
}

function keysIn(keys: ReadonlyMap<string, NodeKeys>, org: string): NodeKeys {
  const found = keys.get(org);
  if (found === undefined) throw new Error(`the ${org} has keys`);
  return found;
}

async function makeDatabase(serverUrl: string, name: string): Promise<string> {
  const sql = openDatabase(serverUrl, { max: 1 });
  await sql.unsafe(`create database ${name}`);
  await sql.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** The clock of one process alone is another: the machine's stays as it is. */
const shifted = (ms: number): readonly string[] =>
  ms === 0 ? [] : ['--import', `data:text/javascript,const now=Date.now;Date.now=()=>now()+(${ms})`];

/** Ends the server of a folder that is about to go: at once, since nothing of it is wanted. One that does not run is not started for it. */
async function endPostgres(dir: string): Promise<void> {
  const lock = path.join(dir, 'pg18', 'data', 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, 'utf8').split('\n', 1)[0]);
  // The number in a stale lock may be anybody's by now.
  if (!isAlive(pid) || !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dir)) return;
  process.kill(pid, 'SIGQUIT');
  await waitUntilGone(pid);
}

/** A file system of its own goes as a whole; its mount point can't be removed while it is there. */
function unmount(place: string): void {
  const { status, stderr } = spawnSync('umount', [place], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr.trim());
}

/** Owners and modes stay: PostgreSQL refuses a folder of somebody else. */
function copyOf(from: string, to: string): string {
  if (!existsSync(path.join(from, 'pg18'))) throw new Error(`there is no database under ${from}`);
  rmSync(to, { recursive: true, force: true });
  const copied = spawnSync('cp', ['-a', from, to]);
  if (copied.status !== 0) throw new Error(`couldn't copy ${from}: ${copied.stderr.toString()}`);
  return to;
}

/** Real ENOSPC: a file grows until the file system refuses a single byte. */
function fill(file: string): () => void {
  const handle = openSync(file, 'w');
  const isFull = (size: number): boolean => {
    try {
      return writeSync(handle, new Uint8Array(size)) < size;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return true;
      throw error;
    }
  };
  for (const size of [1 << 20, 4096, 1]) while (!isFull(size));
  closeSync(handle);
  return () => rmSync(file);
}

const tail = (file: string): string => readFileSync(file, 'utf8').slice(-2000);
