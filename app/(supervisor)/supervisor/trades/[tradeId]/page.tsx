'use client';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { TradeDetail } from '#app/_components/trade/trade-detail.tsx';
import { LinkButton, Skeleton } from '#app/_components/ui.tsx';

export default function LookThroughPage() {
  const { tradeId } = useParams<{ tradeId: string }>();
  const t = useTranslations('funds');
  const role = useStaff()?.role;
  const trade = useQuery({ queryKey: ['lookThrough', tradeId], queryFn: () => api.supervisor.getTrade(tradeId) });
  return (
    <Loaded query={trade} skeleton={<Skeleton className="h-[70vh]" />}>
      {(data) => (
        <div className="space-y-4">
          {role === 'sup_finance' || role === 'sup_tax' ? (
            <LinkButton href={`/supervisor/flows?kind=trade&id=${tradeId}`}>{t('openFlow')}</LinkButton>
          ) : null}
          <TradeDetail trade={data} />
        </div>
      )}
    </Loaded>
  );
}
