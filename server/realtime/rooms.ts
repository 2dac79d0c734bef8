/** Who may listen to which room (product V-02): the mask is the room, and the server sets it. */
import type { StaffRole } from '#server/trpc/views.ts';
import type { Namespace } from './events.ts';

export type Listener = {
  /** Of a player's session. */
  readonly acct: string | null;
  readonly role: StaffRole | null;
  /** The one that a studio's certificate speaks for, while its console is open. */
  readonly studio: string | null;
};

const ROOM = /^(?:public|class:cls_[0-9a-f]{32}|(?:player|studio):[0-9a-f]{64}|sup:(?:tax|market|finance|all))$/;

/** Tax sees amounts and references, market prices, finance flows; an auditor only what concerns everybody. */
const SUPERVISOR_ROOMS: Readonly<Partial<Record<StaffRole, readonly string[]>>> = {
  sup_tax: ['sup:tax', 'sup:all', 'public'],
  sup_market: ['sup:market', 'sup:all', 'public'],
  sup_finance: ['sup:finance', 'sup:all', 'public'],
  auditor: ['sup:all', 'public'],
};

export function refuseRoom(
  namespace: Namespace,
  room: string,
  listener: Listener,
): 'room_unknown' | 'room_forbidden' | 'sign_in_required' | null {
  if (!ROOM.test(room)) return 'room_unknown';
  switch (namespace) {
    case '/market':
      return room === 'public' || room.startsWith('class:') ? null : 'room_forbidden';
    case '/player':
      if (listener.acct === null) return 'sign_in_required';
      return room === 'public' || room === `player:${listener.acct}` ? null : 'room_forbidden';
    case '/studio':
      if (listener.role === null) return 'sign_in_required';
      if (listener.role === 'operator') return room === 'public' || room.startsWith('studio:') ? null : 'room_forbidden';
      return listener.role === 'studio' && (room === 'public' || room === `studio:${listener.studio}`) ? null : 'room_forbidden';
    case '/supervisor':
      if (listener.role === null) return 'sign_in_required';
      return SUPERVISOR_ROOMS[listener.role]?.includes(room) === true ? null : 'room_forbidden';
  }
}
