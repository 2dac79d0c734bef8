'use client';
/** The notary's desk: evidence packages that parties put before it, each read and verified here before it is signed or declined. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount, shortId } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { Chip, LinkButton, PageTitle, Panel, Skeleton, Time } from '#app/_components/ui.tsx';
import type { NotaryDesk, NotaryRequest, StaffMe } from '#server/trpc/views.ts';
import { PackageSheet } from './package-sheet.tsx';

export default function NotaryPage() {
  const t = useTranslations();
  const staff = useStaff();
  const desk = useQuery({
    queryKey: ['notary'],
    queryFn: () => staffApi.notary.list(),
    enabled: staff?.role === 'notary',
    refetchInterval: 5_000,
  });
  if (staff === undefined) return <Skeleton className="h-[70vh]" />;
  if (staff?.role !== 'notary') {
    return (
      <Empty title={t('notary.roleNeeded')} isPage>
        <LinkButton href="/sign-in">{t('nav.signIn')}</LinkButton>
      </Empty>
    );
  }
  return (
    <div className="space-y-4">
      <PageTitle text={t('notary.title')} />
      <header className="max-w-3xl">
        <h1 className="text-xl font-bold">{t('notary.title')}</h1>
        <p className="text-[13px] text-ink-2">{t('notary.lead')}</p>
      </header>
      <Loaded query={desk} skeleton={<Skeleton className="h-[60vh]" />}>
        {(data) => <Requests desk={data} staff={staff} />}
      </Loaded>
    </div>
  );
}

const TONES = { asked: 'wait', signed: 'good', declined: 'bad' } as const;

function Requests({ desk, staff }: { readonly desk: NotaryDesk; readonly staff: StaffMe }) {
  const t = useTranslations('notary');
  const [chosen, setChosen] = useState<string | null>(null);
  const shown = desk.requests.find(({ exportId }) => exportId === chosen) ?? null;
  if (desk.requests.length === 0) return <Empty title={t('empty')}>{t('emptyText')}</Empty>;
  return (
    <Panel title={t('requests')} flush>
      <ul className="divide-y divide-line">
        {desk.requests.map((request) => (
          <li key={request.exportId}>
            <RequestRow request={request} onOpen={() => setChosen(request.exportId)} />
          </li>
        ))}
      </ul>
      <Sheet open={shown !== null} title={t('package')} onClose={() => setChosen(null)}>
        {shown === null ? null : <PackageSheet key={shown.exportId} request={shown} chain={desk.chain} staff={staff} />}
      </Sheet>
    </Panel>
  );
}

function RequestRow({ request, onOpen }: { readonly request: NotaryRequest; readonly onOpen: () => void }) {
  const t = useTranslations('notary');
  return (
    <button
      type="button"
      data-request={request.exportId}
      data-state={request.state}
      onClick={onOpen}
      className="grid min-h-11 w-full grid-cols-[auto_minmax(0,1fr)] items-center gap-x-3 gap-y-1 px-4 py-2.5 text-start text-[13px] hover:bg-sunk sm:grid-cols-[88px_minmax(0,1fr)_auto_auto]"
    >
      <span>
        <Chip tone={TONES[request.state]}>{t(`state.${request.state}`)}</Chip>
      </span>
      <span className="min-w-0">
        <span className="font-semibold">{t(request.subject.kind)}</span>{' '}
        <span className="font-mono text-xs">{shortId(request.subject.id, 12, 6)}</span>
        {/* What the notary's own files go by: never cut off by an id. */}
        {request.caseRef === '' ? null : <span className="block text-ink-2">{request.caseRef}</span>}
      </span>
      <span className="num text-ink-3 max-sm:col-start-2">{t('size', { kilobytes: formatCount(Math.ceil(request.size / 1024)) })}</span>
      <span className="max-sm:col-start-2">
        <Time at={request.askedAt} style="full" />
      </span>
    </button>
  );
}
