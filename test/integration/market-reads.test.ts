/** The read side on a real database and ledger: what pages are told after real orders, trades and certification. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromBase64 } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import type { ItemId } from '#ledger/primitives/ids.ts';
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
import { searchKinds } from '#server/market/search.ts';
import { readSnapshot, type Snapshot } from '#server/market/snapshot.ts';
import { getTaxDay, getTiles } from '#server/market/supervisor.ts';
import { getTaxStatement } from '#server/market/tax-statement.ts';
import { getTrade, listTradePage } from '#server/market/trades.ts';
import type { SearchQuery } from '#server/trpc/views.ts';
import { type Kind, openTestMarket, placed, type TestMarket, type Trader } from '#test/support/market.ts';

let m: TestMarket;
let sword: Kind;
let items: readonly ItemId[];
let tradeId: string;

const look = <T extends object | null>(viewer: Trader | null, read: (snapshot: Snapshot) => Promise<T>): Promise<T> =>
  readSnapshot(m, viewer?.acct ?? null, read);

async function list(seller: Trader, kind: Kind, item: ItemId, price: bigint) {
  return placed(
    await m.place(seller, await m.quote(seller, { intent: 'listing', classId: kind.classId, itemIds: [item], priceFen: fen(price) })),
  );
}
async function take(buyer: Trader, kind: Kind, item: ItemId, orderId: Parameters<TestMarket['quote']>[1]['targetOrderId']) {
  const quote = await m.quote(buyer, { intent: 'take_listing', classId: kind.classId, itemIds: [item], targetOrderId: orderId ?? null });
  return placed(await m.place(buyer, quote));
}
const at = <T>(values: readonly T[], index: number): T => {
  const value = values[index];
  if (value === undefined) throw new Error(`nothing at ${index}`);
  return value;
};

beforeAll(async () => {
  m = await openTestMarket();
  sword = await m.kind('sword');
  items = await m.mint(sword, m.amy, 6);
  await m.fund(m.bob, 300_000n);
  const listing = await list(m.amy, sword, at(items, 0), 50_000n);
  const bought = await take(m.bob, sword, at(items, 0), listing.order.orderId);
  tradeId = at(bought.trades, 0).tradeId;
  await m.certify();
}, 60_000);
afterAll(() => m.stop());

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
    expect(tiles).toMatchObject({ trades: 1, turnoverFen: '50000', sellers: 1, reconciliationFen: '0', membersUp: 1, membersTotal: 1 });
    const day = await look(null, (s) => getTaxDay(s, beijingDate(m.clock.now())));
    expect(day.totalFen).toBe(tiles.assessedFen);
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

describe('search', () => {
  const LEVELS = 120;
  let last: Awaited<ReturnType<typeof m.kind>>;
  beforeAll(async () => {
    // Before the numbers of the others: a kind is read once, in the order of its number.
    last = await m.kind('zweihander');
    const [game] = await m.sql<{ game_id: string; studio_acct: string; tx_id: Uint8Array }[]>`
      select game_id, studio_acct, tx_id from catalogue.item_classes limit 1`;
    if (game === undefined) throw new Error('no kind');
    await m.sql`insert into catalogue.attribute_definitions (game_id, key, type, label_zh, label_en, filterable, position) values
      (${game.game_id}, 'polarity', 'enum', '极性', 'Polarity', true, 1), (${game.game_id}, 'level', 'integer', '等级', 'Level', true, 2),
      (${game.game_id}, 'vaulted', 'boolean', null, 'Vaulted', true, 3), (${game.game_id}, 'note', 'text', null, 'Note', false, 4),
      (${game.game_id}, 'maker', 'text', '工坊', 'Maker', true, 5)`;
    await m.sql`insert into catalogue.item_classes (class_id, ledger_serial, studio_acct, game_id, class_ref, name_en, name_zh, category, type, icon,
        rarity, attributes, royalty_bps, fee_bps, publicity_hours, protection_hours, resale_wait_trading_days, collectible, interchangeable,
        giftable, origin, tx_id, reference_id, created_at, certified_at)
      select 'cls_' || lpad(to_hex(n), 32, 'f'), 100000 + n, ${game.studio_acct}, ${game.game_id}, 'mod-' || n, 'Mod ' || n, '模组 ' || n,
        case when n % 2 = 0 then 'Mods' else 'Arcanes' end, 'Mod', 'processor', case n % 3 when 0 then 'Common' when 1 then 'Rare' else 'Legendary' end,
        jsonb_build_object('polarity', 'p' || n % 4, 'level', n % 10, 'vaulted', n % 5 = 0, 'note', 'x', 'maker', 'Forge ' || n % 2),
        0, 0, 0, 72, 0, false, false, true, 'PLAY', ${game.tx_id}, 'seed', now(), now() from generate_series(1, ${LEVELS}) n`;
  });

  const search = (query: SearchQuery) => look(null, (s) => searchKinds(m, s, query));
  async function allPages(query: SearchQuery): Promise<Awaited<ReturnType<typeof search>>[]> {
    const page = await search(query);
    return page.nextCursor === null ? [page] : [page, ...(await allPages({ ...query, cursor: page.nextCursor }))];
  }
  const counts = (page: Awaited<ReturnType<typeof search>>, key: string) => {
    const facet = page.facets.find((each) => each.key === key);
    if (facet === undefined || facet.kind === 'range') return facet;
    return Object.fromEntries(facet.options.map((option) => [option.value, option.count]));
  };

  test('names are found in both languages', async () => {
    expect((await search({ text: '模组 97' })).rows.map((row) => row.names.en)).toEqual(['Mod 97']);
    expect((await search({ text: 'MOD 97' })).total).toBe(1);
    expect((await search({ text: 'nothing like this' })).rows).toEqual([]);
  });

  test('each facet counts under the other filters, not under itself', async () => {
    const page = await search({ text: 'Mod ', category: ['Mods'], where: { polarity: ['p0'] } });
    const even = Array.from({ length: LEVELS }, (_, n) => n + 1);
    expect(page.total).toBe(even.filter((n) => n % 2 === 0 && n % 4 === 0).length);
    expect(counts(page, 'category')).toEqual({ Mods: 30 });
    expect(counts(page, 'polarity')).toEqual({ p0: 30, p2: 30 });
    expect(counts(page, 'rarity')).toEqual({ Common: 10, Rare: 10, Legendary: 10 });
    expect(counts(page, 'vaulted')).toEqual({ true: 6, false: 24 });
    expect(counts(page, 'note')).toBeUndefined();
    expect(counts(page, 'maker')).toEqual({ 'Forge 0': 30 });
    expect((await search({ text: 'Mod ', where: { maker: ['Forge 1'] } })).total).toBe(LEVELS / 2);
  });

  test('ranges filter and carry a histogram', async () => {
    const page = await search({ where: { level: { min: 3, max: 4 }, polarity: ['p0'] } });
    expect(page.total).toBe(Array.from({ length: LEVELS }, (_, n) => n + 1).filter((n) => [3, 4].includes(n % 10) && n % 4 === 0).length);
    const level = page.facets.find((facet) => facet.key === 'level');
    expect(level).toMatchObject({ kind: 'range', min: 0, max: 8 });
    expect(level?.kind === 'range' && level.buckets.reduce((sum, count) => sum + count, 0)).toBe(30);
  });

  test.each([
    'name',
    'newest',
    'rarity',
    'price_up',
    'price_down',
    'best_deal',
    'discount',
    'ending_soon',
    'most_traded',
    'fastest_sold',
  ] as const)('pages by %s have no gap and nothing twice', async (sort) => {
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < 10; pages++) {
      const page = await search({ sort, cursor });
      seen.push(...page.rows.map((row) => row.classId));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    const [all] = await m.sql<{ count: number }[]>`select count(*)::int as count from catalogue.item_classes`;
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(all?.count ?? 0);
  });

  test('later pages show what the first page saw: a kind that moves to the front meanwhile is neither lost nor shown twice', async () => {
    const [item] = await m.mint(last, m.cid, 1);
    if (item === undefined) throw new Error('one item');
    const first = await search({ sort: 'price_up' });
    const cursor = first.nextCursor ?? undefined;
    expect(first.rows.some((row) => row.classId === last.classId)).toBe(false);
    const listing = await list(m.cid, last, item, 100n);
    expect((await search({ sort: 'price_up' })).rows.some((row) => row.classId === last.classId)).toBe(true);
    const rest = await allPages({ sort: 'price_up', cursor });
    const seen = [first, ...rest].flatMap(({ rows }) => rows.map((row) => row.classId));
    expect(seen).toHaveLength(first.total);
    expect(new Set(seen).size).toBe(first.total);
    expect(new Set(rest.map(({ height }) => height))).toEqual(new Set([first.height]));
    expect(rest.flatMap(({ rows }) => rows).find((row) => row.classId === last.classId)?.lowestListingFen).toBeNull();
    // Of another question it says nothing.
    expect((await search({ sort: 'price_up', listed: true, cursor })).rows.length).toBeLessThan(3);
    await m.cancel(m.cid, listing.order);
  });

  test('a list whose first page is forgotten goes on after its last row', async () => {
    const first = await search({ sort: 'name', text: 'Mod ' });
    m.clock.advance(16 * 60_000);
    const rest = await allPages({ sort: 'name', text: 'Mod ', cursor: first.nextCursor ?? undefined });
    expect(new Set([...first.rows, ...rest.flatMap(({ rows }) => rows)].map((row) => row.classId)).size).toBe(LEVELS);
  });

  test('kinds without publicity, and those that may be passed on freely, by the terms in force', async () => {
    const [shown, bound] = ['mod-1', 'mod-2'];
    await m.sql`update catalogue.item_classes set publicity_hours = 24 where class_ref = ${shown}`;
    await m.sql`update catalogue.item_classes set resalable = false where class_ref = ${bound}`;
    const all = (await search({})).total;
    const atOnce = await search({ atOnce: true, expression: `class_ref = "${shown}"` });
    expect([(await search({ atOnce: true })).total, atOnce.total]).toEqual([all - 1, 0]);
    const transferable = await search({ transferable: true, expression: `class_ref = "${bound}"` });
    expect([(await search({ transferable: true })).total, transferable.total]).toEqual([all - 1, 0]);
  });

  test('an attribute expression is one more filter, and refused at its place', async () => {
    const page = await search({ text: 'Mod ', expression: 'rarity in ("rare", "legendary") and level >= 8 and not vaulted = true' });
    const all = Array.from({ length: LEVELS }, (_, index) => index + 1);
    expect(page.total).toBe(all.filter((n) => n % 3 !== 0 && n % 10 >= 8 && n % 5 !== 0).length);
    expect((await search({ expression: 'class_ref = "mod-97"' })).rows.map((row) => row.names.en)).toEqual(['Mod 97']);
    await expect(search({ expression: 'level >= 8 and colour = "red"' })).rejects.toMatchObject({
      code: 'expression_unknown_attribute',
      facts: { at: 15 },
    });
    await expect(search({ expression: 'level = "8"' })).rejects.toMatchObject({ code: 'expression_type', facts: { at: 8 } });
  });

  test('price filters look at the lowest listing', async () => {
    expect((await search({ minFen: '60000', maxFen: '60000' })).rows.map((row) => row.classId)).toEqual([sword.classId]);
    expect((await search({ minFen: '60001' })).rows).toEqual([]);
    expect((await search({ listed: true, sort: 'price_up' })).rows.map((row) => row.classId)).toEqual([sword.classId]);
  });

  test('a foreign cursor is refused', async () => {
    await expect(search({ cursor: 'AAAA' })).rejects.toMatchObject({ code: 'cursor_malformed' });
  });
});

describe('reference price', () => {
  test('is the volume-weighted median of enough trades by enough sellers, and none before', async () => {
    const gem = await m.kind('gem');
    const sellers = [m.amy, m.cid, await m.trader('demo-01')];
    await m.fund(m.bob, 300_000n);
    const sell = async (seller: Trader, price: bigint) => {
      const item = at(await m.mint(gem, seller, 1), 0);
      await take(m.bob, gem, item, (await list(seller, gem, item, price)).order.orderId);
    };
    const reference = async () => (await look(null, (s) => getClassPage(m, s, gem.classId)))?.card.referenceFen;
    for (const [index, price] of [100n, 500n, 200n, 300n].entries()) await sell(at(sellers, index % 3), price * 10n);
    await m.certify();
    expect(await reference()).toBeNull();
    await sell(at(sellers, 1), 4_000n);
    expect(await reference()).toBeNull();
    await m.certify();
    expect(await reference()).toBe('3000');
  }, 30_000);
});
