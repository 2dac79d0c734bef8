'use client';
/** Anyone but the parties may object to what is in publicity (P-30); the desk decides before it ends. */
import { useMutation } from '@tanstack/react-query';
import { MessageSquareWarning } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { Reason, SHORTEST } from '../reason.tsx';
import { RefusalNote } from '../refusal-note.tsx';
import { useMe } from '../session.tsx';
import { Sheet } from '../sheet.tsx';
import { Button } from '../ui.tsx';

/** `subjectId`: a trade, or the order of a listing. */
export function ObjectionButton({ subjectId }: { readonly subjectId: string }) {
  const t = useTranslations('objection');
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  if (!me) return null;
  return (
    <>
      <Button tone="quiet" onClick={() => setOpen(true)}>
        <MessageSquareWarning size={15} aria-hidden /> {t('open')}
      </Button>
      <Sheet open={isOpen} title={t('open')} onClose={() => setOpen(false)}>
        <Form subjectId={subjectId} />
      </Sheet>
    </>
  );
}

function Form({ subjectId }: { readonly subjectId: string }) {
  const t = useTranslations('objection');
  const [text, setText] = useState('');
  const send = useMutation({
    mutationFn: async () => {
      const { newActId } = await import('#app/_client/case-signing.ts');
      return api.objection.open({ actId: newActId(), subjectId, text: text.trim() });
    },
  });
  if (send.isSuccess) return <p role="status">{t('sent')}</p>;
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <p className="text-[13px] text-ink-2">{t('help')}</p>
      <Reason label={t('text')} value={text} onChange={setText} />
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <Button type="submit" tone="primary" disabled={send.isPending || text.trim().length < SHORTEST}>
        {t('send')}
      </Button>
    </form>
  );
}
