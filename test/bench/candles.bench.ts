/** A year of candles on a kind with 100,000 trades beside 200,000 of other kinds (product P-14, Q-22): each call its own snapshot, as the
 *  page asks for it; and what it costs to keep the candles up with trades and to work them all out anew. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { type ClassId, parseClassId } from '#ledger/primitives/ids.ts';
import { systemClock } from '#server/clock.ts';
import { migrate, openDatabase, type Sql } from '#server/db.ts';
import { startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import { followTrades, rebuildCandles } from '#server/market/candle-buckets.repo.ts';
import { type CandleQuery, listCandles } from '#server/market/candles.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { appendOutbox } from '#server/outbox/append-outbox.ts';

const BUSY = 100_000;
const OTHERS = 200_000;
const OTHER_KINDS = 2_000;
const CALLS = 100;
const STEPS = 20;

export async function benchCandles(): Promise<Readonly<Record<string, unknown>>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-bench-'));
  const server = await startPostgres({ dir: folder });
  const sql = openDatabase(server.url, { max: 6 });
  try {
    await migrate(sql);
    return await run(sql);
  } finally {
    await sql.end();
    await server.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(sql: Sql) {
  const busy = kindOf(0);
  await insertTrades(sql);
  const now = systemClock.now();
  const started = performance.now();
  const { buckets } = await rebuildCandles(sql, now);
  const rebuildMs = Math.round(performance.now() - started);
  await sql`analyze`;
  const read = (query: Pick<CandleQuery, 'interval' | 'range' | 'filtered'>) =>
    measure(CALLS, () => readSnapshot({ sql, clock: systemClock }, null, (snapshot) => listCandles(snapshot, { classId: busy, ...query })));
  return {
    trades: BUSY + OTHERS,
    onOneKind: BUSY,
    buckets,
    rebuildMs,
    yearByDay: await read({ interval: '24h', range: '1y', filtered: false }),
    yearByDayFiltered: await read({ interval: '24h', range: '1y', filtered: true }),
    yearByHour: await read({ interval: '1h', range: '1y', filtered: false }),
    allByWeek: await read({ interval: '7d', range: 'all', filtered: false }),
    followTenTrades: await measure(STEPS, (step) => follow(sql, step)),
  };
}

function kindOf(index: number): ClassId {
  return parseClassId(`cls_${index.toString(16).padStart(32, '0')}`);
}

async function measure(calls: number, call: (index: number) => Promise<unknown>) {
  const times: number[] = [];
  await call(calls);
  for (let index = 0; index < calls; index++) {
    const started = performance.now();
    await call(index);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => Math.round((times[Math.floor(times.length * share)] ?? 0) * 10) / 10;
  return { p50Ms: at(0.5), p95Ms: at(0.95) };
}

/** Ten trades of the newest week are told again: their buckets, the week's included, are worked out from all their trades. */
async function follow(sql: Sql, step: number): Promise<void> {
  await sql.begin(async (tx) => {
    const rows = await tx<
      { trade_id: string }[]
    >`select trade_id from market.trades where class_id = ${kindOf(0)} and settled_at is not null
      order by settled_at desc offset ${step * 10} limit 10`;
    await appendOutbox(
      tx,
      rows.map((row) => ({ room: 'sup:market', type: 'mkt.trade', at: systemClock.now(), body: { tradeId: row.trade_id } })),
    );
  });
  await followTrades(sql, systemClock.now());
}

async function insertTrades(sql: Sql): Promise<void> {
  await sql`
    insert into market.orders (order_id, seq, priority, priced_at, acct, reference_id, intent, side, mechanism, class_id, price_fen, quantity, filled, state,
      time_in_force, fee_bps, royalty_bps, live_from, placed_at, expires_at, ended_at, signed_order, terms, quote)
    select 'ord_' || repeat(d, 64), n, n, now(), repeat(d, 64), 'bench', 'matched', s, 'price_time', 'cls', 1, 1, 1, 'filled', 'gtc', 0, 0, now(), now(),
      now(), now(), '', '[]', '{}' from (values ('a', 'sell', 1), ('b', 'buy', 2)) as o (d, s, n)`;
  await sql`
    insert into market.trades (trade_id, seq, tx_id, class_id, sell_order_id, buy_order_id, seller, buyer, mechanism, quantity, price_fen,
      gross_fen, fee_fen, royalty_fen, net_fen, state, state_since, ordered_at, settled_at, pay)
    select 'trd_' || lpad(to_hex(n), 32, '0'), n, decode(lpad(to_hex(n), 64, '0'), 'hex'),
      'cls_' || lpad(to_hex(case when n <= ${BUSY} then 0 else 1 + n % ${OTHER_KINDS} end), 32, '0'),
      'ord_' || repeat('a', 64), 'ord_' || repeat('b', 64), repeat('a', 64), repeat('b', 64), 'price_time', 1, p, p, 0, 0, p,
      case when n % 200 = 0 then 'reversed' else 'paid_out' end, at, at, at, '[]'
    from (
      select n, 900 + (hashint4(n::int) & 255) as p, now() - make_interval(secs => (abs(hashint8(n)) % 31536000)::double precision) as at
      from generate_series(1, ${BUSY + OTHERS}::bigint) n
    ) made`;
}
