import type { TransactionSql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Op } from '#ledger/codec/op-types.ts';
import { commitmentOf, openPart } from '#ledger/crypto/envelope.ts';
import { AUDIENCE, decodeEnvelope, decodeKeyGrant } from '#ledger/crypto/envelope-codec.ts';
import { openGrant } from '#ledger/crypto/key-grant.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { accountIdBytes, type ItemId, parseReferenceId } from '#ledger/primitives/ids.ts';
import { signTx } from '#ledger/tx/sign.ts';
import { reconcile } from '#server/journal/reconcile.ts';
import { assertInvariants, codeOf, type Kind, openTestMarket, placed, type TestMarket, type Trader } from '#test/support/market.ts';

let m: TestMarket;
beforeAll(async () => {
  m = await openTestMarket();
  await m.fund(m.bob, 5_000_000n);
  await m.fund(m.cid, 5_000_000n);
});
afterAll(() => m.stop());

const list = async (who: Trader, kind: Kind, itemIds: readonly ItemId[], price: bigint) =>
  placed(await m.place(who, await m.quote(who, { intent: 'listing', classId: kind.classId, itemIds, priceFen: fen(price) })));
const take = async (
  who: Trader,
  kind: Kind,
  itemIds: readonly ItemId[],
  targetOrderId: Awaited<ReturnType<typeof list>>['order']['orderId'],
) => placed(await m.place(who, await m.quote(who, { intent: 'take_listing', classId: kind.classId, itemIds, targetOrderId })));
const serve = async (
  who: Trader,
  kind: Kind,
  itemIds: readonly ItemId[],
  targetOrderId: Awaited<ReturnType<typeof list>>['order']['orderId'],
) => placed(await m.place(who, await m.quote(who, { intent: 'serve_buy_order', classId: kind.classId, itemIds, targetOrderId })));
const tradeRow = async (tradeId: string | undefined) => {
  const [row] = await m.sql`select * from market.trades where trade_id = ${tradeId ?? ''}`;
  return row ?? {};
};
const statesOf = async (tradeId: string | undefined) =>
  (await m.sql<{ state: string }[]>`select state from market.trade_states where trade_id = ${tradeId ?? ''} order by step`).map(
    (row) => row.state,
  );
const assessmentsOf = async (tradeId: string | undefined) =>
  m.sql`select version, is_taxable, total_fen, cause from compliance.assessments where trade_id = ${tradeId ?? ''} order by version`;

test('a listing is bought at once, certified, protected and paid out when the window is over', async () => {
  const sword = await m.kind('sword');
  const items = await m.mint(sword, m.amy, 1);
  const listing = await list(m.amy, sword, items, 500_000n);
  const bought = await take(m.bob, sword, items, listing.order.orderId);
  expect(bought).toMatchObject({
    replayed: false,
    order: { state: 'filled' },
    trades: [{ state: 'settled', priceFen: '500000', quantity: 1 }],
  });
  const [trade] = bought.trades;
  await assertInvariants(m);
  // CN-P2P-05: fee 250.00, royalty 100.00, the seller receives 4,650.00.
  expect(await tradeRow(trade?.tradeId)).toMatchObject({ fee_fen: '25000', royalty_fen: '10000', net_fen: '465000', state: 'settled' });
  await m.certify();
  const status = await m.ledger.status(new Uint8Array((await tradeRow(trade?.tradeId)).tx_id));
  expect(status).toMatchObject({ status: 'certified', signers: [expect.any(String)] });
  const entry = await m.ledger.entry(status?.index ?? 0n);
  const op = entry?.entry.env.body.op;
  // What the ledger only commits to is sealed for supervisors and both parties, and kept.
  const sealed = op?.kind === 'trade' ? await m.ledger.envelopes.read(op.env) : null;
  expect(sealed === null ? [] : decodeEnvelope(sealed).parts.map((part) => part.audience)).toEqual(expect.arrayContaining([1, 2]));
  // The published demonstration key of the supervisor opens the price and both terms, and they are what the Trade commits to.
  const { demo } = m.ledger;
  assert(op?.kind === 'trade' && sealed !== null && demo !== null, 'a sealed trade on a demonstration chain');
  const keys = (await m.ledger.envelopes.grantsOf(demo.supervisor.acct)).flatMap(({ grant: bytes }) => {
    const grant = decodeKeyGrant(bytes);
    const key = openGrant(demonstrationKeys('supervisor').encPrivateKey, grant);
    return key === null ? [] : [{ kid: grant.kid, key }];
  });
  const parts = keys.map((key) => openPart(decodeEnvelope(sealed), AUDIENCE.supervisors, key));
  const roots = parts.flatMap((part) => (part.kind === 'opened' ? part.disclosures.map((each) => toHex(commitmentOf(each))) : []));
  expect(roots).toEqual([op.pay, op.sell.order.terms, op.buy.order.terms].map(toHex));
  m.clock.advance(167 * 3_600_000);
  await m.certify();
  expect(await tradeRow(trade?.tradeId)).toMatchObject({ state: 'protected' });
  m.clock.advance(2 * 3_600_000);
  await m.certify();
  expect(await statesOf(trade?.tradeId)).toEqual(['reserved', 'settled', 'certified', 'protected', 'paid_out']);
  const [balance] = await m.sql`select balance_fen from journal.accounts where account_id = ${`available:${m.amy.acct}`}`;
  expect(balance).toEqual({ balance_fen: '465000' });
  await assertInvariants(m);
});

