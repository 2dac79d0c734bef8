'use client';
import { useInfiniteQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useRouter, useSearchParams } from 'next/navigation';
import { type ReactNode, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { type Asked, QueryNotes, SignInFirst } from '#app/_components/loaded.tsx';
import { useMe } from '#app/_components/session.tsx';
import { Button, LinkButton, PageTitle, Segments, Skeleton } from '#app/_components/ui.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import type { OrderView } from '#server/trpc/views.ts';
import { CancelSheet } from './cancel-sheet.tsx';
import { EditSheet } from './edit-sheet.tsx';
import { OrderTable } from './order-table.tsx';

/** Loaded when their tabs are opened. */
const TradeTable = dynamic(() => import('#app/_components/trade/trade-table.tsx').then((module) => module.TradeTable), {
  loading: () => <Skeleton className="h-96" />,
});
const OfferList = dynamic(() => import('./offer-list.tsx').then((module) => module.OfferList), {
  loading: () => <Skeleton className="h-96" />,
});

const TABS = ['open', 'offers', 'past', 'trades'] as const;
type Tab = (typeof TABS)[number];
const isTab = (value: string | null): value is Tab => TABS.some((tab) => tab === value);

export default function OrdersPage() {
  return (
    <Suspense fallback={<Skeleton className="h-96" />}>
      <Orders />
    </Suspense>
  );
}

function Orders() {
  const t = useTranslations();
  const me = useMe();
  const router = useRouter();
  const asked = useSearchParams().get('tab');
  const tab: Tab = isTab(asked) ? asked : 'open';
  useRoom('/player', me ? `player:${me.acct}` : null, [['orders'], ['offers'], ['trades']]);
  if (me === null) return <SignInFirst />;
  return (
    <div className="space-y-4">
      <PageTitle text={t('orders.title')} />
      <header className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-xl font-bold">{t('orders.title')}</h1>
        <Segments
          label={t('orders.title')}
          value={tab}
          options={TABS.map((value) => ({ value, label: value === 'offers' ? t('offers.tab') : t(`orders.${value}`) }))}
          onChange={(value) => router.replace(value === 'open' ? '/orders' : `/orders?tab=${value}`)}
        />
      </header>
      {tab === 'trades' ? <Trades /> : tab === 'offers' ? <OfferList /> : <OrderList key={tab} isOpen={tab === 'open'} />}
    </div>
  );
}

function OrderList({ isOpen }: { readonly isOpen: boolean }) {
  const t = useTranslations('orders');
  const [canceling, setCanceling] = useState<OrderView | null>(null);
  const [editing, setEditing] = useState<OrderView | null>(null);
  const router = useRouter();
  const wanted = useSearchParams().get('edit');
  const pages = useInfiniteQuery({
    queryKey: ['orders', isOpen],
    queryFn: ({ pageParam }) => api.order.list({ open: isOpen, ...(pageParam === undefined ? {} : { cursor: pageParam }) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: isOpen ? 10_000 : false,
  });
  const all = pages.data?.pages.flatMap((page) => page.rows) ?? [];
  // A step of an offer that stands belongs to its thread.
  const rows = isOpen ? all.filter(({ intent }) => intent !== 'offer' && intent !== 'counter') : all;
  // From the portfolio: the order that holds an item is opened for editing at once.
  const named = isOpen && wanted !== null ? rows.find(({ orderId }) => orderId === wanted) : undefined;
  return (
    <Frame isPending={pages.isPending} isEmpty={rows.length === 0} empty={isOpen ? 'emptyOpen' : 'emptyPast'} pages={pages}>
      <OrderTable rows={rows} isOpen={isOpen} onCancel={setCanceling} onEdit={setEditing} />
      <EditSheet
        order={editing ?? named ?? null}
        onClose={() => {
          setEditing(null);
          if (wanted !== null) router.replace('/orders');
        }}
      />
      <CancelSheet order={canceling} onClose={() => setCanceling(null)} />
      <span className="sr-only" role="status">
        {rows.length} {t('title')}
      </span>
    </Frame>
  );
}

function Trades() {
  const pages = useInfiniteQuery({
    queryKey: ['trades'],
    queryFn: ({ pageParam }) => api.trade.list(pageParam === undefined ? {} : { cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: 10_000,
  });
  const rows = pages.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <Frame isPending={pages.isPending} isEmpty={rows.length === 0} empty="emptyTrades" pages={pages}>
      <TradeTable rows={rows} />
    </Frame>
  );
}

function Frame(props: {
  readonly isPending: boolean;
  readonly isEmpty: boolean;
  readonly empty: 'emptyOpen' | 'emptyPast' | 'emptyTrades';
  readonly pages: Asked & { readonly hasNextPage: boolean; fetchNextPage(): unknown; readonly isFetchingNextPage: boolean };
  readonly children: ReactNode;
}) {
  const t = useTranslations();
  if (props.isPending) return <Skeleton className="h-96" />;
  return (
    <div className="space-y-3">
      <QueryNotes query={props.pages} />
      <div className="overflow-x-auto rounded-lg border border-line bg-card">
        {props.isEmpty ? (
          <Empty title={t(`orders.${props.empty}`)} text={t('orders.emptyOpenText')}>
            <LinkButton href="/search">{t('nav.search')}</LinkButton>
          </Empty>
        ) : (
          props.children
        )}
      </div>
      {props.pages.hasNextPage ? (
        <Button onClick={() => props.pages.fetchNextPage()} disabled={props.pages.isFetchingNextPage}>
          {t('panel.more')}
        </Button>
      ) : null}
    </div>
  );
}
