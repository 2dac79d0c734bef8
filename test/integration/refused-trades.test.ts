/** `ledger.md` 6.1, *Refused Trades*: what becomes of the books when the members refuse a settled trade, code by code. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeTxEnv } from '#ledger/codec/tx.ts';
import { decodeKeyGrant } from '#ledger/crypto/envelope-codec.ts';
import { certifiedPast } from '#ledger/node/consortium/certified-past.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { readEnvelopes } from '#ledger/node/store/envelopes.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { type ItemId, parseTradeId, tradeIdOf } from '#ledger/primitives/ids.ts';
import { beijingDate, instant } from '#ledger/primitives/instant.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import { type Period, parsePeriod } from '#sandbox/reports/period.ts';
import { reverseAssessment } from '#server/exchange/reverse-assessment.repo.ts';
import { sumLines } from '#server/market/tax-statement.repo.ts';
import { memberChecks } from '#server/members/checks/member-checks.ts';
import { assertInvariants, openTestMarket, placed, type TestMarket } from '#test/support/market.ts';

let m: TestMarket;
let kinds = 0;
beforeAll(async () => {
  m = await openTestMarket();
  await m.fund(m.bob, 900_000n);
});
afterAll(() => m.stop());

async function buy(seller = m.amy, priceFen = 10_000n): Promise<string> {
  const kind = await m.kind(`harp-${kinds++}`);
  const itemIds = await m.mint(kind, seller, 1);
  const quote = await m.quote(seller, { intent: 'listing', classId: kind.classId, itemIds, priceFen: fen(priceFen) });
  const { order } = placed(await m.place(seller, quote));
  const taking = await m.quote(m.bob, { intent: 'take_listing', classId: kind.classId, itemIds, targetOrderId: order.orderId });
  return placed(await m.place(m.bob, taking)).trades[0]?.tradeId ?? '';
}
/** The members refuse this trade with these codes, one per proposal, and take it after that. */
function refuse(tradeId: string, codes: readonly LedgerCode[]): void {
  const left = [...codes];
  m.judge(({ body: { op } }) => (op.kind === 'trade' && tradeIdOf(op.tradeId) === tradeId ? (left.shift() ?? null) : null));
}
async function tradeOf(tradeId: string) {
  const [row] = await m.sql<{ state: string; reason: string | null; tx_id: Uint8Array }[]>`
    select state, reason, tx_id from market.trades where trade_id = ${tradeId}`;
  assert(row !== undefined, 'the trade is there');
  return { state: row.state, reason: row.reason, txId: toHex(new Uint8Array(row.tx_id)) };
}
const retriesOf = async (tradeId: string) =>
  (await m.sql`select code, remedy from market.trade_retries where trade_id = ${tradeId} order by attempt`).map((row) => ({ ...row }));
const balances = () => m.sql`select account_id, balance_fen from journal.accounts where balance_fen <> 0 order by account_id`;
const entries = async (tradeId: string) =>
  (await m.sql`select kind from journal.entries where trade_id = ${tradeId}`).map((row) => row.kind);
async function follow(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await m.certify();
}

test.each(['behind', 'time_range', 'envelope_missing', 'slot_taken'] as const)(
  '%s: the round failed, not the trade; the same LedgerTx is proposed again and nothing else changes',
  async (code) => {
    const tradeId = await buy();
    const [before, money] = [await tradeOf(tradeId), await balances()];
    refuse(tradeId, [code, code]);
    await follow(4);
    expect(await tradeOf(tradeId)).toEqual({ ...before, state: 'protected' });
    expect(await balances()).toEqual(money);
    expect(await retriesOf(tradeId)).toEqual([1, 2].map(() => ({ code, remedy: 'proposed_again' })));
    await assertInvariants(m);
  },
);

test.each(['key_epoch_stale', 'sig_invalid', 'signer_extra', 'role_missing'] as const)(
  '%s at the operator: signed again under the same txId, nothing else changes',
  async (code) => {
    const tradeId = await buy();
    const before = await tradeOf(tradeId);
    refuse(tradeId, [code]);
    await follow(3);
    expect(await tradeOf(tradeId)).toEqual({ ...before, state: 'protected' });
    expect(await retriesOf(tradeId)).toEqual([{ code, remedy: 'signed_again' }]);
    expect(await entries(tradeId)).toEqual(['trade']);
    await assertInvariants(m);
  },
);

