/**
 * The pages of a member without a market (product O-01 to O-04): node, explorer, offline verifier. The same pages as the operator's, over
 * the few procedures that a ledger alone can answer; nothing here needs the operator.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { initTRPC } from '@trpc/server';
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http';
import superjson from 'superjson';
import { z } from 'zod';
import type { Routes } from '#server/http/request-listener.ts';
import { setSecurityHeaders } from '#server/http/security.ts';
import type { Log } from '#server/log.ts';
import { type ExplorerGround, findInState, getBlock, getEntry, getEntryOfTx, listBlocks } from '#server/market/explorer.ts';
import { found, LEAF_UNKNOWN, stateInput } from '#server/market/input.ts';
import { RefusalError } from '#server/refusal.ts';
import { isBug, publicRefusal, refusal } from '#server/trpc/errors.ts';
import { type NodeGround, readNodePage } from './node-page.ts';

const TRPC_PREFIX = '/api/trpc/';
/** Tells the layout whose pages these are; what a browser sends under this name is overwritten. */
const ROLE_HEADER = 'x-daoju-role';
const PAGES = /^\/(?:node|explorer|verify)(?:\/|$)|^\/_next\/|^\/favicon\.svg$|^\/verifier\//;
const FIRST_PAGE = '/node';

export type PagesGround = NodeGround & ExplorerGround;
export interface MemberPages {
  /** False: it is no page of a member. */
  handle(req: IncomingMessage, res: ServerResponse, pathname: string, traceId: string): Promise<boolean>;
}

export type MemberPagesOptions = {
  readonly render: Exclude<Routes['pages'], null>;
  readonly log: Log;
  /** Null until the node is open. */
  readonly ground: () => PagesGround | null;
};

type Context = { readonly ground: PagesGround; readonly traceId: string };

const t = initTRPC.context<Context>().create({
  transformer: superjson,
  isDev: false,
  errorFormatter: ({ shape, error, ctx }) => ({
    ...shape,
    message: publicRefusal(error).message,
    data: { code: shape.data.code, httpStatus: shape.data.httpStatus, refusal: { ...publicRefusal(error), traceId: ctx?.traceId ?? '' } },
  }),
});
const procedure = t.procedure.use(async ({ next }) => {
  const result = await next();
  if (result.ok || !(result.error.cause instanceof RefusalError) || result.error.code !== 'INTERNAL_SERVER_ERROR') return result;
  const { kind, code, message, facts } = result.error.cause;
  throw refusal(kind, code, message, facts);
});
const number = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Names and answers are those of the market's router, so that the same pages ask the same questions. */
const memberRouter = t.router({
  node: t.router({ get: procedure.query(({ ctx }) => readNodePage(ctx.ground)) }),
  explorer: t.router({
    blocks: procedure.input(z.strictObject({ before: number.optional() })).query(({ ctx, input }) => listBlocks(ctx.ground, input.before)),
    block: procedure
      .input(z.strictObject({ height: number }))
      .query(async ({ ctx, input }) => found(await getBlock(ctx.ground, input.height), 'block_unknown')),
    entry: procedure
      .input(z.strictObject({ index: number }))
      .query(async ({ ctx, input }) => found(await getEntry(ctx.ground, input.index), 'entry_unknown')),
    tx: procedure
      .input(z.strictObject({ txId: z.string().regex(/^[0-9a-f]{64}$/) }))
      .query(async ({ ctx, input }) => found(await getEntryOfTx(ctx.ground, input.txId), 'tx_unknown')),
    state: procedure
      .input(stateInput)
      .query(({ ctx, input }) => found(findInState(ctx.ground, input.register, input.id), LEAF_UNKNOWN[input.register])),
  }),
});

export function openMemberPages({ render, log, ground }: MemberPagesOptions): MemberPages {
  return {
    handle: async (req, res, pathname, traceId) => {
      if (pathname === '/') {
        res.writeHead(302, { location: FIRST_PAGE }).end();
        return true;
      }
      if (pathname.startsWith(TRPC_PREFIX)) {
        const opened = ground();
        if (opened === null || req.method !== 'GET') return false;
        await answer(req, res, pathname.slice(TRPC_PREFIX.length), { ground: opened, traceId }, log);
        return true;
      }
      if (!PAGES.test(pathname)) return false;
      res.removeHeader('content-security-policy');
      setSecurityHeaders(res, true);
      req.headers[ROLE_HEADER] = 'member';
      await render(req, res);
      return true;
    },
  };
}

async function answer(req: IncomingMessage, res: ServerResponse, name: string, context: Context, log: Log): Promise<void> {
  await nodeHTTPRequestHandler({
    req,
    res,
    path: name,
    router: memberRouter,
    createContext: async () => context,
    onError: ({ error, path: asked }) => {
      if (isBug(error))
        log.error({ error: error.cause ?? error, traceId: context.traceId, procedure: asked }, `couldn't answer ${asked ?? 'a call'}`);
    },
  });
}
