'use client';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { KindLine } from '#app/_components/item-art.tsx';
import { Empty, SignInFirst } from '#app/_components/loaded.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Restrictions } from '#app/_components/restrictions.tsx';
import { useMe } from '#app/_components/session.tsx';
import { Button, Chip, type ChipTone, LinkButton, PageTitle, Skeleton, Stat, Time, Yuan } from '#app/_components/ui.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import type { ItemState, Portfolio, PortfolioRow } from '#server/trpc/views.ts';

const TONE: Record<ItemState, ChipTone> = { free: 'good', listed: 'accent', held: 'wait', protected: 'wait', frozen: 'bad', burned: 'bad' };

export default function PortfolioPage() {
  const t = useTranslations();
  const me = useMe();
  const [onlyFree, setOnlyFree] = useState(false);
  useRoom('/player', me ? `player:${me.acct}` : null, [['portfolio']]);
  const pages = useInfiniteQuery({
    queryKey: ['portfolio'],
    queryFn: ({ pageParam }) => api.portfolio.list(pageParam === undefined ? {} : { cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    enabled: me !== null && me !== undefined,
  });
  if (me === null) return <SignInFirst />;
  const first = pages.data?.pages[0];
  const rows = (pages.data?.pages.flatMap((page) => page.rows) ?? []).filter((row) => !onlyFree || row.state === 'free');
  return (
    <div className="space-y-4">
      <PageTitle text={t('portfolio.title')} />
      <header className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-xl font-bold">{t('portfolio.title')}</h1>
        <LinkButton tone="primary" href="/sell">
          {t('nav.sell')}
        </LinkButton>
      </header>
      <Restrictions />
      {pages.isError ? <RefusalNote refusal={readRefusal(pages.error)} /> : null}
      {first === undefined ? <Skeleton className="h-[560px]" /> : <Totals totals={first.totals} />}
      {first === undefined ? null : (
        <div className="rounded-lg border border-line bg-card">
          <label className="flex min-h-11 items-center gap-2 border-b border-line px-4 text-[13px]">
            <input type="checkbox" className="size-4 accent-accent" checked={onlyFree} onChange={() => setOnlyFree(!onlyFree)} />
            {t('portfolio.onlyFree')}
          </label>
          {rows.length === 0 ? (
            <Empty title={t('portfolio.empty')} text={t('portfolio.emptyText')}>
              <LinkButton href="/search">{t('portfolio.toMarket')}</LinkButton>
            </Empty>
          ) : (
            <div className="overflow-x-auto">
              <Rows rows={rows} />
            </div>
          )}
        </div>
      )}
      {pages.hasNextPage ? <Button onClick={() => void pages.fetchNextPage()}>{t('panel.more')}</Button> : null}
      {first === undefined ? null : <p className="num text-xs text-ink-3">{t('foot.height', { height: formatCount(first.height) })}</p>}
    </div>
  );
}

function Totals({ totals }: { readonly totals: Portfolio['totals'] }) {
  const t = useTranslations('portfolio');
  return (
    <dl className="notch grid grid-cols-2 gap-4 border border-line bg-card p-4 sm:grid-cols-5">
      <Stat label={t('items')} large>
        {formatCount(totals.items)}
      </Stat>
      <Stat label={t('cost')} large>
        <Yuan fen={totals.costFen} />
      </Stat>
      <Stat label={t('reference')} large>
        <Yuan fen={totals.referenceFen} />
      </Stat>
      <Stat label={t('unrealised')} large>
        <Yuan fen={totals.unrealisedFen} signed />
      </Stat>
      <Stat label={t('realised')} large>
        <Yuan fen={totals.realisedYearFen} signed />
      </Stat>
    </dl>
  );
}

function Rows({ rows }: { readonly rows: readonly PortfolioRow[] }) {
  const t = useTranslations();
  return (
    <table className="data-table as-cards">
      <thead>
        <tr>
          <th>{t('portfolio.item')}</th>
          <th>{t('portfolio.state')}</th>
          <th>{t('portfolio.acquired')}</th>
          <th className="end">{t('portfolio.cost')}</th>
          <th className="end">{t('portfolio.reference')}</th>
          <th className="end">{t('portfolio.unrealised')}</th>
          <th>
            <span className="sr-only">{t('nav.sell')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.itemId}>
            <td>
              <KindLine
                href={`/i/${row.itemId}`}
                names={row.card.names}
                icon={row.card.icon}
                rarity={row.card.rarity}
                note={t('item.serial', { number: row.serialNo })}
              />
            </td>
            <td data-label={t('portfolio.state')}>
              <span className="inline-flex flex-wrap items-center gap-1">
                <Chip tone={TONE[row.state]}>{t(`itemState.${row.state}`)}</Chip>
                {row.stateUntil === null ? null : (
                  <span className="text-xs text-ink-3">
                    <Time at={row.stateUntil} />
                  </span>
                )}
              </span>
            </td>
            <td data-label={t('portfolio.acquired')}>
              <Time at={row.acquiredAt} style="day" />
            </td>
            <td data-label={t('portfolio.cost')} className="end">
              <span>
                {row.costBasisFen === null ? '—' : <Yuan fen={row.costBasisFen} />}
                <span className="block text-xs text-ink-3">{t(`costSource.${row.costSource}`)}</span>
              </span>
            </td>
            <td data-label={t('portfolio.reference')} className="end">
              {row.referenceFen === null ? (
                <span className="text-ink-3">{t('portfolio.noReference')}</span>
              ) : (
                <Yuan fen={row.referenceFen} />
              )}
            </td>
            <td data-label={t('portfolio.unrealised')} className="end">
              {row.unrealisedFen === null ? '—' : <Yuan fen={row.unrealisedFen} signed />}
            </td>
            <td className="end">
              {row.state === 'free' ? <LinkButton href={`/sell?item=${row.itemId}`}>{t('nav.sell')}</LinkButton> : null}
              {row.state === 'listed' && row.orderId !== null ? (
                <LinkButton href={`/orders?edit=${row.orderId}`}>{t('orders.edit')}</LinkButton>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
