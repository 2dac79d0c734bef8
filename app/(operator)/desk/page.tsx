'use client';
/** The operator's desk (O-17): queues with clocks, walked with j and k, opened with Enter. */
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { formatCount, formatTime } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { ClaimRow } from '#app/_components/claims/claim-row.tsx';
import { Empty } from '#app/_components/empty.tsx';
import { Inquiries } from '#app/_components/inquiries.tsx';
import { useName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { Chip, Id, LinkButton, PageTitle, Panel, Skeleton, TextLink, Yuan } from '#app/_components/ui.tsx';
import type { DeskView, StaffMe } from '#server/trpc/views.ts';
import { DeskForm } from './desk-form.tsx';
import { QueueRow, useWhat } from './queue-row.tsx';

const QUEUES = ['theft', 'objection', 'studio', 'report', 'hidden', 'payout', 'break'] as const;

export default function DeskPage() {
  const t = useTranslations();
  const staff = useStaff();
  const query = useQuery({
    queryKey: ['desk'],
    queryFn: () => staffApi.desk.get(),
    enabled: staff?.role === 'operator',
    refetchInterval: 5_000,
  });
  if (staff === undefined) return <Skeleton className="h-[70vh]" />;
  if (staff?.role !== 'operator') {
    return (
      <Empty title={t('desk.roleNeeded')} isPage>
        <LinkButton href="/sign-in">{t('nav.signIn')}</LinkButton>
      </Empty>
    );
  }
  return (
    <div className="space-y-4">
      <PageTitle text={t('desk.title')} />
      <header className="flex flex-wrap items-end justify-between gap-3">
        <div className="max-w-3xl">
          <h1 className="text-xl font-bold">{t('desk.title')}</h1>
          <p className="text-[13px] text-ink-2">{t('desk.lead')}</p>
        </div>
        <nav aria-label={t('desk.title')} className="flex flex-wrap gap-x-4 text-sm">
          <TextLink href="/supervisor/reconciliation" className="inline-flex min-h-11 items-center">
            {t('desk.reconciliation')}
          </TextLink>
          <TextLink href="/desk/certificates" className="inline-flex min-h-11 items-center">
            {t('desk.certificates')}
          </TextLink>
          <TextLink href="/node" className="inline-flex min-h-11 items-center">
            {t('desk.node')}
          </TextLink>
        </nav>
      </header>
      <Inquiries as="operator" />
      <Loaded query={query} skeleton={<Skeleton className="h-[60vh]" />}>
        {(desk) => <Queues desk={desk} staff={staff} />}
      </Loaded>
    </div>
  );
}

function Queues({ desk, staff }: { readonly desk: DeskView; readonly staff: StaffMe }) {
  const t = useTranslations('desk');
  const router = useRouter();
  const what = useWhat();
  const [opened, setOpened] = useState<string | null>(null);
  const rows = QUEUES.flatMap((queue) => desk.rows.filter((row) => row.queue === queue));
  const waiting = [...desk.claims.map(({ claimId }) => claimId), ...rows.map(({ subjectId }) => subjectId)];
  const chosen = useWalk(waiting, (id) => (id.startsWith('clm_') ? router.push(`/disputes/${id}`) : setOpened(id)), opened === null);
  const row = rows.find(({ subjectId }) => subjectId === opened) ?? null;
  return (
    <>
      <Queue title={t('claims')} count={desk.claims.length}>
        {desk.claims.map((claim) => (
          <li key={claim.claimId}>
            <ClaimRow claim={claim} isChosen={claim.claimId === chosen} />
          </li>
        ))}
      </Queue>
      {QUEUES.map((queue) => (
        <Queue key={queue} title={t(`queue.${queue}`)} count={rows.filter((each) => each.queue === queue).length}>
          {rows
            .filter((each) => each.queue === queue)
            .map((each) => (
              <QueueRow key={each.subjectId} row={each} isChosen={each.subjectId === chosen} onOpen={() => setOpened(each.subjectId)} />
            ))}
        </Queue>
      ))}
      <Publicity desk={desk} />
      <Nothing desk={desk} />
      {waiting.length === 0 ? null : <p className="hidden text-xs text-ink-3 sm:block">{t('keys')}</p>}
      <Sheet open={row !== null} title={row === null ? '' : t('actTitle', { what: what(row) })} onClose={() => setOpened(null)}>
        {row === null ? null : <DeskForm row={row} staff={staff} chain={desk.chain} onDone={() => setOpened(null)} />}
      </Sheet>
    </>
  );
}

/** j and k walk over everything that waits, Enter opens it. */
function useWalk(ids: readonly string[], onOpen: (id: string) => void, isFree: boolean): string | null {
  const [chosen, setChosen] = useState<string | null>(null);
  useEffect(() => {
    if (!isFree) return;
    const onKey = (event: KeyboardEvent) => {
      const { target } = event;
      const isTyping = target instanceof HTMLElement && /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
      if (isTyping || event.metaKey || event.ctrlKey || event.altKey) return;
      const step = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0;
      const place = ids.indexOf(chosen ?? '');
      if (step !== 0) setChosen(ids[Math.min(ids.length - 1, Math.max(0, place + step))] ?? null);
      else if (event.key === 'Enter' && chosen !== null && ids.includes(chosen)) onOpen(chosen);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [ids, chosen, onOpen, isFree]);
  return chosen;
}

/** A queue with something in it; the empty ones share one line at the end. */
function Queue(props: { readonly title: string; readonly count: number; readonly children: ReactNode }) {
  if (props.count === 0) return null;
  return (
    <Panel title={props.title} flush aside={<Chip tone="accent">{formatCount(props.count)}</Chip>}>
      <ul className="divide-y divide-line">{props.children}</ul>
    </Panel>
  );
}

function Nothing({ desk }: { readonly desk: DeskView }) {
  const t = useTranslations('desk');
  const empty = [
    ...(desk.claims.length === 0 ? [t('claims')] : []),
    ...QUEUES.filter((queue) => desk.rows.every((row) => row.queue !== queue)).map((queue) => t(`queue.${queue}`)),
    ...(desk.publicity.length === 0 ? [t('publicity')] : []),
  ];
  if (empty.length === 0) return null;
  return (
    <section className="rounded-lg border border-line bg-card p-4 text-[13px]">
      <h2 className="font-semibold">{t('nothing')}</h2>
      <ul className="mt-1 flex flex-wrap gap-x-5 gap-y-1 text-ink-2">
        {empty.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
    </section>
  );
}

function Publicity({ desk }: { readonly desk: DeskView }) {
  const t = useTranslations('desk');
  const name = useName();
  const { locale } = usePreferences();
  return (
    <Queue title={t('publicity')} count={desk.publicity.length}>
      {desk.publicity.map((line) => (
        <li key={line.tradeId} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 text-[13px]">
          <span className="min-w-0 flex-1 basis-52 font-medium">{name(line.names)}</span>
          <Id value={line.tradeId} />
          <Yuan fen={line.grossFen} />
          <span className="text-ink-2">{t('publicityEnds', { at: formatTime(locale, line.endsAt, 'full') })}</span>
        </li>
      ))}
    </Queue>
  );
}
