/**
 * Three real etcd nodes on loopback (Debian's `etcd-server`), for tests and drills. When the program is missing it is installed through
 * apt; where that can't be done, the reason is returned and the tests that need it say so.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const INSTALL_LOCK = path.join(tmpdir(), 'daoju-etcd-install');
const INSTALL_MS = 240_000;
const READY_MS = 20_000;
/** Votes follow quickly on loopback, and a lost leader costs a test a second instead of several. */
const TIMING = ['--heartbeat-interval=50', '--election-timeout=500'];

export type FoundEtcd = { readonly kind: 'found'; readonly path: string } | { readonly kind: 'missing'; readonly reason: string };

export interface EtcdCluster {
  readonly endpoints: readonly string[];
  /** Kills one node; its data stay. */
  kill(index: number): Promise<void>;
  start(index: number): Promise<void>;
  stop(): Promise<void>;
}

function locate(): string | null {
  const found = spawnSync('sh', ['-c', 'command -v etcd'], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : null;
}

/** Installs it once, whoever comes first. */
export async function findEtcd(): Promise<FoundEtcd> {
  const given = process.env.ETCD_PATH;
  if (given !== undefined)
    return existsSync(given) ? { kind: 'found', path: given } : { kind: 'missing', reason: `ETCD_PATH names no file: ${given}` };
  const until = performance.now() + INSTALL_MS;
  while (performance.now() < until) {
    const known = locate();
    if (known !== null) return { kind: 'found', path: known };
    if (process.getuid?.() !== 0)
      return { kind: 'missing', reason: 'etcd is not installed, and only root can install it: apt-get install etcd-server' };
    if (takeLock()) {
      try {
        const failure = install();
        if (failure !== null) return { kind: 'missing', reason: failure };
      } finally {
        rmdirSync(INSTALL_LOCK);
      }
    } else await sleep(500);
  }
  return { kind: 'missing', reason: `another test run is installing etcd and has not finished; remove ${INSTALL_LOCK} if there is none` };
}

function takeLock(): boolean {
  try {
    mkdirSync(INSTALL_LOCK);
    return true;
  } catch {
    return false;
  }
}

/** Null when it went well. */
function install(): string | null {
  process.stderr.write('installing etcd-server through apt, once, for the tests of the ordering engine ...\n');
  const apt = (...args: readonly string[]) =>
    spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], {
      encoding: 'utf8',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  if (apt('--version').error !== undefined)
    return 'etcd is not installed, and there is no apt-get here: install etcd 3.4 and set ETCD_PATH';
  apt('update', '-qq');
  const done = apt('install', '-y', '-qq', '--no-install-recommends', 'etcd-server');
  return done.status === 0 ? null : `apt-get install etcd-server failed: ${done.stderr.trim().split('\n').at(-1) ?? done.status}`;
}

export async function startEtcd(program: string, size = 3): Promise<EtcdCluster> {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-etcd-'));
  const ports = await freePorts(2 * size);
  const nodes = Array.from({ length: size }, (_, index) => ({
    name: `n${index}`,
    client: `http://127.0.0.1:${ports[2 * index] ?? 0}`,
    peer: `http://127.0.0.1:${ports[2 * index + 1] ?? 0}`,
  }));
  const initial = nodes.map((node) => `${node.name}=${node.peer}`).join(',');
  const children = new Map<number, ChildProcess>();

  const launch = (index: number): void => {
    const node = nodes[index];
    if (node === undefined) throw new Error(`there is no node ${index}`);
    const child = spawn(
      program,
      [
        ...[
          '--name',
          node.name,
          '--data-dir',
          path.join(folder, node.name),
          '--initial-cluster',
          initial,
          '--initial-cluster-state',
          'new',
        ],
        ...['--listen-client-urls', node.client, '--advertise-client-urls', node.client],
        ...[
          '--listen-peer-urls',
          node.peer,
          '--initial-advertise-peer-urls',
          node.peer,
          '--logger',
          'zap',
          '--log-level',
          'error',
          ...TIMING,
        ],
      ],
      { stdio: 'ignore' },
    );
    children.set(index, child);
  };
  const kill = async (index: number): Promise<void> => {
    const child = children.get(index);
    children.delete(index);
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((_, index) => kill(index)));
    rmSync(folder, { recursive: true, force: true });
  };
  for (const index of nodes.keys()) launch(index);
  try {
    await Promise.all(nodes.map((node) => untilReady(node.client)));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    endpoints: nodes.map((node) => node.client),
    kill,
    start: async (index) => {
      launch(index);
      await untilReady(nodes[index]?.client ?? '');
    },
    stop,
  };
}

async function untilReady(endpoint: string): Promise<void> {
  const until = performance.now() + READY_MS;
  for (;;) {
    const isReady = await fetch(`${endpoint}/v3/kv/range`, {
      method: 'POST',
      body: JSON.stringify({ key: 'AA==' }),
      signal: AbortSignal.timeout(2000),
    }).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    if (performance.now() > until) throw new Error(`etcd at ${endpoint} did not become ready`);
    await sleep(100);
  }
}

/** Held open together, so that no port is given twice. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer();
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
