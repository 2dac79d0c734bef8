'use client';
/** My taxes by month, quarter or year (P-41). */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { knownCode } from '#app/_client/messages/codes.ts';
import { taxZh } from '#app/_client/messages/tax.ts';
import { Empty } from '#app/_components/empty.tsx';
import { ItemName } from '#app/_components/item-art.tsx';
import { Loaded, SignInFirst } from '#app/_components/loaded.tsx';
import { PeriodPicker, usePeriod } from '#app/_components/period-frame.tsx';
import { SellerYearPanel } from '#app/_components/seller-year.tsx';
import { useMe } from '#app/_components/session.tsx';
import { Chip, PageTitle, Panel, Skeleton, Stat, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import type { TaxStatement } from '#server/trpc/views.ts';

const KINDS = ['month', 'quarter', 'year'] as const;

export default function TaxPage() {
  return (
    <Suspense fallback={<Skeleton className="h-dvh" />}>
      <Tax />
    </Suspense>
  );
}

function Tax() {
  const t = useTranslations('taxStatement');
  const me = useMe();
  const frame = usePeriod('/tax', 'period', KINDS);
  const label = frame?.span.label ?? null;
  const answer = useQuery({
    queryKey: ['tax', label],
    queryFn: () => api.tax.statement(label ?? ''),
    enabled: label !== null && me !== null && me !== undefined,
    placeholderData: keepPreviousData,
  });
  if (me === null) return <SignInFirst />;
  // The browser's day comes after the first picture: what stands below the choice of a period would move.
  if (frame === null) return <Skeleton className="h-dvh" />;
  return (
    <div className="space-y-4">
      <PageTitle text={t('title')} />
      <h1 className="text-xl font-bold">{t('title')}</h1>
      <p className="text-[13px] text-ink-2">{t('lead')}</p>
      <PeriodPicker frame={frame} />
      <Loaded query={answer} skeleton={<Skeleton className="h-[640px]" />}>
        {(data) => <Statement statement={data} />}
      </Loaded>
    </div>
  );
}

function Statement({ statement }: { readonly statement: TaxStatement }) {
  const t = useTranslations('taxStatement');
  return (
    <div className="space-y-5">
      <section className="notch border border-line bg-card p-5">
        <dl className="grid grid-cols-2 gap-4 sm:grid-cols-5">
          <Stat label={t('sales')} note={t('gifts', { count: statement.gifts })}>
            <Yuan fen={statement.grossFen} />
          </Stat>
          <Stat label={t('refunds')}>
            <Yuan fen={statement.refundFen} />
          </Stat>
          <Stat label={t('fees')}>
            <Yuan fen={statement.feesFen} />
          </Stat>
          <Stat label={t('royalties')}>
            <Yuan fen={statement.royaltiesFen} />
          </Stat>
          <Stat label={t('taxes')} note={statement.reassessed === 0 ? undefined : t('reassessed', { count: statement.reassessed })}>
            <Yuan fen={statement.totalFen} />
          </Stat>
        </dl>
        <p className="mt-4 flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line pt-3 text-[13px]">
          <Chip tone="wait">{t('estimate')}</Chip>
          {statement.reported.length === 0 ? <span className="text-ink-3">{t('notReported')}</span> : <span>{t('reported')}</span>}
          {statement.reported.map((row) => (
            <span key={row.period} className="num">
              {t('reportedText', { period: row.period, version: row.version })} <Time at={row.at} style="day" />
            </span>
          ))}
        </p>
      </section>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        {statement.lines.length === 0 ? null : <Lines lines={statement.lines} />}
        {statement.year === null ? null : <SellerYearPanel year={statement.year} />}
      </div>
      <Rows statement={statement} />
    </div>
  );
}

function Lines({ lines }: Pick<TaxStatement, 'lines'>) {
  const t = useTranslations('taxStatement');
  return (
    <Panel title={t('lines')} flush>
      <ul className="divide-y divide-line">
        {lines.map((line) => (
          <li key={line.id} className="flex items-start justify-between gap-3 px-4 py-2.5">
            <span>
              <ItemName names={line.label} />
              <span className="num block text-xs text-ink-3">
                {line.due.length === 0 ? t('dueNone') : `${t('due')} ${line.due.join(', ')}`}
              </span>
            </span>
            <Yuan fen={line.amountFen} className="font-semibold" />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Rows({ statement }: { readonly statement: TaxStatement }) {
  const t = useTranslations();
  const sourceOf = (source: string | null) => {
    const known = source === null ? null : knownCode(taxZh.taxStatement.source, source);
    return known === null ? null : t(`taxStatement.source.${known}`);
  };
  if (statement.rows.length === 0) return <Empty title={t('taxStatement.empty')} text={t('taxStatement.emptyText')} />;
  return (
    <Panel title={t('taxStatement.rows')} flush>
      {statement.rowsMore ? <p className="px-4 py-2 text-[13px] text-ink-3">{t('taxStatement.rowsMore')}</p> : null}
      <table className="data-table as-cards">
        <thead>
          <tr>
            <th>{t('trade.title')}</th>
            <th>{t('supervisor.time')}</th>
            <th>{t('taxStatement.cost')}</th>
            <th className="end">{t('trade.gross')}</th>
            <th className="end">{t('taxStatement.amount')}</th>
          </tr>
        </thead>
        <tbody>
          {statement.rows.map((row) => (
            <tr key={row.saleId}>
              <td>
                <span className="inline-flex flex-wrap items-center gap-2">
                  <TextLink
                    href={row.giftedItemId === null ? `/trades/${row.saleId}` : `/i/${row.giftedItemId}`}
                    className="inline-flex min-h-6 items-center font-mono text-xs"
                  >
                    {row.saleId.slice(0, 12)}…
                  </TextLink>
                  {row.giftedItemId === null ? null : <Chip>{t('taxStatement.gift')}</Chip>}
                  {row.isReversed ? <Chip tone="bad">{t('taxStatement.reversed')}</Chip> : null}
                  {row.version > 1 ? <Chip>{t('taxStatement.again', { version: row.version })}</Chip> : null}
                </span>
              </td>
              <td data-label={t('supervisor.time')}>
                <Time at={row.at} />
              </td>
              <td data-label={t('taxStatement.cost')}>
                <span>
                  {row.costFen === null ? null : <Yuan fen={row.costFen} />}{' '}
                  <span className="text-xs text-ink-3">{sourceOf(row.costSource)}</span>
                </span>
              </td>
              <td data-label={t('trade.gross')} className="end">
                <Yuan fen={row.grossFen} />
              </td>
              <td data-label={t('taxStatement.amount')} className="end">
                <Yuan fen={row.taxFen} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
