/** The surveillance worker on the market's own feeds: nothing lost, nothing twice, whatever fails; and what people do with its alerts. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { parseClassId } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { PACK_CN_2026_1 } from '#sandbox/packs/cn/pack-2026-1.ts';
import { createSurveillance } from '#sandbox/surveillance/surveillance.ts';
import { type ActInput, actOnAlert } from '#server/compliance/alert-desk.ts';
import { listAlertRows } from '#server/compliance/alerts.repo.ts';
import { objectToCoolDown } from '#server/compliance/cool-downs.ts';
import { readFacts } from '#server/compliance/facts.repo.ts';
import { type MarketWatch, watchMarket } from '#server/compliance/watch-market.ts';
import { silentLog } from '#server/log.ts';
import { listCandles } from '#server/market/candles.ts';
import { followCandles } from '#server/market/follow-candles.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { openOutbox } from '#server/outbox/open-outbox.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import { codeOf, openTestMarket, placed, type TestMarket } from '#test/support/market.ts';
import {
  acctOfNo,
  itemIdOfNo,
  type PlantedTrade,
  paymentMessage,
  plantOrders,
  plantTrades,
  tradeIdOfNo,
} from '#test/support/planted-trades.ts';
import { createDraw } from '#test/support/random-facts.ts';

let m: TestMarket;
let outbox: Outbox;
let failing = false;
const CLASS = parseClassId(`cls_${'d'.repeat(32)}`);
const HOUR = 3_600_000;

beforeAll(async () => {
  m = await openTestMarket();
  outbox = openOutbox({ sql: m.sql, clock: m.clock, random: m.random, log: silentLog, ledger: m.ledger });
  await plantOrders(m.sql, CLASS);
});
afterAll(() => m.stop());

/** A new one is a restart: everything in memory is gone. */
function openWatch(): MarketWatch {
  return watchMarket({
    sql: m.sql,
    clock: m.clock,
    log: silentLog,
    outbox: {
      listen: outbox.listen,
      append: async (tx, messages) => {
        await outbox.append(tx, messages);
        if (failing) throw new Error('killed before the commit');
      },
    },
    pack: () => PACK_CN_2026_1,
  });
}
const alerts = (detector: string | null = null) =>
  listAlertRows(m.sql, { audience: 'market', state: null, detector, minScore: 0, about: null, beforeNo: null, limit: 500 });
const messagesOf = async (room: string, type: string) => (await outbox.list(room, 0, 10_000)).filter((message) => message.type === type);

let no = 0;
function trade(at: number, seller: number, buyer: number, item: number, priceFen = 20_000): PlantedTrade {
  no += 1;
  return {
    no,
    at: Date.parse('2026-11-02T02:00:00Z') + at,
    classId: CLASS,
    itemId: itemIdOfNo(item),
    seller: acctOfNo(seller),
    buyer: acctOfNo(buyer),
    priceFen,
  };
}

test('a planted back and forth becomes one alert, told to the market’s room, and its trades leave the filtered candles', async () => {
  const [there, back, other] = [trade(0, 1, 2, 1), trade(HOUR, 2, 1, 1), trade(2 * HOUR, 3, 4, 2)];
  await plantTrades(m.sql, [there, back, other]);
  const watch = openWatch();
  expect(await watch.turn()).toBe(3);
  expect(await watch.turn()).toBe(0);

  const rows = await alerts();
  expect(rows).toMatchObject([
    {
      detector: 'CN-SV-04',
      typology: 'back_and_forth',
      state: 'new',
      revision: 1,
      trade_ids: [tradeIdOfNo(there.no), tradeIdOfNo(back.no)],
    },
  ]);
  expect(await messagesOf('sup:market', 'mkt.alert')).toMatchObject([
    { body: { alertId: rows[0]?.alert_id, ruleId: 'CN-SV-04', score: rows[0]?.score } },
  ]);

  await followCandles({ sql: m.sql, now: () => m.clock.now(), publish: () => undefined });
  const read = (filtered: boolean) =>
    readSnapshot(m, null, (snapshot) => listCandles(snapshot, { classId: CLASS, interval: '24h', range: 'all', filtered }));
  expect(await read(true)).toMatchObject({ shareLeftOut: '66.67', revision: 2, candles: [{ trades: 1 }] });
  expect((await read(false)).candles).toMatchObject([{ trades: 3 }]);
});

