'use client';
/** Sworn claims about items that the case holds, giving one back (P-34), and what the guarantee fund owes for it (P-35). */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { Reason, SHORTEST } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { Button, Chip, Id, Panel, Time, Yuan } from '#app/_components/ui.tsx';
import type { CaseView, StaffMe, StolenView } from '#server/trpc/views.ts';

export function ReturnPanel({ file }: { readonly file: CaseView }) {
  const t = useTranslations('returns');
  const staff = useStaff();
  if (staff === null || staff === undefined || (file.stolen.length === 0 && file.awards.length === 0)) return null;
  return (
    <Panel title={t('title')} flush>
      <ul className="divide-y divide-line text-[13px]">
        {file.stolen.map((stolen) => (
          <li key={stolen.reportId} className="space-y-2 p-4" data-report={stolen.reportId}>
            <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <Id value={stolen.itemId} /> <Time at={stolen.swornAt} style="full" />
              {stolen.bought === null ? null : (
                <span>
                  {t('paid')} <Yuan fen={stolen.bought.priceFen} />
                </span>
              )}
            </p>
            <p className="text-ink-2">{stolen.text}</p>
            {file.canAct ? <GiveBack file={file} stolen={stolen} staff={staff} /> : null}
          </li>
        ))}
        {file.awards.map((award) => (
          <li key={`${award.tradeId}${award.itemId}`} className="flex flex-wrap items-center gap-x-3 gap-y-1 p-4">
            <strong>{t('award')}</strong> <Id value={award.itemId} />
            <span>
              {t('awarded')} <Yuan fen={award.awardFen} />
            </span>
            <span>
              {t('paidOut')} <Yuan fen={award.paidFen} />
            </span>
            {award.paidFen === award.awardFen ? <Chip tone="good">{t('done')}</Chip> : <Chip tone="wait">{t('waits')}</Chip>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function GiveBack({ file, stolen, staff }: { readonly file: CaseView; readonly stolen: StolenView; readonly staff: StaffMe }) {
  const t = useTranslations('returns');
  const c = useTranslations('cases');
  const queryClient = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [isGoodFaith, setGoodFaith] = useState(true);
  const reason = text.trim();
  const act = useMutation({
    mutationFn: async () =>
      (await import('#app/_client/case-signing.ts')).sendReturn(staff, stolen, { caseId: file.caseId, isGoodFaith, reason }),
    onSuccess: () => setOpen(false),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['case', file.caseId] }),
  });
  return (
    <>
      <Button tone="danger" disabled={stolen.back === null} onClick={() => setOpen(true)}>
        {t('giveBack')}
      </Button>
      <Sheet open={isOpen} title={t('giveBack')} onClose={() => setOpen(false)}>
        <form
          className="space-y-3"
          onSubmit={(event) => {
            event.preventDefault();
            act.mutate();
          }}
        >
          <p className="text-[13px] text-ink-2">{t('explain')}</p>
          <label className="flex min-h-11 items-center gap-2 text-sm">
            <input type="checkbox" checked={isGoodFaith} onChange={(event) => setGoodFaith(event.target.checked)} />
            {t('goodFaith')}
          </label>
          <Reason label={c('reason')} value={text} onChange={setText} />
          {act.isError ? <RefusalNote refusal={readRefusal(act.error)} /> : null}
          <Button type="submit" tone="danger" disabled={act.isPending || reason.length < SHORTEST}>
            {act.isPending ? c('signing') : c('confirm')}
          </Button>
        </form>
      </Sheet>
    </>
  );
}
