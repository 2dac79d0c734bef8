/** Refusals as anyone meets them: over HTTP, with a stable code, a sentence and a trace id; nothing changed and nothing lost. */
import { readFileSync } from 'node:fs';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeOrder, encodeOrder } from '#ledger/codec/order.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { orderIdOf } from '#ledger/primitives/ids.ts';
import { LEDGER_CODES } from '#ledger/tx/codes.ts';
import { orderIdOf as ledgerOrderId } from '#ledger/tx/ids.ts';
import { EXCHANGE_REFUSALS } from '#server/exchange/codes.ts';
import { EXPERIMENT_DESK_CODES } from '#server/experiments/refusals.ts';
import { IDENTITY_REFUSALS } from '#server/identity/identity.ts';
import { JOIN_REFUSALS } from '#server/realtime/events.ts';
import { listDigest, writeCursor } from '#server/rest/cursor.ts';
import { PROBLEMS } from '#server/rest/problems.ts';
import { routes } from '#server/rest/rest.ts';
import type { Answer } from '#server/sdk/studio-client.ts';
import { newPerson, verifyPerson } from '#test/support/person.ts';
import { openVisitor, refusalOf } from '#test/support/server.ts';
import { ELSEWHERE, UNREACHABLE } from './public-refusals/coverage.ts';
import { ADDRESSES, HOSTILE, HOSTILE_READS } from './public-refusals/hostile-cases.ts';
import {
  LEDGER_CASES,
  LEDGER_DOOR,
  type LedgerWorld,
  openLedgerWorld,
  refuseOnLedger,
  replayOnLedger,
} from './public-refusals/ledger-cases.ts';
import { BROKEN_ORDERS, type MarketWorld, openMarketWorld, REFUSED_QUOTES } from './public-refusals/market-cases.ts';
import { expectRefusal, INSIDE, newReference, openRig, type Rig, submit } from './public-refusals/rig.ts';

let rig: Rig;
let market: MarketWorld;
let ledger: LedgerWorld;
/** What ran, by door. */
const reached = {
  ledger: new Set<string>(),
  exchange: new Set<string>(),
  identity: new Set<string>(),
  rest: new Set<string>(),
  feed: new Set<string>(),
  experiment: new Set<string>(),
};

beforeAll(async () => {
  rig = await openRig();
  market = await openMarketWorld(rig);
  ledger = await openLedgerWorld(rig, await rig.actor('demo-01'));
});
afterAll(() => rig.server.stop());

describe('POST /ledger/v1/submit', () => {
  test.each(Object.entries(LEDGER_CASES))('%s', async (code, make) => {
    await refuseOnLedger(ledger, code, make);
    reached.ledger.add(code);
  });

  test.each(LEDGER_DOOR)('%s is refused: %s', async (_, code, make) => {
    await refuseOnLedger(ledger, code, make);
    reached.ledger.add(code);
  });

  test('the same LedgerTx again is answered and done once', async () => {
    expect(await replayOnLedger(ledger)).toEqual([false, true]);
    reached.ledger.add('tx_replayed');
  });
});

