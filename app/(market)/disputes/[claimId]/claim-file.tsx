'use client';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatTime } from '#app/_client/format.ts';
import { saveFile } from '#app/_client/save-file.ts';
import { CLAIM_TONE } from '#app/_components/claims/claim-row.tsx';
import { useName } from '#app/_components/item-art.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Chip, Id, Panel, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import type { ClaimParty, ClaimStep, ClaimView, Refusal } from '#server/trpc/views.ts';
import { ClaimActs } from './claim-acts.tsx';
import type { Seen } from './page.tsx';

export function ClaimFile({ seen }: { readonly seen: Seen }) {
  const { claim } = seen;
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_360px]">
      <div className="min-w-0 space-y-5">
        <Head claim={claim} />
        <Steps claim={claim} />
      </div>
      <div className="min-w-0 space-y-5">
        <ClaimActs seen={seen} />
        <Facts claim={claim} />
        <Files seen={seen} />
      </div>
    </div>
  );
}

function Head({ claim }: { readonly claim: ClaimView }) {
  const t = useTranslations('claims');
  const { locale } = usePreferences();
  const name = useName();
  const at = claim.dueAt === null ? '' : formatTime(locale, claim.dueAt, 'full');
  return (
    <section className="space-y-3 rounded-lg border border-line bg-card p-4 shadow-card" data-claim-state={claim.state}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <span className="font-mono text-sm text-ink-3">{claim.number}</span>
        <h1 className="min-w-0 flex-1 basis-64 text-lg font-bold">
          {name(claim.names)} · {t(`kind.${claim.kind}`)}
        </h1>
        <Chip tone={CLAIM_TONE[claim.state]}>{t(`state.${claim.state}`)}</Chip>
        {claim.decision === null ? null : (
          <Chip tone={claim.decision === 'upheld' ? 'good' : 'bad'}>{t(`decision.${claim.decision}`)}</Chip>
        )}
      </div>
      {claim.outcome === null ? null : <p className="font-medium">{t(`outcome.${claim.outcome}`)}</p>}
      {claim.waitsFor === null ? null : (
        <p role="status">
          {claim.state === 'decided' ? t('dueAppeal', { at }) : t('due', { who: t(`role.${claim.waitsFor}`), at })}{' '}
          {claim.isOverdue ? <strong className="text-red">{t('overdue')}</strong> : null}
        </p>
      )}
      {claim.heldUntil === null ? null : (
        <p className="text-[13px] text-ink-2">{t('held', { at: formatTime(locale, claim.heldUntil, 'full') })}</p>
      )}
      {claim.viewer === 'desk' ? <p className="text-xs text-ink-3">{t('asDesk')}</p> : null}
      {claim.viewer === 'supervisor' ? (
        <p className="flex flex-wrap gap-x-3 text-xs text-ink-3">
          {t('asSupervisor')} {claim.caseId === null ? null : <TextLink href={`/supervisor/cases/${claim.caseId}`}>{t('toCase')}</TextLink>}
        </p>
      ) : null}
    </section>
  );
}

function Steps({ claim }: { readonly claim: ClaimView }) {
  const t = useTranslations('claims');
  return (
    <Panel title={t('steps')}>
      <ol className="space-y-4 text-[13px]" aria-live="polite">
        {claim.steps.map((step) => (
          <Step key={`${step.act}${step.at}${step.role}`} step={step} claim={claim} />
        ))}
      </ol>
    </Panel>
  );
}

function Step({ step, claim }: { readonly step: ClaimStep; readonly claim: ClaimView }) {
  const t = useTranslations('claims');
  const who =
    step.role === 'claimant'
      ? claim.claimant.name
      : step.role === 'respondent'
        ? claim.respondent.name
        : (step.by ?? t(`role.${step.role}`));
  return (
    <li data-act={step.act} className="space-y-1 border-s-2 border-line ps-3">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <strong>{t(`act.${step.act}`)}</strong>
        {step.decision === null ? null : <Chip tone={step.decision === 'upheld' ? 'good' : 'bad'}>{t(`decision.${step.decision}`)}</Chip>}
        {step.stance === null ? null : <Chip>{t(`stance.${step.stance}`)}</Chip>}
        <Time at={step.at} style="full" />
        <span className="text-ink-3">{who}</span>
      </p>
      {step.text === null ? null : <p className="wrap-anywhere whitespace-pre-line">{step.text}</p>}
      {step.txId === null ? null : (
        <p className="text-xs text-ink-3">
          {t('onLedger')} <Id value={step.txId} />
        </p>
      )}
    </li>
  );
}

