'use client';
/** What a tax officer asks first: how much, of how many sales, and which tax it is. The largest line stands first, with its share as a bar. */
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount, formatFen } from '#app/_client/format.ts';
import { ItemName } from '#app/_components/item-art.tsx';
import { Stat, Yuan } from '#app/_components/ui.tsx';
import type { TaxDay } from '#server/trpc/views.ts';

type Sums = Pick<TaxDay, 'totalFen' | 'estimatedFen' | 'tradesTotal' | 'tradesGrossFen' | 'tradesTaxFen'>;

/** `1234` of `10000`: `12.34 %`; null: of nothing. */
function shareOf(part: bigint, whole: bigint): string | null {
  return whole <= 0n ? null : `${formatFen((part * 10_000n) / whole)} %`;
}

export function TaxHead({ day, isAll }: { readonly day: Sums; readonly isAll: boolean }) {
  const t = useTranslations('supervisor');
  const burden = shareOf(BigInt(day.tradesTaxFen), BigInt(day.tradesGrossFen));
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 rounded-lg border border-line bg-card px-4 py-3 shadow-card sm:grid-cols-3 lg:grid-cols-5">
      <Stat label={t(day.estimatedFen === null ? 'assessed' : 'assessedNow')} large>
        <Yuan fen={day.totalFen} />
      </Stat>
      {day.estimatedFen === null ? null : (
        <Stat label={t('estimatedWhole')} note={t('estimatedHow')} large>
          <Yuan fen={day.estimatedFen} className="text-ink-2" />
        </Stat>
      )}
      <Stat label={t(isAll ? 'taxedSales' : 'taxedSalesChosen')} large>
        {formatCount(day.tradesTotal)}
      </Stat>
      <Stat label={t(isAll ? 'turnover' : 'turnoverChosen')} large>
        <Yuan fen={day.tradesGrossFen} />
      </Stat>
      <Stat label={t('burden')} note={t('burdenHow')} large>
        {burden ?? '—'}
      </Stat>
    </dl>
  );
}

export function LineBars(props: {
  readonly lines: TaxDay['lines'];
  readonly wrap: (id: TaxDay['lines'][number]['id'], name: ReactNode) => ReactNode;
}) {
  const lines = props.lines.toSorted((a, b) => Number(BigInt(b.amountFen) - BigInt(a.amountFen)));
  const whole = lines.reduce((sum, { amountFen }) => sum + (BigInt(amountFen) > 0n ? BigInt(amountFen) : 0n), 0n);
  return (
    <ul className="space-y-2">
      {lines.map((line) => {
        const amount = BigInt(line.amountFen);
        const share = amount > 0n ? shareOf(amount, whole) : null;
        return (
          <li key={line.id}>
            <div className="flex items-baseline justify-between gap-4">
              <span className="min-w-0">{props.wrap(line.id, <ItemName names={line.label} />)}</span>
              <span className="flex-none text-end">
                <Yuan fen={line.amountFen} />
                {share === null ? null : <span className="num ms-2 inline-block w-16 text-xs text-ink-3">{share}</span>}
              </span>
            </div>
            <div className="mt-0.5 h-1.5 rounded-sm bg-sunk" aria-hidden>
              <div className="h-full rounded-sm bg-accent" style={{ width: share?.replace(' ', '') ?? '0%' }} />
            </div>
          </li>
        );
      })}
    </ul>
  );
}
