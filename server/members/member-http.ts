/**
 * What a member without a market answers: `/peer/v1` to the other members, `/ledger/v1` to everybody, its state to whoever runs it, and
 * the offline verifier. Nothing here needs the operator.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import type { Op } from '#ledger/codec/op-types.ts';
import type { FollowerNode } from '#ledger/node/follower-node.ts';
import { type LedgerHandler, type LedgerHttpOptions, ledgerHttp } from '#ledger/node/ledger-http.ts';
import { nodeStatus } from '#ledger/node/node-status.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { MEDIA_PREFIX, mediaHandler } from '#server/http/media-handler.ts';
import type { Routes } from '#server/http/request-listener.ts';
import { setSecurityHeaders } from '#server/http/security.ts';
import type { Log } from '#server/log.ts';
import type { Expiry } from '#server/pki/watch-certificates.ts';
import { drawTraceId, type Random } from '#server/random.ts';
import type { ApprovalAnswer } from './approver.ts';
import type { ConfirmAnswer } from './confirm-replay.ts';
import type { Media } from './media.ts';
import { openMemberMetrics } from './member-metrics.ts';
import type { MemberPages, PagesGround } from './member-pages.ts';

export type MemberHttpOptions = {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly random: Random;
  readonly log: Log;
  /** Holds the verifier's files; null where none were built. */
  readonly verifierDir: string | null;
  /** What renders pages; null where nobody looks: a member that an operator's program starts beside itself is seen there. */
  readonly pages: ((server: Server, port: number) => Exclude<Routes['pages'], null>) | null;
};

export type MemberHttp = {
  readonly base: string;
  attach(node: FollowerNode, options: Attached): void;
  stop(): Promise<void>;
};

export type Attached = Pick<LedgerHttpOptions, 'exportDir' | 'document'> & {
  /** The governance key follows the vote of an official of this organisation. */
  readonly approve: (request: unknown) => ApprovalAnswer;
  /** Runs a policy replay of the market again. */
  readonly confirmReplay?: (request: unknown) => Promise<ConfirmAnswer>;
  readonly pages: PagesGround;
  /** Of the certificates that this member knows. */
  readonly expiries?: () => readonly Expiry[];
  /** Art that this member holds, for everybody. */
  readonly media?: Pick<Media, 'find' | 'has'>;
};

const STOP_MS = 2_000;
const APPROVAL_BYTES = 262_144;
/** The inputs of 100,000 trades, compressed and in base64, are about 20 MB. */
const REPLAY_BYTES = 134_217_728;

