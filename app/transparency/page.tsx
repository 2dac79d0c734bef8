'use client';
/** What everybody may know, without signing in (V-26). */
import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { orgName } from '#app/_client/org-words.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { StateChip } from '#app/_components/state-chip.tsx';
import { Chip, Id, PageTitle, Panel, Skeleton, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import { useMore } from '#app/_components/use-more.tsx';
import type { Transparency } from '#server/trpc/views.ts';
import { DayBars } from './day-bars.tsx';

const REFRESH_MS = 30_000;

export default function TransparencyPage() {
  const t = useTranslations('transparency');
  const query = useQuery({ queryKey: ['transparency'], queryFn: () => api.transparency.get(), refetchInterval: REFRESH_MS });
  return (
    <div className="space-y-5">
      <PageTitle text={t('title')} />
      <header className="max-w-3xl space-y-1">
        <h1 className="text-xl font-bold">{t('title')}</h1>
        <p className="text-ink-2">{t('lead', { least: String(query.data?.leastGroup ?? 20) })}</p>
      </header>
      <Loaded query={query} skeleton={<Skeleton className="h-[70vh]" />}>
        {(data) => (
          <>
            <p className="flex flex-wrap items-center gap-x-4 text-[13px] text-ink-2">
              <span>
                {t('asOf')} <Time at={data.at} style="full" />
              </span>
              <a
                href="/transparency.json"
                download
                className="inline-flex min-h-11 items-center gap-1 text-accent hover:underline sm:min-h-8"
              >
                <Download size={14} aria-hidden /> {t('json')}
              </a>
            </p>
            <Days days={data.days} />
            <div className="grid items-start gap-5 lg:grid-cols-2">
              <Money data={data} />
              <Fund fund={data.fund} />
              <Acts data={data} />
              <Experiments data={data} />
              <Packs packs={data.packs} />
              <Members data={data} />
              <Feeds feeds={data.feeds} />
            </div>
          </>
        )}
      </Loaded>
    </div>
  );
}

/** Rows as a table that is cards on a phone. The first column names the row. */
function Rows(props: {
  readonly heads: readonly string[];
  readonly rows: readonly { readonly key: string; readonly cells: readonly ReactNode[] }[];
  readonly none: string;
}) {
  if (props.rows.length === 0) return <p className="p-4 text-ink-3">{props.none}</p>;
  return (
    <table className="data-table as-cards">
      <thead>
        <tr>
          {props.heads.map((head, index) => (
            <th key={head} className={index === 0 ? undefined : 'end'}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map(({ key, cells }) => (
          <tr key={key}>
            {props.heads.map((head, index) => (
              <td key={head} data-label={index === 0 ? undefined : head} className={index === 0 ? 'num' : 'num end'}>
                {cells[index]}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Days({ days }: { readonly days: Transparency['days'] }) {
  const t = useTranslations('transparency');
  const inOrder = [...days].reverse();
  const amount = (fen: string | null) => (fen === null ? <span className="text-ink-3">{t('few')}</span> : <Yuan fen={fen} />);
  return (
    <Panel title={t('days')} flush>
      {days.length === 0 ? null : (
        <div className="grid gap-5 p-4 lg:grid-cols-2">
          <DayBars label={t('chartTurnover')} few={t('few')} bars={inOrder.map(({ day, turnoverFen }) => ({ day, fen: turnoverFen }))} />
          <DayBars label={t('chartAssessed')} few={t('few')} bars={inOrder.map(({ day, assessedFen }) => ({ day, fen: assessedFen }))} />
        </div>
      )}
      <Rows
        heads={[t('day'), t('trades'), t('turnover'), t('filtered'), t('assessed'), t('reversals')]}
        none={t('noDays')}
        rows={days.map((day) => ({
          key: day.day,
          cells: [day.day, day.trades, amount(day.turnoverFen), amount(day.filteredFen), amount(day.assessedFen), day.reversals],
        }))}
      />
    </Panel>
  );
}

const DAYS_SHOWN = 7;

function Money({ data }: { readonly data: Transparency }) {
  const t = useTranslations('transparency');
  const { drawn, button } = useMore(data.statements, undefined, DAYS_SHOWN);
  const provider = useTranslations('code.provider');
  return (
    <Panel
      title={t('money')}
      aside={<span className="text-[13px] text-ink-3">{data.isSimulated ? provider('simulated') : data.institution}</span>}
      flush
    >
      <Rows
        heads={[t('day'), t('ours'), t('theirs'), t('way'), t('difference')]}
        none={t('noMoney')}
        rows={drawn.map(({ day, oursFen, theirsFen, onItsWayFen, differenceFen }) => ({
          key: day,
          cells: [
            day,
            <Yuan key="ours" fen={oursFen} />,
            <Yuan key="theirs" fen={theirsFen} />,
            <Yuan key="way" fen={onItsWayFen} />,
            <span key="difference" className={differenceFen === '0' ? 'text-green' : 'text-red'}>
              <Yuan fen={differenceFen} />
            </span>,
          ],
        }))}
      />
      {button === null ? null : <p className="border-t border-line p-3 text-center">{button}</p>}
    </Panel>
  );
}

function Fund({ fund }: { readonly fund: Transparency['fund'] }) {
  const t = useTranslations('transparency');
  const figures = [
    ['balance', fund.balanceFen],
    ['came', fund.cameFen],
    ['paidOut', fund.paidFen],
    ['owed', fund.owedFen],
  ] as const;
  return (
    <Panel title={t('fund')} flush>
      <p className="p-4 text-[13px] text-ink-2">{t('fundLead')}</p>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 px-4 pb-4" data-testid="fund">
        {figures.map(([key, fen]) => (
          <div key={key}>
            <dt className="text-[13px] text-ink-3">{t(key)}</dt>
            <dd className="num font-semibold">
              <Yuan fen={fen} />
            </dd>
          </div>
        ))}
      </dl>
      <Rows
        heads={[t('day'), t('amount')]}
        none={t('noPayments')}
        rows={fund.payments.map(({ at, amountFen }, index) => ({
          key: `${at} ${String(index)}`,
          cells: [<Time key="at" at={at} style="full" />, <Yuan key="fen" fen={amountFen} />],
        }))}
      />
    </Panel>
  );
}

function Acts({ data }: { readonly data: Transparency }) {
  const t = useTranslations('transparency');
  return (
    <Panel title={t('acts')} flush>
      <Rows
        heads={[t('day'), t('freezesSet'), t('freezesLifted'), t('casesOpened'), t('casesClosed')]}
        none={t('noActs')}
        rows={data.acts.map(({ day, freezesSet, freezesLifted, casesOpened, casesClosed }) => ({
          key: day,
          cells: [day, ...[freezesSet, freezesLifted, casesOpened, casesClosed].map((count) => formatCount(count))],
        }))}
      />
      <h3 className="border-t border-line px-4 pt-3 text-[13px] font-semibold">{t('identities')}</h3>
      <Rows
        heads={[t('agency'), t('times')]}
        none={t('noIdentities')}
        rows={data.identities.map(({ agency, count }) => ({ key: agency, cells: [agency, formatCount(count)] }))}
      />
    </Panel>
  );
}

function Experiments({ data }: { readonly data: Transparency }) {
  const t = useTranslations('transparency');
  const { locale } = usePreferences();
  return (
    <Panel title={t('experiments')}>
      {data.experiments.length === 0 ? <p className="text-ink-3">{t('noExperiments')}</p> : null}
      <ul className="space-y-2">
        {data.experiments.map(({ experimentId, title, status, from, to }) => (
          <li key={experimentId} className="flex flex-wrap items-center gap-x-3">
            <TextLink href={`/experiments/${experimentId}`} className="inline-flex min-h-11 items-center sm:min-h-6">
              {locale === 'en' ? title.en : (title.zh ?? title.en)}
            </TextLink>
            <StateChip status={status} />
            <span className="num text-[13px] text-ink-3">
              {from} – {to}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Packs({ packs }: { readonly packs: Transparency['packs'] }) {
  const t = useTranslations('transparency');
  return (
    <Panel title={t('packs')} flush>
      <Rows
        heads={[t('packs'), t('from'), t('to'), t('hash')]}
        none="—"
        rows={packs.map(({ packId, version, packHash, from, to }) => ({
          key: packHash,
          cells: [`${packId} ${version}`, from, to, <Id key="hash" value={packHash} />],
        }))}
      />
    </Panel>
  );
}

function Members({ data }: { readonly data: Transparency }) {
  const t = useTranslations('transparency');
  const { locale } = usePreferences();
  const { height, headerHash, sealedAt } = data.checkpoint;
  return (
    <Panel title={t('members')}>
      <ul className="space-y-1">
        {data.members.map(({ org, hasSigned }) => (
          <li key={org} className="flex flex-wrap items-center gap-2">
            {orgName(org, locale)} <Chip tone={hasSigned ? 'good' : 'wait'}>{hasSigned ? t('signed') : t('notSigned')}</Chip>
          </li>
        ))}
      </ul>
      <p className="mt-3 flex flex-wrap items-center gap-x-3 text-[13px] text-ink-2">
        <span>{t('checkpoint')}</span>
        <TextLink href={`/explorer/blocks/${height}`}>{t('height', { height })}</TextLink>
        <Id value={headerHash} />
        <Time at={sealedAt} style="full" />
      </p>
    </Panel>
  );
}

function Feeds({ feeds }: { readonly feeds: Transparency['feeds'] }) {
  const t = useTranslations('transparency');
  return (
    <Panel title={t('feeds')} flush>
      <Rows
        heads={[t('room'), t('seq'), t('hash'), t('asOf')]}
        none="—"
        rows={feeds.map(({ room, seq, hash, ts }) => ({
          key: room,
          cells: [room, formatCount(seq), <Id key="hash" value={hash} />, <Time key="at" at={ts} />],
        }))}
      />
    </Panel>
  );
}
