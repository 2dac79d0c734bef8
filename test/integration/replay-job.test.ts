/** Policy replay over what a market really recorded (rulebook 6.8, product V-23): identity to the fen, a signed result, kept for ever. */
import { createServer } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ROLE } from '#ledger/codec/config.ts';
import { certifiedPast } from '#ledger/node/consortium/certified-past.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { fromHex, toBase64, toHex } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { tradeIdOf } from '#ledger/primitives/ids.ts';
import { beijingDate, instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import { PACK_CN_2026_1 as CN } from '#sandbox/packs/cn/pack-2026-1.ts';
import { withConstants } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { bodyHash } from '#sandbox/replay/body.ts';
import { DEFAULT_OPTIONS, type ReplayOptions } from '#sandbox/replay/inputs.ts';
import { readReplayInputs } from '#sandbox/replay/inputs-file.ts';
import { replay } from '#sandbox/replay/replay.ts';
import { confirmByMember } from '#server/compliance/confirm-replays.ts';
import { findReplayInputs } from '#server/compliance/replay-confirmations.repo.ts';
import { replayMessage } from '#server/compliance/replay-message.ts';
import { replayView } from '#server/compliance/replay-views.ts';
import { findReplay, readReplayRows, type StoredReplay } from '#server/compliance/replays.repo.ts';
import { openReplays, type Replays, readInputs } from '#server/compliance/replays.ts';
import { silentLog } from '#server/log.ts';
import { confirmReplay } from '#server/members/confirm-replay.ts';
import { RefusalError } from '#server/refusal.ts';
import { type Kind, openTestMarket, placed, type TestMarket } from '#test/support/market.ts';

let m: TestMarket;
let replays: Replays;
let sword: Kind;
let day = '';
const DAY_MS = 86_400_000;
const dates = () => ({ from: day, to: beijingDate(instant(m.clock.now())) });

async function sell(price: bigint, seller = m.amy): Promise<string> {
  const items = await m.mint(sword, seller, 1);
  const listing = placed(
    await m.place(seller, await m.quote(seller, { intent: 'listing', classId: sword.classId, itemIds: items, priceFen: fen(price) })),
  );
  const targetOrderId = listing.order.orderId;
  const quote = await m.quote(m.bob, { intent: 'take_listing', classId: sword.classId, itemIds: items, targetOrderId });
  return placed(await m.place(m.bob, quote)).trades[0]?.tradeId ?? '';
}

/** A supervisor's member as it would stand beside the market, with the market's own entries for its own. */
function supervisorGround() {
  const { sm2, operator, config } = m.ledger;
  const governance = demonstrationKeys('supervisor');
  const [self] = config.members;
  assert(self !== undefined, 'there is a member');
  const member = { ...self, id: 3, role: ROLE.supervisor, org: 'Supervisor', govPub: governance.publicKey };
  const inForce = { ...config, members: [...config.members, member] };
  const past = () => certifiedPast({ sql: m.sql, base: null, certified: m.ledger.certified });
  return { member, ground: { config: inForce, governance, sm2, operatorKeys: [operator.publicKey], past, keys: async () => [] } };
}

/** Inputs that the operator signs anew, as one that lies would. */
function signedAnew(inputsText: string) {
  const { sm2, operator } = m.ledger;
  const answer = replay(readReplayInputs(inputsText.split('\n')));
  assert(answer.kind === 'replayed', 'the lie computes');
  const { bodyHash } = answer.replay;
  return {
    bodyHash,
    signature: toHex(sm2.sign(operator.privateKey, replayMessage(bodyHash))),
    inputs: gzipSync(inputsText).toString('base64'),
  };
}
const inputsOf = async (replayId: string) =>
  gunzipSync(Buffer.from((await findReplayInputs(m.sql, replayId)) ?? new Uint8Array(0))).toString('utf8');

beforeAll(async () => {
  m = await openTestMarket();
  await m.fund(m.bob, 4_000_000n);
  sword = await m.kind('sword');
  day = beijingDate(instant(m.clock.now()));
  await sell(90_000n);
  await sell(25_000n);
  await sell(40_000n);
  await m.certify();
  m.clock.advance(DAY_MS);
  replays = openReplays({ sql: m.sql, clock: m.clock, random: m.random, ledger: m.ledger, log: silentLog });
});
afterAll(async () => {
  await replays.stop();
  await m.stop();
});

async function finished(draft: RulePack, period = dates(), options: ReplayOptions = DEFAULT_OPTIONS): Promise<StoredReplay> {
  const { replayId } = await replays.request('tester', draft, { ...period, options });
  return vi.waitUntil(async () => {
    const found = await findReplay(m.sql, replayId);
    return found !== null && (found.state === 'done' || found.state === 'refused') ? found : null;
  }, 60_000);
}

test('the recorded market under its own pack gives itself, and stored lines are the recomputed ones', async () => {
  const answer = replay(await readInputs(m.sql, instant(m.clock.now()), CN, { ...dates(), options: DEFAULT_OPTIONS }));
  expect(answer).toMatchObject({ kind: 'replayed', replay: { rows: [], body: { identity: { trades: 3, equal: true } } } });
});

test('a higher day line changes what was assessed; the result is signed by the operator and kept', async () => {
  const done = await finished(withConstants(CN, { vatThresholdDay: '300000' }));
  expect(done).toMatchObject({ state: 'done', done: 1, total: 1, refusal: null });
  expect(done.body).toMatchObject({
    revenue: { vat: { draftFen: '0' } },
    people: { all: { affected: 1, paysLess: 1 } },
    dayLine: { baseline: { taxable: 1, crossings: 1, reassessed: 1 }, draft: { taxable: 0 } },
  });
  expect(bodyHash(done.body ?? {})).toBe(done.bodyHash);
  const { sm2, operator } = m.ledger;
  const isSigned = sm2.verify(operator.publicKey, replayMessage(done.bodyHash ?? ''), fromHex(done.signature ?? '', 64));
  expect(isSigned).toBe(true);
  const rows = await readReplayRows(m.sql, done.replayId);
  expect(rows).toHaveLength(15);
  await expect(m.sql`update compliance.replays set body_hash = null where replay_id = ${done.replayId}`).rejects.toThrow();
  expect((await finished(withConstants(CN, { vatThresholdDay: '300000' }))).bodyHash).toBe(done.bodyHash);
});

test('the year of who sold is read back to twelve months before, and counted in its scope alone', async () => {
  const draft = withConstants(CN, { noRegistrationMaxYear: '100000' });
  expect((await finished(draft)).body).toMatchObject({
    sellerYears: { registration: { baseline: 0, draft: 1, added: 1, removed: 0 }, business: { baseline: 0, draft: 0 } },
  });
  const scope = { gameIds: ['elsewhere'], classIds: null, payerGroups: null };
  expect((await finished(draft, dates(), { ...DEFAULT_OPTIONS, scope, groupBy: ['game'], experiments: 'DROP' })).body).toMatchObject({
    inputs: { options: { scope: { gameIds: ['elsewhere'] }, groupBy: ['game'], experiments: 'DROP' } },
    sellerYears: { registration: { draft: 0 } },
    groups: { game: {} },
  });
});

test('a supervisor’s member runs it again from its inputs, holds them against its own entries and signs; nothing else is signed', async () => {
  const { replayId } = await finished(withConstants(CN, { vatThresholdDay: '300000' }));
  const { member, ground } = supervisorGround();
  const { config: inForce, governance, sm2 } = ground;
  let answered: (body: unknown) => Promise<unknown> = (body) => confirmReplay(ground, body);
  const door = createServer((req, res) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(Buffer.from(chunk));
      res.end(JSON.stringify(await answered(JSON.parse(Buffer.concat(chunks).toString('utf8')))));
    })();
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const address = door.address();
  assert(typeof address === 'object' && address !== null, 'the door listens');
  let endpoint: string | null = `http://127.0.0.1:${address.port}`;
  const ledger = Object.create(m.ledger, { config: { value: inForce } });
  const ask = () => confirmByMember({ sql: m.sql, clock: m.clock, ledger, endpointOf: () => endpoint }, { staffId: 'stf_tax' }, replayId);
  const refusal = (call: Promise<unknown>) =>
    call.then(
      () => 'done',
      (error: unknown) => (error instanceof RefusalError ? [error.code, error.facts] : error),
    );
  const kept = () => m.sql<{ n: number }[]>`select count(*)::int as n from compliance.replay_confirmations`.then(([row]) => row?.n);

  const { bodyHash: hash, signature } = (await findReplay(m.sql, replayId)) ?? {};
  const inputs = toBase64((await findReplayInputs(m.sql, replayId)) ?? new Uint8Array(0));
  const request = { bodyHash: hash ?? '', signature: signature ?? '', inputs };
  const text = gunzipSync(Buffer.from(inputs, 'base64')).toString('utf8');
  const changed = (from: string | RegExp, to: string) => ({ ...request, inputs: gzipSync(text.replace(from, to)).toString('base64') });
  const lines = text.split('\n');
  const without = (kind: string) => lines.filter((line) => !line.startsWith(kind)).join('\n');
  const renamed = text.replaceAll(/trd_[0-9a-f]{4}/g, 'trd_ffff');
  // What is on no ledger is no trade, and whole refunds make it none either.
  const undone = renamed
    .split('\n')
    .filter((line) => line.startsWith('trade '))
    .map((line, index) => {
      const { id, grossFen, paidAt } = JSON.parse(line.slice('trade '.length));
      const refund = {
        amountFen: grossFen,
        at: paidAt + DAY_MS,
        feeReturned: true,
        id: `r${index}`,
        royaltyReturned: true,
        seq: `${index}`,
        tradeId: id,
      };
      return `refund ${JSON.stringify(refund)}`;
    });
  for (const [given, code, facts] of [
    [{}, 'request_malformed', {}],
    [{ ...request, inputs: 'no base64!' }, 'request_malformed', {}],
    [{ ...request, signature: '0'.repeat(128) }, 'replay_unsigned', {}],
    [{ ...request, bodyHash: 'f'.repeat(64) }, 'replay_unsigned', {}],
    [{ ...request, inputs: toBase64(new Uint8Array(9)) }, 'replay_inputs_malformed', {}],
    [changed('daoju.replay-inputs/1', 'daoju.replay-inputs/9'), 'replay_inputs_malformed', {}],
    [changed(/"grossFen":"\d+"/, '"grossFen":"one"'), 'replay_inputs_malformed', {}],
    [changed('\ntrade {', '\ntreat {'), 'replay_inputs_malformed', {}],
    [changed('\ntrade {', '\ntrade {"__proto__":{"x":1},'), 'replay_body_differs', {}],
    [changed('"vatThresholdDay":{', '"vatThresholdDay": {'), null, {}],
    [signedAnew(renamed), 'replay_ledger_differs', { what: 'not_on_ledger' }],
    [signedAnew(`${renamed}\n${undone.join('\n')}`), 'replay_ledger_differs', { what: 'not_on_ledger' }],
    [{ ...request, inputs: gzipSync(without('trade')).toString('base64') }, 'replay_body_differs', {}],
  ] as const) {
    const answer = await confirmReplay(ground, given);
    expect(answer).toMatchObject(code === null ? { kind: 'confirmed' } : { kind: 'rejected', code, facts });
  }
  const notary = { ...ground, config: { ...inForce, members: [...m.ledger.config.members, { ...member, role: ROLE.notary }] } };
  expect(await confirmReplay(notary, request)).toMatchObject({ code: 'not_supervisor' });

  endpoint = null;
  expect(await refusal(ask())).toEqual(['member_silent', {}]);
  endpoint = `http://127.0.0.1:${address.port}`;
  answered = async () => ({ kind: 'confirmed', member: 3, sig: '1'.repeat(128), trades: 3, opened: 3 });
  expect(await refusal(ask())).toEqual(['replay_refused', { code: 'sig_invalid' }]);
  answered = async () => ({ kind: 'rejected', code: 'replay_ledger_differs', facts: { tradeId: 'trd_1', what: 'gross' } });
  expect(await refusal(ask())).toEqual(['replay_ledger_differs', { tradeId: 'trd_1', what: 'gross' }]);
  expect(await kept()).toBe(0);
  answered = (body) => confirmReplay(ground, body);
  const [confirmation] = await ask();
  expect(confirmation).toMatchObject({ member: 3, org: 'Supervisor', publicKey: toHex(governance.publicKey), trades: 3, opened: 0 });
  expect(sm2.verify(governance.publicKey, replayMessage(hash ?? ''), fromHex(confirmation?.signature ?? '', 64))).toBe(true);
  expect(await refusal(ask())).toEqual(['replay_confirmed', {}]);
  const refused = await finished(CN, { from: '2026-12-02', to: '2026-12-01' });
  const other = { sql: m.sql, clock: m.clock, ledger, endpointOf: () => endpoint };
  expect(await refusal(confirmByMember(other, { staffId: 'stf_tax' }, refused.replayId))).toEqual([
    'replay_not_done',
    { state: 'refused' },
  ]);
  expect(await kept()).toBe(1);
  await expect(m.sql`delete from compliance.replay_confirmations`).rejects.toThrow();
  door.close();
});

