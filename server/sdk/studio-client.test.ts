import { expect, test } from 'vitest';
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { createStudioClient } from './studio-client.ts';

type Sent = { readonly url: string; readonly init: RequestInit | undefined };

function clientOf(answers: readonly (Response | Error)[]) {
  const sent: Sent[] = [];
  const client = createStudioClient({
    base: 'http://studio.test',
    keyId: 'key',
    privateKey: Uint8Array.from({ length: 32 }, (_, at) => at + 1),
    readKey: 'read-key',
    sm2: portableSm2((length) => new Uint8Array(length).fill(7)),
    now: () => 1_790_000_000_000,
    random: (length) => Uint8Array.from({ length }, (_, at) => at + sent.length),
    retryMs: 1,
    fetch: (url, init) => {
      sent.push({ url: String(url), init });
      const answer = answers[sent.length - 1];
      return answer instanceof Response ? Promise.resolve(answer) : Promise.reject(answer ?? new Error('nothing is left to answer'));
    },
  });
  return { client, sent };
}
const broken = () => new Response('{"code":"internal"}', { status: 500 });
const done = () => new Response('{"state":"sequenced"}', { status: 201 });
const nonceOf = ({ init }: Sent) => /nonce="([^"]+)"/.exec(new Headers(init?.headers).get('signature-input') ?? '')?.[1];

test('a write is sent again with its reference after a fault and after silence, each time with its own nonce', async () => {
  const { client, sent } = clientOf([broken(), new Error('timeout'), done()]);
  expect((await client.write('POST', '/api/v1/mints', { reference_id: 'r', rows: [] })).status).toBe(201);
  expect(new Set(sent.map(nonceOf)).size).toBe(3);
  expect(new Set(sent.map(({ init }) => new TextDecoder().decode(init?.body as Uint8Array))).size).toBe(1);
});

test('a write without a reference is sent once, a refusal is an answer, and the last fault comes through', async () => {
  const once = clientOf([broken(), done()]);
  expect((await once.client.write('POST', '/api/v1/jobs/x/pause', {})).status).toBe(500);
  const refused = clientOf([new Response('{"code":"game_unknown"}', { status: 404 }), done()]);
  expect((await refused.client.write('POST', '/api/v1/mints', { reference_id: 'r' })).status).toBe(404);
  const silent = clientOf([new Error('a'), new Error('b'), new Error('c'), done()]);
  await expect(silent.client.write('POST', '/api/v1/mints', { reference_id: 'r' })).rejects.toThrow('c');
});

test('a list is read to its end', async () => {
  const { client, sent } = clientOf([new Response('{"rows":[1,2],"next_cursor":"a="}'), new Response('{"rows":[3],"next_cursor":null}')]);
  const rows: unknown[] = [];
  for await (const row of client.list('/api/v1/items')) rows.push(row);
  expect(rows).toEqual([1, 2, 3]);
  expect(sent.map(({ url }) => new URL(url).search)).toEqual(['?limit=200', '?limit=200&cursor=a%3D']);
});
