/** What is stored: restart, audit, rebuild, damage of every table named, files that verify alone. Tests 4, 23, 27 of `ledger.md` 22. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { voteMessage, votePayload } from '#ledger/block/vote.ts';
import type { Finality } from '#ledger/codec/header.ts';
import { encodeTxEnv } from '#ledger/codec/tx.ts';
import { parseEntryBundle, tilePath, tilesBetween, treeFromTiles } from '#ledger/merkle/tiles.ts';
import { audit, rebuild } from '#ledger/node/audit.ts';
import { loadNodeKeys } from '#ledger/node/keys.ts';
import { ledgerHttp } from '#ledger/node/ledger-http.ts';
import { type AccountSigner, type LedgerNode, openLedger } from '#ledger/node/ledger-node.ts';
import { compareSent, consistencyProof, judgeShown } from '#ledger/node/shown-head.ts';
import { type Bytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { type Checkpoint, checkpointText, parseCheckpoint } from '#ledger/proof/checkpoint.ts';
import { headerHash, txIdOf } from '#ledger/tx/ids.ts';
import { CertifiedLog, LogFileMissing } from '#ledger/verify/certified-log.ts';
import { compareHead, parseConsistencyPath, verifyCheckpoint } from '#ledger/verify/kept-head.ts';
import { verifyReceipt } from '#ledger/verify/verify-receipt.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { openTestLedger, populate, removeKeys, type TestLedger } from '#test/support/ledger.ts';

let database: TestDatabase;
let ledger: TestLedger;
let node: LedgerNode;
let amy: AccountSigner;
let bob: AccountSigner;
let exportDir: string;
let lastTx: Bytes;

beforeAll(async () => {
  database = await createTestDatabase({ max: 6 });
  exportDir = mkdtempSync(path.join(tmpdir(), 'daoju-export-'));
  ledger = await openTestLedger(database.sql, { exportDir });
  node = ledger.node;
  ({ amy, bob } = await populate(ledger, 300));
  node.start();
  await node.sealNow();
  for (let at = 0n; at < 40n; at++) {
    const envs = amy.batchSign(Array.from({ length: 7 }, (_, each) => transfer(at * 7n + BigInt(each), 1n, bob.acct)));
    await ledger.sequence(envs);
    ledger.clock.now += 250;
    await node.sealNow();
    lastTx = txIdOf(envs[0]?.body ?? transfer(0n, 0n, ZERO_32));
  }
  await reopen();
});

afterAll(async () => {
  await node.stop();
  await database.drop();
  removeKeys(ledger);
  rmSync(exportDir, { recursive: true, force: true });
});

function transfer(serial: bigint, ver: bigint, to: Bytes) {
  return ledger.body({ kind: 'transfer', serial, ver, to, pay: ZERO_32, env: ZERO_32 });
}

async function reopen(): Promise<void> {
  await node.stop();
  ledger = await openTestLedger(database.sql, { exportDir, keysDir: ledger.keysDir, clock: ledger.clock, seed: 'again' });
  node = ledger.node;
  amy = node.signerFor(amy);
  bob = node.signerFor(bob);
}

describe('a restart', () => {
  test('comes back to the same tip and goes on', async () => {
    const before = node.certified;
    await reopen();
    expect(node.certified.height).toBe(before.height);
    expect(toHex(node.certified.headerHash)).toBe(toHex(before.headerHash));
    expect(toHex(node.certified.state.stateRoot())).toBe(toHex(before.header.stateRoot));
    await ledger.sequence(bob.batchSign([transfer(0n, 2n, amy.acct)]));
    await node.sealNow();
    expect(node.certified.height).toBe(before.height + 1n);
  });

  test('a second node on the same database is turned away', async () => {
    const other = database.connect(2);
    // It waits five seconds for a killed predecessor before it gives up.
    const attempt = openLedger({
      sql: other,
      now: () => ledger.clock.now,
      random: ledger.random,
      keysDir: ledger.keysDir,
      demonstration: true,
      workers: 0,
    });
    await expect(attempt).rejects.toThrow('another process runs it');
  });
});

describe('audit and rebuild', () => {
  test('a replay of the entries alone gives the live roots and tables', async () => {
    const report = await audit(database.sql, node.sm2);
    expect(report.stateRoot).toBe(toHex(node.certified.header.stateRoot));
    expect(report.leaves).toMatchObject({ items: 300, accounts: 7 });
  });

  test('emptied tables are written anew from the entries', async () => {
    const before = await dump();
    await database.sql`truncate ledger.items, ledger.accounts, ledger.classes, ledger.orders, ledger.records, ledger.bodies`;
    await rebuild(database.sql, node.sm2);
    expect(await dump()).toEqual(before);
  });
});

async function dump() {
  return [
    await database.sql`select * from ledger.items order by serial`,
    await database.sql`select * from ledger.accounts order by serial`,
    await database.sql`select * from ledger.bodies order by hash`,
  ].map((rows) => JSON.stringify(rows));
}

/** Damages one row, expects the start to name it, and puts it back. */
const DAMAGES = [
  { what: 'an owner column', table: 'items', key: 'serial = 5', set: `owner = '\\x${'11'.repeat(32)}'`, where: 'items 5', column: 'owner' },
  {
    what: 'a bit of an Item leaf',
    table: 'items',
    key: 'serial = 6',
    set: 'leaf = set_byte(leaf, 180, 255 - get_byte(leaf, 180))',
    where: 'items 6',
    column: 'leaf',
  },
  {
    what: 'a bit of an account leaf',
    table: 'accounts',
    key: 'serial = 4',
    set: 'leaf = set_byte(leaf, 42, 1)',
    where: 'accounts 4',
    column: 'leaf',
  },
  {
    what: 'a bit of an entry',
    table: 'entries',
    key: 'idx = 9',
    set: 'body = set_byte(body, 100, 255 - get_byte(body, 100))',
    where: 'entries 9',
    column: 'body',
  },
  {
    what: 'a header',
    table: 'blocks',
    key: 'height = 3',
    set: 'header = set_byte(header, 200, 255 - get_byte(header, 200))',
    where: 'blocks 3',
    column: 'header',
  },
  {
    what: 'a policy body',
    table: 'bodies',
    key: "kind = 'config'",
    set: 'body = set_byte(body, 9, 255 - get_byte(body, 9))',
    where: 'bodies',
    column: 'body',
  },
] as const;

