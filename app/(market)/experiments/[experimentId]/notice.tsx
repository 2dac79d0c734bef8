'use client';
/** The public notice of an experiment: what it is about, until when, what people said, and the report at the end (V-20, V-22). */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { saveReport } from '#app/_client/save-report.ts';
import { DeclarationPanel, ExperimentTermsPanel } from '#app/_components/experiment-terms.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useMe } from '#app/_components/session.tsx';
import { Button, Field, Id, Panel, Skeleton, Time } from '#app/_components/ui.tsx';

export function Notice({ experimentId }: { readonly experimentId: string }) {
  const t = useTranslations('experimentDesk');
  const me = useMe();
  const queryClient = useQueryClient();
  const [text, setText] = useState('');
  const queryKey = ['experiment', 'notice', experimentId];
  const { data: notice } = useQuery({ queryKey, queryFn: () => api.experiment.notice(experimentId) });
  const send = useMutation({
    mutationFn: () => api.experiment.comment(experimentId, text),
    onSuccess: (fresh) => {
      queryClient.setQueryData(queryKey, fresh);
      setText('');
    },
  });
  // As high as a screen: what stands below it must not move when it comes.
  if (notice === undefined) return <Skeleton className="h-[900px]" />;
  return (
    <>
      <ExperimentTermsPanel notice={notice} />
      <DeclarationPanel notice={notice} />
      <Panel title={t('comments')}>
        <div className="space-y-3">
          {notice.noticeUntil === null ? null : <p>{t('noticeUntil', { at: notice.noticeUntil.slice(0, 10) })}</p>}
          {notice.comments.length === 0 ? <p className="text-ink-2">{t('noComments')}</p> : null}
          <ul className="space-y-2 text-[13px]">
            {notice.comments.map((comment) => (
              <li key={comment.commentId}>
                <Time at={comment.at} /> {comment.text}
              </li>
            ))}
          </ul>
          {notice.takesComments && me !== null && me !== undefined ? (
            <form
              className="space-y-2"
              onSubmit={(event) => {
                event.preventDefault();
                send.mutate();
              }}
            >
              <Field label={t('comment')} value={text} maxLength={2000} onChange={(event) => setText(event.target.value)} />
              <Button type="submit" disabled={text.trim() === '' || send.isPending}>
                {t('send')}
              </Button>
              {send.error === null ? null : <RefusalNote refusal={readRefusal(send.error)} />}
            </form>
          ) : null}
          {notice.report === null ? null : (
            <p className="flex flex-wrap items-center gap-2">
              {t('report')} <Id value={notice.report.bodyHash} />
              <Button onClick={() => void saveReport(experimentId, 'pdf')}>{t('savePdf')}</Button>
              <Button onClick={() => void saveReport(experimentId, 'json')}>{t('saveJson')}</Button>
            </p>
          )}
        </div>
      </Panel>
    </>
  );
}
