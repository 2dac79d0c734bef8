'use client';
/** The way to the inbox in the top bar, with the count of what is unread, live (P-40). */
import { useQuery } from '@tanstack/react-query';
import { Bell } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import type { Me } from '#server/trpc/views.ts';
import { INBOX_MESSAGES } from './inbox-messages.ts';
import { Link } from './link.tsx';
import { useRoom } from './use-room.ts';

const LIVE_MS = 60_000;
const POLL_MS = 10_000;

export function InboxBell({ me }: { readonly me: Me }) {
  const t = useTranslations('inbox');
  const isLive = useRoom('/player', `player:${me.acct}`, [['inbox']], INBOX_MESSAGES);
  const { data } = useQuery({
    queryKey: ['inbox', 'unread', me.acct],
    queryFn: () => api.inbox.unread(),
    refetchInterval: isLive ? LIVE_MS : POLL_MS,
  });
  const count = data?.count ?? 0;
  const shown = `${count}${data?.isMore === true ? '+' : ''}`;
  return (
    <Link
      href="/inbox"
      aria-label={t('bell', { count, shown })}
      data-testid="inbox-bell"
      className="relative inline-grid size-11 flex-none place-items-center rounded-md text-ink-2 hover:bg-accent-soft hover:text-accent sm:size-9"
    >
      <Bell size={17} aria-hidden />
      {count === 0 ? null : (
        <span
          aria-hidden
          className="num absolute end-0.5 top-1 min-w-4 rounded-full bg-red px-1 text-center text-[10px] leading-4 font-semibold text-card sm:top-0"
        >
          {shown}
        </span>
      )}
    </Link>
  );
}
