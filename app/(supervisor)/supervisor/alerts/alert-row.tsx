'use client';
/** One alert in a line: score, what it says, how much evidence, what state. */
import clsx from 'clsx';
import { useTranslations } from 'use-intl';
import { useName } from '#app/_components/item-art.tsx';
import { Link } from '#app/_components/link.tsx';
import { Chip, type ChipTone, Time } from '#app/_components/ui.tsx';
import type { AlertLine } from '#server/trpc/views.ts';
import { shortenIds } from '../linked-text.tsx';

const TONES: Readonly<Record<AlertLine['state'], ChipTone>> = { new: 'accent', triaged: 'wait', case: 'bad', dismissed: 'plain' };

export function StateChip({ state }: { readonly state: AlertLine['state'] }) {
  const t = useTranslations('alerts');
  return <Chip tone={TONES[state]}>{t(`state.${state}`)}</Chip>;
}

/** The bar repeats the number for the eye. */
export function Score({ value, large = false }: { readonly value: number; readonly large?: boolean }) {
  const t = useTranslations('alerts');
  return (
    <span className="inline-flex items-center gap-2" title={t('score')}>
      <span className={clsx('num text-end font-semibold', large ? 'w-14 text-3xl' : 'w-8', value >= 60 ? 'text-red' : 'text-ink-2')}>
        {value}
      </span>
      <span className={clsx('h-1.5 overflow-hidden rounded bg-sunk', large ? 'w-28' : 'w-12')} aria-hidden>
        <span className={clsx('block h-full', value >= 60 ? 'bg-red' : 'bg-amber')} style={{ width: `${value}%` }} />
      </span>
    </span>
  );
}

export function AlertRow({ alert, isChosen = false }: { readonly alert: AlertLine; readonly isChosen?: boolean }) {
  const t = useTranslations('alerts');
  const name = useName();
  return (
    <Link
      href={`/supervisor/alerts/${alert.alertId}`}
      data-row-key={alert.alertId}
      aria-current={isChosen ? 'true' : undefined}
      className="grid gap-x-3 gap-y-1 px-4 py-2 -outline-offset-2 hover:bg-sunk aria-[current=true]:bg-accent-soft sm:grid-cols-[auto_minmax(0,1fr)_auto] sm:items-center"
    >
      <span className="flex items-center justify-between gap-3 sm:block">
        <Score value={alert.score} />
        <span className="sm:hidden">
          <StateChip state={alert.state} />
        </span>
      </span>
      <span className="min-w-0">
        <span className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-semibold">{name(alert.title)}</span>
          <span className="font-mono text-xs text-ink-3">{alert.detector}</span>
        </span>
        <span className="line-clamp-2 text-[13px] text-ink-2">{shortenIds(name(alert.explanation))}</span>
      </span>
      <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-3 sm:grid sm:grid-cols-[112px_72px_112px_72px] sm:text-end">
        <span className="num">
          {t('evidence')} {alert.evidence} · {t('accounts')} {alert.accounts}
        </span>
        <span className="font-semibold text-red empty:hidden sm:empty:block">{alert.isOverdue ? t('dueOver') : null}</span>
        <span>
          <Time at={alert.at} />
        </span>
        <span className="hidden sm:block">
          <StateChip state={alert.state} />
        </span>
      </span>
    </Link>
  );
}
