/**
 * What supervisors read at a glance over 1,000,000 past trades of a year (product V-05, V-06, Q-22), each call in a snapshot of its own.
 * The first of each is cold for the program (nothing is kept between calls), not for the disk. `--data=DIR` keeps the trades for another run,
 * `--trades=N` makes fewer of them.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { instant } from '#ledger/primitives/instant.ts';
import { PACK_CN_2026_1 } from '#sandbox/packs/cn/pack-2026-1.ts';
import { packHash } from '#sandbox/packs/pack.ts';
import { labelAround } from '#sandbox/reports/period.ts';
import { spanAround } from '#sandbox/reports/span.ts';
import { systemClock } from '#server/clock.ts';
import { migrate, openDatabase, type Sql } from '#server/db.ts';
import { startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import { followDays } from '#server/market/closed-days.repo.ts';
import { getReturns } from '#server/market/returns.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import type { TaxFit } from '#server/market/tax-sums.repo.ts';
import { getTaxDay } from '#server/market/tax-view.ts';
import { getTiles, listTileRows, type MembersGround } from '#server/market/tiles.ts';
import { openMarketRig } from '#test/support/market-rig.ts';

const ALL_TRADES = 1_000_000;
const CALLS = 8;
const ENOUGH_MS = 20_000;
const TODAY = '2026-11-28';

export async function benchTiles(flags: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const kept = flags.find((flag) => flag.startsWith('--data='))?.slice('--data='.length);
  const folder = kept === undefined ? mkdtempSync(path.join(tmpdir(), 'daoju-bench-')) : path.resolve(kept);
  mkdirSync(folder, { recursive: true });
  const server = await startPostgres({ dir: path.join(folder, 'postgres') });
  const sql = openDatabase(server.url, { max: 6 });
  try {
    await migrate(sql);
    const fewer = flags.find((flag) => flag.startsWith('--trades='))?.slice('--trades='.length);
    return await run(sql, fewer === undefined ? ALL_TRADES : Number(fewer));
  } finally {
    await sql.end();
    await (kept === undefined ? server.destroy() : server.stop());
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Without members: none is asked here. */
const LEDGER: MembersGround['ledger'] = { health: () => ({ halted: null }), config: { members: [] }, consortium: () => null };

async function run(sql: Sql, trades: number) {
  const now = instant(Date.parse(`${TODAY}T12:00:00+08:00`));
  const clock = { ...systemClock, now: () => now, advance: () => undefined, set: () => undefined };
  const [known] = await sql`select 1 from market.trades limit 1`;
  if (known === undefined) {
    const rig = await openMarketRig(sql, { clock, workers: 1, isManual: false, makers: 1 });
    const { classId } = await rig.kind('bench');
    await rig.stop();
    await insertTrades(sql, classId, trades);
  }
  await sql`vacuum analyze`;
  const began = performance.now();
  await followDays(sql, now);
  const followMs = Math.round(performance.now() - began);
  await sql`vacuum analyze`;
  const read = <T extends object>(look: (snapshot: Parameters<Parameters<typeof readSnapshot<T>>[2]>[0]) => Promise<T>) =>
    measure(() => readSnapshot({ sql, clock }, null, look));
  const tiles = (period: string) => read((snapshot) => getTiles({ ledger: LEDGER }, snapshot, 'sup_tax', period));
  const rows = (tile: 'trades' | 'assessed' | 'sellers' | 'filtered') =>
    read((snapshot) => listTileRows({ ledger: LEDGER }, snapshot, 'sup_tax', { tile, period: '2026' }));
  const tax = (label: string, fit: TaxFit = {}) => read((snapshot) => getTaxDay(snapshot, label, fit));
  const quarter = labelAround('quarter', TODAY);
  return {
    trades,
    followMs,
    tilesToday: await tiles(TODAY),
    tilesMonth: await tiles(spanAround('month', TODAY)),
    tilesYear: await tiles('2026'),
    rowsOfTrades: await rows('trades'),
    rowsOfFiltered: await rows('filtered'),
    rowsOfSellers: await rows('sellers'),
    rowsOfAssessed: await rows('assessed'),
    taxDay: await tax(TODAY),
    taxQuarter: await tax(quarter),
    taxQuarterOfSeller: await tax(quarter, { seller: (1234).toString(16).padStart(64, '0') }),
    taxQuarterOfLine: await tax(quarter, { line: 'CN-UMCT' }),
    taxYear: await tax('2026'),
    returns: await read((snapshot) => getReturns(snapshot, '2026-11')),
    returnsWithoutKept: await withoutKept(sql, () => read((snapshot) => getReturns(snapshot, '2026-11'))),
  };
}

