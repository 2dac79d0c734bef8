'use client';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { TradeDetail } from '#app/_components/trade/trade-detail.tsx';
import { LinkButton, Skeleton } from '#app/_components/ui.tsx';

const SHOWN_ITEMS = 3;

export default function LookThroughPage() {
  const { tradeId } = useParams<{ tradeId: string }>();
  const t = useTranslations('funds');
  const look = useTranslations('look');
  const role = useStaff()?.role;
  const trade = useQuery({ queryKey: ['lookThrough', tradeId], queryFn: () => api.supervisor.getTrade(tradeId) });
  return (
    <Loaded query={trade} skeleton={<Skeleton className="h-[70vh]" />}>
      {(data) => (
        <div className="space-y-4">
          <p className="flex flex-wrap gap-2">
            {role === 'sup_finance' || role === 'sup_tax' ? (
              <LinkButton href={`/supervisor/flows?kind=trade&id=${tradeId}`}>{t('openFlow')}</LinkButton>
            ) : null}
            <LinkButton href={`/supervisor/people/${data.sellerRef}`}>{look('seller')}</LinkButton>
            <LinkButton href={`/supervisor/people/${data.buyerRef}`}>{look('buyer')}</LinkButton>
            {data.items.slice(0, SHOWN_ITEMS).map(({ itemId, serialNo }) => (
              <LinkButton key={itemId} href={`/supervisor/items/${itemId}`}>
                {look('item')} #{serialNo}
              </LinkButton>
            ))}
          </p>
          <TradeDetail trade={data} />
        </div>
      )}
    </Loaded>
  );
}
