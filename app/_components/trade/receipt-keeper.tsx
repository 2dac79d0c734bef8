'use client';
/** Keeps the receipts of the signed-in player in this browser, on whatever page they are certified (P-31). Shows nothing. */
import { useQuery } from '@tanstack/react-query';
import type { Me } from '#server/trpc/views.ts';
import { useRoom } from '../use-room.ts';

const TOLD = ['trade.updated'] as const;

export function ReceiptKeeper({ me }: { readonly me: Me }) {
  useRoom('/player', `player:${me.acct}`, [['keptReceipts', me.acct]], TOLD);
  useQuery({
    queryKey: ['keptReceipts', me.acct],
    queryFn: async () => (await import('#app/_client/keep-receipts.ts')).keepReceipts(me.acct),
    // What could not be had now is asked for at the next trade or page.
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return null;
}
