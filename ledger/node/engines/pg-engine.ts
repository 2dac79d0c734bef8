/**
 * The ordering engine on PostgreSQL, for members on one site (`ledger.md` 10.7). One row holds the leader, one row each slot; the
 * clock of leases is the database's, so that members' clocks need not agree. It lives in a schema of its own and, in production, in
 * a database of its own: no member's record depends on it.
 */
import type postgres from 'postgres';
import type { DecidedSlot, Decision, OrderingEngine, Reading } from './ordering-engine.ts';

/** A serialization failure means that another leader was faster; the second try sees what it did. */
const SERIALIZATION_TRIES = 20;
/** Notices make `watch` quick; asking this often makes it sure. */
const POLL_MS = 500;
const CHANNEL = 'ledger_slots';
const PAGE = 256;

/** Any constant of ours: two members that open at once must not create at once. */
const SCHEMA_LOCK = 4_719_266;

/** Creates what is missing. Safe to call from every member at each start. */
export async function openPgEngine(sql: postgres.Sql): Promise<OrderingEngine> {
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${SCHEMA_LOCK})`;
    const [known] = await tx`select 1 from information_schema.tables where table_schema = 'ordering' and table_name = 'slots'`;
    if (known !== undefined) return;
    await tx`create schema if not exists ordering`;
    await tx`create table ordering.leader (
      id smallint primary key default 1 check (id = 1),
      term bigint not null,
      holder integer not null,
      ttl interval not null,
      expires timestamptz not null
    )`;
    await tx`create table ordering.slots (
      epoch bigint not null,
      height bigint not null,
      slot bytea not null,
      primary key (epoch, height)
    )`;
    await tx`insert into ordering.leader (term, holder, ttl, expires) values (0, 0, interval '0', '-infinity')`;
  });
  return new PgEngine(sql);
}

class PgEngine implements OrderingEngine {
  readonly #sql: postgres.Sql;
  readonly #wakers = new Set<() => void>();
  #listening: Promise<unknown> | null = null;
  #isClosed = false;

  constructor(sql: postgres.Sql) {
    this.#sql = sql;
  }

  async campaign(member: number, ttlMs: number): Promise<{ readonly term: bigint } | null> {
    const rows = await this.#serializable(
      (tx) => tx<{ term: string }[]>`
        update ordering.leader set term = term + 1, holder = ${member}, ttl = ${ttlMs} * interval '1 ms',
          expires = clock_timestamp() + ${ttlMs} * interval '1 ms'
        where expires <= clock_timestamp() or holder = ${member} returning term`,
    );
    const [row] = rows;
    return row === undefined ? null : { term: BigInt(row.term) };
  }

  async renew(term: bigint): Promise<boolean> {
    const rows = await this.#serializable(
      (tx) => tx`update ordering.leader set expires = clock_timestamp() + ttl
        where term = ${String(term)} and expires > clock_timestamp() returning 1`,
    );
    return rows.length === 1;
  }

  async resign(term: bigint): Promise<void> {
    await this.#serializable((tx) => tx`update ordering.leader set expires = '-infinity', holder = 0 where term = ${String(term)}`);
  }

  async decide(epoch: number, height: bigint, term: bigint, slot: Uint8Array): Promise<Decision> {
    const rows = await this.#serializable(async (tx) => {
      // The row of the leader stays locked until the commit: no campaign comes between the comparison and the slot.
      await tx`insert into ordering.slots (epoch, height, slot)
        select ${epoch}, ${String(height)}, ${slot} from (
          select 1 from ordering.leader where term = ${String(term)} and expires > clock_timestamp() for share) as live
        on conflict (epoch, height) do nothing`;
      await tx`select pg_notify(${CHANNEL}, '')`;
      return tx<{ slot: Uint8Array }[]>`select slot from ordering.slots where epoch = ${epoch} and height = ${String(height)}`;
    });
    const [row] = rows;
    if (row === undefined) return { won: false, slot: null };
    return { won: Buffer.compare(row.slot, slot) === 0, slot: new Uint8Array(row.slot) };
  }

  async read(epoch: number, height: bigint): Promise<Reading> {
    const [row] = await this.#sql<{ term: string; slot: Uint8Array | null }[]>`
      select case when leader.expires > clock_timestamp() then leader.term else 0 end as term, slots.slot
      from ordering.leader left join ordering.slots on slots.epoch = ${epoch} and slots.height = ${String(height)}`;
    if (row === undefined) throw new Error('the ordering schema has lost its leader row');
    return { term: BigInt(row.term), slot: row.slot === null ? null : new Uint8Array(row.slot) };
  }

  async *watch(epoch: number, from: bigint): AsyncGenerator<DecidedSlot> {
    await this.#listen();
    for (let next = from; !this.#isClosed; ) {
      const change = this.#nextChange();
      const rows = await this.#sql<{ height: string; slot: Uint8Array }[]>`
        select height, slot from ordering.slots where epoch = ${epoch} and height >= ${String(next)} order by height limit ${PAGE}`;
      for (const row of rows) {
        yield { height: BigInt(row.height), slot: new Uint8Array(row.slot) };
        next = BigInt(row.height) + 1n;
      }
      if (rows.length === 0) await change;
    }
  }

  async trim(below: bigint): Promise<void> {
    await this.#sql`delete from ordering.slots where height < ${String(below)}`;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    await this.#sql.end({ timeout: 5 });
  }

  /** Tries are bounded: an engine that never decides is one that can't be reached. */
  async #serializable<T>(work: (tx: postgres.TransactionSql) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const results: T[] = [];
      try {
        await this.#sql.begin('isolation level serializable', async (tx) => {
          await tx`set local synchronous_commit = on`;
          results.push(await work(tx));
        });
      } catch (error) {
        if (attempt < SERIALIZATION_TRIES && isSerializationFailure(error)) continue;
        throw error;
      }
      for (const result of results) return result;
    }
  }

  #listen(): Promise<unknown> {
    this.#listening ??= this.#sql.listen(CHANNEL, () => this.#wake());
    return this.#listening;
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, POLL_MS);
      timer.unref();
      this.#wakers.add(wake);
    });
  }

  #wake(): void {
    for (const waker of [...this.#wakers]) waker();
  }
}

/** 40001 serialization_failure, 40P01 deadlock_detected. */
function isSerializationFailure(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '40001' || error.code === '40P01');
}
