'use client';
/** A quote as people read it: what you pay or receive largest, then how it comes about, then dates. */
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatBps, formatFen, formatYuan } from '#app/_client/format.ts';
import { TaxTrace } from '#app/_components/tax-trace.tsx';
import { Chip, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import type { Quote, QuoteDocument } from '#server/trpc/views.ts';

export type TermKey = 'price' | 'gross' | 'fee' | 'royalty' | 'total' | 'tax' | 'left' | 'payout' | 'transferable';

/** The terms as one text per line, so that a change between two quotes can be found and marked. */
export function termsOf(document: QuoteDocument): Readonly<Record<TermKey, string>> {
  return {
    price: document.priceFen,
    gross: document.grossFen,
    // A buyer's line shows the rate alone.
    fee: document.side === 'buy' ? String(document.feeBps) : document.feeFen,
    royalty: document.royaltyFen,
    total: document.side === 'buy' ? document.youPayFen : document.youReceiveFen,
    tax: document.estimatedTaxFen,
    left: document.leftAfterAllFen,
    // Dates move with the clock from one quote to the next; only another day is another term.
    payout: `${document.payoutAt?.slice(0, 10) ?? ''} ${document.payoutHold ?? ''}`,
    transferable: document.transferableFrom?.slice(0, 10) ?? '',
  };
}

function Line(props: { readonly label: ReactNode; readonly children: ReactNode; readonly isChanged: boolean; readonly strong?: boolean }) {
  const t = useTranslations('sheet');
  return (
    <div
      className={clsx('flex items-baseline justify-between gap-4 py-1', props.strong === true && 'border-t border-line pt-2 font-semibold')}
    >
      <dt className={props.strong === true ? '' : 'text-ink-2'}>{props.label}</dt>
      <dd className="flex items-baseline gap-2 text-end">
        {props.isChanged ? <Chip tone="wait">{t('changed')}</Chip> : null}
        <span>{props.children}</span>
      </dd>
    </div>
  );
}

export function QuoteLines({ quote, changed }: { readonly quote: Quote; readonly changed: ReadonlySet<TermKey> }) {
  const t = useTranslations('sheet');
  const costSource = useTranslations('costSource');
  const offers = useTranslations('offers');
  const document = quote.document;
  const isBuyer = document.side === 'buy';
  const minus = (fen: string) => <Yuan fen={-BigInt(fen)} />;
  const source = document.costSource;
  const knownSource = source === 'bought_here' || source === 'assessed' || source === 'gift' || source === 'play' ? source : null;
  return (
    <div className="space-y-4">
      <div className="notch bg-accent-soft px-4 py-3 text-accent">
        <p className="text-sm font-medium">{isBuyer ? t('youPay') : t('youReceive')}</p>
        <p className="num text-[32px] leading-10 font-bold" aria-live="polite">
          {formatFen(isBuyer ? document.youPayFen : document.youReceiveFen)}
          <span className="ms-1.5 text-base font-semibold">元</span>
        </p>
      </div>
      <section>
        <h3 className="text-[13px] font-semibold">{t('how')}</h3>
        <dl>
          <Line label={`${t('price')} × ${document.quantity}`} isChanged={changed.has('price') || changed.has('gross')}>
            <Yuan fen={document.grossFen} />
          </Line>
          {isBuyer ? (
            <Line label={t('fee', { rate: formatBps(document.feeBps) })} isChanged={changed.has('fee')}>
              <span className="text-ink-3">{t('feeBySeller')}</span>
            </Line>
          ) : (
            <>
              <Line label={t('fee', { rate: formatBps(document.feeBps) })} isChanged={changed.has('fee')}>
                {minus(document.feeFen)}
              </Line>
              <Line label={t('royalty', { rate: formatBps(document.royaltyBps) })} isChanged={changed.has('royalty')}>
                {minus(document.royaltyFen)}
              </Line>
              <Line label={t('youReceive')} isChanged={changed.has('total')} strong>
                <Yuan fen={document.youReceiveFen} />
              </Line>
              <Line label={knownSource === null ? t('costUnknown') : t('costBasis', { source: costSource(knownSource) })} isChanged={false}>
                {document.costBasisFen === null ? '—' : <Yuan fen={document.costBasisFen} />}
              </Line>
              <Line label={t('estimate')} isChanged={changed.has('tax')}>
                {minus(document.estimatedTaxFen)}
              </Line>
              <Line label={t('leftAfterAll')} isChanged={changed.has('left')} strong>
                <Yuan fen={document.leftAfterAllFen} />
              </Line>
            </>
          )}
        </dl>
        {isBuyer || document.experimentId === null ? null : <ReserveNote document={document} />}
        {quote.assessment === null ? null : <TaxTrace assessment={quote.assessment} note={t('estimateNote')} />}
        <DayLine document={document} />
      </section>
      <section>
        <h3 className="text-[13px] font-semibold">{t('dates')}</h3>
        <dl>
          {document.payoutAt === null ? null : (
            <Line label={t('payoutAt')} isChanged={changed.has('payout')}>
              <Time at={document.payoutAt} style="full" />
            </Line>
          )}
          {document.payoutHold === undefined ? null : (
            <p data-payout-hold={document.payoutHold} className="mb-1 rounded-md border border-amber/40 bg-amber-soft p-2.5 text-[13px]">
              {t('payoutHold')}
            </p>
          )}
          {document.transferableFrom === null ? null : (
            <Line label={t('transferableFrom')} isChanged={changed.has('transferable')}>
              <Time at={document.transferableFrom} style="full" />
            </Line>
          )}
          <Line label={document.offerUntil === undefined ? t('orderUntil') : offers('until')} isChanged={false}>
            <Time at={document.offerUntil ?? document.orderNotAfter} style="full" />
          </Line>
        </dl>
        {document.intent === 'listing' || document.intent === 'buy_order' || document.offerUntil !== undefined ? (
          <p className="mt-1 text-xs text-ink-3">{t('resting')}</p>
        ) : null}
      </section>
    </div>
  );
}

/** In a trial of the tax reserve: how much of it will not be free at payout. */
function ReserveNote({ document }: { readonly document: QuoteDocument }) {
  const t = useTranslations('reserves');
  const mine = useQuery({ queryKey: ['money', 'reserve'], queryFn: () => api.reserve.get() });
  const keeps = mine.data?.trials.some((trial) => trial.experimentId === document.experimentId && trial.keeps) ?? false;
  if (!keeps) return null;
  const [tax, receives] = [BigInt(document.estimatedTaxFen), BigInt(document.youReceiveFen)];
  return (
    <p data-testid="reserve-note" className="mt-2 rounded-md border border-amber/40 bg-amber-soft p-2.5 text-[13px]">
      {t('sheet', { amount: formatYuan(tax < receives ? tax : receives) })}
    </p>
  );
}

/** Tells before the sale that the day's line would be reached and which earlier sales would be assessed again (P-18). */
function DayLine({ document }: { readonly document: QuoteDocument }) {
  const t = useTranslations('sheet');
  const line = document.dayLine;
  if (line === null) return null;
  const amounts = { line: formatYuan(line.lineFen), before: formatYuan(line.salesBeforeFen) };
  if (!line.reaches) return <p className="mt-2 text-xs text-ink-3">{t('dayLineSafe', amounts)}</p>;
  return (
    <div className="mt-2 rounded-md border border-amber/40 bg-amber-soft p-2.5 text-[13px]">
      <p>{t('dayLine', { ...amounts, count: line.reassessedTradeIds.length })}</p>
      <ul className="mt-1 flex flex-wrap gap-x-3">
        {line.reassessedTradeIds.map((tradeId) => (
          <li key={tradeId}>
            <TextLink href={tradeId.startsWith('trd_') ? `/trades/${tradeId}` : '/portfolio#gifts'} className="font-mono text-xs">
              {tradeId.slice(0, 12)}…
            </TextLink>
          </li>
        ))}
      </ul>
    </div>
  );
}
