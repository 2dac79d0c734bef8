/** Snapshots (`ledger.md` 11, test 24): a member that joins by one, two configurations after the first, goes on to vote and judges what was
 *  signed under each of them by the keys of then; whatever of a snapshot is altered is refused with its code. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { sealMessage } from '#ledger/block/recovery.ts';
import { voteMessage } from '#ledger/block/vote.ts';
import type { Member } from '#ledger/codec/config.ts';
import { encodeSignedVote, type SignedVote } from '#ledger/codec/evidence.ts';
import { RECORD } from '#ledger/codec/leaves.ts';
import { encodeSignedSeal, type SignedSeal } from '#ledger/codec/recovery.ts';
import { decodeManifest, decodeRecent, encodeManifest, encodeRecent, type Manifest } from '#ledger/codec/snapshot.ts';
import { decodeEntry } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { type KeyPair, loadNodeKeys } from '#ledger/node/keys.ts';
import { buildMember } from '#ledger/node/membership.ts';
import { PeerSender } from '#ledger/node/peer/peer-sender.ts';
import { auditRemote, followLight, LightFollower } from '#ledger/node/remote-chain.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { snapshotNow } from '#ledger/node/snapshot/snapshot-now.ts';
import { folderSource } from '#ledger/node/snapshot/snapshot-source.ts';
import { readTip } from '#ledger/node/store/blocks.ts';
import { readEvidence } from '#ledger/node/store/consortium.ts';
import type { AccountSigner } from '#ledger/node/types.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { EVIDENCE } from '#ledger/state/evidence.ts';
import { headerHash, recordKey } from '#ledger/tx/ids.ts';
import { verifyReceipt } from '#ledger/verify/verify-receipt.ts';
import { SnapshotFault, verifySnapshot } from '#ledger/verify/verify-snapshot.ts';
import { approve, type ConfigProposal } from '#server/members/governance.ts';
import { openTestConsortium, type TestConsortium } from '#test/support/consortium.ts';
import { populate, START_MS } from '#test/support/ledger.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

const { sm2 } = startSm2();
let consortium: TestConsortium;
let people: { readonly amy: AccountSigner; readonly bob: AccountSigner };
let folder: string;

beforeAll(async () => {
  consortium = await openTestConsortium({ catchUp: 'snapshot' });
  consortium.operator.node.start();
  // The notary comes later, and by a snapshot.
  await Promise.all(consortium.members.filter(({ id }) => id !== 4).map((member) => member.start()));
  people = await populate(consortium.operator, 20);
  await consortium.operator.node.sealNow();
  await changeNotaryKeyAndBack();
  const { sql } = consortium.operatorDatabase;
  const { height } = consortium.operator.node.certified;
  // The state in memory moves a moment before the disk.
  await vi.waitFor(async () => expect((await readTip(sql))?.height).toBe(height), { timeout: 30_000, interval: 20 });
  folder = path.join(consortium.snapshotDir, String(height));
  expect(await snapshotNow({ sql, sm2, now: BigInt(START_MS + 60_000), folder })).toMatchObject({ height });
});
afterAll(() => consortium?.stop());

const member = (id: number) => {
  const found = consortium.members.find((each) => each.id === id);
  assert(found !== undefined, 'there is such a member');
  return found;
};

/** Of the notary in epoch 1 alone; before and after it has the key that its node runs with. */
const interim: KeyPair = demonstrationKeys('notary-interim');

async function changeNotaryKeyAndBack(): Promise<void> {
  const { node } = consortium.operator;
  const founding = node.config.members;
  const keys = { ...member(4).keys, node: interim };
  await configure(
    founding.map((each) => (each.id === 4 ? buildMember({ ...namedOf(each), keys, sm2, certifiedAt: BigInt(START_MS) }) : each)),
  );
  await configure(founding);
}

function namedOf({ id, org, role, flags, acct, endpoint }: Member) {
  return { id, org, role, flags, acct, endpoint };
}

