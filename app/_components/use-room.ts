'use client';
/** Refreshes what is on screen when a room of the feed says that it changed, and once after a lost connection. The messages only say *look
 *  again*: figures come from the procedures, so a lost message costs freshness and never truth. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

const GATHER_MS = 150;
const EVERY: readonly string[] = [];

/** @returns whether messages come now: while they do not, whoever must not be late asks by itself */
export function useRoom(
  namespace: '/market' | '/player' | '/studio' | '/supervisor',
  room: string | null,
  keys: readonly (readonly string[])[],
  /** Of these messages alone; all of the room's when left out. */
  types: readonly string[] = EVERY,
): boolean {
  const [isConnected, setConnected] = useState(false);
  const queryClient = useQueryClient();
  const keyText = JSON.stringify(keys);
  useEffect(() => {
    if (room === null) return;
    let isGone = false;
    let leave = () => {};
    let timer: ReturnType<typeof setTimeout> | null = null;
    const refresh = () => {
      timer = null;
      const parsed: readonly (readonly string[])[] = JSON.parse(keyText);
      for (const queryKey of parsed) void queryClient.invalidateQueries({ queryKey: [...queryKey] });
    };
    const soon = () => {
      timer ??= setTimeout(refresh, GATHER_MS);
    };
    void import('#app/_client/join-room.ts').then(({ joinRoom }) => {
      if (isGone) return;
      leave = joinRoom(namespace, room, {
        onMessages: (messages) => {
          if (types.length === 0 || messages.some(({ type }) => types.includes(type))) soon();
        },
        onConnected: setConnected,
        onReturn: soon,
      });
    });
    return () => {
      isGone = true;
      setConnected(false);
      if (timer !== null) clearTimeout(timer);
      leave();
    };
  }, [namespace, room, keyText, types, queryClient]);
  return isConnected;
}