describe('orders and quotes', () => {
  const saw = (code: string, expected: string) => {
    expect(code).toBe(expected);
    reached.exchange.add(code);
  };
  const take = () =>
    market.quote(rig.bob, { intent: 'take_listing', itemIds: market.items.slice(0, 1), targetOrderId: market.listed.orderId });

  test.each(BROKEN_ORDERS)('an order %s is refused: %s', async (_, code, change) => {
    const input = change(market.input(rig.bob, await take()), market);
    saw(await rig.unchanged(() => market.place(rig.bob, input)), code);
  });

  test.each(REFUSED_QUOTES)('a quote for %s is refused: %s', async (_, code, wish) => {
    const [who, request] = wish(market);
    const refusal = await rig.unchanged(() => refusalOf(market.quote(who, request)));
    expect(refusal.message.length).toBeGreaterThan(15);
    expect(refusal.traceId).toMatch(/^[0-9a-f]{32}$/);
    saw(refusal.code, code);
  });

  test('an order made with the quote of another is refused', async () => {
    const quote = await take();
    saw(await rig.unchanged(async () => market.place(rig.amy, market.input(rig.bob, quote))), 'order_malformed');
  });

  test('one quote serves one order only; a reference answers the same request again and no other', async () => {
    const input = market.input(rig.bob, await market.quote(rig.bob, { intent: 'buy_order', priceFen: '100' }));
    expect(await market.place(rig.bob, input)).toBe('placed');
    const again = await rig.unchanged(() => rig.bob.client.api.order.place.mutate(input));
    expect(again).toMatchObject({ kind: 'placed', replayed: true });
    const other = market.input(rig.bob, await market.quote(rig.bob, { intent: 'buy_order', priceFen: '200' }));
    saw(await rig.unchanged(() => market.place(rig.bob, { ...other, referenceId: input.referenceId })), 'reference_conflict');
  });

  test('an unfunded order is refused', async () => {
    const input = market.input(rig.bob, await market.quote(rig.bob, { intent: 'buy_order', priceFen: '400000' }));
    saw(await rig.unchanged(() => market.place(rig.bob, input)), 'insufficient_funds');
  });

  test('more than a hundred units are refused', async () => {
    const input = market.input(rig.bob, await market.quote(rig.bob, { intent: 'buy_order', priceFen: '1', quantity: 101 }));
    saw(await rig.unchanged(() => market.place(rig.bob, input)), 'quantity_out_of_range');
  });

  test('frozen and locked items and kinds, and a frozen account, get no quote', async () => {
    const listing = (itemId: string, classId: string) => market.quote(rig.amy, { intent: 'listing', classId, itemIds: [itemId] });
    for (const [itemId, code] of [
      [ledger.frozen, 'item_frozen'],
      [ledger.locked, 'item_locked'],
    ] as const) {
      saw((await rig.unchanged(() => refusalOf(listing(itemId, ledger.free.classId)))).code, code);
    }
    saw((await rig.unchanged(() => refusalOf(listing(ledger.frozenKindItem, ledger.iced.classId)))).code, 'class_frozen');
  });

  test('a cancel of an unknown order, by another person, and twice', async () => {
    const order = await market.list(market.items[2] ?? '');
    saw(await rig.unchanged(() => market.cancel(rig.bob, order)), 'not_your_order');
    saw(await rig.unchanged(() => market.cancel(rig.amy, order, rig.bob)), 'sig_invalid');
    expect(await market.cancel(rig.amy, order)).toBe('canceled');
    saw(await rig.unchanged(() => market.cancel(rig.amy, order)), 'order_closed');
    const again = market.input(rig.amy, await market.quote(rig.amy, { intent: 'listing', itemIds: market.items.slice(2, 3) }));
    saw(await rig.unchanged(() => market.place(rig.amy, again)), 'price_change_too_soon');
  });

  test('two listings of one item: the second is refused although its quote was sound', async () => {
    const wish = { intent: 'listing', itemIds: market.items.slice(3, 4) } as const;
    const [first, second] = [await market.quote(rig.amy, wish), await market.quote(rig.amy, wish)];
    expect(await market.place(rig.amy, market.input(rig.amy, first))).toBe('placed');
    saw(await rig.unchanged(() => market.place(rig.amy, market.input(rig.amy, second))), 'item_held');
  });

  test('money: too little, too much, without balance, with a used reference', async () => {
    const { client } = rig.bob;
    const refused = async (call: () => Promise<unknown>, code: string) => saw((await rig.unchanged(() => refusalOf(call()))).code, code);
    const transfer = (amountFen: string, referenceId = newReference()) => ({ referenceId, amountFen });
    await refused(() => client.deposit(transfer('99')), 'amount_out_of_range');
    await refused(() => client.deposit(transfer('5000001')), 'amount_out_of_range');
    await refused(() => client.withdraw(transfer('4000000')), 'insufficient_funds');
    const referenceId = newReference();
    await client.deposit(transfer('100', referenceId));
    await rig.settled();
    rig.server.clock.advance(5_000);
    await rig.settled();
    await refused(() => client.deposit(transfer('200', referenceId)), 'reference_conflict');
    await refused(() => client.deposit(transfer('5000000')), 'day_limit_reached');
    await refused(() => rig.kim.client.deposit(transfer('100')), 'payout_account_missing');
  });

  test('a session moves no money without a fresh signature over just this transfer', async () => {
    const { api, prove } = rig.bob.client;
    const refused = async (call: () => Promise<unknown>, code: string) => saw((await rig.unchanged(() => refusalOf(call()))).code, code);
    const transfer = { referenceId: newReference(), amountFen: '100' };
    const proof = await prove('daoju.deposit/1', transfer);
    const thief = await rig.amy.client.prove('daoju.deposit/1', transfer);
    await refused(() => api.money.withdraw.mutate({ ...transfer, proof }), 'sig_invalid');
    await refused(() => api.money.deposit.mutate({ ...transfer, proof }), 'challenge_unknown');
    await refused(() => api.money.deposit.mutate({ ...transfer, proof: thief }), 'sig_invalid');
    const more = await prove('daoju.deposit/1', transfer);
    await refused(() => api.money.deposit.mutate({ ...transfer, amountFen: '200', proof: more }), 'sig_invalid');
  });

  test('an evidence package that does not exist is neither told of nor handed out', async () => {
    const { evidence } = rig.bob.client.api;
    const stray = { exportId: `evd_${'0'.repeat(32)}` };
    for (const call of [() => evidence.get.query(stray), () => evidence.file.query(stray)]) {
      expect(await rig.unchanged(() => refusalOf(call()))).toMatchObject({
        code: 'export_unknown',
        message: expect.stringMatching(/.{15}/),
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      });
    }
  });

  test('an experiment that does not exist is not joined', async () => {
    const join = () => rig.bob.client.api.experiment.join.mutate({ experimentId: 'SBX-0000-0000', disclosureVersion: 'd1' });
    saw((await rig.unchanged(() => refusalOf(join()))).code, 'experiment_unknown');
  });

  test('an order that nobody placed is not cancelled, and an account that is frozen places none', async () => {
    const stray = {
      ...market.listed,
      orderBytes: toHex(encodeOrder({ ...decodeOrder(fromHex(market.listed.orderBytes)), salt: new Uint8Array(16) })),
    };
    const orderId = orderIdOf(ledgerOrderId(decodeOrder(fromHex(stray.orderBytes))));
    saw(await rig.unchanged(() => market.cancel(rig.amy, { ...stray, orderId })), 'order_unknown');
    const frozen = ledger.frozenAccount;
    const input = market.input(frozen, await market.quote(frozen, { intent: 'buy_order', priceFen: '100' }));
    saw(await rig.unchanged(() => market.place(frozen, input)), 'account_frozen');
  });

  test('what was sold is gone, and protected with its buyer', async () => {
    const stale = market.input(rig.bob, await take());
    expect(await market.place(rig.bob, market.input(rig.bob, await take()))).toBe('placed');
    await rig.settled();
    saw(await rig.unchanged(() => market.place(rig.bob, stale)), 'listing_gone');
    const itemIds = market.items.slice(0, 1);
    saw((await rig.unchanged(() => refusalOf(market.quote(rig.bob, { intent: 'listing', itemIds })))).code, 'item_protected');
    const item = await rig.itemOf(itemIds[0] ?? '');
    const burn = rig.sign(rig.bob, { kind: 'burn', ...item });
    await rig.unchanged(async () => expectRefusal(await submit(rig, burn), 'item_protected'));
    reached.ledger.add('item_protected');
  });

  test('every list and object of the studios’ API is answered as its document describes it', async () => {
    const [first] = Object((await rig.studio.read('/api/v1/item-classes')).body).rows;
    const ids: Readonly<Record<string, string>> = { 'item-classes': first.class_id, items: market.items[0] ?? '', games: rig.gameId };
    // A file, and jobs, which nobody has started here.
    const reads = routes.filter(({ method, answer, path }) => method === 'GET' && answer !== null && path !== '/jobs/{id}');
    expect(reads.length).toBeGreaterThan(12);
    for (const { path } of reads) {
      const answer = await rig.studio.read(`/api/v1${path.replace('{id}', ids[path.split('/')[1] ?? ''] ?? '')}`);
      expect(answer.status, path).toBe(200);
      if (path === '/trades' || path === '/listings') expect(Object(answer.body).rows.length, path).toBeGreaterThan(0);
    }
  });

  test('an old quote is refused, with a fresh one', async () => {
    const input = market.input(rig.bob, await market.quote(rig.bob, { intent: 'buy_order', priceFen: '100' }));
    rig.server.clock.advance(61_000);
    await rig.settled();
    saw(await rig.unchanged(() => market.place(rig.bob, input)), 'quote_expired');
  });
});

