'use client';
/** Who is signed in, if anybody: a player, or a member of staff. */
import { useQuery } from '@tanstack/react-query';
import { api, readRefusal } from '#app/_client/api.ts';
import type { Me, StaffMe } from '#server/trpc/views.ts';

/** Not being signed in is an answer here, not a failure. */
async function orNobody<T>(asked: Promise<T | null>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    const { code } = readRefusal(error);
    if (code === 'sign_in_required' || code === 'staff_sign_in_required') return null;
    throw error;
  }
}

/** `undefined` while it is not known yet. */
export function useMe(): Me | null | undefined {
  return useQuery({ queryKey: ['me'], queryFn: () => orNobody(api.account.me()), staleTime: 60_000 }).data;
}
export function useStaff(): StaffMe | null | undefined {
  return useQuery({ queryKey: ['staff'], queryFn: () => orNobody(api.staff.me()), staleTime: 60_000 }).data;
}