test('evidence that follows grows the same alert; it does not come twice', async () => {
  await plantTrades(m.sql, [trade(3 * HOUR, 1, 2, 1)]);
  await openWatch().turn();
  await plantTrades(m.sql, [trade(4 * HOUR, 2, 1, 1)]);
  await openWatch().turn();
  // Four sales among two accounts that leave nothing are a wash set besides.
  expect((await alerts()).map(({ detector }) => detector).toSorted()).toEqual(['CN-SV-03', 'CN-SV-04']);
  const rows = await alerts('CN-SV-04');
  expect(rows).toHaveLength(1);
  expect(rows[0]?.trade_ids).toHaveLength(4);
  expect(rows[0]?.revision).toBeGreaterThan(1);
});

test('a working day to look at it; a dismissal with a reason takes the labels back; new evidence opens it again', async () => {
  const [alert] = await alerts('CN-SV-04');
  if (alert === undefined) throw new Error('an alert from before');
  // The clock stands on a Friday; Monday is the working day after it.
  expect(alert.due_at.getTime()).toBeGreaterThan(m.clock.now() + 24 * HOUR);
  const by = { staffId: 'sup-market-1', role: 'sup_market', audience: 'market' } as const;
  const act = (input: Partial<ActInput>) =>
    actOnAlert(
      { sql: m.sql, clock: m.clock, random: m.random, ledger: m.ledger, outbox },
      { alertId: alert.alert_id, act: 'triage', reason: null, by, ...input },
    );
  expect(await act({ by: { ...by, audience: 'finance' } })).toMatchObject({ kind: 'rejected', code: 'alert_unknown' });
  expect(await act({ alertId: `alr_${'0'.repeat(32)}` })).toMatchObject({ kind: 'rejected', code: 'alert_unknown' });
  expect(await act({})).toMatchObject({ kind: 'done', state: 'triaged' });
  expect(await act({})).toMatchObject({ kind: 'rejected', code: 'alert_state', state: 'triaged' });
  expect(await act({ act: 'dismiss', reason: ' no ' })).toMatchObject({ kind: 'rejected', code: 'reason_missing' });
  expect(await act({ act: 'dismiss', reason: 'a gift between siblings, papers seen' })).toMatchObject({ kind: 'done', state: 'dismissed' });
  expect(
    await m.sql`select count(*)::int as standing from market.trade_labels where removed_at is null and label = 'circular'`,
  ).toMatchObject([{ standing: 0 }]);
  expect(await messagesOf('sup:market', 'mkt.alert.state')).toHaveLength(2);
  await expect(m.sql`update surveillance.alert_steps set reason = 'another'`).rejects.toThrow();

  await plantTrades(m.sql, [trade(5 * HOUR, 1, 2, 1)]);
  await openWatch().turn();
  expect(await alerts('CN-SV-04')).toMatchObject([{ state: 'new' }]);
  expect(await act({ act: 'open_case', reason: 'the same pair again' })).toMatchObject({
    kind: 'done',
    state: 'case',
    caseId: expect.stringMatching(/^cas_/),
  });
});

