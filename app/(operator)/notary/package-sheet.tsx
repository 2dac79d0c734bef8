/** One package: what it is about, verified in this browser step by step, its files to read, and the two answers. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import clsx from 'clsx';
import { CircleCheck, CircleX } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import type { PackageVerdict } from '#app/_client/verify-package.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field, Id, Skeleton, Stat, Time } from '#app/_components/ui.tsx';
import { COUNTERSIGN_STATEMENT } from '#sandbox/cases/countersign.ts';
import type { NotaryRequest, StaffMe } from '#server/trpc/views.ts';

type Props = { readonly request: NotaryRequest; readonly chain: string; readonly staff: StaffMe };
const SHORTEST_REASON = 10;

async function readPackage(exportId: string, chain: string): Promise<PackageVerdict> {
  const [{ file }, { verifyPackage }, { issuedAt }] = await Promise.all([
    staffApi.notary.file(exportId),
    import('#app/_client/verify-package.ts'),
    // The market's clock: a demonstration may have moved it.
    api.staff.challenge(),
  ]);
  return verifyPackage(file, chain, Date.parse(issuedAt));
}

export function PackageSheet({ request, chain, staff }: Props) {
  const t = useTranslations('notary');
  const verdict = useQuery({
    queryKey: ['notaryPackage', request.exportId],
    queryFn: () => readPackage(request.exportId, chain),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <div className="space-y-5 text-[13px]">
      <dl className="grid gap-3 sm:grid-cols-2">
        <Stat label={t('subject')}>
          <span className="font-mono text-xs break-all whitespace-normal">{`${t(request.subject.kind)} ${request.subject.id}`}</span>
        </Stat>
        <Stat label={t('caseRef')}>{request.caseRef === '' ? '—' : request.caseRef}</Stat>
        <Stat label={t('askedBy')}>
          <Id value={request.askedBy} />
        </Stat>
        <Stat label={t('askedAt')}>
          <Time at={request.askedAt} style="full" />
        </Stat>
      </dl>
      <Loaded query={verdict} skeleton={<Skeleton className="h-96" />}>
        {(data) => (
          <>
            <Verdict verdict={data} isSame={data.sm3 === request.packageSm3} />
            <Files files={data.files} />
            {request.state === 'asked' ? (
              <Answer request={request} chain={chain} staff={staff} verdict={data} />
            ) : (
              <Given request={request} />
            )}
          </>
        )}
      </Loaded>
    </div>
  );
}

function Verdict({ verdict, isSame }: { readonly verdict: PackageVerdict; readonly isSame: boolean }) {
  const t = useTranslations('notary');
  const { locale } = usePreferences();
  const language = locale === 'en' ? 'en' : 'zh';
  const holds = verdict.isProven && isSame;
  // The verdict comes first; what the package discloses besides it follows as a list, which on a phone is screens long.
  const whole = verdict.sentences[language];
  const [sentence = '', ...facts] = verdict.isProven ? whole.split(/[;；]\s*/) : [whole];
  return (
    <section className="space-y-2">
      <h3 className="font-semibold">{t('verified')}</h3>
      <p className={clsx('break-words', holds ? 'text-green' : 'text-red')} data-testid="verdict" data-proven={holds}>
        {isSame ? sentence : t('otherBytes')}
      </p>
      {isSame && facts.length > 0 ? (
        <details className="rounded-md border border-line px-3 py-1.5">
          <summary className="cursor-pointer py-2.5 sm:py-1">{t('facts', { count: facts.length })}</summary>
          <ul className="mt-1 list-disc space-y-0.5 ps-4 text-xs break-all text-ink-2">
            {facts.map((fact) => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
        </details>
      ) : null}
      <ol className="divide-y divide-line rounded-md border border-line">
        {verdict.steps.map(({ step, ok, ...words }) => (
          <li key={step} className="flex items-start gap-2 px-3 py-1.5">
            {ok ? (
              <CircleCheck size={15} className="mt-0.5 flex-none text-green" aria-label={t('passed')} />
            ) : (
              <CircleX size={15} className="mt-0.5 flex-none text-red" aria-label={t('notPassed')} />
            )}
            <span className="num text-ink-3">{step}</span>
            <span className="min-w-0">{words[language]}</span>
          </li>
        ))}
      </ol>
      <p className="flex flex-wrap items-center gap-2 text-ink-2">
        SM3 <Id value={verdict.sm3} head={16} tail={8} />
      </p>
    </section>
  );
}

function Files({ files }: { readonly files: PackageVerdict['files'] }) {
  const t = useTranslations('notary');
  return (
    <section className="space-y-2">
      <h3 className="font-semibold">{t('files', { count: files.length })}</h3>
      <ul className="divide-y divide-line rounded-md border border-line">
        {files.map(({ name, size, text }) => (
          <li key={name} className="px-3 py-1.5">
            {text === null ? (
              <FileLine name={name} size={size} isFlat />
            ) : (
              <details>
                <summary className="cursor-pointer">
                  <FileLine name={name} size={size} />
                </summary>
                <pre className="mt-2 max-h-72 overflow-auto rounded bg-sunk p-2 text-xs break-all whitespace-pre-wrap">{text}</pre>
              </details>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `isFlat`: nothing to open, so the room of the others' mark is left free. */
function FileLine({ name, size, isFlat = false }: { readonly name: string; readonly size: number; readonly isFlat?: boolean }) {
  const t = useTranslations('notary');
  return (
    <span className={clsx('inline-flex w-[calc(100%-1.25rem)] flex-wrap justify-between gap-x-3 align-middle', isFlat && 'ms-[0.9rem]')}>
      <span className="min-w-0 font-mono text-xs break-all">{name}</span>
      <span className="num text-ink-3">{t('bytes', { count: formatCount(size) })}</span>
    </span>
  );
}

function Answer({ request, chain, staff, verdict }: Props & { readonly verdict: PackageVerdict }) {
  const t = useTranslations('notary');
  const queryClient = useQueryClient();
  const [text, setText] = useState('');
  const holds = verdict.isProven && verdict.sm3 === request.packageSm3;
  const act = useMutation({
    mutationFn: async (way: 'sign' | 'decline') => {
      const { sendCountersign, sendDecline } = await import('#app/_client/notary-signing.ts');
      await (way === 'sign' ? sendCountersign(staff, request, verdict.sm3, text) : sendDecline(staff, chain, request, text));
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['notary'] }),
  });
  return (
    <section className="space-y-3 border-t border-line pt-4">
      <h3 className="font-semibold">{t('answer')}</h3>
      <blockquote className="border-s-2 border-accent ps-3">
        {COUNTERSIGN_STATEMENT.zh}
        <br />
        <span lang="en">{COUNTERSIGN_STATEMENT.en}</span>
      </blockquote>
      <Field label={t('note')} help={t('noteHelp')} value={text} maxLength={500} onChange={(event) => setText(event.target.value)} />
      {act.isError ? <RefusalNote refusal={readRefusal(act.error)} /> : null}
      <div className="flex flex-wrap gap-2">
        <Button tone="primary" disabled={!holds || act.isPending} onClick={() => act.mutate('sign')}>
          {t('sign')}
        </Button>
        <Button tone="danger" disabled={text.trim().length < SHORTEST_REASON || act.isPending} onClick={() => act.mutate('decline')}>
          {t('decline')}
        </Button>
      </div>
    </section>
  );
}

function Given({ request }: { readonly request: NotaryRequest }) {
  const t = useTranslations('notary');
  return (
    <section className="space-y-2 border-t border-line pt-4" data-testid="answer-given">
      <h3 className="font-semibold">{t(`state.${request.state}`)}</h3>
      <p>
        {request.name} · {request.organisation} {request.decidedAt === null ? null : <Time at={request.decidedAt} style="full" />}
      </p>
      <p className="text-ink-2">{request.document?.note ?? request.document?.reason}</p>
      {request.txId === null ? null : (
        <p className="flex flex-wrap items-center gap-2">
          {t('onLedger')} <Id value={request.txId} />
        </p>
      )}
    </section>
  );
}
