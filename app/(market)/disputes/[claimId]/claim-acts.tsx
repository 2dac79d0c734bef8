'use client';
/** What one may do in a dispute now; each act is signed, and nothing is sent before it is confirmed. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import type { Chosen } from '#app/_client/claim-signing.ts';
import { FileList } from '#app/_components/claims/file-list.tsx';
import { usePassphrase } from '#app/_components/passphrase.tsx';
import { Reason, SHORTEST } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useMe, useStaff } from '#app/_components/session.tsx';
import { Button, Id, Panel, TextLink } from '#app/_components/ui.tsx';
import type { ClaimStance, ClaimView, Me } from '#server/trpc/views.ts';
import type { Seen } from './page.tsx';

export function ClaimActs({ seen: { claim, as } }: { readonly seen: Seen }) {
  const me = useMe();
  if (as === 'staff' && claim.awaitsSignature) return <Awaited caseId={claim.caseId} />;
  if (as === 'staff') return claim.may.decide || claim.may.review ? <Ruling claim={claim} /> : null;
  if (!me) return null;
  return (
    <>
      {claim.may.answer ? <Answer claim={claim} me={me} /> : null}
      {claim.may.appeal ? <Appeal claim={claim} me={me} /> : null}
      {claim.may.withdraw ? <Withdraw claim={claim} /> : null}
    </>
  );
}

function Awaited({ caseId }: Pick<ClaimView, 'caseId'>) {
  const t = useTranslations();
  return (
    <Panel title={t('claims.review')}>
      <p>
        {t('coSign.waiting')} {caseId === null ? null : <TextLink href={`/supervisor/cases/${caseId}`}>{t('cases.case')}</TextLink>}
      </p>
    </Panel>
  );
}

function useStep<T>(claim: ClaimView, work: (choice: T) => Promise<unknown>) {
  const queryClient = useQueryClient();
  return useMutation({ mutationFn: work, onSettled: () => queryClient.invalidateQueries({ queryKey: ['claim', claim.claimId] }) });
}

function Answer({ claim, me }: { readonly claim: ClaimView; readonly me: Me }) {
  const t = useTranslations('claims');
  const [text, setText] = useState('');
  const [files, setFiles] = useState<readonly Chosen[]>([]);
  const { field, passphrase, isReady } = usePassphrase(me);
  const step = useStep(claim, async (stance: ClaimStance) => {
    const { sendAnswer } = await import('#app/_client/claim-signing.ts');
    return sendAnswer({ me, passphrase }, claim.claimId, { stance, text: text.trim(), files });
  });
  const isBlocked = step.isPending || !isReady || text.trim().length < SHORTEST;
  return (
    <Panel title={t('answer')}>
      <div className="space-y-4">
        <Reason label={t('answerText')} value={text} onChange={setText} />
        <FileList files={files} onChange={setFiles} />
        {field}
        {step.isError ? <RefusalNote refusal={readRefusal(step.error)} /> : null}
        <div className="flex flex-wrap gap-2">
          <Button tone="primary" disabled={isBlocked} onClick={() => step.mutate('contests')}>
            {step.isPending ? t('sending') : t('stance.contests')}
          </Button>
          <Button disabled={isBlocked} onClick={() => step.mutate('agrees')}>
            {t('stance.agrees')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}

function Appeal({ claim, me }: { readonly claim: ClaimView; readonly me: Me }) {
  const t = useTranslations('claims');
  const [text, setText] = useState('');
  const { field, passphrase, isReady } = usePassphrase(me);
  const step = useStep(claim, async (choice: 'appeal' | 'accept') => {
    if (choice === 'accept') return api.claim.accept(claim.claimId);
    const { sendClaimAppeal } = await import('#app/_client/claim-signing.ts');
    return sendClaimAppeal({ me, passphrase }, claim.claimId, text.trim());
  });
  return (
    <Panel title={t('appeal')}>
      <div className="space-y-4">
        <Reason label={t('appealText')} value={text} onChange={setText} />
        {field}
        {step.isError ? <RefusalNote refusal={readRefusal(step.error)} /> : null}
        <Button tone="primary" disabled={step.isPending || !isReady || text.trim().length < SHORTEST} onClick={() => step.mutate('appeal')}>
          {step.isPending ? t('sending') : t('appeal')}
        </Button>
        <div className="space-y-2 border-t border-line pt-3">
          <Button disabled={step.isPending} onClick={() => step.mutate('accept')}>
            {t('accept')}
          </Button>
          <p className="text-xs text-ink-3">{t('acceptHelp')}</p>
        </div>
      </div>
    </Panel>
  );
}

function Withdraw({ claim }: { readonly claim: ClaimView }) {
  const t = useTranslations('claims');
  const step = useStep(claim, () => api.claim.withdraw(claim.claimId));
  return (
    <Panel>
      <div className="space-y-2">
        <Button disabled={step.isPending} onClick={() => step.mutate(undefined)}>
          {t('withdraw')}
        </Button>
        <p className="text-xs text-ink-3">{t('withdrawHelp')}</p>
        {step.isError ? <RefusalNote refusal={readRefusal(step.error)} /> : null}
      </div>
    </Panel>
  );
}

/** Of the desk, or of a supervisor under the reversal. */
function Ruling({ claim }: { readonly claim: ClaimView }) {
  const t = useTranslations('claims');
  const staff = useStaff();
  const [text, setText] = useState('');
  const isReview = claim.may.review;
  const step = useStep(claim, async (isUpheld: boolean) => {
    const { sendDecision, sendReview } = await import('#app/_client/claim-signing.ts');
    if (!staff) return undefined;
    return isReview ? sendReview(staff, claim, isUpheld, text.trim()) : sendDecision(staff, claim, isUpheld, text.trim());
  });
  const isBlocked = step.isPending || text.trim().length < SHORTEST;
  return (
    <Panel title={isReview ? t('review') : t('decide')}>
      <div className="space-y-4">
        <Reason label={t('ruling')} value={text} onChange={setText} />
        {isReview && claim.reversal !== null ? (
          <div className="space-y-1 rounded-md bg-sunk p-3 text-[13px]">
            <p className="font-medium">{t('reviewReversal')}</p>
            <p>
              {t('entry')} {claim.reversal.entry}
            </p>
            {claim.reversal.items.map(({ serial, ver, to }) => (
              <p key={serial}>
                #{serial} · {ver} → <Id value={to} />
              </p>
            ))}
            <p className="text-xs text-ink-3">{t('reviewHelp')}</p>
          </div>
        ) : null}
        {step.isError ? <RefusalNote refusal={readRefusal(step.error)} /> : null}
        <div className="flex flex-wrap gap-2">
          <Button tone="primary" disabled={isBlocked} onClick={() => step.mutate(true)}>
            {step.isPending ? t('sending') : t('uphold')}
          </Button>
          <Button disabled={isBlocked} onClick={() => step.mutate(false)}>
            {t('refuse')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
