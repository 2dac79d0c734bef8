/** A database of its own for a test file: a copy of the migrated template (50 to 100 ms). */
import { inject } from 'vitest';
import { openDatabase, type Sql } from '#server/db.ts';

export interface TestDatabase {
  readonly url: string;
  readonly sql: Sql;
  /** A further pool on the same database: another process, as far as PostgreSQL can tell. */
  connect(max?: number): Sql;
  drop(): Promise<void>;
}

let made = 0;

/** Call it in `beforeAll` and `drop` it in `afterAll`. */
export async function createTestDatabase({ max = 4 }: { readonly max?: number } = {}): Promise<TestDatabase> {
  const template = new URL(inject('templateUrl'));
  made += 1;
  const name = `test_${process.pid}_${process.env.VITEST_POOL_ID ?? 0}_${made}_${performance.now().toString().replace('.', '_')}`;
  const url = new URL(template);
  url.pathname = `/${name}`;
  const maintenance = new URL(template);
  maintenance.pathname = '/postgres';
  // PostgreSQL copies a template only while nobody is connected to it, and two copies at once wait for each other. By files it takes a third
  // of the processor time of a copy through the log, since a thousand small files hold 15 MB.
  await administer(maintenance.href, `create database "${name}" template "${template.pathname.slice(1)}" strategy file_copy`);
  const pools: Sql[] = [];
  const connect = (poolMax = max): Sql => {
    const pool = openDatabase(url.href, { max: poolMax });
    pools.push(pool);
    return pool;
  };
  const drop = async () => {
    await Promise.all(pools.map((pool) => pool.end({ timeout: 5 })));
    await administer(maintenance.href, `drop database if exists "${name}" with (force)`);
  };
  return { url: url.href, sql: connect(), connect, drop };
}

async function administer(url: string, statement: string): Promise<void> {
  const sql = openDatabase(url, { max: 1 });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}
