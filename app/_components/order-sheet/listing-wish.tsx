'use client';
/** What a seller may wish beyond the price (P-20): how long the listing stands, and for whom alone. */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { parseYuan } from '#app/_client/format.ts';
import { Field, Segments } from '../ui.tsx';

const LIVES = [1, 7, 30, 90] as const;

export type ListingWishes = { readonly lifeDays: (typeof LIVES)[number]; readonly buyer: string; readonly smallest: string };

export function useListingWishes() {
  return useState<ListingWishes>({ lifeDays: 30, buyer: '', smallest: '' });
}

/** The part of a quote's input. */
export function listingInput({ lifeDays, buyer, smallest }: ListingWishes) {
  const smallestFen = parseYuan(smallest);
  return {
    lifeDays,
    ...(buyer.trim() === '' ? {} : { namedBuyer: buyer.trim() }),
    ...(smallestFen === null || smallestFen < 1n ? {} : { smallestOfferFen: smallestFen.toString() }),
  };
}

export function ListingWish(props: {
  readonly wishes: ListingWishes;
  readonly hasBuyer: boolean;
  readonly onChange: (wishes: ListingWishes) => void;
}) {
  const t = useTranslations('sheet.wish');
  const offers = useTranslations('offers');
  const sheet = useTranslations('sheet');
  const { wishes, onChange } = props;
  return (
    <details className="rounded-md border border-line text-[13px]">
      <summary className="min-h-11 px-3 py-2.5 font-medium sm:min-h-9 sm:py-2">{t('more')}</summary>
      <div className="space-y-3 border-t border-line p-3">
        <div>
          <p className="mb-1 font-medium text-ink-2">{t('life')}</p>
          <Segments
            label={t('life')}
            value={String(wishes.lifeDays)}
            options={LIVES.map((days) => ({ value: String(days), label: t('days', { days }) }))}
            onChange={(value) => onChange({ ...wishes, lifeDays: LIVES.find((days) => String(days) === value) ?? 30 })}
          />
        </div>
        <Field
          label={offers('smallestField')}
          help={offers(props.hasBuyer ? 'smallestHelp' : 'smallestEdit')}
          value={wishes.smallest}
          inputMode="decimal"
          autoComplete="off"
          suffix="元"
          align="end"
          error={wishes.smallest.trim() !== '' && (parseYuan(wishes.smallest) ?? 0n) < 1n ? sheet('enterPrice') : null}
          onChange={(event) => onChange({ ...wishes, smallest: event.target.value })}
        />
        {props.hasBuyer ? (
          <Field
            label={t('buyer')}
            help={t('buyerHelp')}
            value={wishes.buyer}
            maxLength={80}
            autoComplete="off"
            onChange={(event) => onChange({ ...wishes, buyer: event.target.value })}
          />
        ) : null}
      </div>
    </details>
  );
}