describe('damage (test 4): the node names it and does not start', () => {
  for (const { what, table, key, set, where, column } of DAMAGES) {
    test(what, async () => {
      await node.stop();
      const { sql } = database;
      const kept = await sql.unsafe(`select ${column} as value from ledger.${table} where ${key}`);
      const change = async (assignment: string, parameters: Uint8Array[] = []) => {
        await sql.unsafe(`alter table ledger.${table} disable trigger user`);
        await sql.unsafe(`update ledger.${table} set ${assignment} where ${key}`, parameters);
        await sql.unsafe(`alter table ledger.${table} enable trigger user`);
      };
      await change(set);
      const attempt = openTestLedger(sql, { keysDir: ledger.keysDir, clock: ledger.clock });
      try {
        await expect(attempt).rejects.toThrow(where);
        await expect(audit(sql, node.sm2)).rejects.toThrow(/damaged at/);
      } finally {
        await change(
          `${column} = $1`,
          kept.map((row) => row.value),
        );
        await reopen();
      }
    });
  }

  test('the record itself is insert-only', async () => {
    const { sql } = database;
    await expect(sql`update ledger.votes set sig = sig`).rejects.toThrow('insert-only');
    await expect(sql`delete from ledger.entries where idx = 0`).rejects.toThrow('insert-only');
    await expect(sql`truncate ledger.blocks`).rejects.toThrow('insert-only');
    const vote = sql.begin((tx) => [
      tx`set local role ledger_signer`,
      tx`insert into ledger.votes select epoch, height, term + 1, header_hash, sig from ledger.votes limit 1`,
    ]);
    await expect(vote).rejects.toThrow(/duplicate key/);
  });

  test('a database that vanished is not silently replaced by another chain', async () => {
    const empty = await createTestDatabase();
    await expect(openTestLedger(empty.sql, { keysDir: ledger.keysDir })).rejects.toThrow('the database holds none');
    await empty.drop();
  });
});