/** Decided by three, and in force after its sixteen blocks. */
async function configure(members: readonly Member[]): Promise<void> {
  const { operator } = consortium;
  const { node } = operator;
  const epoch = node.config.epoch + 1;
  const own = loadNodeKeys({ dir: operator.keysDir, sm2, random: seededRandom('none').bytes, create: false });
  const drafted: ConfigProposal = { config: { ...node.config, epoch, members }, approvals: [] };
  const proposal = [own, member(2).keys, member(3).keys].reduce(
    (given, { governance }) => approve(given, node.config, { chain: node.chain, sm2, key: governance }),
    drafted,
  );
  const [taken] = await operator.sequence(node.operator.batchSign([operator.body({ kind: 'config_update', ...proposal })]));
  assert(taken?.kind === 'sequenced', 'the new configuration is taken');
  await node.sealNow();
  while (node.config.epoch < epoch) {
    const doc = ZERO_32;
    await operator.sequence(node.operator.batchSign([operator.body({ kind: 'attest', subject: { kind: 'none' }, attestKind: 4, doc })]));
    await node.sealNow();
  }
}

async function move(serial: bigint): Promise<Bytes> {
  const { operator } = consortium;
  const item = operator.node.pending.itemBySerial(serial);
  assert(item !== null, 'the Item is there');
  const [from, to] = toHex(item.owner) === toHex(people.amy.acct) ? [people.amy, people.bob] : [people.bob, people.amy];
  const [result] = await operator.sequence(
    from.batchSign([operator.body({ kind: 'transfer', serial, ver: item.ver, to: to.acct, pay: ZERO_32, env: ZERO_32 })]),
  );
  assert(result?.kind === 'sequenced', 'the transfer passes');
  await operator.node.sealNow();
  return result.txId;
}

test('a snapshot proves itself from its bytes and the ChainId', async () => {
  const { node } = consortium.operator;
  const { state, manifest, recent } = await verifySnapshot(folderSource(folder), node.chain, sm2);
  expect(toHex(state.stateRoot())).toBe(toHex(manifest.header.stateRoot));
  expect([state.count(1), recent.length]).toEqual([20n, Number(manifest.header.logSize)]);
});

type Alteration = (copy: string, manifest: Manifest) => void;
const rewrite = (copy: string, name: string, change: (bytes: Buffer) => Uint8Array): void => {
  const file = path.join(copy, name);
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(change(gunzipSync(readFileSync(file)))) : change(readFileSync(file)));
};
const flip = (at: number) => (bytes: Buffer) => {
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
};
/** As a liar would: the manifest names the altered file's own hash. */
const renamed = (copy: string, manifest: Manifest, name: string, reg: number): void => {
  const hash = sm3(new Uint8Array(gunzipSync(readFileSync(path.join(copy, name)))));
  const files = manifest.files.map((file) => (file.reg === reg ? { ...file, sm3: hash } : file));
  writeFileSync(path.join(copy, 'manifest'), encodeManifest({ ...manifest, files }));
};
const LEAF = 183;
const ALTERATIONS: readonly (readonly [string, string, Alteration])[] = [
  ['snapshot_chunk', 'one bit of one leaf', (copy) => rewrite(copy, 'r1-0.gz', flip(7 * LEAF + 20))],
  [
    'snapshot_state_root',
    'one bit of one leaf, under its own hash',
    (copy, manifest) => {
      rewrite(copy, 'r1-0.gz', flip(7 * LEAF + 20));
      renamed(copy, manifest, 'r1-0.gz', 1);
    },
  ],
  [
    'snapshot_leaf',
    'two leaves in each other’s place',
    (copy, manifest) => {
      rewrite(copy, 'r1-0.gz', (bytes) =>
        Buffer.concat([bytes.subarray(LEAF, 2 * LEAF), bytes.subarray(0, LEAF), bytes.subarray(2 * LEAF)]),
      );
      renamed(copy, manifest, 'r1-0.gz', 1);
    },
  ],
  [
    'snapshot_state_root',
    'an account left out',
    (copy, manifest) => {
      rewrite(copy, 'r2-0.gz', (bytes) => bytes.subarray(0, -176));
      const files = manifest.files.map((file) => (file.reg === 2 ? { ...file, count: file.count - 1 } : file));
      renamed(copy, { ...manifest, files }, 'r2-0.gz', 2);
    },
  ],
  [
    'snapshot_body',
    'keys of an account replaced',
    (copy, manifest) => {
      rewrite(copy, 'bodies-0.gz', flip(8));
      renamed(copy, manifest, 'bodies-0.gz', 0);
    },
  ],
  [
    'snapshot_log_root',
    'another log',
    (copy, manifest) =>
      writeFileSync(
        path.join(copy, 'manifest'),
        encodeManifest({ ...manifest, frontier: manifest.frontier.map((hash) => hash.map((byte) => byte ^ 1)) }),
      ),
  ],
  [
    'snapshot_not_certified',
    'a header that nobody voted for',
    (copy, manifest) =>
      writeFileSync(
        path.join(copy, 'manifest'),
        encodeManifest({ ...manifest, header: { ...manifest.header, sealedAt: manifest.header.sealedAt + 1n } }),
      ),
  ],
  [
    'snapshot_not_certified',
    'a Vote short of the quorum',
    (copy, manifest) =>
      writeFileSync(
        path.join(copy, 'manifest'),
        encodeManifest({ ...manifest, finality: { ...manifest.finality, sigs: manifest.finality.sigs.slice(0, 2) } }),
      ),
  ],
  ['snapshot_trust', 'a genesis of somebody else', (copy) => rewrite(copy, 'trust', flip(4))],
  [
    'snapshot_recent',
    'a recorded LedgerTx kept back',
    (copy) =>
      rewrite(copy, 'recent.gz', (bytes) => {
        const recent = decodeRecent(new Uint8Array(bytes));
        return encodeRecent({ ...recent, entries: recent.entries.slice(1) });
      }),
  ],
  ['snapshot_malformed', 'a torn file', (copy) => writeFileSync(path.join(copy, 'r3-0.gz'), 'torn')],
];

