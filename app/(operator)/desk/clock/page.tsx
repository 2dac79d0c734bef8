'use client';
/** The movable clock of a demonstration (O-25). */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FastForward } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatTime } from '#app/_client/format.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { useAheadText } from '#app/_components/moved-clock.tsx';
import { useNow, usePreferences } from '#app/_components/providers.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Button, LinkButton, PageTitle, Panel, Skeleton, Stat, Time } from '#app/_components/ui.tsx';
import type { ClockStep, ClockView } from '#server/trpc/views.ts';

const STEPS: readonly ClockStep[] = ['15m', '24h', '72h', '7d'];

export default function ClockPage() {
  const t = useTranslations('clock');
  const nav = useTranslations('nav');
  const staff = useStaff();
  const isAllowed = staff?.role === 'operator';
  const query = useQuery({ queryKey: ['clock'], queryFn: () => api.clock.get(), enabled: isAllowed, retry: false });
  if (staff === undefined) return <Skeleton className="h-[60vh]" />;
  if (!isAllowed) {
    return (
      <Empty title={t('roleNeeded')} isPage>
        <LinkButton href="/sign-in">{nav('signIn')}</LinkButton>
      </Empty>
    );
  }
  return (
    <div className="mx-auto max-w-3xl space-y-4">
      <PageTitle text={t('title')} />
      <header>
        <h1 className="text-xl font-bold">{t('title')}</h1>
        <p className="text-[13px] text-ink-2">{t('lead')}</p>
      </header>
      <Loaded query={query} skeleton={<Skeleton className="h-96" />}>
        {(view) => (
          <>
            <Mover view={view} />
            <Moves view={view} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function Mover({ view }: { readonly view: ClockView }) {
  const t = useTranslations('clock');
  const { locale } = usePreferences();
  const ahead = useAheadText();
  const now = useNow();
  const queryClient = useQueryClient();
  const [chosen, setChosen] = useState<ClockStep | null>(null);
  const move = useMutation({
    mutationFn: (step: ClockStep) => api.clock.forward(step, view.offsetMs),
    onSettled: () => {
      setChosen(null);
      // Everything on screen may have come due.
      void queryClient.invalidateQueries();
    },
  });
  return (
    <Panel title={t('forward')}>
      <dl className="mb-4 grid gap-4 sm:grid-cols-2">
        <Stat label={t('now')} large>
          {formatTime(locale, now === null ? view.now : new Date(now).toISOString(), 'full')}
        </Stat>
        <Stat label={t('ahead')} large>
          {view.offsetMs === 0 ? t('notMoved') : ahead(view.offsetMs)}
        </Stat>
      </dl>
      {chosen === null ? (
        <div className="flex flex-wrap gap-2">
          {STEPS.map((step) => (
            <Button key={step} onClick={() => setChosen(step)} data-clock-step={step}>
              <FastForward size={15} aria-hidden /> {t(`step.${step}`)}
            </Button>
          ))}
        </div>
      ) : (
        <div className="space-y-3">
          <p className="font-medium">{t('confirm', { step: t(`step.${chosen}`) })}</p>
          <div className="flex flex-wrap gap-2">
            <Button tone="primary" disabled={move.isPending} onClick={() => move.mutate(chosen)} autoFocus>
              {t('yes')}
            </Button>
            <Button tone="quiet" disabled={move.isPending} onClick={() => setChosen(null)}>
              {t('cancel')}
            </Button>
          </div>
        </div>
      )}
      <p role="status" className="mt-3 min-h-5 text-[13px] text-ink-2">
        {move.isPending ? t('moving') : move.data === undefined ? null : t('done', { at: formatTime(locale, move.data.now, 'full') })}
      </p>
      {move.isError ? <RefusalNote refusal={readRefusal(move.error)} /> : null}
    </Panel>
  );
}

function Moves({ view }: { readonly view: ClockView }) {
  const t = useTranslations('clock');
  const ahead = useAheadText();
  if (view.moves.length === 0) return <Panel title={t('history')}>{t('none')}</Panel>;
  return (
    <Panel title={t('history')} flush>
      <table className="data-table as-cards">
        <thead>
          <tr>
            <th>{t('when')}</th>
            <th>{t('who')}</th>
            <th className="end">{t('total')}</th>
          </tr>
        </thead>
        <tbody>
          {view.moves.map((move) => (
            <tr key={move.offsetMs}>
              <td data-label={t('when')}>
                <Time at={move.at} style="full" />
              </td>
              <td data-label={t('who')}>{move.by}</td>
              <td data-label={t('total')} className="end num">
                {ahead(move.offsetMs)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
