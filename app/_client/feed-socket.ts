/** One Socket.IO connection per namespace (V-25). */
import { io, type Socket } from 'socket.io-client';
import type { ClientToServer, Namespace, ServerToClient } from '#server/realtime/events.ts';
import { reach } from './reach.ts';

type FeedSocket = Socket<ServerToClient, ClientToServer>;
const COME_BACK_MS = 1_000;
type Shared = {
  readonly socket: FeedSocket;
  users: number;
  /** Listeners by room: the server knows one of them. */
  readonly rooms: Map<string, number>;
};
const sockets = new Map<Namespace, Shared>();

/** The connection of a namespace, shared by everybody who listens in it; whoever takes it releases it. */
export function takeSocket(namespace: Namespace): FeedSocket {
  const known = sockets.get(namespace);
  if (known !== undefined) {
    known.users += 1;
    return known.socket;
  }
  // A transport of its own: who it belongs to is read when it opens, and one that a visitor opened stays a visitor's after sign-in.
  const socket: FeedSocket = io(namespace, { transports: ['websocket'], reconnectionDelayMax: 5_000, multiplex: false });
  sockets.set(namespace, { socket, users: 1, rooms: new Map() });
  watch(namespace, socket);
  return socket;
}

export function releaseSocket(namespace: Namespace): void {
  const known = sockets.get(namespace);
  if (known === undefined) return;
  known.users -= 1;
  if (known.users > 0) return;
  sockets.delete(namespace);
  // Nobody listens: its silence says nothing about what is on screen.
  reach.answered(namespace);
  known.socket.disconnect();
}

/** Tells whether it answers, and comes back where the library does not. */
function watch(namespace: Namespace, socket: FeedSocket): void {
  const isTaken = () => sockets.get(namespace)?.socket === socket;
  const fellSilent = () => {
    if (isTaken()) reach.fellSilent(namespace);
  };
  socket.on('connect', () => reach.answered(namespace));
  socket.on('connect_error', fellSilent);
  socket.on('disconnect', (reason) => {
    fellSilent();
    // The server cuts off whoever does not keep up or whose session ended, which the library takes for a farewell: it comes back with what
    // it may hear now.
    if (reason !== 'io server disconnect') return;
    setTimeout(() => {
      if (isTaken()) socket.connect();
    }, COME_BACK_MS);
  });
}

/** One more listens to a room. */
export function joinOf(namespace: Namespace, room: string): void {
  const rooms = sockets.get(namespace)?.rooms;
  rooms?.set(room, (rooms.get(room) ?? 0) + 1);
}

/** @returns whether that was the last one: what others of the page still listen to is not left */
export function leaveOf(namespace: Namespace, room: string): boolean {
  const rooms = sockets.get(namespace)?.rooms;
  const left = (rooms?.get(room) ?? 1) - 1;
  if (left > 0) rooms?.set(room, left);
  else rooms?.delete(room);
  return left <= 0;
}
