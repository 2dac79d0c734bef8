/**
 * One open demonstration market for every journey that needs nothing but an open one: its first start takes longer than most journeys.
 * The first file that asks starts it, as a process of its own; the end of the run stops it. What a journey does there the others see: who
 * stops a member or moves the clock waits until nobody else is there (`waitUntilAlone`) and is in test/support/longest-first.ts behind all
 * others that share it; who halts the market or breaks it for good starts its own program.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { findPort, makeDataDir, type Program, programEnvironment, publicApi, readAnnouncement, waitFor, waitUntilOpen } from './program.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly sharedMarket: string;
  }
}

export type SharedMarket = Pick<Program, 'base' | 'chain' | 'api' | 'pid'> & {
  /** Whoever has used it does not any more. */
  leave(): void;
  waitUntilAlone(): Promise<void>;
};

const STOP_MS = 30_000;
const CLAIM = 'shared-claim';
const PID = 'shared-pid';
const OUTPUT = 'shared-output';
/** Somebody has seen it open: later it may have fewer listings, and is open all the same. */
const OPENED = 'shared-opened';
const USER = 'user-';
const ALONE_MS = 480_000;

/** Once it is open. */
export async function sharedMarket(): Promise<SharedMarket> {
  const market = await openingMarket();
  const opened = path.join(inject('sharedMarket'), OPENED);
  if (!existsSync(opened)) await waitUntilOpen(market);
  writeFileSync(opened, '');
  return market;
}

/** As soon as it answers. */
export async function openingMarket(): Promise<SharedMarket> {
  const folder = inject('sharedMarket');
  const output = path.join(folder, OUTPUT);
  const mark = path.join(folder, `${USER}${process.pid}`);
  writeFileSync(mark, '');
  const child = isFirst(folder) ? await start(folder, output) : null;
  const printed = () => (existsSync(output) ? readFileSync(output, 'utf8') : '');
  const announced = await readAnnouncement(printed, child);
  return {
    ...announced,
    api: publicApi(announced.base),
    pid: pidIn(folder),
    leave: () => rmSync(mark, { force: true }),
    waitUntilAlone: async () => {
      await waitFor(
        async () => othersIn(folder),
        (others) => others.length === 0,
        ALONE_MS,
        'the others to leave',
      );
    },
  };
}

/** A file whose process has ended without a word has left too. */
const othersIn = (folder: string): readonly number[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith(USER))
    .map((name) => Number(name.slice(USER.length)))
    .filter((pid) => pid !== process.pid && isRunning(pid));

const pidIn = (folder: string): number => Number(readFileSync(path.join(folder, PID), 'utf8'));

/** Two files may ask at once: the one that makes this mark starts the market. */
function isFirst(folder: string): boolean {
  try {
    writeFileSync(path.join(folder, CLAIM), '', { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

async function start(folder: string, output: string): Promise<ChildProcess> {
  const sink = openSync(output, 'a');
  const env = programEnvironment(folder, await findPort());
  const child = spawn(process.execPath, ['server/main.ts'], { env, detached: true, stdio: ['ignore', sink, sink] });
  writeFileSync(path.join(folder, PID), String(child.pid));
  child.unref();
  return child;
}

export default function setup(project: TestProject): () => Promise<void> {
  const folder = makeDataDir();
  project.provide('sharedMarket', folder);
  return async () => {
    if (existsSync(path.join(folder, PID))) await stop(pidIn(folder));
    rmSync(folder, { recursive: true, force: true });
  };
}

async function stop(pid: number): Promise<void> {
  if (isRunning(pid)) process.kill(pid, 'SIGTERM');
  for (const end = performance.now() + STOP_MS; isRunning(pid) && performance.now() < end; ) await sleep(50);
  if (isRunning(pid)) process.kill(pid, 'SIGKILL');
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
