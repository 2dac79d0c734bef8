'use client';
/** One alert whole (V-08): score, explanation, the movements as a graph and as a table, what was like it, and what to do. */
import { useQuery } from '@tanstack/react-query';
import { ChevronLeft } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useParams } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { useName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Id, PageTitle, Panel, Segments, Skeleton, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import { useCitation } from '#app/_components/use-citation.ts';
import { useRoom } from '#app/_components/use-room.ts';
import type { AlertView } from '#server/trpc/views.ts';
import { LinkedText } from '../../linked-text.tsx';
import { useParameterName } from '../../use-parameter-name.ts';
import { AlertRow, Score, StateChip } from '../alert-row.tsx';
import { useFigureName } from '../use-figure-name.ts';
import { AlertActions } from './alert-actions.tsx';
import { AlertMeasures } from './alert-measures.tsx';
import { EvidenceTable } from './evidence-table.tsx';

// The graph library is for this page alone and draws nothing on the server.
const AlertGraph = dynamic(() => import('./alert-graph.tsx').then(({ AlertGraph: Graph }) => Graph), {
  ssr: false,
  loading: () => <Skeleton className="h-96" />,
});

export default function AlertPage() {
  const { alertId } = useParams<{ alertId: string }>();
  const t = useTranslations('alerts');
  const role = useStaff()?.role ?? null;
  useRoom('/supervisor', role === 'sup_finance' ? 'sup:finance' : role === 'sup_market' ? 'sup:market' : null, [['alert', alertId]]);
  const alert = useQuery({ queryKey: ['alert', alertId], queryFn: () => staffApi.alert.get(alertId) });
  return (
    <div className="space-y-4">
      <PageTitle text={t('alert')} />
      <TextLink href="/supervisor/alerts" className="inline-flex min-h-11 items-center gap-1 text-sm sm:min-h-0">
        <ChevronLeft size={15} aria-hidden /> {t('back')}
      </TextLink>
      <Loaded query={alert} skeleton={<Skeleton className="h-[70vh]" />}>
        {(data) => <Alert alert={data} />}
      </Loaded>
    </div>
  );
}

function Alert({ alert }: { readonly alert: AlertView }) {
  const t = useTranslations('alerts');
  const name = useName();
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_340px]">
      <div className="min-w-0 space-y-5">
        <section className="space-y-3 rounded-lg border border-line bg-card p-4 shadow-card">
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <Score value={alert.score} large />
            <h2 className="text-lg font-bold">{name(alert.title)}</h2>
            <span className="font-mono text-sm text-ink-3">{alert.detector}</span>
            <StateChip state={alert.state} />
          </div>
          <p>
            <LinkedText text={name(alert.explanation)} />
          </p>
          <p className="flex flex-wrap gap-x-4 text-[13px] text-ink-2">
            <span>
              <Time at={alert.firstAt} style="full" /> – <Time at={alert.at} style="full" />
            </span>
            <span>
              {t('due')} <Time at={alert.dueAt} /> {alert.isOverdue ? <strong className="text-red">{t('dueOver')}</strong> : null}
            </span>
            {alert.caseId === null ? null : (
              <TextLink href={`/supervisor/cases/${alert.caseId}`}>{t('caseId', { id: alert.caseId.slice(0, 12) })}</TextLink>
            )}
          </p>
        </section>
        <Evidence alert={alert} />
        <Panel title={t('similar')} flush>
          {alert.similar.length === 0 ? <p className="p-4 text-ink-2">{t('similarEmpty')}</p> : null}
          <ul className="divide-y divide-line">
            {alert.similar.map((other) => (
              <li key={other.alertId}>
                <AlertRow alert={other} />
              </li>
            ))}
          </ul>
        </Panel>
      </div>
      <div className="space-y-5">
        <AlertMeasures alert={alert} />
        <AlertActions alert={alert} />
        <Figures alert={alert} />
        <Accounts alert={alert} />
      </div>
    </div>
  );
}

function Evidence({ alert }: { readonly alert: AlertView }) {
  const t = useTranslations('alerts');
  const [shape, setShape] = useState<'graph' | 'table'>('graph');
  return (
    <Panel
      title={`${t('evidence')} (${alert.evidenceTotal})`}
      flush
      aside={
        <Segments
          label={t('evidence')}
          value={shape}
          options={[
            { value: 'graph', label: t('graph') },
            { value: 'table', label: t('table') },
          ]}
          onChange={setShape}
        />
      }
    >
      {alert.evidenceRows.length === 0 ? <Empty title={t('noEvidence')} /> : null}
      {alert.evidenceRows.length > 0 && shape === 'graph' ? <AlertGraph rows={alert.evidenceRows} names={alert.names} /> : null}
      {alert.evidenceRows.length > 0 && shape === 'table' ? <EvidenceTable rows={alert.evidenceRows} names={alert.names} /> : null}
    </Panel>
  );
}

function Figures({ alert }: { readonly alert: AlertView }) {
  const t = useTranslations('alerts');
  const figure = useFigureName();
  const named = useName();
  const word = useParameterName();
  const cite = useCitation();
  return (
    <Panel title={t('figures')}>
      <dl className="space-y-1 text-[13px]">
        {alert.figures.map(({ name, value }) => (
          <div key={name} className="flex justify-between gap-3">
            <dt className="flex-none text-ink-2">{figure(name)}</dt>
            <dd className="num min-w-0 break-all text-end">
              {name.endsWith('Fen') && /^-?\d+$/.test(value) ? (
                <Yuan fen={value} />
              ) : value === 'true' || value === 'false' ? (
                t(`yesNo.${value}`)
              ) : (
                <LinkedText text={value} isAlone />
              )}
            </dd>
          </div>
        ))}
      </dl>
      <h3 className="mt-4 mb-1 text-[13px] font-semibold">{t('parameters')}</h3>
      <dl className="space-y-1 text-[13px]">
        {alert.parameters.map((parameter) => (
          <div
            key={parameter.constant}
            className="flex justify-between gap-3"
            title={`${cite(parameter.citation)} · ${parameter.confidence}`}
          >
            <dt className="min-w-0 break-words text-ink-2">
              {parameter.words === null ? (word(parameter.constant) ?? parameter.name) : named(parameter.words)}
            </dt>
            <dd className="num text-end">{parameter.value}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-4 text-xs text-ink-3">{t('reproducible', { factNo: alert.factNo, hash: `${alert.packHash.slice(0, 12)}…` })}</p>
    </Panel>
  );
}

const SHOWN_ACCOUNTS = 20;

function Accounts({ alert }: { readonly alert: AlertView }) {
  const t = useTranslations('alerts');
  return (
    <Panel title={`${t('accounts')} (${alert.accountRefs.length})`}>
      <ul className="space-y-1 text-[13px]">
        {alert.accountRefs.slice(0, SHOWN_ACCOUNTS).map((ref) => (
          <li key={ref} className="flex flex-wrap items-center gap-x-2">
            {/^[0-9a-f]{64}$/.test(ref) ? <LinkedText text={ref} isAlone /> : <Id value={ref} />}
            <span>{alert.names[ref] ?? ''}</span>
            <TextLink href={`/supervisor/alerts?about=${encodeURIComponent(ref)}`} className="ms-auto text-xs">
              {t('title')}
            </TextLink>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
