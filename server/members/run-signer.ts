/**
 * The program of a signer (`--role signer`): a member's node key and the table of what it has signed, in a process, and on a machine, of
 * their own. The node asks over HTTP; who it is and what it gets are signed with SM2 both ways.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { loadSignerKey } from '#ledger/node/keys.ts';
import { keyInMemory } from '#ledger/node/signer/file-signer.ts';
import { openSdfDevice } from '#ledger/node/signer/sdf-device.ts';
import type { KeyDevice } from '#ledger/node/signer/signer.ts';
import { type SignerCounts, signerDoor } from '#ledger/node/signer/signer-door.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import type { LedgerLog } from '#ledger/node/types.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { migrate, openDatabase } from '#server/db.ts';
import { startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import type { Environment } from '#server/env.ts';
import { ledgerLog } from '#server/ledger-log.ts';
import { openLog } from '#server/log.ts';
import { systemRandom } from '#server/random.ts';
import { openSignerTables } from './open-signer.ts';
import { stopOnSignals } from './stop-on-signals.ts';

/** Public keys of the nodes that may ask, in hex. */
export type SignerFlags = { readonly clients: readonly string[] };

const POSTGRES_SETTINGS = { shared_buffers: '32MB', max_connections: '20', max_wal_size: '256MB' };
const POOL = 5;
const KEY = /^[0-9a-f]{128}$/;

export async function runSigner(environment: Environment, { clients }: SignerFlags): Promise<void> {
  for (const client of clients) if (!KEY.test(client)) throw new Error(`--client ${client}: 128 lower-case hex digits`);
  const log = openLog(environment.logLevel);
  const dataDir = path.resolve(environment.dataDir);
  const keysDir = path.join(dataDir, 'keys');
  const { sm2 } = startSm2();
  const { device, form, failure, close } = await openKeyDevice(environment, { keysDir, sm2, log: ledgerLog(log) });
  const postgres =
    environment.databaseUrl === null
      ? await startPostgres({
          dir: path.join(dataDir, 'postgres'),
          settings: POSTGRES_SETTINGS,
          log: (line) => log.warn({ line }, 'PostgreSQL complains'),
        })
      : null;
  const sql = openDatabase(environment.databaseUrl ?? postgres?.url ?? '', { max: POOL, applicationName: 'daoju-signer' });
  await migrate(sql);
  const door = signerDoor({
    device,
    clients: clients.map((client) => fromHex(client, 64)),
    signerFor: await openSignerTables({ sql, keysDir, device, sm2, log: ledgerLog(log) }),
    sm2,
    random: (length) => systemRandom.bytes(length),
    log: ledgerLog(log),
  });
  const metrics = openSignerMetrics(() => ({ ...door.counts(), form, failure: failure() }));
  const server = createServer((request, response) => {
    const answer = async () => {
      if (await door.handle(request, response)) return;
      if (request.url === '/healthz') return void response.end('alive');
      if (request.url === '/metrics') return void response.setHeader('content-type', metrics.contentType).end(await metrics.text());
      response.writeHead(404).end();
    };
    answer().catch((error: unknown) => {
      log.error({ error }, "couldn't answer");
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(environment.port, environment.host, resolve);
  });
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'a server that listens has an address');
  process.stdout.write(
    `\n  The signer answers at http://${environment.host}:${address.port}\n  Node key ${toHex(device.publicKey)}${form === 'hsm' ? ', in a cryptographic device' : ''}\n\n`,
  );
  stopOnSignals(log, [
    async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await sql.end({ timeout: 5 });
      await postgres?.stop();
      close();
    },
  ]);
}

type HeldDevice = { readonly device: KeyDevice; readonly form: 'file' | 'hsm'; failure(): string | null; close(): void };

/** The key of this signer: sealed in a file, or in a cryptographic device that a driver program reaches. */
export async function openKeyDevice(
  { sdf, keyPassphraseFile }: Pick<Environment, 'sdf' | 'keyPassphraseFile'>,
  { keysDir, sm2, log }: { readonly keysDir: string; readonly sm2: Sm2; readonly log: LedgerLog },
): Promise<HeldDevice> {
  if (sdf !== null) {
    const { command, key, pinFile } = sdf;
    mkdirSync(keysDir, { recursive: true, mode: 0o700 });
    const device = await openSdfDevice({ command, key, pin: readFileSync(pinFile, 'utf8').trim() }, { sm2, log });
    return { device, form: 'hsm', failure: () => device.failure(), close: () => device.close() };
  }
  const passphrase = keyPassphraseFile === null ? {} : { passphraseFile: keyPassphraseFile };
  const key = loadSignerKey({ dir: keysDir, sm2, random: (length) => systemRandom.bytes(length), create: true, ...passphrase });
  return { device: keyInMemory(key, sm2), form: 'file', failure: () => null, close: () => undefined };
}

type SignerFigures = SignerCounts & Pick<HeldDevice, 'form'> & { readonly failure: string | null };

function openSignerMetrics(counts: () => SignerFigures): { readonly contentType: string; text(): Promise<string> } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const answers = new Counter({
    name: 'daoju_signer_answers_total',
    help: 'Asks of the node by how they ended; turned_away: of somebody else, or sent twice',
    labelNames: ['result'] as const,
    registers: [registry],
  });
  const up = new Gauge({
    name: 'daoju_signer_device_up',
    help: 'Whether what holds the key has signed when it was last asked, by its form',
    labelNames: ['form'] as const,
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => {
      const { signed, refused, turnedAway, form, failure } = counts();
      up.set({ form }, failure === null ? 1 : 0);
      answers.reset();
      answers.inc({ result: 'signed' }, signed);
      answers.inc({ result: 'refused' }, refused);
      answers.inc({ result: 'turned_away' }, turnedAway);
      return registry.metrics();
    },
  };
}
