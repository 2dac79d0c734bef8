'use client';
/** What a buyer may wish beyond price and quantity (P-22): any kind of the game that fits a condition, the smallest fill, the life of the
 *  order; and what could be had at once instead. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { ExpressionInput, faultPlace } from '../expression-input.tsx';
import { ItemName, Plate } from '../item-art.tsx';
import { Button, Field, Segments, Yuan } from '../ui.tsx';
import type { OrderDraft } from './draft.ts';
import { useSettled } from './use-quote.ts';

const LIVES = [1, 7, 30, 90] as const;
const WAIT_MS = 300;

export type BuyWishes = {
  readonly isAny: boolean;
  readonly expression: string;
  readonly fillText: string;
  readonly lifeDays: (typeof LIVES)[number];
};

export function useBuyWishes(draft: OrderDraft) {
  return useState<BuyWishes>({
    isAny: draft.expression !== undefined,
    expression: draft.expression ?? likeThis(draft.card),
    fillText: String(draft.replaces?.smallestFill ?? 1),
    lifeDays: 30,
  });
}

/** The part of a quote's input; null: something is missing yet. */
export function wishInput({ isAny, expression, fillText, lifeDays }: BuyWishes) {
  if (!/^\d{1,3}$/.test(fillText) || Number(fillText) < 1 || (isAny && expression.trim() === '')) return null;
  return { smallestFill: Number(fillText), lifeDays, ...(isAny ? { expression } : {}) };
}

function likeThis({ type, rarity }: OrderDraft['card']): string {
  const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
  return `type = ${quoted(type)}${rarity === null ? '' : ` and rarity = ${quoted(rarity)}`}`;
}

export function BuyWish(props: {
  readonly draft: OrderDraft;
  readonly wishes: BuyWishes;
  readonly onChange: (wishes: BuyWishes) => void;
  readonly onReplace: (draft: OrderDraft) => void;
}) {
  const t = useTranslations('sheet.wish');
  const { draft, wishes } = props;
  const change = (part: Partial<BuyWishes>) => props.onChange({ ...wishes, ...part });
  const game = draft.card.gameId;
  const facets = useQuery({
    queryKey: ['facets', game],
    queryFn: async () => (await api.search.list({ game })).facets,
    enabled: wishes.isAny,
    staleTime: 600_000,
  });
  const asked = useSettled(wishes.isAny ? wishes.expression : '', WAIT_MS);
  const fitting = useQuery({
    queryKey: ['fitting', draft.card.classId, asked],
    queryFn: () => api.market.listFitting({ classId: draft.card.classId, expression: asked }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const fault = fitting.isError && asked === wishes.expression ? faultPlace(readRefusal(fitting.error)) : null;
  return (
    <div className="space-y-3">
      <Segments
        label={t('what')}
        value={wishes.isAny ? 'any' : 'this'}
        options={(['this', 'any'] as const).map((value) => ({ value, label: t(value) }))}
        onChange={(value) => change({ isAny: value === 'any' })}
      />
      {wishes.isAny ? (
        <ExpressionInput
          text={wishes.expression}
          facets={facets.data ?? []}
          faultAt={fault}
          onText={(expression) => change({ expression })}
        />
      ) : null}
      {fitting.data === undefined || fitting.isError ? null : (
        <Fitting fitting={fitting.data} isAny={wishes.isAny} onReplace={props.onReplace} />
      )}
      <div className="grid grid-cols-2 items-start gap-3">
        <Field
          label={t('fill')}
          value={wishes.fillText}
          inputMode="numeric"
          autoComplete="off"
          align="end"
          help={t('fillText')}
          onChange={(event) => change({ fillText: event.target.value })}
        />
        <div>
          <p className="mb-1 text-[13px] font-medium text-ink-2">{t('life')}</p>
          <Segments
            label={t('life')}
            value={String(wishes.lifeDays)}
            options={LIVES.map((days) => ({ value: String(days), label: t('days', { days }) }))}
            onChange={(value) => change({ lifeDays: LIVES.find((days) => String(days) === value) ?? 30 })}
          />
        </div>
      </div>
    </div>
  );
}

type FittingData = Awaited<ReturnType<typeof api.market.listFitting>>;

function Fitting(props: { readonly fitting: FittingData; readonly isAny: boolean; readonly onReplace: (draft: OrderDraft) => void }) {
  const t = useTranslations('sheet.wish');
  const word = useTranslations();
  const { kinds, listings, cheapest } = props.fitting;
  const summary = props.isAny
    ? t('fitting', { kinds: formatCount(kinds), listings: formatCount(listings) })
    : t('listed', { listings: formatCount(listings) });
  return (
    <section className="rounded-md border border-line bg-sunk p-2.5 text-[13px]" aria-live="polite">
      <p className="text-ink-2">{summary}</p>
      <ul className="divide-y divide-line">
        {cheapest
          .filter(({ listing }) => !listing.isMine)
          .map(({ listing, card }) => (
            <li key={listing.orderId} className="flex items-center gap-2 py-1.5">
              <Plate icon={card.icon} rarity={card.rarity} size="row" />
              <span className="min-w-0 flex-1">
                <ItemName names={card.names} className="block truncate" />
                <span className="text-xs text-ink-3">
                  {listing.items.map(({ serialNo }) => word('item.serial', { number: serialNo })).join(', ')}
                </span>
              </span>
              <Yuan fen={listing.priceFen} className="font-semibold" />
              <Button
                onClick={() =>
                  props.onReplace({
                    intent: 'take_listing',
                    side: 'buy',
                    card,
                    targetOrderId: listing.orderId,
                    itemIds: listing.items.map(({ itemId }) => itemId),
                    priceFen: listing.priceFen,
                    isPriceOpen: false,
                    quantity: listing.items.length,
                    isQuantityOpen: false,
                    itemNote: listing.items.map(({ serialNo }) => word('item.serial', { number: serialNo })).join(', '),
                  })
                }
              >
                {word('kind.buy')}
              </Button>
            </li>
          ))}
      </ul>
    </section>
  );
}
