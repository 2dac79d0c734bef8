/** Every decision is a row with what it was made from, and decides again to itself (rulebook 6.8). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { type ItemId, parseItemId, parseOrderId } from '#ledger/primitives/ids.ts';
import { beijingDate, instant, toIso } from '#ledger/primitives/instant.ts';
import { decide } from '#sandbox/decisions/decide.ts';
import { experimentHash, type Participation } from '#sandbox/experiments/experiment.ts';
import { getPackByHash } from '#sandbox/packs/pack.ts';
import { type DecisionRecord, listDecisions } from '#server/exchange/decisions.repo.ts';
import { listExperiments } from '#server/exchange/experiments.repo.ts';
import { isCounted, readArmFacts } from '#server/experiments/facts.repo.ts';
import { hasMatchedBook } from '#server/market/cards.repo.ts';
import { listDecisionsOfTrade } from '#server/market/decision-lines.repo.ts';
import { type DecisionWish, getDecisions } from '#server/market/decision-lines.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { assertInvariants, codeOf, type Kind, openTestMarket, placed, type TestMarket, type Trader } from '#test/support/market.ts';
import { enterTesting } from '#test/support/testing-experiment.ts';

let m: TestMarket;
let sword: Kind;
const gems: Kind[] = [];
beforeAll(async () => {
  m = await openTestMarket();
  await m.fund(m.bob, 4_000_000n);
  sword = await m.kind('sword');
  for (let index = 0; index < 12; index++) gems.push(await m.kind(`gem-${String(index).padStart(2, '0')}`, { isInterchangeable: true }));
  await m.certify();
});
afterAll(() => m.stop());

const rows = async (): Promise<readonly DecisionRecord[]> => listDecisions(m.sql, { from: instant(0), to: instant(m.clock.now() + 1) });
/** What one act added. */
async function added(act: () => Promise<unknown>): Promise<readonly DecisionRecord[]> {
  const key = (row: DecisionRecord) => `${row.acct} ${row.stage} ${row.referenceId}`;
  const before = new Set((await rows()).map(key));
  await act();
  return (await rows()).filter((row) => !before.has(key(row)));
}
const listing = async (who: Trader, items: readonly ItemId[], price = 100_000n) =>
  m.place(who, await m.quote(who, { intent: 'listing', classId: sword.classId, itemIds: items, priceFen: fen(price) }));

test('an order and its decision are written together, with the person and the item as they were', async () => {
  const items = await m.mint(sword, m.amy, 1);
  const written = await added(async () => placed(await listing(m.amy, items)));
  const [order] = await m.sql<{ order_id: string; placed_at: Date; reference_id: string }[]>`
    select order_id, placed_at, reference_id from market.orders where acct = ${m.amy.acct}`;
  expect(written).toMatchObject([
    {
      stage: 'order',
      kind: 'allow',
      reasons: [],
      outcome: 'placed',
      acct: m.amy.acct,
      orderId: order?.order_id,
      referenceId: order?.reference_id,
      attempt: {
        at: order?.placed_at.getTime(),
        act: 'secondary',
        side: 'sell',
        mechanism: 'fixed_price',
        unitPriceFen: 100_000n,
        quantity: 1,
      },
      facts: {
        person: { secondaryDayFen: 0n },
        items: [{ itemId: items[0], acquiredBy: 'earned' }],
        itemClass: { classId: sword.classId },
      },
      place: 'CITY',
      vatStatus: 'SMALL_SCALE',
      experiment: null,
    },
  ]);
});

