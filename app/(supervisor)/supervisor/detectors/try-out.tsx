'use client';
/** Other parameters on recorded facts: what would come, what would go, and what people had decided about it. */
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { useName } from '#app/_components/item-art.tsx';
import { useNow } from '#app/_components/providers.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field, Stat, Time } from '#app/_components/ui.tsx';
import { beijingDate, instant } from '#ledger/primitives/instant.ts';
import type { DetectorView, TryOutAlert, TryOutAnswer, TryOutSide } from '#server/trpc/views.ts';
import { useParameterName } from '../use-parameter-name.ts';

const MONTH_MS = 30 * 86_400_000;

export function TryOut({ detector }: { readonly detector: DetectorView }) {
  const t = useTranslations('alerts');
  const word = useParameterName();
  const now = useNow(3_600_000);
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [period, setPeriod] = useState<{ readonly from?: string; readonly to?: string }>({});
  const from = period.from ?? (now === null ? '' : beijingDate(instant(now - MONTH_MS)));
  const to = period.to ?? (now === null ? '' : beijingDate(instant(now)));
  const changes = Object.fromEntries(
    detector.parameters.flatMap(({ constant, value }) => {
      const typed = values[constant]?.trim() ?? '';
      return typed === '' || typed === value ? [] : [[constant, typed]];
    }),
  );
  const run = useMutation({ mutationFn: () => staffApi.alert.tryOut({ detector: detector.id, changes, from, to }) });
  return (
    <section className="space-y-3 rounded-md border border-line bg-sunk p-3">
      <h3 className="text-sm font-semibold">{t('tryOut')}</h3>
      <p className="text-[13px] text-ink-2">{t('tryOutText')}</p>
      <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
        {detector.parameters.map(({ constant, name, value }) => (
          <Field
            key={constant}
            label={word(constant) ?? name}
            value={values[constant] ?? value}
            align="end"
            onChange={(event) => setValues({ ...values, [constant]: event.target.value })}
          />
        ))}
      </div>
      <div className="flex flex-wrap items-end gap-3">
        <Field label={t('period')} type="date" value={from} onChange={(event) => setPeriod({ ...period, from: event.target.value })} />
        <Field label={t('until')} type="date" value={to} onChange={(event) => setPeriod({ ...period, to: event.target.value })} />
        <Button tone="primary" disabled={run.isPending || from === '' || to === ''} onClick={() => run.mutate()}>
          {run.isPending ? t('running') : t('tryOutRun')}
        </Button>
        {Object.keys(changes).length === 0 ? <span className="text-xs text-ink-3">{t('unchanged')}</span> : null}
      </div>
      {run.isError ? <RefusalNote refusal={readRefusal(run.error)} /> : null}
      {run.data === undefined ? null : <Outcome answer={run.data} />}
    </section>
  );
}

function Outcome({ answer }: { readonly answer: TryOutAnswer }) {
  const t = useTranslations('alerts');
  return (
    <div className="space-y-3" aria-live="polite">
      <p className="text-[13px] text-ink-2">
        {t('tryFacts', { count: formatCount(answer.facts) })}
        {answer.changes.map(({ constant, before, after }) => (
          <span key={constant} className="ms-3 font-mono text-xs">
            {constant}: {before} → {after}
          </span>
        ))}
      </p>
      <div className="grid gap-3 sm:grid-cols-2">
        <Side title={t('published')} side={answer.baseline} decided={answer.decided} />
        <Side title={t('draft')} side={answer.draft} decided={answer.decided} />
        <List title={`${t('added')} (${answer.added.length})`} alerts={answer.added} />
        <List title={`${t('gone')} (${answer.gone.length})`} alerts={answer.gone} />
      </div>
    </div>
  );
}

function Box({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="rounded-md border border-line bg-card p-3">
      <h4 className="mb-2 text-[13px] font-semibold">{title}</h4>
      {children}
    </div>
  );
}

function Side(props: { readonly title: string; readonly side: TryOutSide; readonly decided: TryOutAnswer['decided'] }) {
  const t = useTranslations('alerts');
  const { side, decided } = props;
  return (
    <Box title={props.title}>
      <dl className="grid grid-cols-2 gap-2">
        <Stat label={t('tryAlerts')}>{formatCount(side.alerts)}</Stat>
        <Stat label={t('tryEvidence')}>{formatCount(side.evidence)}</Stat>
      </dl>
      <p className="mt-2 text-xs text-ink-3">
        {t('tryConfirmed', { count: side.confirmed, of: decided.confirmed })} ·{' '}
        {t('tryDismissed', { count: side.dismissed, of: decided.dismissed })}
      </p>
    </Box>
  );
}

function List({ title, alerts }: { readonly title: string; readonly alerts: readonly TryOutAlert[] }) {
  const t = useTranslations('alerts');
  const name = useName();
  return (
    <Box title={title}>
      {alerts.length === 0 ? <p className="text-[13px] text-ink-2">{t('none')}</p> : null}
      <ul className="space-y-1 text-[13px]">
        {alerts.map((alert) => (
          <li key={`${alert.at}${alert.tradeIds.join()}`}>
            <span className="num font-semibold">{alert.score}</span> <Time at={alert.at} /> {name(alert.explanation)}
          </li>
        ))}
      </ul>
    </Box>
  );
}
