'use client';
/** Drafts a change of a pack by form or as a document, checked before it is proposed (V-19). What was typed stays after a refusal. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { browserClock } from '#app/_client/clock.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { RefusalWithFacts } from '#app/_components/refusal-facts.tsx';
import { useRefusalSentence } from '#app/_components/refusal-note.tsx';
import { Button, Chip, Field, Panel, Segments } from '#app/_components/ui.tsx';
import type { PackDraftInput, PackView, ProposalView } from '#server/trpc/views.ts';
import { type Change, ChangeRows, toPackValue } from './change-rows.tsx';
import { DifferenceTable } from './difference-table.tsx';

type Authorization = NonNullable<ProposalView['authorization']>;
type Check = Awaited<ReturnType<typeof staffApi.packs.check>>;

/** `onDone`: it is proposed, and stands among the drafts. */
export function DraftForm({ base, onDone }: { readonly base: PackView; readonly onDone: () => void }) {
  const t = useTranslations('packs');
  const queryClient = useQueryClient();
  const [way, setWay] = useState<'form' | 'json'>('form');
  const [changes, setChanges] = useState<readonly Change[]>([{ path: 'const.resaleCooldownTradingDays', value: '' }]);
  const [json, setJson] = useState('');
  const [version, setVersion] = useState(nextVersion(base.version));
  const [mode, setMode] = useState<ProposalView['mode']>('NOTICE');
  const [from, setFrom] = useState('');
  const [reason, setReason] = useState('');
  const [authorization, setAuthorization] = useState<Authorization | null>(null);
  const draft: PackDraftInput = {
    baseHash: base.packHash,
    version,
    ...(way === 'json' ? { document: json } : { changes: changesOf(base, changes) }),
  };
  const check = useMutation({ mutationFn: () => staffApi.packs.check(draft) });
  const propose = useMutation({
    mutationFn: () => staffApi.packs.propose({ ...draft, reason, mode, effectiveFrom: beijingIso(from), authorization }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['packs'] });
      onDone();
    },
  });
  const error = propose.error ?? check.error;
  return (
    <Panel title={t('draft')}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          propose.mutate();
        }}
      >
        <Segments
          label={t('draft')}
          value={way}
          options={[
            { value: 'form', label: t('byForm') },
            { value: 'json', label: t('byJson') },
          ]}
          onChange={setWay}
        />
        {way === 'form' ? (
          <ChangeRows parameters={base.parameters} changes={changes} onChange={setChanges} />
        ) : (
          <label className="block text-[13px] font-medium text-ink-2">
            {t('json')}
            <textarea
              className="mt-1 h-56 w-full rounded-md border border-line-strong/70 bg-card p-3 font-mono text-xs"
              value={json}
              onChange={(event) => setJson(event.target.value)}
            />
          </label>
        )}
        <div className="grid gap-3 sm:grid-cols-3">
          <Field label={t('version')} value={version} onChange={(event) => setVersion(event.target.value)} />
          <div>
            <span className="mb-1 block text-[13px] font-medium text-ink-2">{t('mode')}</span>
            <Segments
              label={t('mode')}
              value={mode}
              options={[
                { value: 'NOTICE', label: t('modeText.NOTICE') },
                { value: 'TIGHTEN', label: t('modeText.TIGHTEN') },
              ]}
              onChange={setMode}
            />
          </div>
          {mode === 'NOTICE' ? (
            <Field label={t('from')} type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} />
          ) : null}
        </div>
        <Field label={t('reason')} value={reason} onChange={(event) => setReason(event.target.value)} />
        <AuthorizationFields value={authorization} onChange={setAuthorization} />
        {error === null ? null : <RefusalWithFacts refusal={readRefusal(error)} />}
        {check.data === undefined ? null : <CheckResult check={check.data} />}
        <div className="flex flex-wrap gap-2">
          <Button onClick={() => check.mutate()} disabled={check.isPending}>
            {t('check')}
          </Button>
          <Button
            type="submit"
            tone="primary"
            disabled={propose.isPending || reason.trim().length < 10 || (mode === 'NOTICE' && from === '')}
          >
            {t('propose')}
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function changesOf(base: PackView, changes: readonly Change[]): Readonly<Record<string, string>> {
  const typed = changes.filter(({ value }) => value.trim() !== '');
  return Object.fromEntries(
    typed.map(({ path, value }) => [
      path,
      toPackValue(
        base.parameters.find((each) => each.path === path),
        value,
      ),
    ]),
  );
}

function nextVersion(version: string): string {
  const [year = '', number = '0'] = version.split('.');
  return `${year}.${Number(number.split('-')[0] ?? '0') + 1}`;
}

/** What the browser calls local time is Beijing time here, whatever the machine says. */
function beijingIso(local: string): string {
  return new Date(local === '' ? browserClock.nowMs() : Date.parse(`${local}:00.000+08:00`)).toISOString();
}

function CheckResult({ check }: { readonly check: Check }) {
  const t = useTranslations('packs');
  const sentence = useRefusalSentence();
  const line = (label: string, refused: Check['withNotice']) => (
    <p className="flex flex-wrap items-center gap-2 text-[13px]">
      <span className="font-medium">{label}</span>
      {refused === null ? (
        <Chip tone="good">{t('possible')}</Chip>
      ) : (
        <>
          <Chip tone="bad">{refused.code}</Chip> {sentence(refused)} <code>{refused.facts.path ?? ''}</code>
        </>
      )}
    </p>
  );
  return (
    <div role="status" className="space-y-2 rounded-md border border-line bg-sunk p-3">
      <p className="font-medium text-green">{t('fits')}</p>
      {line(t('obstacleNotice'), check.withNotice)}
      {line(t('obstacleNow'), check.atOnce)}
      <DifferenceTable differences={check.differences} />
    </div>
  );
}

function AuthorizationFields(props: { readonly value: Authorization | null; readonly onChange: (value: Authorization | null) => void }) {
  const t = useTranslations('packs');
  const { value, onChange } = props;
  return (
    <div className="space-y-3">
      <label className="inline-flex min-h-11 items-center gap-2 text-sm sm:min-h-9">
        <input
          type="checkbox"
          checked={value !== null}
          onChange={(event) => onChange(event.target.checked ? { issuer: '', number: '', scope: [], from: '', to: '' } : null)}
        />
        {t('authorization')}
      </label>
      {value === null ? null : (
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label={t('issuer')} value={value.issuer} onChange={(event) => onChange({ ...value, issuer: event.target.value })} />
          <Field label={t('number')} value={value.number} onChange={(event) => onChange({ ...value, number: event.target.value })} />
          <Field
            label={t('scope')}
            value={value.scope.join(' ')}
            onChange={(event) => onChange({ ...value, scope: event.target.value.split(/\s+/) })}
          />
          <div className="grid grid-cols-2 gap-3">
            <Field
              label={t('authFrom')}
              type="date"
              value={value.from}
              onChange={(event) => onChange({ ...value, from: event.target.value })}
            />
            <Field label={t('authTo')} type="date" value={value.to} onChange={(event) => onChange({ ...value, to: event.target.value })} />
          </div>
        </div>
      )}
    </div>
  );
}
