'use client';
/** Changes of the rules that are open for comment or announced (E-Commerce Law art. 34, product V-19), with everybody's comments. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatFen, formatTime } from '#app/_client/format.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useMe } from '#app/_components/session.tsx';
import { Button, Chip, Field, Id, LinkButton, Panel, Skeleton, Time } from '#app/_components/ui.tsx';
import type { PackDifferenceView, ProposalView } from '#server/trpc/views.ts';

export function RuleChanges() {
  const t = useTranslations('ruleChanges');
  const changes = useQuery({ queryKey: ['rules', 'changes'], queryFn: () => api.rules.changes(), staleTime: 30_000 });
  return (
    <Loaded query={changes} skeleton={<Skeleton className="h-24" />}>
      {(list) => (
        <Panel title={t('title')} flush>
          {list.length === 0 ? (
            <p className="p-4 text-ink-3">{t('none')}</p>
          ) : (
            <ul className="divide-y divide-line">
              {list.map((proposal) => (
                <li key={proposal.proposalId} className="space-y-2 p-4">
                  <Change proposal={proposal} />
                </li>
              ))}
            </ul>
          )}
        </Panel>
      )}
    </Loaded>
  );
}

function Change({ proposal }: { readonly proposal: ProposalView }) {
  const t = useTranslations();
  const { locale } = usePreferences();
  const at = formatTime(locale, proposal.effectiveFrom, 'full');
  return (
    <>
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-semibold">
          {proposal.packId} {proposal.version}
        </span>
        <Chip tone={proposal.state === 'public' ? 'wait' : 'good'}>{t(`packs.proposalState.${proposal.state}`)}</Chip>
        <span className="text-[13px] text-ink-2">
          {proposal.state === 'public' ? t('ruleChanges.commentsUntil', { at }) : t('ruleChanges.announced', { at })}
        </span>
        <Id value={proposal.packHash} />
      </p>
      <p>{proposal.reason}</p>
      <ul className="space-y-1 text-[13px]">
        {proposal.differences.map((each) => (
          <li key={each.path} className="[overflow-wrap:anywhere]">
            <span className="font-medium">{each.words?.[locale === 'en' ? 'en' : 'zh'] ?? each.path}</span>: {figure(each, each.before)} →{' '}
            <strong>{figure(each, each.after)}</strong>
          </li>
        ))}
      </ul>
      <ul className="space-y-1 text-[13px] text-ink-2">
        {proposal.comments.map((comment) => (
          <li key={comment.commentId}>
            <Time at={comment.at} /> <Id value={comment.author} /> {comment.text}
          </li>
        ))}
      </ul>
      {proposal.state === 'public' ? <Comment proposalId={proposal.proposalId} /> : null}
    </>
  );
}

function figure({ unit }: PackDifferenceView, value: string | null): string {
  if (value === null) return '—';
  return unit === 'fen' && /^\d+$/.test(value) ? `${formatFen(BigInt(value))} 元` : value.slice(0, 80);
}

function Comment({ proposalId }: { readonly proposalId: string }) {
  const t = useTranslations('ruleChanges');
  const player = useMe();
  const queryClient = useQueryClient();
  const [text, setText] = useState('');
  const send = useMutation({
    mutationFn: () => api.rules.comment(proposalId, text),
    onSuccess: async () => {
      setText('');
      await queryClient.invalidateQueries({ queryKey: ['rules', 'changes'] });
    },
  });
  if (player === null || player === undefined) return <LinkButton href="/sign-in">{t('signIn')}</LinkButton>;
  return (
    <form
      className="space-y-2"
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <Field label={t('comment')} value={text} maxLength={2000} onChange={(event) => setText(event.target.value)} />
      {send.error === null ? null : <RefusalNote refusal={readRefusal(send.error)} />}
      <Button type="submit" disabled={send.isPending || text.trim() === ''}>
        {t('send')}
      </Button>
      {send.isSuccess ? (
        <p role="status" className="text-[13px] text-green">
          {t('sent')}
        </p>
      ) : null}
    </form>
  );
}
