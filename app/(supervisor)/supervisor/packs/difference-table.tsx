'use client';
import { useTranslations } from 'use-intl';
import { usePreferences } from '#app/_components/providers.tsx';
import { Chip, type ChipTone } from '#app/_components/ui.tsx';
import type { PackDifferenceView } from '#server/trpc/views.ts';
import { useParameterName } from '../use-parameter-name.ts';
import { Figure } from './figure.tsx';

const TONE: Record<PackDifferenceView['direction'], ChipTone> = { STRICTER: 'good', LAXER: 'bad', OPEN: 'plain' };

/** Two packs place by place: what was, what comes, which way it goes. */
export function DifferenceTable({ differences }: { readonly differences: readonly PackDifferenceView[] }) {
  const t = useTranslations('packs');
  const { locale } = usePreferences();
  const word = useParameterName();
  if (differences.length === 0) return <p className="p-4 text-ink-2">{t('same')}</p>;
  return (
    <table className="data-table as-cards">
      <thead>
        <tr>
          <th>{t('place')}</th>
          <th className="end">{t('before')}</th>
          <th className="end">{t('after')}</th>
          <th>{t('way')}</th>
        </tr>
      </thead>
      <tbody>
        {differences.map((each) => (
          <tr key={each.path}>
            <td data-label={t('place')}>
              <span className="block font-medium">
                {each.words?.[locale === 'en' ? 'en' : 'zh'] ?? word(each.path.replace(/^const\./, '')) ?? each.path}
              </span>
              <code className="text-xs text-ink-3">{each.path}</code>
            </td>
            <td data-label={t('before')} className="end text-ink-2">
              <Figure value={each.before} unit={each.unit} name={each.path} />
            </td>
            <td data-label={t('after')} className="end font-semibold">
              <Figure value={each.after} unit={each.unit} name={each.path} />
            </td>
            <td data-label={t('way')}>
              <span className="inline-flex flex-wrap gap-1">
                <Chip tone={TONE[each.direction]}>{t(`change.${each.direction}`)}</Chip>
                {each.statutory ? <Chip>{t('statutory')}</Chip> : null}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
