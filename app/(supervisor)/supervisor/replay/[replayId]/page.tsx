'use client';
/** One policy replay: what was asked, how far it is, and the signed result with the assumption it stands on. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { staffApi } from '#app/_client/staff-api.ts';
import { useName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { useRefusalSentence } from '#app/_components/refusal-note.tsx';
import { Chip, CopyButton, Id, PageTitle, Panel, Skeleton, Stat, Yuan } from '#app/_components/ui.tsx';
import type { Names, PeopleCellView, ReplayColumn, ReplayView } from '#server/trpc/views.ts';
import { DifferenceTable } from '../../packs/difference-table.tsx';
import { DifferenceChart } from '../difference-chart.tsx';
import { REPLAY_TONE } from '../replay-tone.ts';
import { Asked, Cannot, Years } from './asked.tsx';
import { Proof } from './proof.tsx';

type Result = NonNullable<ReplayView['result']>;

export default function ReplayResultPage() {
  const t = useTranslations('replay');
  const params = useParams<{ replayId: string }>();
  const replay = useQuery({
    queryKey: ['replays', params.replayId],
    queryFn: () => staffApi.replay.get(params.replayId),
    refetchInterval: ({ state }) => (state.data?.state === 'done' || state.data?.state === 'refused' ? false : 1_000),
  });
  return (
    <div className="space-y-5">
      <PageTitle text={t('title')} />
      <Loaded query={replay} skeleton={<Skeleton className="h-[70vh]" />}>
        {(view) => <Replay replay={view} />}
      </Loaded>
    </div>
  );
}

function Replay({ replay }: { readonly replay: ReplayView }) {
  const t = useTranslations('replay');
  return (
    <>
      <header className="flex flex-wrap items-center gap-3">
        <h2 className="text-lg font-bold">
          <span className="num">
            {replay.from} – {replay.to}
          </span>{' '}
          · {replay.draft.packId} {replay.draft.version}
        </h2>
        <Chip tone={REPLAY_TONE[replay.state]}>{t(`state.${replay.state}`)}</Chip>
        <Id value={replay.draft.packHash} />
        <Share />
      </header>
      {replay.state === 'waiting' || replay.state === 'running' ? (
        <Panel>
          <progress className="w-full" max={Math.max(1, replay.total)} value={replay.done} aria-label={t('state.running')} />
          <p role="status" className="text-[13px] text-ink-2">
            {t('progress', { done: replay.done, total: replay.total })}
          </p>
        </Panel>
      ) : null}
      {replay.refusal === null ? null : <Cannot refusal={replay.refusal} mismatches={replay.mismatches} />}
      <Panel title={t('changes')} flush>
        <DifferenceTable differences={replay.differences} />
      </Panel>
      {replay.result === null ? null : <ResultPanels replayId={replay.replayId} result={replay.result} />}
      <Asked asked={replay.asked} />
    </>
  );
}

function Share() {
  const t = useTranslations('replay');
  const address = typeof window === 'undefined' ? '' : window.location.href;
  return (
    <span className="inline-flex items-center gap-1 text-[13px] text-ink-2">
      {t('share')} <CopyButton text={address} />
    </span>
  );
}

function ResultPanels({ replayId, result }: { readonly replayId: string; readonly result: Result }) {
  const groupName = useGroupName();
  const t = useTranslations('replay');
  const { locale } = usePreferences();
  const language = locale === 'en' ? 'en' : 'zh';
  return (
    <div className="space-y-5">
      <p className="rounded-md border border-amber bg-amber-soft p-3 text-ink">
        <strong>{t('assumption')}: </strong>
        {result.assumption[language]}
      </p>
      {result.undone === null ? null : <p className="rounded-md border border-line bg-sunk p-3">{result.undone.words[language]}</p>}
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Panel title={t('revenue')} flush>
          <Columns columns={result.revenue} />
        </Panel>
        <Panel title={t('chart')}>
          <DifferenceChart
            label={t('revenue')}
            bars={result.revenue.map(({ name, differenceFen }) => ({ key: columnName(t, name), differenceFen }))}
          />
        </Panel>
        <People people={result.people} />
        <Decisions result={result} />
        {result.sellerYears === null ? null : <Years years={result.sellerYears} />}
      </div>
      {result.groups.map(({ grouping, rows }) => (
        <Panel key={grouping} title={t(`grouping.${grouping}`)} flush>
          <DifferenceChart
            label={t(`grouping.${grouping}`)}
            bars={rows.map(({ key, names, columns }) => ({
              key: groupName(key, names),
              differenceFen: columnOf(columns, 'total')?.differenceFen ?? '0',
            }))}
          />
          <div className="max-h-96 overflow-auto">
            <table className="data-table as-cards">
              <thead>
                <tr>
                  <th>{t('key')}</th>
                  <th className="end">{t('was')}</th>
                  <th className="end">{t('would')}</th>
                  <th className="end">{t('difference')}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map(({ key, names, columns }) => {
                  const total = columnOf(columns, 'total');
                  return (
                    <tr key={key}>
                      <td data-label={t('key')} className="break-all">
                        {groupName(key, names)}
                      </td>
                      <Money label={t('was')} fen={total?.baselineFen ?? '0'} />
                      <Money label={t('would')} fen={total?.draftFen ?? '0'} />
                      <Money label={t('difference')} fen={total?.differenceFen ?? '0'} signed />
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        </Panel>
      ))}
      <Panel title={t('notModelled')}>
        <ul className="list-disc space-y-1 ps-5 text-[13px]">
          {result.notModelled.map((sentence) => (
            <li key={sentence.en}>{sentence[language]}</li>
          ))}
        </ul>
      </Panel>
      <Proof replayId={replayId} result={result} />
    </div>
  );
}

function columnOf(columns: readonly ReplayColumn[], name: string): ReplayColumn | undefined {
  return columns.find((column) => column.name === name);
}

const NAMED = ['vat', 'umct', 'es', 'les', 'iit', 'stamp', 'total', 'fee', 'royalty', 'sellerNet'] as const;
/** A day is itself, a kind or a game has a name, and who pays is said in words. */
function useGroupName(): (key: string, names: Names | null) => string {
  const t = useTranslations('replay');
  const name = useName();
  return (key, names) => {
    const level = /^PLAYER (R\d)$/.exec(key)?.[1];
    if (level !== undefined) return t('payer', { level });
    return names === null ? key : name(names);
  };
}

