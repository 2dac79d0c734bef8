'use client';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { staffApi } from '#app/_client/staff-api.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { TradeDetail } from '#app/_components/trade/trade-detail.tsx';
import { LinkButton, Panel, Skeleton, TextLink } from '#app/_components/ui.tsx';
import { DecisionRow } from '../../decisions/decision-row.tsx';

const SHOWN_ITEMS = 3;

export default function LookThroughPage() {
  const { tradeId } = useParams<{ tradeId: string }>();
  const t = useTranslations('funds');
  const look = useTranslations('look');
  const role = useStaff()?.role;
  const trade = useQuery({ queryKey: ['lookThrough', tradeId], queryFn: () => staffApi.supervisor.getTrade(tradeId) });
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
          <Decided tradeId={tradeId} />
        </div>
      )}
    </Loaded>
  );
}

/** What the rules decided about both orders when they came (V-09). */
function Decided({ tradeId }: { readonly tradeId: string }) {
  const t = useTranslations('reviews');
  const role = useStaff()?.role;
  const query = useQuery({ queryKey: ['decisionsOfTrade', tradeId], queryFn: () => staffApi.supervisor.decisionsOfTrade(tradeId) });
  return (
    <Panel
      title={t('ofTrade')}
      flush
      aside={role === 'sup_market' ? <TextLink href="/supervisor/decisions">{t('toList')}</TextLink> : undefined}
    >
      <Loaded query={query} skeleton={<Skeleton className="h-28" />}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="p-4 text-[13px] text-ink-2">{t('ofTradeNone')}</p>
          ) : (
            <ul className="divide-y divide-line">
              {rows.map((row) => (
                <DecisionRow key={row.id} row={row} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}
