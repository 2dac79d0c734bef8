'use client';
/** Drafts on their way: published, commented, approved by two people, on the ledger (V-19). */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { sendPackApproval } from '#app/_client/approval-signing.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { CoSignNote } from '#app/_components/co-sign-note.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { PersonalSignatureMark } from '#app/_components/personal-signature.tsx';
import { RefusalNote, useRefusalSentence } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Button, Chip, type ChipTone, Id, LinkButton, Panel, Skeleton, Time } from '#app/_components/ui.tsx';
import type { ProposalView } from '#server/trpc/views.ts';
import { DifferenceTable } from './difference-table.tsx';

const TONE: Record<ProposalView['state'], ChipTone> = { draft: 'plain', public: 'wait', activated: 'good', withdrawn: 'plain' };

export function Proposals() {
  const t = useTranslations('packs');
  const proposals = useQuery({ queryKey: ['packs', 'proposals'], queryFn: () => staffApi.packs.proposals(), refetchInterval: 15_000 });
  return (
    <section className="space-y-3">
      <h2 className="text-[15px] font-semibold">{t('proposals')}</h2>
      <Loaded query={proposals} skeleton={<Skeleton className="h-11" />}>
        {(list) =>
          list.length === 0 ? (
            <p className="rounded-lg border border-line bg-card px-4 py-3 text-[13px] text-ink-3">{t('noProposals')}</p>
          ) : (
            <div className="space-y-4">
              {list.map((proposal) => (
                <Proposal key={proposal.proposalId} proposal={proposal} />
              ))}
            </div>
          )
        }
      </Loaded>
    </section>
  );
}

function Proposal({ proposal }: { readonly proposal: ProposalView }) {
  const t = useTranslations('packs');
  const sentence = useRefusalSentence();
  return (
    <Panel
      title={`${proposal.packId} ${proposal.version}`}
      aside={
        <span className="flex flex-wrap items-center gap-2 text-sm">
          <Chip tone={TONE[proposal.state]}>{t(`proposalState.${proposal.state}`)}</Chip>
          <Chip>{t(`modeText.${proposal.mode}`)}</Chip>
          <Time at={proposal.effectiveFrom} style="full" />
          <Id value={proposal.packHash} />
        </span>
      }
    >
      <div className="space-y-3">
        <p>{proposal.reason}</p>
        <div className="-mx-4 border-y border-line">
          <DifferenceTable differences={proposal.differences} />
        </div>
        {proposal.obstacle === null ? null : (
          <p className="text-[13px] text-red">
            {t('obstacle')} · {sentence(proposal.obstacle)} <code>{proposal.obstacle.code}</code>
          </p>
        )}
        <div className="grid gap-4 sm:grid-cols-2">
          <div>
            <h3 className="text-[13px] font-medium text-ink-2">{t('approvals')}</h3>
            <ul className="text-[13px]">
              {(['operator', 'supervisor'] as const)
                .filter((role) => role === 'supervisor' || proposal.mode === 'NOTICE')
                .map((role) => {
                  const approval = proposal.approvals.find((each) => each.role === role);
                  return (
                    <li key={role}>
                      <span className="text-ink-2">{t(`approver.${role}`)}</span>{' '}
                      {approval === undefined ? t('waiting') : `${approval.name} (${approval.organisation})`}{' '}
                      {approval === undefined ? null : (
                        <>
                          <Time at={approval.at} /> <PersonalSignatureMark signed={approval.signed} />
                        </>
                      )}
                    </li>
                  );
                })}
              {proposal.txId === null ? null : (
                <li>
                  {t('entry')} <Id value={proposal.txId} />
                </li>
              )}
            </ul>
          </div>
          <div>
            <h3 className="text-[13px] font-medium text-ink-2">{t('comments')}</h3>
            {proposal.comments.length === 0 ? <p className="text-[13px] text-ink-3">{t('noComments')}</p> : null}
            <ul className="space-y-1 text-[13px]">
              {proposal.comments.map((comment) => (
                <li key={comment.commentId}>
                  <Time at={comment.at} /> <Id value={comment.author} /> {comment.text}
                </li>
              ))}
            </ul>
          </div>
        </div>
        {proposal.coSign === null ? null : <CoSignNote request={proposal.coSign} />}
        <Actions proposal={proposal} />
      </div>
    </Panel>
  );
}

function Actions({ proposal }: { readonly proposal: ProposalView }) {
  const t = useTranslations('packs');
  const signing = useTranslations('personalSignature');
  const staff = useStaff();
  const queryClient = useQueryClient();
  const act = useMutation({
    mutationFn: async (step: 'publish' | 'approve' | 'activate' | 'withdraw'): Promise<unknown> => {
      if (step !== 'approve') return staffApi.packs[step](proposal.proposalId);
      return staff == null ? null : sendPackApproval(staff, proposal);
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['packs'] }),
  });
  const role = staff?.role ?? '';
  const side = role === 'operator' ? 'operator' : role.startsWith('sup_') ? 'supervisor' : null;
  const hasApproved = proposal.approvals.some((approval) => approval.role === side);
  const isAwaited = proposal.coSign?.state === 'waiting' || proposal.coSign?.state === 'signed';
  const isOpen = proposal.state === 'draft' || proposal.state === 'public';
  return (
    <div className="space-y-2">
      {act.error === null ? null : <RefusalNote refusal={readRefusal(act.error)} />}
      {staff != null && side !== null && proposal.state === 'public' && !hasApproved ? (
        <p className="text-xs text-ink-3">{signing('note', { name: staff.name })}</p>
      ) : null}
      <div className="flex flex-wrap gap-2">
        <LinkButton href={`/supervisor/replay?draft=${proposal.packHash}`}>{t('preview')}</LinkButton>
        {side !== null && proposal.state === 'draft' ? (
          <Button tone="primary" disabled={act.isPending} onClick={() => act.mutate('publish')}>
            {t('publish')}
          </Button>
        ) : null}
        {side !== null && proposal.state === 'public' && !hasApproved ? (
          <Button tone="primary" disabled={act.isPending} onClick={() => act.mutate('approve')}>
            {t('approve')}
          </Button>
        ) : null}
        {side === 'supervisor' && proposal.state === 'public' && !isAwaited ? (
          <Button tone="primary" disabled={act.isPending} onClick={() => act.mutate('activate')}>
            {t('activate')}
          </Button>
        ) : null}
        {side !== null && isOpen ? (
          <Button tone="danger" disabled={act.isPending} onClick={() => act.mutate('withdraw')}>
            {t('withdraw')}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
