/**
 * One open demonstration market for every journey that needs nothing but an open one: its first start takes longer than most journeys.
 * The first file that asks starts it, as a process of its own; the end of the run stops it. What a journey does there the others see, so
 * none of them may stop a member, move the clock or halt the market: such a journey starts its own program.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { findPort, makeDataDir, type Program, programEnvironment, publicApi, readAnnouncement, waitUntilOpen } from './program.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly sharedMarket: string;
  }
}

export type SharedMarket = Pick<Program, 'base' | 'chain' | 'api'>;

const STOP_MS = 30_000;
const CLAIM = 'shared-claim';
const PID = 'shared-pid';
const OUTPUT = 'shared-output';

export async function sharedMarket(): Promise<SharedMarket> {
  const folder = inject('sharedMarket');
  const output = path.join(folder, OUTPUT);
  const child = isFirst(folder) ? await start(folder, output) : null;
  const printed = () => (existsSync(output) ? readFileSync(output, 'utf8') : '');
  const announced = await readAnnouncement(printed, child);
  const market = { ...announced, api: publicApi(announced.base) };
  await waitUntilOpen(market);
  return market;
}

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
    if (existsSync(path.join(folder, PID))) await stop(Number(readFileSync(path.join(folder, PID), 'utf8')));
    rmSync(folder, { recursive: true, force: true });
  };
}

async function stop(pid: number): Promise<void> {
  const isRunning = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  if (isRunning()) process.kill(pid, 'SIGTERM');
  for (const end = performance.now() + STOP_MS; isRunning() && performance.now() < end; ) await sleep(50);
  if (isRunning()) process.kill(pid, 'SIGKILL');
}
