/**
 * One listener to one durable room. At most one batch is unacknowledged, so a slow client slows only itself, and memory per client is one
 * batch. Delivery is at least once: what was not acknowledged is sent again after the client comes back with its last number.
 */
import type { FeedBatch } from './events.ts';

export type SubscriptionPort = {
  /** What follows a number; `null` when nothing does yet. */
  readonly after: (seq: number) => Promise<FeedBatch | null>;
  /** Resolves when the client has acknowledged; rejects when it did not in time. */
  readonly send: (batch: FeedBatch) => Promise<void>;
  /** The client is gone or too slow: it comes back by itself. */
  readonly drop: (error: unknown) => void;
};

export class FeedSubscription {
  readonly #port: SubscriptionPort;
  #lastSeq: number;
  #isBusy = false;
  #isWoken = false;
  #isClosed = false;

  constructor(afterSeq: number, port: SubscriptionPort) {
    this.#lastSeq = afterSeq;
    this.#port = port;
  }

  /** The room may have grown. Any number of wake-ups during a delivery becomes one more look. */
  wake(): void {
    this.#isWoken = true;
    if (!this.#isBusy) void this.#deliver();
  }

  close(): void {
    this.#isClosed = true;
  }

  /** What the client has not acknowledged is not known to be lost: it is told to come back. */
  drop(error: unknown): void {
    if (!this.#isClosed) this.#port.drop(error);
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
      this.drop(error);
    } finally {
      this.#isBusy = false;
    }
  }

  async #deliverAll(): Promise<void> {
    while (!this.#isClosed) {
      const batch = await this.#port.after(this.#lastSeq);
      if (batch === null) return;
      await this.#port.send(batch);
      this.#lastSeq = batch.toSeq;
    }
  }
}
