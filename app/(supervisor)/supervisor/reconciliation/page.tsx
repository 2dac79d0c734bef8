'use client';
/** Our journal beside the institution's statement, day by day, and what does not agree (V-11). */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { formatSeconds, formatYuan } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { useNow } from '#app/_components/providers.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Chip, Field, PageTitle, Panel, Skeleton, Time, Yuan } from '#app/_components/ui.tsx';
import { useMore } from '#app/_components/use-more.tsx';
import type { Reconciliation } from '#server/trpc/views.ts';
import { BankStatements } from './bank-statements.tsx';
import { LargeValues } from './large-values.tsx';

const REFRESH_MS = 15_000;
const FIGURES = ['opening', 'in', 'out', 'closing', 'held'] as const;
const BEIJING_MS = 8 * 3_600_000;

export default function ReconciliationPage() {
  const t = useTranslations('statement');
  const provider = useTranslations('code.provider');
  const query = useQuery({ queryKey: ['statement'], queryFn: () => staffApi.funds.reconciliation(), refetchInterval: REFRESH_MS });
  return (
    <div className="space-y-5">
      <PageTitle text={t('title')} />
      <p className="max-w-3xl text-ink-2">{t('lead')}</p>
      <CompareForm />
      <Loaded query={query} skeleton={<Skeleton className="h-96" />}>
        {(data) => (
          <>
            <p className="text-[13px] text-ink-2">
              {t('institution', { name: data.isSimulated ? provider('simulated') : data.institution })}
            </p>
            <Breaks breaks={data.breaks} />
            <Days days={data.days} />
            <BankStatements />
            <LargeValues />
          </>
        )}
      </Loaded>
    </div>
  );
}

function CompareForm() {
  const t = useTranslations('statement');
  const client = useQueryClient();
  const now = useNow(60_000);
  const [chosen, setChosen] = useState<string | null>(null);
  const day = chosen ?? (now === null ? '' : new Date(now + BEIJING_MS).toISOString().slice(0, 'yyyy-mm-dd'.length));
  const compare = useMutation({
    mutationFn: () => staffApi.funds.compareDay(day),
    onSuccess: () => client.invalidateQueries({ queryKey: ['statement'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    compare.mutate();
  };
  return (
    <form className="flex flex-wrap items-end gap-3" onSubmit={submit}>
      <Field type="date" label={t('day')} value={day} onChange={(event) => setChosen(event.target.value)} required />
      <Button tone="primary" type="submit" disabled={compare.isPending}>
        {t('compare')}
      </Button>
      <div aria-live="polite" className="text-[13px]">
        {compare.isSuccess ? t('done', { fen: formatYuan(compare.data.differenceFen) }) : null}
        {compare.isError ? <RefusalNote refusal={readRefusal(compare.error)} /> : null}
      </div>
    </form>
  );
}

function Breaks({ breaks }: { readonly breaks: Reconciliation['breaks'] }) {
  const t = useTranslations('statement');
  return (
    <Panel title={t('breaks')} aside={breaks.length === 0 ? <Chip tone="good">{`${t('none')} · ${t('noneText')}`}</Chip> : null} flush>
      {breaks.length === 0 ? null : (
        <table className="data-table as-cards" data-testid="breaks">
          <thead>
            <tr>
              <th>{t('subject')}</th>
              <th>{t('cause')}</th>
              <th>{t('owner')}</th>
              <th className="end">{t('expected')}</th>
              <th className="end">{t('reported')}</th>
              <th className="end">{t('age')}</th>
            </tr>
          </thead>
          <tbody>
            {breaks.map((each) => (
              <tr key={each.breakId} data-kind={each.kind}>
                <td className="font-mono text-xs">
                  <span className="break-all text-start">{each.subject}</span>{' '}
                  <Chip tone={each.closedAt === null ? 'bad' : 'good'}>{each.closedAt === null ? t('open') : t('closed')}</Chip>
                </td>
                <td data-label={t('cause')}>{t(`causes.${each.cause}`)}</td>
                <td data-label={t('owner')}>
                  {t(`owners.${each.owner}`)} <span className="text-xs text-ink-3">{each.takenBy}</span>
                </td>
                <td data-label={t('expected')} className="end">
                  <Amount text={each.expected} />
                </td>
                <td data-label={t('reported')} className="end">
                  <Amount text={each.reported} />
                </td>
                <td data-label={t('age')} className="end num">
                  {formatSeconds(each.ageSeconds)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

/** Most breaks are of amounts, some of states. */
function Amount({ text }: { readonly text: string }) {
  return /^-?\d{1,18}$/.test(text) ? <Yuan fen={text} /> : <span className="font-mono text-xs break-all">{text}</span>;
}

const DAYS_SHOWN = 7;

/** The last week; what lies below is not to be scrolled past a month of zeros. A day that differs is always there. */
function Days({ days }: { readonly days: Reconciliation['days'] }) {
  const t = useTranslations('statement');
  const { drawn, button } = useMore(days, undefined, DAYS_SHOWN);
  const shown = days.filter((row) => drawn.includes(row) || row.differenceFen !== '0');
  return (
    <Panel title={t('days')} flush>
      {days.length === 0 ? (
        <Empty title={t('empty')} text={t('emptyText')} />
      ) : (
        <table className="data-table as-cards" data-testid="days">
          <thead>
            <tr>
              <th>{t('day')}</th>
              <th>{t('side')}</th>
              {FIGURES.map((figure) => (
                <th key={figure} className="end">
                  {t(figure)}
                </th>
              ))}
              <th className="end">{t('difference')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.flatMap((row) =>
              (['ours', 'theirs'] as const).map((side) => (
                <tr key={`${row.day}${side}`}>
                  <td>
                    {side === 'ours' ? (
                      <span className="num">{row.day}</span>
                    ) : (
                      <span className="text-[13px] text-ink-3">
                        <Time at={row.at} /> · {t('run', { run: String(row.run) })}
                      </span>
                    )}
                  </td>
                  <td data-label={t('side')}>{t(side)}</td>
                  {FIGURES.map((figure) => (
                    <td key={figure} data-label={t(figure)} className="end">
                      <Yuan fen={row[side][`${figure}Fen`]} />
                    </td>
                  ))}
                  {side === 'ours' ? (
                    <td data-label={t('way')} className="end">
                      <span className="text-ink-3">
                        <span className="max-sm:hidden">{t('way')}</span> <Yuan fen={row.onItsWayFen} />
                      </span>
                    </td>
                  ) : (
                    <td data-label={t('difference')} className="end">
                      <span className={row.differenceFen === '0' ? 'text-green' : 'text-red'}>
                        <Yuan fen={row.differenceFen} />
                      </span>
                    </td>
                  )}
                </tr>
              )),
            )}
          </tbody>
        </table>
      )}
      {button === null ? null : <p className="border-t border-line p-3 text-center">{button}</p>}
    </Panel>
  );
}
