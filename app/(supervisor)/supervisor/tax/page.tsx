'use client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useRouter, useSearchParams } from 'next/navigation';
import { type ReactNode, Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatCount, formatYuan } from '#app/_client/format.ts';
import { Empty } from '#app/_components/empty.tsx';
import { ItemName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { useNow } from '#app/_components/providers.tsx';
import { Button, Chip, Id, PageTitle, Panel, Segments, Skeleton, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import { useReportName } from '#app/_components/use-code-name.ts';
import { beijingDate, instant } from '#ledger/primitives/instant.ts';
import { labelAround, PERIOD_KINDS, parsePeriod } from '#sandbox/reports/period.ts';
import type { TaxDay } from '#server/trpc/views.ts';

const DAY_MS = 86_400_000;
const PERIOD = /^\d{4}(?:-Q[1-4]|-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?$/;

export default function TaxPage() {
  return (
    <Suspense fallback={<Skeleton className="h-dvh" />}>
      <Tax />
    </Suspense>
  );
}

function Tax() {
  const t = useTranslations('supervisor');
  const returns = useTranslations('periodReturns');
  const router = useRouter();
  const asked = useSearchParams().get('day');
  const now = useNow(60_000);
  const today = now === null ? null : beijingDate(instant(now));
  const label = asked !== null && PERIOD.test(asked) ? asked : today;
  const answer = useQuery({
    queryKey: ['taxDay', label],
    queryFn: () => api.supervisor.taxDay(label ?? ''),
    enabled: label !== null,
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });
  const show = (next: string) => router.replace(`/supervisor/tax?day=${next}`);
  const period = label === null ? null : parsePeriod(label);
  const kind = period?.kind ?? 'day';
  // The last date of the period: of it every other kind of period is the one around it.
  const within = period === null || today === null ? null : period.beforeDate > today && period.fromDate <= today ? today : period.fromDate;
  const beside = (steps: -1 | 1): string =>
    period === null ? '' : labelAround(kind, steps === 1 ? period.beforeDate : beijingDate(instant(period.from - DAY_MS)));
  return (
    <div className="space-y-4">
      <PageTitle text={t('tax')} />
      <div className="flex flex-wrap items-center gap-2">
        <Segments
          label={t('period')}
          value={kind}
          onChange={(next) => (within === null ? undefined : show(labelAround(next, within)))}
          options={PERIOD_KINDS.map((value) => ({ value, label: t(`periods.${value}`) }))}
        />
        <Button onClick={() => show(beside(-1))} aria-label={t('prev')}>
          <ChevronLeft size={16} aria-hidden />
        </Button>
        {kind === 'day' ? (
          <input
            type="date"
            aria-label={t('day')}
            className="num h-11 rounded-md border border-line-strong/70 bg-card px-3 sm:h-9"
            value={label ?? ''}
            max={today ?? undefined}
            onChange={(event) => (event.target.value === '' ? undefined : show(event.target.value))}
          />
        ) : (
          <span className="num px-2 font-semibold">{label}</span>
        )}
        <Button
          onClick={() => show(beside(1))}
          aria-label={t('next')}
          disabled={period === null || today === null || period.beforeDate > today}
        >
          <ChevronRight size={16} aria-hidden />
        </Button>
        {period !== null && today !== null && period.beforeDate > today ? (
          <span className="text-[13px] text-amber">{t('estimated')}</span>
        ) : null}
        <TextLink className="ms-auto" href={`/supervisor/tax/returns${within === null ? '' : `?month=${labelAround('month', within)}`}`}>
          {returns('others')}
        </TextLink>
      </div>
      <Loaded query={answer} skeleton={<Skeleton className="h-dvh" />}>
        {(data) => <Day day={data} />}
      </Loaded>
    </div>
  );
}

function Groups({ day }: { readonly day: TaxDay }) {
  const t = useTranslations('supervisor');
  const groups = [
    [t('byGame'), day.byGame.map((row) => ({ ...row, key: row.gameId, name: <ItemName names={row.names} /> }))],
    [t('bySeller'), day.bySeller.map((row) => ({ ...row, key: row.sellerRef, name: <Person acct={row.sellerRef} /> }))],
  ] as const;
  return groups.map(([title, rows]) => (
    <Panel key={title} title={title}>
      <dl className="space-y-1">
        {rows.map((row) => (
          <div key={row.key} className="flex justify-between gap-4">
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
          </li>
        ))}
      </ul>
    </Panel>
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
        <Filed filed={day.filed} due={day.due} />
        <Groups day={day} />
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
          <span className="num text-[13px] text-ink-3">
            {t('supervisor.shownOf', { total: formatCount(day.tradesTotal), shown: formatCount(day.trades.length) })}
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
            <tbody>
              {day.trades.map((trade) => (
                <tr key={trade.tradeId}>
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
