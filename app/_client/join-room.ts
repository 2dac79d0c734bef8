/** Rooms that are only looked at. Apart from the supervisor's feed, so that a player's page does not load what checks its chain. */
import type { FeedBatch, FeedMessage, Namespace } from '#server/realtime/events.ts';
import { releaseSocket, takeSocket } from './feed-socket.ts';
import { reach } from './reach.ts';

/** Market data and notices: from now on, each message once, no proof needed. Returns how to leave. */
export function joinRoom(
  namespace: Namespace,
  room: string,
  listener: {
    onMessages(messages: readonly FeedMessage[]): void;
    /** The connection was lost and is back: what is not kept, such as market data, may have been missed. */
    onReturn(): void;
  },
): () => void {
  const socket = takeSocket(namespace);
  let lastSeq = -1;
  let hasJoined = false;
  const join = () => {
    socket.emit('join', { room, afterSeq: lastSeq }, (answer) => {
      if (!answer.ok) {
        reach.fellSilent(namespace);
        return;
      }
      lastSeq = Math.max(lastSeq, answer.afterSeq);
      if (hasJoined) listener.onReturn();
      hasJoined = true;
    });
  };
  const onBatch = (batch: FeedBatch, acknowledge: (toSeq: number) => void) => {
    if (batch.room !== room) return;
    lastSeq = Math.max(lastSeq, batch.toSeq);
    listener.onMessages(batch.messages);
    if (typeof acknowledge === 'function') acknowledge(batch.toSeq);
  };
  socket.on('connect', join);
  socket.on('feed.batch', onBatch);
  if (socket.connected) join();
  return () => {
    socket.off('connect', join);
    socket.off('feed.batch', onBatch);
    if (socket.connected) socket.emit('leave', { room });
    releaseSocket(namespace);
  };
}
