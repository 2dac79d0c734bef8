'use client';
/** Offers that I have a side in (P-24): each thread with both people's steps, and what I may do about the one that stands. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { Empty } from '#app/_components/empty.tsx';
import type { OrderDraft } from '#app/_components/order-sheet/draft.ts';
import { OrderSheet } from '#app/_components/order-sheet/lazy-order-sheet.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { LinkButton, Skeleton } from '#app/_components/ui.tsx';
import type { OfferList as Offers, OrderView } from '#server/trpc/views.ts';
import { CancelSheet } from './cancel-sheet.tsx';
import { OfferThread } from './offer-thread.tsx';

export function OfferList() {
  const t = useTranslations();
  const [draft, setDraft] = useState<OrderDraft | null>(null);
  const [withdrawing, setWithdrawing] = useState<OrderView | null>(null);
  const offers = useQuery({ queryKey: ['offers'], queryFn: () => api.offer.list(), refetchInterval: 10_000 });
  if (offers.data === undefined)
    return offers.error === null ? <Skeleton className="h-96" /> : <RefusalNote refusal={readRefusal(offers.error)} />;
  const { rows, open, openMax, height } = offers.data;
  return (
    <div className="space-y-4">
      {offers.error === null ? null : <RefusalNote refusal={readRefusal(offers.error)} />}
      <TakesOffers offers={offers.data} />
      {rows.length === 0 ? (
        <div className="rounded-lg border border-line bg-card">
          <Empty title={t('offers.empty')} text={t('offers.emptyText')}>
            <LinkButton href="/search">{t('nav.search')}</LinkButton>
          </Empty>
        </div>
      ) : (
        <>
          <p className="num text-[13px] text-ink-2" role="status">
            {t('offers.count', { open, most: openMax })}
          </p>
          <ul className="grid items-start gap-3 lg:grid-cols-2">
            {rows.map((thread) => (
              <OfferThread key={thread.offerId} thread={thread} onStart={setDraft} onWithdraw={setWithdrawing} />
            ))}
          </ul>
          <p className="num text-xs text-ink-3">{t('foot.height', { height: formatCount(height) })}</p>
        </>
      )}
      <OrderSheet draft={draft} onClose={() => setDraft(null)} />
      <CancelSheet order={withdrawing} isOffer onClose={() => setWithdrawing(null)} />
    </div>
  );
}

/** Whether one takes offers on what is not listed. */
function TakesOffers({ offers }: { readonly offers: Offers }) {
  const t = useTranslations('offers');
  const queryClient = useQueryClient();
  const allow = useMutation({
    mutationFn: (takesOffers: boolean) => api.offer.allow(takesOffers),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['offers'] }),
  });
  return (
    <div className="rounded-lg border border-line bg-card p-3">
      <label className="flex min-h-11 items-center gap-3 font-medium sm:min-h-9">
        <input
          type="checkbox"
          className="size-5 accent-accent"
          checked={allow.isPending ? allow.variables : offers.takesOffers}
          disabled={allow.isPending}
          onChange={(event) => allow.mutate(event.target.checked)}
        />
        {t('takes')}
      </label>
      <p className="text-xs text-ink-3">{t('takesText')}</p>
      {allow.error === null ? null : <RefusalNote refusal={readRefusal(allow.error)} />}
    </div>
  );
}
