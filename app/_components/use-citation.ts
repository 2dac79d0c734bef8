'use client';
/** A rule's source in the reader's language. */
import { citationIn } from '#app/_client/citation-words.ts';
import { usePreferences } from './providers.tsx';

export function useCitation(): (citation: string) => string {
  const { locale } = usePreferences();
  return (citation) => citationIn(locale, citation);
}
