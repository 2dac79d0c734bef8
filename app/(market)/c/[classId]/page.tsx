'use client';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { categoryName, typeName } from '#app/_client/catalogue-words.ts';
import { formatCount, formatYuan } from '#app/_client/format.ts';
import { HiddenNote } from '#app/_components/hidden-note.tsx';
import { ItemName, Plate, Rarity, useName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import type { OrderDraft } from '#app/_components/order-sheet/draft.ts';
import { OrderSheet } from '#app/_components/order-sheet/lazy-order-sheet.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { SunsetNotice } from '#app/_components/sunset-notice.tsx';
import { Button, Chip, LinkButton, PageTitle, Panel, Skeleton, Stat, TextLink, Yuan } from '#app/_components/ui.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import { WatchKind } from '#app/_components/watch/watch-kind.tsx';
import type { ClassPage, KindPanels } from '#server/trpc/views.ts';
import { Attributes, Contents } from './attributes.tsx';
import { DepthPanel } from './depth-panel.tsx';
import { BuyOrders, Listings, RecentTrades } from './order-tables.tsx';
import { type Chart, chartInput, PricePanel } from './price-panel.tsx';
import { Terms } from './terms.tsx';

/** That one order can name. */
const MOST_ITEMS = 32;
const MESSAGES = ['book.delta', 'tape.trade', 'candle.updated'];
/** Also what the depth falls back to without a live connection. */
const POLL_MS = 10_000;

export default function KindPage() {
  const { classId } = useParams<{ classId: string }>();
  const [chart, setChart] = useState<Chart>({ range: '30d', series: 'all' });
  useRoom('/market', `class:${classId}`, [['kind', classId]], MESSAGES);
  // One question for all panels: what stands side by side is of one ledger height (P-17).
  const panels = useQuery({
    queryKey: ['kind', classId, chart.range, chart.series],
    queryFn: () => api.itemClass.getPanels(chartInput(classId, chart)),
    placeholderData: (before) => (before?.page.card.classId === classId ? before : undefined),
    refetchInterval: POLL_MS,
  });
  return (
    <Loaded query={panels} skeleton={<KindSkeleton />}>
      {(data) => <Kind panels={data} chart={chart} onChart={setChart} query={panels} />}
    </Loaded>
  );
}

type KindProps = {
  readonly panels: KindPanels;
  readonly chart: Chart;
  readonly onChart: (chart: Chart) => void;
  readonly query: UseQueryResult<KindPanels>;
};

function Kind({ panels, chart, onChart, query }: KindProps) {
  const t = useTranslations();
  const { page } = panels;
  const name = useName();
  const [draft, setDraft] = useState<OrderDraft | null>(null);
  const { card } = page;
  const start = (chosen: Omit<OrderDraft, 'card'>) => setDraft({ ...chosen, card });
  return (
    <div className="space-y-5">
      <PageTitle text={name(card.names)} />
      <SunsetNotice gameIds={[card.gameId]}>
        <TextLink href="/portfolio" className="inline-flex min-h-11 items-center sm:min-h-6">
          {t('sunset.toPassports')}
        </TextLink>
      </SunsetNotice>
      {page.isHidden ? <HiddenNote /> : null}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_340px]">
        <div className="min-w-0 space-y-5">
          <Head page={page} />
          <div className="lg:hidden">
            <Ticket page={page} onStart={start} />
          </div>
          <PricePanel page={panels.candles} chart={chart} onChart={onChart} />
          <Listings page={page} onStart={start} />
          <DepthPanel key={card.classId} classId={card.classId} snapshot={panels.depth} query={query} />
          <BuyOrders page={page} onStart={start} />
          <RecentTrades page={page} />
        </div>
        <div className="min-w-0 space-y-5">
          <div className="hidden lg:block">
            <Ticket page={page} onStart={start} />
          </div>
          <Terms page={page} />
          <Attributes rows={page.attributes} />
          <Contents rows={page.contents} />
          <Statistics page={page} />
        </div>
      </div>
      <p className="num text-xs text-ink-3">{t('foot.height', { height: formatCount(page.height) })}</p>
      <OrderSheet draft={draft} onClose={() => setDraft(null)} />
    </div>
  );
}