test.each(ALTERATIONS)('refused, %s: %s', async (code, _what, alter) => {
  const copy = mkdtempSync(path.join(tmpdir(), 'daoju-altered-'));
  cpSync(folder, copy, { recursive: true });
  expect(readdirSync(copy)).toContain('r1-0.gz');
  alter(copy, decodeManifest(readFileSync(path.join(copy, 'manifest'))));
  const refusal = await verifySnapshot(folderSource(copy), consortium.operator.node.chain, sm2).then(
    () => null,
    (error: unknown) => error,
  );
  rmSync(copy, { recursive: true, force: true });
  assert(refusal instanceof SnapshotFault, 'it is refused as what it is');
  expect(refusal.code).toBe(code);
});

test('a member that joins by a snapshot has the same state, votes, and proves what it has seen since', async () => {
  const { operator } = consortium;
  await move(0n);
  await member(4).start();
  const { database } = member(4);
  const [first] = await database.sql<{ height: string }[]>`select min(height)::text as height from ledger.blocks`;
  expect(path.basename(folder)).toBe(first?.height);
  // Without the studio each block needs the newcomer's Vote.
  await member(2).stop();
  const txId = await move(1n);
  expect(operator.node.certified.finality?.sigs.map((sig) => sig.member)).toContain(4);
  const { node } = member(4);
  assert(node !== null, 'it runs');
  await expect.poll(() => node.certified.height, { timeout: 20_000, interval: 50 }).toBe(operator.node.certified.height);
  expect(toHex(node.certified.header.stateRoot)).toBe(toHex(operator.node.certified.header.stateRoot));
  await expect.poll(async () => (await node.status(txId))?.status, { timeout: 30_000, interval: 20 }).toBe('certified');
  const receipt = await node.receipt(txId);
  assert(receipt !== null, 'it proves what it has seen');
  expect(verifyReceipt(receipt, { chain: operator.node.chain, sm2 }).outcome).toBe('proven');
  // It knows the owner of an Item that has not moved since, and not its history.
  expect(await node.itemProof(5n)).not.toBeNull();
  expect(await node.passport(5n)).toBeNull();
  // A restart begins from what it has stored.
  await member(4).stop();
  await member(4).start();
  await move(2n);
  expect(operator.node.certified.finality?.sigs.map((sig) => sig.member)).toContain(4);
  await member(2).start();
});