type Translate = ReturnType<typeof useTranslations<'replay'>>;
function columnName(t: Translate, name: string): string {
  const known = NAMED.find((each) => each === name);
  return known === undefined ? name : t(`column.${known}`);
}

function Money({ label, fen, signed = false }: { readonly label: string; readonly fen: string; readonly signed?: boolean }) {
  return (
    <td data-label={label} className="end">
      <Yuan fen={fen} signed={signed} />
    </td>
  );
}

function Columns({ columns }: { readonly columns: readonly ReplayColumn[] }) {
  const t = useTranslations('replay');
  const ordered = columns.toSorted((a, b) => orderOf(a.name) - orderOf(b.name));
  return (
    <table className="data-table as-cards">
      <thead>
        <tr>
          <th>{t('revenue')}</th>
          <th className="end">{t('was')}</th>
          <th className="end">{t('would')}</th>
          <th className="end">{t('difference')}</th>
        </tr>
      </thead>
      <tbody>
        {ordered.map((column) => (
          <tr key={column.name} className={column.name === 'total' ? 'font-semibold' : undefined}>
            <td data-label={t('revenue')}>{columnName(t, column.name)}</td>
            <Money label={t('was')} fen={column.baselineFen} />
            <Money label={t('would')} fen={column.draftFen} />
            <Money label={t('difference')} fen={column.differenceFen} signed />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function orderOf(name: string): number {
  const index = NAMED.map(String).indexOf(name);
  return index === -1 ? NAMED.length : index;
}

const CELLS = ['affected', 'paysMore', 'paysLess', 'newlyTaxed', 'noLongerTaxed', 'blocked'] as const;

function People({ people }: { readonly people: Result['people'] }) {
  const groupName = useGroupName();
  const t = useTranslations('replay');
  return (
    <Panel title={t('gains')}>
      <Cells cell={people.all} />
      {people.quantiles.length === 0 ? null : (
        <>
          <h3 className="mt-4 mb-1 text-[13px] font-medium text-ink-2">{t('quantiles')}</h3>
          <dl className="flex flex-wrap gap-x-5 gap-y-2">
            {people.quantiles.map(({ percent, differenceFen }) => (
              <Stat key={percent} label={t('percent', { percent })}>
                <Yuan fen={differenceFen} signed />
              </Stat>
            ))}
          </dl>
        </>
      )}
      {people.groups.map(({ group, cell }) => (
        <div key={group} className="mt-4">
          <h3 className="mb-1 text-[13px] font-medium text-ink-2">{groupName(group, null)}</h3>
          <Cells cell={cell} />
        </div>
      ))}
    </Panel>
  );
}

function Cells({ cell }: { readonly cell: PeopleCellView }) {
  const t = useTranslations('replay');
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-2">
      {CELLS.map((key) => (
        <Stat key={key} label={t(`people.${key}`)}>
          {cell[key]}
        </Stat>
      ))}
    </dl>
  );
}

function Decisions({ result: { decisions, dayLine } }: { readonly result: Result }) {
  const t = useTranslations('replay');
  const sentence = useRefusalSentence();
  return (
    <Panel title={t('decisions')}>
      <dl className="grid grid-cols-2 gap-x-5 gap-y-3">
        <Stat label={t('blockedTrades')} note={<Yuan fen={decisions.blocked.grossFen} />}>
          {t('trades', { count: decisions.blocked.count })}
        </Stat>
        <Stat label={t('newlyAllowed')} note={<Yuan fen={decisions.newlyAllowed.grossFen} />}>
          {decisions.newlyAllowed.count}
        </Stat>
        <Stat label={t('review')}>
          {decisions.review.baseline} → {decisions.review.draft}
        </Stat>
        <Stat label={t('upstream')}>{decisions.upstreamBlocked}</Stat>
        {(['taxable', 'crossings', 'reassessed'] as const).map((key) => (
          <Stat key={key} label={`${t('dayLine')}: ${t(key)}`}>
            {dayLine.baseline[key]} → {dayLine.draft[key]}
          </Stat>
        ))}
      </dl>
      <ul className="mt-3 space-y-1 text-[13px]">
        {decisions.blockedByReason.map(({ code, message, count, grossFen }) => (
          <li key={code} className="flex justify-between gap-3">
            <span>{sentence({ code, message })}</span>
            <span>
              {t('trades', { count })} · <Yuan fen={grossFen} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
