/** The supervisor's feed over Socket.IO (V-25): joins rooms, resumes after the last number, acknowledges. Loaded on demand. */
import type { FeedBatch, FeedHead, FeedMessage, JoinAnswer } from '#server/realtime/events.ts';
import { api } from './api.ts';
import { browserClock } from './clock.ts';
import { type Fault, FeedChain, WITHHELD_MS } from './feed-chain.ts';
import { releaseSocket, takeSocket } from './feed-socket.ts';

const DELAY_CHECK_MS = 1_000;

export type FeedState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'catching_up'; readonly seq: number; readonly headSeq: number }
  /** `fromSeq`: checked from there on; 1 is the whole room. */
  | { readonly kind: 'complete'; readonly seq: number; readonly fromSeq: number; readonly signedAt: string | null }
  | { readonly kind: 'broken'; readonly fault: Fault };

/** The newest head of each room whose signature and hash held here. */
const heads = new Map<string, FeedHead>();
export const newestHeads = (): readonly FeedHead[] => [...heads.values()];
export const newestHead = (room: string): FeedHead | null => heads.get(room) ?? null;

/** With what a screen begins; the rest comes by pages. */
const NEWEST = 1_000;

export type FollowedRoom = {
  /** An older page, checked like everything else. False: there is none, or it could not be had now. */
  readonly older: () => Promise<boolean>;
  /** From which number on everything is here; `null` before the room was joined. */
  readonly firstSeq: () => number | null;
  /** Asks how far the room has come and waits until all of that is here. False: it could not be had now. */
  readonly caughtUp: () => Promise<boolean>;
  readonly leave: () => void;
};

/** A room that must be whole: its newest messages and from then on everything, older ones by pages; every number, hash and signed head
 *  is checked (V-04). */
export function followRoom(
  room: string,
  listener: { onMessages(messages: readonly FeedMessage[]): void; onState(state: FeedState): void; onRefused(code: string): void },
): FollowedRoom {
  const socket = takeSocket('/supervisor');
  let chain: FeedChain | null = null;
  let headSeq = 0;
  let waiting: readonly { readonly seq: number; readonly done: (isHere: boolean) => void }[] = [];
  const letGo = () => {
    for (const { done } of waiting) done(false);
    waiting = [];
  };
  const tell = () => {
    if (chain === null) return;
    const { lastSeq } = chain;
    for (const { seq, done } of waiting) if (seq <= lastSeq) done(true);
    waiting = waiting.filter(({ seq }) => seq > lastSeq);
    if (chain.head !== null) heads.set(room, chain.head);
    if (chain.fault !== null) listener.onState({ kind: 'broken', fault: chain.fault });
    else if (chain.lastSeq < headSeq || chain.behind) listener.onState({ kind: 'catching_up', seq: chain.lastSeq, headSeq });
    else
      listener.onState({
        kind: 'complete',
        seq: chain.head?.seq ?? chain.lastSeq,
        fromSeq: chain.firstSeq,
        signedAt: chain.head?.ts ?? null,
      });
  };
  const joined = (answer: JoinAnswer) => {
    if (!answer.ok) {
      listener.onRefused(answer.code);
      return;
    }
    chain ??= new FeedChain(answer.publicKey, answer.afterSeq);
    headSeq = Math.max(headSeq, answer.headSeq);
    if (answer.signedHead !== null) chain.acceptHead(answer.signedHead);
    tell();
  };
  const join = (answered = joined) =>
    socket.emit('join', chain === null ? { room, afterSeq: 0, newest: NEWEST } : { room, afterSeq: chain.lastSeq }, answered);
  const caughtUp = () =>
    new Promise<boolean>((done) => {
      if (!socket.connected || chain === null) return done(false);
      setTimeout(() => done(false), WITHHELD_MS);
      const unanswered = { seq: Number.POSITIVE_INFINITY, done };
      waiting = [...waiting, unanswered];
      join((answer) => {
        waiting = waiting.map((each) =>
          each === unanswered ? { seq: answer.ok ? answer.headSeq : Number.POSITIVE_INFINITY, done } : each,
        );
        if (!answer.ok) done(false);
        joined(answer);
      });
    });
  let isPaging = false;
  const older = async (): Promise<boolean> => {
    if (chain === null || isPaging || chain.firstSeq <= 1 || chain.lastSeq < chain.firstSeq) return false;
    isPaging = true;
    try {
      const page = await api.feed.before(room, chain.firstSeq);
      const fresh = chain.acceptBefore(page.messages);
      if (fresh.length > 0) listener.onMessages(fresh);
      tell();
      return fresh.length > 0;
    } finally {
      isPaging = false;
    }
  };
  const onBatch = (batch: FeedBatch, acknowledge: (toSeq: number) => void) => {
    if (batch.room !== room || chain === null) return;
    const fresh = chain.accept(batch);
    acknowledge(batch.toSeq);
    headSeq = Math.max(headSeq, batch.toSeq);
    if (fresh.length > 0) listener.onMessages(fresh);
    tell();
  };
  const onHead = (head: FeedHead) => {
    if (head.room !== room || chain === null) return;
    headSeq = Math.max(headSeq, head.seq);
    chain.acceptHead(head);
    tell();
  };
  const onConnect = () => join();
  const onLost = () => {
    letGo();
    listener.onState({ kind: 'connecting' });
  };
  const watch = setInterval(() => {
    if (!socket.connected || chain === null || chain.fault !== null) return;
    chain.judgeDelay(browserClock.machineMs());
    if (chain.fault !== null) tell();
  }, DELAY_CHECK_MS);
  socket.on('connect', onConnect);
  socket.on('disconnect', onLost);
  socket.on('feed.batch', onBatch);
  socket.on('feed.head', onHead);
  if (socket.connected) join();
  const leave = () => {
    clearInterval(watch);
    letGo();
    socket.off('connect', onConnect);
    socket.off('disconnect', onLost);
    socket.off('feed.batch', onBatch);
    socket.off('feed.head', onHead);
    if (socket.connected) socket.emit('leave', { room });
    releaseSocket('/supervisor');
  };
  return { older, firstSeq: () => chain?.firstSeq ?? null, caughtUp, leave };
}
