'use client';
/** The public notice that a game ends (T-27), where something of it is shown: last day, refunds, the way to keep what one has. */
import { useQuery } from '@tanstack/react-query';
import { Sunset } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatTime } from '#app/_client/format.ts';
import type { SunsetNotice as Notice } from '#server/trpc/views.ts';
import { GameArchive } from './game-archive.tsx';
import { useName } from './item-art.tsx';
import { usePreferences } from './providers.tsx';

const POLL_MS = 60_000;

/** `children`: what whoever reads it can do. */
export function SunsetNotice({ gameIds, children }: { readonly gameIds: readonly string[]; readonly children?: ReactNode }) {
  const query = useQuery({ queryKey: ['sunsets'], queryFn: () => api.market.listSunsets(), refetchInterval: POLL_MS });
  const notices = (query.data ?? []).flatMap((notice) => {
    const games = notice.games.filter(({ gameId }) => gameIds.includes(gameId));
    return games.length === 0 ? [] : [{ ...notice, games }];
  });
  if (notices.length === 0) return null;
  return notices.map((notice) => (
    <NoticeText key={notice.games.map(({ gameId }) => gameId).join()} notice={notice}>
      {children}
    </NoticeText>
  ));
}

export function NoticeText({ notice, children }: { readonly notice: Notice; readonly children?: ReactNode }) {
  const t = useTranslations('sunset');
  const name = useName();
  const { locale } = usePreferences();
  const game = notice.games.map(({ names }) => name(names)).join(locale === 'en' ? ', ' : '、');
  const isOver = notice.daysLeft === 0;
  return (
    <section
      role="note"
      className="flex gap-3 rounded-lg border border-line-strong bg-amber-soft p-3 text-[13px] text-ink"
      data-testid="sunset"
    >
      <Sunset size={18} className="mt-0.5 flex-none" aria-hidden />
      <div className="min-w-0 space-y-1">
        <p className="flex flex-wrap gap-x-3">
          <strong>{t(isOver ? 'over' : 'notice', { game })}</strong>
          <span className="num">{t('lastDayIs', { day: formatTime(locale, notice.lastDay, 'day') })}</span>
          {isOver ? null : <span className="num">{t('daysLeft', { days: notice.daysLeft })}</span>}
        </p>
        <p className="text-ink-2">
          {t(isOver ? 'overText' : 'noticeText')} {notice.hasSuccessor ? t('hasSuccessor') : null}
        </p>
        <p className="[overflow-wrap:anywhere]">
          <span className="text-ink-2">{t('refund')}</span> {notice.refundTerms}
        </p>
        {notice.file === null ? null : <GameArchive file={notice.file} />}
        {children}
      </div>
    </section>
  );
}