test('a LedgerTx of before the snapshot is not taken a second time by who joined by it', async () => {
  const joined = await member(4).database.sql<{ n: number }[]>`select count(*)::int as n from ledger.base_txs`;
  expect(joined[0]?.n).toBeGreaterThan(0);
  const [old] = await consortium.operatorDatabase.sql<{ body: Uint8Array }[]>`select body from ledger.entries where idx = 0`;
  assert(old !== undefined, 'there is a first entry');
  const { env } = decodeEntry(new Uint8Array(old.body));
  expect(await member(4).node?.submit(env)).toEqual({ kind: 'rejected', code: 'tx_replayed' });
});

test('an auditor without a database replays what a member serves; a light follower keeps headers and refuses a forged one', async () => {
  const { operator } = consortium;
  const { chain } = operator.node;
  const remote = { endpoint: consortium.endpointOf(3), chain, sm2 };
  const { node } = member(3);
  assert(node !== null, 'it runs');
  const { height } = node.certified;
  const audited = await auditRemote({ ...remote, workers: 0 });
  expect(audited.height).toBeGreaterThanOrEqual(height);
  const light = await followLight(remote);
  expect([light.headers, light.stateRoot]).toEqual([Number(audited.height), audited.stateRoot]);
  await expect(auditRemote({ ...remote, chain: new Uint8Array(32), workers: 0 })).rejects.toThrow(/serves chain/);

  const follower = await LightFollower.open(remote);
  await follower.follow(remote.endpoint);
  const tip = node.certified;
  assert(tip.finality !== null && follower.tip !== null, 'there is a tip');
  const forged = {
    ...follower.tip,
    height: follower.tip.height + 1n,
    prevHash: headerHash(follower.tip),
    sealedAt: follower.tip.sealedAt + 1n,
  };
  const votes = { ...tip.finality, height: forged.height, header: headerHash(forged) };
  expect(() => follower.take(forged, votes)).toThrow(/E30/);
  // One whose store began later has not what is asked for, and says so.
  await expect(auditRemote({ ...remote, endpoint: consortium.endpointOf(4), workers: 0 })).rejects.toThrow(/410/);
});

const filled = (byte: number): Bytes => new Uint8Array(32).fill(byte);
type Said = { readonly epoch: number; readonly term?: bigint; readonly header: number; readonly tag?: 'PLP1/vote' | 'PLP1/endorse' };
function said(member: number, key: KeyPair, { epoch, term = 1n, header, tag = 'PLP1/vote' }: Said, height = 3n): SignedVote {
  const vote = { epoch, height, term, header: filled(header), member };
  return { vote, sig: sm2.sign(key.privateKey, voteMessage(consortium.operator.node.chain, vote, tag)) };
}
function sealedBy(member: number, key: KeyPair, newEpoch: number, tipHeight: bigint): SignedSeal {
  const seal = { newEpoch, member, tipHeight, tipHeader: ZERO_32, epoch: 0, term: 0n, base: ZERO_32 };
  return { seal, sig: sm2.sign(key.privateKey, sealMessage(consortium.operator.node.chain, { seal })), set: null };
}

