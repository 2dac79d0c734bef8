'use client';
/** Games of the messages that came (V-03), asked for by the kinds and trades they name and kept; each id is asked for once. */
import { useEffect, useRef, useState } from 'react';
import { api } from '#app/_client/api.ts';
import type { FeedMessage } from '#server/realtime/events.ts';
import type { FeedGames } from '#server/trpc/views.ts';
import { textField } from './feed-fields.ts';

/** As many as the server takes at once. */
const MOST = 500;
const TRY_AGAIN_MS = 5_000;
type Known = { readonly games: FeedGames['games']; readonly of: ReadonlyMap<string, string> };

export function useFeedGames(messages: readonly FeedMessage[]): Known {
  const [known, setKnown] = useState<Known>({ games: [], of: new Map() });
  const [turn, setTurn] = useState(0);
  const asked = useRef(new Set<string>());
  // biome-ignore lint/correctness/useExhaustiveDependencies: a turn asks for what is left or failed.
  useEffect(() => {
    const classIds = idsOf(messages, 'classId', asked.current);
    const tradeIds = idsOf(messages, 'tradeId', asked.current);
    const ids = [...classIds, ...tradeIds];
    if (ids.length === 0) return;
    for (const id of ids) asked.current.add(id);
    api.supervisor.feedGames({ classIds, tradeIds }).then(
      ({ games, of }) => {
        setKnown((before) => ({ games, of: new Map([...before.of, ...of.map(({ id, gameId }) => [id, gameId] as const)]) }));
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

function idsOf(messages: readonly FeedMessage[], name: 'classId' | 'tradeId', asked: ReadonlySet<string>): string[] {
  const ids = new Set<string>();
  for (const message of messages) {
    const id = textField(message, name);
    if (id !== null && !asked.has(id)) ids.add(id);
    if (ids.size === MOST) break;
  }
  return [...ids];
}
