'use client';
/** Halts of a case (V-17): set with reason, end and what becomes of open orders; second signature; resuming before the end. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { formatTime } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { useName } from '#app/_components/item-art.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Reason, SHORTEST } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { TimeLeft } from '#app/_components/time-left.tsx';
import { Button, Chip, type ChipTone, Field, Id, Panel, Segments } from '#app/_components/ui.tsx';
import type { CaseView, FreezeState, HaltReason, HaltScope, HaltView, OpenOrders, StaffMe } from '#server/trpc/views.ts';
import { isAwaited } from './awaited-panel.tsx';
import { boundsOf, chosenMs, termsWithin } from './freeze-form.tsx';
import { exampleOf, TargetNote } from './target-note.tsx';

const SCOPES = ['class', 'game', 'market'] as const satisfies readonly HaltScope[];
const REASONS = ['market_abuse', 'technical', 'security', 'court_request', 'other'] as const satisfies readonly HaltReason[];
const ORDERS = ['keep', 'cancel'] as const satisfies readonly OpenOrders[];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TERMS_MS = [HOUR_MS, 24 * HOUR_MS, 48 * HOUR_MS, 7 * DAY_MS];
const TONE = { proposed: 'wait', active: 'bad', ended: 'plain' } as const satisfies Record<FreezeState, ChipTone>;

type Given = { readonly file: CaseView; readonly staff: StaffMe };

export function HaltPanel({ file }: { readonly file: CaseView }) {
  const t = useTranslations('halts');
  const staff = useStaff();
  const [isOpen, setOpen] = useState(false);
  if (!staff || (!file.canAct && file.halts.length === 0)) return null;
  return (
    <Panel
      title={t('title')}
      flush
      aside={
        file.canAct ? (
          <Button tone="danger" onClick={() => setOpen(true)}>
            {t('halt')}
          </Button>
        ) : null
      }
    >
      <ul className="divide-y divide-line">
        {file.halts.map((halt) => (
          <Halt key={halt.haltId} file={file} staff={staff} halt={halt} />
        ))}
      </ul>
      <Sheet open={isOpen} title={t('halt')} onClose={() => setOpen(false)}>
        <HaltForm file={file} staff={staff} onDone={() => setOpen(false)} />
      </Sheet>
    </Panel>
  );
}

function Halt({ file, staff, halt }: Given & { readonly halt: HaltView }) {
  const t = useTranslations();
  const name = useName();
  const { locale } = usePreferences();
  const queryClient = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const act = useMutation({
    mutationFn: async (choice: 'approve' | 'resume') => {
      const { sendHaltApproval, sendResume } = await import('#app/_client/halt-signing.ts');
      return choice === 'approve' ? sendHaltApproval(staff, file.caseId, halt) : sendResume(staff, halt, reason.trim());
    },
    onSuccess: () => setOpen(false),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['case', file.caseId] }),
  });
  return (
    <li className="space-y-2 p-4 text-[13px]" data-halt={halt.haltId} data-state={halt.state}>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Chip tone={TONE[halt.state]}>{t(`cases.freezeState.${halt.state}`)}</Chip>
        <strong>{t(`halts.scope.${halt.scope}`)}</strong>
        {halt.names === null ? null : name(halt.names)}
        <span>{t(`halts.reason.${halt.reasonCode}`)}</span>
        <span className="num">{t('cases.until', { at: formatTime(locale, halt.until, 'full') })}</span>
        {halt.state === 'active' ? <TimeLeft until={halt.until} /> : null}
        <span>{t(`halts.orders.${halt.openOrders}`)}</span>
        {halt.endedAs === null ? null : <Chip>{t(`cases.endedAs.${halt.endedAs}`)}</Chip>}
      </p>
      <p className="text-ink-2">{halt.reason}</p>
      <p className="flex flex-wrap items-center gap-x-3 text-xs text-ink-3">
        <span>{t('cases.setBy', { who: halt.setBy })}</span>
        {halt.approvedBy === null ? null : <span>{t('cases.approvedBy', { who: halt.approvedBy })}</span>}
        {halt.txId === null ? null : (
          <span>
            {t('cases.onLedger')} <Id value={halt.txId} />
          </span>
        )}
      </p>
      {halt.state === 'proposed' && halt.setBy !== staff.staffId && !isAwaited(file, `approve ${halt.haltId}`) ? (
        <Button tone="primary" className="me-2" disabled={act.isPending} onClick={() => act.mutate('approve')}>
          {act.isPending ? t('cases.signing') : t('cases.approve')}
        </Button>
      ) : null}
      {halt.state === 'ended' || isAwaited(file, `resume ${halt.haltId}`) ? null : (
        <Button onClick={() => setOpen(true)}>{halt.state === 'proposed' ? t('cases.withdraw') : t('halts.resume')}</Button>
      )}
      {act.isError && !isOpen ? <RefusalNote refusal={readRefusal(act.error)} /> : null}
      <Sheet open={isOpen} title={t('halts.resume')} onClose={() => setOpen(false)}>
        <div className="space-y-3">
          <Reason label={t('cases.reason')} value={reason} onChange={setReason} />
          {act.isError ? <RefusalNote refusal={readRefusal(act.error)} /> : null}
          <Button tone="primary" disabled={act.isPending || reason.trim().length < SHORTEST} onClick={() => act.mutate('resume')}>
            {act.isPending ? t('cases.signing') : t('cases.confirm')}
          </Button>
        </div>
      </Sheet>
    </li>
  );
}

/** A game is chosen by its name: there are few, and nobody knows their ids. */
function GamePick({ value, onChange }: { readonly value: string; readonly onChange: (gameId: string) => void }) {
  const t = useTranslations('halts');
  const id = useId();
  const name = useName();
  const games = useQuery({ queryKey: ['replayChoices'], queryFn: () => staffApi.replay.choices() });
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-[13px] font-medium text-ink-2">
        {t('scope.game')}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-3 text-sm sm:h-10"
      >
        <option value="">—</option>
        {(games.data?.games ?? []).map((game) => (
          <option key={game.gameId} value={game.gameId}>
            {name(game.names)}
          </option>
        ))}
      </select>
    </div>
  );
}

