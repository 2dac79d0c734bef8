/** Search: names, facets, ranges, pages that hold still, expressions, prices. */
import { beforeAll, describe, expect, test } from 'vitest';
import { searchKinds } from '#server/market/search.ts';
import type { SearchQuery } from '#server/trpc/views.ts';
import { list, look, m, sword } from './world.ts';

export function searchCases(): void {
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
}
