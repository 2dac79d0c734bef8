/** Alerts through the public procedures: what a role's mask leaves out does not exist for it (product V-02), and a try-out stores nothing. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parseClassId } from '#ledger/primitives/ids.ts';
import { demonstrationPlayerAcct } from '#server/identity/demonstration.ts';
import { itemIdOfNo, paymentMessage, plantOrders, plantTrades, tradeIdOfNo } from '#test/support/planted-trades.ts';
import { openVisitor, refusalOf, startTestServer, type TestServer } from '#test/support/server.ts';
import { openStaff } from '#test/support/staff.ts';

let server: TestServer;
const CLASS = parseClassId(`cls_${'e'.repeat(32)}`);
const START = Date.parse('2026-11-02T02:00:00Z');
const DAY = 86_400_000;

beforeAll(async () => {
  server = await startTestServer();
  const acct = (name: string) => demonstrationPlayerAcct(server.services.ledger, name);
  const [amy, bob] = [acct('demo-01'), acct('demo-02')];
  await plantOrders(server.database.sql, CLASS);
  const sale = (no: number, at: number, seller: string, buyer: string) => ({
    no,
    at,
    classId: CLASS,
    itemId: itemIdOfNo(1),
    seller,
    buyer,
    priceFen: 20_000,
  });
  const deposits = [49_000, 48_200, 49_500].map((yuan, i) => paymentMessage(`pay_${i}`, START + i * DAY, amy, yuan * 100, 'payIn'));
  await plantTrades(server.database.sql, [sale(1, START, amy, bob), sale(2, START + 20 * DAY, bob, amy)], deposits);
  const count = async () => (await server.database.sql`select count(*)::int as n from surveillance.alerts`)[0]?.n;
  await vi.waitUntil(async () => (await count()) === 2, { timeout: 30_000 });
});
afterAll(() => server.stop());

test('market sees the trade alert without names, finance the payment alert, tax the payment alert with names', async () => {
  const [market, finance, tax] = await Promise.all(['staff-market', 'staff-finance', 'staff-tax'].map((name) => openStaff(server, name)));
  if (market === undefined || finance === undefined || tax === undefined) throw new Error('three supervisors');
  const lists = await Promise.all([market, finance, tax].map((who) => who.api.alert.list.query({})));
  expect(lists.map(({ alerts, open }) => [open, ...alerts.map(({ detector }) => detector)])).toEqual([
    [1, 'CN-SV-04'],
    [1, 'CN-SV-08'],
    [1, 'CN-SV-08'],
  ]);
  const [circular, structured] = [lists[0]?.alerts[0], lists[1]?.alerts[0]];
  if (circular === undefined || structured === undefined) throw new Error('an alert for each');

  const seen = await market.api.alert.get.query({ alertId: circular.alertId });
  expect(seen).toMatchObject({ names: {}, evidenceTotal: 2, state: 'new', canAct: true });
  expect(seen.evidenceRows.map(({ id, labels }) => [id, ...labels])).toEqual([
    [tradeIdOfNo(1), 'circular'],
    [tradeIdOfNo(2), 'circular'],
  ]);
  expect(seen.parameters).toContainEqual(expect.objectContaining({ constant: 'sv04.windowDays', value: '7', confidence: 'DESIGN' }));
  expect(await refusalOf(market.api.alert.get.query({ alertId: structured.alertId }))).toMatchObject({ code: 'alert_unknown' });
  expect(await refusalOf(market.api.alert.act.mutate({ alertId: structured.alertId, act: 'triage' }))).toMatchObject({
    code: 'alert_unknown',
  });
  expect(await refusalOf(finance.api.alert.get.query({ alertId: circular.alertId }))).toMatchObject({ code: 'alert_unknown' });
  expect((await finance.api.alert.get.query({ alertId: structured.alertId })).names).toEqual({});
  expect(Object.values((await tax.api.alert.get.query({ alertId: structured.alertId })).names)).toHaveLength(1);
});

test('nobody without a supervisor’s certificate sees an alert', async () => {
  expect(await refusalOf(openVisitor(server.base).api.alert.list.query({}))).toMatchObject({ code: 'staff_sign_in_required' });
  const notary = await openStaff(server, 'staff-notary');
  expect(await refusalOf(notary.api.alert.list.query({}))).toMatchObject({ code: 'role_missing' });
});

test('filters: state, detector, score, account or trade', async () => {
  const market = await openStaff(server, 'staff-market');
  const count = async (input: Parameters<typeof market.api.alert.list.query>[0]) =>
    (await market.api.alert.list.query(input)).alerts.length;
  expect(await count({ state: 'new' })).toBe(1);
  expect(await count({ state: 'dismissed' })).toBe(0);
  expect(await count({ detector: 'CN-SV-03' })).toBe(0);
  expect(await count({ minScore: 100 })).toBe(0);
  expect(await count({ about: tradeIdOfNo(2) })).toBe(1);
  expect(await count({ about: tradeIdOfNo(3) })).toBe(0);
  expect(await refusalOf(market.api.alert.list.query({ minScore: 101 }))).toMatchObject({ code: 'input_malformed' });
});

test('a step taken twice, or without its reason, is refused and changes nothing; the rest is kept with who and why', async () => {
  const market = await openStaff(server, 'staff-market');
  const alertId = (await market.api.alert.list.query({})).alerts[0]?.alertId ?? '';
  expect(await refusalOf(market.api.alert.act.mutate({ alertId, act: 'dismiss' }))).toMatchObject({ code: 'reason_missing' });
  expect(await market.api.alert.act.mutate({ alertId, act: 'triage' })).toMatchObject({ state: 'triaged' });
  expect(await refusalOf(market.api.alert.act.mutate({ alertId, act: 'triage' }))).toMatchObject({
    code: 'alert_state',
    facts: { state: 'triaged' },
  });
  expect(await market.api.alert.act.mutate({ alertId, act: 'open_case', reason: 'the item came back at the same price' })).toMatchObject({
    state: 'case',
  });
  const seen = await market.api.alert.get.query({ alertId });
  expect(seen).toMatchObject({ canAct: false, caseId: expect.stringMatching(/^cas_[0-9a-f]{32}$/) });
  // The number stands for a case that exists, with its ground and its clock.
  expect(await market.api.case.get.query({ caseId: seen.caseId ?? '' })).toMatchObject({
    ...{ source: 'alert', sourceId: alertId, topic: 'abuse', state: 'open', ground: 'the item came back at the same price' },
    events: [{ act: 'opened', by: 'STAFF-MARKET' }],
  });
  expect(seen.steps.map(({ to, reason }) => [to, reason])).toEqual([
    ['triaged', null],
    ['case', 'the item came back at the same price'],
  ]);
  const { detectors } = await market.api.alert.detectors.query();
  expect(detectors).toHaveLength(17);
  expect(detectors.find(({ id }) => id === 'CN-SV-04')).toMatchObject({ alerts: 1, open: 0, confirmed: 1, dismissed: 0 });
});

test('a try-out says what would go and what people had decided, stores nothing, and refuses what is no parameter', async () => {
  const market = await openStaff(server, 'staff-market');
  const before = await server.database.sql`select * from surveillance.alerts order by alert_id`;
  const tryOut = (changes: Record<string, string>) =>
    market.api.alert.tryOut.mutate({ detector: 'CN-SV-04', changes, from: '2026-11-01', to: '2026-11-30' });
  expect(await tryOut({ 'sv04.longWindowDays': '10' })).toMatchObject({
    baseline: { alerts: 1, evidence: 2, confirmed: 1 },
    draft: { alerts: 0, evidence: 0, confirmed: 0 },
    decided: { confirmed: 1, dismissed: 0 },
    added: [],
    gone: [{ tradeIds: [tradeIdOfNo(1), tradeIdOfNo(2)] }],
    changes: [{ constant: 'sv04.longWindowDays', before: '90', after: '10' }],
  });
  expect(await tryOut({})).toMatchObject({ added: [], gone: [], draft: { alerts: 1 } });
  expect(await refusalOf(tryOut({ 'sv04.nothing': '1' }))).toMatchObject({ code: 'constant_unknown' });
  expect(await refusalOf(tryOut({ 'sv04.longWindowDays': 'ten' }))).toMatchObject({ code: 'constant_malformed' });
  expect(await server.database.sql`select * from surveillance.alerts order by alert_id`).toEqual(before);
});
