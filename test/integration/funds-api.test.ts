/** Flow of funds and reconciliation through the public procedures: who may ask, and what each refusal says (V-02, V-10, V-11). */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openVisitor, refusalOf, startTestServer, type TestServer } from '#test/support/server.ts';
import { openStaff } from '#test/support/staff.ts';

const zipped = (text: string) => gzipSync(text).toString('base64');
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

test('the market supervisor has no flows and no statement, tax has flows alone, finance both', async () => {
  const [market, tax, finance] = [
    await openStaff(server, 'staff-market'),
    await openStaff(server, 'staff-tax'),
    await openStaff(server, 'staff-finance'),
  ];
  const of = { kind: 'day', id: '2026-11-27', back: 1, forth: 1 } as const;
  const calls = [
    () => market.api.funds.flow.query(of),
    () => market.api.funds.reconciliation.query(),
    () => tax.api.funds.reconciliation.query(),
    () => market.api.funds.bankStatements.query(),
    () => tax.api.funds.compareFile.mutate({ fileName: 'day.xml', zipped: zipped('<a/>') }),
  ];
  for (const call of calls) expect(await refusalOf(call())).toMatchObject({ code: 'role_missing' });
  for (const who of [tax, finance]) expect(await who.api.funds.flow.query(of)).toMatchObject({ nodes: [], edges: [], seedFen: '0' });
  expect(await finance.api.funds.reconciliation.query()).toMatchObject({ days: [], breaks: [] });
});

test('an unknown reference, one without form, too many steps and a day to come are refused', async () => {
  const { api } = await openStaff(server, 'staff-finance');
  const flow = (id: string, back = 1) => api.funds.flow.query({ kind: 'trade', id, back, forth: 1 });
  expect(await refusalOf(flow(`trd_${'0'.repeat(32)}`))).toMatchObject({ code: 'funds_unknown' });
  expect(await refusalOf(flow('tea'))).toMatchObject({ code: 'trade_id_malformed' });
  expect(await refusalOf(flow(`trd_${'0'.repeat(32)}`, 99))).toMatchObject({ code: 'input_malformed' });
  expect(await refusalOf(api.funds.compareDay.mutate({ day: '2199-01-01' }))).toMatchObject({ code: 'day_not_begun' });
  expect(await refusalOf(api.funds.compareDay.mutate({ day: 'soon' }))).toMatchObject({ code: 'input_malformed' });
  expect((await api.funds.reconciliation.query()).days).toEqual([]);
});

test('a file of the bank that cannot be read is refused with the line, and nothing of it is kept', async () => {
  const { api } = await openStaff(server, 'staff-finance');
  const hand = (text: string) => refusalOf(api.funds.compareFile.mutate({ fileName: 'day.xml', zipped: zipped(text) }));
  expect(await hand('<?xml version="1.0"?>\n<!DOCTYPE a>\n<a/>')).toMatchObject({ code: 'xml_doctype', facts: { line: '2' } });
  expect(await hand('<a/>')).toMatchObject({ code: 'camt_unknown', facts: { line: '1' } });
  const torn = api.funds.compareFile.mutate({ fileName: 'day.xml', zipped: Buffer.from('no gzip').toString('base64') });
  expect(await refusalOf(torn)).toMatchObject({ code: 'xml_not_well_formed' });
  expect(await api.funds.bankStatements.query()).toEqual([]);
  expect(await refusalOf(api.funds.bankDifferences.query({ number: '7' }))).toMatchObject({ code: 'statement_unknown' });
});

test('what is public is the same as data and as procedure, for whoever asks, and names checkpoint, packs and members', async () => {
  const response = await fetch(`${server.base}/transparency.json`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
  const data = await response.json();
  expect(data).toEqual(await openVisitor(server.base).api.transparency.get.query());
  expect(data).toMatchObject({ schema: 'daoju.transparency/1', leastGroup: 20, days: [], identities: [] });
  expect(data.checkpoint.headerHash).toMatch(/^[0-9a-f]{64}$/);
  expect(data.packs.length).toBeGreaterThan(0);
  expect(data.members).toEqual([{ org: expect.any(String), hasSigned: true }]);
  expect((await fetch(`${server.base}/transparency.json`, { method: 'POST' })).status).toBe(404);
});
