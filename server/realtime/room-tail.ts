/**
 * The newest messages of one durable room, read once for everybody who listens to it. The end moves only in `refresh`, so listeners that
 * keep up stand at the same few numbers and share one batch, which the encoder writes once. Whoever is further behind reads the database.
 */
import { shareBatch } from './batch-encoder.ts';
import type { FeedBatch, FeedMessage } from './events.ts';

export type ReadMessages = (afterSeq: number, limit: number) => Promise<readonly FeedMessage[]>;

/** Large enough that a listener whose answer takes a second keeps up with 500 a second; half a megabyte at most. */
export const BATCH_MESSAGES = 500;
/** Some seconds of a busy room: a listener that is further behind is a returning one. */
const KEPT_MESSAGES = 4_000;

export class RoomTail {
  readonly #room: string;
  readonly #read: ReadMessages;
  readonly #batches = new Map<number, FeedBatch>();
  /** In order, ending at `#end`. Not necessarily without a gap: who removes a row from the table must be found by the reader, not hidden here. */
  #kept: FeedMessage[] = [];
  #end: number;

  /** `end`: the number up to which the room had grown when the first listener came. */
  constructor(room: string, end: number, read: ReadMessages) {
    this.#room = room;
    this.#end = end;
    this.#read = read;
  }

  /** Takes in what was committed since, and says whether there was anything. */
  async refresh(): Promise<boolean> {
    const before = this.#end;
    for (;;) {
      const messages = await this.#read(this.#end, BATCH_MESSAGES);
      if (messages.length > 0) this.#append(messages);
      if (messages.length < BATCH_MESSAGES) return this.#end > before;
    }
  }

  #append(messages: readonly FeedMessage[]): void {
    this.#kept = [...this.#kept, ...messages].slice(-KEPT_MESSAGES);
    this.#end = messages.at(-1)?.seq ?? this.#end;
    this.#batches.clear();
  }

  /** What follows `afterSeq`, at most `BATCH_MESSAGES`; `null` where the room ends, or where `refresh` has not been yet. */
  async after(afterSeq: number): Promise<FeedBatch | null> {
    if (afterSeq >= this.#end) return null;
    const known = this.#batches.get(afterSeq);
    if (known !== undefined) return known;
    const [oldest] = this.#kept;
    if (oldest === undefined || oldest.seq > afterSeq + 1) return this.#batch(afterSeq, await this.#read(afterSeq, BATCH_MESSAGES));
    const offset = this.#kept.findIndex(({ seq }) => seq > afterSeq);
    const batch = this.#batch(afterSeq, this.#kept.slice(offset, offset + BATCH_MESSAGES));
    if (batch !== null) this.#batches.set(afterSeq, shareBatch(batch));
    return batch;
  }

  #batch(afterSeq: number, messages: readonly FeedMessage[]): FeedBatch | null {
    const last = messages.at(-1);
    return last === undefined ? null : { room: this.#room, fromSeq: afterSeq + 1, toSeq: last.seq, messages };
  }
}
