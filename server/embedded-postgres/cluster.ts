/** The cluster on disk: made once beside its place and renamed into it, so that a half-made cluster is never used. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chooseBinaries, chooseDataFolder, chooseRunAs, findNative, giveTo, type RunAs } from './native.ts';

export type Cluster = {
  /** Everything of this server; `destroy` removes it. */
  readonly base: string;
  readonly folder: string;
  readonly data: string;
  readonly password: string;
  readonly runAs: RunAs;
  readonly binaries: string;
};

/** Opens the cluster under `dir`, making it when there is none. Of two starters that make it at once, one wins and both use it. */
export async function openCluster(dir: string): Promise<Cluster> {
  const native = findNative();
  const runAs = chooseRunAs();
  const base = chooseDataFolder(dir, runAs);
  const binaries = chooseBinaries(native, runAs);
  const folder = path.join(base, `pg${native.version.split('.')[0]}`);
  if (!existsSync(folder)) await makeCluster({ base, folder, runAs, binaries });
  const password = readFileSync(path.join(folder, 'password'), 'utf8').trim();
  return { base, folder, data: path.join(folder, 'data'), password, runAs, binaries };
}

/** Runs a binary of the package as the right user, in UTC and with plain messages. */
export function spawnBinary(cluster: Pick<Cluster, 'base' | 'runAs' | 'binaries'>, name: string, args: readonly string[]): ChildProcess {
  const file = path.join(cluster.binaries, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  // Its own process group: Ctrl-C on the terminal reaches only us, and we stop it in our own order.
  return spawn(file, [...args], {
    ...cluster.runAs,
    cwd: cluster.base,
    detached: true,
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC', PGTZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

async function makeCluster(place: Pick<Cluster, 'base' | 'folder' | 'runAs' | 'binaries'>): Promise<void> {
  // Two starters of one process must not share it either.
  const making = `${place.folder}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const passwordFile = path.join(making, 'password');
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making);
  giveTo(place.runAs, making);
  writeFileSync(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  giveTo(place.runAs, passwordFile);
  const identity = ['-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', passwordFile];
  const locale = ['-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const child = spawnBinary(place, 'initdb', [
    '-D',
    path.join(making, 'data'),
    ...identity,
    ...locale,
    '--data-checksums',
    '--no-sync',
    '--no-instructions',
  ]);
  let complaint = '';
  child.stderr?.on('data', (chunk) => {
    complaint += String(chunk);
  });
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`initdb failed: ${complaint}`);
  try {
    renameSync(making, place.folder);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(place.folder)) throw error;
  }
}
