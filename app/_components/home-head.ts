'use client';
/** Chain, height and the mark *demonstration* for the frame: shares the home page's answer instead of asking twice. */
import { useQuery } from '@tanstack/react-query';
import { api } from '#app/_client/api.ts';
import type { Home } from '#server/trpc/views.ts';

const IMPORT_POLL_MS = 1_500;
const IDLE_POLL_MS = 10_000;

export function useHome() {
  return useQuery({
    queryKey: ['home'],
    queryFn: () => api.home.get(),
    // While a catalogue is being imported the bar moves; afterwards blocks and trades arrive by the feed.
    refetchInterval: ({ state }) => (state.data !== undefined && isFilling(state.data) ? IMPORT_POLL_MS : IDLE_POLL_MS),
  });
}

/** A new demonstration has no job in its first seconds and none between its kinds and its items: the next one is about to come. */
function isFilling({ imports, isDemonstration, items }: Home): boolean {
  return (isDemonstration && items === 0) || imports.some((job) => job.state === 'running' || job.state === 'queued');
}

export function useHomeHead(): Pick<Home, 'chain' | 'height' | 'isDemonstration' | 'filingNo' | 'members'> | undefined {
  return useHome().data;
}
