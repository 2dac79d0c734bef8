'use client';
/** Requests to see who somebody is, of a person or of a case (V-13): asking, approving, reading, telling later. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { formatTime } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Reason, SHORTEST } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { Button, Chip, type ChipTone, Id, Panel, Skeleton, TextLink } from '#app/_components/ui.tsx';
import type { OpenedIdentity, OpeningView, StaffMe } from '#server/trpc/views.ts';
import { AwaitedAct } from '../cases/[caseId]/awaited-panel.tsx';
import { OpeningForm } from './opening-form.tsx';

const TONE = { proposed: 'wait', open: 'accent', lapsed: 'plain' } as const satisfies Record<OpeningView['state'], ChipTone>;

export type OpeningsAbout = { readonly subject: string } | { readonly caseId: string };

export function OpeningsOf({ about }: { readonly about: OpeningsAbout }) {
  const t = useTranslations('opening');
  const staff = useStaff();
  const [isAsking, setAsking] = useState(false);
  const query = useQuery({ queryKey: ['openings', about], queryFn: () => staffApi.look.openings(about), refetchInterval: 15_000 });
  if (staff === null || staff === undefined || !staff.role.startsWith('sup_')) return null;
  if ('caseId' in about && query.data?.length === 0) return null;
  return (
    <Panel
      title={'caseId' in about ? t('inCase') : t('title')}
      aside={
        'subject' in about ? (
          <Button onClick={() => setAsking(true)} data-ask-opening>
            {t('ask')}
          </Button>
        ) : undefined
      }
    >
      <p className="mb-3 text-[13px] text-ink-2">{t('text')}</p>
      <Loaded query={query} skeleton={<Skeleton className="h-16" />}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="text-[13px] text-ink-3">{t('empty')}</p>
          ) : (
            <ul className="divide-y divide-line">
              {rows.map((row) => (
                <Opening key={row.openingId} row={row} staff={staff} inCase={'caseId' in about} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {'subject' in about ? (
        <Sheet open={isAsking} title={t('ask')} onClose={() => setAsking(false)}>
          <OpeningForm subject={about.subject} staff={staff} onDone={() => setAsking(false)} />
        </Sheet>
      ) : null}
    </Panel>
  );
}

type RowProps = { readonly row: OpeningView; readonly staff: StaffMe };

function Opening({ row, staff, inCase }: RowProps & { readonly inCase: boolean }) {
  const t = useTranslations('opening');
  const { locale } = usePreferences();
  const at = (iso: string) => formatTime(locale, iso, 'full');
  return (
    <li className="space-y-2 py-3 text-[13px] first:pt-0 last:pb-0" data-opening={row.openingId} data-state={row.state}>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Chip tone={TONE[row.state]}>{t(`state.${row.state}`)}</Chip>
        <strong>{row.scope.map((field) => t(`field.${field}`)).join(' · ')}</strong>
        <TextLink href={`/supervisor/people/${row.subject}`}>{row.subject.slice(0, 12)}…</TextLink>
        <TextLink href={`/supervisor/cases/${row.caseId}`}>{row.caseNumber}</TextLink>
      </p>
      <p>{row.legalGround}</p>
      <p className="text-ink-2">{row.reason}</p>
      <p className="flex flex-wrap gap-x-4 text-xs text-ink-3">
        <span>
          {t('askedBy', { who: row.askedBy })} {at(row.askedAt)}
        </span>
        {row.approvedBy === null || row.approvedAt === null ? null : (
          <span>
            {t('approvedBy', { who: row.approvedBy })} {at(row.approvedAt)}
          </span>
        )}
        {row.state === 'open' ? <span>{t('reads', { count: row.reads })}</span> : null}
        {row.toldAt !== null ? (
          <span>{t('told', { at: at(row.toldAt) })}</span>
        ) : row.sealedUntil === null ? null : (
          <span>{t('sealed', { at: at(row.sealedUntil) })}</span>
        )}
        {row.txId === null ? null : (
          <span>
            {t('onLedger')} <Id value={row.txId} />
          </span>
        )}
      </p>
      {row.coSign === null || inCase ? null : <AwaitedAct request={row.coSign} />}
      {row.canApprove ? <Approve row={row} staff={staff} /> : null}
      {row.canRead ? <Read row={row} /> : null}
      {row.canRead && row.toldAt === null ? <Extend row={row} staff={staff} /> : null}
    </li>
  );
}

function Approve({ row, staff }: RowProps) {
  const t = useTranslations('opening');
  const queryClient = useQueryClient();
  const act = useMutation({
    mutationFn: async () => (await import('#app/_client/case-signing.ts')).sendOpeningApproval(staff, row),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['openings'] }),
  });
  return (
    <div className="space-y-2">
      <Button tone="primary" disabled={act.isPending} onClick={() => act.mutate()}>
        {act.isPending ? t('sending') : t('approve')}
      </Button>
      {act.isError ? <RefusalNote refusal={readRefusal(act.error)} /> : null}
    </div>
  );
}

/** Kept on this screen alone, until it is hidden or left. */
function Read({ row }: { readonly row: OpeningView }) {
  const t = useTranslations('opening');
  const queryClient = useQueryClient();
  const [shown, setShown] = useState<OpenedIdentity | null>(null);
  const read = useMutation({
    mutationFn: () => staffApi.look.readIdentity(row.openingId),
    onSuccess: setShown,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['openings'] }),
    gcTime: 0,
  });
  if (shown === null) {
    return (
      <div className="space-y-2">
        <Button disabled={read.isPending} onClick={() => read.mutate()}>
          {t('read')}
        </Button>
        {read.isError ? <RefusalNote refusal={readRefusal(read.error)} /> : null}
      </div>
    );
  }
  return (
    <div className="rounded-md border border-amber/40 bg-amber-soft p-3" data-identity>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        {shown.fields.map(({ field, value }) => (
          <div key={field} className="contents">
            <dt className="text-ink-2">{t(`field.${field}`)}</dt>
            <dd className="num font-medium">{value ?? t('none')}</dd>
          </div>
        ))}
      </dl>
      <Button className="mt-2" onClick={() => setShown(null)}>
        {t('hide')}
      </Button>
    </div>
  );
}

function Extend({ row, staff }: RowProps) {
  const t = useTranslations('opening');
  const cases = useTranslations('cases');
  const queryClient = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const act = useMutation({
    mutationFn: async () => (await import('#app/_client/case-signing.ts')).sendSealing(staff, row, text.trim()),
    onSuccess: () => setOpen(false),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['openings'] }),
  });
  return (
    <>
      <Button tone="quiet" onClick={() => setOpen(true)}>
        {t('extend')}
      </Button>
      <Sheet open={isOpen} title={t('extend')} onClose={() => setOpen(false)}>
        <div className="space-y-3">
          <p className="text-[13px] text-ink-2">{t('extendText', { days: row.sealingDays })}</p>
          <Reason label={cases('reason')} rows={4} value={text} onChange={setText} />
          {act.isError ? <RefusalNote refusal={readRefusal(act.error)} /> : null}
          <Button tone="primary" disabled={act.isPending || text.trim().length < SHORTEST} onClick={() => act.mutate()}>
            {act.isPending ? t('sending') : cases('confirm')}
          </Button>
        </div>
      </Sheet>
    </>
  );
}
