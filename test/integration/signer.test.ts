/** The signer on real tables: what S1 to S3 forbid is not signed, also by a second process with the same key (`ledger.md` 10.4, test 16). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { voteMessage } from '#ledger/block/vote.ts';
import type { VotePayload } from '#ledger/codec/header.ts';
import { publicKeyOf } from '#ledger/crypto/sm2.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import type { SignRecord } from '#ledger/node/reducer/records.ts';
import { openFileSigner } from '#ledger/node/signer/file-signer.ts';
import type { Signer, SigningRefusal } from '#ledger/node/signer/signer.ts';
import { readSignedAbove } from '#ledger/node/signer/signing-records.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

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
  const open = (sql: TestDatabase['sql']) => openFileSigner({ sql, chain: CHAIN, key, sm2, envOf: () => null, now: () => 0 });
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
