/** The studios' REST API as a studio uses it: real HTTP, real signatures, a real PostgreSQL and ledger. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeTxBody, encodeTxEnv } from '#ledger/codec/tx.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import type { AccountSigner } from '#ledger/node/ledger-node.ts';
import { fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import type { Ground } from '#server/context.ts';
import { silentLog } from '#server/log.ts';
import { listDigest, writeCursor } from '#server/rest/cursor.ts';
import { LIMITS } from '#server/rest/limits.ts';
import { restHandler, routes } from '#server/rest/rest.ts';
import { contentDigestOf, formatSignature, formatSignatureInput, signatureBase } from '#server/sdk/message-signature.ts';
import { type Answer, createStudioClient, type StudioClient } from '#server/sdk/studio-client.ts';
import { openStudio, type Studio } from '#server/studio/studio.ts';
import { ensureDemonstrationStudio, STUDIO_READ_KEY, STUDIO_WRITE_KEY_ID } from '#server/workers/demonstration/studio-account.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { describedStudio } from '#test/support/described-answers.ts';
import { type FakeClock, fakeClock } from '#test/support/fake-clock.ts';
import { openTestLedger, removeKeys, type TestLedger } from '#test/support/ledger.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

let database: TestDatabase;
let ledger: TestLedger;
let studio: Studio;
let signer: AccountSigner;
let server: Server;
let base: string;
let client: StudioClient;
let clock: FakeClock;
let gameId: string;
/** Every write of this file that was done, with its answer. */
const done: {
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly answer: Answer;
}[] = [];
const random = seededRandom('studio-api');
const restKey = demonstrationKeys('studio-rest');
const ALL_CLASSES = listDigest('item-classes', '');

beforeAll(async () => {
  database = await createTestDatabase();
  ledger = await openTestLedger(database.sql);
  clock = fakeClock();
  clock.set(new Date(ledger.clock.now).toISOString());
  const ground = { sql: database.sql, clock, random, log: silentLog, ledger: ledger.node };
  signer = await ensureDemonstrationStudio(ground);
  await openRest(ground);
  const game = await client.write('POST', '/api/v1/games', {
    reference_id: 'game-1',
    game_ref: 'g1',
    name: { zh: '游戏', en: 'Game' },
    approval_no: 'ISBN-1',
    attributes: [{ key: 'drain', type: 'integer', label: { en: 'Drain' } }],
  });
  gameId = fieldOf(game, 'game_id');
}, 60_000);