function HaltForm({ file, staff, onDone }: Given & { readonly onDone: () => void }) {
  const t = useTranslations();
  const id = useId();
  const queryClient = useQueryClient();
  const [scope, setScope] = useState<HaltScope>('class');
  const [target, setTarget] = useState('');
  const [reasonCode, setReasonCode] = useState<HaltReason>('market_abuse');
  const [reason, setReason] = useState('');
  const [openOrders, setOpenOrders] = useState<OpenOrders>('keep');
  const [term, setTerm] = useState(() => String(Math.min(24 * HOUR_MS, file.terms.temporaryFreezeMs)));
  const targetId = scope === 'market' ? 'market' : target.trim();
  const send = useMutation({
    mutationFn: async () => {
      const { sendHalt } = await import('#app/_client/halt-signing.ts');
      const wish = { caseId: file.caseId, scope, targetId, reasonCode, reason: reason.trim(), openOrders };
      return sendHalt(staff, { ...wish, termMs: chosenMs(term, file.terms) });
    },
    onSuccess: onDone,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['case', file.caseId] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  const terms = termsWithin(TERMS_MS, file.terms).map((ms) => ({
    value: String(ms),
    label: ms <= 3 * DAY_MS || ms % DAY_MS !== 0 ? t('cases.hours', { count: ms / HOUR_MS }) : t('cases.days', { count: ms / DAY_MS }),
  }));
  return (
    <form onSubmit={submit} className="space-y-4">
      <Segments
        label={t('halts.what')}
        value={scope}
        options={SCOPES.map((value) => ({ value, label: t(`halts.scope.${value}`) }))}
        onChange={(next) => {
          setScope(next);
          setTarget('');
        }}
      />
      {scope === 'game' ? <GamePick value={target} onChange={setTarget} /> : null}
      {scope === 'class' ? (
        <>
          <Field
            label={t('cases.target')}
            value={target}
            maxLength={100}
            placeholder={exampleOf('class')}
            onChange={(event) => setTarget(event.target.value)}
          />
          <TargetNote scope="class" targetId={targetId} />
        </>
      ) : null}
      <div>
        <label htmlFor={id} className="mb-1 block text-[13px] font-medium text-ink-2">
          {t('cases.ground')}
        </label>
        <select
          id={id}
          value={reasonCode}
          onChange={(event) => setReasonCode(REASONS.find((each) => each === event.target.value) ?? 'other')}
          className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-3 text-sm sm:h-10"
        >
          {REASONS.map((each) => (
            <option key={each} value={each}>
              {t(`halts.reason.${each}`)}
            </option>
          ))}
        </select>
      </div>
      <Reason label={t('cases.reason')} value={reason} onChange={setReason} />
      <Segments
        label={t('halts.openOrders')}
        value={openOrders}
        options={ORDERS.map((value) => ({ value, label: t(`halts.orders.${value}`) }))}
        onChange={setOpenOrders}
      />
      <Segments label={t('cases.term')} value={term} options={terms} onChange={setTerm} />
      <p className="text-xs text-ink-3">
        {t(Number(term) <= file.terms.temporaryFreezeMs ? 'cases.oneSigns' : 'cases.twoSign', boundsOf(file.terms))}
      </p>
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <Button type="submit" tone="danger" disabled={send.isPending || targetId === '' || reason.trim().length < SHORTEST}>
        {send.isPending ? t('cases.signing') : t('cases.confirm')}
      </Button>
    </form>
  );
}
