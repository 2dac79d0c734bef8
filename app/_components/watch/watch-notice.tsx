'use client';
/** A line on every page when something watched can be had at the price that was asked for, until it is read or gone (P-09, P-11). */
import { BellRing, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { formatYuan } from '#app/_client/format.ts';
import { useName } from '#app/_components/item-art.tsx';
import type { WatchedKind } from '#server/trpc/views.ts';
import { Link } from '../link.tsx';
import { useWatched } from './use-watched.ts';

/** What was read is told again only at another price. */
const tokenOf = ({ card }: WatchedKind): string => `${card.classId} ${card.lowestListingFen ?? ''}`;

export function WatchNotice() {
  const t = useTranslations('watch');
  const name = useName();
  const { data } = useWatched();
  const [read, setRead] = useState<readonly string[]>([]);
  const reached = (data ?? []).filter((kind) => kind.isReached && !read.includes(tokenOf(kind)));
  const [first, ...others] = reached;
  return (
    <div role="status">
      {first === undefined ? null : (
        <div className="border-b border-line bg-accent-soft text-[13px]" data-testid="watch-notice">
          <p className="mx-auto flex max-w-[1480px] items-center gap-2 px-3 py-1 sm:px-5">
            <BellRing size={15} className="flex-none text-accent" aria-hidden />
            <Link href={`/c/${first.card.classId}`} className="min-w-0 py-2 font-medium text-accent hover:underline sm:py-1">
              {t('notice', {
                name: name(first.card.names),
                price: formatYuan(first.card.lowestListingFen ?? '0'),
                more: others.length,
              })}
            </Link>
            <button
              type="button"
              aria-label={t('dismiss')}
              onClick={() => setRead([...read, ...reached.map(tokenOf)])}
              className="ms-auto inline-grid size-11 flex-none place-items-center rounded-md text-ink-2 hover:text-accent sm:size-8"
            >
              <X size={15} aria-hidden />
            </button>
          </p>
        </div>
      )}
    </div>
  );
}
