'use client';
/** Judgements of a court about items that the case holds: carrying one out, and those that were (`ledger.md` op 13). */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { FilePick } from '#app/_components/file-pick.tsx';
import { useName } from '#app/_components/item-art.tsx';
import { Reason, SHORTEST } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { Button, Chip, Field, Id, Panel, TextLink, Time } from '#app/_components/ui.tsx';
import type { CaseView, HeldItemView, StaffMe } from '#server/trpc/views.ts';

const ACCOUNT = /^[0-9a-f]{64}$/;

export function JudgementPanel({ file }: { readonly file: CaseView }) {
  const t = useTranslations('judgements');
  const nameOf = useName();
  const staff = useStaff();
  if (staff === null || staff === undefined || (file.held.length === 0 && file.judgements.length === 0)) return null;
  return (
    <Panel title={t('title')} flush>
      <ul className="divide-y divide-line text-[13px]">
        {file.held.map((held) => (
          <li key={held.itemId} className="flex flex-wrap items-center gap-x-3 gap-y-2 p-4" data-held={held.itemId}>
            <span className="font-medium">{nameOf(held.names)}</span> <Id value={held.itemId} />
            <span className="text-ink-2">
              {t('holder')} <Id value={held.holder} />
            </span>
            {file.canAct ? <CarryOut file={file} held={held} staff={staff} /> : null}
          </li>
        ))}
        {file.judgements.map((judgement) => (
          <li key={judgement.txId} className="flex flex-wrap items-center gap-x-3 gap-y-1 p-4" data-judgement={judgement.docket}>
            <Chip tone="good">{t('done')}</Chip> <Time at={judgement.at} style="full" />
            <strong>
              {judgement.court} {judgement.docket}
            </strong>
            <TextLink href={`/i/${judgement.itemId}`}>{t('item')}</TextLink>
            <span>
              <Id value={judgement.from} /> → <Id value={judgement.to} />
            </span>
            <span className="text-ink-3">
              {t('fileHash')} <Id value={judgement.fileSm3} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function CarryOut({ file, held, staff }: { readonly file: CaseView; readonly held: HeldItemView; readonly staff: StaffMe }) {
  const t = useTranslations('judgements');
  const c = useTranslations('cases');
  const queryClient = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [to, setTo] = useState('');
  const [court, setCourt] = useState('');
  const [docket, setDocket] = useState('');
  const [paper, setPaper] = useState<File | null>(null);
  const [text, setText] = useState('');
  const reason = text.trim();
  const act = useMutation({
    mutationFn: async (chosen: File) => {
      const { sendJudgement } = await import('#app/_client/case-signing.ts');
      return sendJudgement(staff, held, { caseId: file.caseId, to, court: court.trim(), docket: docket.trim(), paper: chosen, reason });
    },
    onSuccess: () => setOpen(false),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['case', file.caseId] }),
  });
  const isWhole = ACCOUNT.test(to) && court.trim().length > 1 && docket.trim().length > 1 && paper !== null && reason.length >= SHORTEST;
  return (
    <>
      <Button tone="danger" className="ms-auto" onClick={() => setOpen(true)}>
        {t('carryOut')}
      </Button>
      <Sheet open={isOpen} title={t('carryOut')} onClose={() => setOpen(false)}>
        <form
          className="space-y-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (paper !== null) act.mutate(paper);
          }}
        >
          <p className="text-[13px] text-ink-2">{t('explain')}</p>
          <p className="text-[13px] text-amber">{t('simulated')}</p>
          <Field
            label={t('to')}
            placeholder={t('toHelp')}
            value={to}
            onChange={(event) => setTo(event.target.value.trim().toLowerCase())}
          />
          <Field label={t('court')} value={court} maxLength={100} onChange={(event) => setCourt(event.target.value)} />
          <Field label={t('docket')} value={docket} maxLength={100} onChange={(event) => setDocket(event.target.value)} />
          <FilePick label={t('file')} accept=".pdf,.ofd,.txt,image/*" file={paper} onPick={setPaper} />
          <Reason label={c('reason')} value={text} onChange={setText} />
          {act.isError ? <RefusalNote refusal={readRefusal(act.error)} /> : null}
          <Button type="submit" tone="danger" disabled={act.isPending || !isWhole}>
            {act.isPending ? c('signing') : c('confirm')}
          </Button>
        </form>
      </Sheet>
    </>
  );
}
