'use client';
/** Games and kinds of the messages that came (V-03), asked for by the kinds and trades they name and kept; each id is asked for once. */
import { useEffect, useRef, useState } from 'react';
import { staffApi } from '#app/_client/staff-api.ts';
import type { FeedMessage } from '#server/realtime/events.ts';
import type { FeedGames } from '#server/trpc/views.ts';
import { type FeedPlaces, idsOf } from './feed-fields.ts';

const TRY_AGAIN_MS = 5_000;
type Known = {
  readonly games: FeedGames['games'];
  readonly kinds: ReadonlyMap<string, FeedGames['kinds'][number]['names']>;
  readonly of: FeedPlaces;
};

export function useFeedGames(messages: readonly FeedMessage[]): Known {
  const [known, setKnown] = useState<Known>({ games: [], kinds: new Map(), of: new Map() });
  const [turn, setTurn] = useState(0);
  const asked = useRef(new Set<string>());
  // biome-ignore lint/correctness/useExhaustiveDependencies: a turn asks for what is left or failed.
  useEffect(() => {
    const classIds = idsOf(messages, 'classId', asked.current);
    const tradeIds = idsOf(messages, 'tradeId', asked.current);
    const ids = [...classIds, ...tradeIds];
    if (ids.length === 0) return;
    for (const id of ids) asked.current.add(id);
    staffApi.supervisor.feedGames({ classIds, tradeIds }).then(
      ({ games, kinds, of }) => {
        setKnown((before) => ({
          games,
          kinds: new Map([...before.kinds, ...kinds.map(({ classId, names }) => [classId, names] as const)]),
          of: new Map([...before.of, ...of.map(({ id, ...place }) => [id, place] as const)]),
        }));
        setTurn((count) => count + 1);
      },
      () => {
        for (const id of ids) asked.current.delete(id);
        setTimeout(() => setTurn((count) => count + 1), TRY_AGAIN_MS);
      },
    );
  }, [messages, turn]);
  return known;
}
