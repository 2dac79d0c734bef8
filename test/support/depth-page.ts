/** A kind's depth as a page follows it over the socket, and as a reader of the lists would count it (product P-15). */
import { io } from 'socket.io-client';
import { type DepthState, NO_DEPTH, takeClosed, takeDelta, takeSnapshot } from '#app/_client/depth-state.ts';
import type { FeedMessage } from '#server/outbox/message.ts';
import type { ClassPage, Depth, DepthDelta } from '#server/trpc/views.ts';

type Side = readonly { readonly priceFen: string; readonly count: number; readonly quantity: number }[];
export type Sides = { readonly sell: Side; readonly buy: Side };

export interface DepthPage {
  state(): DepthState;
  /** Of the changes that came, the lost ones among them. */
  readonly numbers: readonly number[];
  /** So many of the next messages do not reach the page. */
  lose(count: number): void;
  /** How many of those are still to come. */
  toLose(): number;
  take(snapshot: Depth): void;
  close(): void;
}

export async function openDepthPage(base: string, classId: string): Promise<DepthPage> {
  let page: DepthState = NO_DEPTH;
  let lost = 0;
  const numbers: number[] = [];
  const socket = io(`${base}/market`, { transports: ['websocket'], forceNew: true });
  socket.on('feed.batch', ({ messages }: { readonly messages: readonly FeedMessage[] }, acknowledge: (seq: number) => void) => {
    acknowledge(messages.at(-1)?.seq ?? 0);
    for (const { type, body } of messages) {
      if (type === 'book.closed') page = takeClosed(page, Number(body.bookId));
      if (type !== 'book.delta') continue;
      const delta: DepthDelta = JSON.parse(JSON.stringify(body));
      numbers.push(delta.bookSeq);
      if (lost > 0) lost -= 1;
      else page = takeDelta(page, delta);
    }
  });
  await new Promise((resolve) => socket.emit('join', { room: `class:${classId}`, afterSeq: -1 }, resolve));
  return {
    state: () => page,
    numbers,
    lose: (count) => {
      lost = count;
    },
    toLose: () => lost,
    take: (snapshot) => {
      page = takeSnapshot(page, snapshot);
    },
    close: () => void socket.disconnect(),
  };
}

export function sidesOf({ sell, buy }: Pick<Depth, 'sell' | 'buy'>): Sides {
  const side = (levels: Depth['sell']) => levels.map(({ priceFen, count, quantity }) => ({ priceFen, count, quantity }));
  return { sell: side(sell), buy: side(buy) };
}

/** From the lists of the kind's page, which read the tables. */
export function countedSides({ listings, buyOrders }: Pick<ClassPage, 'listings' | 'buyOrders'>): Sides {
  const live = listings.filter(({ state }) => state === 'live');
  return {
    sell: levelsOf(
      live.map(({ priceFen, items }) => ({ priceFen, units: items.length })),
      1,
    ),
    buy: levelsOf(
      buyOrders.map(({ priceFen, leavesQuantity }) => ({ priceFen, units: leavesQuantity })),
      -1,
    ),
  };
}

function levelsOf(rows: readonly { readonly priceFen: string; readonly units: number }[], sign: 1 | -1): Side {
  return [...Map.groupBy(rows, ({ priceFen }) => priceFen)]
    .map(([priceFen, own]) => ({ priceFen, count: own.length, quantity: own.reduce((sum, { units }) => sum + units, 0) }))
    .sort((a, b) => sign * (Number(a.priceFen) - Number(b.priceFen)));
}
