/** Builds `Outbox`: wake-ups at each commit, market data per run, heads signed while rooms grow and, more rarely, while they rest. */

import { canonicalText } from '#ledger/codec/canonical-json.ts';
import type { TxBody } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Ground } from '#server/context.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import { appendOutbox, isDurableRoom } from './append-outbox.ts';
import { type FeedHead, type FeedMessage, FIRST_PREV_HASH, headBytes, type NewMessage, sealMessage } from './message.ts';
import { insertAttestation, insertHeads, listHeads, listMessages, listOpenRooms, type RoomHead, WAKE_CHANNEL } from './outbox.repo.ts';
import type { Outbox, OutboxListener } from './outbox.ts';

export type OutboxOptions = {
  readonly activeHeadMs?: number;
  readonly idleHeadMs?: number;
  readonly attestMs?: number;
};

const MINUTE_MS = 60_000;
const ATTEST_FEED_HEAD = 5;
const SUPERVISED_ROOM = /^(?:public$|sup:)/;

export function openOutbox(ground: Ground, options: OutboxOptions = {}): Outbox {
  const { activeHeadMs = 2_000, idleHeadMs = 30_000, attestMs = 10 * MINUTE_MS } = options;
  const { sql, clock, ledger, log } = ground;
  const listeners = new Set<OutboxListener>();
  const marketHeads = new Map<string, RoomHead>();
  const signedHeads = new Map<string, FeedHead & { readonly at: Instant }>();
  const watched = new Map<string, number>();
  const keyId = `${toHex(ledger.operator.acct)}/0`;
  let timers: readonly NodeJS.Timeout[] = [];
  let unlisten: (() => Promise<void>) | null = null;
  let working: Promise<void> = Promise.resolve();
  const inLine = new Set<() => Promise<void>>();

  function signHead(room: string, head: RoomHead, at: Instant): FeedHead {
    const document = { room, seq: head.seq, hash: head.hash, ts: toIso(at), keyId };
    return { ...document, sig: toHex(ledger.sm2.sign(ledger.operator.privateKey, headBytes(document))) };
  }

  async function signHeads(): Promise<void> {
    const rooms = [...new Set([...(await listOpenRooms(sql)), ...watched.keys()])];
    const heads = await listHeads(sql, rooms);
    const at = clock.now();
    const fresh: FeedHead[] = [];
    for (const [room, head] of heads) {
      const before = signedHeads.get(room);
      const hasGrown = before?.seq !== head.seq;
      if (head.seq === 0 || (!hasGrown && at - before.at < idleHeadMs)) continue;
      const signed = signHead(room, head, at);
      signedHeads.set(room, { ...signed, at });
      if (hasGrown) fresh.push(signed);
      for (const listener of listeners) listener.headSigned(signed);
    }
    // A head that repeats its number adds nothing to prove later.
    await insertHeads(sql, fresh);
  }

  /** Writes the heads of the supervisors' rooms on the ledger (Attest, kind 5). */
  async function attestHeads(): Promise<void> {
    const heads = [...signedHeads.values()].filter(({ room }) => SUPERVISED_ROOM.test(room)).map(({ at: _, ...head }) => head);
    if (heads.length === 0) return;
    const at = clock.now();
    const document = canonicalText({ heads: heads.sort((a, b) => (a.room < b.room ? -1 : 1)) });
    const doc = sm3(utf8(document));
    const body: TxBody = {
      chain: ledger.chain,
      salt: ground.random.bytes(16),
      notBefore: BigInt(at - MINUTE_MS),
      notAfter: BigInt(at + 10 * MINUTE_MS),
      op: { kind: 'attest', subject: { kind: 'none' }, attestKind: ATTEST_FEED_HEAD, doc },
    };
    await sequenceOutside(ground, ledger.operator.batchSign([body]), async (tx, [result]) => {
      assert(result?.kind === 'sequenced', `the operator may attest feed heads: ${result?.kind === 'rejected' ? result.code : ''}`);
      await insertAttestation(tx, { txId: result.txId, at: new Date(at), doc, document });
    });
  }

  /** One at a time, and none twice in line; a failed round is only late, the next one makes up for it. */
  function enqueue(sentence: string, work: () => Promise<void>): void {
    if (inLine.has(work)) return;
    inLine.add(work);
    working = working
      .then(work)
      .catch((error: unknown) => log.error({ error }, sentence))
      .finally(() => inLine.delete(work));
  }

  return {
    key: { keyId, publicKey: toHex(ledger.operator.publicKey) },
    append: appendOutbox,
    publish: (messages: readonly NewMessage[]) => {
      const numbered = messages.map((message): FeedMessage => {
        assert(!isDurableRoom(message.room), `room ${message.room} is kept: append it inside the database transaction`);
        const head = marketHeads.get(message.room) ?? { seq: 0, hash: FIRST_PREV_HASH };
        const { bodyText: _text, hash, ...sealed } = sealMessage(message, head.seq + 1, head.hash);
        marketHeads.set(message.room, { seq: sealed.seq, hash });
        return sealed;
      });
      for (const listener of listeners) listener.published(numbered);
    },
    list: (room, afterSeq, limit) => listMessages(sql, room, afterSeq, limit),
    getHead: async (room) => {
      if (!isDurableRoom(room)) return marketHeads.get(room) ?? { seq: 0, hash: FIRST_PREV_HASH };
      return (await listHeads(sql, [room])).get(room) ?? { seq: 0, hash: FIRST_PREV_HASH };
    },
    getSignedHead: (room) => {
      const signed = signedHeads.get(room);
      if (signed === undefined) return null;
      const { at: _, ...head } = signed;
      return head;
    },
    watch: (room) => {
      watched.set(room, (watched.get(room) ?? 0) + 1);
      return () => {
        const left = (watched.get(room) ?? 1) - 1;
        if (left === 0) watched.delete(room);
        else watched.set(room, left);
      };
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: async () => {
      const wake = () => {
        for (const listener of listeners) listener.wake();
      };
      // After a lost connection postgres.js listens again and calls the second function: what came in between is read then.
      const subscription = await sql.listen(WAKE_CHANNEL, wake, wake);
      unlisten = subscription.unlisten;
      timers = [
        setInterval(() => enqueue("couldn't sign feed heads", signHeads), activeHeadMs),
        setInterval(() => enqueue("couldn't attest feed heads", attestHeads), attestMs),
      ];
      for (const timer of timers) timer.unref();
    },
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await unlisten?.();
      await working;
    },
  };
}
