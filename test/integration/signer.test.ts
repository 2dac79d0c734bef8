/** The signer on real tables: what S1 to S3 forbid is not signed, also by a second process with the same key (`ledger.md` 10.4, test 16), nor
 *  by a signer process for a node that was cloned. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { voteMessage } from '#ledger/block/vote.ts';
import type { VotePayload } from '#ledger/codec/header.ts';
import { publicKeyOf } from '#ledger/crypto/sm2.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import type { SignRecord } from '#ledger/node/reducer/records.ts';
import { fileSigner } from '#ledger/node/signer/file-signer.ts';
import { remoteSigner } from '#ledger/node/signer/remote-signer.ts';
import type { Signer, SigningRefusal } from '#ledger/node/signer/signer.ts';
import { askMessage, decodeReply, encodeAsk, joinSigned, splitSigned } from '#ledger/node/signer/signer-messages.ts';
import { readSignedAbove } from '#ledger/node/signer/signing-records.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { openTestSigner } from '#test/support/signer.ts';

const { sm2 } = startSm2();
const CHAIN = new Uint8Array(32).fill(9);
const { privateKey } = demonstrationKeys('signer');
const key = { privateKey, publicKey: publicKeyOf(privateKey) };
const header = (byte: number): Bytes => new Uint8Array(32).fill(byte);
const X = header(1);
const Y = header(2);

let database: TestDatabase;
let one: Signer;
let two: Signer;
let at = 0n;

beforeAll(async () => {
  database = await createTestDatabase();
  const open = (sql: TestDatabase['sql']) => fileSigner(key)({ sql, chain: CHAIN, sm2, envOf: () => null, now: () => 0 });
  one = open(database.sql);
  two = open(database.connect());
});
afterAll(() => database.drop());

const place = (term: bigint, of: Bytes, epoch = 1): VotePayload => ({ epoch, height: at, term, header: of, member: 1 });
type Outcome = { readonly kind: 'signed'; readonly sig: Bytes } | SigningRefusal;
/** As the node does it: the record first, then the signature that only a record gets. */
async function signed(signer: Signer, record: SignRecord): Promise<Outcome> {
  const stored = await signer.store(record);
  return stored.kind === 'rejected' ? stored : { kind: 'signed', sig: await signer.signRecord(record) };
}
const endorse = (signer: Signer, term: bigint, of: Bytes) => signed(signer, { kind: 'endorsement', payload: place(term, of) });
const vote = (signer: Signer, payload: VotePayload) =>
  signed(signer, {
    kind: 'vote',
    payload,
    set: { epoch: payload.epoch, height: payload.height, term: payload.term, header: payload.header, sigs: [] },
  });
const next = () => {
  at += 1n;
};

test('an endorsement and a vote verify, and the same again gives the same signature', async () => {
  next();
  const first = await endorse(one, 1n, X);
  expect(first).toEqual(await endorse(two, 1n, X));
  const given = await vote(one, place(1n, X));
  expect(given).toEqual(await vote(two, place(1n, X)));
  expect(given.kind === 'signed' && sm2.verify(key.publicKey, voteMessage(CHAIN, place(1n, X)), given.sig)).toBe(true);
  const never = { kind: 'vote', payload: { ...place(1n, X), height: at + 9n }, set: { ...place(1n, X), sigs: [] } } as const;
  await expect(one.signRecord(never)).rejects.toThrow('no record');
});

test('S1: terms rise, one header per term, and after a vote no other header', async () => {
  next();
  await endorse(one, 5n, X);
  expect(await endorse(one, 5n, Y)).toEqual({ kind: 'rejected', code: 'stale_term' });
  expect(await endorse(one, 4n, X)).toEqual({ kind: 'rejected', code: 'stale_term' });
  await vote(one, place(5n, X));
  expect(await endorse(one, 6n, Y)).toEqual({ kind: 'rejected', code: 'locked' });
  expect((await endorse(one, 6n, X)).kind).toBe('signed');
});

test('S2 and S3: one vote per height, and none below the highest endorsed term', async () => {
  next();
  await endorse(one, 3n, X);
  expect(await vote(one, place(2n, X))).toEqual({ kind: 'rejected', code: 'stale_term' });
  await vote(one, place(3n, X));
  expect(await vote(one, place(4n, X))).toEqual({ kind: 'rejected', code: 'voted_before' });
  expect(await vote(one, place(4n, Y))).toEqual({ kind: 'rejected', code: 'locked' });
});

