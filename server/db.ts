/**
 * The pool, Drizzle over it, and the migrations. SQL is written in `*.repo.ts`, as postgres.js text or with `orm`. In raw rows int8 arrives
 * as a string and enters through `parseFen` or `BigInt`, bytea as `Uint8Array`.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle, type PgRemoteDatabase } from 'drizzle-orm/pg-proxy';
import postgres from 'postgres';

export type Sql = postgres.Sql;
/** Inside `sql.begin`. */
export type Tx = postgres.TransactionSql;

export type DatabaseOptions = { readonly max?: number; readonly applicationName?: string };

/** Opens a pool; nothing is connected until the first statement. */
export function openDatabase(url: string, { max = 10, applicationName = 'daoju' }: DatabaseOptions = {}): Sql {
  const sql = postgres(url, {
    max,
    connect_timeout: 10,
    idle_timeout: 0,
    onnotice: () => undefined,
    connection: { application_name: applicationName, TimeZone: 'UTC' },
  });
  return withoutDeadRollback(sql);
}

/**
 * postgres.js answers a failed database transaction with `rollback`, also on a connection that the server has just closed: the write
 * then meets a socket that is gone, which ends the process or leaves a connection that never sends again (seen with 3.4.9 after
 * `pg_terminate_backend`). PostgreSQL has rolled back by itself, so here the work stays open and the closing connection ends `begin`.
 */
function withoutDeadRollback(sql: Sql): Sql {
  return new Proxy(sql, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      return name === 'begin' && isFunction(value) ? beginOn(target, value) : value;
    },
  });
}

/** How long a close may lag behind the error that announces it; the error may also come from another connection that the work used. */
const CLOSE_LAG_MS = 2000;

function beginOn(target: Sql, begin: (...args: unknown[]) => unknown) {
  return async (...args: readonly unknown[]): Promise<unknown> => {
    let isOver = false;
    const shield = (work: (...given: unknown[]) => unknown) => (tx: unknown) =>
      new Promise((resolve, reject) => {
        const run = async () => {
          const done = await work(tx);
          return Array.isArray(done) ? Promise.all(done) : done;
        };
        run().then(resolve, (error: unknown) => {
          if (!isConnectionGone(error)) reject(error);
          else setTimeout(() => isOver || reject(error), CLOSE_LAG_MS).unref();
        });
      });
    try {
      return await Reflect.apply(
        begin,
        target,
        args.map((arg) => (isFunction(arg) ? shield(arg) : arg)),
      );
    } finally {
      isOver = true;
    }
  };
}

function isFunction(value: unknown): value is (...given: unknown[]) => unknown {
  return typeof value === 'function';
}

/** SQLSTATE class 57P: the server ends the session; CONNECTION_*: postgres.js has noticed. Both are followed by the close. */
function isConnectionGone(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && /^(?:57P0[123]|CONNECTION_(?:CLOSED|DESTROYED)|ECONNRESET|EPIPE)$/.test(String(error.code))
  );
}

/**
 * Drizzle on a pool or inside a database transaction: statements on the tables of `drizzle/schema`, rows read through its columns. It only
 * writes text and reads rows: Drizzle's own driver for postgres.js would switch off the pool's reading of times and JSON for everybody.
 */
export function orm(sql: Sql | Tx): PgRemoteDatabase {
  return drizzle(async (text, params, method) => {
    const query = sql.unsafe(text, params, { prepare: true });
    return { rows: method === 'all' ? await query.values() : await query };
  });
}

const MIGRATIONS_FOLDER = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../drizzle/migrations');
/** Any constant of ours: two processes that start at once must not migrate at once. */
const MIGRATION_LOCK = 4_719_264;

/**
 * Applies every `NNNN_area.sql` that has not been applied, in order of its number and all in one database transaction: a failed start changes nothing.
 * A migration is never edited after it was applied anywhere that matters: a changed text is refused.
 * @returns the names applied now
 */
export async function migrate(sql: Sql, folder: string = MIGRATIONS_FOLDER): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_[a-z0-9-]+\.sql$/.test(name)).sort();
  const texts = await Promise.all(names.map(async (name) => ({ name, text: await readFile(path.join(folder, name), 'utf8') })));
  return sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
    await tx`create table if not exists public.migrations (name text primary key, text_hash text not null, applied_at timestamptz not null default now())`;
    const rows = await tx<{ name: string; text_hash: string }[]>`select name, text_hash from public.migrations`;
    const known = new Map(rows.map((row) => [row.name, row.text_hash]));
    const applied: string[] = [];
    for (const { name, text } of texts) {
      const textHash = createHash('sha256').update(text).digest('hex');
      const before = known.get(name);
      if (before === textHash) continue;
      if (before !== undefined)
        throw new Error(`migration ${name} was changed after it was applied: write a new one (or, in development, npm run demo:reset)`);
      await tx.unsafe(text);
      await tx`insert into public.migrations (name, text_hash) values (${name}, ${textHash})`;
      applied.push(name);
    }
    return applied;
  });
}
