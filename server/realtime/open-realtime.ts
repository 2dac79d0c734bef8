/** Socket.IO on our own HTTP server: sessions from cookies, rooms by role, resume by number (product V-25). */
import type { Server as HttpServer } from 'node:http';
import { Server, type Socket, type Namespace as SocketNamespace } from 'socket.io';
import { z } from 'zod';
import type { Services } from '#server/context.ts';
import { readCookie } from '#server/http/cookies.ts';
import { isOwnOrigin } from '#server/http/security.ts';
import { findStudioOf } from '#server/market/studios.repo.ts';
import { isDurableRoom } from '#server/outbox/append-outbox.ts';
import type { FeedMessage } from '#server/outbox/message.ts';
import { type EnginePacket, openBatchParser } from './batch-encoder.ts';
import { type ClientToServer, type FeedBatch, type JoinAnswer, NAMESPACES, type Namespace, type ServerToClient } from './events.ts';
import { FanOut, type Followed } from './fan-out.ts';
import { type Listener, refuseRoom } from './rooms.ts';

export interface Realtime {
  /** Open sockets by room; kinds, people and studios are counted together. */
  clients(): ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

type SocketFacts = { listener: Listener; token: string | null; outstanding: number };
type FeedSocket = Socket<ClientToServer, ServerToClient, Record<string, never>, SocketFacts>;
type FeedNamespace = SocketNamespace<ClientToServer, ServerToClient, Record<string, never>, SocketFacts>;

const ACKNOWLEDGE_MS = 15_000;
const ROOMS_PER_SOCKET = 20;
const joinRequest = z.strictObject({ room: z.string().max(100), afterSeq: z.int().min(-1), newest: z.int().min(1).max(10_000).optional() });

type EngineConnection = { on(event: 'packetCreate', told: (packet: EnginePacket) => void): void };
type RealtimeOptions = { readonly publicOrigin: string | null; readonly sessionCheckMs: number };

export function openRealtime(http: HttpServer, services: Services, { publicOrigin, sessionCheckMs }: RealtimeOptions): Realtime {
  const batches = openBatchParser();
  const io = new Server<ClientToServer, ServerToClient, Record<string, never>, SocketFacts>(http, {
    serveClient: false,
    // By default engine.io ends upgrades of other paths after a second, Next's own in development among them.
    destroyUpgrade: false,
    maxHttpBufferSize: 64 * 1024,
    parser: batches.parser,
    allowRequest: (req, done) => {
      const { origin, host } = req.headers;
      done(null, origin === undefined || isOwnOrigin(origin, host, publicOrigin));
    },
  });
  io.engine.on('connection', (connection: EngineConnection) => connection.on('packetCreate', batches.frame));
  const fanOut = new FanOut((room, afterSeq, limit) => services.outbox.list(room, afterSeq, limit));
  const namespaces = new Map<Namespace, FeedNamespace>(NAMESPACES.map((name) => [name, io.of(name)]));

  for (const [name, namespace] of namespaces) {
    namespace.use((socket, next) => {
      identify(services, name, socket.handshake.headers.cookie).then(
        (facts) => {
          socket.data = facts;
          next();
        },
        (error: unknown) => {
          services.log.error({ error }, "couldn't read a session for the feed");
          next(new Error('unavailable'));
        },
      );
    });
    namespace.on('connection', (socket) => acceptSocket(services, name, socket, fanOut));
  }

  const unlisten = services.outbox.listen({
    wake: () => fanOut.wake(),
    published: (messages) => {
      const market = namespaces.get('/market');
      for (const [room, of] of groupByRoom(messages)) {
        const [first] = of;
        const last = of.at(-1);
        if (first !== undefined && last !== undefined && market !== undefined) {
          pushMarket(market, { room, fromSeq: first.seq, toSeq: last.seq, messages: of });
        }
      }
    },
    headSigned: (head) => {
      for (const namespace of namespaces.values()) namespace.to(head.room).emit('feed.head', head);
    },
  });
  const sessionCheck = setInterval(() => {
    closeEnded(services, namespaces).catch((error: unknown) => services.log.error({ error }, "couldn't check the feed's sessions"));
  }, sessionCheckMs);
  sessionCheck.unref();

  return {
    clients: () => countClients(namespaces.values()),
    stop: async () => {
      clearInterval(sessionCheck);
      unlisten();
      fanOut.close();
      io.disconnectSockets(true);
      await new Promise<void>((resolve) => {
        io.engine.close();
        resolve();
      });
    },
  };
}

/** Market data waits for nobody: whoever is this many messages behind is cut off and comes back to a fresh snapshot. */
const MARKET_BEHIND = 500;

function pushMarket(market: FeedNamespace, batch: FeedBatch): void {
  for (const id of market.adapter.rooms.get(batch.room) ?? []) {
    const socket = market.sockets.get(id);
    if (socket === undefined) continue;
    if (socket.data.outstanding >= MARKET_BEHIND) {
      socket.disconnect(true);
      continue;
    }
    socket.data.outstanding += 1;
    socket.emit('feed.batch', batch, () => {
      socket.data.outstanding -= 1;
    });
  }
}

function groupByRoom(messages: readonly FeedMessage[]): ReadonlyMap<string, readonly FeedMessage[]> {
  return Map.groupBy(messages, (message) => message.room);
}

/** A socket is in a room of its own too, by its id. */
function countClients(namespaces: Iterable<FeedNamespace>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { adapter, sockets } of namespaces) {
    for (const [room, ids] of adapter.rooms) {
      if (sockets.has(room)) continue;
      const shown = room.replace(/^(class|player|studio):.*$/, '$1');
      counts.set(shown, (counts.get(shown) ?? 0) + ids.size);
    }
  }
  return counts;
}