test('deposits kept below a line are told to finance alone; the market’s role does not see them', async () => {
  const start = Date.parse('2026-11-10T02:00:00Z');
  const deposits = [49_000, 48_200, 49_500].map((yuan, i) =>
    paymentMessage(`pay_${i}`, start + i * 24 * HOUR, acctOfNo(9), yuan * 100, 'payIn'),
  );
  await plantTrades(m.sql, [], deposits);
  await openWatch().turn();
  const finance = await listAlertRows(m.sql, {
    audience: 'finance',
    state: null,
    detector: 'CN-SV-08',
    minScore: 0,
    about: acctOfNo(9),
    beforeNo: null,
    limit: 10,
  });
  expect(finance).toMatchObject([{ typology: 'structuring', trade_ids: ['pay_0', 'pay_1', 'pay_2'] }]);
  expect(await messagesOf('sup:finance', 'fin.aml.case')).toMatchObject([{ body: { typology: 'structuring', caseId: null } }]);
  expect(await alerts('CN-SV-08')).toEqual([]);
});

test('a claim that a payment is disputed names the chain of the item; a guardian’s claim and a day of small deposits ask who acts', async () => {
  const claim = (claimKind: string, tradeId: string, claimant: number, at: number) => ({
    room: 'sup:market',
    type: 'case.state',
    at: instant(at),
    body: { caseId: `clm_${claimKind}`, kind: 'claim_opened', from: null, to: 'open', tradeId, claimKind, claimantRef: acctOfNo(claimant) },
  });
  const [bought, passedOn] = [trade(400 * HOUR, 61, 62, 61), trade(401 * HOUR, 62, 63, 61)];
  const start = Date.parse('2026-11-20T02:00:00Z');
  const deposits = [0, 1, 2, 3, 4].map((hour) => paymentMessage(`pay_small_${hour}`, start + hour * HOUR, acctOfNo(62), 3_000, 'payIn'));
  await plantTrades(m.sql, [bought, passedOn], deposits.slice(0, 4));
  await openWatch().turn();
  expect(await alerts('CN-SV-12')).toEqual([]);
  await plantTrades(
    m.sql,
    [],
    [claim('payment_disputed', tradeIdOfNo(bought.no), 61, start), claim('minor_purchase', tradeIdOfNo(bought.no), 62, start)],
  );
  await openWatch().turn();
  expect(await alerts('CN-SV-12')).toMatchObject([{ trade_ids: [bought, passedOn].map(({ no: of }) => tradeIdOfNo(of)) }]);
  expect(await alerts('CN-SV-17')).toEqual([]);
  // The fifth in a day, in another turn than the four before it.
  await plantTrades(m.sql, [], deposits.slice(4));
  await openWatch().turn();
  expect(await alerts('CN-SV-17')).toMatchObject([
    { account_refs: [acctOfNo(62)], figures: { signals: 'guardian_complaint, small_deposits' } },
  ]);
});

test('killed before any commit and started anew, again and again: the alerts are those of the stored facts, each told once per revision', async () => {
  const { below } = createDraw('kills');
  let at = 20 * 24 * HOUR;
  for (let round = 0; round < 25; round += 1) {
    const trades = Array.from({ length: 1 + below(25) }, () => {
      at += below(2 * HOUR);
      const seller = 20 + below(6);
      return trade(at, seller, 20 + ((seller - 19 + below(5)) % 6), 50 + below(8), 18_000 + below(4_000));
    });
    await plantTrades(m.sql, trades);
    let watch = openWatch();
    for (let tries = below(3); tries > 0; tries -= 1) {
      failing = true;
      await watch.turn().catch(() => undefined);
      failing = false;
      if (below(2) === 0) watch = openWatch();
    }
    await watch.turn();
  }
  const [place] = await m.sql<{ fact_no: string }[]>`select fact_no from surveillance.place`;
  const again = createSurveillance(PACK_CN_2026_1);
  for await (const facts of readFacts(m.sql, 1n, BigInt(place?.fact_no ?? 0))) for (const fact of facts) again.take(fact);
  const stored = await m.sql<
    { alert_id: string; trade_ids: readonly string[]; score: number }[]
  >`select alert_id, trade_ids, score from surveillance.alerts order by alert_id`;
  const computed = [...again.list()].map(({ alertId, tradeIds, score }) => ({ alert_id: alertId, trade_ids: tradeIds, score }));
  expect(stored).toEqual(computed.toSorted((a, b) => (a.alert_id < b.alert_id ? -1 : 1)));
  expect(stored.length).toBeGreaterThan(5);

  const told = await messagesOf('sup:market', 'mkt.alert');
  const keys = told.map(({ body }) => `${body.alertId} ${body.revision}`);
  expect(new Set(keys).size).toBe(keys.length);
  expect(new Set(told.map(({ body }) => body.alertId))).toEqual(new Set((await alerts()).map(({ alert_id: id }) => id)));
});

