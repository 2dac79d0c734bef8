/** Changes of the consortium, decided on the node page by officials of its members (O-11), over four real members and a fifth that joins. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatMemberRecord } from '#ledger/block/member-record.ts';
import { decodeConsortiumConfig } from '#ledger/codec/config.ts';
import { encodeGenesis } from '#ledger/codec/genesis.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import type { FollowerNode } from '#ledger/node/follower-node.ts';
import { loadNodeKeys } from '#ledger/node/keys.ts';
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { fromBase64, fromHex, toBase64, toHex } from '#ledger/primitives/bytes.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { configHash } from '#ledger/tx/ids.ts';
import { type Ballot, signedBallot } from '#sandbox/cases/ballot.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import { readStaffCertificate } from '#server/identity/staff-certificates.ts';
import { silentLog } from '#server/log.ts';
import { type MemberHttp, startMemberHttp } from '#server/members/member-http.ts';
import { type ChangeInput, openProposals, type ProposalDesk } from '#server/members/proposals.ts';
import { approveAt } from '#server/members/run-member.ts';
import { stateRecord } from '#server/members/state-record.ts';
import { demonstrationStaff } from '#server/pki/demonstration-seed.ts';
import { openGroundPki } from '#server/pki/open-ground-pki.ts';
import type { Pki } from '#server/pki/pki.ts';
import { RefusalError } from '#server/refusal.ts';
import { openTestConsortium, type TestConsortium } from '#test/support/consortium.ts';
import { createTestDatabase } from '#test/support/database.ts';
import { freePorts } from '#test/support/etcd.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

const MEMBER: Readonly<Record<string, number>> = { 'staff-operator': 1, studio: 2, 'staff-tax': 3, 'staff-notary': 4 };
const REMOVE: ChangeInput = { kind: 'remove', member: 2 };
let consortium: TestConsortium;
let desk: ProposalDesk;
let pki: Pki;
let fifth: Awaited<ReturnType<typeof startFifth>> | null = null;
let doors: ReadonlyMap<number, MemberHttp>;
const officials = new Map<string, { readonly staff: StaffSession; readonly certificate: string; sign(ballot: Ballot): string }>();

beforeAll(async () => {
  consortium = await openTestConsortium({ blockMs: 50 });
  const { operator, operatorDatabase } = consortium;
  const { node } = operator;
  node.start();
  await Promise.all(consortium.members.map((member) => member.start()));
  const clock = { now: () => instant(operator.clock.now) };
  const random = seededRandom('proposals');
  doors = new Map(await Promise.all(consortium.members.map(async (member) => [member.id, await openDoor(member.node, member)] as const)));
  const ground = { sql: operatorDatabase.sql, clock, random, log: silentLog, ledger: node };
  pki = openGroundPki(ground);
  await pki.ready();
  const { governance } = loadNodeKeys({ dir: operator.keysDir, sm2: node.sm2, random: random.bytes, create: false });
  desk = openProposals({ ...ground, pki, self: { id: 1, governance }, endpointOf: ({ id }) => doors.get(id)?.base ?? null });
  for (const { name, certificate } of demonstrationStaff(clock.now())) {
    if (MEMBER[name] === undefined) continue;
    const known = await readStaffCertificate(pki, certificate, clock.now());
    assert('staff' in known, `the official ${name} is trusted`);
    const serial = toHex(parseCertificate(certificate).serial);
    officials.set(name, {
      staff: { sessionId: name, ...known.staff },
      certificate: toBase64(certificate),
      sign: (ballot) => toHex(node.sm2.sign(demonstrationKeys(name).privateKey, signedBallot(ballot, toHex(node.chain), serial))),
    });
  }
});
afterAll(async () => {
  await fifth?.end();
  await Promise.all([...doors.values()].map((door) => door.stop()));
  await consortium?.stop();
});

async function openDoor(node: FollowerNode | null, { keys, database }: TestConsortium['members'][number]): Promise<MemberHttp> {
  assert(node !== null, 'the member runs');
  const http = await startMemberHttp({
    host: '127.0.0.1',
    port: 0,
    random: seededRandom('door'),
    log: silentLog,
    verifierDir: null,
    pages: null,
  });
  http.attach(node, {
    exportDir: '',
    approve: (request) => approveAt(node, keys.governance, request, instant(consortium.operator.clock.now)),
    pages: { sql: database.sql, clock: { now: () => instant(consortium.operator.clock.now) }, ledger: node },
  });
  return http;
}

function official(name: string) {
  const found = officials.get(name);
  assert(found !== undefined, `the official ${name}`);
  return found;
}
const hashOf = (config: string) => toHex(configHash(decodeConsortiumConfig(fromHex(config))));
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error: unknown) => (error instanceof RefusalError ? error.code : String(error)),
  );

async function vote(
  name: string,
  proposalId: string,
  config: string,
  choice: 'for' | 'against' = 'for',
  about = hashOf(config),
): Promise<void> {
  const { staff, certificate, sign } = official(name);
  const reason = `${name} has looked at it`;
  const signature = sign({ act: choice, configHash: about, member: MEMBER[name] ?? 0, reason });
  await desk.vote(staff, { proposalId, vote: choice, reason, certificate, signature });
}

async function propose(name: string, change: ChangeInput): Promise<void> {
  const { staff, certificate, sign } = official(name);
  const reason = 'the studio has closed';
  const { configHash: hash } = desk.draft(change);
  const signature = sign({ act: 'propose', configHash: hash, member: MEMBER[name] ?? 0, reason });
  await desk.propose(staff, { change, reason, certificate, signature });
}

test('a change that would break the consortium is refused with every objection before anybody signs', () => {
  const draft = () => desk.draft({ kind: 'policy', finality: 1, governance: 3 });
  expect(draft).toThrow(RefusalError);
  expect(draft).toThrow('What stands in the way');
});

test('a member’s key follows its own official for exactly these bytes, and nobody else', async () => {
  await propose('staff-notary', REMOVE);
  expect(await codeOf(propose('staff-tax', REMOVE))).toBe('change_known');
  const [proposal] = await desk.list();
  assert(proposal !== undefined, 'it is listed');
  expect(proposal).toMatchObject({ kind: 'remove', epoch: 1, state: 'open', reason: 'the studio has closed', votes: [] });
  const { proposalId, config } = proposal;
  expect(await codeOf(vote('staff-tax', proposalId, config, 'for', 'ab'.repeat(32)))).toBe('sig_invalid');

  const { certificate, sign } = official('staff-tax');
  const reason = 'in the notary’s name';
  const ballot = { act: 'for', configHash: hashOf(config), member: 4, reason } as const;
  const door = doors.get(4)?.base ?? '';
  const trusted = await pki.trust(fromBase64(certificate), 'signing', instant(consortium.operator.clock.now));
  assert(trusted.kind === 'trusted', 'the official is trusted by the market');
  const [certificates, crls] = [trusted.chain.map(({ der }) => toBase64(der)), trusted.crls.map(toBase64)];
  const answer = await fetch(new URL('/governance/v1/approve', door), {
    method: 'POST',
    body: JSON.stringify({ config, reason, certificates, crls, signature: sign(ballot) }),
  });
  expect(await answer.json()).toMatchObject({ code: 'official_untrusted', reason: 'no person of this organisation' });
  expect((await desk.list())[0]?.votes).toEqual([]);
});

test('enough votes put the change on the ledger, each with who and when; sixteen blocks later it is in force', async () => {
  const [proposal] = await desk.list();
  assert(proposal !== undefined, 'it is listed');
  const { proposalId, config } = proposal;
  await vote('staff-notary', proposalId, config);
  expect(await codeOf(vote('staff-notary', proposalId, config))).toBe('voted_before');
  await vote('studio', proposalId, config, 'against');
  await vote('staff-tax', proposalId, config);
  expect((await desk.list())[0]?.state).toBe('open');
  await vote('staff-operator', proposalId, config);
  const [decided] = await desk.list();
  expect(decided?.votes.map(({ member, vote: choice, name }) => [member, choice, name])).toEqual([
    [4, 'for', '演示公证员'],
    [2, 'against', '示例工作室'],
    [3, 'for', '演示税务监管员'],
    [1, 'for', '演示运营员'],
  ]);
  expect(decided?.state).toBe('submitted');
  expect(await codeOf(vote('staff-tax', proposalId, config))).toBe('change_closed');
  await expect.poll(async () => (await desk.list())[0]?.inForceAt, { timeout: 20_000 }).not.toBeNull();
  const { operator } = consortium;
  await sealUntilMembers(3);
  expect(operator.node.config.members).toHaveLength(3);
  expect((await desk.list())[0]).toMatchObject({ state: 'in_force' });
  expect(desk.memberOf({ role: 'studio' })).toBeNull();
});

test('an organisation with keys of its own is admitted by votes, from a record that opens its account, and its own process signs', async () => {
  fifth = await startFifth();
  const { operator, members } = consortium;
  const { record } = fifth;
  const withoutAccount = formatMemberRecord({ ...record, policy: null, accountOpen: null });
  expect(reasonsOf(() => desk.draft({ kind: 'admit', record: withoutAccount }))).toContain('no account');
  expect(operator.node.pending.accountById(record.member.acct)).toBeNull();

  await propose('staff-notary', { kind: 'admit', record: formatMemberRecord(record) });
  const account = operator.node.pending.accountById(record.member.acct);
  expect(account?.kind).toBe(2);
  const [proposal] = await desk.list();
  assert(proposal?.kind === 'admit', 'it is listed');
  await vote('staff-notary', proposal.proposalId, proposal.config);
  await vote('staff-tax', proposal.proposalId, proposal.config);
  await sealUntilMembers(4);
  expect(operator.node.config.members.at(-1)).toMatchObject({ id: 5, org: 'Second notary', acct: record.member.acct });

  // Three of four certify: without the supervisor nothing goes on but by the fifth.
  await members.find(({ id }) => id === 3)?.stop();
  await sealSomething();
  expect(operator.node.certified.finality?.sigs.map(({ member }) => member)).toEqual([1, 4, 5]);
});

/** Sixteen blocks of something to do, instead of one empty one a second. */
async function sealUntilMembers(count: number): Promise<void> {
  for (let block = 0; consortium.operator.node.config.members.length !== count && block < 40; block++) await sealSomething();
}