test('a buy order is served in parts from money that was held from the start', async () => {
  const shield = await m.kind('shield');
  const items = await m.mint(shield, m.amy, 3);
  const wanted = placed(
    await m.place(m.bob, await m.quote(m.bob, { intent: 'buy_order', classId: shield.classId, priceFen: fen(1_000n), quantity: 3 })),
  );
  expect(wanted.order).toMatchObject({ state: 'new', heldFen: '3000' });
  const first = await serve(m.amy, shield, items.slice(0, 1), wanted.order.orderId);
  expect(first.trades).toMatchObject([{ state: 'settled', quantity: 1 }]);
  expect(await m.sql`select state, filled from market.orders where order_id = ${wanted.order.orderId}`).toEqual([
    { state: 'partially_filled', filled: 1 },
  ]);
  await serve(m.amy, shield, items.slice(1), wanted.order.orderId);
  expect(await m.sql`select state, filled from market.orders where order_id = ${wanted.order.orderId}`).toEqual([
    { state: 'filled', filled: 3 },
  ]);
  await assertInvariants(m);
});

test('the sale that passes the day line is taxed and the earlier one is assessed again', async () => {
  await m.certify();
  m.clock.set('2026-12-20T02:00:00.000Z');
  await m.certify();
  const axe = await m.kind('axe');
  const items = await m.mint(axe, m.cid, 2);
  const buyOrder = async (price: bigint) =>
    placed(await m.place(m.bob, await m.quote(m.bob, { intent: 'buy_order', classId: axe.classId, priceFen: fen(price) })));
  const [small, large] = [await buyOrder(60_000n), await buyOrder(70_000n)];
  const before = await serve(m.cid, axe, items.slice(0, 1), small.order.orderId);
  const quote = await m.quote(m.cid, {
    intent: 'serve_buy_order',
    classId: axe.classId,
    itemIds: items.slice(1),
    targetOrderId: large.order.orderId,
  });
  expect(quote.document.dayLine).toMatchObject({ reaches: true, reassessedTradeIds: [before.trades[0]?.tradeId] });
  const after = placed(await m.place(m.cid, quote));
  expect(await assessmentsOf(before.trades[0]?.tradeId)).toMatchObject([
    { version: 1, is_taxable: false, cause: 'settled' },
    { version: 2, is_taxable: true, cause: 'day_line' },
  ]);
  expect(await assessmentsOf(after.trades[0]?.tradeId)).toMatchObject([{ version: 1, is_taxable: true }]);
  expect(await m.sql`select by_trade_id, reassessed, gross_fen from compliance.crossings where acct = ${m.cid.acct}`).toEqual([
    { by_trade_id: after.trades[0]?.tradeId, reassessed: [before.trades[0]?.tradeId], gross_fen: '130000' },
  ]);
  const told = await m.sql<{ type: string; seq: string; body: string }[]>`
    select type, seq, body from outbox.messages where room = 'sup:tax' order by seq desc limit 4`;
  expect(
    told
      .slice(0, 3)
      .map((row) => row.type)
      .sort(),
  ).toEqual(['tax.day.threshold.crossed', 'tax.trade.assessed', 'tax.trade.corrected']);
  // The correction refers to the message of the earlier sale (V-04).
  const correction = told.find((row) => row.type === 'tax.trade.corrected');
  const corrected = told.at(3);
  expect(JSON.parse(corrected?.body ?? '{}')).toMatchObject({ tradeId: before.trades[0]?.tradeId });
  expect(JSON.parse(correction?.body ?? '{}')).toMatchObject({ tradeId: before.trades[0]?.tradeId, refSeq: Number(corrected?.seq) });
  await assertInvariants(m);
});