describe('files and the read API', () => {
  test('receipts, passports and holdings verify from their bytes and the ChainId alone', async () => {
    const receipt = await node.receipt(lastTx);
    const passport = await node.passport(0n);
    const holdings = await node.holdings(bob.acct);
    const absent = await node.itemProof(1_000_000n);
    for (const proof of [receipt, passport, holdings, absent]) {
      if (proof === null) throw new Error('a proof');
      const verdict = verifyReceipt(proof, { chain: node.chain, sm2: node.sm2 });
      expect(verdict.steps.filter((step) => !step.ok)).toEqual([]);
      expect(verdict.outcome).toBe('proven');
    }
  });

  test('exported tiles and entries rebuild the root of the checkpoint', async () => {
    node.start();
    await node.stop();
    await reopen();
    const checkpoint = parseCheckpoint(readFileSync(path.join(exportDir, 'checkpoint'), 'utf8'));
    expect(checkpoint.header.height).toBe(node.certified.height);
    const names = tilesBetween(0, Number(checkpoint.logSize)).filter((name) => name.level === 0 || name.level === 'entries');
    const tiles = names.filter((name) => name.level === 0).map((name) => readFileSync(path.join(exportDir, tilePath(name))));
    expect(toHex(treeFromTiles(tiles).root())).toBe(toHex(checkpoint.logRoot));
    const entries = names
      .filter((name) => name.level === 'entries')
      .flatMap((name) => parseEntryBundle(readFileSync(path.join(exportDir, tilePath(name)))));
    expect(entries.length).toBe(Number(checkpoint.logSize));
  });

  test('an unreadable checkpoint makes the files be written anew, and leaves the archives of ended games alone', async () => {
    const archive = path.join(exportDir, 'archive', 'studio.zip');
    const stale = path.join(exportDir, 'block', '999999');
    mkdirSync(path.dirname(archive), { recursive: true });
    for (const file of [archive, stale, path.join(exportDir, 'checkpoint')]) writeFileSync(file, 'cut off');
    node.start();
    await node.stop();
    await reopen();
    const checkpoint = parseCheckpoint(readFileSync(path.join(exportDir, 'checkpoint'), 'utf8'));
    expect(checkpoint.header.height).toBe(node.certified.height);
    expect(existsSync(stale)).toBe(false);
    expect(existsSync(path.join(exportDir, 'block', '1'))).toBe(true);
    expect(readFileSync(archive, 'utf8')).toBe('cut off');
  });

  test('read by its files alone the log is the chain’s from the newest entry to the first, and one byte elsewhere does not hold', async () => {
    const file = async (name: string): Promise<Bytes | null> => {
      const found = path.join(exportDir, name);
      return existsSync(found) ? new Uint8Array(readFileSync(found)) : null;
    };
    const opened = (read: typeof file, chain = node.chain) => new CertifiedLog({ file: read, sm2: node.sm2, chain });
    const log = opened(file);
    const read = [...(await log.advance())];
    expect(log.isWhole).toBe(false);
    while (!log.isWhole) read.unshift(...(await log.older()));
    expect(read.map(({ index }) => index)).toEqual(Array.from({ length: Number(node.certified.header.logSize) }, (_, at) => at));
    expect(log.tip?.header.height).toBe(node.certified.height);
    await ledger.sequence(bob.batchSign([transfer(1n, 2n, amy.acct)]));
    await node.sealNow();
    await expect.poll(() => log.advance()).toMatchObject([{ index: read.length, entry: { height: node.certified.height } }]);
    expect(await log.advance()).toEqual([]);

    const changed = (prefix: string) => async (name: string) => {
      const bytes = await file(name);
      if (bytes !== null && name.startsWith(prefix)) bytes[20] = (bytes[20] ?? 0) ^ 1;
      return bytes;
    };
    for (const prefix of ['tile/1/000', 'tile/entries/001']) await expect(opened(changed(prefix)).advance()).rejects.toThrow('E40');
    const older = opened(changed('tile/entries/000'));
    await older.advance();
    await expect(older.older()).rejects.toThrow('E40');
    await expect(opened(file, ZERO_32).advance()).rejects.toThrow('genesis_not_of_this_chain');
    await expect(opened(async (name) => (name === 'trust' ? null : file(name))).advance()).rejects.toThrow(LogFileMissing);
  });

  test('a wallet proves that the log goes on from what it kept; another log that its members signed halts the node, one that nobody signed does not', async () => {
    const { certified, sm2 } = node;
    const trust = await node.trust();
    const { finality } = certified;
    if (finality === null) throw new Error('certified');
    const keptRow = await node.block(5n);
    if (keptRow?.finality === undefined || keptRow.finality === null) throw new Error('a block below');
    const kept = parseCheckpoint(checkpointText(keptRow.header, keptRow.finality));
    const served = parseCheckpoint(checkpointText(certified.header, finality));
    for (const each of [kept, served]) verifyCheckpoint(each, trust, sm2);
    const prove = async (older: bigint, newer: bigint) => {
      const bytes = consistencyProof(node.certified, older, newer);
      return bytes === null ? null : parseConsistencyPath(bytes);
    };
    expect(await compareHead(kept, served, prove)).toEqual({ kind: 'grown' });
    expect(await prove(served.logSize, served.logSize + 1n)).toBeNull();
    const sent = ({ logSize, logRoot }: Checkpoint) => compareSent(`${logSize}-${toHex(logRoot)}`, node.certified);
    expect([sent(kept), sent({ ...kept, logRoot: ZERO_32 }), sent({ ...kept, logSize: served.logSize + 9n })]).toEqual([
      'same',
      'differs',
      'ahead',
    ]);
    expect(compareSent('5', node.certified)).toBeNull();

    const fork = { ...kept.header, logRoot: new Uint8Array(32).fill(9) };
    const forged: Finality = { ...kept.finality, header: headerHash(fork) };
    const key = loadNodeKeys({ dir: ledger.keysDir, sm2, random: () => new Uint8Array(32).fill(3), create: false }).node;
    const member = kept.finality.sigs[0]?.member ?? 0;
    const sig = sm2.sign(key.privateKey, voteMessage(node.chain, votePayload(fork, forged.term, member)));
    const signed: Finality = { ...forged, sigs: [{ member, sig }] };
    const told: bigint[] = [];
    const show = (text: string) => judgeShown(node, text, { sm2, onContradiction: ({ header }) => told.push(header.height) });
    expect(await show(checkpointText(kept.header, kept.finality))).toBe('same');
    expect(await show(checkpointText(fork, forged))).toBe('unproven');
    expect(told).toEqual([]);
    expect(await show(checkpointText(fork, signed))).toBe('differs');
    expect(told).toEqual([5n]);
    const forkHead = parseCheckpoint(checkpointText(fork, signed));
    verifyCheckpoint(forkHead, trust, sm2);
    expect(await compareHead(forkHead, kept, prove)).toEqual({ kind: 'forked', reason: 'two_headers' });
    expect(await compareHead(forkHead, served, prove)).toEqual({ kind: 'forked', reason: 'no_prefix' });
  });

  test('the read API answers, refuses other suites cleanly (test 27) and never leaves its folder', async () => {
    const handle = ledgerHttp(node, {
      exportDir,
      submit: async (env) => (await ledger.sequence([env]))[0] ?? { kind: 'rejected', code: 'none' },
    });
    const server = createServer((request, response) => {
      handle(request, response).then(
        (isOurs) => {
          if (!isOurs) response.writeHead(404).end();
        },
        () => response.destroy(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = (route: string) => `http://127.0.0.1:${port}/ledger/v1/${route}`;
    try {
      expect((await fetch(url('checkpoint'))).status).toBe(200);
      expect((await fetch(url('trust'))).status).toBe(200);
      expect((await (await fetch(url('block/1'))).arrayBuffer()).byteLength).toBe(226 + 120);
      expect((await fetch(url('tile/0/000'))).status).toBe(200);
      for (const route of ['tile/0/..%2f..%2fpasswd', 'block/-1', 'tile/../../chain-id', 'tx/zz', 'nothing']) {
        expect([400, 404]).toContain((await fetch(url(route))).status);
      }
      expect(await (await fetch(url(`tx/${toHex(lastTx)}`))).json()).toMatchObject({ status: 'certified', signers: ['Operator'] });
      expect((await fetch(url(`receipt/${toHex(lastTx)}`))).status).toBe(200);
      const [env] = bob.batchSign([transfer(8n, 2n, amy.acct)]);
      if (env === undefined) throw new Error('signed');
      const bytes = encodeTxEnv(env);
      const post = async (body: Bytes) => {
        const answer = await fetch(url('submit'), { method: 'POST', body });
        return { status: answer.status, body: await answer.json() };
      };
      const suite2 = bytes.slice();
      suite2[1] = 2;
      expect(await post(suite2)).toMatchObject({ status: 422, body: { code: 'tx_version' } });
      expect(await post(bytes.slice(0, 50))).toMatchObject({ status: 422, body: { code: 'tx_malformed' } });
      expect(await post(bytes)).toMatchObject({ status: 202, body: { status: 'sequenced', replayed: false } });
      expect(await post(bytes)).toMatchObject({ status: 202, body: { replayed: true } });
      const [mint] = amy.batchSign([ledger.body({ kind: 'mint', items: [{ cls: 0, to: amy.acct, ext: ZERO_32, meta: ZERO_32 }] })]);
      expect(mint === undefined ? null : await post(encodeTxEnv(mint))).toMatchObject({
        status: 403,
        body: { code: 'op_not_submittable' },
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
