'use client';
/** What each account took in and paid out on a day, against the lines from which the institution reports (rulebook CN-AML-03). */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { useNow } from '#app/_components/providers.tsx';
import { Chip, Field, Panel, Skeleton, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import type { LargeValues as Day } from '#server/trpc/views.ts';
import { FilingState } from '../reports/filing.tsx';

const REFRESH_MS = 30_000;
const BEIJING_MS = 8 * 3_600_000;

export function LargeValues() {
  const t = useTranslations('statement.largeValues');
  const label = useTranslations('statement');
  const now = useNow(60_000);
  const [chosen, setChosen] = useState<string | null>(null);
  const day = chosen ?? (now === null ? '' : new Date(now + BEIJING_MS).toISOString().slice(0, 'yyyy-mm-dd'.length));
  const query = useQuery({
    queryKey: ['large-values', day],
    queryFn: () => staffApi.funds.largeValues(day),
    enabled: day !== '',
    refetchInterval: REFRESH_MS,
  });
  return (
    <Panel title={t('title')}>
      <div className="space-y-3" data-testid="large-values">
        <p className="max-w-3xl text-[13px] text-ink-2">{t('lead')}</p>
        <div className="flex">
          <Field type="date" label={label('day')} value={day} onChange={(event) => setChosen(event.target.value)} required />
        </div>
        <Loaded query={query} skeleton={<Skeleton className="h-40" />}>
          {(data) => (
            <>
              <State data={data} />
              <Rows rows={data.rows} />
              {data.total > data.rows.length ? <p className="text-[13px] text-ink-3">{t('shown', { count: data.rows.length })}</p> : null}
            </>
          )}
        </Loaded>
      </div>
    </Panel>
  );
}

function State({ data }: { readonly data: Day }) {
  const t = useTranslations('statement.largeValues');
  return (
    <div className="space-y-1 text-[13px]">
      <p>
        {data.packHash === null ? t('noPack') : t('reached', { count: data.reached, total: String(data.total) })}{' '}
        {data.isOver ? null : <span className="text-ink-3">{t('running')}</span>}
      </p>
      <p className="flex flex-wrap items-center gap-2">
        {t('report')}: {data.report === null ? <Chip tone="wait">{t('notMade')}</Chip> : <FilingState filing={data.report.filing} />}
        <span className="num text-ink-3">{t('due', { date: data.dueOn })}</span>
      </p>
    </div>
  );
}

function Rows({ rows }: Pick<Day, 'rows'>) {
  const t = useTranslations('statement.largeValues');
  if (rows.length === 0) return <Empty title={t('empty')} text={t('emptyText')} />;
  return (
    <table className="data-table as-cards">
      <thead>
        <tr>
          <th>{t('account')}</th>
          <th>{t('scopeHead')}</th>
          <th>{t('direction')}</th>
          <th className="end">{t('sum')}</th>
          <th className="end">{t('line')}</th>
          <th className="end">{t('payments')}</th>
          <th className="end">{t('when')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ acct, account, scope, direction, sumFen, lineFen, count, reachedAt }) => (
          <tr key={`${acct ?? account} ${scope} ${direction}`} data-reached={reachedAt === null ? 'no' : 'yes'}>
            <td>
              {t(`accounts.${account}`)}{' '}
              {account === 'player' && acct !== null ? (
                <TextLink href={`/supervisor/people/${acct}`} className="font-mono text-[0.92em]" title={acct}>
                  {acct.slice(0, 12)}…
                </TextLink>
              ) : (
                <span className="font-mono text-[0.92em] text-ink-3">{acct?.slice(0, 12)}</span>
              )}
            </td>
            <td data-label={t('scopeHead')}>{t(`scope.${scope}`)}</td>
            <td data-label={t('direction')}>{t(`way.${direction}`)}</td>
            <td data-label={t('sum')} className="end">
              <Yuan fen={sumFen} />
            </td>
            <td data-label={t('line')} className="end">
              <Yuan fen={lineFen} />
            </td>
            <td data-label={t('payments')} className="end num">
              {count}
            </td>
            <td data-label={t('when')} className="end">
              {reachedAt === null ? <span className="text-ink-3">{t('below')}</span> : <Time at={reachedAt} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
