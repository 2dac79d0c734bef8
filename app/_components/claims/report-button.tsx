'use client';
/** Anyone may report a listing or a person (P-32); who has held an item may swear that it was stolen (P-34). */
import { useMutation } from '@tanstack/react-query';
import { Flag } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import type { ItemPage, Me } from '#server/trpc/views.ts';
import { usePassphrase } from '../passphrase.tsx';
import { Reason, SHORTEST } from '../reason.tsx';
import { RefusalNote } from '../refusal-note.tsx';
import { useMe } from '../session.tsx';
import { Sheet } from '../sheet.tsx';
import { Button, Segments } from '../ui.tsx';

export function ReportButton({ page }: { readonly page: ItemPage }) {
  const t = useTranslations('desk');
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  if (!me || page.isMine) return null;
  return (
    <>
      <Button tone="quiet" onClick={() => setOpen(true)}>
        <Flag size={15} aria-hidden /> {t('report')}
      </Button>
      <Sheet open={isOpen} title={t('reportTitle')} onClose={() => setOpen(false)}>
        <ReportForm page={page} me={me} />
      </Sheet>
    </>
  );
}

function ReportForm({ page, me }: { readonly page: ItemPage; readonly me: Me }) {
  const t = useTranslations('desk');
  const wasMine = page.hops.some(({ toRef }) => toRef === me.acct);
  const [kind, setKind] = useState<'item' | 'person' | 'theft'>('item');
  const [text, setText] = useState('');
  const { field, passphrase, isReady } = usePassphrase(me);
  const send = useMutation({
    mutationFn: async () => {
      if (kind === 'theft') {
        const { sendTheft } = await import('#app/_client/claim-signing.ts');
        return sendTheft({ me, passphrase }, page.itemId, text.trim());
      }
      return staffApi.desk.report({ kind, subjectId: kind === 'item' ? page.itemId : page.ownerRef, text: text.trim() });
    },
  });
  if (send.isSuccess) return <p role="status">{t('sent')}</p>;
  const options = [
    { value: 'item' as const, label: t('reportItem') },
    { value: 'person' as const, label: t('reportPerson') },
    ...(wasMine ? [{ value: 'theft' as const, label: t('reportTheft') }] : []),
  ];
  return (
    <div className="space-y-4">
      <Segments label={t('reportWhat')} value={kind} options={options} onChange={setKind} />
      <Reason label={t('reportText')} value={text} onChange={setText} />
      {kind === 'theft' ? (
        <>
          <p className="text-xs text-ink-3">{t('theftHelp')}</p>
          {field}
        </>
      ) : null}
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <Button
        tone="primary"
        disabled={send.isPending || text.trim().length < SHORTEST || (kind === 'theft' && !isReady)}
        onClick={() => send.mutate()}
      >
        {t('send')}
      </Button>
    </div>
  );
}