/** The studio's side of the server, with nothing in memory. */
async function openRest(ground: Ground): Promise<void> {
  studio = openStudio(ground, { hostedSigners: new Map([[toHex(signer.acct), signer]]) });
  await studio.start();
  const handle = restHandler({ ...ground, studio });
  server = createServer((req, res) => void handle(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const made = createStudioClient({
    base,
    keyId: STUDIO_WRITE_KEY_ID,
    privateKey: restKey.privateKey,
    readKey: STUDIO_READ_KEY,
    sm2: ledger.node.sm2,
    now: () => clock.now(),
    random: (length) => random.bytes(length),
  });
  const described = describedStudio(made);
  client = {
    ...described,
    write: async (method, path, body, headers) => {
      const answer = await described.write(method, path, body, headers);
      const isDone = answer.status < 300 && Object(answer.body).state !== 'dry_run' && Object(answer.body).replayed === false;
      if (isDone && (method === 'POST' || method === 'PATCH')) done.push({ method, path, body: Object(body), answer });
      return answer;
    },
  };
}

afterAll(async () => {
  server.close();
  await studio.stop();
  await ledger.node.stop();
  await database.drop();
  removeKeys(ledger);
});

function fieldOf(answer: Answer, name: string): string {
  return String((answer.body as Readonly<Record<string, unknown>>)[name]);
}

const kind = (classRef: string, more: Readonly<Record<string, unknown>> = {}) => ({
  class_ref: classRef,
  name: { en: classRef },
  category: 'Mods',
  type: 'Mod',
  icon: 'processor',
  ...more,
});

async function declare(referenceId: string, ...classRefs: readonly string[]): Promise<Answer> {
  const answer = await client.write('POST', '/api/v1/item-classes', {
    reference_id: referenceId,
    game_id: gameId,
    rows: classRefs.map((ref) => kind(ref)),
  });
  await seal();
  return answer;
}

/** Seals, and waits until the studio's side has followed. */
async function seal(): Promise<void> {
  ledger.clock.now += 1000;
  await ledger.node.sealNow();
  await expect
    .poll(async () => (await database.sql`select 1 from catalogue.item_classes where certified_at is null`).length, { timeout: 5000 })
    .toBe(0);
}

async function counts(): Promise<string> {
  const [row] =
    await database.sql`select (select count(*) from catalogue.item_classes) as classes, (select count(*) from custody.items) as items, (select count(*) from studio."references") as refs, (select count(*) from ledger.ledger_txs) as txs`;
  return JSON.stringify(row);
}

describe('writes', () => {
  test('a batch of kinds is declared, certified, and items of them are issued to an account', async () => {
    const declared = await declare('classes-1', 'sword', 'shield');
    expect(declared.status).toBe(201);
    expect(declared.body).toMatchObject({
      state: 'sequenced',
      replayed: false,
      rows: [
        { row: 0, state: 'sequenced' },
        { row: 1, state: 'sequenced' },
      ],
    });
    const minted = await client.write('POST', '/api/v1/mints', {
      reference_id: 'mint-1',
      game_id: gameId,
      rows: [
        { class_ref: 'sword', to: 'studio', quantity: 3 },
        { class_ref: 'shield', to: 'studio', item_refs: ['shield-a'] },
      ],
    });
    expect(minted.status).toBe(201);
    const items = await client.read('/api/v1/items');
    expect((items.body as { rows: unknown[] }).rows).toHaveLength(0);
    await seal();
    const certified = await client.read('/api/v1/items');
    const rows = (certified.body as { rows: { item_ref: string; item_id: string }[] }).rows;
    expect(rows.map((row) => row.item_ref)).toEqual(['mint-1/0/0', 'mint-1/0/1', 'mint-1/0/2', 'shield-a']);
    const passport = await fetch(`${base}/api/v1/items/${rows[0]?.item_id}/passport`, {
      headers: { authorization: `Bearer ${STUDIO_READ_KEY}` },
    });
    expect(new TextDecoder().decode((await passport.arrayBuffer()).slice(0, 8))).toBe('PLPROOF1');
    const history = await client.read(`/api/v1/items/${rows[0]?.item_id}/history`);
    expect(history.body).toMatchObject({ rows: [{ act: 'issued', to: toHex(signer.acct) }] });
  });

  test('the same reference and body answer what they answered first; another body is a conflict that shows the difference', async () => {
    const first = await declare('classes-2', 'bow');
    const before = await counts();
    const again = await declare('classes-2', 'bow');
    expect(again.body).toEqual({ ...(first.body as object), replayed: true });
    const other = await declare('classes-2', 'crossbow');
    expect(other.status).toBe(409);
    expect(other.body).toMatchObject({
      code: 'reference_conflict',
      diff: expect.arrayContaining([{ path: 'rows[0].class_ref', before: 'bow', now: 'crossbow' }]),
    });
    expect(await counts()).toBe(before);
  });

  test('two calls at once with one reference write once', async () => {
    const body = { reference_id: 'twice', game_id: gameId, rows: [kind('axe')] };
    const answers = await Promise.all([
      client.write('POST', '/api/v1/item-classes', body),
      client.write('POST', '/api/v1/item-classes', body),
    ]);
    expect(answers.map((answer) => fieldOf(answer, 'replayed')).sort()).toEqual(['false', 'true']);
    await seal();
  });

  test('a dry run checks everything and writes nothing; the bodies it answers can be signed by the studio itself', async () => {
    const rows = [kind('spear')];
    const before = await counts();
    const dry = await client.write('POST', '/api/v1/item-classes', { reference_id: 'own-keys', game_id: gameId, dry_run: true, rows });
    expect(await counts()).toBe(before);
    const bodies = (dry.body as { ledger_tx_bodies: string[] }).ledger_tx_bodies.map((hex) => decodeTxBody(fromHex(hex)));
    const signed = signer.batchSign(bodies).map((env) => toHex(encodeTxEnv(env)));
    const written = await client.write('POST', '/api/v1/item-classes', {
      reference_id: 'own-keys',
      game_id: gameId,
      rows,
      ledger_txs: signed,
    });
    expect(written.status).toBe(201);
    const swapped = await client.write('POST', '/api/v1/item-classes', {
      reference_id: 'own-keys-2',
      game_id: gameId,
      rows: [kind('lance')],
      ledger_txs: signed,
    });
    expect(swapped.body).toMatchObject({ code: 'ledger_txs_mismatch' });
    await seal();
  });
});

describe('refusals leave nothing behind', () => {
  const rowsOf = (...rows: readonly object[]) => ({ game_id: gameId, rows });
  test.each([
    ['game_unknown', () => ({ game_id: 'gam_unknown', rows: [kind('x')] }), 404],
    ['virtual_currency_refused', () => rowsOf(kind('gold', { kind: 'virtual_currency' })), 422],
    ['draw_table_missing', () => rowsOf(kind('box', { origin: 'DRAW' })), 422],
    ['attribute_unknown', () => rowsOf(kind('x', { attributes: { speed: 3 } })), 422],
    ['attribute_unknown', () => rowsOf(kind('x', { attributes: { drain: 'three' } })), 422],
    ['class_exists', () => rowsOf(kind('y'), kind('y')), 422],
    ['body_malformed', () => rowsOf({ class_ref: 'x' }), 400],
    ['body_malformed', () => ({ ...rowsOf(kind('x')), surprise: 1 }), 400],
  ])('%s', async (code, body, status) => {
    const before = await counts();
    const answer = await client.write('POST', '/api/v1/item-classes', { reference_id: `refused-${code}`, ...body() });
    expect(answer.status).toBe(code === 'game_unknown' || code === 'body_malformed' ? status : 422);
    expect(JSON.stringify(answer.body)).toContain(code);
    expect(answer.body).toMatchObject({ trace_id: answer.traceId, code: status === 422 ? 'batch_refused' : code });
    expect(await counts()).toBe(before);
  });

  test('a mint of an unknown kind, to an unknown account, of a taken reference or above the cap', async () => {
    await client.write('POST', '/api/v1/item-classes', {
      reference_id: 'capped',
      game_id: gameId,
      rows: [kind('crown', { supply_cap: 2 })],
    });
    const early = await client.write('POST', '/api/v1/mints', {
      reference_id: 'm-early',
      game_id: gameId,
      rows: [{ class_ref: 'crown', to: 'studio' }],
    });
    expect(JSON.stringify(early.body)).toContain('class_not_certified');
    await seal();
    const before = await counts();
    const answer = await client.write('POST', '/api/v1/mints', {
      reference_id: 'm-refused',
      game_id: gameId,
      mode: 'atomic',
      rows: [
        { class_ref: 'nothing', to: 'studio' },
        { class_ref: 'crown', to: '0'.repeat(64) },
        { class_ref: 'crown', to: 'studio', quantity: 3 },
        { class_ref: 'crown', to: 'studio', quantity: 2, item_refs: ['same', 'same'] },
      ],
    });
    expect((answer.body as { rows: { code?: string }[] }).rows.map((row) => row.code)).toEqual([
      'class_unknown',
      'account_unknown',
      'supply_exceeded',
      'item_exists',
    ]);
    expect(await counts()).toBe(before);
    const some = await client.write('POST', '/api/v1/mints', {
      reference_id: 'm-some',
      game_id: gameId,
      mode: 'per_item',
      rows: [
        { class_ref: 'nothing', to: 'studio' },
        { class_ref: 'crown', to: 'studio' },
      ],
    });
    expect((some.body as { rows: { state: string }[] }).rows.map((row) => row.state)).toEqual(['rejected', 'sequenced']);
  });
});

describe('who calls', () => {
  const post = (headers: Readonly<Record<string, string>>, body = '{}', path = '/api/v1/games') =>
    fetch(base + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
  const signed = (
    over: {
      readonly created?: number;
      readonly nonce?: string;
      readonly keyId?: string;
      readonly key?: Uint8Array;
      readonly path?: string;
    } = {},
    body = '{}',
  ) => {
    const contentDigest = contentDigestOf(utf8(body));
    const parameters = {
      created: over.created ?? Math.floor(clock.now() / 1000),
      nonce: over.nonce ?? toHex(random.bytes(16)),
      keyId: over.keyId ?? STUDIO_WRITE_KEY_ID,
    };
    const message = signatureBase({ method: 'POST', path: over.path ?? '/api/v1/games', query: '', contentDigest }, parameters);
    return {
      'content-digest': contentDigest,
      'signature-input': formatSignatureInput(parameters),
      signature: formatSignature(ledger.node.sm2.sign(over.key ?? restKey.privateKey, message)),
    };
  };
  const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

  test('unsigned, badly signed, late, foreign and repeated writes are told apart', async () => {
    expect(await codeOf(await post({}))).toBe('signature_missing');
    expect(await codeOf(await post({ ...signed(), 'signature-input': 'sig1=()' }))).toBe('signature_input_malformed');
    expect(await codeOf(await post({ ...signed(), signature: 'sig1=:AAAA:' }))).toBe('signature_malformed');
    expect(await codeOf(await post(signed(), '{"a":1}'))).toBe('digest_mismatch');
    expect(await codeOf(await post(signed({ created: Math.floor(clock.now() / 1000) - 121 })))).toBe('clock_skew');
    expect(await codeOf(await post(signed({ keyId: 'nobody' })))).toBe('key_unknown');
    expect(await codeOf(await post(signed({ key: demonstrationKeys('mallory').privateKey })))).toBe('sig_invalid');
    expect(await codeOf(await post(signed({ path: '/api/v1/mints' })))).toBe('sig_invalid');
    const headers = signed({ nonce: 'used-only-once' });
    expect(await codeOf(await post(headers))).toBe('body_malformed');
    expect(await codeOf(await post(headers))).toBe('nonce_replayed');
  });

  test('a read needs its key, and an oversized body is cut off', async () => {
    expect(await codeOf(await fetch(`${base}/api/v1/items`))).toBe('key_unknown');
    expect(await codeOf(await fetch(`${base}/api/v1/nothing`))).toBe('route_unknown');
    expect(await codeOf(await fetch(`${base}/api/v1/items`, { method: 'DELETE' }))).toBe('method_not_allowed');
    expect(await codeOf(await post({}, `"${'x'.repeat(5 * 1024 * 1024)}"`))).toBe('body_too_large');
  });

  test('the published document names every call', async () => {
    const document = (await (await fetch(`${base}/api/v1/openapi.json`)).json()) as { openapi: string; paths: Record<string, unknown> };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toContain('/api/v1/imports');
  });
});

describe('imports', () => {
  test('a mapped file is worked off, refused rows say why, and the same file again changes nothing', async () => {
    const body = {
      game_id: gameId,
      kind: 'item_classes',
      mapping: {
        class_ref: { path: 'id', blank: 'refuse' },
        'name.en': { path: 'title', blank: 'refuse' },
        category: { constant: 'Mods' },
        type: { path: 'type', blank: { default: 'Mod' } },
        icon: { constant: 'processor' },
        kind: { first: [{ path: 'type', table: { Currency: 'virtual_currency' } }, { constant: 'item' }] },
      },
      rows: [
        ...Array.from({ length: 250 }, (_, index) => ({ id: `row-${index}`, title: `Row ${index}` })),
        { id: 'gold', title: 'Gold', type: 'Currency' },
        { id: 'untitled', title: '' },
      ],
    };
    const dry = await client.write('POST', '/api/v1/imports', { reference_id: 'import-0', dry_run: true, ...body });
    expect(dry.body).toMatchObject({ counts: { total: 252, new: 251, same: 0, refused: 1 } });
    const started = await client.write('POST', '/api/v1/imports', { reference_id: 'import-1', ...body });
    const job = `/api/v1/jobs/${fieldOf(started, 'job_id')}`;
    await expect.poll(async () => fieldOf(await client.read(job), 'done'), { timeout: 10_000 }).toBe('252');
    await seal();
    const finished = await client.read(job);
    expect(finished.body).toMatchObject({
      certified: 250,
      refused: 2,
      refused_rows: [{ row_ref: 'gold', code: 'virtual_currency_refused' }, { code: 'field_blank:name.en' }],
    });
    const again = await client.write('POST', '/api/v1/imports', { reference_id: 'import-2', ...body });
    expect(again.body).toMatchObject({ counts: { new: 1, same: 250, refused: 1 } });
  });

  test('a paused job goes no further, a canceled one never', async () => {
    const rows = Array.from({ length: 900 }, (_, index) => kind(`slow-${index}`));
    const started = await client.write('POST', '/api/v1/imports', {
      reference_id: 'import-3',
      game_id: gameId,
      kind: 'item_classes',
      rows,
    });
    const job = `/api/v1/jobs/${fieldOf(started, 'job_id')}`;
    expect((await client.write('POST', `${job}/pause`, {})).body).toMatchObject({
      code: 'body_malformed',
      fields: [{ path: 'reference_id' }],
    });
    expect((await client.write('POST', `${job}/pause`, { reference_id: 'job-0', dry_run: true })).body).toMatchObject({ state: 'dry_run' });
    expect(fieldOf(await client.read(job), 'state')).not.toBe('paused');
    expect((await client.write('POST', `${job}/pause`, { reference_id: 'job-1' })).body).toMatchObject({
      state: 'paused',
      replayed: false,
    });
    // The batch that was under way ends; how long that takes is the machine's business.
    let done = '';
    const isStill = async () => {
      const before = done;
      done = fieldOf(await client.read(job), 'done');
      return done === before;
    };
    await expect.poll(isStill, { interval: 2_000, timeout: 20_000 }).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(fieldOf(await client.read(job), 'done')).toBe(done);
    expect(Number(done)).toBeLessThan(900);
    await client.write('POST', `${job}/cancel`, { reference_id: 'job-2' });
    expect((await client.write('POST', `${job}/cancel`, { reference_id: 'job-2' })).body).toMatchObject({ replayed: true });
    expect((await client.write('POST', `${job}/resume`, { reference_id: 'job-3' })).body).toMatchObject({ code: 'job_ended' });
  }, 40_000);
});

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
    await client.write('POST', '/api/v1/item-classes', { reference_id: 'club', game_id: gameId, rows: [kind('club', { supply_cap: 9 })] });
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

test('every write of this file, sent again to a server that has just started, answers what it answered and writes nothing', async () => {
  const first = [...done];
  expect(first.length).toBeGreaterThan(15);
  expect(
    new Set(first.map(({ method, path }) => `${method} ${path.replace(/job_[0-9a-f]+|cls_[0-9a-f]+|gam_[0-9a-f]+/, '{id}')}`)).size,
  ).toBeGreaterThan(5);
  server.close();
  await studio.stop();
  await openRest({ sql: database.sql, clock, random, log: silentLog, ledger: ledger.node });
  const before = await counts();
  for (const { method, path, body, answer } of first) {
    const again = await client.write(method, path, body);
    // How far the members were is no part of the write.
    const steady = (of: Answer) => ({ ...Object(of.body), state: null, replayed: null });
    expect([path, again.status, steady(again)]).toEqual([path, answer.status, steady(answer)]);
    expect(again.body).toMatchObject({ replayed: true });
  }
  expect(await counts()).toBe(before);
  expect(done).toHaveLength(first.length);
});

describe('the published document and what it promises', () => {
  test('names every call, and every reference in it leads to a schema', async () => {
    const response = await fetch(`${base}/api/v1/openapi.json`);
    const document = (await response.json()) as {
      paths: Record<string, Record<string, unknown>>;
      components: { schemas: Record<string, unknown> };
    };
    for (const { method, path } of routes.filter((one) => one.path !== '/openapi.json'))
      expect(document.paths[`/api/v1${path}`]?.[method.toLowerCase()], `${method} ${path}`).toBeDefined();
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map((found) => found[1] ?? '');
    expect(references.length).toBeGreaterThan(5);
    for (const name of references) expect(document.components.schemas, name).toHaveProperty([name]);
  });

  test('published lists have a version, and name every state that a trade can have', async () => {
    const enums = (await client.read('/api/v1/enums')).body as { version: number; trade_state: string[]; job_state: string[] };
    expect(enums.version).toBe(1);
    const [column] = await database.sql<{ check: string }[]>`
      select pg_get_constraintdef(oid) as check from pg_constraint where conrelid = 'market.trades'::regclass and contype = 'c'
        and pg_get_constraintdef(oid) like '%paid_out%' limit 1`;
    const words = [...(column?.check ?? '').matchAll(/'([a-z_]+)'/g)].map(([, word = '']) => word);
    expect(words.length).toBeGreaterThan(5);
    expect(enums.trade_state).toEqual(expect.arrayContaining(words));
  });

  test('whatever JSON a write is sent, it is refused in words and never breaks', async () => {
    const writes = routes.filter((one) => one.access === 'write');
    const body = fc.oneof(
      fc.jsonValue(),
      fc.record({
        reference_id: fc.string({ unit: 'binary', maxLength: 70 }),
        game_id: fc.constantFrom(gameId, 'x'),
        rows: fc.array(fc.jsonValue(), { maxLength: 3 }),
        name: fc.jsonValue(),
      }),
      fc.record({
        reference_id: fc.uuid(),
        game_id: fc.constant(gameId),
        ledger_txs: fc.array(fc.constantFrom('00', 'ff'.repeat(40))),
        rows: fc.constant([kind('fuzzed')]),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...writes), body, async ({ method, path }, value) => {
        if (method === 'GET') return;
        const answer = await client.write(method, `/api/v1${path.replace('{id}', 'x')}`, value);
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
        expect(answer.body).toMatchObject({ trace_id: answer.traceId, title: expect.stringMatching(/\w/) });
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  test('hostile JSON is refused', async () => {
    const deep = await client.write('POST', '/api/v1/games', JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`));
    expect(deep.body).toMatchObject({ code: 'body_malformed' });
    const huge = await client.write('POST', '/api/v1/mints', {
      reference_id: 'huge',
      game_id: gameId,
      rows: [{ class_ref: 'sword', to: 'studio', quantity: 1e300 }],
    });
    expect(huge.body).toMatchObject({ code: 'body_malformed' });
  });

  test('a refusal speaks the language that is asked for; too many calls are told when to come back', async () => {
    const chinese = await fetch(`${base}/api/v1/nothing`, { headers: { 'accept-language': 'zh-CN' } });
    expect(await chinese.json()).toMatchObject({ title: '没有这个接口。', trace_id: chinese.headers.get('x-trace-id') });
    let last = await fetch(`${base}/api/v1/enums`);
    expect(last.headers.get('ratelimit-policy')).toBe('"public";q=60;w=60');
    expect(last.headers.get('ratelimit')).toMatch(/^"public";r=\d+;t=\d+$/);
    for (let call = 0; call < LIMITS.public.standard && last.status === 200; call++) last = await fetch(`${base}/api/v1/enums`);
    expect(last.status).toBe(429);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await last.json()).toMatchObject({ code: 'rate_limited' });
  });
});
