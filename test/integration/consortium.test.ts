/** Four members over real databases, sockets and engine: endorse, order, certify, hand over, catch up (`ledger.md` 10). */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { voteMessage, votePayload } from '#ledger/block/vote.ts';
import { encodeSignedVote } from '#ledger/codec/evidence.ts';
import { encodeSubmitPromise } from '#ledger/codec/header.ts';
import { RECORD } from '#ledger/codec/leaves.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { exportBlocks, ImportFault, importBlocks } from '#ledger/node/block-file.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { readBlock, readHeights, readTip } from '#ledger/node/store/blocks.ts';
import { insertEvidence } from '#ledger/node/store/consortium.ts';
import type { AccountSigner } from '#ledger/node/types.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { EVIDENCE } from '#ledger/state/evidence.ts';
import { headerHash, recordKey, txIdOf } from '#ledger/tx/ids.ts';
import { openTestConsortium, type TestConsortium } from '#test/support/consortium.ts';
import { populate } from '#test/support/ledger.ts';

const { sm2 } = startSm2();
/** Places in a header: in its chain and in its state root. */
const CHAIN_AT = 2;
const ROOT_AT = 170;
let consortium: TestConsortium;
let people: { readonly amy: AccountSigner; readonly bob: AccountSigner };

beforeAll(async () => {
  consortium = await openTestConsortium();
  consortium.operator.node.start();
  await Promise.all(consortium.members.map((member) => member.start()));
  people = await populate(consortium.operator, 30);
  await consortium.operator.node.sealNow();
});
afterAll(() => consortium?.stop());

const member = (id: number) => {
  const found = consortium.members.find((each) => each.id === id);
  assert(found !== undefined, 'there is such a member');
  return found;
};
const running = () => consortium.members.flatMap(({ node }) => (node === null ? [] : [node]));

async function agree(): Promise<void> {
  const { node } = consortium.operator;
  // Both at one moment: the next block may come between two looks.
  const standing = ({ certified }: { readonly certified: typeof node.certified }) =>
    `${certified.height} ${toHex(certified.header.stateRoot)}`;
  const others = () =>
    running()
      .filter((each) => standing(each) !== standing(node))
      .map(standing);
  await expect.poll(others, { timeout: 60_000, interval: 100 }).toEqual([]);
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
});

test('a member that no peer serves takes certified blocks out of a file, and nothing that does not follow or was not voted for', async () => {
  const { operator, operatorDatabase } = consortium;
  const notary = member(4);
  await notary.stop();
  const { sql } = notary.database;
  const from = (await readHeights(sql)).highest + 1n;
  for (const serial of [3n, 4n, 5n]) {
    await operator.sequence(transfer(serial));
    await operator.node.sealNow();
  }
  // A block is known before it is stored.
  const stored = async () => (await readTip(operatorDatabase.sql))?.height;
  await expect.poll(stored, { timeout: 30_000, interval: 20 }).toBe(operator.node.certified.height);
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-blocks-'));
  const fileOf = (name: string, bytes?: Uint8Array) => {
    const file = path.join(folder, name);
    if (bytes !== undefined) writeFileSync(file, bytes);
    return file;
  };
  const ground = { sql, sm2, now: () => operator.clock.now, log: { info: () => undefined, error: () => undefined } };
  const refused = async (name: string, bytes: Uint8Array) => {
    const before = await readHeights(sql);
    const fault = await importBlocks(ground, fileOf(name, bytes)).catch((error: unknown) => error);
    expect(await readHeights(sql)).toEqual(before);
    return fault instanceof ImportFault ? [fault.code, fault.height] : fault;
  };
  try {
    const exported = await exportBlocks(operatorDatabase.sql, fileOf('all'), from, null);
    expect(exported.from).toBe(from);
    expect(exported.blocks).toBeGreaterThanOrEqual(3);
    await expect(exportBlocks(operatorDatabase.sql, fileOf('all'), from, null)).rejects.toThrow('EEXIST');
    const whole = new Uint8Array(readFileSync(fileOf('all')));
    const second = await exportBlocks(operatorDatabase.sql, fileOf('second'), from + 1n, null);
    expect(second.blocks).toBe(exported.blocks - 1);
    expect(await refused('gap', new Uint8Array(readFileSync(fileOf('second'))))).toEqual(['blocks_gap', from + 1n]);
    expect(await refused('cut', whole.slice(0, 300))).toEqual(['blocks_malformed', from]);
    // A header's version, its chain, and a root that the votes are for.
    expect(await refused('version', flipped(whole, 0))).toEqual(['blocks_malformed', from]);
    expect(await refused('chain', flipped(whole, CHAIN_AT))).toEqual(['blocks_other_chain', from]);
    expect(await refused('root', flipped(whole, ROOT_AT))).toEqual(['blocks_not_certified', from]);
    const taken = await importBlocks(ground, fileOf('all'));
    expect(taken).toEqual({ before: from - 1n, height: exported.to, taken: exported.blocks, known: 0 });
    expect(await importBlocks(ground, fileOf('all'))).toMatchObject({ taken: 0, known: exported.blocks });
    const theirs = await readBlock(operatorDatabase.sql, exported.to);
    expect((await readTip(sql))?.header).toEqual(theirs?.header);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  await notary.start();
  await agree();
});

/** One bit of a byte turned over. */
function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

test('two members stopped: it waits for members and certifies nothing; one returns: it goes on', async () => {
  const { operator } = consortium;
  await member(2).stop();
  await member(4).stop();
  const before = operator.node.certified.height;
  await operator.sequence(transfer(1n));
  await expect.poll(() => operator.node.consortium()?.isWaitingForMembers, { timeout: 60_000, interval: 100 }).toBe(true);
  expect(operator.node.certified.height).toBe(before);
  expect(operator.node.health().waiting).toBe(1);
  await member(4).start();
  await operator.node.sealNow();
  expect(operator.node.certified.height).toBeGreaterThan(before);
  await member(2).start();
  await agree();
  expect(operator.node.consortium()?.isWaitingForMembers).toBe(false);
});

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
  await expect.poll(async () => (await member(4).node?.status(txId))?.status, { timeout: 60_000, interval: 100 }).toBe('certified');
  expect((await member(2).node?.submit(env))?.kind).toBe('rejected');
});

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
      timeout: 30_000,
    })
    .toBeGreaterThan(0);
});

