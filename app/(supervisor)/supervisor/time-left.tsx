'use client';
/** How long until a clock ends (V-15): what is read first of a term, beside its date. Red once it is over. */
import { useTranslations } from 'use-intl';
import { useNow } from '#app/_components/providers.tsx';
import type { IsoText } from '#server/trpc/views.ts';

const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];

export function TimeLeft({ until }: { readonly until: IsoText }) {
  const t = useTranslations('cases');
  const now = useNow(MINUTE_MS / 2);
  if (now === null) return null;
  const left = Date.parse(until) - now;
  if (left <= 0) return <strong className="text-red">{t('dueOver')}</strong>;
  const [days, hours, minutes] = [
    Math.floor(left / DAY_MS),
    Math.floor((left % DAY_MS) / HOUR_MS),
    Math.floor((left % HOUR_MS) / MINUTE_MS),
  ];
  const time =
    days > 0 ? t('span.days', { days, hours }) : hours > 0 ? t('span.hours', { hours, minutes }) : t('span.minutes', { minutes });
  return <strong className={`num ${days === 0 ? 'text-amber' : ''}`}>{t('left', { time })}</strong>;
}
