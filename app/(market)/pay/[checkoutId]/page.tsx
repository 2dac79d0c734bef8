'use client';
/** The simulated payment institution's own page for one payment order (P-21). With a real institution this page is theirs. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Landmark } from 'lucide-react';
import { useParams } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { Loaded, SignInFirst } from '#app/_components/loaded.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useMe } from '#app/_components/session.tsx';
import { TimeLeft } from '#app/_components/time-left.tsx';
import { Button, Chip, LinkButton, PageTitle, Skeleton, Time, Yuan } from '#app/_components/ui.tsx';
import type { CheckoutView, Refusal } from '#server/trpc/views.ts';

const WAYS = ['at_once', 'slow', 'declined'] as const;

export default function PayPage() {
  const t = useTranslations('checkout');
  const simulated = useTranslations('money')('simulated');
  const me = useMe();
  const { checkoutId } = useParams<{ checkoutId: string }>();
  const checkout = useQuery({
    queryKey: ['checkout', checkoutId],
    queryFn: () => api.checkout.get(checkoutId),
    enabled: me !== null && me !== undefined,
    // The payment order reaches the institution a moment after the reservation.
    retry: 5,
    retryDelay: 400,
    refetchInterval: ({ state }) => (state.data?.state === 'open' || state.data?.state === 'accepted' ? 1_000 : false),
  });
  if (me === null) return <SignInFirst />;
  return (
    <div className="mx-auto max-w-xl space-y-4">
      <PageTitle text={t('title')} />
      <header className="flex items-center gap-3 rounded-lg border border-line bg-card p-4">
        <Landmark size={28} className="text-accent" aria-hidden />
        <h1 className="min-w-0 flex-1 text-lg font-bold">{t('institution')}</h1>
        <Chip tone="wait">{simulated}</Chip>
      </header>
      <p className="rounded-md border border-amber/40 bg-amber-soft p-3 text-[13px]" role="note">
        {t('simulated')}
      </p>
      <Loaded query={checkout} skeleton={<Skeleton className="h-72" />}>
        {(data) => <Desk checkout={data} />}
      </Loaded>
    </div>
  );
}

function Desk({ checkout }: { readonly checkout: CheckoutView }) {
  const t = useTranslations();
  const queryClient = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const pay = (way: (typeof WAYS)[number]) => {
    setBusy(true);
    setRefusal(null);
    api.checkout
      .pay({ checkoutId: checkout.checkoutId, way })
      .then(() => queryClient.invalidateQueries())
      .catch((error: unknown) => setRefusal(readRefusal(error)))
      .finally(() => setBusy(false));
  };
  return (
    <section className="notch space-y-4 border border-line bg-card p-5">
      <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-6 gap-y-2">
        <dt className="text-ink-3">{t('checkout.amount')}</dt>
        <dd className="text-end text-2xl font-bold">
          <Yuan fen={checkout.amountFen} />
        </dd>
        <dt className="text-ink-3">{t('checkout.until')}</dt>
        <dd className="text-end">
          <Time at={checkout.expiresAt} style="full" />
        </dd>
        <dt className="text-ink-3">{t('orders.state')}</dt>
        <dd className="text-end">
          <span role="status">
            {checkout.state === 'open' ? <TimeLeft until={checkout.expiresAt} soon="hour" isTicking /> : null}{' '}
            <Chip tone={checkout.state === 'done' ? 'good' : checkout.state === 'failed' ? 'bad' : 'wait'}>
              {t(`checkout.state.${checkout.state}`)}
            </Chip>
          </span>
        </dd>
      </dl>
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      {checkout.state === 'open' ? (
        <div className="space-y-2">
          {WAYS.map((way) => (
            <Button
              key={way}
              tone={way === 'at_once' ? 'primary' : 'plain'}
              className="min-h-11 w-full"
              disabled={isBusy}
              onClick={() => pay(way)}
            >
              {isBusy ? t('checkout.sending') : t(`checkout.ways.${way}`)}
            </Button>
          ))}
        </div>
      ) : null}
      <LinkButton href={`/trades/${checkout.tradeId}`}>{t('checkout.back')}</LinkButton>
    </section>
  );
}
