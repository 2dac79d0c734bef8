/** The whole server on a test database and a free port, without pages: what a browser or a studio would talk to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client';
import superjson from 'superjson';
import { type StartedHttp, startHttp } from '#server/http/start-http.ts';
import { silentLog } from '#server/log.ts';
import { type Started, type StartOptions, startServices } from '#server/start-services.ts';
import type { AppRouter } from '#server/trpc/root.ts';
import type { Refusal } from '#server/trpc/views.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';
import { seededRandom } from './seeded-random.ts';

export interface TestServer extends Started {
  readonly base: string;
  readonly database: TestDatabase;
  readonly clock: FakeClock;
  readonly dataDir: string;
}

export async function startTestServer(
  options: Partial<StartOptions> & { readonly limitScale?: number; readonly sessionCheckMs?: number } = {},
): Promise<TestServer> {
  const database = await createTestDatabase({ max: 8 });
  const dataDir = mkdtempSync(path.join(tmpdir(), 'daoju-server-'));
  const clock = fakeClock();
  const random = seededRandom(path.basename(dataDir));
  const base = { sql: database.sql, clock, random, log: silentLog, dataDir, isDemonstration: true, blockMs: 50, workers: 0 };
  const started = await startServices({ ...base, ...options });
  const http: StartedHttp = await startHttp({
    host: '127.0.0.1',
    port: 0,
    publicOrigin: null,
    random,
    log: options.log ?? silentLog,
    limitScale: options.limitScale ?? 1_000,
    ...(options.sessionCheckMs === undefined ? {} : { sessionCheckMs: options.sessionCheckMs }),
    pages: () => null,
  });
  http.attach(started.services, started.exportDir);
  return {
    ...started,
    base: http.base,
    database,
    clock,
    dataDir,
    stop: async () => {
      await http.stop();
      await started.stop();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A visitor with a cookie jar of one cookie per name, as a browser keeps it. */
export function openVisitor(base: string, headers: Readonly<Record<string, string>> = {}) {
  const jar = new Map<string, string>();
  const answers: Response[] = [];
  const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const api = createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: new URL('/api/trpc', base).href,
        transformer: superjson,
        headers: () => ({ origin: base, cookie: cookies(), ...headers }),
        fetch: async (input, init) => {
          const response = await fetch(String(input), {
            method: init?.method ?? 'GET',
            headers: Object(init?.headers),
            body: init?.body ? String(init.body) : null,
          });
          answers.push(response);
          for (const line of response.headers.getSetCookie()) {
            const [pair = ''] = line.split(';');
            const [name = '', value = ''] = pair.split('=');
            if (value === '') jar.delete(name);
            else jar.set(name, value);
          }
          return response;
        },
      }),
    ],
  });
  return { api, jar, cookies, lastAnswer: () => answers.at(-1), addresses: () => answers.map(({ url }) => url) };
}
export type Visitor = ReturnType<typeof openVisitor>;

/** The refusal that a call ends with; a call that succeeds fails the test. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    if (error instanceof TRPCClientError && error.data?.refusal !== undefined) return error.data.refusal;
    throw error;
  }
  throw new Error('the call was expected to be refused');
}
