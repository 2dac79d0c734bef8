/** The steps that can be taken from here, each asked for again with its reason before it is taken. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { sendStep, sendStepApproval } from '#app/_client/approval-signing.ts';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Button, Field, Panel } from '#app/_components/ui.tsx';
import type { ExperimentDeskView, ExperimentStep, StaffMe } from '#server/trpc/views.ts';

type Way = {
  readonly step: ExperimentStep;
  readonly from: readonly string[];
  readonly by: 'operator' | 'supervisor' | 'both';
  readonly isAgreed: boolean;
};
const RUNS = ['TESTING', 'PAUSED'];
const WAYS: readonly Way[] = [
  { step: 'declare', from: ['DRAFT'], by: 'operator', isAgreed: false },
  { step: 'publish', from: ['DECLARED'], by: 'operator', isAgreed: false },
  { step: 'register', from: ['PUBLIC_NOTICE'], by: 'supervisor', isAgreed: true },
  { step: 'start', from: ['REGISTERED'], by: 'operator', isAgreed: false },
  { step: 'pause', from: ['TESTING'], by: 'both', isAgreed: false },
  { step: 'resume', from: ['PAUSED'], by: 'supervisor', isAgreed: false },
  { step: 'extend', from: ['TESTING'], by: 'both', isAgreed: true },
  { step: 'succeed', from: RUNS, by: 'both', isAgreed: true },
  { step: 'fail', from: RUNS, by: 'both', isAgreed: false },
  { step: 'halt', from: ['DECLARED', 'PUBLIC_NOTICE', 'REGISTERED', ...RUNS], by: 'supervisor', isAgreed: false },
];

const GRAVE: ReadonlySet<ExperimentStep> = new Set(['fail', 'halt']);

export function Moves({ view }: { readonly view: ExperimentDeskView }) {
  const t = useTranslations('experimentDesk');
  const staff = useStaff();
  const [chosen, setChosen] = useState<Way | null>(null);
  const role = staff?.role === 'operator' ? 'operator' : 'supervisor';
  const open = WAYS.filter(({ from, by }) => from.includes(view.experiment.status) && (by === 'both' || by === role));
  if (open.length === 0 || staff == null) return null;
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap gap-2">
        {open.map((way) => (
          <Button
            key={way.step}
            tone={GRAVE.has(way.step) ? 'danger' : 'plain'}
            aria-expanded={chosen?.step === way.step}
            onClick={() => setChosen(way)}
          >
            {t(`move.${way.step}`)}
          </Button>
        ))}
      </div>
      {chosen === null || !open.includes(chosen) ? null : (
        <Confirm key={chosen.step} view={view} staff={staff} way={chosen} onDone={() => setChosen(null)} />
      )}
    </div>
  );
}

function Confirm(props: { readonly view: ExperimentDeskView; readonly staff: StaffMe; readonly way: Way; readonly onDone: () => void }) {
  const { view, staff, way, onDone } = props;
  const t = useTranslations('experimentDesk');
  const terms = useTranslations('experimentTerms');
  const signing = useTranslations('personalSignature');
  const queryClient = useQueryClient();
  const [reason, setReason] = useState('');
  const [newEnd, setNewEnd] = useState(view.experiment.to);
  const step = { experimentId: view.experimentId, step: way.step, newEnd: way.step === 'extend' ? newEnd : null };
  const act = useMutation({
    mutationFn: (kind: 'move' | 'approve') => (kind === 'move' ? sendStep(staff, view, step, reason) : sendStepApproval(staff, view, step)),
    onSuccess: (fresh) => {
      queryClient.setQueryData(['experimentDesk', view.experimentId], fresh);
      onDone();
    },
  });
  return (
    <Panel title={t(`move.${way.step}`)}>
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate('move');
        }}
      >
        {way.isAgreed ? <p className="text-[13px] text-ink-2">{terms('readFirst')}</p> : null}
        <Field label={t('reason')} value={reason} maxLength={2000} onChange={(event) => setReason(event.target.value)} />
        {way.step === 'extend' ? (
          <Field label={t('newEnd')} type="date" value={newEnd} onChange={(event) => setNewEnd(event.target.value)} />
        ) : null}
        <div className="flex flex-wrap gap-2">
          <Button tone="primary" type="submit" disabled={act.isPending}>
            {t('confirm')}
          </Button>
          {way.isAgreed ? (
            <Button type="button" disabled={act.isPending} onClick={() => act.mutate('approve')}>
              {t('approve')}
            </Button>
          ) : null}
          <Button type="button" onClick={onDone}>
            {t('cancel')}
          </Button>
        </div>
        <p className="text-xs text-ink-3">{signing('note', { name: staff.name })}</p>
        {act.error === null ? null : <RefusalNote refusal={readRefusal(act.error)} />}
      </form>
    </Panel>
  );
}
