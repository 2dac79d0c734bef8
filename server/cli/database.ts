/** The database of this installation, for one command: the running server's, or started for the command and stopped after it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Clock, movableClock, systemClock } from '#server/clock.ts';
import { openDatabase, type Sql } from '#server/db.ts';
import { startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import { type Environment, parseEnvironment } from '#server/env.ts';
import { readClockOffset } from '#server/operations/clock-moves.repo.ts';
import { type Institution, simulatedInstitution } from '#server/payments/simulated-institution.ts';
import { systemRandom } from '#server/random.ts';

export type Installation = {
  readonly sql: Sql;
  /** As far ahead as the installation's. */
  readonly clock: Clock;
  readonly environment: Environment;
  readonly dataDir: string;
  readonly keysDir: string;
};

export class NothingInstalled extends Error {}

/** @throws {NothingInstalled} when no market was ever started here */
export async function withDatabase<T>(work: (installation: Installation) => Promise<T>): Promise<T> {
  const environment = parseEnvironment(process.env);
  const dataDir = path.resolve(environment.dataDir);
  const folder = path.join(dataDir, 'postgres');
  if (environment.databaseUrl === null && !existsSync(path.join(dataDir, 'keys'))) {
    throw new NothingInstalled(`There is no market under ${environment.dataDir} yet: npm start makes one.`);
  }
  const server = environment.databaseUrl === null ? await startPostgres({ dir: folder }) : null;
  const sql = openDatabase(environment.databaseUrl ?? server?.url ?? '', { max: 4, applicationName: 'daoju-cli' });
  try {
    const clock = movableClock(systemClock);
    clock.moveTo(await readClockOffset(sql));
    return await work({ sql, clock, environment, dataDir, keysDir: path.join(dataDir, 'keys') });
  } finally {
    await sql.end({ timeout: 5 });
    await server?.stop();
  }
}

/** The simulated institution for one command, wherever it keeps its books. */
export async function withInstitution<T>(
  sql: Sql,
  url: string | null,
  work: (provider: Institution, institutionSql: Sql) => Promise<T>,
): Promise<T> {
  const own = url === null ? sql : openDatabase(url, { max: 2, applicationName: 'daoju-cli' });
  try {
    return await work(simulatedInstitution({ sql: own, clock: systemClock, random: systemRandom }), own);
  } finally {
    if (own !== sql) await own.end({ timeout: 5 });
  }
}