test('two processes with one key that sign at the same moment never contradict each other', async () => {
  for (let round = 0; round < 20; round++) {
    next();
    const results = await Promise.all([endorse(one, 2n, Y), vote(two, place(1n, X)), endorse(two, 2n, X), vote(one, place(1n, Y))]);
    const { endorsements, votes } = await readSignedAbove(database.sql, at - 1n);
    expect(results.filter((result) => result.kind === 'signed')).toHaveLength(endorsements.length + votes.length);
    expect(votes.length).toBeLessThanOrEqual(1);
    const headers = new Set(endorsements.map((row) => String(row.header)));
    expect(headers.size).toBeLessThanOrEqual(1);
    // A vote at term 1 after an endorsement at term 2 is S3; the other order needs the same header.
    for (const row of votes) for (const endorsement of endorsements) expect(String(endorsement.header)).toBe(String(row.header));
  }
});

test('after a seal nothing is signed below its epoch, and a seal only rises', async () => {
  next();
  const seal = (newEpoch: number) =>
    signed(one, {
      kind: 'seal',
      seal: { newEpoch, member: 1, tipHeight: at, tipHeader: X, epoch: 0, term: 0n, base: header(0) },
      set: null,
    });
  expect(await seal(1)).toEqual({ kind: 'rejected', code: 'seal_low' });
  const given = await seal(3);
  expect(given).toEqual(await seal(3));
  expect(await seal(2)).toEqual({ kind: 'rejected', code: 'seal_low' });
  expect(await endorse(two, 9n, X)).toEqual({ kind: 'rejected', code: 'epoch_sealed' });
  expect((await vote(one, place(9n, X, 3))).kind).toBe('signed');
  await one.acceptRecovery(4, at, Uint8Array.of(1));
  expect(await vote(one, { ...place(9n, X, 3), height: at + 1n })).toEqual({ kind: 'rejected', code: 'epoch_sealed' });
});

test('a signer told to abstain signs nothing up to that height', async () => {
  next();
  await one.abstainUntil(at + 2n);
  for (const height of [at, at + 2n])
    expect(await vote(two, { ...place(1n, X, 4), height })).toEqual({ kind: 'rejected', code: 'abstaining' });
  expect((await vote(two, { ...place(1n, X, 4), height: at + 3n })).kind).toBe('signed');
});

const folder = mkdtempSync(path.join(tmpdir(), 'daoju-signer-'));
const client = keyPair('client');
let spare: TestDatabase[] = [];
afterAll(async () => {
  for (const each of spare) await each.drop();
  rmSync(folder, { recursive: true, force: true });
});

function keyPair(name: string) {
  const { privateKey: d } = demonstrationKeys(name);
  return { privateKey: d, publicKey: publicKeyOf(d) };
}

const openDoor = (sql: TestDatabase['sql'], keysDir: string, port = 0) =>
  openTestSigner({ sql, keysDir, port, key, clients: [client.publicKey], random: seededRandom(`door ${port} ${keysDir}`) });

async function spareDatabase(): Promise<TestDatabase> {
  const made = await createTestDatabase();
  spare = [...spare, made];
  return made;
}

const nodeAt = (url: string, sql: TestDatabase['sql'], given: { by?: typeof client; to?: Bytes; chain?: Bytes } = {}) =>
  remoteSigner({ url, publicKey: given.to ?? key.publicKey, client: given.by ?? client })({
    ...{ sql, chain: given.chain ?? CHAIN, sm2, envOf: () => null, now: () => 0 },
  });

test('a signer elsewhere: the node and its clone contradict each other as little as one process does', async () => {
  const [tables, first, second] = [await spareDatabase(), await spareDatabase(), await spareDatabase()];
  const { url, door, stop } = await openDoor(tables.sql, path.join(folder, 'a'));
  const [node, clone] = [nodeAt(url, first.sql), nodeAt(url, second.sql)];
  next();
  expect((await endorse(node, 1n, X)).kind).toBe('signed');
  expect(await endorse(clone, 1n, Y)).toEqual({ kind: 'rejected', code: 'stale_term' });
  const given = await vote(node, place(1n, X));
  expect(given.kind === 'signed' && sm2.verify(key.publicKey, voteMessage(CHAIN, place(1n, X)), given.sig)).toBe(true);
  expect(await vote(clone, place(2n, Y))).toEqual({ kind: 'rejected', code: 'locked' });
  expect(await vote(clone, place(1n, X))).toEqual(given);
  // The clone takes up what the other has signed, though its own store is empty; both stores hold no vote.
  expect((await clone.facts(at - 1n)).votes.map(({ header: of, term }) => [term, of])).toEqual([[1n, X]]);
  expect(await clone.hasVote(1, at)).toBe(true);
  expect(await clone.hasVote(1, at + 5n)).toBe(false);
  expect((await readSignedAbove(first.sql, 0n)).votes).toHaveLength(0);
  expect([node.state(), clone.state()]).toMatchObject([{ form: 'remote', failure: null, refused: 0 }, { refused: 2 }]);
  expect(door.counts()).toMatchObject({ refused: 2 });
  await stop();
});

