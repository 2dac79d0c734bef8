'use client';
/** What is held of my own account, why and until when (P-08, P-33). It goes by itself. */
import { ShieldAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { formatTime } from '#app/_client/format.ts';
import type { Me } from '#server/trpc/views.ts';
import { usePreferences } from './providers.tsx';
import { TextLink } from './ui.tsx';

export function HoldBanner({ me }: { readonly me: Me }) {
  const t = useTranslations('holds');
  const { locale } = usePreferences();
  if (me.holds.length === 0) return null;
  return (
    <div role="status" className="border-b border-amber/40 bg-amber-soft text-[13px] text-ink" data-testid="holds">
      {me.holds.map(({ code, until }) => {
        const isTakeover = code.includes('takeover');
        // It ends with the check, not with time.
        const isCheck = code === 'identity_check_sale';
        // Its end moves while it lasts.
        const isReview = code === 'review_withdrawal';
        const held = (['sale', 'gift', 'withdrawal'] as const).filter((act) => code.includes(act)).map((act) => t(`act.${act}`));
        return (
          <p key={code} data-hold={code} className="mx-auto flex max-w-[1480px] flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 sm:px-5">
            <ShieldAlert size={16} className="flex-none" aria-hidden />
            <strong>
              {t(isReview ? 'review' : isCheck ? 'check' : isTakeover ? 'takeover' : held.length === 0 ? 'falseClaim' : 'other')}
            </strong>
            {held.length === 0 ? null : <span>{t('held', { acts: held.join(t('and')) })}</span>}
            {isCheck ? null : <span className="num">{t(isReview ? 'expected' : 'until', { at: formatTime(locale, until, 'full') })}</span>}
            <span>{t('free')}</span>
            {isCheck ? (
              <TextLink href="/settings/identity" className="inline-flex min-h-11 items-center underline sm:min-h-0">
                {t('toCheck')}
              </TextLink>
            ) : null}
            {isTakeover ? (
              <TextLink href="/disputes" className="inline-flex min-h-11 items-center underline sm:min-h-0">
                {t('claims')}
              </TextLink>
            ) : null}
          </p>
        );
      })}
    </div>
  );
}
