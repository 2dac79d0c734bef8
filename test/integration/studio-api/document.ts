import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '#server/rest/limits.ts';
import { routes } from '#server/rest/rest.ts';
import { base, client, database, gameId, kind } from './world.ts';

export function documentCases(): void {
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
}
