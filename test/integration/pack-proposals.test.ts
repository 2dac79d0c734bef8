/** Rule packs from draft to the ledger (product V-18, V-19): each refusal clear and without effect, two people, seven days, one entry. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { RECORD } from '#ledger/codec/leaves.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import { PACK_CN_2026_1 as CN } from '#sandbox/packs/cn/pack-2026-1.ts';
import { packHash } from '#sandbox/packs/pack.ts';
import { findActivePack } from '#server/exchange/active-pack.ts';
import { approvePack } from '#test/support/approvals.ts';
import { openVisitor, refusalOf, startTestServer, type TestServer, type Visitor } from '#test/support/server.ts';
import { openStaff } from '#test/support/staff.ts';

let server: TestServer;
let supervisor: Visitor;
let operator: Visitor;
beforeAll(async () => {
  server = await startTestServer();
  await vi.waitUntil(() => findActivePack(server.services.ledger.pending, server.clock.now()) !== null, 60_000);
  supervisor = await openStaff(server, 'staff-tax');
  operator = await openStaff(server, 'staff-operator');
});
afterAll(() => server.stop());

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(server.clock.now() + days * DAY_MS).toISOString();
const proposal = (changes: Readonly<Record<string, string>>, more: object = {}) => ({
  baseHash: packHash(CN),
  version: '2026.2',
  changes: { ...changes },
  reason: 'A trial of a longer wait for collectibles.',
  mode: 'NOTICE' as const,
  effectiveFrom: inDays(8),
  authorization: null,
  ...more,
});
const authorization = (more: object) => ({
  issuer: 'An office',
  number: '2026-1',
  scope: ['const.vatThresholdDay'],
  from: '2020-01-01',
  to: '2099-01-01',
  ...more,
});
/** A whole document, one thing in it changed. */
function document(change: (pack: { constants: Record<string, object> }) => unknown) {
  const pack = { ...JSON.parse(JSON.stringify(CN)), version: '2026.2' };
  change(pack);
  return { ...proposal({}), changes: {}, document: JSON.stringify(pack) };
}
const active = () => findActivePack(server.services.ledger.pending, server.clock.now())?.pack.version;
const counts = async () => {
  const [row] = await server.database.sql`select (select count(*)::int from compliance.pack_proposals) as proposals,
    (select count(*)::int from compliance.packs) as packs, (select count(*)::int from compliance.pack_signatures) as signatures,
    (select count(*)::int from outbox.messages where type = 'pack.state') as messages, (select count(*)::int from ledger.ledger_txs) as txs`;
  return row;
};

test('every parameter can be browsed with its source, and EU-DPI stands beside CN', async () => {
  const packs = await supervisor.api.packs.list.query();
  expect(packs).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ packId: 'CN', state: 'active', version: '2026.1' }),
      expect.objectContaining({ packId: 'EU-DPI', state: 'shipped' }),
    ]),
  );
  const { parameters } = await supervisor.api.packs.get.query({ packHash: packHash(CN) });
  expect(parameters).toContainEqual(
    expect.objectContaining({
      path: 'const.vatThresholdDay',
      value: '100000',
      unit: 'fen',
      words: { zh: '按次（日）起征点', en: 'VAT line per day' },
      stricterIs: 'LOWER',
      statutory: true,
      confidence: 'VERIFIED',
      to: '2027-12-31',
    }),
  );
});

test('visitors and other roles are refused', async () => {
  expect((await refusalOf(openVisitor(server.base).api.packs.list.query())).code).toBe('staff_sign_in_required');
  const notary = await openStaff(server, 'staff-notary');
  expect((await refusalOf(notary.api.packs.list.query())).code).toBe('role_missing');
  expect((await refusalOf(operator.api.packs.activate.mutate({ proposalId: `prp_${'0'.repeat(32)}` }))).code).toBe('role_missing');
});

