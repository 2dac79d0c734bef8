/** A chain that is no demonstration: operator and supervisor with keys of their own, the supervisor's node key in a signer of its own, and a
 *  rule pack that the supervisor puts in force from its own machine (O-12). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { MemberRecord } from '#ledger/block/member-record.ts';
import { encodeGenesis } from '#ledger/codec/genesis.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import type { ConsortiumOptions } from '#ledger/node/consortium/options.ts';
import { openPgEngine } from '#ledger/node/engines/pg-engine.ts';
import type { FollowerNode } from '#ledger/node/follower-node.ts';
import { type HeldKeys, loadHeldKeys, loadNodeKeys, loadSignerClient } from '#ledger/node/keys.ts';
import { nodeStatus } from '#ledger/node/node-status.ts';
import { openMember } from '#ledger/node/open-member.ts';
import { remoteProof, remoteSigner } from '#ledger/node/signer/remote-signer.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { utf8 } from '#ledger/primitives/bytes.ts';
import { parseAccountId } from '#ledger/primitives/ids.ts';
import { judgementOp } from '#sandbox/cases/judgement-order.ts';
import { PACKS, packHash } from '#sandbox/packs/pack.ts';
import { listActivatedPacks } from '#server/compliance/packs.repo.ts';
import { openDatabase } from '#server/db.ts';
import { activePack, findActivePack } from '#server/exchange/active-pack.ts';
import { silentLog } from '#server/log.ts';
import { draftCourtOrder, formatCourtOrder, parseCourtOrder, signCourtOrder } from '#server/members/court-order.ts';
import { type MemberHttp, startMemberHttp } from '#server/members/member-http.ts';
import { openMemberSite, submitTo } from '#server/members/member-site.ts';
import { draftActivation, formatActivation, parseActivation, signActivation } from '#server/members/pack-activation.ts';
import { approveAt } from '#server/members/run-member.ts';
import { founderAccounts, ownAccount, stateRecord, stateRecordElsewhere } from '#server/members/state-record.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { freePorts } from '#test/support/etcd.ts';
import { type OutsideParty, openOutsideParty } from '#test/support/outside-party.ts';
import { join, newPerson } from '#test/support/person.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { openVisitor, refusalOf, startTestServer, type TestServer } from '#test/support/server.ts';
import { makeSimulatedDevice, type SignerProcess, startSignerProcess } from '#test/support/signer.ts';
import { caseActCases } from './own-keys/case-act-cases.ts';
import { coSignCases } from './own-keys/co-sign-cases.ts';

const SUPERVISOR = 2;
/** It founds the chain with the others and has no node: two of three certify. */
const COURT = 3;
const CLI = path.resolve(import.meta.dirname, '../../server/cli/index.ts');
const { sm2 } = startSm2();
const random = seededRandom('own keys');
const folder = mkdtempSync(path.join(tmpdir(), 'daoju-own-'));
const keysDir = path.join(folder, 'keys');
const signerDir = path.join(folder, 'signer');
let openSigner: () => Promise<SignerProcess>;
let keys: HeldKeys;
let courtKeys: ReturnType<typeof loadNodeKeys>;
let tables: TestDatabase;
let signer: SignerProcess;
let party: OutsideParty;
let record: MemberRecord;
let ordering: TestDatabase;
let database: TestDatabase;
let door: MemberHttp;
let server: TestServer;
let supervisor: FollowerNode;

