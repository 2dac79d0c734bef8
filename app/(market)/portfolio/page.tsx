'use client';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { CoolDowns } from '#app/_components/cool-downs.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { GiftPanel } from '#app/_components/gifts/gift-panel.tsx';
import { HeldPayouts } from '#app/_components/held-payouts.tsx';
import { Inquiries } from '#app/_components/inquiries.tsx';
import { QueryNotes, SignInFirst } from '#app/_components/loaded.tsx';
import { Restrictions } from '#app/_components/restrictions.tsx';
import { useMe } from '#app/_components/session.tsx';
import { SunsetNotice } from '#app/_components/sunset-notice.tsx';
import { Button, LinkButton, PageTitle, Segments, Skeleton, Stat, Yuan } from '#app/_components/ui.tsx';
import { useMore } from '#app/_components/use-more.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import type { Portfolio } from '#server/trpc/views.ts';
import { BulkBar } from './bulk-bar.tsx';
import { PortfolioGrid, PortfolioTable } from './portfolio-rows.tsx';
import { SavePassports } from './save-passports.tsx';
import { useExport } from './use-export.ts';

export default function PortfolioPage() {
  const t = useTranslations();
  const me = useMe();
  const [onlyFree, setOnlyFree] = useState(false);
  const [view, setView] = useState<'grid' | 'table'>('grid');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const saveAs = useExport();
  const toggle = (itemId: string) =>
    setChosen(new Set(chosen.has(itemId) ? [...chosen].filter((each) => each !== itemId) : [...chosen, itemId]));
  const View = view === 'grid' ? PortfolioGrid : PortfolioTable;
  useRoom('/player', me ? `player:${me.acct}` : null, [['portfolio']]);
  const pages = useInfiniteQuery({
    queryKey: ['portfolio'],
    queryFn: ({ pageParam }) => api.portfolio.list(pageParam === undefined ? {} : { cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    enabled: me !== null && me !== undefined,
  });
  const first = pages.data?.pages[0];
  const held = pages.data?.pages.flatMap((page) => page.rows) ?? [];
  const rows = held.filter((row) => !onlyFree || row.state === 'free');
  const { drawn, button } = useMore(rows, pages);
  if (me === null) return <SignInFirst />;
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
      <Inquiries as="player" />
      <CoolDowns />
      <HeldPayouts />
      <SunsetNotice gameIds={[...new Set(held.map(({ card }) => card.gameId))]}>
        <SavePassports rows={held} />
      </SunsetNotice>
      <GiftPanel />
      <QueryNotes query={pages} />
      {first === undefined ? <Skeleton className="h-[560px]" /> : <Totals totals={first.totals} />}
      {first === undefined ? null : (
        <div className="rounded-lg border border-line bg-card">
          <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-1">
            <label className="flex min-h-11 items-center gap-2 text-[13px] sm:min-h-9">
              <input type="checkbox" className="size-4 accent-accent" checked={onlyFree} onChange={() => setOnlyFree(!onlyFree)} />
              {t('portfolio.onlyFree')}
            </label>
            <span className="flex flex-wrap items-center gap-2">
              <Button onClick={() => saveAs(rows)} disabled={rows.length === 0}>
                <Download size={14} aria-hidden /> {t('portfolio.export')}
              </Button>
              <Segments
                label={t('search.view')}
                value={view}
                options={[
                  { value: 'grid', label: t('search.grid') },
                  { value: 'table', label: t('search.table') },
                ]}
                onChange={setView}
              />
            </span>
          </div>
          {rows.length === 0 ? (
            <Empty title={t('portfolio.empty')} text={t('portfolio.emptyText')}>
              <LinkButton href="/search">{t('portfolio.toMarket')}</LinkButton>
            </Empty>
          ) : (
            <View rows={drawn} chosen={chosen} onToggle={toggle} />
          )}
        </div>
      )}
      <BulkBar rows={rows.filter(({ itemId }) => chosen.has(itemId))} onNone={() => setChosen(new Set())} />
      {button}
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
