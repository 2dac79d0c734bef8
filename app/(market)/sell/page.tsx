'use client';
/** Sell (P-20): choose an item, see the guides, name a price, see what you receive, sign. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { Suspense, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { ItemName, Plate, Rarity, useName } from '#app/_components/item-art.tsx';
import { QueryNotes, SignInFirst } from '#app/_components/loaded.tsx';
import type { OrderDraft } from '#app/_components/order-sheet/draft.ts';
import { OrderSheet } from '#app/_components/order-sheet/lazy-order-sheet.tsx';
import { SellerYearReminder } from '#app/_components/seller-year-reminder.tsx';
import { useMe } from '#app/_components/session.tsx';
import { Button, Chip, Field, LinkButton, PageTitle, Skeleton, Yuan } from '#app/_components/ui.tsx';
import { useMore } from '#app/_components/use-more.tsx';
import type { PortfolioRow } from '#server/trpc/views.ts';

export default function SellPage() {
  return (
    <Suspense fallback={<Skeleton className="h-96" />}>
      <Sell />
    </Suspense>
  );
}

function Sell() {
  const t = useTranslations();
  const me = useMe();
  const name = useName();
  /** One after the other: each has its own price. */
  const asked = useSearchParams().getAll('item');
  const [text, setText] = useState('');
  const [draft, setDraft] = useState<OrderDraft | null>(null);
  const [opened, setOpened] = useState<readonly string[]>([]);
  const pages = useInfiniteQuery({
    queryKey: ['portfolio'],
    queryFn: ({ pageParam }) => api.portfolio.list(pageParam === undefined ? {} : { cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    enabled: me !== null && me !== undefined,
  });
  const rows = pages.data?.pages.flatMap((page) => page.rows) ?? [];
  const start = (row: PortfolioRow) =>
    setDraft({
      intent: 'listing',
      side: 'sell',
      card: row.card,
      itemIds: [row.itemId],
      priceFen: row.card.lowestListingFen ?? row.referenceFen,
      isPriceOpen: true,
      quantity: 1,
      isQuantityOpen: false,
      itemNote: t('item.serial', { number: row.serialNo }),
    });
  const wanted =
    draft === null ? rows.find((row) => asked.includes(row.itemId) && !opened.includes(row.itemId) && row.state === 'free') : undefined;
  // Coming from items or a kind, the sheet of each of them opens once.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the wanted item has arrived
  useEffect(() => {
    if (wanted === undefined) return;
    setOpened([...opened, wanted.itemId]);
    start(wanted);
  }, [wanted?.itemId]);
  const needle = text.trim().toLowerCase();
  const shown = rows.filter(
    (row) => needle === '' || `${name(row.card.names)} ${row.card.names.en} ${row.serialNo}`.toLowerCase().includes(needle),
  );
  const { drawn, button } = useMore(shown, pages);
  if (me === null) return <SignInFirst />;
  return (
    <div className="space-y-4">
      <PageTitle text={t('sell.title')} />
      <header>
        <h1 className="text-xl font-bold">{t('sell.heading')}</h1>
        <p className="text-ink-2">{t('sell.pickText')}</p>
      </header>
      <SellerYearReminder />
      <div className="max-w-md">
        <Field label={t('sell.search')} value={text} onChange={(event) => setText(event.target.value)} />
      </div>
      <QueryNotes query={pages} />
      {pages.data === undefined ? <Skeleton className="h-96" /> : null}
      {pages.data !== undefined && rows.length === 0 ? (
        <div className="rounded-lg border border-line bg-card">
          <Empty title={t('sell.empty')} text={t('sell.emptyText')}>
            <LinkButton href="/search">{t('portfolio.toMarket')}</LinkButton>
          </Empty>
        </div>
      ) : null}
      <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        {drawn.map((row) => (
          <li key={row.itemId} className="flex gap-3 rounded-lg border border-line bg-card p-3 shadow-card">
            <Plate icon={row.card.icon} rarity={row.card.rarity} category={row.card.category} size="small" />
            <div className="min-w-0 flex-1">
              <p className="truncate font-semibold">
                <ItemName names={row.card.names} />
              </p>
              <p className="flex flex-wrap items-center gap-x-2 text-xs text-ink-3">
                {t('item.serial', { number: row.serialNo })} <Rarity rarity={row.card.rarity} refinement={row.card.refinement} />
              </p>
              <dl className="mt-1 grid grid-cols-2 text-xs text-ink-3">
                <dt>{t('sell.lowest')}</dt>
                <dd className="text-end text-ink">{row.card.lowestListingFen === null ? '—' : <Yuan fen={row.card.lowestListingFen} />}</dd>
                <dt>{t('kind.reference')}</dt>
                <dd className="text-end text-ink">{row.referenceFen === null ? '—' : <Yuan fen={row.referenceFen} />}</dd>
                <dt>{t('sell.best')}</dt>
                <dd className="text-end text-ink">{row.card.highestBuyFen === null ? '—' : <Yuan fen={row.card.highestBuyFen} />}</dd>
              </dl>
              <div className="mt-2 flex items-center justify-between gap-2">
                {row.state === 'free' ? <span /> : <Chip tone="wait">{t(`itemState.${row.state}`)}</Chip>}
                {row.state === 'listed' && row.orderId !== null ? (
                  <LinkButton href={`/orders?edit=${row.orderId}`}>{t('orders.edit')}</LinkButton>
                ) : (
                  <Button disabled={row.state !== 'free'} onClick={() => start(row)}>
                    {t('nav.sell')}
                  </Button>
                )}
              </div>
            </div>
          </li>
        ))}
      </ul>
      {button}
      <OrderSheet draft={draft} onClose={() => setDraft(null)} />
    </div>
  );
}
