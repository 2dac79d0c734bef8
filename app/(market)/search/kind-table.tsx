'use client';
import { useTranslations } from 'use-intl';
import { typeName } from '#app/_client/catalogue-words.ts';
import { formatCount } from '#app/_client/format.ts';
import { KindLine, Rarity } from '#app/_components/item-art.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Yuan } from '#app/_components/ui.tsx';
import type { ClassCard } from '#server/trpc/views.ts';

export function KindTable({ rows }: { readonly rows: readonly ClassCard[] }) {
  const t = useTranslations('search');
  const { locale } = usePreferences();
  if (rows.length === 0) return null;
  return (
    <div className="overflow-x-auto rounded-lg border border-line bg-card">
      <table className="data-table as-cards">
        <thead>
          <tr>
            <th>{t('name')}</th>
            <th>{t('type')}</th>
            <th>{t('rarity')}</th>
            <th className="end">{t('lowest')}</th>
            <th className="end">{t('highest')}</th>
            <th className="end">{t('listings')}</th>
            <th className="end">{t('trades7d')}</th>
            <th className="end">{t('issued')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((card) => (
            <tr key={card.classId}>
              <td>
                <KindLine href={`/c/${card.classId}`} names={card.names} icon={card.icon} rarity={card.rarity} />
              </td>
              <td data-label={t('type')}>{typeName(card, locale)}</td>
              <td data-label={t('rarity')}>
                <Rarity rarity={card.rarity} refinement={card.refinement} />
              </td>
              <td data-label={t('lowest')} className="end">
                {card.lowestListingFen === null ? '—' : <Yuan fen={card.lowestListingFen} />}
              </td>
              <td data-label={t('highest')} className="end">
                {card.highestBuyFen === null ? '—' : <Yuan fen={card.highestBuyFen} />}
              </td>
              <td data-label={t('listings')} className="num end">
                {formatCount(card.listings)}
              </td>
              <td data-label={t('trades7d')} className="num end">
                {formatCount(card.trades7d)}
              </td>
              <td data-label={t('issued')} className="num end">
                {formatCount(card.issued)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
