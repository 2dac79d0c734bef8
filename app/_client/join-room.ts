/** Rooms that are only looked at. Apart from the supervisor's feed, so that a player's page does not load what checks its chain. */
import type { FeedBatch, FeedMessage, Namespace } from '#server/realtime/events.ts';
import { joinOf, leaveOf, releaseSocket, takeSocket } from './feed-socket.ts';
import { reach } from './reach.ts';

export type RoomListener = {
  onMessages(messages: readonly FeedMessage[]): void;
  /** Whether messages come now. After each *true*, what came in between may be lost: the room is joined anew. */
  onConnected?(isConnected: boolean): void;
  /** The connection was lost and is back: what is not kept, such as market data, may have been missed. */
  onReturn?(): void;
};

/** Market data and notices: from now on, each message once, no proof needed. Returns how to leave. */
export function joinRoom(namespace: Namespace, room: string, listener: RoomListener): () => void {
  const socket = takeSocket(namespace);
  joinOf(namespace, room);
  let lastSeq = -1;
  let hasJoined = false;
  const join = () => {
    socket.emit('join', { room, afterSeq: lastSeq }, (answer) => {
      if (!answer.ok) {
        reach.fellSilent(namespace);
        return;
      }
      lastSeq = Math.max(lastSeq, answer.afterSeq);
      listener.onConnected?.(true);
      if (hasJoined) listener.onReturn?.();
      hasJoined = true;
    });
  };
  const onBatch = (batch: FeedBatch, acknowledge: (toSeq: number) => void) => {
    if (batch.room !== room) return;
    lastSeq = Math.max(lastSeq, batch.toSeq);
    listener.onMessages(batch.messages);
    if (typeof acknowledge === 'function') acknowledge(batch.toSeq);
  };
  const onLost = () => listener.onConnected?.(false);
  socket.on('connect', join);
  socket.on('disconnect', onLost);
  socket.on('feed.batch', onBatch);
  if (socket.connected) join();
  return () => {
    socket.off('connect', join);
    socket.off('disconnect', onLost);
    socket.off('feed.batch', onBatch);
    if (leaveOf(namespace, room) && socket.connected) socket.emit('leave', { room });
    releaseSocket(namespace);
  };
}
