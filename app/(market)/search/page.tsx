'use client';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { LayoutGrid, Rows3, SlidersHorizontal } from 'lucide-react';
import { useRouter, useSearchParams } from 'next/navigation';
import { Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { isSort, readSearchAddress, SORTS, setValue } from '#app/_client/search-address.ts';
import { Empty } from '#app/_components/empty.tsx';
import { KindTile } from '#app/_components/item-art.tsx';
import { QueryNotes } from '#app/_components/loaded.tsx';
import type { OrderDraft } from '#app/_components/order-sheet/draft.ts';
import { OrderSheet } from '#app/_components/order-sheet/lazy-order-sheet.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { Button, PageTitle, Segments, Skeleton } from '#app/_components/ui.tsx';
import type { SearchPage as SearchPageView } from '#server/trpc/views.ts';
import { ActiveFilters } from './active-filters.tsx';
import { ExpressionField } from './expression-field.tsx';
import { FacetList } from './facet-list.tsx';
import { KindTable } from './kind-table.tsx';

export default function SearchPage() {
  return (
    <Suspense fallback={<Skeleton className="h-[70vh]" />}>
      <Search />
    </Suspense>
  );
}

function Search() {
  const t = useTranslations();
  const router = useRouter();
  const params = useSearchParams();
  const address = params.toString();
  const query = useMemo(() => readSearchAddress(new URLSearchParams(address)), [address]);
  const [areFiltersOpen, setFiltersOpen] = useState(false);
  const pages = useInfiniteQuery({
    queryKey: ['search', address],
    queryFn: ({ pageParam }) => api.search.list({ ...query, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const [draft, setDraft] = useState<OrderDraft | null>(null);
  const first = pages.data?.pages[0];
  const rows = pages.data?.pages.flatMap((page) => page.rows) ?? [];
  const [top] = rows;
  // A refused expression has no facets: what was known before still names attributes and values.
  const known = useRef<SearchPageView['facets']>([]);
  if (first !== undefined) known.current = first.facets;
  const isTable = params.get('view') === 'table';
  const go = (next: URLSearchParams) => router.replace(`/search?${next.toString()}`, { scroll: false });
  const set = (name: string, value: string | null) => go(setValue(new URLSearchParams(address), name, value));
  const filterCount = [...new Set(params.keys())].filter((key) => key !== 'q' && key !== 'sort' && key !== 'view').length;
  const facets = <FacetList facets={first?.facets ?? []} params={new URLSearchParams(address)} onChange={go} />;
  return (
    <>
      <PageTitle text={query.text === undefined ? t('search.title') : `${query.text} · ${t('search.title')}`} />
      <div className="grid items-start gap-5 lg:grid-cols-[264px_minmax(0,1fr)]">
        <aside
          className="sticky top-24 hidden max-h-[calc(100dvh-7rem)] overflow-y-auto rounded-lg border border-line bg-card p-4 lg:block"
          aria-label={t('search.filters')}
        >
          {facets}
        </aside>
        <section>
          <header className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2">
            <h1 className="text-xl font-bold">{t('search.heading')}</h1>
            <p role="status" className="num text-ink-2">
              {first === undefined ? '\u00a0' : t('search.results', { count: first.total })}
            </p>
            <div className="ms-auto flex w-full items-center gap-2 sm:w-auto">
              <Button className="lg:hidden" onClick={() => setFiltersOpen(true)}>
                <SlidersHorizontal size={15} aria-hidden /> {t('search.filters')}
                {filterCount > 0 ? ` (${filterCount})` : ''}
              </Button>
              <label className="min-w-0 flex-1 sm:flex-none">
                <span className="sr-only">{t('search.sort')}</span>
                <select
                  className="h-11 w-full rounded-md border border-line-strong/60 bg-card px-2 text-sm sm:h-9"
                  value={query.sort ?? 'most_traded'}
                  onChange={(event) => set('sort', isSort(event.target.value) ? event.target.value : null)}
                >
                  {SORTS.map((sort) => (
                    <option key={sort} value={sort}>
                      {t(`search.sorts.${sort}`)}
                    </option>
                  ))}
                </select>
              </label>
              <div className="hidden sm:block">
                <ViewSwitch isTable={isTable} onChange={(value) => set('view', value === 'table' ? 'table' : null)} />
              </div>
            </div>
          </header>
          <ExpressionField
            value={query.expression ?? ''}
            facets={known.current}
            refusal={pages.isError ? readRefusal(pages.error) : null}
            onApply={(value) => set('where', value)}
            onWant={query.expression === undefined || top === undefined ? null : () => setDraft(wantLike(top, query.expression))}
          />
          <ActiveFilters params={new URLSearchParams(address)} facets={known.current} onChange={go} />
          <QueryNotes query={pages} />
          {pages.isPending ? <GridSkeleton /> : null}
          {first !== undefined && rows.length === 0 ? (
            <div className="rounded-lg border border-line bg-card">
              <Empty title={t('search.empty')} text={t('search.emptyText')}>
                <Button onClick={() => router.replace('/search')}>{t('search.clear')}</Button>
              </Empty>
            </div>
          ) : null}
          <div className={pages.isPlaceholderData ? 'opacity-60' : undefined}>
            {isTable ? (
              <KindTable rows={rows} />
            ) : (
              <div className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-4 2xl:grid-cols-5">
                {rows.map((card) => (
                  <KindTile key={card.classId} card={card} />
                ))}
              </div>
            )}
          </div>
          {pages.hasNextPage ? <More isLoading={pages.isFetchingNextPage} onMore={() => void pages.fetchNextPage()} /> : null}
          {first === undefined ? null : (
            <p className="num mt-4 text-xs text-ink-3">{t('foot.height', { height: formatCount(first.height) })}</p>
          )}
        </section>
      </div>
      <OrderSheet draft={draft} onClose={() => setDraft(null)} />
      <Sheet open={areFiltersOpen} title={t('search.filters')} onClose={() => setFiltersOpen(false)}>
        {facets}
        <div className="sticky bottom-0 -mx-4 -mb-4 border-t border-line bg-card p-3">
          <Button tone="primary" className="w-full" onClick={() => setFiltersOpen(false)}>
            {t('search.apply', { count: first?.total ?? 0 })}
          </Button>
        </div>
      </Sheet>
    </>
  );
}

/** A buy order for any kind that fits, begun from one that does. */
function wantLike(card: OrderDraft['card'], expression: string | undefined): OrderDraft {
  return {
    intent: 'buy_order',
    side: 'buy',
    card,
    expression,
    priceFen: card.lowestListingFen,
    isPriceOpen: true,
    quantity: 1,
    isQuantityOpen: true,
  };
}

function ViewSwitch({ isTable, onChange }: { readonly isTable: boolean; readonly onChange: (value: 'grid' | 'table') => void }) {
  const t = useTranslations('search');
  const options = [
    { value: 'grid', label: t('grid') },
    { value: 'table', label: t('table') },
  ] as const;
  return (
    <span className="flex items-center gap-1 text-ink-3">
      {isTable ? <Rows3 size={15} aria-hidden /> : <LayoutGrid size={15} aria-hidden />}
      <Segments label={t('view')} value={isTable ? 'table' : 'grid'} options={options} onChange={onChange} />
    </span>
  );
}

/** Fetches the next fifty when the end comes near; the button is for keyboards. */
function More({ isLoading, onMore }: { readonly isLoading: boolean; readonly onMore: () => void }) {
  const t = useTranslations('panel');
  const mark = useRef<HTMLDivElement>(null);
  const latest = useRef(onMore);
  latest.current = onMore;
  useEffect(() => {
    if (mark.current === null) return;
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && latest.current(), {
      rootMargin: '400px',
    });
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={mark} className="flex justify-center py-5">
      <Button onClick={onMore} disabled={isLoading}>
        {isLoading ? t('loading') : t('more')}
      </Button>
    </div>
  );
}

function GridSkeleton() {
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-4 2xl:grid-cols-5">
      {Array.from({ length: 12 }, (_, index) => `s${index}`).map((key) => (
        <Skeleton key={key} className="h-60" />
      ))}
    </div>
  );
}
