/**
 * One node per database: a second process that starts by mistake is turned away. Not a safety rule: those are the unique keys of
 * the vote table, which hold even when this lock is lost with its connection.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';

/** Any constant of ours. */
const NODE_LOCK = 4_719_265;
/** PostgreSQL may need a moment to notice that a killed process is gone. */
const ATTEMPTS = 50;
const PAUSE_MS = 100;

export interface NodeLock {
  release(): Promise<void>;
}

/** The lock lives as long as a connection of its own, which no pool recycles. */
export async function holdNode(sql: postgres.Sql): Promise<NodeLock> {
  const own = sameDatabase(sql);
  const release = () => own.end({ timeout: 5 });
  try {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const [row] = await own<{ held: boolean }[]>`select pg_try_advisory_lock(${NODE_LOCK}) as held`;
      if (row?.held === true) return { release };
      await sleep(PAUSE_MS);
    }
  } catch (error) {
    await release();
    throw error;
  }
  await release();
  throw new Error("couldn't start the node: another process runs it on this database");
}

function sameDatabase(sql: postgres.Sql): postgres.Sql {
  const { host, port, database, user, ssl } = sql.options;
  // The package types the password of parsed options as null; at run time it is the one of the URL.
  const password: unknown = Reflect.get(sql.options, 'pass');
  return postgres({
    ...(host[0] === undefined ? {} : { host: host[0] }),
    ...(port[0] === undefined ? {} : { port: port[0] }),
    ...(typeof password === 'string' ? { password } : {}),
    database,
    user,
    ssl,
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    onnotice: () => undefined,
  });
}