describe('bodies that nobody sends by accident', () => {
  const post = (path: string, body: string | Uint8Array, contentType = 'application/json') =>
    fetch(rig.server.base + path, { method: 'POST', headers: { 'content-type': contentType }, body: body as BodyInit });

  test.each(HOSTILE)('$name at $procedure: $code', async ({ procedure, body, contentType, code }) => {
    await rig.unchanged(async () => expectRefusal(await post(`/api/trpc/${procedure}`, body, contentType), code));
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test.each(HOSTILE_READS)('%s of %s: %s', async (procedure, json, code) => {
    const input = encodeURIComponent(`{"json":${json}}`);
    await rig.unchanged(async () => expectRefusal(await fetch(`${rig.server.base}/api/trpc/${procedure}?input=${input}`), code));
  });

  test.each(ADDRESSES)('%s %s: %s', async (method, address, code) => {
    await rig.unchanged(async () => expectRefusal(await fetch(rig.server.base + address, { method }), code));
    if (address.startsWith('/api/v1/')) reached.rest.add(code);
  });

  test.each([
    ['NUL in a name', { game_ref: 'x\u0000', name: { en: 'x' }, approval_no: 'I' }],
    ['keys of the prototype', JSON.parse('{"game_ref":"x","name":{"en":"x"},"approval_no":"I","__proto__":{"a":1}}')],
    ['a thousand arrays', JSON.parse(`{"game_ref":${'['.repeat(1_000)}${']'.repeat(1_000)}}`)],
  ])('a signed write with %s is refused', async (_, body) => {
    const answer = await rig.unchanged(() => rig.studio.write('POST', '/api/v1/games', { reference_id: newReference(), ...body }));
    expect(answer).toMatchObject({ status: 400, body: { code: 'body_malformed', trace_id: answer.traceId } });
    expect(JSON.stringify(answer.body)).not.toMatch(INSIDE);
    reached.rest.add('body_malformed');
  });
});

describe('joining, the studio API and the feed', () => {
  test('an outdated agreement and a malformed card', async () => {
    const saw = (code: string, expected: string) => {
      expect(code).toBe(expected);
      reached.identity.add(code);
    };
    const visitor = openVisitor(rig.server.base);
    const verified = await verifyPerson(visitor, newPerson('outdated'));
    const { registrationId } = verified;
    const register = () =>
      visitor.api.account.register.mutate({ registrationId, displayName: 'outdated', agreementVersion: '0', accountOpen: '00' });
    saw((await rig.unchanged(() => refusalOf(register()))).code, 'agreement_outdated');
    const bind = () => rig.bob.client.api.account.bindCard.mutate({ cardNumber: '12' });
    saw((await rig.unchanged(() => refusalOf(bind()))).code, 'card_malformed');
  });

  test('calls of a studio that cannot be done', async () => {
    const write = (path: string, body: Readonly<Record<string, unknown>>) =>
      rig.studio.write('POST', path, { reference_id: newReference(), ...body });
    const refused = async (call: () => Promise<Answer>, code: string) => {
      const answer = await rig.unchanged(call);
      expect(answer.body).toMatchObject({ code, trace_id: answer.traceId, title: expect.stringMatching(/.{15}/) });
      expect(answer.status).toBeLessThan(500);
      reached.rest.add(code);
    };
    const game = { game_ref: 'g2', name: { en: 'Two' }, attributes: [{ key: 'power', type: 'integer', label: { en: 'Power' } }] };
    const opened = Object((await write('/api/v1/games', game)).body);
    const row = { class_ref: 'x', name: { en: 'x' }, category: 'Mods', type: 'Mod', icon: 'processor' };
    await refused(() => write('/api/v1/games', { ...game, name: { en: 'Again' } }), 'game_exists');
    await refused(() => write('/api/v1/item-classes', { game_id: opened.game_id, rows: [row] }), 'approval_missing');
    const conflict = { reference_id: newReference(), attributes: [{ key: 'power', type: 'boolean', label: { en: 'Power' } }] };
    await refused(() => rig.studio.write('PATCH', `/api/v1/games/${opened.game_id}`, conflict), 'attribute_conflict');
    await refused(() => rig.studio.read(`/api/v1/items/itm_${'0'.repeat(32)}`), 'item_unknown');
    await refused(() => rig.studio.read('/api/v1/jobs/job_unknown'), 'job_unknown');
    await refused(() => rig.studio.read('/api/v1/items?cursor=garbage'), 'cursor_malformed');
    // Of the first minute of 1970.
    const old = writeCursor({ after: 0n, below: 0n, height: 0n, at: 0, list: listDigest('items', '') });
    await refused(() => rig.studio.read(`/api/v1/items?cursor=${old}`), 'snapshot_gone');
    await refused(() => rig.plainTextStudio.write('POST', '/api/v1/games', game), 'content_type_unsupported');
    await refused(() => rig.studio.read('/api/v1/nothing'), 'route_unknown');
  });

  test('too many calls are told to wait', async () => {
    const calls = Array.from({ length: 61 }, () => fetch(`${rig.server.base}/api/v1/openapi.json`));
    const limited = (await Promise.all(calls)).find(({ status }) => status === 429);
    if (limited === undefined) throw new Error('nothing was limited');
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectRefusal(limited, 'rate_limited');
    reached.rest.add('rate_limited');
  });

  test('a join that cannot be read, and a room too many', async () => {
    const socket = io(`${rig.server.base}/market`, { transports: ['websocket'], forceNew: true });
    try {
      const join = (request: unknown): Promise<unknown> => socket.timeout(5_000).emitWithAck('join', request);
      for (const request of [null, 5, {}, { room: 'public' }, { room: 'public', afterSeq: -2 }, { room: 'public', afterSeq: 0, more: 1 }]) {
        expect(await join(request)).toEqual({ ok: false, code: 'join_malformed' });
      }
      reached.feed.add('join_malformed');
      const room = (n: number) => `class:cls_${n.toString(16).padStart(32, '0')}`;
      for (let n = 0; n < 20; n++) expect(await join({ room: room(n), afterSeq: 0 })).toMatchObject({ ok: true });
      expect(await join({ room: room(20), afterSeq: 0 })).toEqual({ ok: false, code: 'too_many_rooms' });
      reached.feed.add('too_many_rooms');
    } finally {
      socket.disconnect();
    }
  });
});

test('a studio key that has run out is refused', async () => {
  // Last of all: sessions, orders and windows run out on the way.
  rig.server.clock.advance(20 * 365 * 86_400_000);
  const answer = await rig.studio.read('/api/v1/items');
  expect(answer).toMatchObject({ status: 401, body: { code: 'key_expired', trace_id: answer.traceId } });
  reached.rest.add('key_expired');
});

describe('every code has a test or a reason', () => {
  const all: Readonly<Record<keyof typeof reached, readonly string[]>> = {
    ledger: LEDGER_CODES,
    exchange: Object.keys(EXCHANGE_REFUSALS),
    identity: Object.keys(IDENTITY_REFUSALS),
    rest: Object.keys(PROBLEMS),
    feed: JOIN_REFUSALS,
    experiment: EXPERIMENT_DESK_CODES,
  };

  test.each(['ledger', 'exchange', 'identity', 'rest', 'feed', 'experiment'] as const)('%s', (door) => {
    const elsewhere = ELSEWHERE[door] ?? {};
    const reasons = UNREACHABLE[door] ?? {};
    const open = all[door].filter((code) => !reached[door].has(code) && elsewhere[code] === undefined && reasons[code] === undefined);
    expect(open).toEqual([]);
    // A reason that a test has refuted, or a code that is gone, leaves the table.
    expect(Object.keys(reasons).filter((code) => reached[door].has(code) || !all[door].includes(code))).toEqual([]);
    for (const [code, file] of Object.entries(elsewhere)) {
      expect(readFileSync(file, 'utf8').includes(code), `${file} reaches ${code}`).toBe(true);
    }
  });
});
