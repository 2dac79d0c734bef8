'use client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useRouter, useSearchParams } from 'next/navigation';
import { Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatYuan } from '#app/_client/format.ts';
import { ItemName } from '#app/_components/item-art.tsx';
import { Empty, Loaded } from '#app/_components/loaded.tsx';
import { useNow } from '#app/_components/providers.tsx';
import { Button, Chip, Id, PageTitle, Panel, Skeleton, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import { beijingDate, instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import type { TaxDay } from '#server/trpc/views.ts';

const DAY_MS = 86_400_000;

export default function TaxPage() {
  return (
    <Suspense fallback={<Skeleton className="h-96" />}>
      <Tax />
    </Suspense>
  );
}

function Tax() {
  const t = useTranslations('supervisor');
  const router = useRouter();
  const asked = useSearchParams().get('day');
  const now = useNow(60_000);
  const today = now === null ? null : beijingDate(instant(now));
  const day = asked !== null && /^\d{4}-\d\d-\d\d$/.test(asked) ? asked : today;
  const answer = useQuery({
    queryKey: ['taxDay', day],
    queryFn: () => api.supervisor.taxDay(day ?? ''),
    enabled: day !== null,
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });
  const go = (steps: number) => {
    if (day !== null) router.replace(`/supervisor/tax?day=${beijingDate(instant(startOfBeijingDate(day) + steps * DAY_MS))}`);
  };
  return (
    <div className="space-y-4">
      <PageTitle text={t('tax')} />
      <div className="flex flex-wrap items-center gap-2">
        <Button onClick={() => go(-1)} aria-label={t('prev')}>
          <ChevronLeft size={16} aria-hidden />
        </Button>
        <input
          type="date"
          aria-label={t('day')}
          className="num h-11 rounded-md border border-line-strong/70 bg-card px-3 sm:h-9"
          value={day ?? ''}
          max={today ?? undefined}
          onChange={(event) => (event.target.value === '' ? undefined : router.replace(`/supervisor/tax?day=${event.target.value}`))}
        />
        <Button onClick={() => go(1)} aria-label={t('next')} disabled={day === today}>
          <ChevronRight size={16} aria-hidden />
        </Button>
      </div>
      <Loaded query={answer} skeleton={<Skeleton className="h-96" />}>
        {(data) => <Day day={data} />}
      </Loaded>
    </div>
  );
}

function Day({ day }: { readonly day: TaxDay }) {
  const t = useTranslations();
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[360px_minmax(0,1fr)]">
      <div className="space-y-5">
        <Panel title={t('supervisor.byLine')}>
          <dl className="space-y-1">
            {day.lines.map((line) => (
              <div key={line.id} className="flex justify-between gap-4">
                <dt>
                  <ItemName names={line.label} />
                </dt>
                <dd>
                  <Yuan fen={line.amountFen} />
                </dd>
              </div>
            ))}
            <div className="flex justify-between gap-4 border-t border-line pt-2 font-semibold">
              <dt>{t('trace.total')}</dt>
              <dd>
                <Yuan fen={day.totalFen} />
              </dd>
            </div>
          </dl>
        </Panel>
        <Panel title={t('supervisor.crossings')} flush>
          {day.crossings.length === 0 ? <p className="p-4 text-ink-2">{t('supervisor.crossingsEmpty')}</p> : null}
          <ul className="divide-y divide-line">
            {day.crossings.map((crossing) => (
              <li key={`${crossing.sellerRef}${crossing.at}`} className="space-y-1 px-4 py-3 text-[13px]">
                <p className="flex justify-between gap-2">
                  <Id value={crossing.sellerRef} /> <Time at={crossing.at} />
                </p>
                <p>{t('supervisor.crossingText', { gross: formatYuan(crossing.grossFen), count: crossing.reassessed.length })}</p>
                <p className="flex flex-wrap gap-x-3 font-mono text-xs">
                  {[crossing.byTradeId, ...crossing.reassessed].map((tradeId) => (
                    <TextLink key={tradeId} href={`/supervisor/trades/${tradeId}`}>
                      {tradeId.slice(0, 12)}…
                    </TextLink>
                  ))}
                </p>
              </li>
            ))}
          </ul>
        </Panel>
      </div>
      <Panel title={t('supervisor.tradesOfDay')} flush>
        {day.trades.length === 0 ? (
          <Empty title={t('supervisor.tradesEmpty')} />
        ) : (
          <table className="data-table as-cards">
            <thead>
              <tr>
                <th>{t('trade.title')}</th>
                <th>{t('supervisor.time')}</th>
                <th>{t('supervisor.seller')}</th>
                <th className="end">{t('trade.gross')}</th>
                <th className="end">{t('supervisor.taxAmount')}</th>
                <th className="end">{t('supervisor.version')}</th>
              </tr>
            </thead>
            <tbody>
              {day.trades.map((trade) => (
                <tr key={trade.tradeId}>
                  <td>
                    <TextLink href={`/supervisor/trades/${trade.tradeId}`} className="font-mono text-xs">
                      {trade.tradeId.slice(0, 16)}…
                    </TextLink>
                  </td>
                  <td data-label={t('supervisor.time')}>
                    <Time at={trade.at} />
                  </td>
                  <td data-label={t('supervisor.seller')}>
                    <Id value={trade.sellerRef} />
                  </td>
                  <td data-label={t('trade.gross')} className="end">
                    <Yuan fen={trade.grossFen} />
                  </td>
                  <td data-label={t('supervisor.taxAmount')} className="end">
                    <span>
                      <Yuan fen={trade.taxFen} /> {trade.isVatTaxable ? <Chip tone="wait">{t('supervisor.taxable')}</Chip> : null}
                    </span>
                  </td>
                  <td data-label={t('supervisor.version')} className="num end">
                    {trade.version}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Panel>
    </div>
  );
}
