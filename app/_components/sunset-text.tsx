'use client';
/** What a notice of a game's end says (T-27). */
import { BellOff, type LucideIcon, Sunset } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { formatTime } from '#app/_client/format.ts';
import { NO_TERMS } from '#sandbox/packs/no-terms.ts';
import type { SunsetNotice as Notice, SilentNotice } from '#server/trpc/views.ts';
import { GameArchive } from './game-archive.tsx';
import { useName } from './item-art.tsx';
import { usePreferences } from './providers.tsx';

function Frame(props: { readonly icon: LucideIcon; readonly testId: string; readonly children: ReactNode }) {
  return (
    <section
      role="note"
      className="flex gap-3 rounded-lg border border-line-strong bg-amber-soft p-3 text-[13px] text-ink"
      data-testid={props.testId}
    >
      <props.icon size={18} className="mt-0.5 flex-none" aria-hidden />
      <div className="min-w-0 space-y-1">{props.children}</div>
    </section>
  );
}

export function NoticeText({ notice, children }: { readonly notice: Notice; readonly children?: ReactNode }) {
  const t = useTranslations('sunset');
  const name = useName();
  const { locale } = usePreferences();
  const game = notice.games.map(({ names }) => name(names)).join(locale === 'en' ? ', ' : '、');
  const isOver = notice.daysLeft === 0;
  return (
    <Frame icon={Sunset} testId="sunset">
      <p className="flex flex-wrap gap-x-3">
        <strong>{t(isOver ? 'over' : 'notice', { game })}</strong>
        <span className="num">{t('lastDayIs', { day: formatTime(locale, notice.lastDay, 'day') })}</span>
        {isOver ? null : <span className="num">{t('daysLeft', { days: notice.daysLeft })}</span>}
      </p>
      <p className="text-ink-2">
        {t(isOver ? 'overText' : 'noticeText')} {notice.hasSuccessor ? t('hasSuccessor') : null}
      </p>
      <p className="[overflow-wrap:anywhere]">
        <span className="text-ink-2">{t('refund')}</span> {notice.refundTerms === NO_TERMS ? t('noTerms') : notice.refundTerms}
      </p>
      {notice.file === null ? null : <GameArchive file={notice.file} />}
      {children}
    </Frame>
  );
}

/** That nobody hears of a studio (T-28): what happens when, and what stays. */
export function SilentText({ silent, children }: { readonly silent: SilentNotice; readonly children?: ReactNode }) {
  const t = useTranslations('sunset');
  const name = useName();
  const { locale } = usePreferences();
  return (
    <Frame icon={BellOff} testId="silent">
      <p className="flex flex-wrap gap-x-3">
        <strong>{t('silentNotice', { game: name(silent.names) })}</strong>
        <span className="num">{t('silentDays', { days: silent.days })}</span>
      </p>
      <p className="text-ink-2">{t('silentText', { day: formatTime(locale, silent.decidedAt, 'day') })}</p>
      {children}
    </Frame>
  );
}
