/** Many supervisors' screens in one process, for `feed.bench.ts`: joins, acknowledges, is cut, resumes, and counts what went wrong. */
import { io, type Socket } from 'socket.io-client';
import { FeedChain } from '#app/_client/feed-chain.ts';
import type { ClientToServer, FeedBatch, ServerToClient } from '#server/realtime/events.ts';
import { type Counted, nothingCounted, seeNumbers } from './count-numbers.ts';
import { FrameReader, openThinScreen } from './thin-screen.ts';

type Place = { readonly cookie: string; readonly room: string };
export type ClientsOrder = {
  readonly base: string;
  readonly rooms: readonly Place[];
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
  readonly counted: Counted;
  readonly chain: () => FeedChain | null;
  /** In the middle of whatever is on its way, as a lost network does it. */
  readonly cut: () => void;
};

const totals = { cuts: 0, batches: 0 };
let cpu: NodeJS.CpuUsage | undefined;
const samples: [number, number][] = [];
const screens: Screen[] = [];
const reader = new FrameReader();

/** The first of each room are whole: Socket.IO's client and the program's own check of numbers, bodies, chain and heads. */
async function openScreen(order: ClientsOrder, index: number): Promise<void> {
  const of = order.rooms[index % order.rooms.length];
  if (of === undefined) throw new Error('no room');
  const counted = nothingCounted();
  const isSampled = index < SAMPLED_SOCKETS;
  const told = (seqs: readonly number[]) => {
    const now = Date.now();
    totals.batches += 1;
    if (isSampled) for (const seq of seqs) if (seq > counted.lastSeq) samples.push([seq, now]);
  };
  if (index < order.rooms.length) {
    screens.push(await openWholeScreen(order.base, of, counted, told));
    return;
  }
  const { cut } = await openThinScreen({ base: order.base, ...of, reader }, counted, ({ seqs }) => told(seqs));
  screens.push({ room: of.room, counted, chain: () => null, cut });
}

function openWholeScreen(
  base: string,
  { room, cookie }: Place,
  counted: Counted,
  told: (seqs: readonly number[]) => void,
): Promise<Screen> {
  const socket: Socket<ServerToClient, ClientToServer> = io(`${base}/supervisor`, {
    transports: ['websocket'],
    extraHeaders: { cookie },
    forceNew: true,
    reconnectionDelay: 100,
  });
  let chain: FeedChain | null = null;
  socket.on('feed.batch', (batch: FeedBatch, acknowledge) => {
    const seqs = batch.messages.map(({ seq }) => seq);
    told(seqs);
    chain?.accept(batch);
    seeNumbers(counted, seqs);
    acknowledge(batch.toSeq);
  });
  socket.on('feed.head', (head) => {
    if (head.room === room) chain?.acceptHead(head);
  });
  return new Promise((resolve, reject) => {
    socket.on('connect', () => {
      socket.emit('join', { room, afterSeq: counted.lastSeq }, (joined) => {
        if (!joined.ok) return reject(new Error(joined.code));
        chain ??= new FeedChain(joined.publicKey, 0);
        resolve({ room, counted, chain: () => chain, cut: () => socket.io.engine.close() });
      });
    });
  });
}

function scheduleCuts({ cuts, seconds }: ClientsOrder): void {
  for (let n = 0; n < cuts; n++) {
    const screen = screens[(n * 37) % screens.length];
    if (screen === undefined) continue;
    const cut = () => {
      totals.cuts += 1;
      screen.cut();
    };
    setTimeout(cut, ((n + 0.5) * seconds * 1000) / cuts);
  }
}

async function finish(heads: Readonly<Record<string, number>>): Promise<ClientReport> {
  const until = performance.now() + SETTLE_MS;
  const headOf = ({ room }: Screen) => heads[room] ?? 0;
  const isBehind = (screen: Screen) => screen.counted.lastSeq < headOf(screen);
  while (screens.some(isBehind) && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  const sum = (of: (screen: Screen) => number) => screens.reduce((all, screen) => all + of(screen), 0);
  return {
    ...totals,
    applied: sum(({ counted }) => counted.applied),
    lost: sum((screen) => screen.counted.lost + Math.max(0, headOf(screen) - screen.counted.lastSeq)),
    // Each number shown once: more than the last number means that one was shown twice.
    duplicatesShown: sum(({ counted }) => Math.max(0, counted.applied - counted.lastSeq)),
    duplicatesDelivered: sum(({ counted }) => counted.duplicatesDelivered),
    chainFaults: screens.filter((screen) => (screen.chain()?.fault ?? null) !== null).length,
    samples,
    cpu: process.cpuUsage(cpu),
  };
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
