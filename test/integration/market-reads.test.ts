/** The read side on a real database and ledger: what pages are told after real orders, trades and certification. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromBase64 } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { beijingDate, instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import { PACK_CN_2026_1 as CN } from '#sandbox/packs/cn/pack-2026-1.ts';
import { withConstants } from '#sandbox/packs/pack.ts';
import { dueDate } from '#sandbox/tax/filing-calendar.ts';
import { sellerYear, watchSellers } from '#server/compliance/seller-years.ts';
import { rebuildCandles } from '#server/market/candle-buckets.repo.ts';
import { listCandles } from '#server/market/candles.ts';
import { getClassPage } from '#server/market/class-page.ts';
import { listExperimentViews } from '#server/market/experiments.ts';
import { getBlock, getEntry, listBlocks } from '#server/market/explorer.ts';
import { getFeedGames } from '#server/market/feed-games.repo.ts';
import { getPassport, getReceipt } from '#server/market/files.ts';
import { getItemPage } from '#server/market/item-page.ts';
import { getMoney } from '#server/market/money.ts';
import { listOrderPage } from '#server/market/orders.ts';
import { getPortfolio } from '#server/market/portfolio.ts';
import { getTaxStatement } from '#server/market/tax-statement.ts';
import { getTaxDay } from '#server/market/tax-view.ts';
import { getTiles } from '#server/market/tiles.ts';
import { getTrade, listTradePage } from '#server/market/trades.ts';
import { placed, type Trader } from '#test/support/market.ts';
import { referenceCases } from './market-reads/reference.ts';
import { searchCases } from './market-reads/search.ts';
import { tileCases } from './market-reads/tiles.ts';
import { at, closeWorld, items, list, look, m, openWorld, sword, take, tradeId } from './market-reads/world.ts';

beforeAll(openWorld);
afterAll(closeWorld);

describe('after one certified trade', () => {
  test('the kind page has figures, tape and the items of the one who looks', async () => {
    const open = await list(m.amy, sword, at(items, 1), 60_000n);
    const page = await look(m.amy, (s) => getClassPage(m, s, sword.classId));
    expect(page).toMatchObject({
      card: { issued: 6, listings: 1, lowestListingFen: '60000', referenceFen: null, trades7d: 1 },
      terms: { issued: 6, burned: 0 },
      recentTrades: [{ tradeId, priceFen: '50000', quantity: 1 }],
      listings: [{ orderId: open.order.orderId, items: [{ itemId: at(items, 1), serialNo: 2 }], isMine: true, state: 'live' }],
    });
    expect(page?.mine).toHaveLength(5);
    expect(page?.mine.filter((item) => item.isFree)).toHaveLength(4);
    expect(page?.statistics[0]).toEqual({ window: '24h', trades: 1, volume: 1, medianFen: '50000', turnoverFen: '50000' });
    const stranger = await look(null, (s) => getClassPage(m, s, sword.classId));
    expect(stranger?.mine).toEqual([]);
    expect(stranger?.listings[0]?.isMine).toBe(false);
    expect(stranger?.height).toBeGreaterThan(0);
  });

  test('the item page shows the price of a hop to its parties and to supervisors only', async () => {
    const itemId = at(items, 0);
    const prices = async (viewer: Trader | null, seesPrices = false) => {
      const page = await look(viewer, (s) => getItemPage(m, s, itemId, seesPrices));
      return page?.hops.map((hop) => [hop.act, hop.priceFen]);
    };
    expect(await prices(null)).toEqual([
      ['issued', null],
      ['sold', null],
    ]);
    expect(await prices(m.cid)).toEqual([
      ['issued', null],
      ['sold', null],
    ]);
    expect(await prices(m.bob)).toEqual([
      ['issued', null],
      ['sold', '50000'],
    ]);
    expect(await prices(m.amy)).toEqual([
      ['issued', null],
      ['sold', '50000'],
    ]);
    expect(await prices(null, true)).toEqual([
      ['issued', null],
      ['sold', '50000'],
    ]);
    const page = await look(m.bob, (s) => getItemPage(m, s, itemId, false));
    expect(page).toMatchObject({ isMine: true, state: 'protected', serialNo: 1, version: '2', certified: true });
    expect(page?.hops[1]?.height).not.toBeNull();
  });

  test('the trade page: the seller sees taxes, the buyer does not, a stranger sees nothing', async () => {
    const id = tradeId as never;
    const seller = await getTrade(m, { kind: 'party', acct: m.amy.acct }, id);
    expect(seller).toMatchObject({
      side: 'sell',
      state: 'protected',
      grossFen: '50000',
      feeFen: '2500',
      royaltyFen: '1000',
      sellerNetFen: '46500',
      assessment: { version: 1, isEstimate: false },
      quote: { intent: 'listing' },
      ledger: { status: 'certified', hasReceipt: true, signers: [expect.any(String)] },
    });
    expect(seller?.history.map((step) => step.state)).toEqual(['reserved', 'settled', 'certified', 'protected']);
    expect(seller?.legs.map((leg) => [leg.kind, leg.amountFen])).toEqual([
      ['price', '50000'],
      ['fee', '2500'],
      ['royalty', '1000'],
    ]);
    const buyer = await getTrade(m, { kind: 'party', acct: m.bob.acct }, id);
    expect(buyer).toMatchObject({ side: 'buy', assessment: null, assessmentHistory: [], quote: { intent: 'take_listing' } });
    expect(await getTrade(m, { kind: 'party', acct: m.cid.acct }, id)).toBeNull();
    const tax = await getTrade(m, { kind: 'supervisor', role: 'sup_tax' }, id);
    expect(tax).toMatchObject({ side: 'none', assessment: { version: 1 }, sellerName: seller?.sellerName });
    const market = await getTrade(m, { kind: 'supervisor', role: 'sup_market' }, id);
    expect(market).toMatchObject({ assessment: null, quote: null, legs: [], grossFen: '50000' });
    expect(market?.sellerName).not.toBe(seller?.sellerName);
    const finance = await getTrade(m, { kind: 'supervisor', role: 'sup_finance' }, id);
    expect(finance?.legs).toHaveLength(3);
    expect(finance?.assessment).toBeNull();
  });

  test('portfolio, orders and money agree with what was done', async () => {
    const portfolio = await look(m.bob, (s) => getPortfolio(s, m.bob.acct, undefined));
    expect(portfolio).toMatchObject({
      rows: [{ itemId: at(items, 0), state: 'protected', costBasisFen: '50000', costSource: 'bought_here', unrealisedFen: null }],
      totals: { items: 1, costFen: '50000', realisedYearFen: '0' },
      nextCursor: null,
    });
    const sellers = await look(m.amy, (s) => getPortfolio(s, m.amy.acct, undefined));
    expect(sellers.totals).toMatchObject({ items: 5, realisedYearFen: '46500' });
    const open = await look(m.amy, (s) => listOrderPage(s, m.amy.acct, { open: true }));
    const past = await look(m.amy, (s) => listOrderPage(s, m.amy.acct, { open: false }));
    expect(open.rows.map((order) => order.state)).toEqual(['new']);
    expect(past.rows.map((order) => order.state)).toEqual(['filled']);
    const bobs = await look(m.bob, (s) => getMoney(s, m.bob.acct));
    expect(bobs).toMatchObject({ availableFen: '250000', heldFen: '0', comingFen: '0', differenceFen: '0', isSimulated: true });
    expect(bobs.entries.map((entry) => [entry.kind, entry.amountFen, entry.balanceFen])).toEqual([
      ['trade', '-50000', '250000'],
      ['deposit', '300000', '300000'],
    ]);
    const amys = await look(m.amy, (s) => getMoney(s, m.amy.acct));
    expect(amys).toMatchObject({ availableFen: '0', comingFen: '46500', differenceFen: '0', coming: [{ tradeId, amountFen: '46500' }] });
  });

  test('a hold shows with its order and comes out of the available figure', async () => {
    const quote = await m.quote(m.bob, { intent: 'buy_order', classId: sword.classId, priceFen: fen(40_000n), quantity: 2 });
    const { order } = placed(await m.place(m.bob, quote));
    const money = await look(m.bob, (s) => getMoney(s, m.bob.acct));
    expect(money).toMatchObject({
      availableFen: '170000',
      heldFen: '80000',
      differenceFen: '0',
      held: [{ orderId: order.orderId, amountFen: '80000' }],
    });
    const depth = await m.market.getDepth(sword.classId);
    expect(depth).toMatchObject({
      mechanism: 'fixed_price',
      sell: [{ priceFen: '60000', count: 1, quantity: 1, cumulative: 1 }],
      buy: [{ priceFen: '40000', count: 1, quantity: 2, cumulative: 2 }],
    });
  });

  test('lists of trades go to their own page only', async () => {
    const mine = await look(m.amy, (s) => listTradePage(s, m.amy.acct, undefined));
    expect(mine.rows).toMatchObject([{ tradeId, side: 'sell' }]);
    expect((await look(m.cid, (s) => listTradePage(s, m.cid.acct, undefined))).rows).toEqual([]);
    expect((await look(null, (s) => listTradePage(s, null, undefined))).rows).toMatchObject([{ tradeId, side: 'none' }]);
  });

  test('receipt and passport are files; the buyer cannot open what is the seller’s', async () => {
    const id = tradeId as never;
    const sellers = await getReceipt(m, m.amy.acct, id);
    const buyers = await getReceipt(m, m.bob.acct, id);
    expect(new TextDecoder().decode(fromBase64(sellers.file).slice(0, 8))).toBe('PLPROOF1');
    expect(fromBase64(sellers.file).length).toBeGreaterThan(fromBase64(buyers.file).length);
    await expect(getReceipt(m, m.cid.acct, id)).rejects.toMatchObject({ code: 'trade_unknown' });
    const passport = await getPassport(m, null, at(items, 0));
    const own = await getPassport(m, m.bob.acct, at(items, 0));
    expect(fromBase64(own.file).length).toBeGreaterThan(fromBase64(passport.file).length);
  });

  test('the explorer decodes the entry of the trade', async () => {
    const trade = await getTrade(m, { kind: 'party', acct: m.amy.acct }, tradeId as never);
    const entry = await getEntry(m, trade?.ledger.index ?? -1);
    expect(entry).toMatchObject({ op: 'trade', txId: trade?.ledger.txId, decoded: { op: { kind: 'trade', protectMs: 168 * 3_600_000 } } });
    JSON.stringify(entry);
    const block = await getBlock(m, trade?.ledger.height ?? -1);
    expect(block?.entries.map((row) => row.index)).toContain(trade?.ledger.index);
    const { rows } = await listBlocks(m, undefined);
    expect(rows[0]?.prevHash).toBe(rows[1]?.headerHash);
    expect(await getBlock(m, 1_000_000)).toBeNull();
  });

  test('supervisors: tiles and the tax day add up', async () => {
    const tiles = await look(null, (s) => getTiles(m, s, 'sup_market'));
    expect(tiles).toMatchObject({
      of: { trades: 1, turnoverFen: '50000', sellers: 1 },
      dayBefore: { trades: 0, turnoverFen: '0', costPerTradeFen: null },
      reconciliationFen: '0',
      membersUp: 1,
      membersTotal: 1,
    });
    expect(tiles.today).toEqual(tiles.of);
    const day = await look(null, (s) => getTaxDay(s, beijingDate(m.clock.now())));
    expect(day.totalFen).toBe(tiles.of.assessedFen);
    expect(day.trades).toMatchObject([{ tradeId, grossFen: '50000', sellerRef: m.amy.acct }]);
    expect(day.lines.every((line) => line.label.en !== '')).toBe(true);
    const date = beijingDate(m.clock.now());
    const [year = '', month = ''] = date.split('-');
    for (const label of [`${year}-${month}`, `${year}-Q${Math.ceil(Number(month) / 3)}`, year]) {
      const period = await look(null, (s) => getTaxDay(s, label));
      const sumOf = (groups: readonly { readonly taxFen: string }[]) =>
        String(groups.reduce((sum, group) => sum + BigInt(group.taxFen), 0n));
      expect(period).toMatchObject({ day: label, totalFen: day.totalFen, lines: day.lines, tradesTotal: day.trades.length, filed: [] });
      expect([sumOf(period.bySeller), sumOf(period.byGame)]).toEqual([day.totalFen, day.totalFen]);
    }
    // The quarter's report is due on a day of the pack's calendar, and overdue after it as long as nobody has made it (V-06).
    const quarter = `${year}-Q${Math.ceil(Number(month) / 3)}`;
    const { due } = await look(null, (s) => getTaxDay(s, quarter));
    expect(due).toEqual({ kind: 'decree-810', on: expect.stringMatching(/^\d{4}-\d\d-(?:30|31)$/), isOverdue: false });
    const daysLater = (days: number) =>
      look(null, (s) => getTaxDay({ ...s, now: instant(startOfBeijingDate(due?.on ?? '') + days * 86_400_000) }, quarter));
    expect([(await daysLater(0)).due?.isOverdue, (await daysLater(1)).due?.isOverdue]).toEqual([false, true]);
    expect(day.due).toBeNull();
    await expect(look(null, (s) => getTaxDay(s, '2026-13'))).rejects.toMatchObject({ code: 'period_malformed' });
    expect(await look(null, (s) => getTaxDay(s, '2020-01-01'))).toMatchObject({ totalFen: '0', trades: [], lines: [] });
  });

  test('my tax statement adds up to what supervisors see of me, by month, quarter and year, with the day each line is due', async () => {
    const date = beijingDate(m.clock.now());
    const day = await look(null, (s) => getTaxDay(s, date));
    const quarter = `${date.slice(0, 4)}-Q${Math.ceil(Number(date.slice(5, 7)) / 3)}`;
    for (const label of [date.slice(0, 7), quarter, date.slice(0, 4)]) {
      const mine = await look(m.amy, (s) => getTaxStatement(s, m.amy.acct, label, CN));
      expect(mine).toMatchObject({
        period: label,
        sales: 1,
        gifts: 0,
        grossFen: '50000',
        refundFen: '0',
        totalFen: day.totalFen,
        reported: [],
      });
      expect(mine.lines.map(({ id, amountFen }) => ({ id, amountFen }))).toEqual(day.lines.map(({ id, amountFen }) => ({ id, amountFen })));
      expect(mine.rows).toMatchObject([{ saleId: tradeId, costSource: 'EARNED', costFen: '0', taxFen: day.totalFen, isReversed: false }]);
      // Income of this month is due by the 15th of the next or a working day after it; a line of nothing is never due.
      const income = mine.lines.find(({ id }) => id === 'CN-IIT-P2P');
      expect(income?.due).toEqual([dueDate(CN, 'DAY15_NEXT_MONTH', date.slice(0, 7))]);
      expect(mine.lines.find(({ id }) => id === 'CN-VAT-P2P')?.due).toEqual([]);
    }
    expect(await look(m.bob, (s) => getTaxStatement(s, m.bob.acct, quarter, CN))).toMatchObject({ sales: 0, rows: [], totalFen: '0' });
  });

  test('above the yearly line a seller is reminded and both offices are told, once; at the line nobody is (CN-RPT-13, CN-IIT-16)', async () => {
    const { sql, clock } = m;
    const heads = async () =>
      Object.fromEntries(
        (
          await sql<{ room: string; type: string; count: number }[]>`
          select split_part(room, ':', 1) as room, type, count(*)::int as count from outbox.messages
          where type like '%.seller.%' or (type = 'notice' and body like '%"/tax"%') group by 1, 2`
        ).map(({ room, type, count }) => [`${room} ${type}`, count]),
      );
    const turn = (changes: Readonly<Record<string, string>>) =>
      watchSellers({ sql, clock, outbox: m.outbox, pack: () => withConstants(CN, changes) }).turn();
    const year = (who: Trader, changes: Readonly<Record<string, string>>) =>
      look(who, async (s) => sellerYear(s.tx, who.acct, withConstants(CN, changes), s.now));
    expect(await year(m.amy, {})).toMatchObject({
      turnoverFen: '50000',
      lineFen: '10000000',
      leftFen: '9950000',
      isRegistrationDue: false,
    });
    expect(await turn({ noRegistrationMaxYear: '50000' })).toBe(0);
    expect(await heads()).toEqual({});
    const over = { noRegistrationMaxYear: '49999', businessGrossMin: '50000' };
    expect(await turn(over)).toBe(2);
    expect(await turn(over)).toBe(0);
    expect(await heads()).toEqual({
      'player notice': 2,
      'sup tax.seller.registration_due': 1,
      'sup tax.seller.business_hint': 1,
      'sup mkt.seller.registration_due': 1,
    });
    expect(await year(m.amy, over)).toMatchObject({
      ...{ leftFen: '0', isRegistrationDue: true, looksLikeBusiness: true },
      recent: { sales: 1, grossFen: '50000', itemsSold: 1, itemsBought: 0 },
    });
    const day = await look(null, (s) => getTaxDay(s, beijingDate(clock.now())));
    expect(day.notices.map(({ sellerRef, kind }) => [sellerRef, kind])).toEqual([
      [m.amy.acct, 'business_hint'],
      [m.amy.acct, 'registration_due'],
    ]);
    await expect(sql`delete from compliance.seller_notices`).rejects.toThrow();
  });

  test('a trade and a kind of the feed lead to one game and one kind, and an unknown id to none', async () => {
    const found = await look(null, (s) => getFeedGames(s, [tradeId, `trd_${'0'.repeat(32)}`], [sword.classId]));
    const [gameId] = found.of.map((each) => each.gameId);
    expect(found.of.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      { id: sword.classId, gameId, classId: sword.classId },
      { id: tradeId, gameId, classId: sword.classId },
    ]);
    expect(found.kinds.map(({ classId }) => classId)).toEqual([sword.classId]);
    expect(found.games.map((game) => game.gameId)).toContain(gameId);
  });

  test('experiments are read from the tables', async () => {
    const views = await look(m.amy, (s) => listExperimentViews(s));
    for (const view of views) expect(view.mine?.hasJoined).toBe(false);
  });
});

describe('candles', () => {
  test('a bucket without trades is a gap, and a reversed trade is left out of the filtered series', async () => {
    const axe = await m.kind('axe');
    const axes = await m.mint(axe, m.cid, 3);
    await m.fund(m.bob, 300_000n);
    for (const [index, price] of [10_000n, 9_000n, 12_000n].entries()) {
      const item = at(axes, index);
      await take(m.bob, axe, item, (await list(m.cid, axe, item, price)).order.orderId);
      await m.certify();
      m.clock.advance(index === 0 ? 60_000 : 3 * 3_600_000);
    }
    const query = { classId: axe.classId, interval: '1h', range: '7d', filtered: false } as const;
    const all = await look(null, (s) => listCandles(s, query));
    const volumes = all.candles.map((candle) => candle.volume);
    expect(volumes.reduce((sum, volume) => sum + volume, 0)).toBe(3);
    const starts = all.candles.map((candle) => Date.parse(candle.start));
    const last = at(starts, starts.length - 1);
    expect(last - at(starts, starts.length - 2)).toBeGreaterThan(3_600_000);
    expect(at(all.candles, all.candles.length - 1)).toMatchObject({ openFen: '12000', closeFen: '12000', trades: 1 });
    expect(all).toMatchObject({ confidence: 'low', revision: 0, shareLeftOut: '0' });
    await m.sql`update market.trades set state = 'reversed' where class_id = ${axe.classId} and price_fen = 9000`;
    await rebuildCandles(m.sql, m.clock.now());
    const filtered = await look(null, (s) => listCandles(s, { ...query, filtered: true }));
    expect(filtered.candles.some((candle) => candle.lowFen === '9000')).toBe(false);
    expect(filtered).toMatchObject({ revision: 1, shareLeftOut: '33.33' });
  });
});

searchCases();

referenceCases();

tileCases();
