'use client';
/** Changes of the consortium (O-11): what is proposed, who has voted how and when; officials of members propose and vote with a signature. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Button, Chip, Field, Id, Panel, Skeleton, TextLink, Time } from '#app/_components/ui.tsx';
import type { NodeData, Proposal, Speaker } from './node-data.ts';

const POLL_MS = 3_000;
const TONES = { open: 'wait', superseded: 'plain', submitted: 'accent', in_force: 'good' } as const;

/** For officials; everybody else need not load it. */
const ChangeForm = lazy(async () => ({ default: (await import('./change-form.tsx')).ChangeForm }));

export function ProposalsPanel({ node }: { readonly node: NodeData }) {
  const t = useTranslations('proposals');
  const staff = useStaff();
  const query = useQuery({ queryKey: ['proposals'], queryFn: () => api.node.proposals(), refetchInterval: POLL_MS });
  const member = query.data?.member ?? null;
  const speaker = staff == null || member === null || query.data === undefined ? null : { staff, member, chain: query.data.chain };
  return (
    <Panel title={t('title')}>
      <p className="mb-3 max-w-3xl text-xs text-ink-3">{t('note')}</p>
      <Loaded query={query} skeleton={<Skeleton className="h-32" />}>
        {({ rows }) => (
          <div className="space-y-5">
            {rows.length === 0 ? <Empty title={t('none')} /> : null}
            <ol className="space-y-5">
              {rows.map((proposal) => (
                <li key={proposal.proposalId}>
                  <ProposalCard proposal={proposal} node={node} speaker={speaker} />
                </li>
              ))}
            </ol>
            {speaker === null ? (
              <p className="text-sm text-ink-2">{t('signIn')}</p>
            ) : (
              <Suspense fallback={<Skeleton className="h-32" />}>
                <ChangeForm node={node} speaker={speaker} />
              </Suspense>
            )}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function ProposalCard(props: { readonly proposal: Proposal; readonly node: NodeData; readonly speaker: Speaker | null }) {
  const { proposal, node, speaker } = props;
  const t = useTranslations('proposals');
  const hasVoted = proposal.votes.some(({ member }) => member === speaker?.member);
  return (
    <article className="text-sm" data-proposal={proposal.proposalId}>
      <p className="font-semibold">
        {t(`kind.${proposal.kind}`)} <Chip tone={TONES[proposal.state]}>{t(`state.${proposal.state}`)}</Chip>
      </p>
      <p className="text-ink-2">
        {proposal.by}, {proposal.organisation} · <Time at={proposal.at} style="full" />
      </p>
      <p>{proposal.reason}</p>
      <p className="text-ink-2">
        {t('becomes', { epoch: proposal.epoch })}: {proposal.members.map(({ id, org }) => `${id} ${org}`).join(' · ')}{' '}
        <Id value={proposal.configHash} />
      </p>
      <ul className="mt-2 space-y-1" aria-label={t('votes')}>
        {proposal.votes.map((vote) => (
          <li key={vote.member}>
            <Chip tone={vote.vote === 'for' ? 'good' : 'bad'}>{t(vote.vote)}</Chip> <span className="font-medium">{vote.org}</span>{' '}
            <span className="text-ink-2">
              {vote.name} · <Time at={vote.at} style="full" /> · {vote.reason}
            </span>
          </li>
        ))}
      </ul>
      {proposal.inForceAt === null ? null : (
        <p className="mt-1 text-ink-2">
          {t('inForceAt', { height: formatCount(proposal.inForceAt) })} · {t('now', { height: formatCount(node.status.height) })}
        </p>
      )}
      {proposal.txId === null ? null : (
        <p className="text-ink-2">
          {t('entry')} <TextLink href="/explorer">{t('explorer')}</TextLink> <Id value={proposal.txId} />
        </p>
      )}
      {speaker === null || proposal.state !== 'open' || hasVoted ? null : <VoteForm proposal={proposal} speaker={speaker} />}
    </article>
  );
}

function VoteForm({ proposal, speaker }: { readonly proposal: Proposal; readonly speaker: Speaker }) {
  const t = useTranslations('proposals');
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const vote = useMutation({
    mutationFn: async (choice: 'for' | 'against') => {
      // Few who look at a node may vote: the others load nothing that signs.
      const { sendVote } = await import('#app/_client/ballot-signing.ts');
      return sendVote(speaker, proposal, choice, reason.trim());
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['proposals'] }),
  });
  const isReady = reason.trim() !== '' && !vote.isPending;
  return (
    <div className="mt-3 max-w-xl space-y-2">
      <Field label={t('reason')} value={reason} maxLength={400} onChange={(event) => setReason(event.target.value)} />
      <div className="flex flex-wrap gap-2">
        <Button tone="primary" disabled={!isReady} onClick={() => vote.mutate('for')}>
          {t('voteFor')}
        </Button>
        <Button tone="danger" disabled={!isReady} onClick={() => vote.mutate('against')}>
          {t('voteAgainst')}
        </Button>
      </div>
      <p className="text-xs text-ink-3">{t('signsNote', { name: speaker.staff.name })}</p>
      {vote.error === null ? null : <RefusalNote refusal={readRefusal(vote.error)} />}
    </div>
  );
}