test('a proposal and a replay that are not there are refused by name', async () => {
  const proposalId = `prp_${'0'.repeat(32)}`;
  for (const call of [
    () => supervisor.api.packs.proposal.query({ proposalId }),
    () => supervisor.api.packs.publish.mutate({ proposalId }),
    () => approvePack(supervisor, proposalId),
    () => supervisor.api.packs.activate.mutate({ proposalId }),
  ])
    expect((await refusalOf(call())).code).toBe('proposal_unknown');
  expect((await refusalOf(supervisor.api.replay.get.query({ replayId: `rpl_${'0'.repeat(32)}` }))).code).toBe('replay_unknown');
});

describe('drafts that are refused, and nothing is kept', () => {
  test.each<[what: string, given: () => ReturnType<typeof proposal>, code: string]>([
    ['a value that is no number', () => proposal({ 'const.vatThresholdDay': 'much' }), 'pack_constant_malformed'],
    ['a place that is not there', () => proposal({ 'const.moon': '1' }), 'pack_malformed'],
    ['prices that contradict', () => proposal({ 'const.unitPriceMin': '200000000' }), 'pack_contradictory'],
    ['no JSON', () => ({ ...proposal({}), changes: {}, document: '{' }), 'pack_malformed'],
    ['nothing changed', () => proposal({}), 'pack_same'],
    ['laxer without authorisation', () => proposal({ 'const.vatThresholdDay': '200000' }), 'pack_laxer_unauthorized'],
    ['too early', () => proposal({ 'const.resaleCooldownTradingDays': '7' }, { effectiveFrom: inDays(6) }), 'pack_too_early'],
    ['at once, although laxer', () => proposal({ 'const.resaleCooldownTradingDays': '0' }, { mode: 'TIGHTEN' }), 'pack_not_tightening'],
    ['what the market does not follow', () => proposal({ 'const.vatTaxPoint': 'RELEASE' }), 'pack_not_followed'],
    ['a notice at the end of a game that members do not hold', () => proposal({ 'const.sunsetNoticeDays': '90' }), 'pack_not_followed'],
    ['a version that is taken', () => proposal({ 'const.resaleCooldownTradingDays': '7' }, { version: '2026.1' }), 'pack_version_taken'],
    ['a rate above all', () => proposal({ 'const.iitTransfer': '2' }), 'pack_contradictory'],
    ['a levy that no law names', () => proposal({ 'const.vatLevy': '2/100' }), 'pack_constant_malformed'],
    ['a month below its day', () => proposal({ 'const.vatThresholdMonth': '1' }), 'pack_contradictory'],
    ['a switch that is no word of its own', () => proposal({ 'const.assessMode': 'GUESS' }), 'pack_constant_malformed'],
    ['neither true nor false', () => proposal({ 'trading.matching.CALL_AUCTION': 'yes' }), 'pack_malformed'],
    ['an age that is a word', () => proposal({ 'trading.minAge.secondary': '1e1' }), 'pack_malformed'],
    ['an age that is nothing', () => proposal({ 'trading.minAge.secondary': '' }), 'pack_malformed'],
    ['a name of the prototype', () => proposal({ toString: '1' }), 'pack_malformed'],
    ['of another country', () => document((pack) => Object.assign(pack, { id: 'KR' })), 'pack_jurisdiction'],
    ['an end before its beginning', () => document((pack) => Object.assign(pack, { effectiveTo: '2025-12-31' })), 'pack_dates_contradict'],
    [
      'over for long',
      () => document((pack) => Object.assign(pack, { effectiveFrom: '2026-01-01', effectiveTo: '2026-01-31' })),
      'pack_starts_outside',
    ],
    [
      'a figure in another unit',
      () => document(({ constants }) => Object.assign(constants.amlCash ?? {}, { unit: 'count' })),
      'pack_unit_changed',
    ],
    [
      'a price that is a fraction',
      () => document(({ constants }) => Object.assign(constants.unitPriceMax ?? {}, { unit: 'rate', value: '1/2' })),
      'pack_contradictory',
    ],
    [
      'a switch with other words',
      () => document(({ constants }) => Object.assign(constants.earnedMode ?? {}, { allowed: ['ZERO_COST', 'GUESS'] })),
      'pack_unit_changed',
    ],
    ['a rule without its figure', () => document(({ constants }) => delete constants.vatLevy), 'pack_reference_unknown'],
    [
      'laxer by its own word for stricter',
      () => document(({ constants }) => Object.assign(constants.vatThresholdDay ?? {}, { value: '200000', stricterIs: 'HIGHER' })),
      'pack_laxer_unauthorized',
    ],
    [
      'an authorisation of another path',
      () => proposal({ 'const.vatThresholdDay': '200000' }, { authorization: authorization({ scope: ['const.vatLevy'] }) }),
      'pack_laxer_unauthorized',
    ],
    [
      'an authorisation of yesterday',
      () => proposal({ 'const.vatThresholdDay': '200000' }, { authorization: authorization({ from: '2020-01-01', to: '2020-12-31' }) }),
      'pack_laxer_unauthorized',
    ],
    [
      'an authorisation that ends before it begins',
      () => proposal({ 'const.vatThresholdDay': '200000' }, { authorization: authorization({ from: '2099-01-01', to: '2020-01-01' }) }),
      'pack_laxer_unauthorized',
    ],
    ['from yesterday', () => proposal({ 'const.resaleCooldownTradingDays': '7' }, { effectiveFrom: inDays(-1) }), 'pack_too_early'],
    [
      'a year after its end',
      () => proposal({ 'const.resaleCooldownTradingDays': '7' }, { effectiveFrom: inDays(900) }),
      'pack_starts_outside',
    ],
    [
      'nested without an end',
      () => ({ ...proposal({}), changes: {}, document: `${'['.repeat(190_000)}${']'.repeat(190_000)}` }),
      'pack_malformed',
    ],
    ['a document beyond any pack', () => ({ ...proposal({}), changes: {}, document: `"${'x'.repeat(400_001)}"` }), 'input_malformed'],
    ['an unknown base', () => proposal({}, { baseHash: '0'.repeat(64) }), 'pack_unknown'],
  ])('%s: %s', async (_what, given, code) => {
    const before = await counts();
    const refused = await refusalOf(supervisor.api.packs.propose.mutate(given()));
    expect(refused.code).toBe(code);
    expect(refused.message.length).toBeGreaterThan(10);
    expect(await counts()).toEqual(before);
  });
});

