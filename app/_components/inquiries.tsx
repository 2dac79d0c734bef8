'use client';
/** What supervisors ask of me, of my studio or of the operator (V-14), and the reply. Nothing is shown where nothing is asked. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import type { Chosen } from '#app/_client/claim-signing.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import type { InquiryParty, InquiryReply, InquiryView } from '#server/trpc/views.ts';
import { FileList } from './claims/file-list.tsx';
import { InquiryFile } from './inquiry-file.tsx';
import { Reason, SHORTEST } from './reason.tsx';
import { RefusalNote } from './refusal-note.tsx';
import { useMe, useStaff } from './session.tsx';
import { Button, Panel } from './ui.tsx';
import { useRoom } from './use-room.ts';

const MESSAGES = ['notice'];
const KINDS = ['answered', 'more_time', 'objected'] as const satisfies readonly InquiryReply[];

export function Inquiries({ as }: { readonly as: InquiryParty }) {
  const t = useTranslations('inquiries');
  const me = useMe();
  const staff = useStaff();
  useRoom('/player', as === 'player' && me ? `player:${me.acct}` : null, [['inquiries', as]], MESSAGES);
  const query = useQuery({
    queryKey: ['inquiries', as],
    queryFn: () => api.inquiries(as),
    enabled: as === 'player' ? Boolean(me) : staff?.role === as,
    refetchInterval: 30_000,
  });
  const rows = query.data ?? [];
  if (rows.length === 0) return null;
  return (
    <div id="inquiries">
      <Panel title={t('title')}>
        <ul className="space-y-5">
          {rows.map((row) => (
            <li key={row.inquiryId} data-inquiry={row.state}>
              <InquiryFile inquiry={row} reader={as}>
                {row.state === 'open' ? <ReplyForm inquiry={row} as={as} /> : null}
              </InquiryFile>
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}

function ReplyForm({ inquiry, as }: { readonly inquiry: InquiryView; readonly as: InquiryParty }) {
  const t = useTranslations('inquiries');
  const queryClient = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [files, setFiles] = useState<readonly Chosen[]>([]);
  const send = useMutation({
    mutationFn: async (kind: InquiryReply) => {
      const { newActId } = await import('#app/_client/case-signing.ts');
      const { inquiryId } = inquiry;
      return staffApi.inquiry.reply({ as, actId: newActId(), inquiryId, kind, text: text.trim(), files: files.map(({ input }) => input) });
    },
    onSuccess: () => {
      setText('');
      setFiles([]);
      setOpen(false);
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['inquiries'] }),
  });
  if (!isOpen) return <Button onClick={() => setOpen(true)}>{t('reply')}</Button>;
  const said = inquiry.replies.map(({ kind }) => kind);
  return (
    <div className="max-w-2xl space-y-3">
      <Reason label={t('replyText')} value={text} onChange={setText} />
      <FileList files={files} onChange={setFiles} />
      <p className="text-xs text-ink-3">{t('replyHelp')}</p>
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <div className="flex flex-wrap gap-2">
        {KINDS.filter((kind) => !said.includes(kind)).map((kind) => (
          <Button
            key={kind}
            tone={kind === 'answered' ? 'primary' : 'plain'}
            disabled={send.isPending || text.trim().length < SHORTEST}
            onClick={() => send.mutate(kind)}
          >
            {t(`send.${kind}`)}
          </Button>
        ))}
      </div>
    </div>
  );
}
