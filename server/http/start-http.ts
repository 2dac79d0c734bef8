/** Our own HTTP server with everything mounted on it; pages answer while the services still open. */
import { createServer, type Server } from 'node:http';
import { ledgerHttp } from '#ledger/node/ledger-http.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { utf8 } from '#ledger/primitives/bytes.ts';
import { coSignDoor } from '#server/co-sign/co-sign-door.ts';
import type { Services } from '#server/context.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { Log } from '#server/log.ts';
import { findLedgerDocument } from '#server/market/ledger-documents.ts';
import type { Random } from '#server/random.ts';
import { openRealtime, type Realtime } from '#server/realtime/open-realtime.ts';
import { restHandler } from '#server/rest/rest.ts';
import { findShownArt } from '#server/studio/class-changes.repo.ts';
import { readKindPage } from '#server/takeover/kinds.repo.ts';
import { openPapersDoor } from '#server/takeover/papers-door.ts';
import { mediaHandler } from './media-handler.ts';
import { myDataHandler } from './my-data-handler.ts';
import { openOperations } from './operations.ts';
import { openRateLimits } from './rate-limits.ts';
import { type Routes, requestListener } from './request-listener.ts';
import { transparencyHandler } from './transparency-handler.ts';

export type HttpOptions = {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly publicOrigin: string | null;
  readonly random: Random;
  readonly log: Log;
  /** Widens the limits of the pages' procedures; 1 outside tests and demonstrations. */
  readonly limitScale?: number;
  /** How often open feeds are asked whether their session still lives. */
  readonly sessionCheckMs?: number;
  readonly pages: (server: Server) => Routes['pages'];
};

export type StartedHttp = {
  readonly base: string;
  readonly port: number;
  /** From now on the API answers. */
  attach(services: Services, exportDir: string): void;
  stop(): Promise<void>;
};

const STOP_MS = 5_000;
const SESSION_CHECK_MS = 60_000;
const KINDS_PER_PAGE = 500;

/** Resolves when the port is open. */
export async function startHttp(options: HttpOptions): Promise<StartedHttp> {
  const { host, publicOrigin, random, log } = options;
  let services: Services | null = null;
  let api: ReturnType<Routes['api']> = null;
  let realtime: Realtime | null = null;
  const server = createServer();
  // Slow headers and bodies hold a socket and nothing else.
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  const operations = openOperations(() => (services === null ? null : { services, clients: realtime?.clients() ?? new Map() }));
  server.on('request', requestListener({ operations, api: () => api, pages: options.pages(server), publicOrigin, random, log }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, resolve);
  });
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'a server that listens has an address');
  const shownHost = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;

  return {
    base: `http://${shownHost}:${address.port}`,
    port: address.port,
    attach: (opened, exportDir) => {
      const limits = openRateLimits(options.limitScale);
      const submit = async (env: Parameters<typeof sequenceOutside>[1][number]) => {
        const [result] = await sequenceOutside(opened, [env]);
        assert(result !== undefined, 'one LedgerTx has one result');
        return result;
      };
      services = opened;
      opened.market.observe(operations.market);
      api = {
        trpc: { services: opened, limits, isSecure: publicOrigin?.startsWith('https:') === true },
        rest: restHandler(opened),
        media: mediaHandler((sm3) => findShownArt(opened.sql, sm3)),
        myData: myDataHandler({ services: opened, limits }),
        transparency: transparencyHandler(opened.transparency),
        coSign: coSignDoor(opened),
        ledger: ledgerHttp(opened.ledger, {
          exportDir,
          submit,
          promise: (txId) => opened.ledger.promise(txId),
          document: (sm3, cls) => findLedgerDocument(opened.sql, sm3, cls),
          shown: { sm2: opened.ledger.sm2, onContradiction: (shown) => tellContradiction(opened, shown) },
          papers: openPapersDoor(opened),
          kinds: async (from) => utf8(JSON.stringify(await readKindPage(opened.sql, from, KINDS_PER_PAGE))),
        }),
        peers: opened.ledger.peers,
      };
      realtime = openRealtime(server, opened, { publicOrigin, sessionCheckMs: options.sessionCheckMs ?? SESSION_CHECK_MS });
    },
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await realtime?.stop();
      api = null;
      services = null;
      server.closeIdleConnections();
      const impatience = setTimeout(() => server.closeAllConnections(), STOP_MS);
      await closed;
      clearTimeout(impatience);
    },
  };
}

/** A wallet holds a header that the members certified, and the log here is another one. */
function tellContradiction({ ledger, log }: Services, shown: Parameters<Services['ledger']['contradicted']>[0]): void {
  log.error({ height: Number(shown.header.height) }, 'a wallet has shown a certified log that is not the one here');
  ledger.contradicted(shown);
}