test('only its node is answered, only the signer is believed, and no ask counts twice', async () => {
  const [tables, own] = [await spareDatabase(), await spareDatabase()];
  const { url, door, stop } = await openDoor(tables.sql, path.join(folder, 'b'));
  const [stranger, misled] = [nodeAt(url, own.sql, { by: keyPair('somebody') }), nodeAt(url, own.sql, { to: keyPair('other').publicKey })];
  await expect(stranger.sign('PLP1/peer', Uint8Array.of(1))).rejects.toThrow('client_unknown');
  expect(stranger.state().failure).toBe('client_unknown');
  await expect(misled.sign('PLP1/peer', Uint8Array.of(1))).rejects.toThrow('untrusted');
  const node = nodeAt(url, own.sql);
  const sig = await node.sign('PLP1/peer', Uint8Array.of(1));
  expect(sm2.verify(key.publicKey, signedMessage('PLP1/peer', CHAIN, Uint8Array.of(1)), sig)).toBe(true);
  await expect(nodeAt(url, own.sql, { chain: header(8) }).sign('PLP1/peer', Uint8Array.of(1))).rejects.toThrow('wrong_chain');

  const post = async (ask: Bytes, by = client) => {
    const body = joinSigned(ask, sm2.sign(by.privateKey, askMessage(CHAIN, ask)));
    const response = await fetch(new URL('/signer/v1/ask', url), { method: 'POST', body });
    if (response.status !== 200) return response.status;
    return decodeReply(splitSigned(new Uint8Array(await response.arrayBuffer())).message);
  };
  const asked = { client: client.publicKey, chain: CHAIN, session: new Uint8Array(16), counter: 1n, call: { kind: 'hello' } } as const;
  const hello = await post(encodeAsk(asked));
  if (typeof hello === 'number' || hello.kind !== 'session') throw new Error('the door opens a session');
  const quiet = encodeAsk({ ...asked, session: hello.session, counter: 2n, call: { kind: 'abstain_until', height: 0n } });
  expect(await post(quiet)).toEqual({ kind: 'done' });
  expect(await post(quiet)).toEqual({ kind: 'refused', code: 'ask_replayed' });
  expect(await post(encodeAsk({ ...asked, session: header(3).slice(0, 16), call: { kind: 'facts', above: 0n } }))).toEqual({
    ...{ kind: 'refused', code: 'session_unknown' },
  });
  // Signed by another in the client's name.
  expect(await post(quiet, keyPair('somebody'))).toBe(403);
  expect(await post(Uint8Array.of(9, 9))).toBe(400);
  expect(door.counts().turnedAway).toBe(4);
  await stop();
});

test('a signer that is away: nothing is signed, and the node goes on when it is back, with its tables', async () => {
  const [tables, own] = [await spareDatabase(), await spareDatabase()];
  const keysDir = path.join(folder, 'c');
  const before = await openDoor(tables.sql, keysDir);
  const node = nodeAt(before.url, own.sql);
  next();
  const given = await vote(node, place(1n, X));
  await before.stop();
  await expect(endorse(node, 2n, X)).rejects.toThrow('no answer');
  expect(node.state().failure).toBe('unreachable');
  const waiting = node.facts(at - 1n);
  const after = await openDoor(tables.sql, keysDir, Number(new URL(before.url).port));
  expect((await waiting).votes).toHaveLength(1);
  expect(node.state().failure).toBeNull();
  expect(await vote(node, place(1n, X))).toEqual(given);
  expect(await vote(node, place(1n, Y))).toEqual({ kind: 'rejected', code: 'locked' });
  await after.stop();

  // The same key over new tables: it abstains until the others have answered, whichever node asks.
  const fresh = await spareDatabase();
  const restored = await openDoor(fresh.sql, keysDir);
  const later = nodeAt(restored.url, own.sql);
  next();
  expect((await later.facts(0n)).standing.isAsking).toBe(true);
  expect(await vote(later, place(1n, X))).toEqual({ kind: 'rejected', code: 'abstaining' });
  await later.abstain(at);
  expect(await vote(later, place(1n, X))).toEqual({ kind: 'rejected', code: 'abstaining' });
  next();
  expect((await vote(later, place(1n, X))).kind).toBe('signed');
  await restored.stop();
});