test('seven days: public, commented, approved by two people, announced on the ledger, in force by itself', async () => {
  const made = await operator.api.packs.propose.mutate(proposal({ 'const.resaleCooldownTradingDays': '7' }));
  const { proposalId } = made;
  expect(made).toMatchObject({
    state: 'draft',
    obstacle: null,
    differences: [{ path: 'const.resaleCooldownTradingDays', before: '5', after: '7', direction: 'STRICTER' }],
  });
  const again = await refusalOf(supervisor.api.packs.propose.mutate(proposal({ 'const.resaleCooldownTradingDays': '7' })));
  expect([again.code, again.facts]).toEqual(['pack_known', { packHash: made.packHash }]);
  const visitor = openVisitor(server.base);
  expect(await visitor.api.rules.changes.query()).toEqual([]);
  expect((await refusalOf(supervisor.api.packs.activate.mutate({ proposalId }))).code).toBe('proposal_state');
  expect((await refusalOf(approvePack(supervisor, proposalId))).code).toBe('proposal_state');

  await operator.api.packs.publish.mutate({ proposalId });
  expect(await visitor.api.rules.changes.query()).toMatchObject([{ proposalId, state: 'public', version: '2026.2' }]);
  expect((await refusalOf(visitor.api.rules.comment.mutate({ proposalId, text: 'Too long.' }))).code).toBe('sign_in_required');

  expect((await refusalOf(supervisor.api.packs.activate.mutate({ proposalId }))).code).toBe('second_approval_missing');
  await approvePack(operator, proposalId);
  expect((await refusalOf(approvePack(operator, proposalId))).code).toBe('second_person_needed');
  expect((await refusalOf(supervisor.api.packs.activate.mutate({ proposalId }))).facts).toEqual({ role: 'supervisor' });
  const forged = { proposalId, actId: 'ab'.repeat(16), signature: 'cd'.repeat(64) };
  expect((await refusalOf(supervisor.api.packs.approve.mutate(forged))).code).toBe('sig_invalid');
  const sameCard = approvePack(supervisor, proposalId, 'staff-operator');
  expect((await refusalOf(sameCard)).code).toBe('sig_invalid');
  await approvePack(supervisor, proposalId);
  const market = await openStaff(server, 'staff-market');
  const third = await refusalOf(approvePack(market, proposalId, 'staff-market'));
  expect([third.code, (await counts())?.signatures]).toEqual(['proposal_signed', 2]);
  const announced = await supervisor.api.packs.activate.mutate({ proposalId });
  expect(announced).toMatchObject({ state: 'activated', approvals: [{ role: 'operator' }, { role: 'supervisor' }] });
  expect(announced.approvals.map(({ signed }) => signed?.isSound)).toEqual([true, true]);
  // Whoever changes the row is found by whoever reads it.
  await server.database.sql.unsafe(`alter table cases.signatures disable trigger signatures_append_only;
    update cases.signatures set document = jsonb_set(document, '{mode}', '"TIGHTEN"') where act = 'approve_pack' and role = 'operator';
    alter table cases.signatures enable trigger signatures_append_only`);
  const reread = await supervisor.api.packs.proposal.query({ proposalId });
  expect(reread.approvals.map(({ signed }) => signed?.isSound)).toEqual([false, true]);

  const record = server.services.ledger.pending.record(RECORD.rulePack, recordKey.rulePack('CN'));
  expect(record === null ? '' : toHex(record.value)).toBe(made.packHash);
  expect(active()).toBe('2026.1');
  expect(await visitor.api.rules.changes.query()).toMatchObject([{ proposalId, state: 'activated' }]);
  const second = proposal({ 'const.resaleCooldownTradingDays': '9' }, { version: '2026.3' });
  expect((await refusalOf(operator.api.packs.propose.mutate(second))).code).toBe('pack_dates_overlap');

  const messages = await server.database.sql`select body::json->>'to' as state from outbox.messages where type = 'pack.state' order by seq`;
  expect(messages.map(({ state }) => state)).toEqual(['active', 'public', 'announced']);

  server.clock.advance(8 * DAY_MS + 1000);
  expect(active()).toBe('2026.2');
  expect(await visitor.api.rules.get.query()).toMatchObject({ version: '2026.2', packHash: made.packHash });
  expect(await visitor.api.rules.changes.query()).toEqual([]);
});