test('it judges what was signed in each earlier epoch by the keys of then, and its Vote certifies the block with the evidence', async () => {
  const { operator } = consortium;
  const { node: joined, keys } = member(4);
  assert(joined !== null, 'it runs');
  expect(joined.config.epoch).toBe(2);
  const kinds = (epoch: number, key: KeyPair): readonly (readonly [number, Bytes, Bytes])[] => {
    const signed = (what: Omit<Said, 'epoch'>) => encodeSignedVote(said(4, key, { epoch, ...what }));
    return [
      [EVIDENCE.twoVotes, signed({ header: 1 }), signed({ header: 2 })],
      [EVIDENCE.twoEndorsements, signed({ header: 1, tag: 'PLP1/endorse' }), signed({ header: 2, tag: 'PLP1/endorse' })],
      [EVIDENCE.voteAgainstEndorsement, signed({ header: 1 }), signed({ header: 2, term: 2n, tag: 'PLP1/endorse' })],
      [EVIDENCE.sealAgainstVote, encodeSignedSeal(sealedBy(4, key, 9, 2n)), signed({ header: 1 })],
    ];
  };
  const accuse = async ([evidenceKind, a, b]: readonly [number, Bytes, Bytes]) => {
    const [env] = operator.node.operator.batchSign([operator.body({ kind: 'evidence', evidenceKind, a, b })]);
    assert(env !== undefined, 'one body, one env');
    return joined.submit(env);
  };
  for (const wrong of [...kinds(0, interim), ...kinds(1, keys.node), ...kinds(3, keys.node)])
    expect(await accuse(wrong)).toMatchObject({ kind: 'rejected', code: 'evidence_invalid' });
  // Without the studio nothing is certified that it does not endorse.
  await member(2).stop();
  const right = [...kinds(0, keys.node), ...kinds(1, interim)];
  for (const each of right) {
    const answer = await accuse(each);
    assert(
      answer.kind === 'promised',
      `it takes the evidence: ${JSON.stringify(answer, (_, v) => (typeof v === 'bigint' ? String(v) : v))}`,
    );
    await expect.poll(async () => (await joined.status(answer.txId))?.status, { timeout: 20_000, interval: 20 }).toBe('certified');
  }
  expect(operator.node.pending.recordsOfKind(RECORD.evidence).map(({ a }) => a)).toEqual(right.map(() => 4n));
  expect(toHex(joined.certified.header.stateRoot)).toBe(toHex(operator.node.certified.header.stateRoot));
});

test('it finds out a member that signs two things, builds the evidence, and has it recorded: two Endorsements, and its Vote against a later Endorsement and against a Seal', async () => {
  // The studio is stopped still, so that the supervisor has voted for every block.
  const { operator } = consortium;
  const { node: joined, database } = member(4);
  assert(joined !== null, 'it runs');
  await move(3n);
  // The supervisor too, and in its rounds, which move when the disk has the block: one that still votes at this height would see its own name
  // on the evidence, and abstain; the Seal that the finder keeps of it then holds it out of the epoch.
  for (const node of [joined, member(3).node])
    await expect.poll(() => node?.consortium()?.height, { timeout: 20_000, interval: 20 }).toBe(operator.node.certified.height + 1n);
  const { epoch, height } = joined.certified.header;
  const liar = member(3).keys.node;
  const sender = new PeerSender({
    self: 3,
    sign: async (payload) => sm2.sign(liar.privateKey, signedMessage('PLP1/peer', operator.node.chain, payload)),
    endpointOf: (id) => consortium.endpointOf(id),
    place: () => ({ epoch, height }),
    elapsed: () => performance.now(),
  });
  for (const header of [1, 2])
    sender.send([4], { kind: 'endorse', statement: said(3, liar, { epoch, term: 99n, header, tag: 'PLP1/endorse' }, height) });
  sender.send([4], { kind: 'seal', signed: sealedBy(3, liar, epoch + 1, height - 1n) });
  // What the node page of the finder shows.
  const found = async () => (await readEvidence(database.sql)).map(({ kind, member: by }) => `${kind} by ${by}`).sort();
  await expect.poll(found, { timeout: 20_000, interval: 20 }).toEqual(['2 by 3', '3 by 3', '4 by 3']);
  sender.close();
  // Each of the three by its own bytes: another finder, who met the statements in another order, may record one pair more.
  const keys = (await readEvidence(database.sql)).map(({ kind, a, b }) => toHex(recordKey.evidence(kind, a, b)));
  const onLedger = () => {
    const recorded = operator.node.pending.recordsOfKind(RECORD.evidence).filter(({ a }) => a === 3n);
    return recorded.map(({ key }) => toHex(key));
  };
  await expect.poll(onLedger, { timeout: 20_000, interval: 20 }).toEqual(expect.arrayContaining(keys));
  // The supervisor may abstain by now, having read its own name: the others answer it, and certify without it.
  await member(2).start();
  await operator.node.sealNow();
  expect(operator.node.health().waiting).toBe(0);
});