test('an item that had no publicity waits for it, money and item held, and settles when it is over', async () => {
  const crown = await m.kind('crown', { publicityHours: 24 });
  const items = await m.mint(crown, m.amy, 2);
  const wanted = placed(
    await m.place(m.bob, await m.quote(m.bob, { intent: 'buy_order', classId: crown.classId, priceFen: fen(1_000n), quantity: 1 })),
  );
  const served = await serve(m.amy, crown, items.slice(0, 1), wanted.order.orderId);
  expect(served.trades).toMatchObject([{ state: 'publicity' }]);
  await assertInvariants(m);
  m.clock.advance(23 * 3_600_000);
  await m.certify();
  expect(await tradeRow(served.trades[0]?.tradeId)).toMatchObject({ state: 'publicity' });
  m.clock.advance(2 * 3_600_000);
  await m.certify();
  await m.certify();
  expect(await statesOf(served.trades[0]?.tradeId)).toEqual(['reserved', 'publicity', 'settled', 'certified', 'protected']);
  await assertInvariants(m);
  // A listing runs through its publicity first and is then bought without another.
  const listing = await list(m.amy, crown, items.slice(1), 1_000n);
  await expect(take(m.bob, crown, items.slice(1), listing.order.orderId)).rejects.toThrow('listing_in_publicity');
  m.clock.advance(25 * 3_600_000);
  const bought = await take(m.bob, crown, items.slice(1), listing.order.orderId);
  expect(bought.trades).toMatchObject([{ state: 'settled' }]);
  await assertInvariants(m);
});

test('a trade that waits for publicity fails when its item is gone, and the money is free again', async () => {
  const ring = await m.kind('ring', { publicityHours: 24 });
  const items = await m.mint(ring, m.amy, 1);
  const wanted = placed(await m.place(m.bob, await m.quote(m.bob, { intent: 'buy_order', classId: ring.classId, priceFen: fen(1_000n) })));
  const served = await serve(m.amy, ring, items, wanted.order.orderId);
  const [row] = await m.sql<{ ledger_serial: string }[]>`select ledger_serial from custody.items where item_id = ${items[0] ?? ''}`;
  await m.freeze(BigInt(row?.ledger_serial ?? 0));
  m.clock.advance(25 * 3_600_000);
  await m.certify();
  expect(await tradeRow(served.trades[0]?.tradeId)).toMatchObject({ state: 'failed', reason: 'item_frozen', tx_id: null });
  expect(await m.sql`select state, left_fen from journal.holds where order_id = ${wanted.order.orderId}`).toEqual([
    { state: 'spent', left_fen: '0' },
  ]);
});

test('members that refuse a settled trade undo all of it', async () => {
  const bow = await m.kind('bow');
  const items = await m.mint(bow, m.amy, 1);
  const listing = await list(m.amy, bow, items, 200_000n);
  const before = await m.sql`select account_id, balance_fen from journal.accounts order by account_id`;
  const bought = await take(m.bob, bow, items, listing.order.orderId);
  // The LedgerTx and the buyer's order run out before anybody seals it: nothing can stand in its place.
  m.clock.advance(25 * 3_600_000);
  await m.certify();
  expect(await tradeRow(bought.trades[0]?.tradeId)).toMatchObject({ state: 'reversed', reason: 'expired' });
  expect(await m.sql`select account_id, balance_fen from journal.accounts order by account_id`).toEqual(before);
  expect(await m.sql`select owner from custody.items where item_id = ${items[0] ?? ''}`).toEqual([{ owner: m.amy.acct }]);
  expect((await assessmentsOf(bought.trades[0]?.tradeId)).at(-1)).toMatchObject({ cause: 'reversed', total_fen: '0' });
  await assertInvariants(m);
});

