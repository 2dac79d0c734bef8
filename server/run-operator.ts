/** The operator's program: members beside it, PostgreSQL, services, HTTP, pages. */
import path from 'node:path';
import { toHex } from '#ledger/primitives/bytes.ts';
import { movableClock, systemClock } from '#server/clock.ts';
import { migrate, openDatabase, type Sql } from '#server/db.ts';
import { type EmbeddedPostgres, startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import type { Environment } from '#server/env.ts';
import { openPages } from '#server/http/open-pages.ts';
import type { Routes } from '#server/http/request-listener.ts';
import { startHttp } from '#server/http/start-http.ts';
import { openGateways } from '#server/identity/gateways.ts';
import { type Log, openLog } from '#server/log.ts';
import { openMembers } from '#server/members/open-members.ts';
import { readClockOffset } from '#server/operations/clock-moves.repo.ts';
import { systemRandom } from '#server/random.ts';
import { readPlatformFile } from '#server/reports/platform-facts.ts';
import { startServices } from '#server/start-services.ts';
import { findTakeover } from '#server/takeover/takeover.repo.ts';
import { type DemonstrationRun, startDemonstration } from '#server/workers/demonstration/run-demonstration.ts';

export type OperatorFlags = { readonly isDev: boolean; readonly hasPages: boolean; readonly hasDemonstrationRun: boolean };

/** Whoever asks first stops first: nobody is left with a question that nothing answers. */
const STOP_ORDER = ['demonstration', 'http', 'services', 'members', 'institution', 'sql', 'postgres'] as const;
type Part = (typeof STOP_ORDER)[number];

const ROOT = path.resolve(import.meta.dirname, '..');
const POSTGRES_SETTINGS = { shared_buffers: '256MB', max_connections: '120', max_wal_size: '2GB' };
/** A demonstration has many people behind one address. */
const DEMONSTRATION_LIMIT_SCALE = 20;
const STOP_MS = 30_000;

function preparePages(
  { hasPages, isDev }: OperatorFlags,
  { host, port }: Environment,
): (server: import('node:http').Server) => Routes['pages'] {
  return (httpServer) => (hasPages ? openPages({ dir: ROOT, isDev, httpServer, host, port }) : null);
}

export async function runOperator(environment: Environment, flags: OperatorFlags): Promise<void> {
  const log = openLog(environment.logLevel);
  const dataDir = path.resolve(environment.dataDir);
  const stops = new Map<Part, () => Promise<void>>();
  onSignals(log, stops);

  const random = systemRandom;
  const clock = movableClock(systemClock);
  const members = openMembers({ environment, dataDir, clock, random, log });
  if (members !== null) stops.set('members', () => members.stop());
  const http = await startHttp({
    host: environment.host,
    port: environment.port,
    publicOrigin: environment.publicOrigin,
    random,
    log,
    limitScale: environment.isDemonstration ? DEMONSTRATION_LIMIT_SCALE : 1,
    pages: preparePages(flags, environment),
  });
  stops.set('http', () => http.stop());
  const postgres = environment.databaseUrl === null ? await embedded(dataDir, log) : null;
  if (postgres !== null) stops.set('postgres', () => postgres.stop());
  const sql = openDatabase(postgres?.url ?? environment.databaseUrl ?? '');
  stops.set('sql', () => sql.end({ timeout: 5 }));
  const applied = await migrate(sql);
  if (applied.length > 0) log.info({ migrations: applied.length }, 'the database is migrated');

  const institutionSql = environment.institutionUrl === null ? null : await openInstitution(environment.institutionUrl);
  if (institutionSql !== null) stops.set('institution', () => institutionSql.end({ timeout: 5 }));

  const { isDemonstration, keyPassphraseFile: passphraseFile } = environment;
  if (isDemonstration) clock.moveTo(await readClockOffset(sql));
  const consortium = (await members?.prepare(sql, postgres?.url ?? null)) ?? {};
  const followers = members === null ? async () => undefined : members.moveClock;
  const movable = { clock, machine: systemClock, followers };
  const common = {
    ...{ sql, clock, movable, random, log, dataDir, isDemonstration, ...consortium },
    ...(institutionSql === null ? {} : { institutionSql }),
    platform: environment.platformFile === null ? null : readPlatformFile(environment.platformFile),
    ...openGateways({ environment, clock: systemClock, random, log }),
  };
  const started = await startServices(passphraseFile === null ? common : { ...common, passphraseFile });
  stops.set('services', () => started.stop());
  http.attach(started.services, started.exportDir);
  await members?.join(started.services, http.base);
  announce(http.base, toHex(started.services.ledger.chain), environment.isDemonstration);
  // Who has taken over a market goes on with what it had.
  if (environment.isDemonstration && flags.hasDemonstrationRun && (await findTakeover(sql)) === null) {
    const run: DemonstrationRun = startDemonstration(started.services, { base: http.base });
    stops.set('demonstration', () => run.stop());
  }
}

/** The simulated institution is another company: a database of its own, with tables of its own. */
async function openInstitution(url: string): Promise<Sql> {
  const sql = openDatabase(url, { max: 4, applicationName: 'daoju-institution' });
  await migrate(sql);
  return sql;
}

function embedded(dataDir: string, log: Log): Promise<EmbeddedPostgres> {
  return startPostgres({
    dir: path.join(dataDir, 'postgres'),
    settings: POSTGRES_SETTINGS,
    log: (line) => log.warn({ line }, 'PostgreSQL complains'),
  });
}

/** The terminal says what a newcomer needs (product O-20). */
function announce(base: string, chain: string, isDemonstration: boolean): void {
  const lines = [
    '',
    `  Daoju is open at ${base}`,
    `  Chain ${chain}`,
    isDemonstration
      ? `  Sign in at ${base}/sign-in: the demonstration accounts are listed there, one click each.`
      : `  Join at ${base}/join.`,
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** A second signal, or half a minute, ends it at once. What is durable stays so either way. */
function onSignals(log: Log, stops: ReadonlyMap<Part, () => Promise<void>>): void {
  let isStopping = false;
  const stop = async () => {
    for (const part of STOP_ORDER) await stops.get(part)?.();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      log.info({ signal }, 'stopping');
      setTimeout(() => process.exit(1), STOP_MS).unref();
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ error }, "couldn't stop cleanly");
          process.exit(1);
        },
      );
    });
  }
}
