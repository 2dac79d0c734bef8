import { useTranslations } from 'use-intl';
import type { IsoText } from '#server/trpc/views.ts';
import { Time } from './ui.tsx';

/** How old sums are that are kept for everybody who asks. */
export function ReckonedAt({ at }: { readonly at: IsoText }) {
  const t = useTranslations('supervisor');
  return (
    <span className="whitespace-nowrap text-xs text-ink-3" data-reckoned={at}>
      {t('reckonedAt')} <Time at={at} style="clock" />
    </span>
  );
}
