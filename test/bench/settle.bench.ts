/**
 * The whole path of a trade on a PostgreSQL of its own with durable commits: two orders of two players, each with its own SM2 signature
 * verified, decision, holds, settlement, tax with its trace, postings, the LedgerTx in the sequence and in sealed blocks, outbox.
 *
 * Orders are quoted and signed beforehand, as clients do it on their own machines. `tradesPerSecond` counts both placements of each
 * trade; `takesPerSecond` is the second half alone, from a resting listing to a settled trade.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { generatePrivateKey, publicKeyOf } from '#ledger/crypto/sm2.ts';
import { openSslSm2 } from '#ledger/node/sm2-openssl.ts';
import { fen } from '#ledger/primitives/fen.ts';
import type { ItemId, OrderId } from '#ledger/primitives/ids.ts';
import { systemClock } from '#server/clock.ts';
import { migrate, openDatabase, type Sql } from '#server/db.ts';
import { startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import { systemRandom } from '#server/random.ts';
import type { PlaceOrderInput } from '#server/trpc/views.ts';
import { type Kind, openMarketRig, type TestMarket, type Trader } from '#test/support/market-rig.ts';

export type SettleBenchOptions = {
  readonly trades: number;
  /** Trades of one round: its listings are placed, then taken. */
  readonly round: number;
  /** Requests on their way at one time. */
  readonly inFlight: number;
  readonly workers: number;
  readonly kinds: number;
};
const DEFAULTS: SettleBenchOptions = { trades: 4_000, round: 1_000, inFlight: 192, workers: 1, kinds: 16 };
const PEOPLE = 10;
const PRICE_FEN = 150n;