async function sealSomething(): Promise<void> {
  const { operator } = consortium;
  const attest = { kind: 'attest', subject: { kind: 'none' }, attestKind: 4, doc: new Uint8Array(32).fill(7) } as const;
  await operator.sequence(operator.node.operator.batchSign([operator.body(attest)]));
  await operator.node.sealNow();
}

function reasonsOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof RefusalError) return String(error.facts.reasons ?? '');
    throw error;
  }
  return '';
}

/** An organisation that no demonstration knows: the real program with a folder, keys, a database and a site file of its own. */
async function startFifth() {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-fifth-'));
  const { operator, orderingUrl, endpointOf } = consortium;
  const [port = 0] = await freePorts(1);
  const { sm2, genesis } = operator.node;
  const random = seededRandom('fifth');
  const keys = loadNodeKeys({ dir: path.join(folder, 'keys'), sm2, random: random.bytes, create: true });
  const record = stateRecord(
    {
      ...{ id: 5, org: 'Second notary', role: 'notary', endpoint: `http://127.0.0.1:${port}` },
      ...{ mayLead: true, mirrorsMedia: true, certificate: null },
    },
    { keys, sm2, random, now: operator.clock.now, genesis: encodeGenesis(genesis) },
  );
  const site = path.join(folder, 'site.json');
  const endpoints = { 1: endpointOf(1), 3: endpointOf(3), 4: endpointOf(4) };
  writeFileSync(site, JSON.stringify({ member: 5, endpoints, ordering: orderingUrl }));
  const database = await createTestDatabase();
  const ahead = operator.clock.now - Math.round(performance.timeOrigin + performance.now());
  const shift = `data:text/javascript,const now=Date.now;Date.now=()=>now()+(${ahead})`;
  const main = path.resolve(import.meta.dirname, '../../server/main.ts');
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', shift, main, '--role', 'member', '--member', 'second-notary', '--site', site, '--no-pages'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        ...{ NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'error' },
        ...{ DATA_DIR: folder, DATABASE_URL: database.url },
      },
    },
  );
  const end = async () => {
    const ended = once(child, 'exit');
    if (child.kill('SIGTERM')) await ended;
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { record, end };
}
