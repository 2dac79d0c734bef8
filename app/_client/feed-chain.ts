/** Whether a room of the feed is whole (V-04): numbers without gaps, bodies that match their hashes, each message chained to the one
 *  before, heads signed by the operator. Pure, so that a test can drop, swap or change one message anywhere. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { concat, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import type { FeedBatch, FeedHead, FeedMessage } from '#server/realtime/events.ts';

/** A signed head says that a message exists. The server gives a silent client 15 s; a resumed one has it well within this. */
export const WITHHELD_MS = 20_000;

const FIRST_PREV_HASH = '0'.repeat(64);
// Verifying draws no randomness; whoever signed drew it.
const sm2 = portableSm2(() => {
  throw new Error('the feed is only verified here');
});

export type Fault = {
  readonly seq: number;
  readonly code: 'gap' | 'withheld' | 'body_changed' | 'chain_broken' | 'head_differs' | 'head_signature_invalid';
  readonly proof: FeedMessage | FeedHead;
};

export class FeedChain {
  /** The oldest number that is here; one above `#lastSeq` before anything is. */
  #firstSeq: number;
  /** What the oldest names as the hash before it. */
  #firstPrev: string | null = null;
  #lastSeq: number;
  #lastHash: string | null;
  #fault: Fault | null = null;
  #head: FeedHead | null = null;
  readonly #publicKey: Uint8Array;
  /** Hashes by number, so that a head that comes late can still be compared. */
  readonly #hashes = new Map<number, string>();
  #waiting: FeedHead | null = null;
  /** Since when nothing has come although a signed head says that there is more. */
  #stuck: { readonly lastSeq: number; readonly sinceMs: number } | null = null;

  /** From the beginning of the room, or behind a number whose hash is not known (then the first message starts the chain). */
  constructor(publicKeyHex: string, afterSeq: number) {
    this.#publicKey = fromHex(publicKeyHex, 64);
    this.#lastSeq = afterSeq;
    this.#firstSeq = afterSeq + 1;
    this.#lastHash = afterSeq === 0 ? FIRST_PREV_HASH : null;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }
  /** From which number on everything is here and was checked; 1: the whole room. */
  get firstSeq(): number {
    return this.#firstSeq;
  }
  get fault(): Fault | null {
    return this.#fault;
  }
  /** The newest head whose signature and hash hold. */
  get head(): FeedHead | null {
    return this.#head;
  }

  /** The messages that are new: delivery is at least once, application exactly once. */
  accept(batch: FeedBatch): readonly FeedMessage[] {
    const fresh: FeedMessage[] = [];
    for (const message of batch.messages) {
      if (message.seq <= this.#lastSeq) continue;
      this.#fault ??= this.#judge(message);
      this.#firstPrev ??= message.prevHash;
      this.#lastSeq = message.seq;
      this.#lastHash = hashOf(message);
      this.#hashes.set(message.seq, this.#lastHash);
      fresh.push(message);
    }
    if (this.#waiting !== null && this.#waiting.seq <= this.#lastSeq) this.acceptHead(this.#waiting);
    return fresh;
  }

  /** An older page, in the order of its numbers, ending before what is here: chained to it from behind. */
  acceptBefore(messages: readonly FeedMessage[]): readonly FeedMessage[] {
    const fresh: FeedMessage[] = [];
    for (const message of messages.toReversed()) {
      if (message.seq >= this.#firstSeq) continue;
      this.#fault ??= this.#judgeBefore(message);
      this.#firstSeq = message.seq;
      this.#firstPrev = message.prevHash;
      this.#hashes.set(message.seq, hashOf(message));
      fresh.push(message);
    }
    return fresh.reverse();
  }

  #judgeBefore(message: FeedMessage): Fault | null {
    const { seq } = message;
    if (seq !== this.#firstSeq - 1) return { seq: this.#firstSeq - 1, code: 'gap', proof: message };
    if (isBodyChanged(message)) return { seq, code: 'body_changed', proof: message };
    if (this.#firstPrev !== null && hashOf(message) !== this.#firstPrev) return { seq: seq + 1, code: 'chain_broken', proof: message };
    return seq === 1 && message.prevHash !== FIRST_PREV_HASH ? { seq, code: 'chain_broken', proof: message } : null;
  }

  #judge(message: FeedMessage): Fault | null {
    if (message.seq !== this.#lastSeq + 1) return { seq: this.#lastSeq + 1, code: 'gap', proof: message };
    if (isBodyChanged(message)) return { seq: message.seq, code: 'body_changed', proof: message };
    if (this.#lastHash !== null && message.prevHash !== this.#lastHash) return { seq: message.seq, code: 'chain_broken', proof: message };
    return null;
  }

  acceptHead(head: FeedHead): void {
    if (head.seq > this.#lastSeq) {
      this.#waiting = head;
      return;
    }
    this.#waiting = null;
    if (head.seq === 0) return;
    const { room, seq, hash, ts, keyId } = head;
    const signed = concat(utf8('daoju.feed-head/1\n'), canonicalBytes({ room, seq, hash, ts, keyId }));
    if (!sm2.verify(this.#publicKey, signed, fromHex(head.sig, 64))) {
      this.#fault ??= { seq, code: 'head_signature_invalid', proof: head };
      return;
    }
    const own = this.#hashes.get(seq);
    if (own !== undefined && own !== hash) {
      this.#fault ??= { seq, code: 'head_differs', proof: head };
      return;
    }
    if (this.#head === null || this.#head.ts <= ts) this.#head = head;
  }

  /** Asked about once a second, with the reader's own clock: a message that a signed head names and that does not come is a gap too. */
  judgeDelay(nowMs: number): void {
    if (this.#waiting === null) this.#stuck = null;
    else if (this.#stuck?.lastSeq !== this.#lastSeq) this.#stuck = { lastSeq: this.#lastSeq, sinceMs: nowMs };
    else if (nowMs - this.#stuck.sinceMs >= WITHHELD_MS) this.#fault ??= { seq: this.#lastSeq + 1, code: 'withheld', proof: this.#waiting };
  }

  /** The number up to which the operator says there is something that has not arrived. */
  get behind(): boolean {
    return this.#waiting !== null;
  }
}

const isBodyChanged = (message: FeedMessage): boolean => toHex(sm3(canonicalBytes({ ...message.body }))) !== message.bodyHash;

function hashOf({ id, seq, room, type, schema, ts, bodyHash, prevHash }: FeedMessage): string {
  return toHex(sm3(canonicalBytes({ id, seq, room, type, schema, ts, bodyHash, prevHash })));
}
