'use client';
/** How long until a clock ends (Q-04, V-15): the one way of saying it, read first of a term, beside its date. Amber when little is left, red
 *  once it is over. */
import { useTranslations } from 'use-intl';
import type { IsoText } from '#server/trpc/views.ts';
import { useNow } from './providers.tsx';

const [SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS] = [1_000, 60_000, 3_600_000, 86_400_000];

type Props = {
  readonly until: IsoText;
  /** From when on little is left: a day of terms that run for days, and of those of minutes and hours an hour. */
  readonly soon?: 'day' | 'hour';
  /** Below an hour by the second, for what is paid meanwhile; not read aloud each second. */
  readonly isTicking?: boolean;
};

export function TimeLeft({ until, soon = 'day', isTicking = false }: Props) {
  const t = useTranslations('timeLeft');
  const now = useNow(isTicking ? SECOND_MS : MINUTE_MS / 2);
  if (now === null) return null;
  const left = Date.parse(until) - now;
  if (left <= 0) return <strong className="text-red">{t('over')}</strong>;
  const isSoon = left < (soon === 'day' ? DAY_MS : HOUR_MS);
  return (
    <strong className={`num ${isSoon ? 'text-amber' : ''}`} role={isTicking ? 'timer' : undefined}>
      {t('left', { time: t(...spanOf(left, isTicking)) })}
    </strong>
  );
}

/** The two largest units that it fills: more is noise. */
function spanOf(left: number, isTicking: boolean): [`span.${'days' | 'hours' | 'minutes' | 'seconds'}`, Record<string, number>] {
  const [days, hours] = [Math.floor(left / DAY_MS), Math.floor((left % DAY_MS) / HOUR_MS)];
  const [minutes, seconds] = [Math.floor((left % HOUR_MS) / MINUTE_MS), Math.floor((left % MINUTE_MS) / SECOND_MS)];
  if (days > 0) return ['span.days', { days, hours }];
  if (hours > 0) return ['span.hours', { hours, minutes }];
  return isTicking ? ['span.seconds', { minutes, seconds }] : ['span.minutes', { minutes }];
}
