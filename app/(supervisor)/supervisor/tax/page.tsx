'use client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { type ReactNode, Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount, formatYuan, shortId } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { ItemName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { PeriodPicker, PeriodSkeleton, usePeriod } from '#app/_components/period-frame.tsx';
import { ReckonedAt } from '#app/_components/reckoned-at.tsx';
import { Button, Chip, Id, PageTitle, Panel, Skeleton, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import { useReportName } from '#app/_components/use-code-name.ts';
import { useRowKeys } from '#app/_components/use-row-keys.ts';
import { PERIOD_KINDS } from '#sandbox/reports/period.ts';
import { spanAround } from '#sandbox/reports/span.ts';
import type { TaxDay } from '#server/trpc/views.ts';
import { LineBars, TaxHead } from './tax-head.tsx';

export default function TaxPage() {
  return (
    <Suspense fallback={<Skeleton className="h-dvh" />}>
      <Tax />
    </Suspense>
  );
}

/** Which sales are listed: of one line, game or seller. It stands in the address beside the period. */
type Fit = { readonly line?: string; readonly game?: string; readonly seller?: string };
const FITS = ['line', 'game', 'seller'] as const;

function useFit() {
  const router = useRouter();
  const address = useSearchParams();
  const fit: Fit = Object.fromEntries(FITS.flatMap((name) => (address.get(name) === null ? [] : [[name, address.get(name)]])));
  const set = (next: Fit) => {
    const now = new URLSearchParams(window.location.search);
    for (const name of FITS) {
      const value = next[name];
      if (value === undefined) now.delete(name);
      else now.set(name, value);
    }
    router.replace(`/supervisor/tax?${now.toString()}`, { scroll: false });
  };
  return { fit, set };
}
type Fitting = ReturnType<typeof useFit>;

function Tax() {
  const t = useTranslations('supervisor');
  const returns = useTranslations('periodReturns');
  const reserves = useTranslations('reserves.desk');
  const frame = usePeriod('/supervisor/tax', 'day', PERIOD_KINDS);
  const fitting = useFit();
  const label = frame?.span.label ?? null;
  const answer = useQuery({
    queryKey: ['taxDay', label, fitting.fit],
    queryFn: () => staffApi.supervisor.taxDay({ day: label ?? '', ...fitting.fit }),
    enabled: label !== null,
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });
  return (
    <div className="space-y-4">
      <PageTitle text={t('tax')} />
      <div className="flex flex-wrap items-center justify-between gap-2">
        {frame === null ? <PeriodSkeleton /> : <PeriodPicker frame={frame} />}
        <TextLink className="ms-auto inline-flex min-h-6 items-center" href="/supervisor/tax/reserves">
          {reserves('link')}
        </TextLink>
        <TextLink
          className="inline-flex min-h-6 items-center"
          href={`/supervisor/tax/returns${frame === null ? '' : `?month=${spanAround('month', frame.isOpen ? frame.today : frame.span.fromDate)}`}`}
        >
          {returns('others')}
        </TextLink>
      </div>
      <Loaded query={answer} skeleton={<Skeleton className="h-dvh" />}>
        {(data) => <Day day={data} fitting={fitting} />}
      </Loaded>
    </div>
  );
}

/** A name that lists its sales alone; pressed again, all of them. */
function Only(props: { readonly of: Fit; readonly fitting: Fitting; readonly children: ReactNode }) {
  const { of, fitting } = props;
  const isOn = FITS.every((name) => of[name] === fitting.fit[name]);
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={() => fitting.set(isOn ? {} : of)}
      className="min-h-11 text-start text-accent underline-offset-3 hover:underline aria-pressed:font-semibold aria-pressed:underline sm:min-h-6"
    >
      {props.children}
    </button>
  );
}

