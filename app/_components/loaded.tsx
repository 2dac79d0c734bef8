'use client';
/** The five conditions of everything that loads: loading in the final shape, empty, failing without losing what was there,
 *  stale with its age, offline. */
import type { UseQueryResult } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { browserClock } from '#app/_client/clock.ts';
import { formatSeconds } from '#app/_client/format.ts';
import { Empty } from './empty.tsx';
import { useNow, useOnline } from './providers.tsx';
import { RefusalNote } from './refusal-note.tsx';
import { Button, LinkButton } from './ui.tsx';

const STALE_AFTER_MS = 60_000;

export function Loaded<T>(props: {
  readonly query: UseQueryResult<T>;
  readonly skeleton: ReactNode;
  readonly children: (data: T) => ReactNode;
}) {
  const t = useTranslations('panel');
  const { query } = props;
  const retry = (
    <Button onClick={() => void query.refetch()} disabled={query.isFetching}>
      <RotateCw size={14} aria-hidden /> {t('retry')}
    </Button>
  );
  if (query.data === undefined) {
    if (!query.isError) {
      return (
        <div aria-busy="true">
          <span className="sr-only">{t('loading')}</span>
          {props.skeleton}
        </div>
      );
    }
    const refusal = readRefusal(query.error);
    if (refusal.code === 'sign_in_required') return <SignInFirst />;
    return <RefusalNote refusal={refusal}>{retry}</RefusalNote>;
  }
  return (
    <>
      {query.isError ? (
        <div className="mb-3">
          <RefusalNote refusal={readRefusal(query.error)}>{retry}</RefusalNote>
        </div>
      ) : null}
      <StaleMark updatedAt={query.dataUpdatedAt} />
      {props.children(query.data)}
    </>
  );
}

/** Says how old the data is once it is older than a minute and cannot be refreshed. */
function StaleMark({ updatedAt }: { readonly updatedAt: number }) {
  const t = useTranslations('panel');
  const now = useNow(10_000);
  const isOnline = useOnline();
  // The query cache knows the machine's time alone.
  const ageMs = now === null ? 0 : now - browserClock.offsetMs() - updatedAt;
  if (isOnline || ageMs < STALE_AFTER_MS) return null;
  return <p className="mb-2 text-xs text-amber">{t('stale', { age: formatSeconds(ageMs / 1_000) })}</p>;
}

export function SignInFirst() {
  const t = useTranslations();
  return (
    <div className="rounded-lg border border-line bg-card">
      <Empty title={t('panel.signInFirst')} text={t('panel.signInFirstText')}>
        <LinkButton tone="primary" href="/sign-in">
          {t('nav.signIn')}
        </LinkButton>
        <LinkButton href="/join">{t('nav.join')}</LinkButton>
      </Empty>
    </div>
  );
}
