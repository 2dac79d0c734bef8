'use client';
/** A change is chosen, the configuration that it leads to is shown, and the proposal is signed for exactly those bytes (O-11). */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { configOf, sendProposal } from '#app/_client/ballot-signing.ts';
import { FilePick } from '#app/_components/file-pick.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Field } from '#app/_components/ui.tsx';
import type { ChangeInput } from '#server/members/proposals.ts';
import type { NodeData, Speaker } from './node-data.ts';
import { RecordWords } from './record-words.tsx';

const KINDS = ['remove', 'promote', 'policy', 'admit', 'keys'] as const;
type Kind = (typeof KINDS)[number];
type Draft = { readonly change: ChangeInput; readonly config: string };

export function ChangeForm({ node, speaker }: { readonly node: NodeData; readonly speaker: Speaker }) {
  const t = useTranslations('proposals');
  const client = useQueryClient();
  const { members } = node.status;
  const [kind, setKind] = useState<Kind>('remove');
  const [member, setMember] = useState(String(members.at(-1)?.id ?? ''));
  const [heir, setHeir] = useState(String(members.at(-1)?.id ?? ''));
  const [finality, setFinality] = useState('3');
  const [governance, setGovernance] = useState('3');
  const [file, setFile] = useState<File | null>(null);
  const [pasted, setPasted] = useState('');
  const [reason, setReason] = useState('');
  const [draft, setDraft] = useState<Draft | null>(null);

  const changeOf = async (): Promise<ChangeInput> => {
    switch (kind) {
      case 'remove':
        return { kind, member: Number(member) };
      case 'promote':
        return { kind, leaves: Number(member), operator: Number(heir) };
      case 'policy':
        return { kind, finality: Number(finality), governance: Number(governance) };
      case 'admit':
        return { kind, record: (pasted.trim() || (await file?.text())?.trim()) ?? '' };
      default:
        return { kind, member: (await file?.text())?.trim() ?? '' };
    }
  };
  const look = useMutation({
    mutationFn: async (): Promise<Draft> => {
      const change = await changeOf();
      return { change, config: (await api.node.draft(change)).config };
    },
    onSuccess: setDraft,
  });
  const propose = useMutation({
    mutationFn: ({ change, config }: Draft) => sendProposal(speaker, change, config, reason.trim()),
    onSuccess: async () => {
      setDraft(null);
      setReason('');
      setPasted('');
      setFile(null);
      await client.invalidateQueries({ queryKey: ['proposals'] });
    },
  });
  const failure = look.error ?? propose.error;
  const pasteId = useId();
  // What is signed is what was shown: another record is looked at again.
  const forget = () => setDraft(null);
  const choose = (next: Kind) => {
    setKind(next);
    forget();
  };
  return (
    <section className="max-w-xl space-y-3 border-t border-line pt-4">
      <h3 className="font-semibold">{t('propose')}</h3>
      <Choice label={t('what')} value={kind} onChange={(value) => choose(KINDS.find((each) => each === value) ?? 'remove')}>
        {KINDS.map((each) => (
          <option key={each} value={each}>
            {t(`kind.${each}`)}
          </option>
        ))}
      </Choice>
      {kind === 'remove' || kind === 'promote' ? (
        <Choice label={t('leaves')} value={member} onChange={setMember}>
          {members.map(({ id, org }) => (
            <option key={id} value={id}>{`${id} ${org}`}</option>
          ))}
        </Choice>
      ) : null}
      {kind === 'promote' ? (
        <Choice label={t('heir')} value={heir} onChange={setHeir}>
          {members.map(({ id, org }) => (
            <option key={id} value={id}>{`${id} ${org}`}</option>
          ))}
        </Choice>
      ) : null}
      {kind === 'policy' ? (
        <div className="grid grid-cols-2 gap-3">
          <Field label={t('finality')} inputMode="numeric" value={finality} onChange={(event) => setFinality(event.target.value)} />
          <Field label={t('governance')} inputMode="numeric" value={governance} onChange={(event) => setGovernance(event.target.value)} />
        </div>
      ) : null}
      {kind === 'admit' || kind === 'keys' ? (
        <FilePick label={t('record')} accept=".json,.hex,.txt,text/plain,application/json" file={file} onPick={choosing(setFile, forget)} />
      ) : null}
      {kind === 'admit' ? (
        <div>
          <label htmlFor={pasteId} className="mb-1 block text-[13px] font-medium text-ink-2">
            {t('recordText')}
          </label>
          <textarea
            id={pasteId}
            rows={3}
            value={pasted}
            onChange={(event) => choosing(setPasted, forget)(event.target.value)}
            spellCheck={false}
            className="w-full rounded-md border border-line-strong/70 bg-card px-3 py-2 font-mono text-xs text-ink"
          />
        </div>
      ) : null}
      <Field label={t('reason')} value={reason} maxLength={400} onChange={(event) => setReason(event.target.value)} />
      {draft === null ? (
        <Button disabled={look.isPending || reason.trim() === ''} onClick={() => look.mutate()}>
          {t('look')}
        </Button>
      ) : (
        <div className="space-y-2 text-sm">
          {draft.change.kind === 'admit' ? <RecordWords text={draft.change.record} /> : null}
          <p>
            {t('becomes', { epoch: configOf(draft.config).epoch })}:{' '}
            {configOf(draft.config)
              .members.map(({ id, org }) => `${id} ${org}`)
              .join(' · ')}
          </p>
          <div className="flex flex-wrap gap-2">
            <Button tone="primary" disabled={propose.isPending} onClick={() => propose.mutate(draft)}>
              {t('sign')}
            </Button>
            <Button onClick={() => setDraft(null)}>{t('back')}</Button>
          </div>
          <p className="text-xs text-ink-3">{t('signsNote', { name: speaker.staff.name })}</p>
        </div>
      )}
      {failure === null ? null : <RefusalNote refusal={readRefusal(failure)}>{reasonsOf(readRefusal(failure).facts)}</RefusalNote>}
    </section>
  );
}

const choosing =
  <T,>(set: (value: T) => void, forget: () => void) =>
  (value: T) => {
    set(value);
    forget();
  };

const reasonsOf = (facts: Readonly<Record<string, string>> | undefined) =>
  facts?.reasons === undefined ? null : <p className="text-xs text-ink-2">{facts.reasons}</p>;

function Choice(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-[13px] font-medium text-ink-2">
        {props.label}
      </label>
      <select
        id={id}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
        className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-3 text-[15px] text-ink sm:h-10"
      >
        {props.children}
      </select>
    </div>
  );
}
