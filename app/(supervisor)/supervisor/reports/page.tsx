'use client';
/** Reports of one's own authority (V-24): order, follow, open, check in the browser, save. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { Button, Chip, Field, PageTitle, Panel, Skeleton, Time } from '#app/_components/ui.tsx';
import type { ReportList, ReportRow } from '#server/trpc/views.ts';
import { DuePanel, FilingState } from './filing.tsx';
import { ReportSheet } from './report-sheet.tsx';

const REFRESH_MS = 5_000;

export default function ReportsPage() {
  const t = useTranslations('reports');
  const list = useQuery({ queryKey: ['reports'], queryFn: () => staffApi.report.list(), refetchInterval: REFRESH_MS });
  return (
    <div className="space-y-5">
      <PageTitle text={t('title')} />
      <Loaded query={list} skeleton={<Skeleton className="h-96" />}>
        {(data) => <Reports data={data} />}
      </Loaded>
    </div>
  );
}

function useKindName(kinds: ReportList['kinds']) {
  const { locale } = usePreferences();
  return (kind: string) => {
    const known = kinds.find((each) => each.kind === kind);
    return known === undefined ? kind : locale === 'en' ? known.name.en : known.name.zh;
  };
}

function Reports({ data }: { readonly data: ReportList }) {
  const t = useTranslations('reports');
  const nameOf = useKindName(data.kinds);
  const [chosen, setChosen] = useState<ReportRow | null>(null);
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: ({ kind, period }: Pick<ReportList['due'][number], 'kind' | 'period'>) => staffApi.report.order(kind, period),
    onSuccess: () => client.invalidateQueries({ queryKey: ['reports'] }),
  });
  return (
    <>
      {data.jobs.length === 0 ? null : (
        <ul className="space-y-1" aria-live="polite">
          {data.jobs.map((job) => (
            <li key={job.jobId} className="flex flex-wrap items-center gap-2 text-[13px]">
              <Chip tone={job.state === 'failed' ? 'bad' : 'wait'}>{job.state === 'failed' ? t('failed') : t('running')}</Chip>
              {nameOf(job.kind)} · {job.period} {job.reason === null ? null : <code>{job.reason}</code>}
            </li>
          ))}
        </ul>
      )}
      <DuePanel due={data.due} nameOf={nameOf} onMake={(row) => make.mutate(row)} isBusy={make.isPending} />
      {make.isError ? <RefusalNote refusal={readRefusal(make.error)} /> : null}
      <OrderForm kinds={data.kinds} nameOf={nameOf} />
      <Panel title={t('title')} flush>
        {data.reports.length === 0 ? (
          <Empty title={t('empty')}>{t('emptyText')}</Empty>
        ) : (
          <ReportTable rows={data.reports} nameOf={nameOf} onOpen={setChosen} />
        )}
      </Panel>
      <Sheet
        open={chosen !== null}
        onClose={() => setChosen(null)}
        title={chosen === null ? '' : `${nameOf(chosen.kind)} · ${chosen.period} · ${t('ofVersion', { version: chosen.version })}`}
      >
        {chosen === null ? null : (
          <ReportSheet
            reportId={chosen.reportId}
            onOpen={(reportId) => setChosen(data.reports.find((row) => row.reportId === reportId) ?? chosen)}
          />
        )}
      </Sheet>
    </>
  );
}

function ReportTable(props: {
  readonly rows: readonly ReportRow[];
  readonly nameOf: (kind: string) => string;
  readonly onOpen: (row: ReportRow) => void;
}) {
  const t = useTranslations('reports');
  return (
    <table className="data-table as-cards">
      <thead>
        <tr>
          <th>{t('kind')}</th>
          <th>{t('period')}</th>
          <th className="end">{t('version')}</th>
          <th className="end">{t('height')}</th>
          <th>{t('at')}</th>
          <th>{t('filing')}</th>
          <th>
            <span className="sr-only">{t('open')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <tr key={row.reportId} data-report={row.kind} data-period={row.period}>
            <td>{props.nameOf(row.kind)}</td>
            <td data-label={t('period')} className="num">
              {row.period}
            </td>
            <td data-label={t('version')} className="num end">
              <span>
                {row.version} {row.amends === null ? null : <Chip tone="wait">{t('amends')}</Chip>}
              </span>
            </td>
            <td data-label={t('height')} className="num end">
              {row.height}
            </td>
            <td data-label={t('at')}>
              <Time at={row.at} />
            </td>
            <td data-label={t('filing')}>
              <FilingState filing={row.filing} />
            </td>
            <td className="end">
              <Button onClick={() => props.onOpen(row)}>{t('open')}</Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function OrderForm({ kinds, nameOf }: { readonly kinds: ReportList['kinds']; readonly nameOf: (kind: string) => string }) {
  const t = useTranslations('reports');
  const client = useQueryClient();
  const [kind, setKind] = useState(kinds[0]?.kind ?? '');
  const [period, setPeriod] = useState('');
  const order = useMutation({
    mutationFn: () => staffApi.report.order(kind, period.trim()),
    onSuccess: () => client.invalidateQueries({ queryKey: ['reports'] }),
  });
  const chosen = kinds.find((each) => each.kind === kind);
  if (chosen === undefined) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    order.mutate();
  };
  return (
    <Panel title={t('order')}>
      <form className="flex flex-wrap items-end gap-3" onSubmit={submit}>
        <label className="min-w-0 max-w-xl flex-1 basis-72 text-[13px]">
          <span className="mb-1 block font-medium text-ink-2">{t('kind')}</span>
          <select
            className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-3 text-sm sm:h-10"
            value={kind}
            onChange={(event) => setKind(event.target.value)}
          >
            {kinds.map((each) => (
              <option key={each.kind} value={each.kind}>
                {nameOf(each.kind)}
              </option>
            ))}
          </select>
        </label>
        <Field
          label={t('period')}
          value={period}
          placeholder={t(`periodHint.${chosen.period}`)}
          onChange={(event) => setPeriod(event.target.value)}
          required
        />
        <Button tone="primary" type="submit" disabled={order.isPending}>
          {t('make')}
        </Button>
      </form>
      <div aria-live="polite" className="mt-2 text-[13px]">
        {order.isSuccess ? t('queued') : null}
        {order.isError ? <RefusalNote refusal={readRefusal(order.error)} /> : null}
      </div>
    </Panel>
  );
}
