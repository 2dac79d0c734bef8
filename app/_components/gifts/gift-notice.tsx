'use client';
/** A line on every page while gifts wait for whoever is signed in (P-28). */
import { Gift as GiftIcon } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useMe } from '#app/_components/session.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import { Link } from '../link.tsx';
import { useWaitingGifts } from './use-gifts.ts';

const GIFT_MESSAGES = ['gift.updated'];

export function GiftNotice() {
  const t = useTranslations('gifts');
  const me = useMe();
  useRoom('/player', me ? `player:${me.acct}` : null, [['gifts'], ['portfolio']], GIFT_MESSAGES);
  const waiting = useWaitingGifts();
  return (
    <div role="status">
      {waiting === 0 ? null : (
        <div className="border-b border-line bg-accent-soft text-[13px]" data-testid="gift-notice">
          <p className="mx-auto flex max-w-[1480px] items-center gap-2 px-3 py-1 sm:px-5">
            <GiftIcon size={15} className="flex-none text-accent" aria-hidden />
            <Link href="/portfolio#gifts" className="py-2 font-medium text-accent hover:underline sm:py-1">
              {t('notice', { count: waiting })}
            </Link>
          </p>
        </div>
      )}
    </div>
  );
}