const NOBODY: Listener = { acct: null, role: null, studio: null };

/** What the cookie of a namespace says now; nobody when there is none or it has ended. */
async function identify(services: Services, namespace: Namespace, cookies: string | undefined): Promise<SocketFacts> {
  if (namespace === '/market') return { listener: NOBODY, token: null, outstanding: 0 };
  const token = readCookie(cookies, namespace === '/player' ? 'daoju_session' : 'daoju_staff');
  return { listener: await findListener(services, namespace, token), token, outstanding: 0 };
}

async function findListener(services: Services, namespace: Namespace, token: string | null): Promise<Listener> {
  if (token === null) return NOBODY;
  if (namespace === '/player') return { ...NOBODY, acct: (await services.identity.findPlayerSession(token))?.player.acct ?? null };
  const staff = await services.identity.findStaffSession(token);
  const isStudio = namespace === '/studio' && staff?.role === 'studio';
  const studio = isStudio ? await findStudioOf(services.sql, staff.organisation) : null;
  return { acct: null, role: staff?.role ?? null, studio: studio?.isActive === true ? studio.acct : null };
}

/** A connection must not outlive the session that opened it. An open feed counts as use, as a screen that is being watched does. */
async function closeEnded(services: Services, namespaces: ReadonlyMap<Namespace, FeedNamespace>): Promise<void> {
  for (const [name, namespace] of namespaces) {
    for (const socket of namespace.sockets.values()) {
      const { listener, token } = socket.data;
      if (token === null || (listener.acct === null && listener.role === null)) continue;
      const now = await findListener(services, name, token);
      if (now.acct === listener.acct && now.role === listener.role && now.studio === listener.studio) continue;
      socket.emit('feed.closed', { code: 'session_ended' });
      socket.disconnect(true);
    }
  }
}

/** Market data is pushed as it is published. */
const NOTHING_TO_FOLLOW: Followed = { close: () => undefined, wake: () => undefined };

function acceptSocket(services: Services, namespace: Namespace, socket: FeedSocket, fanOut: FanOut): void {
  const { outbox, log } = services;
  const joined = new Map<string, Followed>();

  async function join(input: unknown): Promise<JoinAnswer> {
    const parsed = joinRequest.safeParse(input);
    if (!parsed.success) return { ok: false, code: 'join_malformed' };
    const { room, afterSeq, newest } = parsed.data;
    const refusal = refuseRoom(namespace, room, socket.data.listener);
    if (refusal !== null) return { ok: false, code: refusal };
    if (!joined.has(room) && joined.size >= ROOMS_PER_SOCKET) return { ok: false, code: 'too_many_rooms' };
    const head = await outbox.getHead(room);
    // Kept rooms only grow: a number from the future is of another history. Market data is numbered anew with every start.
    if (isDurableRoom(room) && afterSeq > head.seq) return { ok: false, code: 'seq_ahead' };
    const from = afterSeq === -1 ? head.seq : newest === undefined ? afterSeq : Math.max(afterSeq, head.seq - newest);
    joined.get(room)?.close();
    await socket.join(room);
    joined.set(room, isDurableRoom(room) ? follow(room, { afterSeq: from, headSeq: head.seq }) : NOTHING_TO_FOLLOW);
    return { ok: true, room, afterSeq: from, headSeq: head.seq, signedHead: outbox.getSignedHead(room), ...outbox.key };
  }

  function follow(room: string, from: { readonly afterSeq: number; readonly headSeq: number }): Followed {
    const unwatch = outbox.watch(room);
    const followed = fanOut.follow(room, from, {
      send: async (batch) => {
        await socket.timeout(ACKNOWLEDGE_MS).emitWithAck('feed.batch', batch);
      },
      drop: (error) => {
        log.debug({ error, room }, 'a listener did not keep up and was cut off; it resumes by its last number');
        socket.disconnect(true);
      },
    });
    let isOpen = true;
    const close = () => {
      followed.close();
      if (isOpen) unwatch();
      isOpen = false;
    };
    return { close, wake: followed.wake };
  }

  socket.on('join', (request, answer) => {
    if (typeof answer !== 'function') return;
    join(request).then(
      (joinAnswer) => {
        answer(joinAnswer);
        // After the answer, so that the client knows where delivery begins before the first batch.
        if (joinAnswer.ok) joined.get(joinAnswer.room)?.wake();
      },
      (error: unknown) => {
        log.error({ error }, "couldn't join a room");
        socket.disconnect(true);
      },
    );
  });
  socket.on('leave', (request) => {
    const room = z.strictObject({ room: z.string().max(100) }).safeParse(request).data?.room;
    if (room === undefined) return;
    joined.get(room)?.close();
    joined.delete(room);
    void socket.leave(room);
  });
  socket.on('disconnect', () => {
    for (const followed of joined.values()) followed.close();
    joined.clear();
  });
}
