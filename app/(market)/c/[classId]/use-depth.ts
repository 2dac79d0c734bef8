'use client';
/** The book of a kind on screen: the snapshot of the page's answer, then changes by number over the kind's room; a number that is missing asks
 *  for the page anew (P-15, P-17). */
import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect, useReducer, useRef, useState } from 'react';
import { type DepthState, NO_DEPTH, takeClosed, takeDelta, takeLost, takeSnapshot } from '#app/_client/depth-state.ts';
import type { FeedMessage } from '#server/realtime/events.ts';
import type { Depth, DepthDelta, KindPanels } from '#server/trpc/views.ts';

/** One question for a burst of numbers without their forerunner. */
const MEND_MS = 150;

type Act = (state: DepthState) => DepthState;

/** `isLive`: whether changes come over the socket; null until that is known. */
export function useDepth(
  classId: string,
  snapshot: Depth,
  { isFetching, dataUpdatedAt, refetch }: Pick<UseQueryResult<KindPanels>, 'isFetching' | 'dataUpdatedAt' | 'refetch'>,
): { readonly book: Depth; readonly isLive: boolean | null } {
  const [isLive, setLive] = useState<boolean | null>(null);
  const [state, change] = useReducer((known: DepthState, act: Act) => act(known), takeSnapshot(NO_DEPTH, snapshot));
  const ask = useRef(refetch);
  useEffect(() => {
    ask.current = refetch;
  }, [refetch]);
  // An answer that says the same again is the same object, and still news: nothing was missed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => change((known) => takeSnapshot(known, snapshot)), [snapshot, dataUpdatedAt]);
  useEffect(() => {
    let isGone = false;
    let leave = () => {};
    void import('#app/_client/join-room.ts').then(({ joinRoom }) => {
      if (isGone) return;
      leave = joinRoom('/market', `class:${classId}`, {
        onMessages: (messages) => change((known) => messages.reduce(takeMessage, known)),
        onConnected: (isConnected) => {
          setLive(isConnected);
          if (!isConnected) return;
          // An answer that is on its way was asked for before the room was joined, and may miss what came between.
          change(takeLost);
          void ask.current({ cancelRefetch: true });
        },
      });
    });
    return () => {
      isGone = true;
      leave();
    };
  }, [classId]);
  const { isMissing } = state;
  useEffect(() => {
    if (!isMissing || isFetching) return;
    const timer = setTimeout(() => void ask.current({ cancelRefetch: false }), MEND_MS);
    return () => clearTimeout(timer);
  }, [isMissing, isFetching]);
  return { book: state.book ?? snapshot, isLive };
}

function takeMessage(state: DepthState, { type, body }: FeedMessage): DepthState {
  if (type === 'book.delta' && isDelta(body)) return takeDelta(state, body);
  if (type === 'book.closed' && typeof body.bookId === 'number') return takeClosed(state, body.bookId);
  return state;
}

/** Our own server's message; one of another version of it is passed over, and the next snapshot stands. */
function isDelta(body: object): body is DepthDelta {
  return 'bookId' in body && 'bookSeq' in body && 'changes' in body && typeof body.bookSeq === 'number' && Array.isArray(body.changes);
}
