/** The real program as a child process with its own data folder: started, asked through its public answers, stopped, killed, started again. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTRPCClient, httpLink } from '@trpc/client';
import superjson from 'superjson';
import type { AppRouter } from '#server/trpc/root.ts';
import type { Home } from '#server/trpc/views.ts';

export type ProgramOptions = {
  readonly hasPages?: boolean;
  readonly hasCatalogue?: boolean;
  /** Without the three other members: a quarter of the processes. */
  readonly isAlone?: boolean;
};
export type Program = {
  readonly base: string;
  readonly chain: string;
  readonly dataDir: string;
  readonly pid: number;
  /** From the spawn to the line that says it is open. */
  readonly startMs: number;
  readonly api: ReturnType<typeof publicApi>;
  /** As an operator stops it. @returns its exit code; null when it had to be killed */
  stop(): Promise<number | null>;
  /** As a power cut stops it. */
  kill(): Promise<void>;
};

const START_MS = 180_000;
const OPEN_MS = 420_000;
/** What `npm start` promises of the demonstration (product O-20). */
const OPEN_MARKET = { classes: 5_000, items: 12_000, listings: 200, buyOrders: 50, trades: 10 };

/** Others may enter it: PostgreSQL, which does not run as root, keeps its data inside, and they go when the folder goes. */
export function makeDataDir(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-e2e-'));
  chmodSync(folder, 0o755);
  return folder;
}

export const programEnvironment = (dataDir: string, port: number) => ({
  ...process.env,
  ...{ NODE_ENV: 'production' as const, PORT: String(port), HOST: '127.0.0.1', DATA_DIR: dataDir, LOG_LEVEL: 'warn' },
});

/** Starts on the folder and port that are given, so that a second start is the same installation at the same address. */
export async function startProgram(dataDir: string, port: number, options: ProgramOptions = {}): Promise<Program> {
  const startedAt = performance.now();
  const flags = [...(options.hasPages === false ? ['--no-pages'] : []), ...(options.hasCatalogue === false ? ['--no-catalogue'] : [])];
  const child = spawn(process.execPath, ['server/main.ts', ...flags], {
    env: { ...programEnvironment(dataDir, port), ...(options.isAlone === true ? { MEMBERS: 'alone' } : {}) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complaints = collect(child);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  const { base, chain } = await readAnnouncement(() => text, child, complaints);
  return {
    base,
    chain,
    dataDir,
    pid: child.pid ?? 0,
    startMs: Math.round(performance.now() - startedAt),
    api: publicApi(base),
    stop: () => end(child, 'SIGTERM'),
    kill: async () => void (await end(child, 'SIGKILL')),
  };
}

/** The last lines of stderr, for the message of a start that failed; the whole of it with `E2E_LOG=file`. */
function collect(child: ChildProcess): () => string {
  let tail = '';
  const file = process.env.E2E_LOG;
  const sink = file === undefined ? null : createWriteStream(file, { flags: 'a' });
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-4_000);
    sink?.write(chunk);
  });
  return () => tail;
}

/** From what the program has printed so far. `child`: null when it was started by somebody else. */
export async function readAnnouncement(
  printed: () => string,
  child: ChildProcess | null,
  complaints: () => string = printed,
): Promise<{ readonly base: string; readonly chain: string }> {
  const until = performance.now() + START_MS;
  while (performance.now() < until) {
    const base = /open at (http:\/\/\S+)/.exec(printed())?.[1];
    const chain = /Chain ([0-9a-f]{64})/.exec(printed())?.[1];
    if (base !== undefined && chain !== undefined) return { base, chain };
    if (child !== null && child.exitCode !== null) break;
    await sleep(20);
  }
  child?.kill('SIGKILL');
  throw new Error(`the program did not start: ${complaints()}`);
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
  return child.exitCode;
}

/** A visitor's client: no cookie, so it sees what everybody sees. */
export function publicApi(base: string) {
  return createTRPCClient<AppRouter>({
    links: [httpLink({ url: new URL('/api/trpc', base).toString(), transformer: superjson, headers: { origin: base } })],
  });
}

/** Waits until the demonstration has placed its sheets and made its first trades. */
export async function waitUntilOpen(program: Pick<Program, 'api'>): Promise<Home> {
  return waitFor(
    () => program.api.home.get.query(),
    (home) =>
      home.classes > OPEN_MARKET.classes &&
      home.items > OPEN_MARKET.items &&
      home.listings >= OPEN_MARKET.listings - 20 &&
      home.buyOrders >= OPEN_MARKET.buyOrders &&
      home.tape.length >= OPEN_MARKET.trades,
    OPEN_MS,
    'the demonstration market',
  );
}

export async function waitFor<T>(ask: () => Promise<T>, isDone: (answer: T) => boolean, ms: number, what: string): Promise<T> {
  const until = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (isDone(answer)) return answer;
    if (performance.now() > until) throw new Error(`waited ${ms} ms for ${what}: ${JSON.stringify(answer).slice(0, 400)}`);
    await sleep(200);
  }
}

export async function findPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

/** A command of the program on the installation in `dataDir`. */
export function runCli(
  dataDir: string,
  args: readonly string[],
): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['server/cli/index.ts', ...args], {
    env: { ...process.env, DATA_DIR: dataDir },
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

/** Stops the program and the PostgreSQL that a killed one may have left, then removes the folder. */
export async function removeInstallation(program: Program | undefined, dataDir: string): Promise<void> {
  await program?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
