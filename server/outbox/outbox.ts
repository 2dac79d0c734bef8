/** Committed facts for the feeds (product V-04, V-25): what the rest of the server sees. Built by `openOutbox`. */
import type { Tx } from '#server/db.ts';
import type { FeedHead, FeedMessage, NewMessage } from './message.ts';
import type { RoomHead } from './outbox.repo.ts';

export type { FeedHead, FeedMessage, JsonObject, NewMessage } from './message.ts';

/** Market data of one kind, after the commit: numbered per run of the program, lost with it, and rebuilt from a snapshot. */
export type MarketMessage = NewMessage;

export interface Outbox {
  /** The same as `appendOutbox`: inside the caller's database transaction, two statements for any number of messages. */
  append(tx: Tx, messages: readonly NewMessage[]): Promise<void>;
  /** `class:*` messages, to whoever looks at that kind now. Call it after the commit. */
  publish(messages: readonly MarketMessage[]): void;
  list(room: string, afterSeq: number, limit: number): Promise<readonly FeedMessage[]>;
  getHead(room: string): Promise<RoomHead>;
  /** 64 bytes in hex and its name in heads: what a client checks `sig` with. */
  readonly key: { readonly keyId: string; readonly publicKey: string };
  /** The last head that was signed for the room, `null` before the first message. */
  getSignedHead(room: string): FeedHead | null;
  /** Heads of these rooms (players') are signed too, as long as the returned function is not called. */
  watch(room: string): () => void;
  /** Told of every published message and, with `wake`, that durable rooms have grown. */
  listen(listener: OutboxListener): () => void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface OutboxListener {
  wake(): void;
  published(messages: readonly FeedMessage[]): void;
  headSigned(head: FeedHead): void;
}
