/** Groups, refusals at sealing, clocks, batches: `ledger.md` 6.1 and tests 12 and 30 of its section 22. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { TxEnv } from '#ledger/codec/tx.ts';
import { keyOfTriple, SignatureMemory } from '#ledger/crypto/signature-memory.ts';
import { audit } from '#ledger/node/audit.ts';
import type { AccountSigner, CertifiedBlock, LedgerNode } from '#ledger/node/ledger-node.ts';
import { type Bytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { openTestLedger, populate, removeKeys, START_MS, type TestLedger } from '#test/support/ledger.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

let database: TestDatabase;
let ledger: TestLedger;
let node: LedgerNode;
let amy: AccountSigner;
let bob: AccountSigner;

beforeEach(async () => {
  database = await createTestDatabase();
  ledger = await openTestLedger(database.sql);
  node = ledger.node;
  ({ amy, bob } = await populate(ledger, 8));
  await node.sealNow();
});

afterEach(async () => {
  await node.stop();
  await database.drop();
  removeKeys(ledger);
});

const transferOf = (serial: bigint, ver: bigint, to: Bytes, window?: { notBefore?: number; notAfter?: number }) =>
  ledger.body({ kind: 'transfer', serial, ver, to, pay: ZERO_32, env: ZERO_32 }, window);

function only<T>(list: readonly T[]): T {
  const [first, ...rest] = list;
  if (first === undefined || rest.length > 0) throw new Error(`one, got ${list.length}`);
  return first;
}

const ownerOf = (serial: bigint): string => toHex(node.pending.itemBySerial(serial)?.owner ?? ZERO_32);

describe('a group', () => {
  test('that fails leaves no trace, in memory or on disk, and no gap in the sequence', async () => {
    const before = await database.sql`select count(*)::int as n, max(seq)::int as last from ledger.ledger_txs`;
    const env = only(amy.batchSign([transferOf(0n, 1n, bob.acct)]));
    await expect(
      node.runGroup((group) =>
        database.sql.begin(async (tx) => {
          expect(group.apply(env).kind).toBe('sequenced');
          await group.persist(tx);
          throw new Error('the caller changed its mind');
        }),
      ),
    ).rejects.toThrow('changed its mind');
    expect(ownerOf(0n)).toBe(toHex(amy.acct));
    expect(await database.sql`select count(*)::int as n, max(seq)::int as last from ledger.ledger_txs`).toEqual(before);
    expect(only(await ledger.sequence([env])).kind).toBe('sequenced');
  });

  test('drops one LedgerTx alone by a savepoint', async () => {
    const [first, second] = amy.batchSign([transferOf(0n, 1n, bob.acct), transferOf(1n, 1n, bob.acct)]);
    if (first === undefined || second === undefined) throw new Error('two');
    await node.runGroup((group) =>
      database.sql.begin(async (tx) => {
        group.savepoint();
        expect(group.apply(first).kind).toBe('sequenced');
        group.rollbackTo();
        group.savepoint();
        expect(group.apply(second).kind).toBe('sequenced');
        group.release();
        await group.persist(tx);
      }),
    );
    expect([ownerOf(0n), ownerOf(1n)]).toEqual([toHex(amy.acct), toHex(bob.acct)]);
  });

  test('that stores nothing of what it applied is a bug and is undone', async () => {
    const env = only(amy.batchSign([transferOf(0n, 1n, bob.acct)]));
    await expect(node.runGroup(async (group) => group.apply(env))).rejects.toThrow('a group with LedgerTx is stored');
    expect(ownerOf(0n)).toBe(toHex(amy.acct));
  });

  test('whose commit succeeded although its answer was lost is found again', async () => {
    const env = only(amy.batchSign([transferOf(0n, 1n, bob.acct)]));
    await expect(
      node.runGroup(async (group) => {
        await database.sql.begin(async (tx) => {
          group.apply(env);
          await group.persist(tx);
        });
        throw new Error('connection lost after the commit');
      }),
    ).rejects.toThrow('connection lost');
    const next = only(amy.batchSign([transferOf(1n, 1n, bob.acct)]));
    expect(only(await ledger.sequence([next])).kind).toBe('sequenced');
    expect(ownerOf(0n)).toBe(toHex(bob.acct));
    await node.sealNow();
    expect(only(await ledger.sequence([env]))).toMatchObject({ kind: 'sequenced', replayed: true });
    expect(await node.status(txIdOf(env.body))).toMatchObject({ status: 'certified' });
  });
});

describe('what no longer passes at sealing', () => {
  test('is refused with its code, named to listeners, and what builds on it falls too', async () => {
    const blocks: CertifiedBlock[] = [];
    node.onCertified((block) => blocks.push(block));
    const expiring = only(amy.batchSign([transferOf(0n, 1n, bob.acct, { notAfter: ledger.clock.now + 120_000 })]));
    const building = only(bob.batchSign([transferOf(0n, 2n, node.operator.acct)]));
    const other = only(amy.batchSign([transferOf(1n, 1n, bob.acct)]));
    await ledger.sequence([expiring, building, other]);
    ledger.clock.now += 180_000;
    await node.sealNow();
    const block = only(blocks);
    expect(block.refused.map((refused) => refused.code)).toEqual(['expired', 'version_conflict']);
    expect(block.txs.map((tx) => toHex(tx.txId))).toEqual([toHex(txIdOf(other.body))]);
    expect(await node.status(txIdOf(expiring.body))).toMatchObject({ status: 'refused', refusedCode: 'expired' });
    expect([ownerOf(0n), ownerOf(1n)]).toEqual([toHex(amy.acct), toHex(bob.acct)]);
    // The same LedgerTx never comes back under another outcome.
    expect(only(await ledger.sequence([building]))).toEqual({ kind: 'rejected', code: 'version_conflict' });
    const read: CertifiedBlock[] = [];
    for await (const each of node.blocksAfter(block.height - 1n)) read.push(each);
    expect(only(read).refused.map((refused) => refused.code)).toEqual(['expired', 'version_conflict']);
    expect(only(read).txs[0]?.leaves).toEqual(block.txs[0]?.leaves);
  });

  test('too little validity is refused before it is sequenced', async () => {
    const short = only(amy.batchSign([transferOf(0n, 1n, bob.acct, { notAfter: ledger.clock.now + 30_000 })]));
    expect(only(await ledger.sequence([short]))).toEqual({ kind: 'rejected', code: 'expired' });
  });
});

describe('pending and certified state', () => {
  test('never drift: through groups that fail, savepoints and blocks at any moment', async () => {
    const random = seededRandom('drift');
    const owners = [amy, bob];
    for (let turn = 0; turn < 60; turn++) {
      const [a = 0, b = 0, c = 0] = random.bytes(3);
      const serial = BigInt(a % 8);
      const item = node.pending.itemBySerial(serial);
      const from = owners.find((owner) => toHex(owner.acct) === toHex(item?.owner ?? ZERO_32));
      const to = owners.find((owner) => owner !== from);
      if (item === null || from === undefined || to === undefined) throw new Error('the Items belong to amy or bob');
      // Every fourth names a stale version and must be refused.
      const env = only(from.batchSign([transferOf(serial, b % 4 === 0 ? item.ver + 1n : item.ver, to.acct)]));
      const group = node.runGroup((each) =>
        database.sql.begin(async (tx) => {
          each.savepoint();
          expect(each.apply(env).kind).toBe(b % 4 === 0 ? 'rejected' : 'sequenced');
          if (b % 5 === 0) each.rollbackTo();
          else each.release();
          await each.persist(tx);
          if (c % 6 === 0) throw new Error('undone');
        }),
      );
      await group.catch((error: unknown) => expect(error).toEqual(new Error('undone')));
      ledger.clock.now += c;
      if (c % 7 === 0) await node.sealNow();
    }
    await node.sealNow();
    for (let serial = 0n; serial < 8n; serial++) {
      expect(node.pending.itemBySerial(serial)).toEqual(node.certified.state.itemBySerial(serial));
    }
    for (const owner of owners) expect(node.pending.accountById(owner.acct)).toEqual(node.certified.state.accountById(owner.acct));
    expect(node.pending.logSize).toBe(node.certified.header.logSize);
    expect((await audit(database.sql, node.sm2)).stateRoot).toBe(toHex(node.certified.header.stateRoot));
  });
});

describe('a block', () => {
  test('of nothing is not sealed when the one before has taken what two have waited for', async () => {
    const { height } = node.certified;
    await ledger.sequence(amy.batchSign([transferOf(0n, 1n, bob.acct)]));
    await Promise.all([node.sealNow(), node.sealNow(), node.sealNow()]);
    expect(node.certified.height).toBe(height + 1n);
  });
});

describe('the clock', () => {
  test('steps back an hour: sealedAt still rises, checks never go behind the newest header', async () => {
    const before = node.certified.header.sealedAt;
    ledger.clock.now -= 3_600_000;
    await ledger.sequence(amy.batchSign([transferOf(0n, 1n, bob.acct, { notBefore: START_MS - 1000, notAfter: START_MS + 3_600_000 })]));
    await node.sealNow();
    expect(node.certified.header.sealedAt).toBe(before + 1n);
    ledger.clock.now += 7_200_000;
    await ledger.sequence(amy.batchSign([transferOf(1n, 1n, bob.acct)]));
    await node.sealNow();
    expect(node.certified.header.sealedAt).toBe(BigInt(ledger.clock.now));
  });
});

describe('batches (test 30)', () => {
  test('parts come out of order and apart; a duplicate enters once and says so', async () => {
    const envs = amy.batchSign([0n, 1n, 2n, 3n].map((serial) => transferOf(serial, 1n, bob.acct)));
    const [a, b, c, d] = envs;
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('four');
    expect((await ledger.sequence([c])).map((result) => result.kind)).toEqual(['sequenced']);
    await node.sealNow();
    expect((await ledger.sequence([a, c, a])).map((result) => result.kind === 'sequenced' && result.replayed)).toEqual([false, true, true]);
    await node.sealNow();
    expect(node.certified.state.logSize).toBe(5n + 2n);
    ledger.clock.now += 4_000_000;
    expect(only(await ledger.sequence([b]))).toEqual({ kind: 'rejected', code: 'expired' });
  });

  test('a thousand LedgerTx under one bad root cost one verification', async () => {
    const bodies = Array.from({ length: 1000 }, () => transferOf(0n, 1n, bob.acct));
    const envs = amy.batchSign(bodies);
    const broken = envs.map((env) => ({ ...env, sigs: env.sigs.map((sig) => ({ ...sig, sig: flip(sig.sig) })) }));
    const verify = vi.spyOn(node.sm2, 'verify');
    const results = await ledger.sequence(broken);
    expect(new Set(results.map((result) => result.kind === 'rejected' && result.code))).toEqual(new Set(['sig_invalid']));
    // A memory verifies what it is asked a second time no more.
    expect(node.sm2).toBeInstanceOf(SignatureMemory);
    expect(verify).toHaveBeenCalledTimes(broken.length);
    expect(new Set(verify.mock.calls.map((triple) => keyOfTriple(...triple))).size).toBe(1);
    verify.mockRestore();
  });

  test('another size, index or path is refused with its own code', async () => {
    const env = amy.batchSign([0n, 1n, 2n].map((serial) => transferOf(serial, 1n, bob.acct)))[0];
    const sig = env?.sigs[0];
    if (env === undefined || sig === undefined) throw new Error('three');
    const altered = (change: Partial<typeof sig>): TxEnv => ({ ...env, sigs: [{ ...sig, ...change }] });
    const codes = (
      await ledger.sequence([
        altered({ batchSize: 0 }),
        altered({ batchIndex: 3 }),
        altered({ path: sig.path.slice(1) }),
        altered({ batchSize: 4 }),
        altered({ batchIndex: 1 }),
        altered({ path: [ZERO_32, ...sig.path.slice(1)] }),
      ])
    ).map((result) => (result.kind === 'rejected' ? result.code : result.kind));
    expect(codes).toEqual(['batch_range', 'batch_range', 'batch_range', 'sig_invalid', 'sig_invalid', 'sig_invalid']);
  });
});

function flip(bytes: Bytes): Bytes {
  const out = bytes.slice();
  out[40] = (out[40] ?? 0) ^ 1;
  return out;
}