function Head({ page }: { readonly page: ClassPage }) {
  const t = useTranslations();
  const { locale } = usePreferences();
  const { card } = page;
  const money = (fen: string | null) =>
    fen === null ? <span className="font-normal text-ink-3">{t('kind.noReference')}</span> : <Yuan fen={fen} />;
  return (
    <section className="notch space-y-4 border border-line bg-card p-4 sm:p-5">
      <div className="flex gap-4 sm:gap-6">
        <Plate icon={card.icon} rarity={card.rarity} category={card.category} size="hero" />
        <div className="min-w-0 flex-1 space-y-3">
          <div>
            <p className="flex flex-wrap items-center gap-x-2 text-[13px] text-ink-3">
              <TextLink href={`/search?game=${encodeURIComponent(card.gameId)}`} className="inline-flex min-h-6 min-w-6 items-center">
                <ItemName names={page.gameNames} />
              </TextLink>
              <TextLink href={`/search?category=${encodeURIComponent(card.category)}`} className="inline-flex min-h-6 min-w-6 items-center">
                {categoryName(card.category, locale)}
              </TextLink>
              {typeName(card, locale) === categoryName(card.category, locale) ? null : <span>{typeName(card, locale)}</span>}
            </p>
            <h1 className="text-xl leading-tight font-bold sm:text-2xl">
              <ItemName names={card.names} />
            </h1>
            {locale === 'zh-CN' && card.names.zh !== null ? (
              <p lang="en" className="text-[13px] text-ink-3">
                {card.names.en}
              </p>
            ) : null}
          </div>
          <p className="flex flex-wrap items-center gap-2 text-[13px]">
            <Rarity rarity={card.rarity} refinement={card.refinement} />
            <Chip>{card.interchangeable ? t('unit.interchangeable') : t('unit.unique')}</Chip>
            {card.experimentId === null ? null : (
              <TextLink href={`/experiments/${card.experimentId}`}>
                <Chip tone="accent">
                  {t('nav.experiment')} {card.experimentId}
                </Chip>
              </TextLink>
            )}
          </p>
        </div>
      </div>
      {page.description === null ? null : (
        <p className="max-w-prose whitespace-pre-line text-[13px] text-ink-2">
          <ItemName names={page.description} />
        </p>
      )}
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 sm:grid-cols-5">
        <Stat label={t('kind.lowest')}>{money(card.lowestListingFen)}</Stat>
        <Stat label={t('kind.highest')}>{money(card.highestBuyFen)}</Stat>
        <Stat label={t('kind.reference')}>{money(card.referenceFen)}</Stat>
        <Stat label={t('kind.trades7d')}>{formatCount(card.trades7d)}</Stat>
        <Stat label={t('kind.issued')}>{formatCount(page.terms.issued)}</Stat>
      </dl>
    </section>
  );
}

