'use client';
/** One case (V-14, V-15): its timeline, its clocks with their ends, and what can be done, each act with its signatures. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronLeft } from 'lucide-react';
import { useParams } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { Reason, SHORTEST } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { TimeLeft } from '#app/_components/time-left.tsx';
import { Button, Chip, PageTitle, Panel, Skeleton, TextLink, Time } from '#app/_components/ui.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import type { CaseStepInput, CaseView } from '#server/trpc/views.ts';
import { LinkedText } from '../../linked-text.tsx';
import { OpeningsOf } from '../../people/openings.tsx';
import { CASE_TONE, roomOf, UNOWNED } from '../case-words.ts';
import { AwaitedPanel } from './awaited-panel.tsx';
import { CaseActs } from './case-acts.tsx';
import { FreezePanel } from './freeze-panel.tsx';
import { HaltPanel } from './halt-panel.tsx';
import { InquiryPanel } from './inquiry-panel.tsx';
import { JudgementPanel } from './judgement-panel.tsx';
import { ReturnPanel } from './return-panel.tsx';
import { Timeline } from './timeline.tsx';

const OFFICES = ['market', 'finance', 'tax'] as const;
const OUTCOMES = ['no_breach', 'breach', 'settled'] as const;

export default function CasePage() {
  const { caseId } = useParams<{ caseId: string }>();
  const t = useTranslations('cases');
  useRoom('/supervisor', roomOf(useStaff()?.role ?? null), [['case', caseId]]);
  const query = useQuery({ queryKey: ['case', caseId], queryFn: () => staffApi.case.get(caseId), refetchInterval: 15_000 });
  return (
    <div className="space-y-4">
      <PageTitle text={t('case')} />
      <TextLink href="/supervisor/cases" className="inline-flex min-h-11 items-center gap-1 text-sm sm:min-h-0">
        <ChevronLeft size={15} aria-hidden /> {t('back')}
      </TextLink>
      <Loaded query={query} skeleton={<Skeleton className="h-[70vh]" />}>
        {(data) => <Case file={data} />}
      </Loaded>
    </div>
  );
}

function Case({ file }: { readonly file: CaseView }) {
  const t = useTranslations('cases');
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_340px]">
      <div className="min-w-0 space-y-5">
        <section className="space-y-2 rounded-lg border border-line bg-card p-4 shadow-card">
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <span className="font-mono text-sm text-ink-3">{file.number}</span>
            <h2 className="min-w-0 text-lg font-bold wrap-anywhere">{file.title}</h2>
            <Chip>{t(`topic.${file.topic}`)}</Chip>
            <Chip tone={CASE_TONE[file.state]}>{t(`state.${file.state}`)}</Chip>
            {file.outcome === null ? null : <Chip tone="good">{t(`outcome.${file.outcome}`)}</Chip>}
          </div>
          <p>
            <span className="text-ink-3">{t('ground')}</span> <LinkedText text={file.ground} />
          </p>
          <p className="flex flex-wrap gap-x-4 text-[13px] text-ink-2">
            <span>
              {t('owner')} {file.owner === UNOWNED ? t('unowned') : file.owner}
            </span>
            <span>
              {t('due')} <Time at={file.dueAt} style="full" /> {file.state === 'closed' ? null : <TimeLeft until={file.dueAt} />}
            </span>
            <Source file={file} />
          </p>
        </section>
        <AwaitedPanel file={file} />
        <FreezePanel file={file} />
        <ReturnPanel file={file} />
        <JudgementPanel file={file} />
        <InquiryPanel file={file} />
        <OpeningsOf about={{ caseId: file.caseId }} />
        <HaltPanel file={file} />
        <Timeline file={file} />
      </div>
      {file.canAct ? <Steps file={file} /> : null}
    </div>
  );
}

function Source({ file }: { readonly file: CaseView }) {
  const t = useTranslations('cases');
  const words = t(`source.${file.source}`);
  const page = file.source === 'alert' ? 'supervisor/alerts' : 'disputes';
  const hasPage = file.sourceId !== null && file.source !== 'list';
  return (
    <span>
      {t('from')} {hasPage ? <TextLink href={`/${page}/${file.sourceId}`}>{words}</TextLink> : words}
    </span>
  );
}

function Steps({ file }: { readonly file: CaseView }) {
  const t = useTranslations('cases');
  const queryClient = useQueryClient();
  const [text, setText] = useState('');
  const act = useMutation({
    mutationFn: (step: CaseStepInput) => staffApi.case.step(file.caseId, step),
    onSuccess: () => setText(''),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['case', file.caseId] }),
  });
  const words = text.trim();
  const staff = useStaff();
  // Nobody is told twice, and not oneself.
  const told = new Set(file.events.flatMap(({ act: done, body }) => (done === 'shared' ? [body.audience] : [])));
  return (
    <Panel title={t('actions')}>
      <div className="space-y-4">
        <div className="space-y-2">
          <Reason label={t('note')} rows={4} value={text} onChange={setText} />
          <Button disabled={act.isPending || words === ''} onClick={() => act.mutate({ act: 'note', text: words })}>
            {t('addNote')}
          </Button>
        </div>
        <CaseActs file={file} />
        {file.owner === staff?.staffId ? null : (
          <Button disabled={act.isPending} onClick={() => act.mutate({ act: 'owner' })}>
            {t('takeOver')}
          </Button>
        )}
        <div className="flex flex-wrap gap-2">
          {OFFICES.filter((audience) => staff?.role !== `sup_${audience}` && !told.has(audience)).map((audience) => (
            <Button key={audience} tone="quiet" disabled={act.isPending} onClick={() => act.mutate({ act: 'shared', audience })}>
              {t('share')} {t(`shareWith.${audience}`)}
            </Button>
          ))}
        </div>
        <p className="border-t border-line pt-3 text-xs text-ink-3">{t('closeHelp')}</p>
        <div className="flex flex-wrap gap-2">
          {OUTCOMES.map((outcome) => (
            <Button
              key={outcome}
              disabled={act.isPending || words.length < SHORTEST}
              onClick={() => act.mutate({ act: 'closed', outcome, text: words })}
            >
              {t('closeAs', { outcome: t(`outcome.${outcome}`) })}
            </Button>
          ))}
        </div>
        {act.isError ? <RefusalNote refusal={readRefusal(act.error)} /> : null}
      </div>
    </Panel>
  );
}
