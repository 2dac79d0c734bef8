'use client';
/** The rooms of a role, from their newest messages on; older ones by pages. Pausing holds the screen and loses nothing (V-03). */
import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import type { FeedState, FollowedRoom } from '#app/_client/feed.ts';
import type { LedgerState, LedgerWatch } from '#app/_client/ledger-watch.ts';
import type { FeedMessage } from '#server/realtime/events.ts';
import type { StaffRole } from '#server/trpc/views.ts';
import { mergeNewest, newestFirst } from './feed-fields.ts';

const ROOMS: Readonly<Partial<Record<StaffRole, readonly string[]>>> = {
  sup_tax: ['sup:tax', 'sup:all', 'public'],
  sup_market: ['sup:market', 'sup:all', 'public'],
  sup_finance: ['sup:finance', 'sup:all', 'public'],
  auditor: ['sup:all', 'public'],
};
/** Whose rooms tell of trades: their line is there before the comparison is loaded, so that the page does not move under it. */
const COMPARED: ReadonlySet<StaffRole> = new Set(['sup_tax', 'sup_market']);
const GATHER_MS = 100;

type Rows = { readonly shown: readonly FeedMessage[]; readonly held: readonly FeedMessage[]; readonly isPaused: boolean };
type Act =
  | { readonly kind: 'arrived'; readonly messages: readonly FeedMessage[] }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' };

function reduce(rows: Rows, act: Act): Rows {
  if (act.kind === 'pause') return { ...rows, isPaused: true };
  const arriving = act.kind === 'arrived' ? act.messages : [];
  if (rows.isPaused && act.kind === 'arrived') return { ...rows, held: [...rows.held, ...arriving] };
  return { shown: mergeNewest([...rows.held, ...arriving].sort(newestFirst), rows.shown), held: [], isPaused: false };
}

export function useFeed(role: StaffRole) {
  const rooms = ROOMS[role] ?? [];
  const roomText = rooms.join(' ');
  const [rows, act] = useReducer(reduce, { shown: [], held: [], isPaused: false });
  const [states, setStates] = useState<Readonly<Record<string, FeedState>>>({});
  const [ledger, setLedger] = useState<LedgerState | null>(COMPARED.has(role) ? { kind: 'reading' } : null);
  const buffer = useRef<FeedMessage[]>([]);
  const followed = useRef<readonly FollowedRoom[]>([]);
  useEffect(() => {
    let isGone = false;
    let timer: ReturnType<typeof setTimeout> | null = null;
    // Many messages of one commit become one render.
    const flush = () => {
      timer = null;
      const messages = buffer.current;
      buffer.current = [];
      act({ kind: 'arrived', messages });
    };
    let watch: LedgerWatch | null = null;
    void Promise.all([import('#app/_client/feed.ts'), import('#app/_client/ledger-watch.ts')]).then(([{ followRoom }, compare]) => {
      if (isGone) return;
      followed.current = roomText
        .split(' ')
        .filter((name) => name !== '')
        .map((room) => {
          const hasTrades = compare.isToldOfTrades(room);
          const followedRoom = followRoom(room, {
            onMessages: (messages) => {
              if (hasTrades) watch?.tell(messages);
              buffer.current.push(...messages);
              timer ??= setTimeout(flush, GATHER_MS);
            },
            onState: (state) => setStates((before) => ({ ...before, [room]: state })),
            onRefused: () => setStates((before) => ({ ...before, [room]: { kind: 'connecting' } })),
          });
          if (hasTrades) watch = compare.watchLedger(room, followedRoom, setLedger);
          return followedRoom;
        });
    });
    return () => {
      isGone = true;
      if (timer !== null) clearTimeout(timer);
      watch?.stop();
      for (const { leave } of followed.current) leave();
      followed.current = [];
    };
  }, [roomText]);
  /** One older page of every room. False: nothing came. */
  const loadOlder = useCallback(async (): Promise<boolean> => {
    const came = await Promise.all(followed.current.map(({ older }) => older()));
    return came.includes(true);
  }, []);
  return { rooms, rows, states, ledger, loadOlder, pause: () => act({ kind: 'pause' }), resume: () => act({ kind: 'resume' }) };
}