test('evidence that was found and not yet recorded when its finder ended is recorded when the finder is back', async () => {
  const { operator } = consortium;
  const [finder, liar] = [member(4), member(2)];
  await finder.stop();
  const { chain } = operator.node;
  const { epoch, height } = operator.node.certified.header;
  const said = (byte: number) => {
    const vote = { epoch, height, term: 77n, header: new Uint8Array(32).fill(byte), member: liar.id };
    return encodeSignedVote({ vote, sig: sm2.sign(liar.keys.node.privateKey, voteMessage(chain, vote, 'PLP1/endorse')) });
  };
  const [a, b] = [said(1), said(2)];
  const found = { kind: EVIDENCE.twoEndorsements, member: liar.id, a, b };
  // And one that convicts nobody: it is refused each time, and keeps nothing back.
  const nothing = { kind: EVIDENCE.twoVotes, member: liar.id, a, b };
  for (const each of [nothing, found]) await insertEvidence(finder.database.sql, each, BigInt(operator.clock.now));
  await finder.start();
  const recorded = () => operator.node.pending.record(RECORD.evidence, recordKey.evidence(found.kind, a, b))?.a;
  await expect.poll(recorded, { timeout: 60_000, interval: 50 }).toBe(BigInt(liar.id));
  const refused = () => consortium.log.filter((line) => line.includes('evidence_invalid'));
  await expect.poll(refused, { timeout: 30_000, interval: 50 }).toHaveLength(1);
  await operator.node.sealNow();
  await agree();
});

/** The last of this file: the operator's node stands still afterwards. */
test('a header of another log halts nobody while its votes do not hold, and halts this node with evidence when the members signed it', async () => {
  const { operator } = consortium;
  const stored = await operator.node.block(2n);
  assert(stored?.finality != null, 'a block with its votes');
  const header = { ...stored.header, logRoot: new Uint8Array(32).fill(9) };
  const finality = { ...stored.finality, header: headerHash(header) };
  operator.node.contradicted({ header, finality });
  await expect.poll(() => consortium.log.some((line) => line.includes('votes do not hold')), { timeout: 60_000, interval: 50 }).toBe(true);
  expect(operator.node.health().halted).toBeNull();
  const sigs = consortium.members.map(({ id, keys }) => ({
    member: id,
    sig: sm2.sign(keys.node.privateKey, voteMessage(header.chain, votePayload(header, finality.term, id))),
  }));
  operator.node.contradicted({ header, finality: { ...finality, sigs } });
  await expect.poll(() => operator.node.health().halted, { timeout: 60_000, interval: 50 }).toContain('two Finalities of height 2');
});
