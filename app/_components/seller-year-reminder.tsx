'use client';
/** That a seller's year comes near the line of registration, or is above it (CN-RPT-13): a file of its own, since the page on which one sells
 *  loads nothing of what the whole year takes. */
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatYuan } from '#app/_client/format.ts';
import { useMe } from './session.tsx';
import { LinkButton } from './ui.tsx';

/** Near: four fifths of the line are sold. */
const [NEAR_PART, NEAR_OF] = [4n, 5n];

/** On the page on which one sells, before anything is signed: nothing while the line is far. */
export function SellerYearReminder() {
  const t = useTranslations('sellerYear');
  const me = useMe();
  const { data: year } = useQuery({
    queryKey: ['tax', 'sellerYear'],
    queryFn: () => api.tax.sellerYear(),
    enabled: me !== null && me !== undefined,
  });
  if (year === undefined || year === null) return null;
  const isNear = BigInt(year.turnoverFen) * NEAR_OF >= BigInt(year.lineFen) * NEAR_PART;
  if (!isNear && !year.isRegistrationDue) return null;
  const figures = {
    year: String(year.year),
    turnover: formatYuan(year.turnoverFen),
    line: formatYuan(year.lineFen),
    left: formatYuan(year.leftFen),
  };
  return (
    <section
      className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line bg-card p-3 text-[13px]"
      data-seller-year={year.isRegistrationDue ? 'due' : 'near'}
    >
      <p className="text-amber">{year.isRegistrationDue ? t('reminder') : t('near')}</p>
      <p className="num text-ink-2">{t('figures', figures)}</p>
      <LinkButton href="/tax">{t('readMore')}</LinkButton>
    </section>
  );
}
