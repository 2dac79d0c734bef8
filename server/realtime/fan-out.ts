/**
 * Brings what the outbox has committed to everybody who listens. A wake-up reads each room that has listeners once; while rooms are busy
 * the next look waits the longer the more listeners the last one told: five hundred screens then cost one read, and few large batches
 * instead of many small ones, each of which has a price of its own at both ends (a frame, an answer, a timer).
 */
import { FeedSubscription, type SubscriptionPort } from './feed-subscription.ts';
import { type ReadMessages, RoomTail } from './room-tail.ts';

/** A screen cannot be read faster; the first message after a rest does not wait. */
const LEAST_GATHER_MS = 50;
const GATHER_MS_PER_TOLD = 0.5;
/** A quarter of the second in which a row has to be on the screen (V-03). */
const MOST_GATHER_MS = 250;

export function gatherMs(told: number): number {
  return Math.min(MOST_GATHER_MS, LEAST_GATHER_MS + told * GATHER_MS_PER_TOLD);
}

export type Followed = { readonly close: () => void; readonly wake: () => void };

type Room = { readonly tail: RoomTail; readonly subscriptions: Set<FeedSubscription> };

export class FanOut {
  readonly #read: (room: string, ...page: Parameters<ReadMessages>) => ReturnType<ReadMessages>;
  readonly #rooms = new Map<string, Room>();
  #timer: NodeJS.Timeout | null = null;
  #isReading = false;
  #isWoken = false;

  constructor(read: (room: string, ...page: Parameters<ReadMessages>) => ReturnType<ReadMessages>) {
    this.#read = read;
  }

  /** Delivery begins with `wake`. `headSeq` is the room's number now. */
  follow(room: string, from: { readonly afterSeq: number; readonly headSeq: number }, port: Omit<SubscriptionPort, 'after'>): Followed {
    const known = this.#rooms.get(room);
    const { tail, subscriptions } = known ?? this.#open(room, from.headSeq);
    const subscription = new FeedSubscription(from.afterSeq, { ...port, after: (seq) => tail.after(seq) });
    subscriptions.add(subscription);
    return {
      wake: () => {
        subscription.wake();
        // What was committed between the reading of `headSeq` and now has had its wake-up already.
        this.wake();
      },
      close: () => {
        subscription.close();
        subscriptions.delete(subscription);
        if (subscriptions.size === 0 && this.#rooms.get(room)?.subscriptions === subscriptions) this.#rooms.delete(room);
      },
    };
  }

  #open(room: string, headSeq: number): Room {
    const opened = {
      tail: new RoomTail(room, headSeq, (afterSeq, limit) => this.#read(room, afterSeq, limit)),
      subscriptions: new Set<FeedSubscription>(),
    };
    this.#rooms.set(room, opened);
    return opened;
  }

  /** Some durable room has grown. */
  wake(): void {
    this.#isWoken = true;
    if (this.#timer === null && !this.#isReading) void this.#look();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const { subscriptions } of this.#rooms.values()) for (const subscription of subscriptions) subscription.close();
    this.#rooms.clear();
  }

  async #look(): Promise<void> {
    this.#isReading = true;
    this.#isWoken = false;
    const told = await Promise.all([...this.#rooms.values()].map((room) => refreshRoom(room)));
    this.#isReading = false;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        if (this.#isWoken) void this.#look();
      },
      gatherMs(told.reduce((sum, count) => sum + count, 0)),
    );
    this.#timer.unref();
  }
}

/** How many were told. Nobody stays behind unseen: when a room cannot be read, its listeners come back by their last number. */
async function refreshRoom({ tail, subscriptions }: Room): Promise<number> {
  try {
    if (!(await tail.refresh())) return 0;
    for (const subscription of subscriptions) subscription.wake();
    return subscriptions.size;
  } catch (error) {
    for (const subscription of subscriptions) subscription.drop(error);
    return 0;
  }
}