/** As if no day were kept: all twelve months from the trades. */
async function withoutKept<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  const [cursor] =
    await sql`update market.figures_cursor set closed_before = null returning (select closed_before from market.figures_cursor)`;
  try {
    return await work();
  } finally {
    await sql`update market.figures_cursor set closed_before = ${cursor?.closed_before ?? null}`;
  }
}

async function measure(call: () => Promise<unknown>) {
  const times: number[] = [];
  const began = performance.now();
  for (let index = 0; index < CALLS && performance.now() - began < ENOUGH_MS; index++) {
    const started = performance.now();
    await call();
    times.push(performance.now() - started);
  }
  const first = Math.round(times[0] ?? 0);
  times.sort((a, b) => a - b);
  const at = (share: number) => Math.round(times[Math.floor(times.length * share)] ?? 0);
  return { firstMs: first, p50Ms: at(0.5), mostMs: Math.round(times.at(-1) ?? 0) };
}

/** Of 10,000 sellers over eleven months, one in a hundred labelled, one in two hundred reversed; every tenth was assessed twice. */
async function insertTrades(sql: Sql, classId: string, trades: number): Promise<void> {
  await sql`
    insert into market.orders (order_id, seq, priority, priced_at, acct, reference_id, intent, side, mechanism, class_id, price_fen, quantity, filled, state,
      time_in_force, fee_bps, royalty_bps, live_from, placed_at, expires_at, ended_at, signed_order, terms, quote)
    select 'ord_' || repeat(d, 64), 1000000000 + n, n, now(), repeat(d, 64), 'bench', 'matched', s, 'price_time', ${classId}, 1, 1, 1, 'filled', 'gtc', 500, 200,
      now(), now(), now(), now(), '', '[]', '{}' from (values ('a', 'sell', 1), ('b', 'buy', 2)) as o (d, s, n)`;
  await sql`
    insert into market.trades (trade_id, seq, tx_id, class_id, sell_order_id, buy_order_id, seller, buyer, mechanism, quantity, price_fen,
      gross_fen, fee_fen, royalty_fen, net_fen, state, state_since, ordered_at, settled_at, certified_at, pay)
    select 'trd_' || lpad(to_hex(n), 32, '0'), n, decode(lpad(to_hex(n), 64, '0'), 'hex'), ${classId},
      'ord_' || repeat('a', 64), 'ord_' || repeat('b', 64), lpad(to_hex(n % 10000), 64, '0'), repeat('b', 64), 'price_time', 1, p, p, p / 20, p / 50, p - p / 20 - p / 50,
      case when n % 200 = 0 then 'reversed' else 'paid_out' end, at, at, at, at + make_interval(secs => 0.4 + (abs(hashint4((n * 7)::int)) % 2000) / 1000.0), '[]'
    from (
      select n, 1000 + (abs(hashint4(n::int)) % 100000) as p,
        timestamptz '2026-01-01 00:00+08' + make_interval(secs => (n::double precision / ${trades}) * 28640000) as at
      from generate_series(1, ${trades}::bigint) n
    ) made`;
  await sql`
    insert into market.trade_labels (trade_id, label, at, source)
    select trade_id, 'wash', settled_at, 'bench' from market.trades where seq % 100 = 0 and seq <= ${trades}`;
  const lines = sql.json([
    ...['CN-VAT-P2P', 'CN-UMCT', 'CN-ES', 'CN-LES', 'CN-IIT-P2P'].map((id, index) => ({ id, amountFen: String(index * 7) })),
  ]);
  const hash = Buffer.from(packHash(PACK_CN_2026_1), 'hex');
  for (const version of [1, 2])
    await sql`
      insert into compliance.assessments (trade_id, version, at, cause, seller, day, gross_fen, is_taxable, total_fen, pack_hash, assessment_hash, input, lines)
      select trade_id, ${version}, settled_at, ${version === 1 ? 'settled' : 'day_line'}, seller, to_char(settled_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD'),
        gross_fen, false, 70, ${hash}, ${hash}, '{}', ${lines} from market.trades where ${version} = 1 or seq % 10 = 0`;
}