beforeAll(async () => {
  [ordering, database, tables] = [await createTestDatabase(), await createTestDatabase(), await createTestDatabase()];
  door = await startMemberHttp({ host: '127.0.0.1', port: 0, random, log: silentLog, verifierDir: null, pages: null });
  party = await openOutsideParty(random);
  const options = { dir: keysDir, sm2, random: random.bytes, create: true };
  const client = loadSignerClient(options);
  const [port = 0] = await freePorts(1);
  const { publicKey: nodeKey, device } = makeSimulatedDevice(path.join(folder, 'hsm'));
  openSigner = () => startSignerProcess({ dataDir: signerDir, databaseUrl: tables.url, port, clients: [client.publicKey], device });
  keys = loadHeldKeys(options, nodeKey);
  signer = await openSigner();
  const place = { url: signer.url, publicKey: nodeKey, client };
  record = await stateRecordElsewhere(
    {
      ...{ id: SUPERVISOR, org: 'Market authority', role: 'supervisor', endpoint: door.base },
      ...{ mayLead: true, mirrorsMedia: true, certificate: null },
    },
    { keys, sm2, random, now: 0, genesis: null, prove: (payload) => remoteProof(place, sm2, payload) },
  );
  courtKeys = loadNodeKeys({ ...options, dir: path.join(folder, 'court', 'keys') });
  const court = stateRecord(
    { id: COURT, org: 'Internet Court', role: 'court', endpoint: '', mayLead: false, mirrorsMedia: false, certificate: null },
    { keys: courtKeys, sm2, random, now: 0, genesis: null },
  );
  const endpoints: Record<number, string> = { [SUPERVISOR]: door.base };
  const sideOf = (member: number): Omit<ConsortiumOptions, 'door'> => ({
    member,
    openEngine: () => openPgEngine(openDatabase(ordering.url, { max: 3 })),
    endpointOf: ({ id }) => (id === 1 ? server.base : (endpoints[id] ?? null)),
    elapsed: () => performance.now(),
  });
  server = await startTestServer({
    isDemonstration: false,
    ...party.gateways,
    consortium: { ...sideOf(1), founders: [record.member, court.member] },
    genesisAccounts: founderAccounts([record, court]),
  });
  const { ledger } = server.services;
  supervisor = await openMember({
    ...{
      sql: database.sql,
      keysDir,
      nodeKeys: { openSigner: remoteSigner(place) },
      account: ownAccount('Market authority', keys),
      consortium: sideOf(SUPERVISOR),
    },
    ...{ now: () => server.clock.now(), random: random.bytes, workers: 0, genesis: async () => encodeGenesis(ledger.genesis) },
    log: { info: () => undefined, error: () => undefined },
  });
  door.attach(supervisor, {
    exportDir: '',
    approve: (request) => approveAt(supervisor, keys.governance, request, server.clock.now()),
    pages: { sql: database.sql, clock: server.clock, ledger: supervisor },
  });
  await supervisor.start();
});

afterAll(async () => {
  await server?.stop();
  await supervisor?.stop();
  await door?.stop();
  await signer?.stop();
  await party?.stop();
  await tables?.drop();
  await database?.drop();
  await ordering?.drop();
  rmSync(folder, { recursive: true, force: true });
});

const siteOf = () => openMemberSite({ sql: database.sql, keysDir, environment: { keyPassphraseFile: null } }, random);

test('a supervisor with its own key puts the first pack in force from its own machine', async () => {
  const { ledger } = server.services;
  expect(ledger.demo).toBeNull();
  expect(ledger.config.members.map(({ org }) => org)).toEqual(['Operator', 'Market authority', 'Internet Court']);
  expect(() => activePack(ledger.pending, server.clock.now())).toThrow('No rules are in force');

  const pack = PACKS.find(({ id }) => id === 'CN');
  assert(pack !== undefined, 'pack CN ships');
  const ground = { sql: database.sql, site: await siteOf(), now: server.clock.now(), random, kept: () => null };
  const drafted = await draftActivation(ground, pack, null);
  assert(drafted.kind === 'drafted', 'nothing is in force yet');
  const text = formatActivation(await signActivation(database.sql, ground.site, drafted.activation));
  await expect(signActivation(database.sql, ground.site, parseActivation(text))).rejects.toThrow('signed it already');
  const { env } = parseActivation(text);
  assert(env !== null, 'it is signed');
  expect((await submitTo(door.base, env)).status).toBe(202);

  await expect.poll(() => findActivePack(ledger.pending, server.clock.now())?.pack.version, { timeout: 30_000 }).toBe(pack.version);
  await expect.poll(rowHashes, { timeout: 30_000 }).toEqual([packHash(pack)]);
  const again = await draftActivation({ ...ground, site: await siteOf() }, pack, null);
  expect(again).toMatchObject({ kind: 'refused', code: 'pack_same' });
});

/** The operator states something, so that a block is due. */
async function attest(): Promise<void> {
  const { ledger } = server.services;
  const now = BigInt(server.clock.now());
  const op = { kind: 'attest', subject: { kind: 'none' }, attestKind: 4, doc: random.bytes(32) } as const;
  const body = { chain: ledger.chain, salt: random.bytes(16), notBefore: now - 1000n, notAfter: now + 3_600_000n, op };
  await ledger.runGroup((group) =>
    server.database.sql.begin(async (tx) => {
      for (const env of ledger.operator.batchSign([body])) group.apply(env);
      await group.persist(tx);
    }),
  );
}

