/**
 * The ledger alone: signed Trades through groups and blocks to certified, on a real PostgreSQL with synchronous commit. The exchange
 * around it (`settle`) adds its own tables; this is the part that a member pays.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { SIDE, type SignedOrder } from '#ledger/codec/order.ts';
import type { TxBody } from '#ledger/codec/tx.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { batchRootOf } from '#ledger/merkle/batch-tree.ts';
import type { AccountSigner, LedgerNode, SignatureCheck } from '#ledger/node/ledger-node.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { orderIdOf, recordKey } from '#ledger/tx/ids.ts';
import { signOrders } from '#ledger/tx/sign.ts';
import { migrate, openDatabase, type Sql } from '#server/db.ts';
import { startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import { openTestLedger, populate, type TestLedger } from '#test/support/ledger.ts';

export interface LedgerBenchOptions {
  readonly trades: number;
  readonly groupSize: number;
  /** Orders per signature: 1 for people, 64 for sheets of market makers. */
  readonly sheet: number;
  readonly workers: number;
}

export interface LedgerBenchResult {
  readonly name: 'ledger';
  readonly tradesPerSecond: number;
  readonly trades: number;
  readonly groupSize: number;
  readonly sheet: number;
  readonly signaturesPerTrade: number;
  readonly verificationsPerTrade: number;
  readonly msPerGroup: Readonly<Record<'verify' | 'sign' | 'apply' | 'persist', number>>;
  readonly msPerBlockOf1000: number;
}

const DAY_MS = 86_400_000;

const DEFAULTS: LedgerBenchOptions = { trades: 6000, groupSize: 64, sheet: 1, workers: 1 };