test('at once by a supervisor alone, and only what is stricter', async () => {
  supervisor = await openStaff(server, 'staff-tax');
  const { packHash: base = '' } = (await supervisor.api.packs.list.query()).find(({ state }) => state === 'active') ?? {};
  const given = proposal(
    { 'const.drawnItemsResale': 'false' },
    { baseHash: base, version: '2026.4', mode: 'TIGHTEN', effectiveFrom: inDays(0) },
  );
  const { proposalId } = await supervisor.api.packs.propose.mutate(given);
  await supervisor.api.packs.publish.mutate({ proposalId });
  await approvePack(supervisor, proposalId);
  expect(await supervisor.api.packs.activate.mutate({ proposalId })).toMatchObject({
    state: 'activated',
    approvals: [{ role: 'supervisor' }],
  });
  expect(active()).toBe('2026.4');
});

test('what was proposed cannot be rewritten, and a start knows stored packs by their hash', async () => {
  await expect(
    server.database.sql`update compliance.pack_proposals set reason = 'another reason' where state = 'activated'`,
  ).rejects.toThrow();
  await expect(server.database.sql`delete from compliance.pack_signatures`).rejects.toThrow();
});

test('ninety days before its end a pack warns', async () => {
  server.clock.advance(320 * DAY_MS);
  const again = await openStaff(server, 'staff-tax');
  const found = (await again.api.packs.list.query()).find(({ state }) => state === 'active');
  expect(found).toMatchObject({ isEnding: true });
  expect(found?.daysLeft).toBeLessThanOrEqual(90);
});
