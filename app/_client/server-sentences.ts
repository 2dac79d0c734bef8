'use client';
/** The Chinese sentences for the server's refusals, fetched with the first one that is to be said: most visits meet none. */
import { useSyncExternalStore } from 'react';

type Sentences = Readonly<Record<string, string>>;
type State = Sentences | 'not_asked' | 'coming' | 'failed';

let state: State = 'not_asked';
const listeners = new Set<() => void>();

function turn(next: State): void {
  state = next;
  for (const listener of listeners) listener();
}

function fetchOnce(): void {
  if (state !== 'not_asked') return;
  state = 'coming';
  import('./messages/server-refusals.ts').then(
    ({ serverRefusalsZh }) => turn(serverRefusalsZh),
    () => turn('failed'),
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @returns the sentence of a code; empty while the sentences are on their way; null where there is none or they cannot be had */
export function useServerSentences(): (code: string) => string | null {
  const now = useSyncExternalStore(
    subscribe,
    () => state,
    () => state,
  );
  return (code) => {
    if (typeof now === 'object') return Object.hasOwn(now, code) ? (now[code] ?? null) : null;
    if (now === 'not_asked') fetchOnce();
    return now === 'failed' ? null : '';
  };
}