test.each([
  'window_invalid',
  'too_early',
  'expired',
  'pack_inactive',
  'envelope_open',
  'commitment_mismatch',
  'assessment_mismatch',
] as const)('%s: once, a new LedgerTx with the same trade id stands in its place', async (code) => {
  const tradeId = await buy();
  const [before, money] = [await tradeOf(tradeId), await balances()];
  refuse(tradeId, [code]);
  await follow(3);
  const after = await tradeOf(tradeId);
  expect(after.state).toBe('protected');
  expect(after.txId).not.toBe(before.txId);
  expect(await balances()).toEqual(money);
  expect(await retriesOf(tradeId)).toEqual([{ code, remedy: 'replaced' }]);
  // The receipt proves what the page shows: fields and commitment belong together.
  const status = await m.ledger.status(new Uint8Array(Buffer.from(after.txId, 'hex')));
  const entry = await m.ledger.entry(status?.index ?? 0n);
  assert(entry?.entry.env.body.op.kind === 'trade', 'a trade stands at its index');
  expect(tradeIdOf(entry.entry.env.body.op.tradeId)).toBe(tradeId);
  expect(await m.ledger.envelopes.read(entry.entry.env.body.op.env)).not.toBeNull();
  await assertInvariants(m);
});

test('a refusal that lasts past the LedgerTx itself is mended within both orders, and not after them', async () => {
  const tradeId = await buy();
  m.judge(() => null);
  m.clock.advance(13 * 3_600_000);
  await follow(3);
  expect(await tradeOf(tradeId)).toMatchObject({ state: 'protected', reason: null });
  expect(await retriesOf(tradeId)).toEqual([{ code: 'expired', remedy: 'replaced' }]);
  const other = await buy();
  m.clock.advance(25 * 3_600_000);
  await follow(3);
  expect(await tradeOf(other)).toMatchObject({ state: 'reversed', reason: 'expired' });
  expect(await retriesOf(other)).toEqual([]);
  await assertInvariants(m);
});

test.each([
  ['a second refusal after another LedgerTx', ['expired', 'expired']],
  ['a second refusal after another signature', ['sig_invalid', 'sig_invalid']],
  ['first one remedy, then the other', ['assessment_mismatch', 'key_unknown']],
] as const)('%s reverses the whole settlement', async (_, codes) => {
  const money = await balances();
  const tradeId = await buy();
  refuse(tradeId, codes);
  await follow(4);
  expect(await tradeOf(tradeId)).toMatchObject({ state: 'reversed', reason: codes[1] });
  expect(await balances()).toEqual(money);
  expect(await entries(tradeId)).toEqual(['trade', 'reversal']);
  await assertInvariants(m);
});

test.each(['item_frozen', 'class_terms_breach', 'order_closed', 'cap_exceeded', 'account_frozen'] as const)(
  '%s reverses the whole settlement at once: a settled trade does not wait',
  async (code) => {
    const money = await balances();
    const tradeId = await buy();
    refuse(tradeId, [code]);
    await follow(2);
    expect(await tradeOf(tradeId)).toMatchObject({ state: 'reversed', reason: code });
    expect(await balances()).toEqual(money);
    expect(await retriesOf(tradeId)).toEqual([]);
    await assertInvariants(m);
  },
);

/** A supervisor's own checks of what waits for its block, over what this chain has certified. */
function openSupervisor() {
  const { demo } = m.ledger;
  assert(demo !== null, 'a demonstration chain');
  const { encPrivateKey } = demonstrationKeys('supervisor');
  const prepare = memberChecks({ documents: { get: async () => null }, media: null, encryptionKey: encPrivateKey });
  return async (): Promise<void> => {
    const rows = await m.sql<{ env: Uint8Array }[]>`select env from ledger.ledger_txs where status = 'sequenced' order by seq`;
    const { certified } = m.ledger;
    const entries = rows.map(({ env }, pos) => ({
      ...{ height: certified.height + 1n, pos, effects: [] },
      env: decodeTxEnv(new Uint8Array(env)),
    }));
    const named = entries.flatMap(({ env: { body } }) => (body.op.kind === 'trade' ? [body.op.env] : []));
    const { sealedPart } = await prepare({
      block: { header: { ...certified.header, sealedAt: BigInt(m.clock.now()) }, entries },
      envelopes: await readEnvelopes(m.sql, named),
      grants: (await m.ledger.envelopes.grantsOf(demo.supervisor.acct)).map(({ grant }) => decodeKeyGrant(grant)),
      state: certified.state,
      past: certifiedPast({ sql: m.sql, base: null, certified }),
    });
    const verdicts = new Map(
      entries.map((entry) => {
        const txId = txIdOf(entry.env.body);
        return [toHex(txId), sealedPart?.({ pos: entry.pos, txId, entry }) ?? null];
      }),
    );
    m.judge(({ body }) => verdicts.get(toHex(txIdOf(body))) ?? null);
  };
}
const taxOf = async (tradeId: string) =>
  (await m.sql`select version, is_taxable from compliance.assessments where trade_id = ${tradeId} order by version`).map((row) => ({
    ...row,
  }));

