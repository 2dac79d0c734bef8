/**
 * The program of a signer (`--role signer`): a member's node key and the table of what it has signed, in a process, and on a machine, of
 * their own. The node asks over HTTP; who it is and what it gets are signed with SM2 both ways.
 */
import { createServer } from 'node:http';
import path from 'node:path';
import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import { loadSignerKey } from '#ledger/node/keys.ts';
import { keyInMemory } from '#ledger/node/signer/file-signer.ts';
import { type SignerCounts, signerDoor } from '#ledger/node/signer/signer-door.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { migrate, openDatabase } from '#server/db.ts';
import { startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import type { Environment } from '#server/env.ts';
import { ledgerLog } from '#server/ledger-log.ts';
import { openLog } from '#server/log.ts';
import { systemRandom } from '#server/random.ts';
import { openSignerTables } from './open-signer.ts';

/** Public keys of the nodes that may ask, in hex. */
export type SignerFlags = { readonly clients: readonly string[] };

const POSTGRES_SETTINGS = { shared_buffers: '32MB', max_connections: '20', max_wal_size: '256MB' };
const POOL = 5;
const STOP_MS = 15_000;
const KEY = /^[0-9a-f]{128}$/;

export async function runSigner(environment: Environment, { clients }: SignerFlags): Promise<void> {
  for (const client of clients) if (!KEY.test(client)) throw new Error(`--client ${client}: 128 lower-case hex digits`);
  const log = openLog(environment.logLevel);
  const dataDir = path.resolve(environment.dataDir);
  const keysDir = path.join(dataDir, 'keys');
  const { sm2 } = startSm2();
  const passphrase = environment.keyPassphraseFile === null ? {} : { passphraseFile: environment.keyPassphraseFile };
  const key = loadSignerKey({ dir: keysDir, sm2, random: (length) => systemRandom.bytes(length), create: true, ...passphrase });
  const device = keyInMemory(key, sm2);
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
  const metrics = openSignerMetrics(() => door.counts());
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
  process.stdout.write(`\n  The signer answers at http://${environment.host}:${address.port}\n  Node key ${toHex(key.publicKey)}\n\n`);
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      setTimeout(() => process.exit(1), STOP_MS).unref();
      const stop = async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
        await sql.end({ timeout: 5 });
        await postgres?.stop();
      };
      stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}

function openSignerMetrics(counts: () => SignerCounts): { readonly contentType: string; text(): Promise<string> } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const answers = new Counter({
    name: 'daoju_signer_answers_total',
    help: 'Asks of the node by how they ended; turned_away: of somebody else, or sent twice',
    labelNames: ['result'] as const,
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => {
      const { signed, refused, turnedAway } = counts();
      answers.reset();
      answers.inc({ result: 'signed' }, signed);
      answers.inc({ result: 'refused' }, refused);
      answers.inc({ result: 'turned_away' }, turnedAway);
      return registry.metrics();
    },
  };
}
