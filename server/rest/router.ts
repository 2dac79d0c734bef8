/** Dispatch of `/api/v1`: one table of routes, each with the schema that parses it, so that the OpenAPI document cannot drift from them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Ground } from '#server/context.ts';
import { holdsNul } from '#server/holds-nul.ts';
import type { GameArchives } from '#server/members/game-archives.ts';
import { drawTraceId } from '#server/random.ts';
import type { Studio } from '#server/studio/studio.ts';
import { logRequest } from '../studio/studios.repo.ts';
import { SequencingRefused } from '../studio/write-plan.ts';
import type { Answered } from './answers.schema.ts';
import { authenticateRead, authenticateWrite, type Caller } from './authenticate.ts';
import { openRestLimits } from './limits.ts';
import { isProblemCode, PROBLEMS, Problem, type ProblemCode, type ProblemFacts, problemDocument } from './problems.ts';

export type RestServices = Ground & { readonly studio: Studio; readonly archives: Pick<GameArchives, 'of'> };

export type RouteCall<Body> = {
  readonly services: RestServices;
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Body;
  readonly prefer: { readonly waitSeconds: number };
};
export type RouteAnswer<Body = unknown> = {
  readonly status: number;
  readonly body: Body;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Route = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  /** `/games/{id}` */
  readonly path: string;
  readonly summary: string;
  readonly access: 'public' | 'read' | 'write';
  readonly schema: z.ZodType | null;
  /** What it answers when it is done; null: a file. */
  readonly answer: z.ZodType | null;
  /** What a read takes in its query, for the document. */
  readonly query?: z.ZodObject;
  /** `picture`: the body is bytes, the schema parses the query. */
  readonly takes: 'json' | 'picture';
  readonly maxBytes: number;
  readonly run: (call: RouteCall<unknown>) => Promise<RouteAnswer>;
};

/** Ties what a route takes and answers to the schemas that say so in the document. */
export function route<Schema extends z.ZodType, Answer extends z.ZodType>(
  facts: Omit<Route, 'schema' | 'answer' | 'run' | 'maxBytes' | 'takes'> & {
    readonly schema: Schema;
    readonly answer: Answer;
    readonly maxBytes?: number;
    readonly run: (call: RouteCall<z.output<Schema>>) => Promise<RouteAnswer<Answered<Answer>>>;
  },
): Route {
  return { takes: 'json', maxBytes: 4 * 1024 * 1024, ...facts, run: (call) => facts.run(call as RouteCall<z.output<Schema>>) };
}

export type Picture = { readonly bytes: Bytes; readonly contentType: string };

/** A write whose body is a picture. */
export function pictureRoute<Schema extends z.ZodType, Answer extends z.ZodType>(
  facts: Omit<Route, 'schema' | 'answer' | 'run' | 'takes'> & {
    readonly schema: Schema;
    readonly answer: Answer;
    readonly run: (
      call: RouteCall<{ readonly query: z.output<Schema>; readonly picture: Picture }>,
    ) => Promise<RouteAnswer<Answered<Answer>>>;
  },
): Route {
  return {
    ...facts,
    takes: 'picture',
    run: (call) => facts.run(call as RouteCall<{ readonly query: z.output<Schema>; readonly picture: Picture }>),
  };
}

type ReadFacts = Omit<Route, 'schema' | 'answer' | 'run' | 'maxBytes' | 'method' | 'access' | 'takes'> & {
  readonly access?: 'public' | 'read';
};

export function readRoute<Answer extends z.ZodType>(
  facts: ReadFacts & {
    readonly answer: Answer;
    readonly run: (call: RouteCall<unknown>) => Promise<RouteAnswer<Answered<Answer>>>;
  },
): Route {
  return { access: 'read', ...facts, method: 'GET', schema: null, takes: 'json', maxBytes: 0 };
}

/** A read that answers bytes. */
export function fileRoute(facts: ReadFacts & { readonly run: (call: RouteCall<unknown>) => Promise<RouteAnswer<Bytes>> }): Route {
  return { access: 'read', ...facts, answer: null, method: 'GET', schema: null, takes: 'json', maxBytes: 0 };
}

function match(pattern: string, path: string): Record<string, string> | null {
  const expected = pattern.split('/');
  const given = path.split('/');
  if (expected.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith('{')) {
      const decoded = decodedPart(value);
      if (decoded === null) return null;
      params[part.slice(1, -1)] = decoded;
    } else if (part !== value) return null;
  }
  return params;
}