test("a supervisor adds up a seller's day itself: CN-DAY-01 is certified, and a market that forgets the first sale is refused the second", async () => {
  const supervise = openSupervisor();
  const sell = async (priceFen: bigint) => {
    const tradeId = await buy(m.cid, priceFen);
    await supervise();
    await m.certify();
    return tradeId;
  };
  const first = await sell(90_000n);
  const second = await sell(25_000n);
  expect([await tradeOf(first), await tradeOf(second)]).toMatchObject([{ state: 'protected' }, { state: 'protected' }]);
  expect(await taxOf(first)).toEqual([
    { version: 1, is_taxable: false },
    { version: 2, is_taxable: true },
  ]);
  // A third crosses nothing; reversed on its day it counts no more, and what comes after is as it should be.
  m.clock.advance(24 * 3_600_000);
  const honest = await sell(90_000n);
  await m.sql`update compliance.windows set gross_fen = 0 where acct = ${m.cid.acct} and day = ${beijingDate(m.clock.now())}`;
  const money = await balances();
  const hidden = await sell(25_000n);
  expect(await taxOf(hidden)).toEqual([{ version: 1, is_taxable: false }]);
  expect(await retriesOf(hidden)).toEqual([{ code: 'assessment_mismatch', remedy: 'replaced' }]);
  await supervise();
  await m.certify();
  await m.certify();
  expect(await tradeOf(hidden)).toMatchObject({ state: 'reversed', reason: 'assessment_mismatch' });
  expect(await tradeOf(honest)).toMatchObject({ state: 'protected' });
  expect(await balances()).toEqual(money);
  await m.sql`update compliance.windows set gross_fen = 90000 where acct = ${m.cid.acct} and day = ${beijingDate(m.clock.now())}`;
  m.judge(() => null);
  await assertInvariants(m);
});

test('a supervisor looks up what the seller had paid: a cost that the chain proves is certified, one that is changed or hidden is refused', async () => {
  const supervise = openSupervisor();
  const kind = await m.kind('harp-resold');
  const sell = async (seller: TestMarket['amy'], buyer: TestMarket['amy'], itemId: ItemId, priceFen: bigint) => {
    const quote = await m.quote(seller, { intent: 'listing', classId: kind.classId, itemIds: [itemId], priceFen: fen(priceFen) });
    const { order } = placed(await m.place(seller, quote));
    const taking = await m.quote(buyer, { intent: 'take_listing', classId: kind.classId, itemIds: [itemId], targetOrderId: order.orderId });
    const tradeId = placed(await m.place(buyer, taking)).trades[0]?.tradeId ?? '';
    await supervise();
    await m.certify();
    return tradeId;
  };
  await m.fund(m.cid, 200_000n);
  const items = await m.mint(kind, m.amy, 3);
  for (const itemId of items) expect(await tradeOf(await sell(m.amy, m.bob, itemId, 30_000n))).toMatchObject({ state: 'protected' });
  m.clock.advance(8 * 86_400_000);
  const [honest, dearer, hidden] = items;
  assert(honest !== undefined && dearer !== undefined && hidden !== undefined, 'three items');
  const sound = await sell(m.bob, m.cid, honest, 40_000n);
  expect(await tradeOf(sound)).toMatchObject({ state: 'protected' });
  const [row] = await m.sql`select input->'basis'->>'costFen' as cost from compliance.assessments where trade_id = ${sound}`;
  expect(row).toEqual({ cost: '30000' });
  const money = await balances();
  for (const [itemId, lie] of [
    [dearer, { cost_fen: '39000', source: 'bought_here' }],
    [hidden, { cost_fen: null, source: 'none' }],
  ] as const) {
    await m.sql`update custody.lots set ${m.sql(lie)} where item_id = ${itemId} and acct = ${m.bob.acct}`;
    const tradeId = await sell(m.bob, m.cid, itemId, 40_000n);
    expect(await retriesOf(tradeId)).toEqual([{ code: 'assessment_mismatch', remedy: 'replaced' }]);
    await supervise();
    await m.certify();
    await m.certify();
    expect(await tradeOf(tradeId)).toMatchObject({ state: 'reversed', reason: 'assessment_mismatch' });
  }
  expect(await balances()).toEqual(money);
  m.judge(() => null);
  await assertInvariants(m);
});