test('who drove a price up trades none of the kind for a day: by itself, with an end and an objection, and free with its alert', async () => {
  const [kind, other] = [await m.kind('ramped'), await m.kind('quiet')];
  await m.fund(m.bob, 1_000_000n);
  const wish = { intent: 'buy_order', classId: kind.classId, priceFen: fen(100n) } as const;
  const resting = placed(await m.place(m.bob, await m.quote(m.bob, wish))).order;
  const early = await m.quote(m.bob, wish);
  const ramp = async (item: number) => {
    const at = m.clock.now() - Date.parse('2026-11-02T02:00:00Z') - HOUR;
    await plantTrades(
      m.sql,
      [100, 110, 120, 130, 140].map((price, i) => ({
        ...trade(at + i * 60_000, 40 + i, 0, item + i, price * 100),
        classId: kind.classId,
        buyer: m.bob.acct,
      })),
    );
    await openWatch().turn();
    const [row] = await m.sql<{ alert_id: string; cool_down_id: string }[]>`
      select alert_id, cool_down_id from compliance.cool_downs where lifted_at is null and until > ${new Date(m.clock.now())}`;
    return { alertId: row?.alert_id ?? '', coolDownId: row?.cool_down_id ?? '' };
  };
  const { alertId, coolDownId } = await ramp(900);
  await m.market.turnClocks();
  expect(await m.sql`select state, reason from market.orders where order_id = ${resting.orderId}`).toEqual([
    { state: 'canceled', reason: 'cool_down' },
  ]);
  await expect(m.quote(m.bob, wish)).rejects.toThrow('cool_down');
  expect(codeOf(await m.place(m.bob, early))).toBe('cool_down');
  placed(await m.place(m.bob, await m.quote(m.bob, { ...wish, classId: other.classId })));
  expect(
    await m.sql`select body::jsonb->>'code' as code from outbox.messages where room = ${`player:${m.bob.acct}`} and type = 'notice'`,
  ).toContainEqual({
    code: 'cool_down_set',
  });

  const ground = { sql: m.sql, clock: m.clock, outbox };
  const object = (who = m.bob) => objectToCoolDown(ground, who.acct, coolDownId, 'I collect the whole set of these.');
  await expect(object(m.amy)).rejects.toMatchObject({ code: 'not_restricted' });
  await object();
  await expect(object()).rejects.toMatchObject({ code: 'appeal_made' });
  const by: ActInput['by'] = { staffId: 'staff-1', role: 'sup_market', audience: 'market' };
  const desk = { ...ground, random: m.random, ledger: m.ledger };
  expect(await actOnAlert(desk, { alertId, act: 'dismiss', reason: 'A collector, as he says.', by })).toMatchObject({ kind: 'done' });
  await m.quote(m.bob, wish);

  await m.sql`delete from compliance.cool_downs`;
  m.clock.advance(48 * HOUR);
  expect((await ramp(920)).alertId).toMatch(/^alr_/);
  await expect(m.quote(m.bob, wish)).rejects.toThrow('cool_down');
  m.clock.advance(24 * HOUR);
  await m.quote(m.bob, wish);
});