function Facts({ claim }: { readonly claim: ClaimView }) {
  const t = useTranslations('claims');
  const trade = claim.viewer === 'supervisor' ? `/supervisor/trades/${claim.tradeId}` : `/trades/${claim.tradeId}`;
  return (
    <Panel title={t('trade')}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-[13px]">
        <dt className="text-ink-3">{t('trade')}</dt>
        <dd>
          {claim.viewer === 'desk' ? (
            <Id value={claim.tradeId} />
          ) : (
            <TextLink href={trade}>
              <span className="font-mono">{claim.tradeId.slice(0, 12)}…</span>
            </TextLink>
          )}
        </dd>
        <dt className="text-ink-3">{t('amount')}</dt>
        <dd className="font-medium">
          <Yuan fen={claim.grossFen} />
        </dd>
        <Party party={claim.claimant} label={t('role.claimant')} isYou={claim.viewer === 'claimant'} />
        <Party party={claim.respondent} label={t('role.respondent')} isYou={claim.viewer === 'respondent'} />
        {claim.reversed === null ? null : (
          <>
            <dt className="text-ink-3">{t('onLedger')}</dt>
            <dd className="space-y-1" data-testid="reversal">
              {claim.reversed.index === null ? (
                <Id value={claim.reversed.txId} />
              ) : (
                <TextLink href={`/explorer/entries/${claim.reversed.index}`}>{claim.reversed.index}</TextLink>
              )}
              <span className="block text-ink-2">{t('reversedBy', { signers: claim.reversed.signers.join(' + ') })}</span>
            </dd>
          </>
        )}
      </dl>
    </Panel>
  );
}

function Party({ party, label, isYou }: { readonly party: ClaimParty; readonly label: string; readonly isYou: boolean }) {
  const t = useTranslations('claims');
  return (
    <>
      <dt className="text-ink-3">{label}</dt>
      <dd>
        <span className="font-medium">{party.name}</span> <span className="text-ink-3">{t(`side.${party.side}`)}</span>{' '}
        {isYou ? <Chip tone="accent">{t('you')}</Chip> : null}
        <span className="block text-xs text-ink-3">
          <Id value={party.ref} />
        </span>
      </dd>
    </>
  );
}

function Files({ seen: { claim, as } }: { readonly seen: Seen }) {
  const t = useTranslations('claims');
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const save = async (sm3: string) => {
    const [{ base64, name, mime }, { fromBase64 }] = await Promise.all([
      api.claim.file(claim.claimId, sm3, as),
      import('#ledger/primitives/bytes.ts'),
    ]);
    saveFile(name, fromBase64(base64), mime);
  };
  return (
    <Panel title={t('files')}>
      {claim.files.length === 0 ? <p className="text-[13px] text-ink-3">{t('noFiles')}</p> : null}
      <ul className="space-y-2 text-[13px]">
        {claim.files.map((file) => (
          <li key={file.sm3} className="space-y-1">
            <Button
              className="max-w-full"
              aria-label={t('save', { name: file.name })}
              onClick={() => void save(file.sm3).catch((error: unknown) => setRefusal(readRefusal(error)))}
            >
              <Download size={15} className="flex-none" aria-hidden /> <span className="truncate">{file.name}</span>
            </Button>
            <p className="text-xs text-ink-3">
              {t(`role.${file.role}`)} · SM3 <Id value={file.sm3} />
            </p>
          </li>
        ))}
      </ul>
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
    </Panel>
  );
}
