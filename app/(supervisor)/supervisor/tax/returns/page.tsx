'use client';
/** Returns of a month on fees and royalties (V-06, CN-ST-02), each down to its trades. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { PeriodPicker, PeriodSkeleton, usePeriod } from '#app/_components/period-frame.tsx';
import { PeriodReturn } from '#app/_components/period-return.tsx';
import { ReckonedAt } from '#app/_components/reckoned-at.tsx';
import { Button, PageTitle, Skeleton, TextLink, Time, Yuan } from '#app/_components/ui.tsx';

export default function ReturnsPage() {
  return (
    <Suspense fallback={<Skeleton className="h-dvh" />}>
      <Returns />
    </Suspense>
  );
}

function Returns() {
  const t = useTranslations();
  const frame = usePeriod('/supervisor/tax/returns', 'month', ['month']);
  const month = frame?.span.label ?? null;
  const answer = useQuery({
    queryKey: ['returns', month],
    queryFn: () => staffApi.supervisor.returns(month ?? ''),
    enabled: month !== null,
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  return (
    <div className="space-y-4">
      <PageTitle text={t('periodReturns.title')} />
      <header className="max-w-3xl space-y-1">
        <h2 className="text-lg font-bold">{t('periodReturns.title')}</h2>
        <p className="text-ink-2">{t('periodReturns.lead')}</p>
      </header>
      {frame === null ? <PeriodSkeleton /> : <PeriodPicker frame={frame} />}
      <Loaded query={answer} skeleton={<Skeleton className="h-dvh" />}>
        {({ period: of, isOpen, returns, asOf }) =>
          returns === null ? (
            <Empty title={t('periodReturns.noPack')} />
          ) : returns.length === 0 ? (
            <Empty title={t('periodReturns.empty')} />
          ) : (
            <>
              <p className="mb-2">
                <ReckonedAt at={asOf} />
              </p>
              <div className="grid items-start gap-4 xl:grid-cols-2">
                {returns.map((each) => (
                  <PeriodReturn key={each.payer ?? 'platform'} month={of} isOpen={isOpen} shown={each}>
                    <Trades month={of} payer={each.payer} />
                  </PeriodReturn>
                ))}
              </div>
            </>
          )
        }
      </Loaded>
    </div>
  );
}

function Trades({ month, payer }: { readonly month: string; readonly payer: string | null }) {
  const t = useTranslations('periodReturns');
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button tone="quiet" className="-ms-4" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {t('trades')}
      </Button>
      {isOpen ? <TradeRows month={month} payer={payer} /> : null}
    </>
  );
}

function TradeRows({ month, payer }: { readonly month: string; readonly payer: string | null }) {
  const t = useTranslations();
  const answer = useQuery({ queryKey: ['returnTrades', month, payer], queryFn: () => staffApi.supervisor.returnTrades(month, payer) });
  return (
    <Loaded query={answer} skeleton={<Skeleton className="h-40" />}>
      {({ total, sumFen, rows }) => (
        <div className="space-y-2">
          <p className="flex flex-wrap justify-between gap-2 text-[13px] text-ink-2">
            <span className="num">{t('periodReturns.tradesShown', { shown: formatCount(rows.length), total: formatCount(total) })}</span>
            <span data-sum>
              {t('periodReturns.sum')} <Yuan fen={sumFen} />
            </span>
          </p>
          <div className="max-h-96 overflow-y-auto">
            <table className="data-table">
              <thead>
                <tr>
                  <th>{t('trade.title')}</th>
                  <th>{t('supervisor.time')}</th>
                  <th className="end">{t('periodReturns.gross')}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={`${row.tradeId}${row.type}${row.at}`}>
                    <td className="font-mono text-xs">
                      <TextLink href={`/supervisor/trades/${row.tradeId}`}>{row.tradeId.slice(0, 12)}…</TextLink>
                      {row.type === 'PRIMARY' ? <span className="ms-2 font-sans">{t('periodReturns.type.PRIMARY')}</span> : null}
                    </td>
                    <td>
                      <Time at={row.at} />
                    </td>
                    <td className="end">
                      <Yuan fen={row.amountFen} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </div>
      )}
    </Loaded>
  );
}
