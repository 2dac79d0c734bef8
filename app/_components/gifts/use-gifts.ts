'use client';
/** Gifts of whoever is signed in: the list, and for every page the number of those that wait (P-28). Both begin with `gifts`, so that a
 *  message of the person's room refreshes them together. */
import { useQuery } from '@tanstack/react-query';
import { api } from '#app/_client/api.ts';
import { useMe } from '#app/_components/session.tsx';

export function useGifts() {
  const me = useMe();
  return useQuery({ queryKey: ['gifts', 'list', me?.acct ?? ''], queryFn: () => api.gift.list(), enabled: !!me, staleTime: 15_000 });
}

export function useWaitingGifts(): number {
  const me = useMe();
  const { data } = useQuery({
    queryKey: ['gifts', 'waiting', me?.acct ?? ''],
    queryFn: () => api.gift.waiting(),
    enabled: !!me,
    staleTime: 15_000,
  });
  return data?.waiting ?? 0;
}
