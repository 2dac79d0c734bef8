'use client';
/** A line on every page while a supervisor waits for an answer of whoever is signed in (V-14). */
import { useQuery } from '@tanstack/react-query';
import { MessageCircleQuestionMark } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { useMe } from '#app/_components/session.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import { Link } from './link.tsx';

const MESSAGES = ['notice'];

export function InquiryNotice() {
  const t = useTranslations('inquiries');
  const me = useMe();
  useRoom('/player', me ? `player:${me.acct}` : null, [['inquiries']], MESSAGES);
  const query = useQuery({
    queryKey: ['inquiries', 'player'],
    queryFn: () => api.inquiries('player'),
    enabled: Boolean(me),
    refetchInterval: 60_000,
  });
  const count = (query.data ?? []).filter(({ state }) => state === 'open').length;
  return (
    <div role="status">
      {count === 0 ? null : (
        <div className="border-b border-line bg-accent-soft text-[13px]" data-testid="inquiry-notice">
          <p className="mx-auto flex max-w-[1480px] items-center gap-2 px-3 py-1 sm:px-5">
            <MessageCircleQuestionMark size={15} className="flex-none text-accent" aria-hidden />
            <Link href="/portfolio#inquiries" className="py-2 font-medium text-accent hover:underline sm:py-1">
              {t('notice', { count })}
            </Link>
          </p>
        </div>
      )}
    </div>
  );
}