test('with its node key in a device behind a signer process a member certifies, waits while the signer is gone by kill -9, and goes on when it is back', async () => {
  const { ledger } = server.services;
  expect(readdirSync(keysDir)).not.toContain('node.pem');
  const height = () => supervisor.certified.height;
  const from = height();
  await attest();
  await expect.poll(height, { timeout: 30_000, interval: 100 }).toBeGreaterThan(from);
  await expect
    .poll(() => nodeStatus(supervisor), { timeout: 30_000, interval: 100 })
    .toMatchObject({ state: 'certifying', signer: { form: 'remote', place: signer.url, failure: null, refused: 0 } });
  expect((await tables.sql`select 1 from ledger.votes`).length).toBeGreaterThan(0);
  expect(await database.sql`select 1 from ledger.votes`).toHaveLength(0);

  await signer.kill();
  const before = height();
  await attest();
  await expect.poll(() => nodeStatus(supervisor).state, { timeout: 30_000, interval: 100 }).toBe('waiting_for_signer');
  expect(supervisor.certified.height).toBeLessThanOrEqual(before + 1n);
  const signed = await votes();
  signer = await openSigner();
  const waiting = () => ledger.health().waiting;
  await expect.poll(waiting, { timeout: 60_000, interval: 100 }).toBe(0);
  await expect.poll(() => nodeStatus(supervisor).state, { timeout: 30_000, interval: 100 }).toBe('certifying');
  await expect.poll(height, { timeout: 30_000, interval: 100 }).toBeGreaterThan(before);
  // What it had signed when it was killed stands, and it has signed more.
  const now = await votes();
  expect(now.length).toBeGreaterThan(signed.length);
  expect(now).toEqual(expect.arrayContaining([...signed]));
  const metrics = await (await fetch(`${signer.url}/metrics`)).text();
  expect(metrics).toMatch(/^daoju_signer_answers_total\{result="signed"\} [1-9]/m);
  expect(metrics).toMatch(/^daoju_signer_answers_total\{result="refused"\} 0/m);
  expect(metrics).toMatch(/^daoju_signer_device_up\{form="hsm"\} 1/m);
  expect(readdirSync(path.join(signerDir, 'keys'))).toEqual(['chain-id']);
});

const votes = () => tables.sql<{ height: string; header: string }[]>`
  select height, encode(header_hash, 'hex') as header from ledger.votes order by height`;

/** The market's own row follows the ledger. */
async function rowHashes(): Promise<readonly string[]> {
  await server.services.cases.turn();
  return (await listActivatedPacks(server.database.sql)).map((each) => packHash(each.pack));
}

test('a player joins with a code that reached the phone through the gateway, and a name that an outside party confirmed', async () => {
  const { ledger } = server.services;
  const [visitor, late] = [openVisitor(server.base), openVisitor(server.base)];
  const joined = await join(visitor, newPerson('wei'), sm2, server.clock.now(), party.codeOf);
  expect(joined).toMatchObject({ displayName: 'wei', level: 'R1' });
  await expect.poll(() => ledger.health().waiting, { timeout: 30_000 }).toBe(0);
  const rows = await server.database.sql<{ provider: string }[]>`select provider from identity.person_records`;
  expect(rows.map(({ provider }) => new URL(`http://${provider}`).hostname)).toEqual(['127.0.0.1']);
  // Nobody sees the code but the phone, and a gateway that is away keeps nobody waiting for a minute.
  const phone = newPerson('late').phone;
  party.isOpen = false;
  expect((await refusalOf(late.api.account.requestCode.mutate({ phone }))).code).toBe('sms_unavailable');
  party.isOpen = true;
  party.deafPhone = phone;
  expect((await refusalOf(late.api.account.requestCode.mutate({ phone }))).code).toBe('sms_refused');
  party.deafPhone = null;
  expect((await late.api.account.requestCode.mutate({ phone })).shownCode).toBeNull();
  expect(party.codeOf(phone)).toMatch(/^\d{6}$/);
});

test('who signs a court order holds the judgement against it, and signs once', async () => {
  const judgement = utf8('The sword is Bob’s.');
  const { chain } = server.services.ledger;
  const now = BigInt(server.clock.now());
  const op = judgementOp({ serial: 0n, ver: 0n, to: new Uint8Array(32) }, sm3(judgement));
  const body = { chain, salt: new Uint8Array(16), notBefore: now, notAfter: now + 1000n, op };
  const given = parseCourtOrder(formatCourtOrder({ body, env: null }));
  const site = await siteOf();
  await expect(signCourtOrder(database.sql, site, given, utf8('Another judgement.'))).rejects.toThrow('another judgement');
  const signed = parseCourtOrder(formatCourtOrder(await signCourtOrder(database.sql, site, given, judgement)));
  expect(signed.env?.sigs).toHaveLength(1);
  await expect(signCourtOrder(database.sql, site, signed, judgement)).rejects.toThrow('signed it already');
  await expect(
    draftCourtOrder(
      { sql: database.sql, site, now: server.clock.now(), random },
      { serial: 7n, to: parseAccountId('0'.repeat(64)), judgement },
    ),
  ).rejects.toThrow('no item 7');
});

