/**
 * An audit of a whole chain (`ledger.md` 11, G8): replay from genesis, every signature verified, every root and every table compared, on a
 * real PostgreSQL. One member sealed it; what a second adds to a block is three Votes instead of one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { audit } from '#ledger/node/audit.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { migrate, openDatabase, type Sql } from '#server/db.ts';
import { startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import { openTestLedger, populate } from '#test/support/ledger.ts';
import { activatePack, checkOf, signAll, tradeBody } from './ledger.bench.ts';

const TRADES = 6000;
const GROUP = 64;
const PER_BLOCK = 960;
/** As the command has them. */
const WORKERS = 2;
const { sm2 } = startSm2();

export async function benchAudit(): Promise<Readonly<Record<string, unknown>>> {
  const single = await withChain(1);
  const sheets = await withChain(64);
  return {
    trades: TRADES,
    entriesPerBlock: PER_BLOCK,
    txSigsPerTrade: 3,
    operatorBatch: GROUP,
    workers: WORKERS,
    txPerSecond: single.txPerSecond,
    entries: single.entries,
    seconds: single.seconds,
    txPerCpuSecond: single.perCpuSecond,
    oneThreadTxPerSecond: single.oneThread,
    sheetsOf64: { txPerSecond: sheets.txPerSecond, txPerCpuSecond: sheets.perCpuSecond, oneThreadTxPerSecond: sheets.oneThread },
  };
}

async function withChain(sheet: number) {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-bench-'));
  const server = await startPostgres({ dir: folder });
  const sql = openDatabase(server.url, { max: 6 });
  try {
    await migrate(sql);
    await fill(sql, sheet);
    const threads = await measure(sql, WORKERS);
    const one = await measure(sql, 0);
    return { ...threads, oneThread: one.txPerSecond };
  } finally {
    await sql.end();
    await server.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(sql: Sql, sheet: number): Promise<void> {
  const clock = { now: 1_790_000_000_000 };
  const ledger = await openTestLedger(sql, { workers: 1, clock });
  const { node } = ledger;
  const { amy, bob } = await populate(ledger, TRADES);
  await activatePack(ledger);
  await node.sealNow();
  const pairs = signAll(ledger, amy, bob, TRADES, sheet);
  for (let first = 0; first < TRADES; first += GROUP) {
    const group = pairs.slice(first, first + GROUP);
    await node.verifyMany(group.flatMap((pair) => [checkOf(node, amy, pair.sell), checkOf(node, bob, pair.buy)]));
    const results = await ledger.sequence(node.operator.batchSign(group.map((pair, at) => tradeBody(ledger, pair, first + at))));
    assert(
      results.every((result) => result.kind === 'sequenced'),
      'every trade of the bench passes',
    );
    if ((first / GROUP) % (PER_BLOCK / GROUP) === PER_BLOCK / GROUP - 1) await node.sealNow();
    clock.now += 10;
  }
  await node.sealNow();
  await node.stop();
}

async function measure(sql: Sql, workers: number) {
  const begun = performance.now();
  const used = process.cpuUsage();
  const { entries } = await audit(sql, sm2, { workers });
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(used);
  // On a shared machine the processor's own seconds say more than the wall's.
  const perCpuSecond = Math.round(Number(entries) / ((user + system) / 1e6));
  return {
    entries: Number(entries),
    seconds: Math.round(seconds * 100) / 100,
    txPerSecond: Math.round(Number(entries) / seconds),
    perCpuSecond,
  };
}