export async function benchSettle(options: Partial<SettleBenchOptions> = {}): Promise<Readonly<Record<string, unknown>>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-bench-'));
  const server = await startPostgres({ dir: folder });
  const sql = openDatabase(server.url, { max: 6 });
  try {
    await migrate(sql);
    return await run(sql, { ...DEFAULTS, ...options });
  } finally {
    await sql.end();
    await server.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Order = { readonly trader: Trader; readonly input: PlaceOrderInput };

async function run(sql: Sql, options: SettleBenchOptions) {
  const clock = { ...systemClock, advance: () => undefined, set: () => undefined };
  const rig = await openMarketRig(sql, { clock, workers: options.workers, isManual: false, makers: 2 * PEOPLE });
  const names = Array.from({ length: 2 * PEOPLE }, (_, index) => `demo-${String(index + 1).padStart(2, '0')}`);
  const people = await Promise.all(names.map((name) => rig.trader(name)));
  const sellers = people.slice(0, PEOPLE);
  const buyers = people.slice(PEOPLE);
  const kinds: Kind[] = [];
  for (let index = 0; index < options.kinds; index++) kinds.push(await rig.kind(`bench-${index}`));
  for (const buyer of buyers) await deposit(rig, buyer);
  const before = rig.market.statistics();
  const latencies: number[] = [];
  let listMs = 0;
  let takeMs = 0;
  for (let done = 0; done < options.trades; done += options.round) {
    const listings = await prepareListings(rig, sellers, kinds, options.round);
    const listed = await send(rig, listings, options.inFlight, []);
    listMs += listed.ms;
    const takes = await prepareTakes(rig, buyers, listings, listed.orderIds);
    takeMs += (await send(rig, takes, options.inFlight, latencies)).ms;
  }
  const statistics = rig.market.statistics();
  const verifyRate = measureVerify();
  await rig.stop();
  latencies.sort((a, b) => a - b);
  const at = (share: number) => Math.round((latencies[Math.floor(latencies.length * share)] ?? 0) * 10) / 10;
  const perTrade = (stage: keyof typeof statistics.stageMs) =>
    Math.round(((statistics.stageMs[stage] - before.stageMs[stage]) / options.trades) * 1000) / 1000;
  return {
    tradesPerSecond: Math.round((options.trades / (listMs + takeMs)) * 1000),
    takesPerSecond: Math.round((options.trades / takeMs) * 1000),
    listingsPerSecond: Math.round((options.trades / listMs) * 1000),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    sm2VerifyPerSecond: verifyRate,
    trades: options.trades,
    groups: statistics.groups - before.groups,
    inFlight: options.inFlight,
    signaturesVerifiedPerTrade: 2,
    msPerTrade: {
      verifyWait: perTrade('verify'),
      load: perTrade('load'),
      decide: perTrade('decide'),
      sign: perTrade('sign'),
      apply: perTrade('apply'),
      write: perTrade('write'),
      commit: perTrade('commit'),
    },
  };
}

async function deposit(rig: TestMarket, buyer: Trader): Promise<void> {
  await rig.fund(buyer, 5_000_000n);
  const account = `available:${buyer.acct}`;
  for (;;) {
    const [row] = await rig.sql<{ balance_fen: string }[]>`select balance_fen from journal.accounts where account_id = ${account}`;
    if (BigInt(row?.balance_fen ?? '0') > 0n) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function prepareListings(
  rig: TestMarket,
  sellers: readonly Trader[],
  kinds: readonly Kind[],
  count: number,
): Promise<readonly Order[]> {
  const wanted = new Map<string, { seller: Trader; kind: Kind; n: number }>();
  for (let index = 0; index < count; index++) {
    const seller = sellers[index % sellers.length];
    const kind = kinds[Math.floor(index / sellers.length) % kinds.length];
    if (seller === undefined || kind === undefined) continue;
    const key = `${seller.name} ${kind.classRef}`;
    wanted.set(key, { seller, kind, n: (wanted.get(key)?.n ?? 0) + 1 });
  }
  const orders: Order[] = [];
  for (const { seller, kind, n } of wanted.values()) {
    for (const itemId of await rig.mint(kind, seller, n)) {
      const quote = await rig.quote(seller, { intent: 'listing', classId: kind.classId, itemIds: [itemId], priceFen: fen(PRICE_FEN) });
      orders.push({ trader: seller, input: rig.input(seller, quote) });
    }
  }
  return orders;
}

async function prepareTakes(
  rig: TestMarket,
  buyers: readonly Trader[],
  listings: readonly Order[],
  orderIds: readonly OrderId[],
): Promise<readonly Order[]> {
  const orders: Order[] = [];
  for (const [index, { input }] of listings.entries()) {
    const buyer = buyers[index % buyers.length];
    const targetOrderId = orderIds[index];
    const { document } = input.quote;
    const itemIds: readonly ItemId[] = document.items.map((item) => item.itemId);
    if (buyer === undefined || targetOrderId === undefined) continue;
    const quote = await rig.quote(buyer, { intent: 'take_listing', classId: document.classId, itemIds, targetOrderId });
    orders.push({ trader: buyer, input: rig.input(buyer, quote) });
  }
  return orders;
}

/** A closed loop: so many requests on their way, the next one as soon as one is answered. */
async function send(
  rig: TestMarket,
  orders: readonly Order[],
  inFlight: number,
  latencies: number[],
): Promise<{ readonly ms: number; readonly orderIds: readonly OrderId[] }> {
  const orderIds: OrderId[] = new Array(orders.length);
  const players = new Map(
    await Promise.all([...new Set(orders.map((order) => order.trader))].map(async (who) => [who, await who.player()] as const)),
  );
  let next = 0;
  const started = performance.now();
  const client = async () => {
    for (let index = next++; index < orders.length; index = next++) {
      const order = orders[index];
      const player = order === undefined ? undefined : players.get(order.trader);
      if (order === undefined || player === undefined) return;
      const begun = performance.now();
      const answer = await rig.market.place(player, order.input);
      latencies.push(performance.now() - begun);
      if (answer.kind !== 'placed') throw new Error(`the bench was refused: ${answer.code}`);
      orderIds[index] = answer.order.orderId;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
  return { ms: performance.now() - started, orderIds };
}

/** This machine's own rate, one thread: OpenSSL alone, neither the node's memory nor the tables of its keys. */
function measureVerify(): number {
  const sm2 = openSslSm2(null);
  const privateKey = generatePrivateKey((length) => systemRandom.bytes(length));
  const publicKey = publicKeyOf(privateKey);
  const cases = Array.from({ length: 2_000 }, () => {
    const message = systemRandom.bytes(64);
    return { message, signature: sm2.sign(privateKey, message) };
  });
  const started = performance.now();
  for (const { message, signature } of cases)
    if (!sm2.verify(publicKey, message, signature)) throw new Error('a signature of ours does not verify');
  return Math.round((cases.length / (performance.now() - started)) * 1000);
}
