'use client';
/** The watch list on the front page: what each kind costs now, what has become of its price, and what has come down to yours (P-09). */
import { X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Empty } from '#app/_components/empty.tsx';
import { KindLine, useName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { useMe } from '#app/_components/session.tsx';
import { Chip, LinkButton, Panel, Skeleton, Yuan } from '#app/_components/ui.tsx';
import type { WatchedKind } from '#server/trpc/views.ts';
import { useWatchActs, useWatched } from './use-watched.ts';

export function WatchPanel() {
  const t = useTranslations('watch');
  const me = useMe();
  const watched = useWatched();
  if (!me) return null;
  return (
    <Panel title={t('title')} flush>
      <Loaded query={watched} skeleton={<Skeleton className="h-36" />}>
        {(kinds) =>
          kinds.length === 0 ? (
            <Empty title={t('empty')} text={t('emptyText')}>
              <LinkButton href="/search">{t('toMarket')}</LinkButton>
            </Empty>
          ) : (
            <ul className="max-h-96 divide-y divide-line overflow-y-auto">
              {kinds.map((kind) => (
                <Row key={kind.card.classId} kind={kind} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Row({ kind }: { readonly kind: WatchedKind }) {
  const t = useTranslations();
  const name = useName();
  const acts = useWatchActs(kind.card.classId);
  const { card, belowFen, changeFen, isReached } = kind;
  return (
    <li className="flex items-center gap-2 py-1.5 ps-4 pe-2" data-watched={card.classId}>
      <div className="min-w-0 flex-1">
        <KindLine href={`/c/${card.classId}`} names={card.names} icon={card.icon} rarity={card.rarity} />
      </div>
      <div className="text-end text-[13px]">
        {card.lowestListingFen === null ? (
          <span className="text-ink-3">{t('card.noListing')}</span>
        ) : (
          <Yuan fen={card.lowestListingFen} className="font-semibold" />
        )}
        <p className="text-xs text-ink-3">
          {changeFen === null || changeFen === '0' ? t('watch.unchanged') : <Yuan fen={changeFen} signed />}
        </p>
        {belowFen === null ? null : (
          <p className="text-xs text-ink-3">
            {isReached ? <Chip tone="good">{t('watch.reached')}</Chip> : t('watch.upTo')} <Yuan fen={belowFen} />
          </p>
        )}
      </div>
      <button
        type="button"
        aria-label={t('watch.removeOne', { name: name(card.names) })}
        disabled={acts.isSending}
        onClick={acts.remove}
        className="inline-grid size-11 flex-none place-items-center rounded-md text-ink-3 hover:bg-accent-soft hover:text-accent sm:size-8"
      >
        <X size={15} aria-hidden />
      </button>
    </li>
  );
}
