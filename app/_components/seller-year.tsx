'use client';
/** A person's year of sales against the line of registration, with the hint that trade looks like a business (P-41): the person's own, or
 *  a supervisor's view of one. */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import type { SellerYear } from '#server/trpc/views.ts';
import { TraceSteps } from './tax-trace.tsx';
import { Button, Panel, Stat, Yuan } from './ui.tsx';

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
