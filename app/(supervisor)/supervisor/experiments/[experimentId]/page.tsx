'use client';
/** A live experiment (V-21): caps with their forecast, KPIs by arm, distance to each stop trigger, steps, comments, and the steps to take. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { formatBps, formatCount, formatTime, formatYuan } from '#app/_client/format.ts';
import { knownCode } from '#app/_client/messages/codes.ts';
import { experimentsZh } from '#app/_client/messages/experiments.ts';
import { orgName } from '#app/_client/org-words.ts';
import { saveFile } from '#app/_client/save-file.ts';
import { saveReport } from '#app/_client/save-report.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { CoSignNote } from '#app/_components/co-sign-note.tsx';
import { DeclarationPanel, ExperimentTermsPanel } from '#app/_components/experiment-terms.tsx';
import { ItemName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { PersonalSignatureMark } from '#app/_components/personal-signature.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { StateChip } from '#app/_components/state-chip.tsx';
import { Button, Chip, Id, PageTitle, Panel, Skeleton, Time } from '#app/_components/ui.tsx';
import { useCapName } from '#app/_components/use-cap-name.ts';
import { useStopWords } from '#app/_components/use-kpi-words.ts';
import type { ExperimentDeskView } from '#server/trpc/views.ts';
import { Compensation } from './compensation.tsx';
import { Kpis } from './kpis.tsx';
import { Moves } from './moves.tsx';

type Part = { readonly view: ExperimentDeskView };

export default function ExperimentPage() {
  const { experimentId } = useParams<{ experimentId: string }>();
  const page = useQuery({
    queryKey: ['experimentDesk', experimentId],
    queryFn: () => staffApi.experimentDesk.get(experimentId),
    refetchInterval: 10_000,
  });
  return (
    <Loaded query={page} skeleton={<Skeleton className="h-[60vh]" />}>
      {(view) => <Desk view={view} />}
    </Loaded>
  );
}

/** What is watched while it runs, and what is read before it does. */
function Live({ view }: Part) {
  return (
    <>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Caps view={view} />
        <Stops view={view} />
      </div>
      <Kpis view={view} />
    </>
  );
}

function Terms({ view }: Part) {
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      <ExperimentTermsPanel notice={view} />
      <div className="space-y-5">
        <Approvals view={view} />
        <DeclarationPanel notice={view} />
      </div>
    </div>
  );
}

function Desk({ view }: Part) {
  const t = useTranslations('experimentDesk');
  // Of one that runs or is over, its figures come first; of one that is asked for, what it would change.
  const hasFigures = view.report !== null || ['TESTING', 'PAUSED'].includes(view.experiment.status);
  return (
    <div className="space-y-5">
      <PageTitle text={view.experimentId} />
      <header className="space-y-2">
        <h2 className="flex flex-wrap items-center gap-2 text-lg font-bold">
          <span className="num">{view.experimentId}</span>
          <ItemName names={view.experiment.title} />
          <StateChip status={view.experiment.status} />
        </h2>
        <p className="num text-[13px] text-ink-2">
          {view.experiment.from} – {view.experiment.to}
        </p>
        <ItemName names={view.experiment.label} className="text-[13px] text-ink-2" />
        <p className="max-w-3xl">
          <ItemName names={view.hypothesis} />
        </p>
      </header>
      {/* What it came to is the first question about one that is over. */}
      {view.report === null ? null : (
        <Panel title={t('report')}>
          <div className="flex flex-wrap items-center gap-3">
            <Time at={view.report.at} style="full" />
            <Id value={view.report.bodyHash} />
            <Button onClick={() => void saveReport(view.experimentId, 'pdf')}>{t('savePdf')}</Button>
            <Button onClick={() => void saveReport(view.experimentId, 'json')}>{t('saveJson')}</Button>
          </div>
        </Panel>
      )}
      <Moves view={view} />
      {view.coSigns.map((request) => (
        <CoSignNote key={request.coSignId} request={request} />
      ))}
      {hasFigures ? (
        <>
          <Live view={view} />
          <Terms view={view} />
        </>
      ) : (
        <>
          <Terms view={view} />
          <Live view={view} />
        </>
      )}
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Steps view={view} />
        <Comments view={view} />
        <Compensation view={view} />
      </div>
      <Interims view={view} />
    </div>
  );
}

