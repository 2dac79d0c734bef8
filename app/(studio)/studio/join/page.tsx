'use client';
/** A studio applies and sees where its application stands (T-01). Anyone may: there is no account yet to sign in with. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { CoSignNote } from '#app/_components/co-sign-note.tsx';
import { Reason } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Chip, Field, Id, PageTitle, Panel, Time } from '#app/_components/ui.tsx';
import type { StudioJoined, StudioJoinStatus } from '#server/trpc/views.ts';
import { JoinForm } from './join-form.tsx';

export default function JoinPage() {
  const t = useTranslations('studioJoin');
  const [joined, setJoined] = useState<StudioJoined | null>(null);
  return (
    <div className="space-y-4">
      <PageTitle text={t('title')} />
      <header className="max-w-3xl">
        <h1 className="text-xl font-bold">{t('title')}</h1>
        <p className="text-[13px] text-ink-2">{t('lead')}</p>
      </header>
      {joined === null ? <JoinForm onJoined={setJoined} /> : <Received joined={joined} />}
      <Status key={joined?.applicationId ?? ''} first={joined?.applicationId ?? ''} />
    </div>
  );
}

function Received({ joined }: { readonly joined: StudioJoined }) {
  const t = useTranslations('studioJoin');
  const lines = [
    [t('number_'), joined.applicationId],
    [t('account'), joined.acct],
    [t('writeKey'), joined.writeKeyId],
    [t('readKey'), joined.readKey],
  ] as const;
  return (
    <Panel title={t('received')} aside={joined.isLicensed ? null : <Chip tone="wait">{t('notLicensed')}</Chip>}>
      <dl className="grid gap-3 text-[13px]">
        {lines.map(([label, value]) => (
          <div key={label}>
            <dt className="text-ink-2">{label}</dt>
            <dd className="num break-all">{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function Status({ first }: { readonly first: string }) {
  const t = useTranslations('studioJoin');
  const [applicationId, setApplicationId] = useState(first);
  const [accountOpen, setAccountOpen] = useState('');
  const look = useMutation({ mutationFn: () => api.studioJoin.get(applicationId.trim()) });
  const open = useMutation({
    mutationFn: () => api.studioJoin.openAccount(applicationId.trim(), accountOpen.trim()),
    onSuccess: () => look.mutate(),
  });
  const failure = open.error ?? look.error;
  const isAwaited = look.data?.coSign?.state === 'waiting' || look.data?.coSign?.state === 'signed';
  return (
    <Panel title={t('status')}>
      <div className="space-y-4">
        <Field label={t('number_')} value={applicationId} onChange={(event) => setApplicationId(event.target.value)} />
        <Button disabled={applicationId.trim() === '' || look.isPending} onClick={() => look.mutate()}>
          {t('look')}
        </Button>
        {look.data === undefined ? null : <Standing status={look.data} />}
        {look.data?.coSign == null ? null : <CoSignNote request={look.data.coSign} />}
        {look.data?.state === 'verified' && !isAwaited ? (
          <div className="space-y-3">
            <Reason label={t('openHelp')} value={accountOpen} onChange={setAccountOpen} />
            <Button tone="primary" disabled={accountOpen.trim() === '' || open.isPending} onClick={() => open.mutate()}>
              {t('open')}
            </Button>
          </div>
        ) : null}
        {failure === null ? null : <RefusalNote refusal={readRefusal(failure)} />}
      </div>
    </Panel>
  );
}

function Standing({ status }: { readonly status: StudioJoinStatus }) {
  const t = useTranslations('studioJoin');
  return (
    <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-[13px]" role="status">
      <strong>{t(`state.${status.state}`)}</strong>
      <Id value={status.acct} />
      {status.isLicensed ? null : <Chip tone="wait">{t('notLicensed')}</Chip>}
      {status.phone === null ? null : (
        <span className="text-ink-2">
          {t('phoneOf')} <span className="num">{status.phone}</span>
        </span>
      )}
      {status.reason === null ? null : <span className="text-red">{status.reason}</span>}
      {status.recheckAt === null ? null : (
        <span className="text-ink-2">
          {t('recheck')} <Time at={status.recheckAt} style="full" />
        </span>
      )}
    </p>
  );
}
