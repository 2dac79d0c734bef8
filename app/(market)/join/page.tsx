'use client';
/** Joining in steps (P-01 to P-05): phone and real name, key, recovery file saved and opened again, bank card. Whoever was refused elsewhere
 *  for want of a step is sent to that step alone, the enhanced check among them, and comes back (P-02). */
import { useRouter, useSearchParams } from 'next/navigation';
import { Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useMe } from '#app/_components/session.tsx';
import { LinkButton, PageTitle, Panel, Skeleton } from '#app/_components/ui.tsx';
import { CardStep } from './card-step.tsx';
import { EnhancedStep } from './enhanced-step.tsx';
import { IdentityStep, type VerifiedPerson } from './identity-step.tsx';
import { KeyStep } from './key-step.tsx';
import { RecoveryStep } from './recovery-step.tsx';

const STEPS = ['name', 'key', 'recovery', 'card', 'done'] as const;
type Step = (typeof STEPS)[number];
/** Steps that a refused action asks for, by the name in the address. */
const ASKED = ['recovery', 'card', 'enhanced'] as const;

export default function JoinPage() {
  return (
    <Suspense fallback={<Skeleton className="h-96" />}>
      <Join />
    </Suspense>
  );
}

function Join() {
  const t = useTranslations('join');
  const router = useRouter();
  const params = useSearchParams();
  const asked = ASKED.find((name) => name === params.get('step')) ?? null;
  const back = backOf(params.get('back'));
  const me = useMe();
  const [step, setStep] = useState<Step | null>(null);
  const [person, setPerson] = useState<VerifiedPerson | null>(null);
  // A refused action elsewhere sends people here for one step and they are signed in already.
  const current: Step | 'enhanced' = step ?? (me ? asked : null) ?? 'name';
  const place = current === 'enhanced' ? -1 : STEPS.indexOf(current);
  const finish = (next: Step) => (back === null ? setStep(next) : router.push(back));
  return (
    <div className="mx-auto max-w-xl space-y-4">
      <PageTitle text={t('title')} />
      <h1 className="text-xl font-bold">{t('heading')}</h1>
      {place === -1 ? null : (
        <ol className="flex gap-1" aria-label={t('stepOf', { step: place + 1, total: STEPS.length })}>
          {STEPS.map((name, index) => (
            <li
              key={name}
              aria-current={name === current ? 'step' : undefined}
              className={`flex-1 border-t-4 pt-1 text-xs ${index <= place ? 'border-accent text-ink' : 'border-line text-ink-3'}`}
            >
              {t(`steps.${name}`)}
            </li>
          ))}
        </ol>
      )}
      <Panel title={current === 'enhanced' ? t('enhanced.title') : t(`steps.${current}`)}>
        {current === 'name' ? (
          <IdentityStep
            onVerified={(verified) => {
              setPerson(verified);
              setStep('key');
            }}
          />
        ) : null}
        {current === 'key' && person !== null ? <KeyStep person={person} onOpened={() => setStep('recovery')} /> : null}
        {current === 'recovery' && me ? (
          <RecoveryStep me={me} onConfirmed={() => finish(me.level === 'R0' || me.level === 'R1' ? 'card' : 'done')} />
        ) : null}
        {current === 'card' && me ? <CardStep me={me} onDone={() => finish('done')} /> : null}
        {current === 'enhanced' && me ? <EnhancedStep me={me} onDone={() => finish('done')} /> : null}
        {current === 'done' ? (
          <div className="space-y-3">
            <p className="text-lg font-semibold">{t('done')}</p>
            <p className="text-ink-2">{t('doneText')}</p>
            {me ? <p>{t('level', { level: me.level })}</p> : null}
            <LinkButton tone="primary" href="/search">
              {t('toMarket')}
            </LinkButton>
          </div>
        ) : null}
      </Panel>
    </div>
  );
}

/** A place of ours: another site's address is no way back. */
function backOf(address: string | null): string | null {
  return address !== null && /^\/(?![/\\])/.test(address) ? address : null;
}