test('a denied placement leaves no order and one decision with its reason; sent again it adds nothing', async () => {
  const input = m.input(m.bob, await m.quote(m.bob, { intent: 'buy_order', classId: sword.classId, priceFen: fen(900n) }));
  const minor = { ...(await m.bob.player()), birthDate: '2010-01-01' };
  const written = await added(async () => {
    // With the rule and its place in the law, for whoever is refused.
    const law = { ruleId: expect.stringMatching(/^CN-/), citation: expect.stringMatching(/./) };
    expect(await m.market.place(minor, input)).toMatchObject({ code: 'minor_refused', facts: law });
    expect(await m.market.place(minor, input)).toMatchObject({ code: 'minor_refused', replayed: true });
  });
  expect(written).toMatchObject([
    {
      kind: 'deny',
      outcome: 'minor_refused',
      reasons: [{ code: 'minor_refused', weight: 'deny', ruleId: expect.any(String), facts: { age: '16' } }],
    },
  ]);
  expect(await m.sql`select order_id from market.orders where order_id = ${written[0]?.orderId ?? ''}`).toEqual([]);
});

test('a denied quote is an attempt too, once a day for the same question', async () => {
  const ask = (price: bigint) =>
    expect(m.quote(m.kim, { intent: 'buy_order', classId: sword.classId, priceFen: fen(price) })).rejects.toThrow('minor_refused');
  const written = await added(async () => {
    await ask(700n);
    await ask(700n);
    m.clock.advance(86_400_000);
    await ask(700n);
  });
  expect(written.map(({ stage, kind, orderId, outcome }) => [stage, kind, orderId, outcome])).toEqual([
    ['quote', 'deny', null, 'minor_refused'],
    ['quote', 'deny', null, 'minor_refused'],
  ]);
});

test('an allowed attempt that fails for another reason says what it failed for', async () => {
  const rich = await m.quote(m.cid, { intent: 'buy_order', classId: sword.classId, priceFen: fen(900n) });
  const written = await added(async () => expect(codeOf(await m.place(m.cid, rich))).toBe('insufficient_funds'));
  expect(written).toMatchObject([{ kind: 'allow', outcome: 'insufficient_funds' }]);
});

test('inside an experiment the row names its document, whether the person was in, and the arm', async () => {
  const [gem = sword] = gems;
  const matched = { intent: 'matched', classId: gem.classId, priceFen: fen(300n) } as const;
  const outside = await added(() => expect(m.quote(m.bob, matched)).rejects.toThrow('mechanism_not_granted'));
  await m.market.joinExperiment(await m.bob.player(), 'SBX-2026-0001', 'd1');
  const inside = await added(async () => placed(await m.place(m.bob, await m.quote(m.bob, matched))));
  const [experiment] = await listExperiments(m.sql);
  const hash = experiment === undefined ? '' : experimentHash(experiment);
  expect(outside).toMatchObject([{ kind: 'deny', experiment: { participation: 'SBX_NOT_JOINED', arm: null, hash } }]);
  expect(inside).toMatchObject([{ kind: 'allow', experiment: { participation: 'in', arm: 'match', hash } }]);
});

test('whom an open laundering case names stands outside every experiment, hears no more than one who never joined, and is back when it is closed', async () => {
  const [, gem = sword] = gems;
  const matched = { intent: 'matched', classId: gem.classId, priceFen: fen(300n) } as const;
  const unsent = await m.quote(m.bob, matched);
  const caseId = `cas_${'a'.repeat(32)}`;
  await m.sql`insert into cases.cases (case_id, source, topic, title, ground, audience, state, owner_staff, opened_by, opened_at, due_at)
    values (${caseId}, 'own_motion', 'laundering', 'A chain of payments', 'AML Law', '["finance"]', 'open', 's', 's', now(), now())`;
  const ask = (): Promise<readonly DecisionRecord[]> =>
    added(() => expect(m.quote(m.bob, matched)).rejects.toThrow('mechanism_not_granted'));
  await m.sql`insert into cases.openings (opening_id, case_id, subject, legal_ground, reason, scope, state, asked_by, asked_role, asked_at)
    values (${`opn_${'a'.repeat(32)}`}, ${caseId}, ${m.bob.acct}, 'AML Law art. 20', 'He pays for others', '["name"]', 'proposed', 's', 'sup_finance', now())`;
  expect(await ask()).toMatchObject([
    { kind: 'deny', experiment: { participation: 'SBX_NOT_ELIGIBLE_AML', arm: null }, facts: { person: { hasOpenAmlCase: true } } },
  ]);
  expect(codeOf(await m.place(m.bob, unsent))).toBe('mechanism_not_granted');
  expect(await m.market.joinExperiment(await m.bob.player(), 'SBX-2026-0001', 'd1')).toMatchObject({ code: 'experiment_inactive' });
  await m.sql`update cases.cases set state = 'referred' where case_id = ${caseId}`;
  // The same question on the same day adds no row.
  expect(await ask()).toEqual([]);
  await m.sql`update cases.cases set state = 'closed', outcome = 'no_breach', closed_at = now() where case_id = ${caseId}`;
  placed(await m.place(m.bob, await m.quote(m.bob, matched)));
});

