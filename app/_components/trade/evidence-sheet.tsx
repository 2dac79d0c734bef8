'use client';
/** An evidence package (P-45): asked for with the passphrase once more, built by the server, saved here. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { saveFile } from '#app/_client/save-file.ts';
import type { CountersignView, EvidenceExport, Me, Refusal } from '#server/trpc/views.ts';
import { Loaded } from '../loaded.tsx';
import { usePassphrase } from '../passphrase.tsx';
import { RefusalNote } from '../refusal-note.tsx';
import { useMe } from '../session.tsx';
import { Button, Chip, Field, Skeleton, TextLink, Time } from '../ui.tsx';

export type Subject = { readonly kind: 'trade' | 'item'; readonly id: string };
const LOOK_AGAIN_MS = 1_500;

export function EvidenceForm({ subject }: { readonly subject: Subject }) {
  const t = useTranslations('evidence');
  const me = useMe();
  const { field, passphrase, isReady, forget } = usePassphrase(me ?? null);
  const queryClient = useQueryClient();
  const [caseRef, setCaseRef] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const exports = useQuery({
    queryKey: ['evidence', subject.id],
    queryFn: () => api.evidence.list(subject.id),
    refetchInterval: (query) =>
      query.state.data?.some(({ state, countersign }) => state === 'waiting' || countersign?.state === 'asked') === true
        ? LOOK_AGAIN_MS
        : false,
  });
  if (me === null || me === undefined) return <Skeleton className="h-40" />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(null);
    ask(me, subject, caseRef.trim(), passphrase)
      .then(() => queryClient.invalidateQueries({ queryKey: ['evidence', subject.id] }))
      .catch((error: unknown) => setRefusal(readRefusal(error)))
      .finally(() => {
        forget();
        setBusy(false);
      });
  };
  return (
    <div className="space-y-5">
      <p className="text-[13px] text-ink-2">{t('lead')}</p>
      <form onSubmit={submit} className="space-y-3">
        <Field
          label={t('caseRef')}
          value={caseRef}
          maxLength={80}
          autoComplete="off"
          onChange={(event) => setCaseRef(event.target.value)}
        />
        {field}
        {refusal === null ? null : <RefusalNote refusal={refusal} />}
        <Button type="submit" tone="primary" disabled={isBusy || !isReady}>
          {isBusy ? t('asking') : t('ask')}
        </Button>
      </form>
      <section>
        <h3 className="mb-2 text-[15px] font-semibold">{t('earlier')}</h3>
        <Loaded query={exports} skeleton={<Skeleton className="h-16" />}>
          {(rows) =>
            rows.length === 0 ? (
              <p className="text-[13px] text-ink-2">{t('none')}</p>
            ) : (
              <ul className="divide-y divide-line" aria-live="polite">
                {rows.map((row) => (
                  <ExportRow key={row.exportId} row={row} onRefused={setRefusal} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </section>
    </div>
  );
}

function ExportRow({ row, onRefused }: { readonly row: EvidenceExport; readonly onRefused: (refusal: Refusal) => void }) {
  const t = useTranslations('evidence');
  const save = async () => {
    const [{ file, name }, { fromBase64 }] = await Promise.all([api.evidence.file(row.exportId), import('#ledger/primitives/bytes.ts')]);
    saveFile(name, fromBase64(file), 'application/zip');
  };
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2 text-[13px]" data-state={row.state}>
      <Time at={row.requestedAt} style="full" />
      <Chip tone={row.state === 'built' ? 'good' : row.state === 'failed' ? 'bad' : 'wait'}>{t(row.state)}</Chip>
      {row.caseRef === '' ? null : <span className="min-w-0 truncate text-ink-2">{row.caseRef}</span>}
      {row.reason === null ? null : <code>{row.reason}</code>}
      {row.countersign === null ? null : <Countersign answer={row.countersign} />}
      {row.state !== 'built' ? null : (
        <span className="ms-auto flex flex-wrap items-center gap-2">
          <TextLink href="/verify">{t('verify')}</TextLink>
          {row.countersign === null ? <AskNotary row={row} onRefused={onRefused} /> : null}
          <Button onClick={() => void save().catch((error: unknown) => onRefused(readRefusal(error)))}>
            <Download size={15} aria-hidden /> {t('download')}
          </Button>
        </span>
      )}
    </li>
  );
}

function AskNotary({ row, onRefused }: { readonly row: EvidenceExport; readonly onRefused: (refusal: Refusal) => void }) {
  const t = useTranslations('countersign');
  const queryClient = useQueryClient();
  const ask = () => {
    api.evidence
      .askNotary(row.exportId)
      .then(() => queryClient.invalidateQueries({ queryKey: ['evidence', row.subject.id] }))
      .catch((error: unknown) => onRefused(readRefusal(error)));
  };
  return <Button onClick={ask}>{t('ask')}</Button>;
}

/** The notary's answer, to be saved beside the package: its document names the package by SM3. */
function Countersign({ answer }: { readonly answer: CountersignView }) {
  const t = useTranslations('countersign');
  const { name, organisation, document } = answer;
  const facts = { name: name ?? '', organisation: organisation ?? '', reason: document?.reason ?? '' };
  const save = () => {
    const file = JSON.stringify({ schema: 'daoju.countersign/1', ...answer }, null, 2);
    saveFile(`countersign-${answer.exportId}.json`, file, 'application/json');
  };
  return (
    <span className="flex flex-wrap items-center gap-2" data-countersign={answer.state}>
      <Chip tone={answer.state === 'signed' ? 'good' : answer.state === 'declined' ? 'bad' : 'wait'}>{t(answer.state, facts)}</Chip>
      {answer.state === 'asked' ? null : (
        <Button onClick={save}>
          <Download size={15} aria-hidden /> {t('save')}
        </Button>
      )}
    </span>
  );
}

/** The key signs again, also when it is open: whoever sits down at an open browser can't take evidence out. */
async function ask(me: Me, subject: Subject, caseRef: string, passphrase: string | null): Promise<EvidenceExport> {
  const [{ openSignerAgain }, { signEvidenceRequest }] = await Promise.all([
    import('#app/_client/keys/open-signer.ts'),
    import('#app/_client/signing.ts'),
  ]);
  const signer = await openSignerAgain(me, passphrase);
  const challenge = await api.session.challenge();
  const signature = signEvidenceRequest(signer.keys.privateKey, me.acct, { subject: subject.id, caseRef }, challenge);
  return api.evidence.export({ subject, caseRef, challenge: challenge.challenge, issuedAt: challenge.issuedAt, signature });
}