/** Half an escape is no address, and no id of ours holds a NUL, which PostgreSQL would not take. */
function decodedPart(part: string): string | null {
  try {
    const text = decodeURIComponent(part);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

const PUBLIC_CALLER: Caller = { acct: ''.padStart(64, '0') as Caller['acct'], keyId: '', tier: 'standard', mayWrite: false };

/** Answers true when the request was for `/api/v1`. */
export function restHandler(
  services: RestServices,
  routes: readonly Route[],
): (req: IncomingMessage, res: ServerResponse) => Promise<boolean> {
  const limits = openRestLimits();
  return async (req, res) => {
    const url = new URL(req.url ?? '/', 'http://localhost');
    if (!url.pathname.startsWith('/api/v1/')) return false;
    const traceId = drawTraceId(services.random);
    const language = (req.headers['accept-language'] ?? '').toLowerCase().startsWith('zh') ? 'zh' : 'en';
    const method = req.method ?? 'GET';
    const path = url.pathname.slice('/api/v1'.length);
    let caller: Caller = PUBLIC_CALLER;
    let code: ProblemCode | null = null;
    let status = 500;
    try {
      const found = findRoute(routes, method, path);
      const body = found.route.method === 'GET' ? new Uint8Array(0) : await readBody(req, found.route.maxBytes);
      if (found.route.access === 'write') {
        caller = await authenticateWrite(services, { method, path: url.pathname, query: url.search, headers: req.headers, body });
      } else if (found.route.access === 'read') caller = await authenticateRead(services, req.headers);
      const limit = await limits.take(found.route.access, caller, req.socket.remoteAddress ?? '');
      res.setHeader('ratelimit-policy', limit.policy);
      res.setHeader('ratelimit', limit.state);
      if (limit.retryAfterSeconds !== null) {
        res.setHeader('retry-after', String(limit.retryAfterSeconds));
        throw new Problem('rate_limited', { retry_after: limit.retryAfterSeconds });
      }
      const parsed =
        found.route.schema === null ? null : bodyOf(found.route, found.route.schema, body, url.searchParams, req.headers['content-type']);
      if (found.route.access === 'write' && !caller.mayWrite && !isDryRun(parsed)) throw new Problem('studio_not_active');
      const answer = await found.route.run({
        services,
        caller,
        params: found.params,
        query: url.searchParams,
        body: parsed,
        prefer: { waitSeconds: waitSeconds(req.headers.prefer) },
      });
      const tag = answer.headers?.etag;
      status = tag !== undefined && req.headers['if-none-match'] === tag ? 304 : answer.status;
      send(res, traceId, status, 'application/json', answer.body, answer.headers);
    } catch (error) {
      const problem = problemOf(error);
      if (problem === null) services.log.error({ error, traceId, method, path }, "couldn't answer a studio's call");
      code = problem?.code ?? 'internal';
      const facts: ProblemFacts = problem?.facts ?? {};
      status = PROBLEMS[code].status;
      // What is left of the body is not read: the connection cannot be used again.
      if (code === 'body_too_large') res.setHeader('connection', 'close');
      send(res, traceId, status, 'application/problem+json', problemDocument(code, traceId, language, facts));
    }
    if (caller !== PUBLIC_CALLER) {
      await logRequest(services.sql, { traceId, acct: caller.acct, at: services.clock.now(), method, path, status, code }).catch(
        (error: unknown) => services.log.error({ error, traceId }, "couldn't log a studio's call"),
      );
    }
    return true;
  };
}

function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly params: Record<string, string> } {
  let isKnown = false;
  for (const candidate of routes) {
    const params = match(candidate.path, path);
    if (params === null) continue;
    isKnown = true;
    if (candidate.method === method) return { route: candidate, params };
  }
  throw new Problem(isKnown ? 'method_not_allowed' : 'route_unknown');
}

function problemOf(error: unknown): Problem | null {
  if (error instanceof Problem) return error;
  // Bytes inside a body that do not decode (`ledger_txs`) are the caller's mistake like any other.
  if (error instanceof ParseError)
    return isProblemCode(error.code)
      ? new Problem(error.code)
      : new Problem('body_malformed', { fields: [{ path: '', message: error.code }] });
  if (error instanceof SequencingRefused) return new Problem('ledger_refused', { ledger_code: error.code });
  return null;
}

async function readBody(req: IncomingMessage, maxBytes: number): Promise<Bytes> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of req as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > maxBytes) throw new Problem('body_too_large');
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

function bodyOf({ takes }: Route, schema: z.ZodType, body: Bytes, query: URLSearchParams, contentType: string | undefined): unknown {
  if (takes === 'json') return parseBody(schema, body, contentType);
  const parsed = schema.safeParse(Object.fromEntries(query));
  if (!parsed.success) throw new Problem('query_malformed', { fields: faultsOf(parsed.error) });
  return { query: parsed.data, picture: { bytes: body, contentType: contentType ?? '' } };
}

function faultsOf(error: z.ZodError): NonNullable<ProblemFacts['fields']> {
  return error.issues.slice(0, 50).map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
}

function parseBody(schema: z.ZodType, body: Bytes, contentType: string | undefined): unknown {
  if (body.length > 0 && !/^application\/json\b/i.test(contentType ?? '')) throw new Problem('content_type_unsupported');
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Problem('body_malformed', { fields: [{ path: '', message: 'not JSON in UTF-8' }] });
  }
  if (holdsNul(json)) throw new Problem('body_malformed', { fields: [{ path: '', message: 'text with a NUL' }] });
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  if (parsed.error.issues.some((issue) => issue.code === 'too_big' && issue.path.length === 1 && issue.path[0] === 'rows'))
    throw new Problem('batch_too_large');
  throw new Problem('body_malformed', { fields: faultsOf(parsed.error) });
}

function waitSeconds(prefer: string | string[] | undefined): number {
  const found = /(?:^|,)\s*wait=(\d{1,2})\b/.exec(typeof prefer === 'string' ? prefer : '');
  return Math.min(30, Number(found?.[1] ?? 0));
}

function send(
  res: ServerResponse,
  traceId: string,
  status: number,
  type: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  res.writeHead(status, { 'content-type': type, 'x-trace-id': traceId, 'cache-control': 'no-store', ...headers });
  res.end(status === 304 ? '' : Buffer.isBuffer(body) || body instanceof Uint8Array ? body : JSON.stringify(body));
}

/** Of a picture the query says so. */
function isDryRun(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  if ('query' in body) return isDryRun(body.query);
  return 'dry_run' in body && (body.dry_run === true || body.dry_run === 'true');
}
