/** One Socket.IO connection per namespace (V-25). */
import { io, type Socket } from 'socket.io-client';
import type { ClientToServer, Namespace, ServerToClient } from '#server/realtime/events.ts';

type FeedSocket = Socket<ServerToClient, ClientToServer>;
const sockets = new Map<Namespace, { readonly socket: FeedSocket; users: number }>();

/** The connection of a namespace, shared by everybody who listens in it; whoever takes it releases it. */
export function takeSocket(namespace: Namespace): FeedSocket {
  const known = sockets.get(namespace);
  if (known !== undefined) {
    known.users += 1;
    return known.socket;
  }
  // A transport of its own: who it belongs to is read when it opens, and one that a visitor opened stays a visitor's after sign-in.
  const socket: FeedSocket = io(namespace, { transports: ['websocket'], reconnectionDelayMax: 5_000, multiplex: false });
  sockets.set(namespace, { socket, users: 1 });
  return socket;
}

export function releaseSocket(namespace: Namespace): void {
  const known = sockets.get(namespace);
  if (known === undefined) return;
  known.users -= 1;
  if (known.users > 0) return;
  sockets.delete(namespace);
  known.socket.disconnect();
}
