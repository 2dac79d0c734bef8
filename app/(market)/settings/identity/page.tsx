'use client';
/** People who sell are verified again (CN-MK-11): when it was, when it is due, what stops when it is late, and the check itself. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { Loaded, SignInFirst } from '#app/_components/loaded.tsx';
import { usePassphrase } from '#app/_components/passphrase.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useMe } from '#app/_components/session.tsx';
import { Button, PageTitle, Panel, Skeleton, Stat, Time } from '#app/_components/ui.tsx';
import type { Me, SellerCheckView } from '#server/trpc/views.ts';

const KEY = ['sellerCheck'];

export default function IdentityPage() {
  const t = useTranslations('sellerCheck');
  const me = useMe();
  const query = useQuery({ queryKey: KEY, queryFn: () => api.account.sellerCheck(), enabled: me !== null && me !== undefined });
  if (me === null) return <SignInFirst />;
  return (
    <div className="max-w-2xl space-y-4">
      <PageTitle text={t('title')} />
      <Loaded query={query} skeleton={<Skeleton className="h-80" />}>
        {(check) => (
          <>
            <header>
              <h1 className="text-xl font-bold">{t('title')}</h1>
              <p className="text-[13px] text-ink-2">{t('lead', { months: String(check.months) })}</p>
            </header>
            <State check={check} />
            {me === undefined || check.dueAt === null ? null : <CheckForm me={me} />}
          </>
        )}
      </Loaded>
    </div>
  );
}

function State({ check: { verifiedAt, provider, dueAt, isOverdue } }: { readonly check: SellerCheckView }) {
  const t = useTranslations('sellerCheck');
  return (
    <Panel>
      <dl className="grid gap-4 sm:grid-cols-3">
        <Stat label={t('verifiedAt')}>{verifiedAt === null ? '—' : <Time at={verifiedAt} style="full" />}</Stat>
        <Stat label={t('provider')}>{provider === 'simulated' ? t('simulated') : (provider ?? '—')}</Stat>
        <Stat label={t('dueAt')}>{dueAt === null ? '—' : <Time at={dueAt} style="full" />}</Stat>
      </dl>
      <p
        role={isOverdue ? 'alert' : undefined}
        data-check={dueAt === null ? 'none' : isOverdue ? 'overdue' : 'open'}
        className={`mt-4 border-t border-line pt-3 text-[13px] ${isOverdue ? 'font-semibold text-red' : 'text-ink-2'}`}
      >
        {dueAt === null ? t('none') : isOverdue ? t('overdue') : t('open')}
      </p>
    </Panel>
  );
}

function CheckForm({ me }: { readonly me: Me }) {
  const t = useTranslations('sellerCheck');
  const queryClient = useQueryClient();
  const { field, passphrase, isReady } = usePassphrase(me);
  const check = useMutation({
    mutationFn: async () => {
      const { askAgain } = await import('#app/_client/keys/ask-again.ts');
      return api.account.checkSeller(await askAgain(me, passphrase, 'daoju.seller-check/1', {}));
    },
    onSettled: () => Promise.all([KEY, ['me']].map((queryKey) => queryClient.invalidateQueries({ queryKey }))),
  });
  return (
    <Panel>
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          check.mutate();
        }}
      >
        <p className="text-[13px] text-ink-2">{t('how')}</p>
        {field}
        {check.isError ? <RefusalNote refusal={readRefusal(check.error)} /> : null}
        <Button type="submit" tone="primary" disabled={check.isPending || !isReady}>
          {check.isPending ? t('checking') : t('check')}
        </Button>
      </form>
    </Panel>
  );
}