/** What it has reported by itself so far, signed by the operator. */
function Interims({ view }: Part) {
  const t = useTranslations('experimentDesk');
  const save = async ({ kind, label }: ExperimentDeskView['interims'][number]) => {
    const { json } = await staffApi.experimentDesk.interim({ experimentId: view.experimentId, kind, label });
    saveFile(`${view.experimentId}-${kind}-${label}.json`, json, 'application/json');
  };
  if (view.interims.length === 0) return null;
  return (
    <Panel title={t('interims')}>
      <ul className="max-h-80 space-y-2 overflow-y-auto text-[13px]">
        {view.interims.map((report) => (
          <li key={`${report.kind} ${report.label}`} className="flex flex-wrap items-center gap-3">
            <Chip>{t(`interimKind.${report.kind}`)}</Chip>
            <span className="num">{report.label}</span>
            <Time at={report.at} style="full" />
            <Id value={report.bodyHash} />
            <Button onClick={() => void save(report)}>{t('saveJson')}</Button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Who has agreed to which step, and the documents that were agreed to. */
function Approvals({ view }: Part) {
  const { locale } = usePreferences();
  const t = useTranslations('experimentTerms');
  const move = useTranslations('experimentDesk.move');
  const { declaration } = view;
  return (
    <Panel title={t('approvals')}>
      <div className="space-y-3 text-[13px]">
        {view.approvals.length === 0 ? <p className="text-ink-2">{t('noApprovals')}</p> : null}
        <ul className="space-y-2">
          {view.approvals.map((approval) => (
            <li key={`${approval.at} ${approval.name} ${approval.step}`} className="flex flex-wrap items-center gap-2">
              <Time at={approval.at} style="full" />
              <Chip>{move(knownCode(experimentsZh.experimentDesk.move, approval.step) ?? 'register')}</Chip>
              <span>
                {approval.name} · {orgName(approval.organisation, locale)}
              </span>
              {approval.subject === '' ? null : <span className="num">{approval.subject}</span>}
              <PersonalSignatureMark signed={approval.signed} />
            </li>
          ))}
        </ul>
        <p className="flex flex-wrap gap-2">
          <Button onClick={() => saveFile(`${view.experimentId}-document.json`, view.document, 'application/json')}>
            {t('saveDocument')}
          </Button>
          {declaration === null ? null : (
            <Button onClick={() => saveFile(`${view.experimentId}-declaration.json`, JSON.stringify(declaration), 'application/json')}>
              {t('saveDeclaration')}
            </Button>
          )}
        </p>
      </div>
    </Panel>
  );
}

function Caps({ view }: Part) {
  const t = useTranslations('experimentDesk');
  const capName = useCapName();
  const { locale } = usePreferences();
  return (
    <Panel title={t('caps')}>
      <ul className="space-y-4">
        {view.experiment.caps
          .filter(({ name }) => !name.startsWith('PER_'))
          .map((cap) => {
            const shown = (value: string) => (cap.isMoney ? formatYuan(value) : formatCount(BigInt(value)));
            const [limit, taken] = [BigInt(cap.limit), BigInt(cap.used) + BigInt(cap.reserved)];
            const left = limit > taken ? limit - taken : 0n;
            const share = formatBps(Number((taken * 10_000n) / (limit === 0n ? 1n : limit)));
            const isTight = taken * 5n >= limit * 4n;
            const fullAt = view.forecasts.find(({ name }) => name === cap.name)?.fullAt ?? null;
            return (
              <li key={cap.name} className="space-y-1 text-[13px]">
                <p className="flex justify-between gap-3">
                  <span className="font-semibold">{capName(cap.name)}</span>
                  <span className="num">
                    {shown(String(BigInt(cap.used) + BigInt(cap.reserved)))} / {shown(cap.limit)}
                  </span>
                </p>
                <Bar limit={cap.limit} used={cap.used} reserved={cap.reserved} label={capName(cap.name)} />
                <p className="flex flex-wrap justify-between gap-x-3 text-xs text-ink-3">
                  <span className={`num ${isTight ? 'font-semibold text-amber' : ''}`}>
                    {t('capLeft', { left: shown(String(left)), share })}
                  </span>
                  <span>{fullAt === null ? t('noForecast') : t('full', { at: formatTime(locale, fullAt, 'day') })}</span>
                </p>
              </li>
            );
          })}
      </ul>
    </Panel>
  );
}

/** Used in full colour, reserved lighter, of the whole limit. */
function Bar({
  limit,
  used,
  reserved,
  label,
}: {
  readonly limit: string;
  readonly used: string;
  readonly reserved: string;
  readonly label: string;
}) {
  const share = (value: string) => Number((BigInt(value) * 1000n) / BigInt(limit)) / 10;
  return (
    <svg role="img" aria-label={label} viewBox="0 0 100 4" preserveAspectRatio="none" className="h-2 w-full rounded-full bg-line">
      <rect width={share(used)} height="4" className="fill-accent" />
      <rect x={share(used)} width={share(reserved)} height="4" className="fill-accent opacity-40" />
    </svg>
  );
}

function Stops({ view }: Part) {
  const t = useTranslations('experimentDesk');
  const words = useStopWords(view.kpis);
  const { locale } = usePreferences();
  return (
    <Panel title={t('stops')}>
      <ul className="space-y-3 text-[13px]">
        {view.stops.map((stop) => {
          const fired = view.fired.findLast(({ when }) => when === stop.when);
          return (
            <li key={stop.when} className="space-y-1">
              <p className="flex flex-wrap justify-between gap-2">
                <span className="font-semibold">{words.condition(stop.when)}</span>
                <Chip tone={stop.isFired ? 'bad' : 'plain'}>{t(`action.${stop.action}`)}</Chip>
              </p>
              {stop.unit === 'switch' ? null : <p className="num text-xs text-ink-2">{words.distance(stop)}</p>}
              {fired === undefined ? null : <p className="text-xs text-red">{t('fired', { at: formatTime(locale, fired.at, 'full') })}</p>}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function Steps({ view }: Part) {
  const t = useTranslations('experimentDesk');
  const words = useStopWords(view.kpis);
  return (
    <Panel title={t('steps')}>
      {view.steps.length === 0 ? <p className="text-ink-2">{t('noSteps')}</p> : null}
      <ol className="space-y-2 text-[13px]">
        {view.steps.map((step) => (
          <li key={`${step.at} ${step.step}`} className="flex flex-wrap items-center gap-2">
            <Time at={step.at} style="full" />
            <StateChip status={step.to} />
            <span>{words.reason(step.reason)}</span>
            {step.txId === null ? null : <Id value={step.txId} />}
            <StepSignature view={view} step={step} />
          </li>
        ))}
      </ol>
    </Panel>
  );
}

/** The market's own steps have none. */
function StepSignature({ view, step }: Part & { readonly step: ExperimentDeskView['steps'][number] }) {
  const taken = view.taken.find((each) => each.at === step.at && each.step === step.step);
  return taken === undefined ? null : <PersonalSignatureMark signed={taken.signed} />;
}

function Comments({ view }: Part) {
  const t = useTranslations('experimentDesk');
  return (
    <Panel title={t('comments')}>
      {view.comments.length === 0 ? <p className="text-ink-2">{t('noComments')}</p> : null}
      <ul className="space-y-2 text-[13px]">
        {view.comments.map((comment) => (
          <li key={comment.commentId}>
            <Time at={comment.at} /> {comment.text}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