function Groups({ day, fitting }: { readonly day: TaxDay; readonly fitting: Fitting }) {
  const t = useTranslations('supervisor');
  const groups = [
    [
      t('byGame'),
      day.byGame.map((row) => ({
        ...row,
        key: row.gameId,
        name: (
          <Only of={{ game: row.gameId }} fitting={fitting}>
            <ItemName names={row.names} />
          </Only>
        ),
      })),
    ],
    [
      t('bySeller'),
      day.bySeller.map((row) => ({
        ...row,
        key: row.sellerRef,
        name: (
          <Only of={{ seller: row.sellerRef }} fitting={fitting}>
            <span className="font-mono text-[0.92em]" title={row.sellerRef}>
              {shortId(row.sellerRef)}
            </span>
          </Only>
        ),
      })),
    ],
  ] as const;
  return groups.map(([title, rows]) => (
    <Panel key={title} title={title}>
      <dl className="space-y-1">
        {rows.map((row) => (
          <div key={row.key} className="flex items-center justify-between gap-4">
            <dt className="min-w-0">{row.name}</dt>
            <dd>
              <span className="num text-[13px] text-ink-3">{row.trades} · </span>
              <Yuan fen={row.taxFen} />
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  ));
}

function Filed({ filed, due }: Pick<TaxDay, 'filed' | 'due'>) {
  const t = useTranslations('supervisor');
  const reports = useTranslations('reports');
  const reportName = useReportName();
  return (
    <Panel title={t('filed')}>
      {filed.length === 0 ? <p className="text-ink-3">{t('notFiled')}</p> : null}
      {due === null ? null : (
        <p className="mb-1 flex flex-wrap items-center gap-2 text-[13px]" data-due={due.isOverdue ? 'overdue' : 'open'}>
          <span className="num">{t('dueOn', { kind: due.kind, date: due.on })}</span>
          {due.isOverdue ? <Chip tone="bad">{t('overdue')}</Chip> : null}
        </p>
      )}
      <ul className="space-y-1 text-[13px]">
        {filed.map((row) => (
          <li key={row.reportId} className="flex flex-wrap gap-x-3">
            <TextLink href="/supervisor/reports">{reportName(row.kind)}</TextLink>
            <span className="num">v{row.version}</span> <Time at={row.at} />
            {row.receiptNo === null ? (
              <span className="text-ink-3">{reports('noReceipt')}</span>
            ) : (
              <span className="num">{reports('receipt', { no: row.receiptNo })}</span>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Day({ day, fitting }: { readonly day: TaxDay; readonly fitting: Fitting }) {
  const t = useTranslations();
  const { box } = useRowKeys<HTMLTableSectionElement>({ keys: day.trades.map(({ tradeId }) => tradeId) });
  const isAll = Object.keys(fitting.fit).length === 0;
  return (
    <div className="space-y-5">
      <TaxHead day={day} isAll={isAll} />
      <div className="grid items-start gap-5 lg:grid-cols-[360px_minmax(0,1fr)]">
        <div className="space-y-5">
          <Panel title={t('supervisor.byLine')} aside={<ReckonedAt at={day.asOf} />}>
            <LineBars
              lines={day.lines}
              wrap={(id, name) => (
                <Only of={{ line: id }} fitting={fitting}>
                  {name}
                </Only>
              )}
            />
          </Panel>
          <Filed filed={day.filed} due={day.due} />
          <Groups day={day} fitting={fitting} />
          <Notices notices={day.notices} />
          <Panel title={t('supervisor.crossings')} flush>
            {day.crossings.length === 0 ? <p className="p-4 text-ink-2">{t('supervisor.crossingsEmpty')}</p> : null}
            <ul className="divide-y divide-line">
              {day.crossings.map((crossing) => (
                <li key={`${crossing.sellerRef}${crossing.at}`} className="space-y-1 px-4 py-3 text-[13px]">
                  <p className="flex justify-between gap-2">
                    <Person acct={crossing.sellerRef} /> <Time at={crossing.at} />
                  </p>
                  <p>{t('supervisor.crossingText', { gross: formatYuan(crossing.grossFen), count: crossing.reassessed.length })}</p>
                  <p className="flex flex-wrap gap-x-3 font-mono text-xs">
                    {[crossing.byTradeId, ...crossing.reassessed].map((tradeId) => (
                      <SaleLink key={tradeId} saleId={tradeId} giftedItemId={null}>
                        {tradeId.slice(0, 12)}…
                      </SaleLink>
                    ))}
                  </p>
                </li>
              ))}
            </ul>
          </Panel>
        </div>
        <Panel
          title={t('supervisor.tradesOfDay')}
          aside={
            <span className="num flex flex-wrap items-center gap-x-3 text-[13px] text-ink-3">
              <span>{t('supervisor.shownOf', { total: formatCount(day.tradesTotal), shown: formatCount(day.trades.length) })}</span>
              <span>{t('supervisor.listed', { tax: formatYuan(day.tradesTaxFen), gross: formatYuan(day.tradesGrossFen) })}</span>
              {isAll && day.tradesTotal > day.trades.length ? (
                <TextLink className="inline-flex min-h-6 items-center" href={`/supervisor/rows?tile=assessed&period=${day.day}`}>
                  {t('supervisor.everySale')}
                </TextLink>
              ) : null}
              {isAll ? null : <Button onClick={() => fitting.set({})}>{t('supervisor.allSales')}</Button>}
            </span>
          }
          flush
        >
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
              <tbody ref={box}>
                {day.trades.map((trade) => (
                  <tr key={trade.tradeId} data-row-key={trade.tradeId}>
                    <td>
                      <span className="inline-flex flex-wrap items-center gap-2 font-mono text-xs">
                        <SaleLink saleId={trade.tradeId} giftedItemId={trade.giftedItemId}>
                          {trade.tradeId.slice(0, 16)}…
                        </SaleLink>
                        {trade.giftedItemId === null ? null : <Chip>{t('gifts.give')}</Chip>}
                      </span>
                    </td>
                    <td data-label={t('supervisor.time')}>
                      <Time at={trade.at} />
                    </td>
                    <td data-label={t('supervisor.seller')}>
                      <Person acct={trade.sellerRef} />
                    </td>
                    <td data-label={t('trade.gross')} className="end">
                      <Yuan fen={trade.grossFen} />
                    </td>
                    <td data-label={t('supervisor.taxAmount')} className="end">
                      <span>
                        {trade.isVatTaxable ? <Chip tone="wait">{t('supervisor.taxable')}</Chip> : null} <Yuan fen={trade.taxFen} />
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
    </div>
  );
}

/** Who was reminded that registration is due, or that trade looks like a business. */
function Notices({ notices }: Pick<TaxDay, 'notices'>) {
  const t = useTranslations();
  return (
    <Panel title={t('supervisor.sellerNotices')} flush>
      {notices.length === 0 ? <p className="p-4 text-ink-2">{t('supervisor.sellerNoticesEmpty')}</p> : null}
      <ul className="divide-y divide-line">
        {notices.map((notice) => (
          <li key={`${notice.sellerRef}${notice.kind}`} className="space-y-1 px-4 py-3 text-[13px]" data-notice={notice.kind}>
            <p className="flex flex-wrap justify-between gap-2">
              <Person acct={notice.sellerRef} />
              <Chip tone="wait">{t(`sellerYear.kind.${notice.kind}`)}</Chip>
              <Time at={notice.at} />
            </p>
            <p className="text-ink-2">
              {t('sellerYear.noticeText', { turnover: formatYuan(notice.turnoverFen), recent: formatYuan(notice.recentFen) })}
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** A trade opens its page, a gift the item that was given. */
function SaleLink(props: { readonly saleId: string; readonly giftedItemId: string | null; readonly children: ReactNode }) {
  if (props.giftedItemId !== null) return <TextLink href={`/supervisor/items/${props.giftedItemId}`}>{props.children}</TextLink>;
  if (!props.saleId.startsWith('trd_')) return <span>{props.children}</span>;
  return (
    <TextLink href={`/supervisor/trades/${props.saleId}`} className="inline-flex min-h-6 items-center">
      {props.children}
    </TextLink>
  );
}

function Person({ acct }: { readonly acct: string }) {
  return (
    <TextLink href={`/supervisor/people/${acct}`}>
      <Id value={acct} />
    </TextLink>
  );
}