test('what the ledger does not take is refused alone: nothing of it is left, and the rest of its group stands', async () => {
  const lance = await m.kind('lance');
  const items = await m.mint(lance, m.amy, 2);
  const [first = [], second = []] = items.map((itemId) => [itemId]);
  const wish = { intent: 'listing', classId: lance.classId, priceFen: fen(30_000n) } as const;
  const old = placed(await m.place(m.amy, await m.quote(m.amy, { ...wish, itemIds: first, lifeDays: 1 })));
  await m.certify();
  // Half a minute of the listing is left: the market still shows it, the ledger asks for a whole one of whatever it sequences.
  m.clock.advance(24 * 3_600_000 - 30_000);
  const fresh = await list(m.amy, lance, second, 30_000n);
  const before = await m.sql`select balance_fen from journal.accounts where account_id = ${`available:${m.bob.acct}`}`;
  const takeOf = (itemIds: readonly ItemId[], { order }: typeof old) =>
    m.quote(m.bob, { intent: 'take_listing', classId: lance.classId, itemIds, targetOrderId: order.orderId });
  const quotes = [await takeOf(second, fresh), await takeOf(first, old)];
  const { groups } = m.market.statistics();
  const answers = await m.market.placeMany(
    await m.bob.player(),
    quotes.map((quote) => m.input(m.bob, quote)),
  );
  expect(m.market.statistics().groups).toBe(groups + 1);
  expect(answers.map(codeOf)).toEqual(['placed', 'order_expired']);
  expect(await m.sql`select intent, state from market.orders where class_id = ${lance.classId} order by seq`).toEqual([
    { intent: 'listing', state: 'new' },
    { intent: 'listing', state: 'filled' },
    { intent: 'take_listing', state: 'filled' },
  ]);
  expect(await m.sql`select state from custody.item_holds where item_id = any(${[...items]}) order by state`).toEqual([
    { state: 'active' },
    { state: 'spent' },
  ]);
  const [after] = await m.sql`select balance_fen from journal.accounts where account_id = ${`available:${m.bob.acct}`}`;
  expect(BigInt(before[0]?.balance_fen) - BigInt(after?.balance_fen)).toBe(30_000n);
  const outcomes =
    await m.sql`select outcome from compliance.decisions where class_id = ${lance.classId} and intent = 'take_listing' order by outcome`;
  expect(outcomes.map((row) => row.outcome)).toEqual(['order_expired', 'placed']);
  await assertInvariants(m);
});

test('the same reference answers the same for ever, another body is a conflict', async () => {
  const helm = await m.kind('helm');
  const items = await m.mint(helm, m.amy, 1);
  const quote = await m.quote(m.amy, { intent: 'listing', classId: helm.classId, itemIds: items, priceFen: fen(700n) });
  const input = m.input(m.amy, quote, 'once');
  const player = await m.amy.player();
  const [first, twin] = await Promise.all([m.market.place(player, input), m.market.place(player, input)]);
  m.clock.advance(3_600_000);
  const later = await m.market.place(player, input);
  expect([first, twin, later].map((answer) => [answer.kind, answer.replayed])).toEqual([
    ['placed', false],
    ['placed', true],
    ['placed', true],
  ]);
  expect({ ...later, replayed: false }).toEqual(first);
  const other = m.input(m.amy, await m.quote(m.amy, { intent: 'buy_order', classId: helm.classId, priceFen: fen(1n) }), 'once');
  expect(codeOf(await m.market.place(player, other))).toBe('reference_conflict');
  await assertInvariants(m);
});

test('a sale at once whose taxes have changed since the quote is refused with a fresh one', async () => {
  await m.certify();
  m.clock.set('2027-01-20T02:00:00.000Z');
  await m.certify();
  const lute = await m.kind('lute');
  const items = await m.mint(lute, m.cid, 2);
  const wanted = placed(
    await m.place(m.bob, await m.quote(m.bob, { intent: 'buy_order', classId: lute.classId, priceFen: fen(60_000n), quantity: 2 })),
  );
  const request = { intent: 'serve_buy_order', classId: lute.classId, targetOrderId: wanted.order.orderId } as const;
  const stale = await m.quote(m.cid, { ...request, itemIds: items.slice(0, 1) });
  await serve(m.cid, lute, items.slice(1), wanted.order.orderId);
  const answer = await m.place(m.cid, stale);
  expect(answer).toMatchObject({ kind: 'rejected', code: 'quote_changed' });
  const fresh = answer.kind === 'rejected' ? answer.freshQuote : null;
  expect(BigInt(fresh?.document.estimatedTaxFen ?? '0')).toBeGreaterThan(BigInt(stale.document.estimatedTaxFen));
  if (fresh !== null) placed(await m.place(m.cid, fresh));
  await assertInvariants(m);
});

