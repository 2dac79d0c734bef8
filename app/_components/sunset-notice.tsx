'use client';
/** The public notice that a game ends (T-27), or that its studio is silent (T-28), where something of it is shown: last day, refunds, the way to keep what one has. */
import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense } from 'react';
import { api } from '#app/_client/api.ts';

/** Few games end: most pages need none of its words. */
const NoticeText = lazy(async () => ({ default: (await import('./sunset-text.tsx')).NoticeText }));

const SilentText = lazy(async () => ({ default: (await import('./sunset-text.tsx')).SilentText }));

const POLL_MS = 60_000;

/** `children`: what whoever reads it can do. */
export function SunsetNotice({ gameIds, children }: { readonly gameIds: readonly string[]; readonly children?: ReactNode }) {
  const query = useQuery({ queryKey: ['sunsets'], queryFn: () => api.market.listSunsets(), refetchInterval: POLL_MS });
  const silence = useQuery({ queryKey: ['silentGames'], queryFn: () => api.market.listSilent(), refetchInterval: POLL_MS });
  const notices = (query.data ?? []).flatMap((notice) => {
    const games = notice.games.filter(({ gameId }) => gameIds.includes(gameId));
    return games.length === 0 ? [] : [{ ...notice, games }];
  });
  const silent = (silence.data ?? []).filter(({ gameId }) => gameIds.includes(gameId));
  if (notices.length + silent.length === 0) return null;
  return (
    <>
      {notices.map((notice) => (
        <Suspense key={notice.games.map(({ gameId }) => gameId).join()}>
          <NoticeText notice={notice}>{children}</NoticeText>
        </Suspense>
      ))}
      {silent.map((each) => (
        <Suspense key={each.gameId}>
          <SilentText silent={each}>{children}</SilentText>
        </Suspense>
      ))}
    </>
  );
}
