import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeTxBody, encodeTxEnv } from '#ledger/codec/tx.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { silentLog } from '#server/log.ts';
import { contentDigestOf, formatSignature, formatSignatureInput, signatureBase } from '#server/sdk/message-signature.ts';
import type { Answer } from '#server/sdk/studio-client.ts';
import { STUDIO_READ_KEY, STUDIO_WRITE_KEY_ID } from '#server/workers/demonstration/studio-account.ts';
import { documentCases } from './studio-api/document.ts';
import { kindCases } from './studio-api/kinds.ts';
import { listCases } from './studio-api/lists.ts';
import {
  base,
  client,
  clock,
  closeWorld,
  counts,
  database,
  declare,
  done,
  fieldOf,
  gameId,
  kind,
  ledger,
  openRest,
  openWorld,
  random,
  restKey,
  seal,
  server,
  signer,
  studio,
} from './studio-api/world.ts';

beforeAll(openWorld);
afterAll(closeWorld);

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
    await expect.poll(async () => fieldOf(await client.read(job), 'done'), { timeout: 30_000 }).toBe('252');
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
    await expect.poll(isStill, { interval: 2_000, timeout: 60_000 }).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(fieldOf(await client.read(job), 'done')).toBe(done);
    expect(Number(done)).toBeLessThan(900);
    await client.write('POST', `${job}/cancel`, { reference_id: 'job-2' });
    expect((await client.write('POST', `${job}/cancel`, { reference_id: 'job-2' })).body).toMatchObject({ replayed: true });
    expect((await client.write('POST', `${job}/resume`, { reference_id: 'job-3' })).body).toMatchObject({ code: 'job_ended' });
  });
});

kindCases();

listCases();

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

documentCases();