/** What an account signs by itself and sends to the ledger, past the market. */
function keyOf(who: Trader) {
  const account = m.ledger.pending.accountById(accountIdBytes(who.acct));
  const policy = account === null ? null : m.ledger.pending.policyByHash(account.policy);
  assert(account !== null && policy !== null, 'a trader has an account');
  const keyIdx = policy.keys.findIndex((key) => key.use === 1);
  return { policy, key: { acct: accountIdBytes(who.acct), keyIdx, keyEpoch: account.keyEpoch, privateKey: who.privateKey } };
}
const signedBy = (who: Trader, op: Op) => signTx(m.ledger.sm2, keyOf(who).key, [bodyOf(op)]);
const bodyOf = (op: Op) => {
  const now = BigInt(m.clock.now());
  return { chain: m.ledger.chain, salt: m.random.bytes(16), notBefore: now - 1000n, notAfter: now + 3_600_000n, op };
};
const orderRow = async (orderId: string) => {
  const [row] = await m.sql`select state, reason, (select count(*)::int from custody.item_holds h
    where h.order_id = o.order_id and h.state = 'active') as holds from market.orders o where order_id = ${orderId}`;
  return row;
};
const itemRow = async (itemId: ItemId) => {
  const [row] = await m.sql<{ serial: string; ver: string }[]>`
    select ledger_serial::text as serial, ver::text as ver from custody.items where item_id = ${itemId}`;
  return { serial: BigInt(row?.serial ?? -1), ver: BigInt(row?.ver ?? 0) };
};

test('an item on offer that its owner sends away himself, or that a judgement moves, ends its listing: whoever has it now can offer it', async () => {
  const ring = await m.kind('signet');
  const items = await m.mint(ring, m.amy, 3);
  const [sent, judged, kept] = items;
  assert(sent !== undefined && judged !== undefined && kept !== undefined, 'three units');
  const listings = [];
  for (const item of items) listings.push((await list(m.amy, ring, [item], 10_000n)).order.orderId);
  const to = accountIdBytes(m.bob.acct);
  const gift = { kind: 'transfer', ...(await itemRow(sent)), to, pay: ZERO_32, env: ZERO_32 } as const;
  await m.market.sequence(signedBy(m.amy, gift));
  const { demo } = m.ledger;
  assert(demo !== null, 'a demonstration chain');
  const order = { kind: 'court_order', items: [{ ...(await itemRow(judged)), to }], doc: ZERO_32 } as const;
  await m.market.sequence(demo.court.batchSign([bodyOf(order)]).map((env) => demo.supervisor.coSign(env)));
  await m.certify();
  const ended = { state: 'canceled', reason: 'item_moved', holds: 0 };
  expect(await Promise.all(listings.map(orderRow))).toEqual([ended, ended, { state: 'new', reason: null, holds: 1 }]);
  await list(m.bob, ring, [sent], 12_000n);
  await list(m.bob, ring, [judged], 12_000n);
  await assertInvariants(m);
});

test('a key that is replaced ends the open orders of its account, and what they held is free', async () => {
  const bow = await m.kind('longbow');
  const items = await m.mint(bow, m.cid, 1);
  const listing = await list(m.cid, bow, items, 10_000n);
  const wanted = placed(await m.place(m.cid, await m.quote(m.cid, { intent: 'buy_order', classId: bow.classId, priceFen: fen(700n) })));
  const other = placed(await m.place(m.bob, await m.quote(m.bob, { intent: 'buy_order', classId: bow.classId, priceFen: fen(600n) })));
  const acct = accountIdBytes(m.cid.acct);
  await m.market.sequence(signedBy(m.cid, { kind: 'account_rotate', acct, mode: 0, policy: keyOf(m.cid).policy }));
  await m.certify();
  const ended = { state: 'canceled', reason: 'key_epoch_stale', holds: 0 };
  expect(await orderRow(listing.order.orderId)).toEqual(ended);
  expect(await orderRow(wanted.order.orderId)).toEqual(ended);
  expect(await orderRow(other.order.orderId)).toMatchObject({ state: 'new' });
  const [held] = await m.sql`select balance_fen from journal.accounts where account_id = ${`held:${m.cid.acct}`}`;
  expect(held).toEqual({ balance_fen: '0' });
  await assertInvariants(m);
});

/** A change that the database's own guards would refuse. */
const behindGuards = (change: (tx: TransactionSql) => Promise<unknown>) =>
  m.sql.begin(async (tx) => {
    await tx.unsafe('set local session_replication_role = replica');
    await change(tx);
    return {};
  });

