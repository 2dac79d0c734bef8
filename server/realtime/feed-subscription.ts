/**
 * One listener to one durable room. At most one batch is unacknowledged, so a slow client slows only itself, and memory per client is one
 * batch. Delivery is at least once: what was not acknowledged is sent again after the client comes back with its last number.
 */
import type { FeedBatch, FeedMessage } from './events.ts';

export type SubscriptionPort = {
  readonly read: (afterSeq: number, limit: number) => Promise<readonly FeedMessage[]>;
  /** Resolves when the client has acknowledged; rejects when it did not in time. */
  readonly send: (batch: FeedBatch) => Promise<void>;
  /** The client is gone or too slow: it comes back by itself. */
  readonly drop: (error: unknown) => void;
};

const BATCH = 200;

export class FeedSubscription {
  readonly #room: string;
  readonly #port: SubscriptionPort;
  #lastSeq: number;
  #isBusy = false;
  #isWoken = false;
  #isClosed = false;

  constructor(room: string, afterSeq: number, port: SubscriptionPort) {
    this.#room = room;
    this.#lastSeq = afterSeq;
    this.#port = port;
  }

  /** Something may have been appended. Any number of wake-ups during a delivery becomes one more look. */
  wake(): void {
    this.#isWoken = true;
    if (!this.#isBusy) void this.#deliver();
  }

  close(): void {
    this.#isClosed = true;
  }

  async #deliver(): Promise<void> {
    this.#isBusy = true;
    try {
      while (this.#isWoken && !this.#isClosed) {
        this.#isWoken = false;
        await this.#deliverAll();
      }
    } catch (error) {
      if (!this.#isClosed) this.#port.drop(error);
      this.#isClosed = true;
    } finally {
      this.#isBusy = false;
    }
  }

  async #deliverAll(): Promise<void> {
    for (;;) {
      if (this.#isClosed) return;
      const messages = await this.#port.read(this.#lastSeq, BATCH);
      const last = messages.at(-1);
      if (last === undefined) return;
      await this.#port.send({ room: this.#room, fromSeq: this.#lastSeq + 1, toSeq: last.seq, messages });
      this.#lastSeq = last.seq;
      if (messages.length < BATCH) return;
    }
  }
}
