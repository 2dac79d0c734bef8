'use client';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { api } from '#app/_client/api.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { TradeDetail } from '#app/_components/trade/trade-detail.tsx';
import { Skeleton } from '#app/_components/ui.tsx';

export default function LookThroughPage() {
  const { tradeId } = useParams<{ tradeId: string }>();
  const trade = useQuery({ queryKey: ['lookThrough', tradeId], queryFn: () => api.supervisor.getTrade(tradeId) });
  return (
    <Loaded query={trade} skeleton={<Skeleton className="h-[70vh]" />}>
      {(data) => <TradeDetail trade={data} />}
    </Loaded>
  );
}
