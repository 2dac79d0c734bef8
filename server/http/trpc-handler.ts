/** `/api/trpc`: sessions from cookies, the limits, and one trace id per request. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http';
import { compareSent, LOG_HEADER } from '#ledger/node/shown-head.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import type { TraceId } from '#ledger/primitives/ids.ts';
import { CLOCK_HEADER } from '#server/clock.ts';
import type { Services } from '#server/context.ts';
import type { CallContext } from '#server/trpc/context.ts';
import { isBug } from '#server/trpc/errors.ts';
import { appRouter } from '#server/trpc/root.ts';
import { formatCookie, readCookie } from './cookies.ts';
import type { RateLimits } from './rate-limits.ts';

export const TRPC_PREFIX = '/api/trpc/';
/** A sheet of 64 orders with quotes and opened terms has about 400 KB. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

export type TrpcOptions = { readonly services: Services; readonly limits: RateLimits; readonly isSecure: boolean };

export async function handleTrpc(
  options: TrpcOptions,
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
  traceId: TraceId,
): Promise<void> {
  const { services } = options;
  // Pages date what they sign and show by the market's time, and say so in a banner.
  if (services.clockPanel.offsetMs > 0) res.setHeader(CLOCK_HEADER, String(services.clockPanel.offsetMs));
  const seen = req.headers[LOG_HEADER];
  const answer = typeof seen === 'string' ? compareSent(seen, services.ledger.certified) : null;
  if (answer !== null) res.setHeader(LOG_HEADER, answer);
  await nodeHTTPRequestHandler({
    req,
    res,
    path,
    router: appRouter,
    maxBodySize: MAX_BODY_BYTES,
    createContext: () => openContext(options, req, res, traceId),
    onError: ({ error, path: procedure }) => {
      if (isBug(error)) services.log.error({ error: error.cause ?? error, traceId, procedure }, `couldn't answer ${procedure ?? 'a call'}`);
      else services.log.debug({ traceId, procedure, refusal: error.message }, 'refused');
    },
  });
}

async function openContext(
  { services, limits, isSecure }: TrpcOptions,
  req: IncomingMessage,
  res: ServerResponse,
  traceId: TraceId,
): Promise<CallContext> {
  const session = readCookie(req.headers.cookie, 'daoju_session');
  const staff = readCookie(req.headers.cookie, 'daoju_staff');
  const [playerSession, staffSession] = await Promise.all([
    session === null ? null : services.identity.findPlayerSession(session),
    staff === null ? null : services.identity.findStaffSession(staff),
  ]);
  const address = req.socket.remoteAddress ?? '';
  const caller = { acct: playerSession?.player.acct ?? staffSession?.staffId ?? null, address };
  return {
    services,
    traceId,
    playerSession,
    staffSession,
    address,
    deviceId: readCookie(req.headers.cookie, 'daoju_device') ?? toHex(services.random.bytes(16)),
    device: (req.headers['user-agent'] ?? '').slice(0, 120),
    takeCall: (procedure) => limits.take(procedure, caller),
    setCookie: (name, value, maxAgeSeconds) => res.appendHeader('set-cookie', formatCookie(name, value, maxAgeSeconds, isSecure)),
  };
}
