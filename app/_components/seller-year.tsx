'use client';
/** A person's year of sales against the line of registration, with the hint that trade looks like a business (P-41): the person's own, or
 *  a supervisor's view of one. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatCount, formatYuan } from '#app/_client/format.ts';
import type { SellerYear } from '#server/trpc/views.ts';
import { useMe } from './session.tsx';
import { TraceSteps } from './tax-trace.tsx';
import { Button, LinkButton, Panel, Stat, Yuan } from './ui.tsx';

export function SellerYearPanel({ year }: { readonly year: SellerYear }) {
  const t = useTranslations('sellerYear');
  const [isOpen, setOpen] = useState(false);
  const { recent } = year;
  return (
    <Panel title={t('title', { year: String(year.year) })}>
      <dl className="grid grid-cols-1 gap-4 sm:grid-cols-3">
        <Stat label={t('turnover')}>
          <Yuan fen={year.turnoverFen} />
        </Stat>
        <Stat label={t('line')}>
          <Yuan fen={year.lineFen} />
        </Stat>
        <Stat label={t('left')}>
          <Yuan fen={year.leftFen} />
        </Stat>
      </dl>
      <p
        className={year.isRegistrationDue ? 'mt-3 text-[13px] text-amber' : 'mt-3 text-[13px] text-ink-2'}
        data-registration={year.isRegistrationDue ? 'due' : 'none'}
      >
        {year.isRegistrationDue ? t('due') : t('below')}
      </p>
      <p className="mt-1 text-[13px] text-ink-3">
        {t('recent', { sales: formatCount(recent.sales), sold: formatCount(recent.itemsSold), bought: formatCount(recent.itemsBought) })}
      </p>
      {year.looksLikeBusiness ? <p className="mt-1 text-[13px] text-amber">{t('business')}</p> : null}
      <Button tone="quiet" className="-ms-4 mt-1 min-h-11 sm:min-h-7" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {t('how')}
      </Button>
      {isOpen ? <TraceSteps steps={year.steps} /> : null}
    </Panel>
  );
}

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