test('a draft that forbids fixed prices blocks every trade', async () => {
  const matching = { ...CN.trading.matching, FIXED_PRICE: { ...CN.trading.matching.FIXED_PRICE, value: false } };
  const done = await finished({ ...CN, trading: { ...CN.trading, matching } });
  expect(done.body).toMatchObject({ decisions: { blocked: { count: 3, grossFen: '155000' } }, revenue: { total: { draftFen: '0' } } });
});

test('a denied attempt that the draft would let through is counted', async () => {
  const items = await m.mint(sword, m.amy, 1);
  const intent = { intent: 'listing', classId: sword.classId, itemIds: items, priceFen: fen(100_000_001n) } as const;
  const market = m.market;
  const player = await m.amy.player();
  const rest = {
    targetOrderId: null,
    quantity: 1,
    timeInForce: 'gtc',
    payFrom: 'balance',
    replaces: null,
    expression: '',
    smallestFill: 1,
    lifeDays: 30,
  } as const;
  const asked = await market.quote(player, { ...intent, ...rest });
  expect(asked).toMatchObject({ kind: 'rejected', code: 'price_out_of_range' });
  m.clock.advance(DAY_MS);
  const done = await finished(withConstants(CN, { unitPriceMax: '200000000', enhancedLevelAboveDay: '900000000' }));
  expect(done.body).toMatchObject({ decisions: { newlyAllowed: { count: 1, grossFen: '100000001' }, blocked: { count: 0 } } });
});