test('far from the reference price the order goes on and its decision asks for a review', async () => {
  const shield = await m.kind('shield');
  const sellers = [m.amy, m.cid, await m.trader('demo-01')];
  for (let n = 0; n < 6; n++) {
    const seller = sellers[n % sellers.length] ?? m.amy;
    const items = await m.mint(shield, seller, 1);
    const quote = await m.quote(seller, { intent: 'listing', classId: shield.classId, itemIds: items, priceFen: fen(20_000n) });
    const { order } = placed(await m.place(seller, quote));
    const take = { intent: 'take_listing', classId: shield.classId, itemIds: items, targetOrderId: order.orderId } as const;
    placed(await m.place(m.bob, await m.quote(m.bob, take)));
  }
  await m.certify();
  m.clock.advance(61_000);
  await m.certify();
  const far = { intent: 'buy_order', classId: shield.classId, priceFen: fen(120_000n) } as const;
  const written = await added(async () => placed(await m.place(m.bob, await m.quote(m.bob, far))));
  expect(written).toMatchObject([
    { kind: 'review', outcome: 'placed', reasons: [{ code: 'price_off_market' }], facts: { itemClass: { referencePriceFen: 20_000n } } },
  ]);
  // The supervisor's list: this one alone, with its trace; what was simply allowed is not there.
  const today = beijingDate(m.clock.now());
  const wish = { period: today, kind: 'review', code: null, gameId: null, classId: null } as const;
  const ask = (more: Partial<DecisionWish> = {}) => readSnapshot(m, null, (snapshot) => getDecisions(snapshot, { ...wish, ...more }));
  const listed = await ask();
  expect(listed).toMatchObject({ count: 1, nextCursor: null, games: [{ gameId: expect.any(String) }] });
  expect(listed.rows).toMatchObject([
    {
      ...{ kind: 'review', stage: 'order', intent: 'buy_order', side: 'buy', acctRef: m.bob.acct, classId: shield.classId },
      ...{ priceFen: '120000', referenceFen: '20000', outcome: 'placed', orderState: 'new', trades: [] },
      reasons: [{ code: 'price_off_market', weight: 'review', citation: expect.stringMatching(/./), facts: { priceFen: '120000' } }],
    },
  ]);
  expect((await ask({ code: 'resale_wait' })).rows).toEqual([]);
  expect((await ask({ classId: sword.classId })).rows).toEqual([]);
  expect((await ask({ gameId: listed.games[0]?.gameId ?? '', classId: shield.classId, code: 'price_off_market' })).count).toBe(1);
  expect((await ask({ period: beijingDate(instant(m.clock.now() + 86_400_000)) })).count).toBe(0);
  expect((await ask({ kind: 'deny' })).rows.every(({ kind, reasons }) => kind === 'deny' && reasons.length > 0)).toBe(true);
  // Somebody sells to it: the trade leads to both decisions, and the decision to the trade.
  const [held = ''] = await m.mint(shield, m.cid, 1);
  const target = listed.rows[0]?.orderId ?? '';
  const serve = {
    intent: 'serve_buy_order',
    classId: shield.classId,
    itemIds: [parseItemId(held)],
    targetOrderId: parseOrderId(target),
  } as const;
  placed(await m.place(m.cid, await m.quote(m.cid, serve)));
  const [sold] = (await ask({ code: 'price_off_market' })).rows.filter(({ orderId }) => orderId === target);
  expect(sold).toMatchObject({ orderState: 'filled', trades: [{ state: 'settled', priceFen: '120000' }] });
  const behind = await listDecisionsOfTrade(m.sql, sold?.trades[0]?.tradeId ?? '');
  expect(behind.map(({ acctRef, side, kind }) => ({ acctRef, side, kind }))).toEqual([
    { acctRef: m.bob.acct, side: 'buy', kind: 'review' },
    { acctRef: m.cid.acct, side: 'sell', kind: expect.stringMatching(/allow|review/) },
  ]);
  const [game] = await m.sql`select game_id from catalogue.item_classes where class_id = ${shield.classId}`;
  const band = await enterTesting(m, 'X3', { id: 'SBX-2026-0003', classIds: [shield.classId], gameIds: [game?.game_id ?? ''] });
  const buyer = await m.trader('demo-03');
  await m.fund(buyer, 400_000n);
  const joined = await m.market.joinExperiment(await buyer.player(), band.id, 'd1');
  const mine = joined.kind === 'joined' ? joined.experiment.mine : null;
  for (const price of [120_000n, 21_000n]) {
    const wish = { intent: 'buy_order', classId: shield.classId, priceFen: fen(price) } as const;
    const { order } = placed(await m.place(buyer, await m.quote(buyer, wish)));
    const serve = { intent: 'serve_buy_order', classId: shield.classId, targetOrderId: order.orderId } as const;
    placed(await m.place(m.amy, await m.quote(m.amy, { ...serve, itemIds: await m.mint(shield, m.amy, 1) })));
  }
  const shadow = {
    ...band,
    kpis: [...band.kpis, { id: 'x4', formula: 'shadowTax / tax' }, { id: 'x1', formula: 'reservedTax / turnover' }],
  };
  const facts = await readArmFacts(m.sql, shadow, instant(0), instant(m.clock.now() + 1), null);
  // The shadow of X3: what moved away from the market's price, of all that moved.
  expect(facts.find(({ arm }) => arm === mine?.arm)?.counts).toMatchObject({ offMarketFen: 120_000n, turnoverFen: 141_000n });
  const counts = facts.find(({ arm }) => arm === mine?.arm)?.counts;
  expect(counts).toMatchObject({ outsideHalfFen: 120_000n, outsideFullFen: 120_000n, rechecks: 2n, minorComplaints: 0n });
  // That of X6: nobody has complained, so that both second checks would have stopped the wrong one. Once a guardian is right, one of them
  // would not; and whom the gate refused is stopped once a day, however often they tried.
  expect(counts).toMatchObject({ rejections: 2n, falseRejections: 2n });
  const now = toIso(m.clock.now());
  // Planted, and gone again: what is kept of decisions must decide again to itself.
  const planted = m.sql.begin(async (tx) => {
    await tx`insert into cases.claims (claim_id, trade_id, kind, claimant, respondent, reason, state, opened_at, due_at, decision, pay, pay_root)
    select ${`clm_${'6'.repeat(32)}`}, trade_id, 'minor_purchase', buyer, seller, 'my child has bought this', 'decided', ${now}, ${now}, 'upheld', '{}', ${new Uint8Array(32)}
    from market.trades where buyer = ${buyer.acct} and class_id = ${shield.classId} order by seq limit 1`;
    for (const reference of ['minor-1', 'minor-2'])
      await tx`insert into compliance.decisions select r.* from (select * from compliance.decisions where acct = ${buyer.acct} and class_id = ${shield.classId} limit 1) d,
      jsonb_populate_record(null::compliance.decisions, to_jsonb(d) || ${tx.json({ stage: 'quote', reference_id: reference, at: now, order_id: null, kind: 'deny', outcome: 'minor_refused', reasons: [{ code: 'minor_refused' }] })}) r`;
    throw new Planted(await readArmFacts(tx, shadow, instant(0), instant(m.clock.now() + 1), null));
  });
  const later = await planted.catch((error: unknown) => {
    if (error instanceof Planted) return error.facts;
    throw error;
  });
  expect(later.find(({ arm }) => arm === mine?.arm)?.counts).toMatchObject({
    minorComplaints: 1n,
    recheckedMinors: 1n,
    rejections: 3n,
    falseRejections: 1n,
  });
  // That of X4: both sales stand assessed, and once more in the other mode.
  expect(counts?.taxFen).toBeGreaterThan(0n);
  expect([counts?.shadowTaxFen === counts?.taxFen, (counts?.shadowTaxFen ?? 0n) > 0n, counts?.reservedFen]).toEqual([false, true, 0n]);
  expect([isCounted('shadowTax / tax'), isCounted('falseRejections / rejections'), isCounted('filedOnTime / filingsDue')]).toEqual([
    true,
    true,
    false,
  ]);
});

