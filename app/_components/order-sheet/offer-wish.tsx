'use client';
/** What a step of an offer says beyond its price (P-24): how long the other side may answer, and what happens meanwhile. */
import { useTranslations } from 'use-intl';
import { formatYuan } from '#app/_client/format.ts';
import { Segments } from '../ui.tsx';
import type { OrderDraft } from './draft.ts';

const HOURS = [1, 6, 24, 72] as const;
export type OfferHours = (typeof HOURS)[number];
export const OFFER_HOURS: OfferHours = 24;

export function OfferWish(props: {
  readonly draft: OrderDraft;
  readonly hours: OfferHours;
  readonly onChange: (hours: OfferHours) => void;
}) {
  const t = useTranslations('offers');
  const { draft, hours } = props;
  const { smallestFen = null, listingFen = null } = draft.offer ?? {};
  return (
    <div className="space-y-3">
      {listingFen === null ? null : (
        <p className="text-[13px] text-ink-2">
          {t('listedAt', { amount: formatYuan(listingFen) })}
          {smallestFen === null ? '' : ` · ${t('smallest', { amount: formatYuan(smallestFen) })}`}
        </p>
      )}
      <div>
        <p className="mb-1 text-[13px] font-medium text-ink-2">{t('life')}</p>
        <Segments
          label={t('life')}
          value={String(hours)}
          options={HOURS.map((each) => ({ value: String(each), label: t('hours', { hours: each }) }))}
          onChange={(value) => props.onChange(HOURS.find((each) => String(each) === value) ?? OFFER_HOURS)}
        />
      </div>
      <p className="text-xs text-ink-3">{t(draft.side === 'buy' ? 'heldNote' : 'counterNote')}</p>
    </div>
  );
}
