/** Which part of the program answers a request (stack.md 2): everything with state before Next, pages last. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TraceId } from '#ledger/primitives/ids.ts';
import { CO_SIGN_PREFIX } from '#server/co-sign/co-sign-door.ts';
import type { Log } from '#server/log.ts';
import { drawTraceId, type Random } from '#server/random.ts';
import { REFUSAL_STATUS, RefusalError } from '#server/refusal.ts';
import { SCHEMAS_PREFIX } from '#server/reports/report-schemas.ts';
import type { Refusal } from '#server/trpc/views.ts';
import { MEDIA_PREFIX } from './media-handler.ts';
import { MY_DATA_EXPORT_PATH } from './my-data-handler.ts';
import type { Operations } from './operations.ts';
import { schemasHandler } from './schemas-handler.ts';
import { isForeignWrite, setSecurityHeaders } from './security.ts';
import { TRANSPARENCY_PATH } from './transparency-handler.ts';
import { handleTrpc, TRPC_PREFIX, type TrpcOptions } from './trpc-handler.ts';

export type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;

export type Routes = {
  readonly operations: Operations;
  /** `null` while the services open: pages answer already. */
  readonly api: () => {
    readonly trpc: TrpcOptions;
    readonly rest: Handler;
    readonly ledger: Handler;
    readonly media: Handler;
    readonly myData: Handler;
    readonly transparency: Handler;
    readonly coSign: Handler;
    readonly peers: Handler | null;
  } | null;
  readonly pages: ((req: IncomingMessage, res: ServerResponse) => Promise<void>) | null;
  readonly publicOrigin: string | null;
  readonly random: Random;
  readonly log: Log;
};

export function requestListener(routes: Routes): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
    // Socket.IO has a listener of its own on the same server.
    if (path.startsWith('/socket.io/')) return;
    const startedAt = performance.now();
    const traceId = drawTraceId(routes.random);
    const route = routeOf(path);
    res.setHeader('x-trace-id', traceId);
    setSecurityHeaders(res, route === 'page');
    res.once('finish', () => routes.operations.observe(route, res.statusCode, (performance.now() - startedAt) / 1000));
    dispatch(routes, req, res, { path, route, traceId }).catch((error: unknown) => {
      if (error instanceof RefusalError) return refuse(res, REFUSAL_STATUS[error.kind], error.code, error.message, traceId);
      routes.log.error({ error, traceId, path }, `couldn't answer ${req.method ?? ''} ${path}`);
      refuse(res, 500, 'internal_error', 'Something broke on our side; nothing was done. Try again, and quote the trace id.', traceId);
    });
  };
}

type Route = 'operations' | 'trpc' | 'rest' | 'ledger' | 'media' | 'myData' | 'transparency' | 'schemas' | 'coSign' | 'peer' | 'page';
type Request = { readonly path: string; readonly route: Route; readonly traceId: TraceId };

function routeOf(path: string): Route {
  if (path === '/healthz' || path === '/readyz' || path === '/metrics') return 'operations';
  if (path.startsWith(TRPC_PREFIX)) return 'trpc';
  if (path.startsWith('/api/v1/')) return 'rest';
  if (path.startsWith(MEDIA_PREFIX)) return 'media';
  if (path === MY_DATA_EXPORT_PATH) return 'myData';
  if (path === TRANSPARENCY_PATH) return 'transparency';
  if (path.startsWith(SCHEMAS_PREFIX)) return 'schemas';
  if (path.startsWith(CO_SIGN_PREFIX)) return 'coSign';
  if (path.startsWith('/peer/v1/')) return 'peer';
  return path.startsWith('/ledger/v1/') ? 'ledger' : 'page';
}

async function dispatch(routes: Routes, req: IncomingMessage, res: ServerResponse, { path, route, traceId }: Request): Promise<void> {
  if (await routes.operations.handle(req, res, path)) return;
  if (route === 'page') {
    if (routes.pages !== null) return routes.pages(req, res);
    return refuse(res, 404, 'page_unknown', 'There is no such page.', traceId);
  }
  const api = routes.api();
  if (api === null) {
    res.setHeader('retry-after', '1');
    return refuse(res, 503, 'starting', 'The market is starting. Try again in a moment.', traceId);
  }
  if ((route === 'trpc' || route === 'myData') && isForeignWrite(req, routes.publicOrigin)) {
    return refuse(res, 403, 'origin_foreign', 'This request came from another site. Open the market itself.', traceId);
  }
  if (route === 'trpc') {
    // Told here and not by tRPC, which knows no trace id before it has read the body.
    if (req.method === 'POST' && !/^application\/json\b/i.test(req.headers['content-type'] ?? '')) {
      return refuse(res, 415, 'content_type_unsupported', 'Send application/json; nothing was done.', traceId);
    }
    return handleTrpc(api.trpc, req, res, path.slice(TRPC_PREFIX.length), traceId);
  }
  const handlers = {
    rest: api.rest,
    media: api.media,
    myData: api.myData,
    transparency: api.transparency,
    schemas: schemasHandler,
    coSign: api.coSign,
    peer: api.peers,
    ledger: api.ledger,
    operations: null,
  } as const;
  const isHandled = (await handlers[route]?.(req, res)) === true;
  if (!isHandled) refuse(res, 404, 'route_unknown', 'There is no such address.', traceId);
}

function refuse(res: ServerResponse, status: number, code: string, message: string, traceId: TraceId): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const refusal: Refusal = { code, message, traceId };
  res.statusCode = status;
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify(refusal));
}