/** Ends the database transaction in which it was read. */
class Planted extends Error {
  readonly facts: Awaited<ReturnType<typeof readArmFacts>>;
  constructor(facts: Planted['facts']) {
    super('read');
    this.facts = facts;
  }
}

describe('an experiment whose rules reach beyond the matched book', () => {
  const ID = 'SBX-2026-0002';
  const PROTECTED_MS = 169 * 3_600_000;
  let charm: Kind;
  let amys: ItemId;
  let bobs: ItemId;
  const buy = async (who: Trader, item: ItemId, price = 10_000n) => {
    const list = { intent: 'listing', classId: charm.classId, itemIds: [item], priceFen: fen(price) } as const;
    const { order } = placed(await m.place(m.cid, await m.quote(m.cid, list)));
    const quote = await m.quote(who, { intent: 'take_listing', classId: charm.classId, itemIds: [item], targetOrderId: order.orderId });
    const answer = placed(await m.place(who, quote));
    return { quote, tradeId: answer.trades[0]?.tradeId ?? '' };
  };
  const gauge = (who: Trader, code: string) => {
    const gauges = m.market.experiments.find(ID)?.caps.gauges(who.acct, m.clock.now()) ?? [];
    const found = gauges.find((each) => each.code === code);
    return [found?.usedFen, found?.reservedFen];
  };
  const listing = (who: Trader, item: ItemId, price = 12_000n) =>
    m.quote(who, { intent: 'listing', classId: charm.classId, itemIds: [item], priceFen: fen(price) });
  beforeAll(async () => {
    charm = await m.kind('charm', { isCollectible: false });
    await m.certify();
    const items = await m.mint(charm, m.cid, 8);
    [amys = amys, bobs = bobs] = items;
    await m.fund(m.amy, 1_000_000n);
    await enterTesting(m, 'X2', {
      id: ID,
      classIds: [charm.classId],
      gameIds: [(await m.sql`select game_id from catalogue.item_classes where class_id = ${charm.classId}`)[0]?.game_id ?? ''],
      assignment: {
        ...{ unit: 'PERSON', method: 'HASH_SM3', salt: 'x2', pinned: { [m.amy.acct]: 'control', [m.bob.acct]: 'cool' } },
        arms: [
          { id: 'control', share: '1/2' },
          { id: 'cool', share: '1/2' },
        ],
      },
      ruleOverrides: [{ arm: 'cool', path: 'trading.resaleCooldownTradingDays', value: 10 }],
    });
  });

  test('the wait of one arm holds for its people alone: in the quote, at a listing, a gift and an offer', async () => {
    expect(await Promise.all([charm, ...gems.slice(0, 1)].map(({ classId }) => hasMatchedBook(m.sql, classId)))).toEqual([false, true]);
    for (const who of [m.amy, m.bob]) expect(await m.market.joinExperiment(await who.player(), ID, 'd1')).toMatchObject({ kind: 'joined' });
    const [control, cool] = [await buy(m.amy, amys), await buy(m.bob, bobs)];
    const [free, waits] = [control.quote.document.transferableFrom ?? '', cool.quote.document.transferableFrom ?? ''];
    expect(Date.parse(waits) - Date.parse(free)).toBeGreaterThan(4 * 86_400_000);
    expect([control, cool].map(({ quote }) => [quote.document.experimentId, quote.experimentLabel])).toEqual([
      [ID, null],
      [ID, null],
    ]);
    expect(await m.sql`select experiment_id from market.trades where trade_id = any(${[control.tradeId, cool.tradeId]})`).toEqual([
      { experiment_id: ID },
      { experiment_id: ID },
    ]);
    await m.certify();
    m.clock.advance(PROTECTED_MS);
    await m.certify();
    const refused = await added(() => expect(listing(m.bob, bobs)).rejects.toThrow('resale_wait'));
    expect(refused).toMatchObject([
      { kind: 'deny', experiment: { id: ID, participation: 'in', arm: 'cool' }, reasons: [{ code: 'resale_wait' }] },
    ]);
    const gift = { itemIds: [bobs], to: m.cid.acct };
    expect(await m.market.gifts.quote(await m.bob.player(), gift)).toMatchObject({ code: 'resale_wait' });
    const bid = placed(await m.place(m.cid, await m.quote(m.cid, { intent: 'buy_order', classId: charm.classId, priceFen: fen(9_000n) })));
    const serve = { intent: 'serve_buy_order', classId: charm.classId, itemIds: [bobs], targetOrderId: bid.order.orderId } as const;
    await expect(m.quote(m.bob, serve)).rejects.toThrow('resale_wait');
    const written = await added(async () => placed(await m.place(m.amy, await listing(m.amy, amys))));
    expect(written).toMatchObject([{ kind: 'allow', experiment: { id: ID, participation: 'in', arm: 'control' } }]);
  });

  test('a quote from before joining is shown anew; a paused experiment leaves the rules of the pack', async () => {
    const demo = await m.trader('demo-02');
    await m.fund(demo, 100_000n);
    const wish = { intent: 'buy_order', classId: charm.classId, priceFen: fen(500n) } as const;
    const before = await m.quote(demo, wish);
    await m.market.joinExperiment(await demo.player(), ID, 'd1');
    expect(codeOf(await m.place(demo, before))).toBe('quote_changed');
    const running = m.market.experiments.find(ID);
    if (running === null) throw new Error('it runs');
    m.market.experiments.set({ ...running.experiment, status: 'PAUSED' });
    const paused = await listing(m.bob, bobs);
    expect(paused.document.experimentId).toBeNull();
    m.market.experiments.set(running.experiment);
    expect(codeOf(await m.place(m.bob, paused))).toBe('resale_wait');
  });

  test('a cap counts both sides that take part, and leaves a full order to the pack or refuses it; who leaves is free of all of it', async () => {
    expect(gauge(m.amy, 'SBX_CAP_PER_PERSON_DAY')).toEqual([0n, 12_000n]);
    const [order] = await m.sql<{ order_id: string }[]>`
      select order_id from market.orders where acct = ${m.amy.acct} and class_id = ${charm.classId} and intent = 'listing'`;
    const take = { intent: 'take_listing', classId: charm.classId, itemIds: [amys], targetOrderId: parseOrderId(order?.order_id) } as const;
    const sold = placed(await m.place(m.bob, await m.quote(m.bob, take)));
    expect(gauge(m.amy, 'SBX_CAP_PER_PERSON_DAY')).toEqual([12_000n, 0n]);
    expect(gauge(m.bob, 'SBX_CAP_PER_PERSON_DAY')).toEqual([12_000n, 0n]);
    // 10,000 twice and 12,000: each trade once, whoever took part.
    expect(gauge(m.bob, 'SBX_CAP_EXPERIMENT_TOTAL_TURNOVER')).toEqual([32_000n, 0n]);
    expect(sold.trades).toHaveLength(1);
    const dear = { intent: 'buy_order', classId: charm.classId, priceFen: fen(500_100n) } as const;
    expect((await m.quote(m.bob, dear)).document.experimentId).toBeNull();
    const running = m.market.experiments.find(ID);
    if (running === null) throw new Error('it runs');
    m.market.experiments.set({ ...running.experiment, onCap: 'REJECT' });
    await expect(m.quote(m.bob, dear)).rejects.toThrow('SBX_CAP_PER_TRADE');
    m.market.experiments.set(running.experiment);
    const rest = placed(await m.place(m.bob, await m.quote(m.bob, { ...dear, priceFen: fen(700n) })));
    const [used, reserved] = gauge(m.bob, 'SBX_CAP_EXPERIMENT_OPEN_EXPOSURE');
    await m.reopen();
    expect(gauge(m.bob, 'SBX_CAP_EXPERIMENT_OPEN_EXPOSURE')).toEqual([used, reserved]);
    const left = await m.market.leaveExperiment(await m.bob.player(), ID);
    expect(left).toMatchObject({ experiment: { mine: { hasJoined: false } } });
    expect(await m.sql`select state, reason from market.orders where order_id = ${rest.order.orderId}`).toEqual([
      { state: 'canceled', reason: 'experiment_left' },
    ]);
    expect(gauge(m.bob, 'SBX_CAP_EXPERIMENT_OPEN_EXPOSURE')).toEqual([used, 0n]);
    const free = await listing(m.bob, bobs);
    expect(free.document.experimentId).toBeNull();
    placed(await m.place(m.bob, free));
    await m.reopen();
    expect((await listing(m.bob, bobs).catch((error: unknown) => String(error))).toString()).toContain('item_held');
    expect(await m.market.joinExperiment(await m.bob.player(), ID, 'd1')).toMatchObject({ experiment: { mine: { arm: 'cool' } } });
    await m.certify();
    await assertInvariants(m);
  });
});

