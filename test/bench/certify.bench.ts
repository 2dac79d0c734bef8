/**
 * Four members and the ordering engine on this machine (`ledger.md` 23, G2, G3): signed Trades from the operator's sequencer to Finality of
 * three of four, each member in a process with a database of its own, every commit synchronous. Throughput as fast as it goes; then
 * latency from submit to final at 100 trades a second, blocks every 100 ms.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { demonstrationOrganisation } from '#ledger/node/account-signer.ts';
import { demonstrationPolicy } from '#ledger/node/genesis.ts';
import { loadNodeKeys } from '#ledger/node/keys.ts';
import { buildMember, DEMONSTRATION_MEMBERS } from '#ledger/node/membership.ts';
import { startSm2, systemRandom } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { migrate, openDatabase, type Sql } from '#server/db.ts';
import { startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import { openOrdering } from '#server/members/site.ts';
import { freePorts } from '#test/support/etcd.ts';
import { openTestLedger, populate, type TestLedger } from '#test/support/ledger.ts';
import { activatePack, checkOf, type Pair, signAll, tradeBody, tradeIdOf } from './ledger.bench.ts';

const BLOCK_MS = 100;
const GROUP = 64;
const TRADES = 3000;
const RATE = 100;
const RATE_SECONDS = 20;
const HOST = '127.0.0.1';
const { sm2 } = startSm2();
const clock = () => Math.round(performance.timeOrigin + performance.now());

export async function benchCertify(): Promise<Readonly<Record<string, unknown>>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-bench-'));
  const server = await startPostgres({ dir: path.join(folder, 'postgres'), settings: { max_connections: '80', shared_buffers: '128MB' } });
  const children: ChildProcess[] = [];
  try {
    return await run(folder, server.url, children);
  } finally {
    await Promise.all(children.map((child) => end(child)));
    await server.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(folder: string, adminUrl: string, children: ChildProcess[]): Promise<Readonly<Record<string, unknown>>> {
  const urls = await databases(adminUrl, ['ordering', 'studio', 'supervisor', 'notary']);
  const ports = await freePorts(4);
  const endpoints = Object.fromEntries(ports.map((port, at) => [String(at + 1), `http://${HOST}:${port}`]));
  const ordering = urls.get('ordering') ?? '';
  const founders = DEMONSTRATION_MEMBERS.map(({ name, ...named }) => {
    const keys = loadNodeKeys({ dir: path.join(folder, name), sm2, random: systemRandom, create: true });
    return buildMember({ ...named, acct: demonstrationOrganisation(name).acct, endpoint: '', keys, sm2, certifiedAt: BigInt(clock()) });
  });
  const sql = openDatabase(adminUrl, { max: 6 });
  await migrate(sql);
  const time = {
    get now() {
      return clock();
    },
    set now(_: number) {
      throw new Error('this clock runs by itself');
    },
  };
  const ledger = await openTestLedger(sql, {
    keysDir: path.join(folder, 'operator'),
    clock: time,
    workers: 1,
    blockMs: BLOCK_MS,
    genesisAccounts: [{ policy: demonstrationPolicy('studio'), kind: 1, kyc: ZERO_32 }],
    consortium: {
      member: 1,
      founders,
      openEngine: (config, chain) => openOrdering(ordering, chain, config),
      endpointOf: (member) => endpoints[String(member.id)] ?? null,
      elapsed: () => performance.now(),
    },
  });
  const { node } = ledger;
  const http = createServer((request, response) => {
    node.peers?.(request, response).then(
      (isHandled) => isHandled || response.writeHead(404).end(),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => http.listen(ports[0], HOST, resolve));
  node.start();
  await Promise.all(
    DEMONSTRATION_MEMBERS.map(async ({ id, name }) => {
      const file = path.join(folder, `${name}.json`);
      writeFileSync(file, JSON.stringify({ member: id, endpoints, ordering }));
      const args = [name, urls.get(name) ?? '', path.join(folder, name), String(ports[id - 1] ?? 0), file];
      const child = spawn(process.execPath, [path.join(import.meta.dirname, 'member-process.ts'), ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      await once(child.stdout ?? child, 'data');
    }),
  );
  const total = TRADES + RATE * RATE_SECONDS;
  const { amy, bob } = await populate(ledger, total);
  await activatePack(ledger);
  await node.sealNow();
  const pairs = signAll(ledger, amy, bob, total, 1);
  const throughput = await asFastAsItGoes(ledger, sql, pairs.slice(0, TRADES), (pair) => [
    checkOf(node, amy, pair.sell),
    checkOf(node, bob, pair.buy),
  ]);
  const latency = await atRate(ledger, sql, pairs.slice(TRADES));
  const signers = node.certified.finality?.sigs.length ?? 0;
  http.closeAllConnections();
  http.close();
  await node.stop();
  await sql.end();
  return {
    members: 4,
    finality: '3 of 4',
    signersOfLastBlock: signers,
    engine: 'pg',
    blockMs: BLOCK_MS,
    trades: TRADES,
    txSigsPerTrade: 3,
    operatorBatch: GROUP,
    ordersPerSignature: 1,
    synchronousCommit: true,
    ...throughput,
    ...latency,
    ratePerSecond: RATE,
    heights: Number(node.certified.height),
    root: toHex(node.certified.header.stateRoot).slice(0, 16),
  };
}

async function databases(adminUrl: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const admin = openDatabase(adminUrl, { max: 1 });
  const urls = new Map<string, string>();
  for (const name of names) {
    await admin.unsafe(`create database ${name}`);
    const url = new URL(adminUrl);
    url.pathname = `/${name}`;
    urls.set(name, url.href);
  }
  await admin.end();
  return urls;
}

type Checks = (pair: Pair) => Parameters<TestLedger['node']['verifyMany']>[0];

async function asFastAsItGoes(ledger: TestLedger, sql: Sql, pairs: readonly Pair[], checks: Checks) {
  const { node } = ledger;
  const begun = performance.now();
  const verify = (first: number) => node.verifyMany(pairs.slice(first, first + GROUP).flatMap(checks));
  let verified = verify(0);
  for (let first = 0; first < pairs.length; first += GROUP) {
    await verified;
    if (first + GROUP < pairs.length) verified = verify(first + GROUP);
    await sequence(ledger, sql, pairs.slice(first, first + GROUP), first);
    // A market sells no more than its members certify.
    while (node.health().waiting > 600) await sleep(5);
  }
  await node.sealNow();
  const seconds = (performance.now() - begun) / 1000;
  return { tradesPerSecond: Math.round(pairs.length / seconds) };
}

async function sequence(ledger: TestLedger, sql: Sql, pairs: readonly Pair[], at: number): Promise<readonly string[]> {
  const { node } = ledger;
  // A supervisor endorses no Trade whose envelope it does not hold; what is in it is the market's, and none of the members here opens it.
  const inputs = pairs.map((_, index) => ({ ref: tradeIdOf(at + index), supervisors: [], seller: null, buyer: null }));
  const sealed = node.envelopes.seal(inputs, BigInt(clock()));
  const envs = node.operator.batchSign(pairs.map((pair, index) => tradeBody(ledger, pair, at + index, sealed[index]?.hash)));
  const results = await node.runGroup((group) =>
    sql.begin(async (tx) => {
      const applied = envs.map((env) => group.apply(env));
      await Promise.all([group.persist(tx), node.envelopes.persist(tx, sealed)]);
      return applied;
    }),
  );
  return results.map((result) => {
    assert(result.kind === 'sequenced', `a trade of the bench passes: ${result.kind === 'rejected' ? result.code : ''}`);
    return toHex(result.txId);
  });
}

/** Whatever is due in a moment goes into one group, as in the exchange. */
async function atRate(ledger: TestLedger, sql: Sql, pairs: readonly Pair[]) {
  const { node } = ledger;
  const submitted = new Map<string, number>();
  const took: number[] = [];
  const leave = node.onCertified(({ txs }) => {
    const now = performance.now();
    for (const { txId } of txs) {
      const since = submitted.get(toHex(txId));
      if (since !== undefined) took.push(now - since);
    }
  });
  const begun = performance.now();
  for (let done = 0; done < pairs.length; ) {
    const due = Math.min(pairs.length, Math.floor(((performance.now() - begun) / 1000) * RATE) + 1);
    const arrived = Array.from({ length: due - done }, (_, index) => begun + ((done + index) * 1000) / RATE);
    const ids = await sequence(ledger, sql, pairs.slice(done, due), TRADES + done);
    for (const [index, id] of ids.entries()) submitted.set(id, arrived[index] ?? begun);
    done = due;
    await sleep(Math.max(0, begun + (done * 1000) / RATE - performance.now()));
  }
  await node.sealNow();
  leave();
  took.sort((a, b) => a - b);
  const at = (share: number) => Math.round(took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0);
  return { p50Ms: at(0.5), p99Ms: at(0.99), measured: took.length };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
