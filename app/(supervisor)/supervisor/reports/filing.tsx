'use client';
/** What is owed to an authority and until when, and what became of a report there (V-24, V-06). */
import { useTranslations } from 'use-intl';
import { Button, Chip, Panel } from '#app/_components/ui.tsx';
import { useMore } from '#app/_components/use-more.tsx';
import type { ReportList, ReportRow } from '#server/trpc/views.ts';

const TONE = { missing: 'wait', waiting: 'wait', handed: 'wait', accepted: 'good', rejected: 'bad' } as const;

export function FilingState({ filing }: Pick<ReportRow, 'filing'>) {
  const t = useTranslations('reports');
  if (filing === null) return <span className="text-ink-3">{t('noReceipt')}</span>;
  const { state, receiptNo, reason, isLate } = filing;
  return (
    <span className="inline-flex flex-wrap items-center gap-2" data-filing={state}>
      <Chip tone={TONE[state]}>{t(`state.${state}`)}</Chip>
      {isLate === true ? <Chip tone="bad">{t('late')}</Chip> : null}
      {receiptNo === null ? null : <span className="num">{receiptNo}</span>}
      {reason === null ? null : <span>{t(`rejectedFor.${reason}`)}</span>}
    </span>
  );
}

export function FilingDetail(props: Pick<ReportRow, 'filing'> & { readonly onAmend: () => void; readonly isBusy: boolean }) {
  const t = useTranslations('reports');
  const { filing } = props;
  return (
    <section className="space-y-1">
      <h3 className="font-semibold">{t('filing')}</h3>
      <FilingState filing={filing} />
      {filing === null ? null : (
        <>
          <p className="num">
            {t('dueOn')} {filing.dueOn}
          </p>
          <p className="text-ink-2">
            {t('authority', { name: filing.authority === 'simulated' ? t('simulated') : filing.authority, attempts: filing.attempts })}
          </p>
          {filing.state === 'rejected' ? (
            <Button onClick={props.onAmend} disabled={props.isBusy}>
              {t('amend')}
            </Button>
          ) : null}
        </>
      )}
    </section>
  );
}

const DUE_SHOWN = 10;

/** What is owed can be made where it is seen to be owed. */
export function DuePanel(props: {
  readonly due: ReportList['due'];
  readonly nameOf: (kind: string) => string;
  readonly onMake: (row: ReportList['due'][number]) => void;
  readonly isBusy: boolean;
}) {
  const { due, nameOf } = props;
  const t = useTranslations('reports');
  const rows = due.toSorted((a, b) => Number(b.isOverdue) - Number(a.isOverdue) || (a.dueOn < b.dueOn ? -1 : 1));
  const { drawn, button } = useMore(rows, undefined, DUE_SHOWN);
  return (
    <Panel title={t('due')} flush>
      {rows.length === 0 ? (
        <p className="p-4 text-ink-3">{t('nothingDue')}</p>
      ) : (
        <table className="data-table as-cards">
          <thead>
            <tr>
              <th>{t('kind')}</th>
              <th>{t('period')}</th>
              <th>{t('dueOn')}</th>
              <th>{t('filing')}</th>
              <th>
                <span className="sr-only">{t('make')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {drawn.map((row) => (
              <tr key={`${row.kind} ${row.period}`} data-due={row.isOverdue ? 'overdue' : 'open'}>
                <td>{nameOf(row.kind)}</td>
                <td data-label={t('period')} className="num">
                  {row.period}
                </td>
                <td data-label={t('dueOn')} className="num">
                  {row.dueOn}
                </td>
                <td data-label={t('filing')}>
                  <span className="inline-flex flex-wrap gap-2">
                    <Chip tone={TONE[row.state]}>{t(`state.${row.state}`)}</Chip>
                    {row.isOverdue ? <Chip tone="bad">{t('overdue')}</Chip> : null}
                  </span>
                </td>
                <td className="end py-1!">
                  {row.state === 'missing' ? (
                    <Button className="px-2.5 sm:min-h-7!" disabled={props.isBusy} onClick={() => props.onMake(row)}>
                      {t('make')}
                    </Button>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {button === null ? null : <p className="border-t border-line p-3 text-center">{button}</p>}
    </Panel>
  );
}