function Ticket({ page, onStart }: { readonly page: ClassPage; readonly onStart: (draft: Omit<OrderDraft, 'card'>) => void }) {
  const t = useTranslations('kind');
  const { card } = page;
  const cheapest = page.listings.find((listing) => !listing.isMine && listing.state === 'live');
  const sellable = page.mine.find((item) => item.isFree);
  return (
    <Panel>
      <div className="space-y-3">
        <dl>
          <Stat label={t('lowest')} large>
            {card.lowestListingFen === null ? (
              <span className="text-base font-normal text-ink-2">{t('noListing')}</span>
            ) : (
              <Yuan fen={card.lowestListingFen} />
            )}
          </Stat>
        </dl>
        <Button
          tone="primary"
          className="w-full"
          disabled={cheapest === undefined}
          onClick={() =>
            cheapest === undefined
              ? undefined
              : onStart({
                  intent: 'take_listing',
                  side: 'buy',
                  targetOrderId: cheapest.orderId,
                  itemIds: cheapest.items.map(({ itemId }) => itemId),
                  priceFen: cheapest.priceFen,
                  isPriceOpen: false,
                  quantity: cheapest.items.length,
                  isQuantityOpen: false,
                })
          }
        >
          {cheapest === undefined ? t('buyNow') : t('buyLowest', { price: formatYuan(cheapest.priceFen) })}
        </Button>
        <div className="grid grid-cols-2 gap-2">
          <Button
            onClick={() =>
              onStart({
                intent: 'buy_order',
                side: 'buy',
                priceFen: card.highestBuyFen,
                isPriceOpen: true,
                quantity: 1,
                isQuantityOpen: true,
              })
            }
          >
            {t('placeBuyOrder')}
          </Button>
          {sellable === undefined ? (
            <Button disabled title={t('nothingToSell')}>
              {t('sellOne')}
            </Button>
          ) : (
            <LinkButton href={`/sell?item=${sellable.itemId}`}>{t('sellOne')}</LinkButton>
          )}
        </div>
        <WatchKind classId={card.classId} />
        {!page.isMatched ? null : <MatchedButtons page={page} onStart={onStart} />}
      </div>
    </Panel>
  );
}

/** The matched book exists only inside the experiment; the fixed-price way above stays open (P-23). */
function MatchedButtons({ page, onStart }: { readonly page: ClassPage; readonly onStart: (draft: Omit<OrderDraft, 'card'>) => void }) {
  const t = useTranslations();
  const free = page.mine.filter((item) => item.isFree).slice(0, MOST_ITEMS);
  const start = (side: 'buy' | 'sell') =>
    onStart({
      intent: 'matched',
      side,
      // One signature for as many of them as the person says; the server delivers the oldest lot first.
      ...(side === 'sell' ? { itemIds: free.map(({ itemId }) => itemId) } : {}),
      priceFen: page.card.lowestListingFen,
      isPriceOpen: true,
      quantity: 1,
      isQuantityOpen: true,
    });
  return (
    <div className="space-y-2 border-t border-line pt-3">
      <p className="text-xs text-ink-3">{t('kind.depthMatched', { id: page.card.experimentId ?? '' })}</p>
      <div className="grid grid-cols-2 gap-2">
        <Button onClick={() => start('buy')}>
          {t('kind.matched')} · {t('sheet.buySide')}
        </Button>
        <Button onClick={() => start('sell')} disabled={free.length === 0}>
          {t('kind.matched')} · {t('sheet.sellSide')}
        </Button>
      </div>
    </div>
  );
}

function Statistics({ page }: { readonly page: ClassPage }) {
  const t = useTranslations('kind');
  return (
    <Panel title={t('statistics')} flush>
      <table className="data-table as-cards">
        <thead>
          <tr>
            <th>{t('window')}</th>
            <th className="end">{t('trades')}</th>
            <th className="end">{t('median')}</th>
            <th className="end">{t('turnover')}</th>
          </tr>
        </thead>
        <tbody>
          {page.statistics.map((row) => (
            <tr key={row.window}>
              <td data-label={t('window')}>{t(`ranges.${row.window}`)}</td>
              <td data-label={t('trades')} className="num end">
                {formatCount(row.trades)}
              </td>
              <td data-label={t('median')} className="end">
                {row.medianFen === null ? '—' : <Yuan fen={row.medianFen} />}
              </td>
              <td data-label={t('turnover')} className="end">
                <Yuan fen={row.turnoverFen} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function KindSkeleton() {
  return (
    <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_340px]">
      <Skeleton className="h-[202px]" />
      <Skeleton className="h-[202px]" />
      <Skeleton className="h-[440px]" />
      <Skeleton className="h-[440px]" />
    </div>
  );
}
