'use client';
/** How an item looks: its plate, its rarity (dots and word, never colour alone), its name in the reader's language. */
import clsx from 'clsx';
import { useTranslations } from 'use-intl';
import { rarityDots, rarityName, refinementName, typeName } from '#app/_client/catalogue-words.ts';
import { cleanName } from '#app/_client/format.ts';
import type { ClassCard, Names } from '#server/trpc/views.ts';
import { Link } from './link.tsx';
import { usePreferences } from './providers.tsx';
import { Yuan } from './ui.tsx';

const SIZES = {
  row: 'size-10 [--cut:7px]',
  card: 'aspect-[16/10] w-full [--cut:16px]',
  small: 'size-14 [--cut:10px]',
  hero: 'size-28 sm:size-40 [--cut:24px]',
} as const;

export function Plate(props: {
  readonly icon: string;
  readonly rarity: string | null;
  readonly category?: string;
  readonly size: keyof typeof SIZES;
}) {
  return (
    <span className={clsx('plate', SIZES[props.size])} data-rarity={props.rarity ?? 'none'} data-category={props.category}>
      <Picture icon={props.icon} />
    </span>
  );
}

/** The studio's own art by the digest of its bytes, or an icon of ours. The name beside it says what it shows. */
function Picture({ icon }: { readonly icon: string }) {
  if (icon.startsWith('sm3:')) {
    // biome-ignore lint/performance/noImgElement: the digest names these very bytes; a resized copy would be others
    return <img src={`/media/${icon.slice(4)}`} alt="" loading="lazy" decoding="async" />;
  }
  return (
    <svg aria-hidden="true" focusable="false">
      <use href={`/art/sprite.svg#${icon}`} />
    </svg>
  );
}

export function Rarity({ rarity, refinement = null }: { readonly rarity: string | null; readonly refinement?: string | null }) {
  const { locale } = usePreferences();
  const dots = rarityDots(rarity);
  const name = rarityName(rarity, locale);
  const refined = refinementName(refinement, locale);
  if (name === null && refined === null) return null;
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      {name === null ? null : (
        <span
          className={clsx(
            'inline-flex items-center gap-1',
            {
              Common: 'text-[var(--rarity-common)]',
              Uncommon: 'text-[var(--rarity-uncommon)]',
              Rare: 'text-[var(--rarity-rare)]',
              Legendary: 'text-[var(--rarity-legendary)]',
            }[rarity ?? ''],
          )}
        >
          <span aria-hidden className="tracking-[-0.1em]">
            {'●'.repeat(dots)}
          </span>
          {name}
        </span>
      )}
      {refined === null ? null : <span className="text-ink-2">{refined}</span>}
    </span>
  );
}

/** The Chinese name where there is one; otherwise the English one with its language marked. */
export function ItemName({ names, className }: { readonly names: Names; readonly className?: string }) {
  const { locale } = usePreferences();
  const isForeign = locale === 'zh-CN' && names.zh === null;
  return (
    <span className={className} lang={isForeign ? 'en' : undefined}>
      {cleanName(locale === 'zh-CN' ? (names.zh ?? names.en) : names.en)}
    </span>
  );
}

export function useName(): (names: Names) => string {
  const { locale } = usePreferences();
  return (names) => cleanName(locale === 'zh-CN' ? (names.zh ?? names.en) : names.en);
}

export function KindTile({ card }: { readonly card: ClassCard }) {
  const { locale } = usePreferences();
  const t = useTranslations('card');
  return (
    <Link
      href={`/c/${card.classId}`}
      className="group block min-w-0 rounded-lg border border-line bg-card p-2 shadow-card transition-colors hover:border-accent"
    >
      <Plate icon={card.icon} rarity={card.rarity} category={card.category} size="card" />
      <div className="px-1 pt-2 pb-1">
        <p className="line-clamp-2 min-h-[2.6em] leading-[1.3] font-medium group-hover:text-accent">
          <ItemName names={card.names} />
        </p>
        <p className="mt-1 flex min-h-5 flex-wrap items-center gap-x-2 overflow-hidden text-xs text-ink-3">
          <span className="truncate">{typeName(card, locale)}</span>
          <Rarity rarity={card.rarity} refinement={card.refinement} />
        </p>
        <p className="mt-2 flex items-baseline justify-between gap-2 border-t border-line pt-2">
          {card.lowestListingFen === null ? (
            <span className="text-ink-3">{t('noListing')}</span>
          ) : (
            <Yuan fen={card.lowestListingFen} className="text-[15px] font-semibold" />
          )}
          <span className="num text-xs text-ink-3">{t('issued', { count: card.issued })}</span>
        </p>
      </div>
    </Link>
  );
}

/** Plate and name in one row, as tables show an item. */
export function KindLine(props: {
  readonly href: string;
  readonly names: Names;
  readonly icon: string;
  readonly rarity: string | null;
  readonly note?: string | undefined;
}) {
  return (
    <Link href={props.href} className="group flex min-w-0 items-center gap-2.5">
      <Plate icon={props.icon} rarity={props.rarity} size="row" />
      <span className="min-w-0 text-start">
        <ItemName names={props.names} className="line-clamp-1 font-medium group-hover:text-accent" />
        {props.note === undefined ? null : <span className="block text-xs text-ink-3">{props.note}</span>}
      </span>
    </Link>
  );
}