test('a refusal told a day later takes the day below its line: what was taken back in between stays taken back, to the fen (CN-ALG-04)', async () => {
  m.clock.advance(24 * 3_600_000);
  await m.fund(m.bob, 200_000n);
  const own: Period = { ...parsePeriod('2026'), fromDate: '2020-01-01', beforeDate: '2100-01-01', from: instant(0), before: instant(4e12) };
  const taxes = async () => {
    const sums = Map.groupBy(await sumLines(m.sql, m.cid.acct, own), ({ id }) => id);
    return (id: string) => (sums.get(id) ?? []).reduce((sum, line) => sum + BigInt(line.fen), 0n);
  };
  const before = await taxes();
  const [kept, taken] = [await buy(m.cid, 40_000n), await buy(m.cid, 50_000n)];
  await m.certify();
  const late = await buy(m.cid, 25_000n);
  expect([await taxOf(kept), await taxOf(taken)]).toEqual(
    Array(2).fill([false, true].map((is_taxable, i) => ({ version: i + 1, is_taxable }))),
  );
  m.judge(() => null);
  m.clock.advance(25 * 3_600_000);
  const [row] = await m.sql<{ settled_at: Date }[]>`select settled_at from market.trades where trade_id = ${taken}`;
  const trade = { tradeId: parseTradeId(taken), seller: m.cid.acct, buyer: m.bob.acct, grossFen: 50_000n, refusedCode: null };
  const settledAt = instant(row?.settled_at.getTime() ?? 0);
  await m.sql.begin((tx) => reverseAssessment(tx, { ...trade, settledAt }, m.clock.now()));
  await follow(3);
  expect(await tradeOf(late)).toMatchObject({ state: 'reversed', reason: 'expired' });
  // The day is exempt now, and the sale that stands is assessed again; the one that was taken back keeps its flag and is not.
  expect((await taxOf(kept)).map((version) => version.is_taxable)).toEqual([false, true, false]);
  expect((await taxOf(taken)).map((version) => version.is_taxable)).toEqual([false, true, true]);
  const after = await taxes();
  const [stands] = await m.sql<{ lines: { id: string; amountFen: string }[] }[]>`
    select lines from compliance.assessments where trade_id = ${kept} order by version desc limit 1`;
  for (const { id, amountFen } of stands?.lines ?? []) expect([id, after(id) - before(id)]).toEqual([id, BigInt(amountFen)]);
  await assertInvariants(m);
});

test('a market that stops between refusal and remedy goes on with it', async () => {
  const tradeId = await buy();
  refuse(tradeId, ['commitment_mismatch']);
  m.clock.advance(300);
  await m.ledger.sealNow();
  await m.reopen();
  await follow(2);
  expect(await tradeOf(tradeId)).toMatchObject({ state: 'protected' });
  expect(await retriesOf(tradeId)).toMatchObject([{ remedy: 'replaced' }]);
  await assertInvariants(m);
});

test('states that differ stop everything until an audit', async () => {
  const tradeId = await buy();
  refuse(tradeId, ['root_mismatch']);
  const money = await balances();
  await expect(follow(2)).rejects.toThrow('halted');
  expect(m.ledger.health().halted).toContain('root_mismatch');
  expect(await tradeOf(tradeId)).toMatchObject({ state: 'settled' });
  expect(await balances()).toEqual(money);
  await expect(buy()).rejects.toThrow('halted');
});