test('what the books contradict each other about stands still, and everything else goes on, until they agree again', async () => {
  const flute = await m.kind('flute');
  const [broken, sound, offered] = await m.mint(flute, m.amy, 3);
  assert(broken !== undefined && sound !== undefined && offered !== undefined, 'three units');
  const listing = await list(m.amy, flute, [offered], 10_000n);
  const compare = async () => m.market.followBooks(await reconcile({ sql: m.sql, clock: m.clock, random: m.random, ledger: m.ledger }));
  const wish = { intent: 'listing', classId: flute.classId, itemIds: [broken], priceFen: fen(10_000n) } as const;
  const quoted = await m.quote(m.amy, wish);
  const holder = (acct: string) =>
    behindGuards((tx) => tx`update custody.hops set to_acct = ${acct} where item_id in ${tx([broken, offered])} and ver = 1`);
  await holder(m.kim.acct);
  await compare();
  expect(codeOf(await m.place(m.amy, quoted))).toBe('books_differ');
  await expect(m.quote(m.amy, wish)).rejects.toThrow('books_differ');
  const taking = { intent: 'take_listing', classId: flute.classId, itemIds: [offered], targetOrderId: listing.order.orderId } as const;
  await expect(m.quote(m.bob, taking)).rejects.toThrow('books_differ');
  await list(m.amy, flute, [sound], 10_000n);
  await holder(m.amy.acct);
  await compare();
  await list(m.amy, flute, [broken], 10_000n);

  const add = (fen: number) =>
    behindGuards(
      (tx) => tx`update journal.accounts set balance_fen = balance_fen + ${fen} where account_id = ${`available:${m.bob.acct}`}`,
    );
  const withdraw = async (who: Trader, reference: string) =>
    m.market.withdraw(await who.player(), { referenceId: parseReferenceId(reference), amountFen: fen(700n) });
  await add(1);
  await compare();
  expect(await withdraw(m.bob, 'broken-1')).toMatchObject({ kind: 'rejected', code: 'books_differ' });
  expect((await withdraw(m.cid, 'broken-2')).kind).toBe('requested');
  await add(-1);
  await compare();
  expect((await withdraw(m.bob, 'broken-1')).kind).toBe('requested');
  await m.certify();
  await assertInvariants(m);
});

test('what was bought with a payment method then new and is resold at once in number is paid out seven days later, as its quote says', async () => {
  const harp = await m.kind('harp');
  const items = await m.mint(harp, m.cid, 3);
  await m.fund(m.amy, 100_000n);
  const offered = await list(m.cid, harp, items, 1_000n);
  await take(m.amy, harp, items, offered.order.orderId);
  await m.certify();
  m.clock.advance(170 * 3_600_000);
  await m.certify();
  const wish = (itemIds: readonly ItemId[]) => ({ intent: 'listing', classId: harp.classId, itemIds, priceFen: fen(2_000n) }) as const;
  const alone = await m.quote(m.amy, wish(items.slice(2)));
  expect(alone.document.payoutHold).toBeUndefined();
  const sold: string[] = [];
  for (const itemId of items.slice(0, 2)) {
    const listing = await list(m.amy, harp, [itemId], 2_000n);
    sold.push((await take(m.bob, harp, [itemId], listing.order.orderId)).trades[0]?.tradeId ?? '');
  }
  // The third of a day: what was quoted before it was one is asked again.
  expect(codeOf(await m.place(m.amy, alone))).toBe('quote_changed');
  const held = await m.quote(m.amy, wish(items.slice(2)));
  const week = 7 * 86_400_000;
  expect(held.document.payoutHold).toBe('new_instrument');
  expect(Date.parse(held.document.payoutAt ?? '') - Date.parse(alone.document.payoutAt ?? '')).toBe(week);
  const last = placed(await m.place(m.amy, held));
  sold.push((await take(m.bob, harp, items.slice(2), last.order.orderId)).trades[0]?.tradeId ?? '');
  await m.certify();
  for (const tradeId of sold) {
    const row = await tradeRow(tradeId);
    expect(row).toMatchObject({ state: 'protected', payout_hold: 'new_instrument', quick_items: 1, deadline_at: row.payout_at });
    expect(row.payout_at - row.settled_at).toBe(week + 168 * 3_600_000);
  }
  m.clock.advance(169 * 3_600_000);
  await m.certify();
  expect(await tradeRow(sold[0])).toMatchObject({ state: 'protected' });
  m.clock.advance(week);
  await m.certify();
  for (const tradeId of sold) expect(await tradeRow(tradeId)).toMatchObject({ state: 'paid_out' });
  await assertInvariants(m);
});
