import { describe, expect, test } from 'vitest';
import { toHex } from '#ledger/primitives/bytes.ts';
import { importProgressBody } from '#server/realtime/events.ts';
import { client, clock, counts, database, declare, fieldOf, gameId, kind, ledger, seal, signer } from './world.ts';

export function kindCases(): void {
  describe('what a kind and a schema may become', () => {
    test('a supply cap goes down to what is issued and no further, and the ledger holds it', async () => {
      await client.write('POST', '/api/v1/item-classes', {
        reference_id: 'cap-0',
        game_id: gameId,
        rows: [kind('medal', { supply_cap: 10 })],
      });
      await seal();
      await client.write('POST', '/api/v1/mints', {
        reference_id: 'cap-m',
        game_id: gameId,
        rows: [{ class_ref: 'medal', to: 'studio', quantity: 3 }],
      });
      const [row] = await database.sql<{ class_id: string }[]>`select class_id from catalogue.item_classes where class_ref = 'medal'`;
      const path = `/api/v1/item-classes/${row?.class_id}`;
      const before = await counts();
      expect((await client.write('PATCH', path, { reference_id: 'cap-1', supply_cap: 11 })).body).toMatchObject({ code: 'cap_raise' });
      expect((await client.write('PATCH', path, { reference_id: 'cap-1', supply_cap: 2 })).body).toMatchObject({ code: 'cap_raise' });
      expect((await client.write('PATCH', '/api/v1/item-classes/cls_0', { reference_id: 'cap-1', supply_cap: 2 })).status).toBe(404);
      expect((await client.write('PATCH', path, { reference_id: 'cap-1', dry_run: true, supply_cap: 4 })).body).toMatchObject({
        state: 'dry_run',
      });
      expect(await counts()).toBe(before);
      const lowered = await client.write('PATCH', path, { reference_id: 'cap-1', supply_cap: 4 });
      expect(lowered.body).toMatchObject({ state: 'sequenced', supply_cap: { before: '10', now: '4' }, replayed: false });
      const again = await client.write('PATCH', path, { reference_id: 'cap-1', supply_cap: 4 });
      expect(again.body).toEqual({ ...(lowered.body as object), replayed: true });
      const more = { reference_id: 'cap-n', game_id: gameId, rows: [{ class_ref: 'medal', to: 'studio', quantity: 2 }] };
      expect(JSON.stringify((await client.write('POST', '/api/v1/mints', more)).body)).toContain('supply_exceeded');
      await seal();
    });

    test('what the members refuse is neither announced nor shown, and what stood before stands', async () => {
      await client.write('POST', '/api/v1/item-classes', {
        reference_id: 'club',
        game_id: gameId,
        rows: [kind('club', { supply_cap: 9 })],
      });
      await seal();
      const find = async () => {
        const [row] = await database.sql`
        select class_id, supply_cap::text, next_terms ->> 'fee_bps' as fee, art_sm3 from catalogue.item_classes where class_ref = 'club'`;
        return row;
      };
      const path = `/api/v1/item-classes/${(await find())?.class_id}`;
      await client.write('PATCH', path, { reference_id: 'club-1', terms: { fee_bps: 450 } });
      await seal();
      await client.write('PATCH', path, { reference_id: 'club-2', supply_cap: 3, terms: { fee_bps: 9000 } });
      expect(await find()).toMatchObject({ supply_cap: '3', fee: '9000' });
      // Its window ends before a block takes it.
      ledger.clock.now += 2 * 3_600_000;
      clock.advance(2 * 3_600_000);
      await ledger.node.sealNow();
      await expect.poll(find).toMatchObject({ supply_cap: '9', fee: '450', art_sm3: null });
      await client.write('PATCH', path, { reference_id: 'club-3', supply_cap: 8 });
      await seal();
      expect(await find()).toMatchObject({ supply_cap: '8', fee: '450' });
    });

    test('a class_ref is taken for ever, in the studio’s other games too: refused by row, on a dry run as in earnest', async () => {
      await declare('taken-1', 'taken');
      const game = { reference_id: 'taken-2', game_ref: 'g4', name: { en: 'Four' }, approval_no: 'ISBN 4' };
      const game_id = fieldOf(await client.write('POST', '/api/v1/games', game), 'game_id');
      const other = (reference: string, more: object) =>
        client.write('POST', '/api/v1/item-classes', { reference_id: reference, game_id, rows: [kind('taken'), kind('free')], ...more });
      const rows = [{ state: 'rejected', code: 'class_exists' }, {}];
      expect((await other('taken-3', { dry_run: true })).body).toMatchObject({ rows });
      expect(await other('taken-4', {})).toMatchObject({ status: 422, body: { code: 'batch_refused', rows } });
      expect((await other('taken-5', { mode: 'per_item' })).body).toMatchObject({ rows: [rows[0], { state: 'sequenced' }] });
      await seal();
    });

    test('an attribute schema grows to 32 and keeps its types', async () => {
      const attributes = (count: number, from = 0) =>
        Array.from({ length: count }, (_, at) => ({ key: `a${from + at}`, type: 'text', label: { en: 'A' } }));
      const game = await client.write('POST', '/api/v1/games', {
        reference_id: 'schema-1',
        game_ref: 'g2',
        name: { en: 'Two' },
        attributes: attributes(31),
      });
      const path = `/api/v1/games/${fieldOf(game, 'game_id')}`;
      const patch = (reference: string, list: readonly object[]) =>
        client.write('PATCH', path, { reference_id: reference, attributes: list });
      expect((await patch('schema-2', attributes(2, 31))).body).toMatchObject({ code: 'attributes_exceeded' });
      expect((await patch('schema-3', attributes(1, 31))).status).toBe(200);
      const other = [{ key: 'a0', type: 'integer', label: { en: 'A' } }];
      expect((await patch('schema-4', other)).body).toMatchObject({ code: 'attribute_conflict' });
    });

    test('a decimal keeps to the scale that it was declared with', async () => {
      const wear = (scale: number, type = 'decimal') => [{ key: 'wear', type, scale, unit: '%', label: { en: 'Wear' } }];
      const game = await client.write('POST', '/api/v1/games', {
        reference_id: 'scale-1',
        game_ref: 'g3',
        name: { en: 'Three' },
        approval_no: 'ISBN 3',
        attributes: wear(3),
      });
      const game_id = fieldOf(game, 'game_id');
      const patch = (reference: string, attributes: readonly object[]) =>
        client.write('PATCH', `/api/v1/games/${game_id}`, { reference_id: reference, attributes });
      expect((await patch('scale-2', wear(2))).body).toMatchObject({
        code: 'attribute_conflict',
        fields: [{ path: 'attributes.wear', message: 'is decimal with scale 3' }],
      });
      expect((await patch('scale-3', wear(0, 'integer'))).body).toMatchObject({ code: 'body_malformed' });
      const declare = (reference: string, value: number) =>
        client.write('POST', '/api/v1/item-classes', {
          reference_id: reference,
          game_id,
          dry_run: true,
          rows: [kind(reference, { attributes: { wear: value } })],
        });
      expect((await declare('scale-4', 0.1234)).body).toMatchObject({ rows: [{ state: 'rejected', code: 'attribute_unknown' }] });
      expect((await declare('scale-5', 0.123)).body).toMatchObject({ rows: [{ state: 'accepted' }] });
    });

    test('more than a thousand rows become a job, one by one; all or none they are refused with the way', async () => {
      const rows = Array.from({ length: 1001 }, (_, at) =>
        kind(at === 0 ? 'gold-bar' : `many-${at}`, at === 0 ? { kind: 'virtual_currency' } : {}),
      );
      const write = (reference: string, more = {}) =>
        client.write('POST', '/api/v1/item-classes', { reference_id: reference, game_id: gameId, rows, ...more });
      expect(await write('many')).toMatchObject({
        status: 422,
        body: { code: 'batch_too_large', title: expect.stringContaining('/api/v1/imports') },
      });
      expect((await write('many', { mode: 'per_item', dry_run: true })).body).toMatchObject({ state: 'dry_run', counts: { total: 1001 } });
      const started = await write('many', { mode: 'per_item' });
      expect(started).toMatchObject({ status: 202, body: { state: 'queued', counts: { total: 1001, new: 1001 }, replayed: false } });
      expect((await write('many', { mode: 'per_item' })).body).toMatchObject({ job_id: fieldOf(started, 'job_id'), replayed: true });
      const progress = () => client.read(`/api/v1/jobs/${fieldOf(started, 'job_id')}`);
      await expect.poll(async () => fieldOf(await progress(), 'done'), { timeout: 60_000 }).toBe('1001');
      expect(fieldOf(await progress(), 'refused')).toBe('1');
      // The studio's room is told of it on the way, and what it was told last is where the job stands (V-25).
      const told = async () => {
        const rows = await database.sql<{ body: string }[]>`
          select body from outbox.messages where room = ${`studio:${toHex(signer.acct)}`} and type = 'import.progress' order by seq`;
        return rows
          .map(({ body }) => importProgressBody.parse(JSON.parse(body)))
          .filter(({ jobId }) => jobId === fieldOf(started, 'job_id'));
      };
      await expect.poll(async () => (await told()).at(-1), { timeout: 60_000 }).toMatchObject({ done: 1001, certified: 0, rejected: 1 });
      await seal();
      await expect
        .poll(async () => (await told()).at(-1), { timeout: 60_000 })
        .toMatchObject({
          state: 'finished',
          done: 1001,
          total: 1001,
          certified: 1000,
          rejected: 1,
          etaSeconds: null,
        });
      const places = (await told()).map(({ done, certified }) => done + certified);
      expect(places.length).toBeGreaterThan(1);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    });

    test('Prefer: wait answers when the members have certified', async () => {
      const waiting = client.write(
        'POST',
        '/api/v1/item-classes',
        { reference_id: 'wait', game_id: gameId, rows: [kind('waited')] },
        { prefer: 'wait=10' },
      );
      await expect.poll(async () => (await database.sql`select 1 from catalogue.item_classes where class_ref = 'waited'`).length).toBe(1);
      await seal();
      expect((await waiting).body).toMatchObject({ state: 'certified' });
    });
  });
}
