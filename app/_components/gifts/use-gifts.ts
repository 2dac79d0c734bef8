'use client';
/** Gifts of whoever is signed in: the list, and how many wait (P-28). */
import { useQuery } from '@tanstack/react-query';
import { api } from '#app/_client/api.ts';
import { useMe } from '#app/_components/session.tsx';

export function useGifts() {
  const me = useMe();
  return useQuery({
    queryKey: ['gifts', me?.acct ?? ''],
    queryFn: () => api.gift.list(),
    enabled: me !== null && me !== undefined,
    staleTime: 15_000,
  });
}
