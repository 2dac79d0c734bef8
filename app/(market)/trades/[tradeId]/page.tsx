'use client';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { api } from '#app/_client/api.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { TradeDetail } from '#app/_components/trade/trade-detail.tsx';
import { Skeleton } from '#app/_components/ui.tsx';

export default function TradePage() {
  const { tradeId } = useParams<{ tradeId: string }>();
  const trade = useQuery({
    queryKey: ['trade', tradeId],
    queryFn: () => api.trade.get(tradeId),
    refetchInterval: ({ state }) => (state.data?.ledger.status === 'certified' ? 15_000 : 800),
  });
  return (
    <Loaded query={trade} skeleton={<Skeleton className="h-[70vh]" />}>
      {(data) => <TradeDetail trade={data} />}
    </Loaded>
  );
}
