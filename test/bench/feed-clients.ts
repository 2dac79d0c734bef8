/** Many supervisors' screens in one process, for `feed.bench.ts`: joins, acknowledges, is cut, resumes, and counts what went wrong. */
import { io, type Socket } from 'socket.io-client';
import { FeedChain } from '#app/_client/feed-chain.ts';
import type { ClientToServer, FeedBatch, ServerToClient } from '#server/realtime/events.ts';
import { sharingParser } from './shared-parse.ts';

export type ClientsOrder = {
  readonly base: string;
  readonly rooms: readonly { readonly cookie: string; readonly room: string }[];
  readonly sockets: number;
  readonly cuts: number;
  readonly seconds: number;
};
export type ClientReport = {
  readonly applied: number;
  readonly lost: number;
  readonly duplicatesShown: number;
  readonly duplicatesDelivered: number;
  readonly chainFaults: number;
  readonly cuts: number;
  readonly batches: number;
  /** Since the first trade. */
  readonly cpu: NodeJS.CpuUsage;
  /** Number and time of arrival of some messages. */
  readonly samples: readonly (readonly [number, number])[];
};
export type FromClients = { readonly kind: 'ready' } | { readonly kind: 'report'; readonly report: ClientReport };

const SAMPLED_SOCKETS = 25;
const SETTLE_MS = 60_000;

type Screen = {
  readonly room: string;
  readonly socket: Socket<ServerToClient, ClientToServer>;
  lastSeq: number;
  applied: number;
  chain: FeedChain | null;
};

const counts = { lost: 0, duplicatesShown: 0, duplicatesDelivered: 0, cuts: 0, batches: 0 };
let cpu: NodeJS.CpuUsage | undefined;
const samples: [number, number][] = [];
const screens: Screen[] = [];

function openScreen(order: ClientsOrder, index: number): Promise<void> {
  const of = order.rooms[index % order.rooms.length];
  if (of === undefined) throw new Error('no room');
  const { room, cookie } = of;
  const socket: Screen['socket'] = io(`${order.base}/supervisor`, {
    transports: ['websocket'],
    extraHeaders: { cookie },
    forceNew: true,
    reconnectionDelay: 100,
    parser: sharingParser,
  });
  const screen: Screen = { room, socket, lastSeq: 0, applied: 0, chain: null };
  screens.push(screen);
  const isWhole = index < order.rooms.length;
  const isSampled = index < SAMPLED_SOCKETS;
  socket.on('feed.batch', (batch: FeedBatch, acknowledge) => {
    const now = Date.now();
    counts.batches += 1;
    screen.chain?.accept(batch);
    for (const { seq } of batch.messages) {
      if (seq <= screen.lastSeq) {
        counts.duplicatesDelivered += 1;
        continue;
      }
      if (seq !== screen.lastSeq + 1) counts.lost += seq - screen.lastSeq - 1;
      screen.lastSeq = seq;
      screen.applied += 1;
      if (isSampled) samples.push([seq, now]);
    }
    acknowledge(batch.toSeq);
  });
  socket.on('feed.head', (head) => {
    if (head.room === room) screen.chain?.acceptHead(head);
  });
  return new Promise((resolve, reject) => {
    socket.on('connect', () => {
      socket.emit('join', { room, afterSeq: screen.lastSeq }, (joined) => {
        if (!joined.ok) return reject(new Error(joined.code));
        if (isWhole) screen.chain ??= new FeedChain(joined.publicKey, 0);
        resolve();
      });
    });
  });
}

/** Cut in the middle of whatever is on its way, as a lost network does it. */
function cut(screen: Screen): void {
  counts.cuts += 1;
  screen.socket.io.engine.close();
}

function scheduleCuts({ cuts, seconds }: ClientsOrder): void {
  for (let n = 0; n < cuts; n++) {
    const screen = screens[(n * 37) % screens.length];
    if (screen !== undefined) setTimeout(() => cut(screen), ((n + 0.5) * seconds * 1000) / cuts);
  }
}

async function finish(heads: Readonly<Record<string, number>>): Promise<ClientReport> {
  const until = performance.now() + SETTLE_MS;
  const isBehind = (screen: Screen) => screen.lastSeq < (heads[screen.room] ?? 0);
  while (screens.some(isBehind) && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  for (const screen of screens) {
    counts.lost += Math.max(0, (heads[screen.room] ?? 0) - screen.lastSeq);
    // Each number shown once: more than the last number means that one was shown twice.
    counts.duplicatesShown += Math.max(0, screen.applied - screen.lastSeq);
  }
  const chainFaults = screens.filter(({ chain }) => chain !== null && chain.fault !== null).length;
  const applied = screens.reduce((sum, screen) => sum + screen.applied, 0);
  return { ...counts, applied, chainFaults, samples, cpu: process.cpuUsage(cpu) };
}

function tell(message: FromClients): void {
  process.send?.(message);
}

let order: ClientsOrder | null = null;
process.on('message', (message: ClientsOrder | 'go' | Readonly<Record<string, number>>) => {
  if (order === null) {
    const given = message as ClientsOrder;
    order = given;
    void Promise.all(Array.from({ length: given.sockets }, (_, index) => openScreen(given, index))).then(() => tell({ kind: 'ready' }));
  } else if (message === 'go') {
    cpu = process.cpuUsage();
    scheduleCuts(order);
  } else {
    void finish(message as Readonly<Record<string, number>>).then((report) => {
      const last: FromClients = { kind: 'report', report };
      // Not before it has left: an exit drops what is still in the pipe.
      process.send?.(last, () => process.exit(0));
    });
  }
});