test('every stored decision decides again to itself, under the pack and the experiment that it names', async () => {
  const experiments = await listExperiments(m.sql);
  const stored = await rows();
  expect(new Set(stored.map(({ kind }) => kind))).toEqual(new Set(['allow', 'deny', 'review']));
  for (const row of stored) {
    const again = decide(row.attempt, row.facts, getPackByHash(row.packHash), participationOf(row, experiments));
    expect({ kind: again.kind, reasons: again.reasons, packHash: again.packHash }).toEqual({
      kind: row.kind,
      reasons: row.reasons,
      packHash: row.packHash,
    });
  }
});

function participationOf({ experiment }: DecisionRecord, all: Awaited<ReturnType<typeof listExperiments>>): Participation | undefined {
  if (experiment === null) return undefined;
  const { participation, arm } = experiment;
  const document = all.find((each) => experimentHash(each) === experiment.hash);
  if (document === undefined) throw new Error('the experiment of a decision is kept');
  if (participation !== 'in') return { kind: 'out', experimentId: experiment.id, code: participation };
  const overrides = document.ruleOverrides.filter((override) => override.arm === arm);
  return { kind: 'in', experimentId: experiment.id, arm: arm ?? '', isPinned: false, overrides, flags: [] };
}

test('a decision can be neither rewritten nor removed, and the books still agree', async () => {
  await expect(m.sql`update compliance.decisions set outcome = 'placed'`).rejects.toThrow('append-only');
  await expect(m.sql`delete from compliance.decisions`).rejects.toThrow('append-only');
  await assertInvariants(m);
});
