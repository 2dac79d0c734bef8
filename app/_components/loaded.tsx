'use client';
/** The five conditions of everything that loads: loading in the final shape, empty, failing without losing what was there,
 *  stale with its age, offline. */
import type { UseQueryResult } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import { type ReactNode, useSyncExternalStore } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { browserClock } from '#app/_client/clock.ts';
import { formatSeconds } from '#app/_client/format.ts';
import { reach } from '#app/_client/reach.ts';
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
    return (
      <RefusalNote refusal={refusal}>
        <Retry query={query} />
      </RefusalNote>
    );
  }
  return (
    <>
      <QueryNotes query={query} />
      {props.children(query.data)}
    </>
  );
}

/** What a query tells of itself, whether it is of one answer or of pages. */
export type Asked = Pick<UseQueryResult, 'isError' | 'error' | 'isFetching' | 'failureCount' | 'dataUpdatedAt'> & { refetch(): unknown };

/** Above what was there: why it could not be had anew, and how old it is. For lists of several pages, too. */
export function QueryNotes({ query }: { readonly query: Asked }) {
  return (
    <>
      {query.isError ? (
        <div className="mb-3">
          <RefusalNote refusal={readRefusal(query.error)}>
            <Retry query={query} />
          </RefusalNote>
        </div>
      ) : null}
      {query.dataUpdatedAt === 0 ? null : <StaleMark updatedAt={query.dataUpdatedAt} isFailing={query.failureCount > 0} />}
    </>
  );
}

function Retry({ query }: { readonly query: Asked }) {
  const t = useTranslations('panel');
  return (
    <Button onClick={() => void query.refetch()} disabled={query.isFetching}>
      <RotateCw size={14} aria-hidden /> {t('retry')}
    </Button>
  );
}

/** Says how old the data is once it is older than a minute and cannot be refreshed: offline, refused, or nobody answers. */
function StaleMark({ updatedAt, isFailing }: { readonly updatedAt: number; readonly isFailing: boolean }) {
  const t = useTranslations('panel');
  const now = useNow(10_000);
  const isOnline = useOnline();
  const isWhole = useSyncExternalStore(reach.subscribe, reach.isWhole, () => true);
  // The query cache knows the machine's time alone.
  const ageMs = now === null ? 0 : now - browserClock.offsetMs() - updatedAt;
  if ((isOnline && isWhole && !isFailing) || ageMs < STALE_AFTER_MS) return null;
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
