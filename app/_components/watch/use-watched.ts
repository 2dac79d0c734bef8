'use client';
/** The watch list of whoever is signed in, and its two writes (P-09). */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, readRefusal } from '#app/_client/api.ts';
import { useMe } from '#app/_components/session.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import type { FenText, Refusal } from '#server/trpc/views.ts';

/** A price that is reached comes over the socket; the rest of the list may be this old. */
const LIVE_MS = 60_000;
/** Without the socket: within ten seconds a listing at the price that somebody waits for is told (P-11). */
const POLL_MS = 5_000;
const NOTICE_MESSAGES = ['notice'];

export function useWatched() {
  const me = useMe();
  const isLive = useRoom('/player', me ? `player:${me.acct}` : null, [['watch']], NOTICE_MESSAGES);
  return useQuery({
    queryKey: ['watch', me?.acct ?? ''],
    queryFn: () => api.watch.list(),
    enabled: me !== null && me !== undefined,
    refetchInterval: isLive ? LIVE_MS : POLL_MS,
  });
}

export type WatchActs = {
  readonly put: (belowFen: FenText | null) => void;
  readonly remove: () => void;
  readonly isSending: boolean;
  readonly refusal: Refusal | null;
};

export function useWatchActs(classId: string): WatchActs {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: async (wish: { readonly belowFen: FenText | null } | null): Promise<void> => {
      await (wish === null ? api.watch.remove(classId) : api.watch.put({ classId, belowFen: wish.belowFen }));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['watch'] }),
  });
  return {
    put: (belowFen) => act.mutate({ belowFen }),
    remove: () => act.mutate(null),
    isSending: act.isPending,
    refusal: act.isError ? readRefusal(act.error) : null,
  };
}
