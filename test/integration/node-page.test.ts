/** The node page over four real members: who signed, who is behind, what it says when too few are there, and the same from another member. */
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { insertEvidence, insertObservations } from '#ledger/node/store/consortium.ts';
import { toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { silentLog } from '#server/log.ts';
import { startMemberHttp } from '#server/members/member-http.ts';
import { openMemberMetrics } from '#server/members/member-metrics.ts';
import { readNodePage } from '#server/members/node-page.ts';
import { openConsortiumMetrics } from '#server/operations/consortium-metrics.ts';
import { openMemberPki } from '#server/pki/open-ground-pki.ts';
import { watchCertificates } from '#server/pki/watch-certificates.ts';
import { openTestConsortium, type TestConsortium } from '#test/support/consortium.ts';
import { populate } from '#test/support/ledger.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

let consortium: TestConsortium;
const clock = { now: () => instant(consortium.operator.clock.now) };
const page = () => readNodePage({ sql: consortium.operatorDatabase.sql, clock, ledger: consortium.operator.node });

beforeAll(async () => {
  consortium = await openTestConsortium();
  consortium.operator.node.start();
  await Promise.all(consortium.members.map((member) => member.start()));
  await populate(consortium.operator, 3);
  await consortium.operator.node.sealNow();
  // A block is known before it is stored, and the page reads what is stored.
  const nodes = () => [consortium.operator.node, ...consortium.members.map(({ node }) => node)];
  const hasBlock = async (node: ReturnType<typeof nodes>[number]) => ((await node?.blocks({ limit: 1 }))?.[0]?.height ?? 0n) > 0n;
  await vi.waitUntil(async () => (await Promise.all(nodes().map(hasBlock))).every(Boolean), { timeout: 60_000 });
});
afterAll(() => consortium?.stop());

test('it shows where this node stands, who signed each block, and by whose configuration', async () => {
  const shown = await page();
  expect(shown.status).toMatchObject({ state: 'certifying', self: 1, ordering: 'pg', chain: toHex(consortium.operator.node.chain) });
  expect(shown.role).toBe(0);
  expect(shown.disk?.freeBytes).toBeGreaterThan(0);
  const [newest] = shown.blocks;
  expect(newest?.cells.map(({ member }) => member)).toEqual([1, 2, 3, 4]);
  expect(newest?.cells.filter(({ state }) => state === 'voted').length).toBeGreaterThanOrEqual(3);
  expect(shown.configurations).toHaveLength(1);
  expect(shown.configurations[0]).toMatchObject({ epoch: 0, isInForce: true, approvals: [], finality: '3 of (1, 2, 3, 4)' });
});

test('its metrics say how many blocks each member endorsed, and how far each is behind', async () => {
  const registry = new Registry();
  const metrics = openConsortiumMetrics(registry);
  metrics.refresh(consortium.operator.node);
  metrics.refresh(consortium.operator.node);
  const text = await registry.metrics();
  const endorsed = [...text.matchAll(/^daoju_endorsements_total\{member=".+",result="endorsed"\} (\d+)$/gm)].map(([, count]) =>
    Number(count),
  );
  const { height } = consortium.operator.node.certified;
  // A height counts once, but where a term was lost, however often it is said and read.
  expect(endorsed).toHaveLength(4);
  expect(endorsed.filter((count) => count >= 1).length).toBeGreaterThanOrEqual(3);
  expect(Math.max(...endorsed)).toBeLessThanOrEqual(Number(height) * 2);
  expect(text.match(/^daoju_member_lag_blocks\{member="[^"]+"\} \d+$/gm)).not.toBeNull();
  expect(text).toMatch(/^daoju_clock_behind_seconds \d/m);
});

test('another member answers the same without the operator', async () => {
  const member = consortium.members.find(({ id }) => id === 4);
  if (member?.node === null || member === undefined) throw new Error('the notary runs');
  const shown = await readNodePage({ sql: member.database.sql, clock, ledger: member.node });
  expect(shown.status.self).toBe(4);
  expect(shown.role).toBe(3);
  expect(shown.blocks.length).toBeGreaterThan(0);
});

test('a member without a market shows node, explorer and what stands in its state by itself, and nothing of a market', async () => {
  const member = consortium.members.find(({ id }) => id === 4);
  if (member?.node === null || member === undefined) throw new Error('the notary runs');
  const { node, database } = member;
  const door = await startMemberHttp({
    ...{ host: '127.0.0.1', port: 0, random: seededRandom('door'), log: silentLog, verifierDir: null },
    pages: () => async (req, res) => void res.end(`${req.url} as ${String(req.headers['x-daoju-role'])}`),
  });
  const approve = () => ({ kind: 'rejected', code: 'config_refused', reason: '' }) as const;
  door.attach(node, { exportDir: '', approve, pages: { sql: database.sql, clock, ledger: node } });
  const get = (place: string) => fetch(`${door.base}${place}`, { redirect: 'manual', headers: { 'x-daoju-role': 'operator' } });
  const ask = async (name: string, input?: object) => {
    const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify({ json: input }))}`;
    const answer = await get(`/api/trpc/${name}${query}`);
    return { status: answer.status, body: await answer.json() };
  };
  try {
    const home = await get('/');
    expect([home.status, home.headers.get('location')]).toEqual([302, '/node']);
    for (const place of ['/node', '/explorer/blocks/1', '/verify']) expect(await (await get(place)).text()).toBe(`${place} as member`);
    expect((await get('/search')).status).toBe(404);
    expect((await get('/metrics')).headers.get('content-type')).toContain('text/plain');
    expect(await ask('node.get')).toMatchObject({ status: 200, body: { result: { data: { json: { role: 3, status: { self: 4 } } } } } });
    const block = await ask('explorer.block', { height: 1 });
    const [{ index = -1 } = {}] = block.body.result.data.json.entries;
    expect((await ask('explorer.entry', { index })).body.result.data.json).toMatchObject({ height: 1, op: 'account_open' });
    const item = (await ask('explorer.state', { register: 'items', id: '2' })).body.result.data.json;
    expect(item).toMatchObject({ leaf: { serial: '2', ver: '1' }, proofs: [{ href: '/ledger/v1/item/2/proof' }, { what: 'history' }] });
    expect((await get(item.proofs[0].href)).status).toBe(200);
    const owner = await ask('explorer.state', { register: 'accounts', id: item.leaf.owner });
    expect(owner.body.result.data.json).toMatchObject({ leaf: { itemCount: '3' } });
    for (const [register, id] of [
      ['items', '99'],
      ['items', '-1'],
      ['accounts', 'amy'],
      ['classes', '7'],
    ])
      expect(await ask('explorer.state', { register, id })).toMatchObject({ status: 404 });
    expect((await ask('home.get')).status).toBe(404);
    expect((await ask('explorer.block', { height: 'x' })).body.error.json.data.refusal).toMatchObject({ code: 'input_malformed' });
  } finally {
    await door.stop();
  }
});

test('a member alone knows when each certificate ends, says it in time, and counts it down for whoever scrapes it', async () => {
  const member = consortium.members.find(({ id }) => id === 4);
  if (member?.node === null || member === undefined) throw new Error('the notary runs');
  const { node, database } = member;
  const { sql } = database;
  const [first] = node.config.members;
  if (first === undefined) throw new Error('the operator is a member');
  const shown = async (now: number) => (await readNodePage({ sql, clock: { now: () => instant(now) }, ledger: node })).certificates;
  expect(await shown(clock.now())).toContainEqual({ member: first.id, state: 'unknown' });
  let now = clock.now();
  const later = { now: () => instant(now) };
  const watch = watchCertificates({
    ...{ sql, clock: later, log: silentLog },
    pki: openMemberPki({ sql, clock: later, ledger: node, sm2: consortium.operator.node.sm2 }),
  });
  expect(await watch.turn()).toEqual([]);
  const known = await shown(now);
  expect(known.map(({ member: id, state }) => [id, state])).toEqual(node.config.members.map(({ id }) => [id, 'known']));
  const own = known.find(({ member: id }) => id === first.id);
  if (own?.state !== 'known') throw new Error('the operator has a certificate');
  expect(own).toMatchObject({ warning: null, days: Math.floor((own.notAfter - now) / 86_400_000) });
  for (const [days, warning] of [
    [59, 60],
    [29, 30],
    [6, 7],
    [-1, 0],
  ] as const) {
    now = instant(own.notAfter - days * 86_400_000);
    expect(await watch.turn()).toContainEqual({ subject: own.subject, days: warning });
    expect(await watch.turn()).toEqual([]);
    expect(await shown(now)).toContainEqual({ ...own, days, warning });
  }
  const metrics = await openMemberMetrics().text(node, watch.expiries(), instant(now));
  expect(metrics).toMatch(new RegExp(`daoju_certificate_expiry_seconds\\{subject="${own.subject}",kind="signing"\\} -86400`));
});

test('a refusal has its member, its reason and its transaction; a contradiction is shown with both halves', async () => {
  const { sql } = consortium.operatorDatabase;
  const { height } = consortium.operator.node.certified;
  await insertObservations(sql, [
    { height, term: 99n, member: 3, act: 'refuse', code: 'assessment_mismatch', pos: 2, txId: ZERO_32, seenAt: BigInt(clock.now()) },
  ]);
  await insertEvidence(sql, { kind: 1, member: 2, a: Uint8Array.of(1), b: Uint8Array.of(2) }, BigInt(clock.now()));
  const shown = await page();
  expect(shown.refusals[0]).toMatchObject({ member: 3, code: 'assessment_mismatch', pos: 2, txId: toHex(ZERO_32) });
  expect(shown.evidence).toMatchObject([{ kind: 1, member: 2, a: '01', b: '02' }]);
});

test('two members away: it says in words that it waits for members', async () => {
  for (const id of [2, 4]) await consortium.members.find((member) => member.id === id)?.stop();
  await vi.waitUntil(async () => (await page()).status.state === 'waiting_for_members', { timeout: 30_000, interval: 500 });
  const away = (await page()).status.members.filter(({ failure }) => failure !== null).map(({ id }) => id);
  expect(away).toEqual([2, 4]);
});
