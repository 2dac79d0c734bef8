'use client';
/** The live quote of a sheet: asked again when the person changes something and before it expires, and when its terms differ from what
 *  was on screen, the confirm button sleeps. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api, type QuoteInput } from '#app/_client/api.ts';
import { browserClock } from '#app/_client/clock.ts';
import type { Quote } from '#server/trpc/views.ts';
import { useNow } from '../providers.tsx';
import { type TermKey, termsOf } from './quote-lines.tsx';

export const SLEEP_MS = 3_000;
/** Quotes are honoured for 60 s; a fresh one is fetched a little earlier, so that a press never meets an expired one. */
const RENEW_MS = 50_000;
const TYPING_MS = 250;

export function useSettled<T>(value: T, afterMs: number): T {
  const key = JSON.stringify(value);
  const [settled, setSettled] = useState(value);
  // biome-ignore lint/correctness/useExhaustiveDependencies: compared by content, since the input is a fresh object on each render
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [key, afterMs]);
  return settled;
}

export function useQuote(input: QuoteInput | null, isPaused: boolean) {
  const settled = useSettled(input, TYPING_MS);
  const [override, setOverride] = useState<Quote | null>(null);
  const query = useQuery({
    queryKey: ['quote', settled],
    queryFn: () => {
      if (settled === null) throw new Error('no quote without input');
      return api.quote.get(settled);
    },
    enabled: settled !== null && !isPaused,
    refetchInterval: isPaused ? false : RENEW_MS,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const isCurrent = JSON.stringify(input) === JSON.stringify(settled);
  const fetched = isCurrent ? query.data : undefined;
  const quote = override !== null && (fetched === undefined || override.document.issuedAt > fetched.document.issuedAt) ? override : fetched;
  const { changed, sleepingMs } = useChanges(quote);
  return {
    quote,
    changed,
    sleepingMs,
    error: isCurrent ? query.error : null,
    isFetching: query.isFetching || !isCurrent,
    replace: setOverride,
  };
}

function useChanges(quote: Quote | undefined): { readonly changed: ReadonlySet<TermKey>; readonly sleepingMs: number } {
  const before = useRef<Readonly<Record<TermKey, string>> | null>(null);
  const [changed, setChanged] = useState<ReadonlySet<TermKey>>(new Set());
  const [wakesAt, setWakesAt] = useState(0);
  const now = useNow(250);
  useEffect(() => {
    if (quote === undefined) return;
    const terms = termsOf(quote.document);
    const old = before.current;
    before.current = terms;
    if (old === null) return;
    const keys = (Object.keys(terms) as readonly TermKey[]).filter((key) => terms[key] !== old[key]);
    if (keys.length === 0) return;
    setChanged(new Set(keys));
    setWakesAt(browserClock.nowMs() + SLEEP_MS);
  }, [quote]);
  return { changed, sleepingMs: now === null ? 0 : Math.max(0, wakesAt - now) };
}
