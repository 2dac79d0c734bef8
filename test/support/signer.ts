/** A signer in this process, a key, tables in a database of its own and a door behind a port, and the real program in one of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyPair } from '#ledger/node/keys.ts';
import { keyInMemory } from '#ledger/node/signer/file-signer.ts';
import { type SignerDoor, signerDoor } from '#ledger/node/signer/signer-door.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import type { Sql } from '#server/db.ts';
import { openSignerTables } from '#server/members/open-signer.ts';
import type { Random } from '#server/random.ts';

export interface TestSigner {
  readonly url: string;
  readonly door: SignerDoor;
  stop(): Promise<void>;
}

export interface TestSignerOptions {
  readonly sql: Sql;
  readonly keysDir: string;
  /** 0 takes any free one. */
  readonly port?: number;
  readonly key: KeyPair;
  readonly clients: readonly Bytes[];
  readonly random: Random;
}

const HOST = '127.0.0.1';

export async function openTestSigner({ sql, keysDir, port = 0, key, clients, random }: TestSignerOptions): Promise<TestSigner> {
  mkdirSync(keysDir, { recursive: true });
  const { sm2 } = startSm2();
  const log = { info: () => undefined, error: () => undefined };
  const device = keyInMemory(key, sm2);
  const signerFor = await openSignerTables({ sql, keysDir, device, sm2, log });
  const door = signerDoor({ device, clients, signerFor, sm2, random: (length) => random.bytes(length), log });
  const server = createServer((request, response) => void door.handle(request, response));
  await new Promise<void>((resolve) => server.listen(port, HOST, resolve));
  const address = server.address();
  return {
    url: `http://${HOST}:${typeof address === 'object' && address !== null ? address.port : 0}`,
    door,
    stop: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export interface SignerProcess {
  readonly url: string;
  /** As a power cut: nothing is said to anybody. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const MAIN = path.resolve(import.meta.dirname, '../../server/main.ts');
const OPEN_MS = 180_000;

/** `npm start -- --role signer` on a database that stands; its key lies under `dataDir`. */
export async function startSignerProcess(options: {
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly port: number;
  readonly clients: readonly Bytes[];
  /** Where its key is, when not in a file: of the environment. */
  readonly device?: Readonly<Record<'SDF_DRIVER' | 'SDF_PIN_FILE', string>>;
}): Promise<SignerProcess> {
  const { dataDir, databaseUrl, port, clients, device } = options;
  const flags = ['--role', 'signer', ...clients.flatMap((client) => ['--client', toHex(client)])];
  const child = spawn(process.execPath, [MAIN, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production', HOST, PORT: String(port), DATA_DIR: dataDir, DATABASE_URL: databaseUrl, ...device },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const url = `http://${HOST}:${port}`;
  const until = performance.now() + OPEN_MS;
  while ((await fetch(`${url}/healthz`).catch(() => null))?.ok !== true) {
    assert(child.exitCode === null, `the signer did not start: ${said}`);
    assert(performance.now() < until, `the signer does not answer: ${said}`);
    await sleep(50);
  }
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => endOf(child, signal);
  return { url, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

async function endOf(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

const SIMULATED_DEVICE = path.resolve(import.meta.dirname, '../../server/members/simulated-sdf.ts');

/** A simulated cryptographic device in a folder, with a key. */
export function makeSimulatedDevice(folder: string): {
  readonly publicKey: Bytes;
  readonly device: Record<'SDF_DRIVER' | 'SDF_PIN_FILE', string>;
} {
  mkdirSync(folder, { recursive: true });
  const [dir, pinFile] = [path.join(folder, 'device'), path.join(folder, 'pin')];
  writeFileSync(pinFile, 'twelve geese');
  const program = [process.execPath, SIMULATED_DEVICE, '--dir', dir];
  const made = spawnSync(process.execPath, [...program.slice(1), '--init', pinFile], { encoding: 'utf8' });
  return { publicKey: fromHex(made.stdout.trim(), 64), device: { SDF_DRIVER: JSON.stringify(program), SDF_PIN_FILE: pinFile } };
}