/** On a PostgreSQL of its own with the settings of a site: a commit is on disk before anyone hears of it. */
export async function benchLedger(
  options: Partial<LedgerBenchOptions> = {},
): Promise<LedgerBenchResult & Readonly<Record<string, unknown>>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-bench-'));
  const server = await startPostgres({ dir: folder });
  const sql = openDatabase(server.url, { max: 6 });
  try {
    await migrate(sql);
    return { ...(await run(sql, { ...DEFAULTS, ...options })) };
  } finally {
    await sql.end();
    await server.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(sql: Sql, options: LedgerBenchOptions): Promise<LedgerBenchResult> {
  const { trades, groupSize, sheet } = options;
  const clock = { now: 1_790_000_000_000 };
  const ledger = await openTestLedger(sql, { workers: options.workers, clock });
  const { node } = ledger;
  const { amy, bob } = await populate(ledger, trades);
  await activatePack(ledger);
  await node.sealNow();
  const orders = signAll(ledger, amy, bob, trades, sheet);
  const stages = { verify: 0, sign: 0, apply: 0, persist: 0 };
  const timed = async <T>(stage: keyof typeof stages, work: () => T | Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await work();
    stages[stage] += performance.now() - startedAt;
    return result;
  };
  let sealMs = 0;
  const startedAt = performance.now();
  let sealing: Promise<void> = Promise.resolve();
  let unsealed = 0;
  // The workers are one group ahead, as in the exchange.
  const verify = (first: number) =>
    node.verifyMany(
      orders.slice(first, first + groupSize).flatMap((pair) => [checkOf(node, amy, pair.sell), checkOf(node, bob, pair.buy)]),
    );
  let verified = verify(0);
  for (let first = 0; first < trades; first += groupSize) {
    const pairs = orders.slice(first, first + groupSize);
    await timed('verify', () => verified);
    if (first + groupSize < trades) verified = verify(first + groupSize);
    const bodies = pairs.map((pair, at) => tradeBody(ledger, pair, first + at));
    const envs = await timed('sign', () => node.operator.batchSign(bodies));
    await node.runGroup(async (group) => {
      await sql.begin(async (tx) => {
        await timed('apply', () => {
          for (const env of envs) {
            const result = group.apply(env);
            assert(
              result.kind === 'sequenced' && !result.replayed,
              `a trade of the bench passes: ${result.kind === 'rejected' ? result.code : 'replayed'}`,
            );
          }
        });
        await timed('persist', () => group.persist(tx));
      });
    });
    unsealed += pairs.length;
    if (unsealed >= 250) {
      unsealed = 0;
      await sealing;
      const sealedAt = performance.now();
      sealing = node.sealNow().then(() => {
        sealMs += performance.now() - sealedAt;
      });
    }
  }
  await sealing;
  await node.sealNow();
  const seconds = (performance.now() - startedAt) / 1000;
  const groups = Math.ceil(trades / groupSize);
  await node.stop();
  return {
    name: 'ledger',
    tradesPerSecond: Math.round(trades / seconds),
    trades,
    groupSize,
    sheet,
    signaturesPerTrade: 3,
    verificationsPerTrade: 2 / sheet,
    msPerGroup: {
      verify: stages.verify / groups,
      sign: stages.sign / groups,
      apply: stages.apply / groups,
      persist: stages.persist / groups,
    },
    msPerBlockOf1000: (sealMs / trades) * 1000,
  };
}

export interface Pair {
  readonly serial: bigint;
  readonly sell: SignedOrder;
  readonly buy: SignedOrder;
}

export function signAll(ledger: TestLedger, amy: AccountSigner, bob: AccountSigner, count: number, sheet: number): readonly Pair[] {
  const { node, random, clock } = ledger;
  const common = {
    chain: node.chain,
    cls: 0,
    quantity: 1,
    counterparty: null,
    notBefore: BigInt(clock.now - 1000),
    notAfter: BigInt(clock.now + DAY_MS),
    terms: ZERO_32,
  };
  const keyOf = (signer: AccountSigner) => ({ acct: signer.acct, keyIdx: 0, keyEpoch: 0, privateKey: signer.privateKey });
  const pairs: Pair[] = [];
  for (let first = 0; first < count; first += sheet) {
    const serials = Array.from({ length: Math.min(sheet, count - first) }, (_, at) => BigInt(first + at));
    const sells = signOrders(
      node.sm2,
      keyOf(amy),
      serials.map((serial) => ({ ...common, salt: random(16), acct: amy.acct, side: SIDE.sell, items: [{ serial, ver: 1n }] })),
    );
    const buys = signOrders(
      node.sm2,
      keyOf(bob),
      serials.map(() => ({ ...common, salt: random(16), acct: bob.acct, side: SIDE.buy, items: [] })),
    );
    for (const [at, serial] of serials.entries()) {
      const sell = sells[at];
      const buy = buys[at];
      if (sell !== undefined && buy !== undefined) pairs.push({ serial, sell, buy });
    }
  }
  return pairs;
}

export function checkOf(node: LedgerNode, signer: AccountSigner, { order, sigs }: SignedOrder): SignatureCheck {
  const [sig] = sigs;
  assert(sig !== undefined, 'an order is signed');
  const batch = batchRootOf({ id: orderIdOf(order), batchIndex: sig.batchIndex, batchSize: sig.batchSize, path: sig.path });
  assert(batch.kind === 'root', 'the path fits');
  return { publicKey: signer.publicKey, message: signedMessage('PLP1/order', node.chain, batch.root), signature: sig.sig };
}

const PACK: Bytes = new Uint8Array(32).fill(7);

export async function activatePack(ledger: TestLedger): Promise<void> {
  const { node } = ledger;
  assert(node.demo !== null, 'the bench runs on a demonstration chain');
  const body = ledger.body({ kind: 'rule_pack_activate', jurisdiction: 'CN', pack: PACK, from: BigInt(ledger.clock.now), tighten: 1 });
  const [result] = await ledger.sequence(node.demo.supervisor.batchSign([body]));
  assert(result?.kind === 'sequenced' && recordKey.rulePack('CN').length === 32, 'the pack is active');
}

export function tradeIdOf(at: number): Bytes {
  const tradeId = new Uint8Array(16);
  new DataView(tradeId.buffer).setUint32(0, at + 1);
  return tradeId;
}

export function tradeBody(ledger: TestLedger, { serial, sell, buy }: Pair, at: number, env: Bytes = ZERO_32): TxBody {
  return ledger.body(
    {
      kind: 'trade',
      tradeId: tradeIdOf(at),
      sell,
      buy,
      items: [serial],
      pay: ZERO_32,
      env,
      rulePack: PACK,
      protectMs: 0,
      experiment: null,
    },
    { notAfter: ledger.clock.now + 3_600_000 },
  );
}
