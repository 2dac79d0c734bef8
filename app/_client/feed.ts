/** The supervisor's feed over Socket.IO (V-25): joins rooms, resumes after the last number, acknowledges. Loaded on demand. */
import type { FeedBatch, FeedHead, FeedMessage, JoinAnswer } from '#server/realtime/events.ts';
import { browserClock } from './clock.ts';
import { type Fault, FeedChain } from './feed-chain.ts';
import { releaseSocket, takeSocket } from './feed-socket.ts';

const DELAY_CHECK_MS = 1_000;

export type FeedState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'catching_up'; readonly seq: number; readonly headSeq: number }
  | { readonly kind: 'complete'; readonly seq: number; readonly signedAt: string | null }
  | { readonly kind: 'broken'; readonly fault: Fault };

/** A room that must be whole: from its first message, every number, hash and signed head checked (V-04). */
export function followRoom(
  room: string,
  listener: { onMessages(messages: readonly FeedMessage[]): void; onState(state: FeedState): void; onRefused(code: string): void },
): () => void {
  const socket = takeSocket('/supervisor');
  let chain: FeedChain | null = null;
  let headSeq = 0;
  const tell = () => {
    if (chain === null) return;
    if (chain.fault !== null) listener.onState({ kind: 'broken', fault: chain.fault });
    else if (chain.lastSeq < headSeq || chain.behind) listener.onState({ kind: 'catching_up', seq: chain.lastSeq, headSeq });
    else listener.onState({ kind: 'complete', seq: chain.head?.seq ?? chain.lastSeq, signedAt: chain.head?.ts ?? null });
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
  const join = () => socket.emit('join', { room, afterSeq: chain?.lastSeq ?? 0 }, joined);
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
  const onLost = () => listener.onState({ kind: 'connecting' });
  const watch = setInterval(() => {
    if (!socket.connected || chain === null || chain.fault !== null) return;
    chain.judgeDelay(browserClock.machineMs());
    if (chain.fault !== null) tell();
  }, DELAY_CHECK_MS);
  socket.on('connect', join);
  socket.on('disconnect', onLost);
  socket.on('feed.batch', onBatch);
  socket.on('feed.head', onHead);
  if (socket.connected) join();
  return () => {
    clearInterval(watch);
    socket.off('connect', join);
    socket.off('disconnect', onLost);
    socket.off('feed.batch', onBatch);
    socket.off('feed.head', onHead);
    if (socket.connected) socket.emit('leave', { room });
    releaseSocket('/supervisor');
  };
}
