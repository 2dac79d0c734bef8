/**
 * One node per database: a second process that starts by mistake is turned away. Not a safety rule: those are the unique keys of
 * the vote table, which hold even when this lock is lost with its connection.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';

/** Any constant of ours. */
const NODE_LOCK = 4_719_265;
/** PostgreSQL may need a moment to notice that a killed process is gone. */
const ATTEMPTS = 50;
const PAUSE_MS = 100;

export interface NodeLock {
  release(): Promise<void>;
}

export async function holdNode(sql: postgres.Sql): Promise<NodeLock> {
  const connection = await sql.reserve();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const [row] = await connection<{ held: boolean }[]>`select pg_try_advisory_lock(${NODE_LOCK}) as held`;
    if (row?.held === true) {
      return {
        release: async () => {
          // A connection that the database closed has let go by itself.
          await connection`select pg_advisory_unlock(${NODE_LOCK})`.catch(() => undefined);
          connection.release();
        },
      };
    }
    await sleep(PAUSE_MS);
  }
  connection.release();
  throw new Error("couldn't start the node: another process runs it on this database");
}