export async function startMemberHttp(options: MemberHttpOptions): Promise<MemberHttp> {
  let node: FollowerNode | null = null;
  let ledger: LedgerHandler | null = null;
  let approve: Attached['approve'] | null = null;
  let confirmReplay: NonNullable<Attached['confirmReplay']> | null = null;
  let media: ReturnType<typeof mediaHandler> | null = null;
  let ground: PagesGround | null = null;
  let expiries: () => readonly Expiry[] = () => [];
  let pages: MemberPages | null = null;
  const metrics = openMemberMetrics();
  const server = createServer((req, res) => {
    const traceId = drawTraceId(options.random);
    res.setHeader('x-trace-id', traceId);
    setSecurityHeaders(res, false);
    answer(req, res, traceId).catch((error: unknown) => {
      options.log.error({ error, path: req.url ?? '' }, "couldn't answer");
      if (res.headersSent) res.destroy();
      else sendJson(res, 500, { code: 'internal_error', message: 'Something broke on our side; nothing was done.' });
    });
  });

  async function answer(req: IncomingMessage, res: ServerResponse, traceId: string): Promise<void> {
    const pathname = (req.url ?? '/').split('?', 1)[0] ?? '/';
    if (pathname === '/healthz') return sendJson(res, 200, { status: 'alive' });
    if (node === null || ledger === null) return sendJson(res, 503, { code: 'starting', message: 'The member is starting.' });
    if (await node.peers(req, res)) return;
    if (await ledger(req, res)) return;
    if (pathname.startsWith(MEDIA_PREFIX) && (await media?.(req, res)) === true) return;
    if (pathname === '/governance/v1/approve' && req.method === 'POST' && approve !== null) {
      const body = await readBody(req, APPROVAL_BYTES);
      return body === null
        ? sendJson(res, 413, { code: 'too_large', message: 'The request is too large.' })
        : sendJson(res, 200, approve(body));
    }
    if (pathname === '/replay/v1/confirm' && req.method === 'POST' && confirmReplay !== null) {
      const body = await readBody(req, REPLAY_BYTES);
      return body === null
        ? sendJson(res, 413, { code: 'too_large', message: 'The request is too large.' })
        : sendJson(res, 200, await confirmReplay(body));
    }
    if (pathname === '/metrics') {
      res.setHeader('content-type', metrics.contentType);
      res.end(await metrics.text(node, expiries(), ground?.clock.now() ?? instant(0)));
      return;
    }
    if (pathname === '/readyz' || pathname === '/status') {
      const status = nodeStatus(node);
      return sendJson(res, pathname === '/readyz' && status.halted !== null ? 503 : 200, status);
    }
    if (options.verifierDir !== null && (await sendVerifier(options.verifierDir, pathname, res))) return;
    if (await pages?.handle(req, res, pathname, traceId)) return;
    return sendJson(res, 404, { code: 'route_unknown', message: 'There is no such address.' });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'a server that listens has an address');
  if (options.pages !== null) {
    const { openMemberPages } = await import('./member-pages.ts');
    pages = openMemberPages({ render: options.pages(server, address.port), log: options.log, ground: () => ground });
  }
  return {
    base: `http://${options.host}:${address.port}`,
    attach: (opened, given) => {
      node = opened;
      approve = given.approve;
      confirmReplay = given.confirmReplay ?? null;
      const { media: art } = given;
      if (art !== undefined) media = mediaHandler((sm3) => art.find(sm3));
      const takes = (op: Op) => opened.takes(op) && mediaNamed(op).every((list) => art === undefined || art.has(list));
      ground = given.pages;
      expiries = given.expiries ?? expiries;
      ledger = ledgerHttp(opened, {
        ...given,
        submit: (env) => opened.submit(env),
        takes,
        shown: { sm2: startSm2().sm2, onContradiction: (shown) => opened.contradicted(shown) },
      });
    },
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const impatience = setTimeout(() => server.closeAllConnections(), STOP_MS);
      await closed;
      clearTimeout(impatience);
    },
  };
}

/** Of kinds that an op declares or changes. No mirror would ever endorse art that nobody has, and nothing after it. */
function mediaNamed(op: Op): readonly Bytes[] {
  if (op.kind === 'class_define') return op.classes.map(({ media }) => media);
  return op.kind === 'class_update' ? [op.media] : [];
}

/** Null: too long. What is no JSON is read as nothing. */
async function readBody(req: IncomingMessage, bytesMax: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    if (!(chunk instanceof Buffer)) continue;
    size += chunk.length;
    if (size > bytesMax) return null;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) ?? {};
  } catch {
    return {};
  }
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** Static files of the offline verifier; names are flat, so that no path leaves the folder. */
async function sendVerifier(folder: string, pathname: string, res: ServerResponse): Promise<boolean> {
  const name = /^\/verify\/([a-z0-9.-]+)$/i.exec(pathname)?.[1];
  if (name === undefined || name.startsWith('.')) return false;
  const file = path.join(folder, name);
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile()) return false;
  res.writeHead(200, { 'content-type': TYPES[path.extname(name)] ?? 'application/octet-stream', 'content-length': found.size });
  createReadStream(file)
    .once('error', () => res.destroy())
    .pipe(res);
  return true;
}

function sendJson(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  res.end(JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)));
}
