'use client';
/** The book of a kind on screen: one snapshot, then changes by number over the kind's room; a number that is missing asks for a new snapshot
 *  (P-15). Without the socket it is asked for again every few seconds. */
import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api } from '#app/_client/api.ts';
import { type DepthState, NO_DEPTH, takeClosed, takeDelta, takeLost, takeSnapshot } from '#app/_client/depth-state.ts';
import type { FeedMessage } from '#server/realtime/events.ts';
import type { DepthDelta } from '#server/trpc/views.ts';

/** Also tells the server that somebody looks: it gives up books that nobody asks for. */
const LIVE_MS = 60_000;
const POLL_MS = 10_000;
/** One question for a burst of numbers without their forerunner. */
const MEND_MS = 150;

/** `isLive`: whether changes come over the socket; null until that is known. */
export function useDepth(classId: string): { readonly depth: UseQueryResult<DepthState>; readonly isLive: boolean | null } {
  const client = useQueryClient();
  const [isLive, setLive] = useState<boolean | null>(null);
  /** Changes that come before the first answer, and how often the room was joined: an answer that was asked for before that may miss some. */
  const before = useRef({ state: NO_DEPTH, joins: 0 });
  const depth = useQuery({
    queryKey: ['depth', classId],
    queryFn: async () => {
      const { joins } = before.current;
      const answer = await api.market.getDepth(classId);
      const state = takeSnapshot(client.getQueryData(['depth', classId]) ?? before.current.state, answer);
      return joins === before.current.joins ? state : takeLost(state);
    },
    refetchInterval: isLive === true ? LIVE_MS : POLL_MS,
  });
  useEffect(() => {
    before.current = { state: NO_DEPTH, joins: 0 };
    const change = (act: (state: DepthState) => DepthState) => {
      const known = client.getQueryData<DepthState>(['depth', classId]);
      if (known === undefined) before.current.state = act(before.current.state);
      else client.setQueryData<DepthState>(['depth', classId], act(known));
    };
    let isGone = false;
    let leave = () => {};
    void import('#app/_client/join-room.ts').then(({ joinRoom }) => {
      if (isGone) return;
      leave = joinRoom('/market', `class:${classId}`, {
        onMessages: (messages) => change((state) => messages.reduce(takeMessage, state)),
        onConnected: (isConnected) => {
          setLive(isConnected);
          if (!isConnected) return;
          before.current.joins += 1;
          change(takeLost);
        },
      });
    });
    return () => {
      isGone = true;
      leave();
    };
  }, [client, classId]);
  const isMissing = depth.data?.isMissing === true;
  const { isFetching, refetch } = depth;
  useEffect(() => {
    if (!isMissing || isFetching) return;
    const timer = setTimeout(() => void refetch({ cancelRefetch: false }), MEND_MS);
    return () => clearTimeout(timer);
  }, [isMissing, isFetching, refetch]);
  return { depth, isLive };
}

function takeMessage(state: DepthState, { type, body }: FeedMessage): DepthState {
  if (type === 'book.delta' && isDelta(body)) return takeDelta(state, body);
  if (type === 'book.closed' && typeof body.bookId === 'number') return takeClosed(state, body.bookId);
  return state;
}

/** Our own server's message; one of another version of it is passed over, and the next minute's snapshot stands. */
function isDelta(body: object): body is DepthDelta {
  return 'bookId' in body && 'bookSeq' in body && 'changes' in body && typeof body.bookSeq === 'number' && Array.isArray(body.changes);
}
