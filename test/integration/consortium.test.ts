/** Four members over real databases, sockets and engine: endorse, order, certify, hand over, catch up (`ledger.md` 10). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { voteMessage, votePayload } from '#ledger/block/vote.ts';
import { encodeSignedVote } from '#ledger/codec/evidence.ts';
import { encodeSubmitPromise } from '#ledger/codec/header.ts';
import { RECORD } from '#ledger/codec/leaves.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { insertEvidence } from '#ledger/node/store/consortium.ts';
import type { AccountSigner } from '#ledger/node/types.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { compareBytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { EVIDENCE } from '#ledger/state/evidence.ts';
import { headerHash, recordKey, txIdOf } from '#ledger/tx/ids.ts';
import { openTestConsortium, type TestConsortium } from '#test/support/consortium.ts';
import { populate } from '#test/support/ledger.ts';

const { sm2 } = startSm2();
let consortium: TestConsortium;
let people: { readonly amy: AccountSigner; readonly bob: AccountSigner };

beforeAll(async () => {
  consortium = await openTestConsortium();
  consortium.operator.node.start();
  await Promise.all(consortium.members.map((member) => member.start()));
  people = await populate(consortium.operator, 30);
  await consortium.operator.node.sealNow();
}, 120_000);
afterAll(() => consortium?.stop());

const member = (id: number) => {
  const found = consortium.members.find((each) => each.id === id);
  assert(found !== undefined, 'there is such a member');
  return found;
};
const running = () => consortium.members.flatMap(({ node }) => (node === null ? [] : [node]));

async function agree(): Promise<void> {
  const { node } = consortium.operator;
  const isEven = () => running().every((each) => each.certified.height === node.certified.height);
  await expect.poll(isEven, { timeout: 30_000, interval: 100 }).toBe(true);
  for (const each of running()) expect(toHex(each.certified.header.stateRoot)).toBe(toHex(node.certified.header.stateRoot));
}

const transfer = (serial: bigint) => {
  const { operator } = consortium;
  const item = operator.node.pending.itemBySerial(serial);
  assert(item !== null, 'the Item is there');
  const [from, to] = toHex(item.owner) === toHex(people.amy.acct) ? [people.amy, people.bob] : [people.bob, people.amy];
  return from.batchSign([operator.body({ kind: 'transfer', serial, ver: item.ver, to: to.acct, pay: ZERO_32, env: ZERO_32 })]);
};

test('four members certify what the operator sequences, and hold the same state', async () => {
  const { operator } = consortium;
  expect(operator.node.certified.finality?.sigs.length).toBeGreaterThanOrEqual(3);
  await agree();
  expect(consortium.log).toEqual([]);
});

test('one member stopped changes nothing; it catches up when it returns', async () => {
  const { operator } = consortium;
  await member(2).stop();
  const before = operator.node.certified.height;
  await operator.sequence(transfer(0n));
  await operator.node.sealNow();
  expect(operator.node.certified.height).toBeGreaterThan(before);
  await member(2).start();
  await agree();
}, 60_000);

test('two members stopped: it waits for members and certifies nothing; one returns: it goes on', async () => {
  const { operator } = consortium;
  await member(2).stop();
  await member(4).stop();
  const before = operator.node.certified.height;
  await operator.sequence(transfer(1n));
  await expect.poll(() => operator.node.consortium()?.isWaitingForMembers, { timeout: 20_000, interval: 100 }).toBe(true);
  expect(operator.node.certified.height).toBe(before);
  expect(operator.node.health().waiting).toBe(1);
  await member(4).start();
  await operator.node.sealNow();
  expect(operator.node.certified.height).toBeGreaterThan(before);
  await member(2).start();
  await agree();
  expect(operator.node.consortium()?.isWaitingForMembers).toBe(false);
}, 90_000);

test('a LedgerTx given to any member is promised with its signature and ends in a block', async () => {
  const { operator } = consortium;
  const [env] = transfer(2n);
  assert(env !== undefined, 'one body, one env');
  const answer = await member(3).node?.submit(env);
  assert(answer?.kind === 'promised' && answer.given !== null, 'the member gives its word');
  const { promise, sig } = answer.given;
  const message = signedMessage('PLP1/promise', operator.node.chain, encodeSubmitPromise(promise));
  expect(sm2.verify(member(3).keys.node.publicKey, message, sig)).toBe(true);
  const txId = txIdOf(env.body);
  await expect.poll(async () => (await member(4).node?.status(txId))?.status, { timeout: 20_000, interval: 100 }).toBe('certified');
  expect((await member(2).node?.submit(env))?.kind).toBe('rejected');
}, 60_000);

test('every signature of a member has its record, and the tables hold who signed', async () => {
  for (const each of consortium.members) {
    const blocks = await each.database.sql<{ height: string; finality: Uint8Array }[]>`
      select height, finality from ledger.blocks where finality is not null`;
    const votes = await each.database.sql<{ height: string }[]>`select height from ledger.votes`;
    expect(votes.length).toBeGreaterThan(0);
    expect(votes.length).toBeLessThanOrEqual(blocks.length + 1);
  }
  await expect
    .poll(async () => (await consortium.operatorDatabase.sql`select 1 from ledger.observations where act = 'vote'`).length, {
      timeout: 5000,
    })
    .toBeGreaterThan(0);
});

test('evidence that a member kept and never got on the ledger is brought again when it starts', async () => {
  const { operator } = consortium;
  const stored = await operator.node.block(1n);
  assert(stored?.finality != null, 'a block with its votes');
  const { term } = stored.finality;
  const voteOf = (header: typeof stored.header) => {
    const vote = votePayload(header, term, 2);
    return encodeSignedVote({ vote, sig: sm2.sign(member(2).keys.node.privateKey, voteMessage(header.chain, vote)) });
  };
  const [a, b] = [stored.header, { ...stored.header, logRoot: new Uint8Array(32).fill(9) }].map(voteOf).sort(compareBytes);
  assert(a !== undefined && b !== undefined, 'two votes');
  await member(4).stop();
  await insertEvidence(member(4).database.sql, { kind: EVIDENCE.twoVotes, member: 2, a, b }, BigInt(operator.clock.now));
  await member(4).start();
  const key = recordKey.evidence(EVIDENCE.twoVotes, a, b);
  const recorded = () => operator.node.certified.state.record(RECORD.evidence, key)?.a;
  await expect.poll(recorded, { timeout: 30_000, interval: 100 }).toBe(2n);
  await agree();
}, 60_000);

/** The last of this file: the operator's node stands still afterwards. */
test('a header of another log halts nobody while its votes do not hold, and halts this node with evidence when the members signed it', async () => {
  const { operator } = consortium;
  const stored = await operator.node.block(2n);
  assert(stored?.finality != null, 'a block with its votes');
  const header = { ...stored.header, logRoot: new Uint8Array(32).fill(9) };
  const finality = { ...stored.finality, header: headerHash(header) };
  operator.node.contradicted({ header, finality });
  await expect.poll(() => consortium.log.some((line) => line.includes('votes do not hold')), { timeout: 20_000, interval: 50 }).toBe(true);
  expect(operator.node.health().halted).toBeNull();
  const sigs = consortium.members.map(({ id, keys }) => ({
    member: id,
    sig: sm2.sign(keys.node.privateKey, voteMessage(header.chain, votePayload(header, finality.term, id))),
  }));
  operator.node.contradicted({ header, finality: { ...finality, sigs } });
  await expect.poll(() => operator.node.health().halted, { timeout: 20_000, interval: 50 }).toContain('two Finalities of height 2');
}, 60_000);
