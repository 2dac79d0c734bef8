/** Attributes that a studio changes on single items (product T-05), through the public API: within the schema, for its own or by consent. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromHex } from '#ledger/primitives/bytes.ts';
import { parseClassId, parseItemId } from '#ledger/primitives/ids.ts';
import { CONSENT } from '#ledger/state/rules.ts';
import { reconcile } from '#server/journal/reconcile.ts';
import type { Answer } from '#server/sdk/studio-client.ts';
import { type Kind, newReference, openRig, type Rig, submit } from './public-refusals/rig.ts';

const SCHEMA = [
  { key: 'polish', type: 'decimal', scale: 2, label: { en: 'Polish', zh: '光泽' }, mutable: true },
  { key: 'level', type: 'integer', label: { en: 'Level', zh: '等级' }, mutable: true },
  { key: 'maker', type: 'text', label: { en: 'Maker', zh: '工匠' } },
];
let rig: Rig;
let sword: Kind;
/** Amy's, and the studio's own. */
let hers: string;
let own: string;

beforeAll(async () => {
  rig = await openRig();
  await grow(SCHEMA);
  sword = await rig.kind('sword', { attributes: { polish: 0.5, maker: 'Ann' } });
  [hers = ''] = await rig.mint(sword, rig.amy, 1);
  const issued = await rig.studio.write('POST', '/api/v1/mints', {
    reference_id: newReference(),
    game_id: rig.gameId,
    rows: [{ class_ref: 'sword', to: 'studio' }],
  });
  expect(issued.status).toBe(201);
  await rig.settled();
  const [row] = await rig.server.database.sql`select item_id from custody.items where item_id <> ${hers}`;
  own = String(row?.item_id);
});
afterAll(() => rig.server.stop());

const grow = (attributes: readonly object[]) =>
  rig.studio.write('PATCH', `/api/v1/games/${rig.gameId}`, { reference_id: newReference(), attributes });
const change = (
  itemId: string,
  attributes: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Answer> => rig.studio.write('POST', `/api/v1/items/${itemId}/attributes`, { reference_id: newReference(), attributes, ...more });
async function refused(call: () => Promise<Answer>, code: string): Promise<void> {
  const answer = await rig.unchanged(call);
  expect(answer.body).toMatchObject({ code, trace_id: answer.traceId, title: expect.stringMatching(/.{15}/) });
}
const page = (itemId: string) => rig.bob.client.api.item.get.query({ itemId: parseItemId(itemId) });
const valuesOf = async (itemId: string) =>
  Object.fromEntries((await page(itemId)).attributes.map(({ definition, value }) => [definition.key, value]));
const changes = async () => Number((await rig.server.database.sql`select count(*)::int as n from catalogue.item_attributes`)[0]?.n);

test('the schema may only grow: whether an attribute can change on an item is fixed with its declaration', async () => {
  await refused(() => grow([{ key: 'maker', type: 'text', label: { en: 'Maker' }, mutable: true }]), 'attribute_conflict');
  expect((await grow([{ key: 'owner_note', type: 'text', label: { en: 'Note' }, mutable: true }])).status).toBe(200);
  const kind = await rig.bob.client.api.itemClass.get.query({ classId: parseClassId(sword.classId) });
  expect(kind.attributes.map(({ definition }) => [definition.key, definition.isMutable])).toEqual([
    ['polish', true],
    ['maker', false],
  ]);
});

test('the studio changes its own item: dry run, entry, page, history, and the same reference once', async () => {
  const body = { reference_id: newReference(), attributes: { polish: 0.25, level: 3 } };
  const dry = await rig.unchanged(() => change(own, body.attributes, { ...body, dry_run: true }));
  expect(dry.body).toMatchObject({
    state: 'dry_run',
    changes: [
      { key: 'polish', before: 0.5, now: 0.25 },
      { key: 'level', before: null, now: 3 },
    ],
  });
  expect((await change(own, body.attributes, body)).body).toMatchObject({ state: 'sequenced', item_id: own, replayed: false });
  expect((await rig.unchanged(() => change(own, body.attributes, body))).body).toMatchObject({ replayed: true });
  await refused(() => change(own, { polish: 0.75 }, { reference_id: body.reference_id }), 'reference_conflict');
  await rig.settled();
  expect(await valuesOf(own)).toEqual({ polish: 0.25, level: 3, maker: 'Ann' });
  // Other items of the kind stay as they were declared.
  expect(await valuesOf(hers)).toEqual({ polish: 0.5, maker: 'Ann' });
  await change(own, { level: 4 });
  await rig.settled();
  expect(await valuesOf(own)).toEqual({ polish: 0.25, level: 4, maker: 'Ann' });
  expect((await page(own)).attributeChanges).toMatchObject([
    { key: 'level', before: null, now: 3 },
    { key: 'polish', before: null, now: 0.25 },
    { key: 'level', before: 3, now: 4 },
  ]);
  const history = await rig.studio.read(`/api/v1/items/${own}/history`);
  expect(history.body).toMatchObject({ attributes: [{ before: {}, after: { polish: 0.25, level: 3 } }, { after: { level: 4 } }] });
});

test('what the schema, the owner or a promise does not allow is refused, and nothing changes', async () => {
  const before = await changes();
  await refused(() => change(own, { maker: 'Bea' }), 'attribute_fixed');
  await refused(() => change(own, { polish: 0.255 }), 'attribute_unknown');
  await refused(() => change(own, { nothing: 1 }), 'attribute_unknown');
  await refused(() => change(own, { level: 4 }), 'attributes_unchanged');
  await refused(() => change(`itm_${'0'.repeat(32)}`, { level: 4 }), 'item_unknown');
  await refused(() => change(hers, { level: 4 }), 'consent_missing');
  await refused(() => change(own, {}), 'body_malformed');
  expect(await changes()).toBe(before);
});

test('a player’s item changes under her consent, not after she took it back, and never while it is listed', async () => {
  const leaf = rig.server.services.ledger.pending.itemBySerial((await rig.itemOf(hers)).serial);
  const consent = (powers: number) =>
    rig.sign(rig.amy, {
      kind: 'consent',
      acct: fromHex(rig.amy.acct, 32),
      cls: leaf?.cls ?? 0,
      powers,
      until: BigInt(rig.server.clock.now() + 86_400_000),
    });
  expect((await submit(rig, consent(CONSENT.update))).status).toBeLessThan(300);
  await rig.settled();
  expect((await change(hers, { level: 9 })).body).toMatchObject({ state: 'sequenced' });
  await rig.settled();
  expect(await valuesOf(hers)).toEqual({ polish: 0.5, level: 9, maker: 'Ann' });
  expect((await submit(rig, consent(0))).status).toBeLessThan(300);
  await rig.settled();
  await refused(() => change(hers, { level: 10 }), 'consent_missing');
  const { api, signSheet } = rig.amy.client;
  const wish = {
    intent: 'listing',
    classId: parseClassId(sword.classId),
    itemIds: [parseItemId(hers)],
    priceFen: '10000',
    quantity: 1,
  } as const;
  const [input] = signSheet([{ quote: await api.quote.get.mutate({ ...wish, targetOrderId: null }), referenceId: newReference() }]);
  if (input === undefined) throw new Error('one draft, one order');
  expect(await api.order.place.mutate(input)).toMatchObject({ kind: 'placed' });
  await refused(() => change(hers, { level: 10 }), 'item_held');
  const { sql } = rig.server.database;
  expect(await reconcile({ sql, clock: rig.server.clock, random: rig.server.services.random, ledger: rig.server.services.ledger })).toEqual(
    [],
  );
});
