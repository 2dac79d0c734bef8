import { describe, expect, test } from 'vitest';
import { toHex } from '#ledger/primitives/bytes.ts';
import { writeCursor } from '#server/rest/cursor.ts';
import { STUDIO_READ_KEY } from '#server/workers/demonstration/studio-account.ts';
import { ALL_CLASSES, base, client, clock, database, fieldOf, gameId, kind, seal, signer } from './world.ts';

export function listCases(): void {
  describe('lists', () => {
    const bearer = { authorization: `Bearer ${STUDIO_READ_KEY}` };

    test('an unchanged page costs no body, and a list is over after a quarter of an hour', async () => {
      const first = await fetch(`${base}/api/v1/item-classes?limit=1`, { headers: bearer });
      const again = await fetch(`${base}/api/v1/item-classes?limit=1`, {
        headers: { ...bearer, 'if-none-match': first.headers.get('etag') ?? '' },
      });
      expect([again.status, await again.text()]).toEqual([304, '']);
      expect(
        (await fetch(`${base}/api/v1/item-classes?limit=2`, { headers: { ...bearer, 'if-none-match': first.headers.get('etag') ?? '' } }))
          .status,
      ).toBe(200);
      const old = writeCursor({ after: 0n, below: 2n, height: 1n, at: clock.now() - 15 * 60_000 - 1, list: ALL_CLASSES });
      expect(await client.read(`/api/v1/item-classes?cursor=${encodeURIComponent(old)}`)).toMatchObject({
        status: 410,
        body: { code: 'snapshot_gone' },
      });
    });

    test('where= takes the expression of the market, page by page, over kinds and over items', async () => {
      await client.write('POST', '/api/v1/item-classes', {
        reference_id: 'where-1',
        game_id: gameId,
        rows: Array.from({ length: 5 }, (_, at) => kind(`where-${at}`, { type: 'Ring', attributes: { drain: at } })),
      });
      await seal();
      await client.write('POST', '/api/v1/mints', {
        reference_id: 'where-m',
        game_id: gameId,
        rows: [1, 2, 3].map((at) => ({ class_ref: `where-${at}`, to: 'studio', quantity: 2 })),
      });
      await seal();
      const refs = async (path: string) => {
        const found: string[] = [];
        for await (const row of client.list(path)) found.push(String(Object(row).item_ref ?? Object(row).class_ref));
        return found;
      };
      const where = (text: string) => `where=${encodeURIComponent(text)}`;
      expect(await refs(`/api/v1/item-classes?limit=2&${where('type = "ring" and drain >= 1')}`)).toEqual([
        'where-1',
        'where-2',
        'where-3',
        'where-4',
      ]);
      expect(await refs(`/api/v1/items?limit=1&${where('drain in (1, 3) and not class_ref = "where-3"')}`)).toEqual([
        'where-m/0/0',
        'where-m/0/1',
      ]);
      expect(await refs(`/api/v1/items?${where('drain > 3')}`)).toEqual([]);
      // A place in one list is none in another.
      const page = await client.read(`/api/v1/items?limit=1&${where('drain >= 1')}`);
      const cursor = encodeURIComponent(fieldOf(page, 'next_cursor'));
      expect((await client.read(`/api/v1/items?cursor=${cursor}`)).body).toMatchObject({ code: 'cursor_malformed' });
      expect((await client.read(`/api/v1/item-classes?cursor=${cursor}&${where('drain >= 1')}`)).body).toMatchObject({
        code: 'cursor_malformed',
      });
      expect((await client.read(`/api/v1/items?cursor=${cursor}&${where('(drain >= 1.0)')}`)).status).toBe(200);
    });

    test.each([
      ['drain = ', 'expression_malformed', 7],
      ['colour = "red"', 'expression_unknown_attribute', 0],
      ['type = "x" and drain = "three"', 'expression_type', 23],
      [Array.from({ length: 17 }, () => 'drain = 1').join(' or '), 'expression_malformed', 16 * 13],
      [`drain = 1${' '.repeat(504)}`, 'expression_malformed', 512],
    ])('where=%s is refused with its place', async (text, code, at) => {
      for (const list of ['items', 'item-classes']) {
        const answer = await client.read(`/api/v1/${list}?where=${encodeURIComponent(text)}`);
        expect(answer).toMatchObject({ status: 400, body: { code, at, trace_id: answer.traceId, fields: [{ path: 'where' }] } });
      }
    });

    test('100,000 rows under constant writes: no gap, no duplicate', async () => {
      const first = 1_000_000;
      const insert = (from: number, count: number) => database.sql`
      insert into catalogue.item_classes (class_id, ledger_serial, studio_acct, game_id, class_ref, name_en, category, type, icon, royalty_bps, fee_bps,
        publicity_hours, protection_hours, resale_wait_trading_days, collectible, interchangeable, giftable, origin, tx_id, reference_id, created_at, certified_at)
      select 'cls_' || lpad(to_hex(n), 32, '0'), n, ${toHex(signer.acct)}, ${gameId}, 'bulk-' || n, 'Bulk 𠮷', 'Mods', 'Mod', 'processor', 200, 500,
        0, 168, 0, false, false, true, 'PLAY', '\\x00', 'bulk', now(), now() from generate_series(${from}::int, ${from + count - 1}::int) as n`;
      await insert(first, 100_000);
      // What autovacuum does for a table that lives longer than a test.
      await database.sql`analyze catalogue.item_classes`;
      let next = first + 100_000;
      let cursor: string | null = writeCursor({
        after: BigInt(first - 1),
        below: BigInt(next),
        height: 1n,
        at: clock.now(),
        list: ALL_CLASSES,
      });
      const seen: number[] = [];
      while (cursor !== null) {
        const [page] = await Promise.all([
          client.read(`/api/v1/item-classes?limit=200&cursor=${encodeURIComponent(cursor)}`),
          insert(next, 3),
        ]);
        next += 3;
        const { rows, next_cursor } = page.body as { rows: { ledger_serial: string; name_en: string }[]; next_cursor: string | null };
        expect(rows[0]?.name_en).toBe('Bulk 𠮷');
        for (const row of rows) seen.push(Number(row.ledger_serial));
        cursor = next_cursor;
      }
      expect(seen).toEqual(Array.from({ length: 100_000 }, (_, at) => first + at));
      await database.sql`delete from catalogue.item_classes where ledger_serial >= ${first}`;
    });
  });
}