test('a file that shows one pack and activates another is refused before anybody signs', async () => {
  const [pack, other] = [PACKS.find(({ id }) => id === 'CN'), PACKS.find(({ id }) => id !== 'CN')];
  assert(pack !== undefined && other !== undefined, 'several packs ship');
  const ground = { sql: database.sql, site: await siteOf(), now: server.clock.now(), random, kept: () => null };
  const drafted = await draftActivation(ground, other, null);
  assert(drafted.kind === 'drafted', 'its jurisdiction has none');
  const { body } = drafted.activation;
  expect(() => parseActivation(formatActivation({ pack, body, env: null }))).toThrow('another pack');
});

coSignCases(() => ({ server, party, supervisor: keys.account }));
caseActCases(() => ({ server, party, supervisor: keys.account, court: courtKeys.account }));

test('a judgement: drafted by a member, signed by court and supervisor each on its own machine, carried out by the ledger and followed by the market', async () => {
  const { sql } = server.database;
  const held = async () => {
    const [row] = await sql<{ owner: string; serial: string }[]>`select owner, ledger_serial::text as serial from custody.items limit 1`;
    assert(row !== undefined, 'an item was issued');
    return row;
  };
  const [sale] = await sql<{ seller: string }[]>`select seller from market.trades order by seq desc limit 1`;
  const { owner, serial } = await held();
  const to = parseAccountId(sale?.seller ?? '');
  expect(to).not.toBe(owner);
  const judgement = path.join(folder, 'judgement.pdf');
  writeFileSync(judgement, 'The lantern is Ann’s.');
  const file = path.join(folder, 'order.json');
  const ground = { sql: database.sql, site: await siteOf(), now: server.clock.now(), random };
  const drafted = await draftCourtOrder(ground, { serial: BigInt(serial), to, judgement: new Uint8Array(readFileSync(judgement)) });
  writeFileSync(file, formatCourtOrder(drafted));
  // Its own process, while the nodes of this one go on answering.
  const cli = async (dataDir: string, ...args: readonly string[]) => {
    const env = { ...process.env, DATA_DIR: dataDir, DATABASE_URL: database.url, DEMONSTRATION: 'off' };
    const child = spawn(process.execPath, [CLI, 'court-order', ...args, '--json'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { status, answer: out === '' ? err : JSON.parse(out) };
  };
  const submit = () => cli(folder, 'submit', file, '--to', door.base);
  const signs = (dataDir: string) => cli(dataDir, 'sign', file, '--judgement', judgement);
  const [authority, court] = [folder, path.join(folder, 'court')];
  expect(await submit()).toMatchObject({ status: 2, answer: expect.stringContaining('not signed yet') });
  expect(await signs(authority)).toMatchObject({ status: 0, answer: { outcome: 'signed', items: [{ serial, to }] } });
  // One of the two is not enough, whoever brings it.
  expect(await submit()).toMatchObject({ status: 1, answer: { outcome: 'refused', code: 'role_missing' } });
  expect((await held()).owner).toBe(owner);
  const other = path.join(folder, 'other.pdf');
  writeFileSync(other, 'The lantern is Bo’s.');
  expect(await cli(court, 'sign', file, '--judgement', other)).toMatchObject({
    status: 2,
    answer: expect.stringContaining('another judgement'),
  });
  expect(await signs(court)).toMatchObject({ status: 0, answer: { signers: [expect.any(String), expect.any(String)] } });
  expect(await submit()).toMatchObject({ status: 0, answer: { outcome: 'taken' } });
  await expect.poll(async () => (await held()).owner, { timeout: 30_000, interval: 100 }).toBe(to);
  // A member judges by what is certified.
  const { ledger } = server.services;
  await ledger.sealNow();
  await vi.waitUntil(() => supervisor.certified.height >= ledger.certified.height, { timeout: 30_000 });
  expect(await submit()).toMatchObject({ status: 1, answer: { outcome: 'refused' } });
});
