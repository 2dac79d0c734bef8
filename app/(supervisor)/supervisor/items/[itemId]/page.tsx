'use client';
/** One item whole (V-12): issue, hops, trades, payments, tax, payout in one scroll, each with its proof. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { KindLine } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { TradeDetail } from '#app/_components/trade/trade-detail.tsx';
import { Chip, Id, LinkButton, PageTitle, Panel, Skeleton, TextLink, Time } from '#app/_components/ui.tsx';
import type { ItemLook } from '#server/trpc/views.ts';
import { Passport } from '../../../../(market)/i/[itemId]/passport.tsx';

export default function ItemLookPage() {
  const { itemId } = useParams<{ itemId: string }>();
  const query = useQuery({ queryKey: ['look', 'item', itemId], queryFn: () => staffApi.look.item(itemId) });
  return (
    <Loaded query={query} skeleton={<Skeleton className="h-[70vh]" />}>
      {(look) => <Look look={look} />}
    </Loaded>
  );
}

function Look({ look }: { readonly look: ItemLook }) {
  const t = useTranslations();
  const role = useStaff()?.role;
  const { page, trades, tradesTotal } = look;
  return (
    <div className="space-y-5">
      <PageTitle text={t('look.item')} />
      <Panel title={t('look.item')}>
        <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
          <KindLine
            href={`/c/${page.card.classId}`}
            names={page.card.names}
            icon={page.card.icon}
            rarity={page.card.rarity}
            note={t('item.serial', { number: page.serialNo })}
          />
          <Id value={page.itemId} />
          <Chip tone={page.state === 'frozen' || page.state === 'burned' ? 'bad' : 'plain'}>{t(`itemState.${page.state}`)}</Chip>
          {page.stateUntil === null ? null : <Time at={page.stateUntil} style="full" />}
        </div>
        <p className="mt-2 flex flex-wrap items-center gap-x-3 text-[13px] text-ink-2">
          {t('look.holder')} <TextLink href={`/supervisor/people/${page.ownerRef}`}>{page.ownerRef.slice(0, 12)}…</TextLink>
          {role === 'sup_finance' || role === 'sup_tax' ? (
            <TextLink href={`/supervisor/flows?kind=item&id=${page.itemId}`}>{t('look.flow')}</TextLink>
          ) : null}
        </p>
      </Panel>
      <Passport page={page} />
      <section className="space-y-5">
        <h2 className="text-lg font-bold">{t('look.trades')}</h2>
        {trades.length === 0 ? <Empty title={t('look.noTrades')} /> : null}
        {trades.map((trade) => (
          <article key={trade.tradeId} className="space-y-3 border-s-4 border-line ps-3" data-look-trade={trade.tradeId}>
            <p className="flex flex-wrap gap-2 text-[13px]">
              <LinkButton href={`/supervisor/trades/${trade.tradeId}`}>{t('look.wholeTrade')}</LinkButton>
              <LinkButton tone="quiet" href={`/supervisor/people/${trade.sellerRef}`}>
                {t('look.seller')} {trade.sellerRef.slice(0, 8)}…
              </LinkButton>
              <LinkButton tone="quiet" href={`/supervisor/people/${trade.buyerRef}`}>
                {t('look.buyer')} {trade.buyerRef.slice(0, 8)}…
              </LinkButton>
            </p>
            <TradeDetail trade={trade} isNarrow />
          </article>
        ))}
        {tradesTotal > trades.length ? (
          <p className="text-[13px] text-ink-3">{t('look.more', { count: String(trades.length), total: String(tradesTotal) })}</p>
        ) : null}
      </section>
    </div>
  );
}