test.each([
  ['today, which is still open', () => ({ from: day, to: beijingDate(instant(m.clock.now() + DAY_MS)) }), 'replay_period_open'],
  ['dates the wrong way round', () => ({ from: '2026-12-02', to: '2026-12-01' }), 'replay_period_malformed'],
])('%s is refused', async (_what, period, code) => {
  expect((await finished(CN, period())).refusal).toMatchObject({ code });
});

test('a trade that the members refused never came to be: nothing of it is counted, it is told, and a member comes to the same set', async () => {
  m.clock.advance(DAY_MS);
  await m.certify();
  const today = beijingDate(instant(m.clock.now()));
  await sell(90_000n, m.cid);
  await m.certify();
  // Refused when the day is over: without it the day stays under its line, and the first sale untaxed.
  m.clock.advance(startOfBeijingDate(today) + DAY_MS - 1_000 - m.clock.now());
  const undone = await sell(25_000n, m.cid);
  m.judge(({ body: { op } }) => (op.kind === 'trade' && tradeIdOf(op.tradeId) === undone ? 'account_frozen' : null));
  m.clock.advance(2_000);
  await m.certify();
  await m.certify();
  m.judge(() => null);
  expect(await m.sql`select state from market.trades where trade_id = ${undone}`).toMatchObject([{ state: 'reversed' }]);
  m.clock.advance(DAY_MS);
  const period = { from: today, to: beijingDate(instant(m.clock.now() - DAY_MS)) };
  const done = await finished(withConstants(CN, { vatThresholdDay: '300000', noRegistrationMaxYear: '100000' }), period);
  expect(done.body).toMatchObject({
    inputs: { facts: { refunds: 0 } },
    identity: { trades: 1 },
    // One trade and nothing of it taxed as VAT on either side; 115,000 would have been over both lines.
    revenue: { vat: { baselineFen: '0', draftFen: '0' } },
    dayLine: { baseline: { taxable: 0, crossings: 0 } },
    sellerYears: { registration: { draft: 0 } },
    undone: { trades: 1, zh: expect.stringContaining('1 笔'), en: expect.stringMatching(/^1 trade was refused by the members/) },
  });
  const text = await inputsOf(done.replayId);
  const { ground } = supervisorGround();
  expect(await confirmReplay(ground, signedAnew(text))).toMatchObject({ kind: 'confirmed', trades: 1 });
  // Named as a trade, or a certified one named as undone: neither is the set that the member has.
  const [kept] = await m.sql<{ trade_id: string }[]>`
    select trade_id from market.trades where seller = ${m.cid.acct} and trade_id <> ${undone}`;
  const lie = text.replace(`"id":"${undone}"`, `"id":"${kept?.trade_id}"`);
  expect(await confirmReplay(ground, signedAnew(lie))).toMatchObject({
    code: 'replay_ledger_differs',
    facts: { tradeId: kept?.trade_id, what: 'undone_on_ledger' },
  });
  const view = replayView(done, true, { names: new Map(), sentenceOf: String }, []);
  expect(view.result?.undone).toMatchObject({ trades: 1, words: { en: expect.stringContaining('1 trade') } });
  const elsewhere = { gameIds: ['elsewhere'], classIds: null, payerGroups: null };
  expect((await finished(CN, period, { ...DEFAULT_OPTIONS, scope: elsewhere })).body).not.toHaveProperty('undone');
});

test('a trade whose decision is missing cannot be replayed', async () => {
  await m.sql`alter table compliance.decisions disable trigger decisions_append_only`;
  await m.sql`delete from compliance.decisions where acct = ${m.bob.acct}`;
  const done = await finished(CN);
  expect(done).toMatchObject({ state: 'refused', refusal: { code: 'replay_attempts_missing' } });
});
