'use client';
/** Asking for information in a case, signed; what was asked, what came back, and what is overdue (V-14). */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { shortId } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { InquiryFile } from '#app/_components/inquiry-file.tsx';
import { useName } from '#app/_components/item-art.tsx';
import { Reason, SHORTEST } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Sheet } from '#app/_components/sheet.tsx';
import { Button, Field, Panel, Segments } from '#app/_components/ui.tsx';
import { FREEZE_REASONS } from '#sandbox/cases/case-order.ts';
import { INQUIRY_PARTIES, OPERATOR_PARTY } from '#sandbox/cases/inquiry-order.ts';
import type { CaseView, FreezeReason, InquiryParty, InquiryView, StaffMe } from '#server/trpc/views.ts';

const TERMS = [3, 7, 15, 30] as const;
const EXTENSIONS = [3, 7, 15, 30] as const;
const DAY_MS = 86_400_000;

/** The usual ones within the pack's bound; the bound where none of them fits. */
function daysWithin(usual: readonly number[], mostMs: number): readonly string[] {
  const most = Math.floor(mostMs / DAY_MS);
  const fitting = usual.filter((days) => days <= most);
  return (fitting.length === 0 ? [most] : fitting).map(String);
}
const ACCOUNT = /^[0-9a-f]{64}$/;

export function InquiryPanel({ file }: { readonly file: CaseView }) {
  const t = useTranslations('inquiries');
  const staff = useStaff();
  const [isOpen, setOpen] = useState(false);
  const query = useQuery({
    queryKey: ['case', file.caseId, 'inquiries'],
    queryFn: () => staffApi.inquiry.ofCase(file.caseId),
    refetchInterval: 15_000,
  });
  const rows = query.data ?? [];
  if (!staff || (rows.length === 0 && !file.canAct)) return null;
  return (
    <Panel title={t('title')} aside={file.canAct ? <Button onClick={() => setOpen(true)}>{t('ask')}</Button> : null}>
      {rows.length === 0 ? <p className="text-[13px] text-ink-3">{t('none')}</p> : null}
      <ul className="space-y-5">
        {rows.map((row) => (
          <li key={row.inquiryId} data-inquiry={row.state}>
            <InquiryFile inquiry={row} reader="case">
              {file.canAct && isExtendable(row) ? <Extend inquiry={row} staff={staff} mostMs={file.terms.inquiryExtensionMs} /> : null}
            </InquiryFile>
          </li>
        ))}
      </ul>
      <Sheet open={isOpen} title={t('ask')} onClose={() => setOpen(false)}>
        <AskForm file={file} staff={staff} onDone={() => setOpen(false)} />
      </Sheet>
    </Panel>
  );
}

function isExtendable({ state, extension, replies }: InquiryView): boolean {
  return state === 'open' && extension === null && replies.some(({ kind }) => kind === 'more_time');
}

/** What was asked for, for as long as the official chooses within the pack's bound: an order with its own date. */
function Extend({ inquiry, staff, mostMs }: { readonly inquiry: InquiryView; readonly staff: StaffMe; readonly mostMs: number }) {
  const t = useTranslations('inquiries');
  const choices = daysWithin(EXTENSIONS, mostMs);
  const [days, setDays] = useState(choices.includes('7') ? '7' : (choices.at(-1) ?? '7'));
  const queryClient = useQueryClient();
  const extend = useMutation({
    mutationFn: async () => (await import('#app/_client/inquiry-signing.ts')).sendExtension(staff, inquiry, Number(days)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['case'] }),
  });
  return (
    <>
      {extend.isError ? <RefusalNote refusal={readRefusal(extend.error)} /> : null}
      <div className="flex flex-wrap items-end gap-3">
        <Segments
          label={t('more')}
          value={days}
          options={choices.map((value) => ({ value, label: t('days', { count: value }) }))}
          onChange={setDays}
        />
        <Button disabled={extend.isPending} onClick={() => extend.mutate()}>
          {extend.isPending ? t('extending') : t('extend', { count: days })}
        </Button>
      </div>
    </>
  );
}

function StudioPick({ acct, onPick }: { readonly acct: string; readonly onPick: (acct: string) => void }) {
  const t = useTranslations('inquiries');
  const id = useId();
  const name = useName();
  const { data } = useQuery({ queryKey: ['askableStudios'], queryFn: () => staffApi.inquiry.studios() });
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-[13px] font-medium text-ink-2">
        {t('studio')}
      </label>
      <select
        id={id}
        value={acct}
        onChange={(event) => onPick(event.target.value)}
        className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-3 text-sm sm:h-10"
      >
        <option value="">{t('pickStudio')}</option>
        {data?.map((studio) => (
          <option key={studio.acct} value={studio.acct}>
            {name(studio.names)} · {shortId(studio.acct)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** What the question is about, as far as the case says it. */
const REASON_OF: Readonly<Partial<Record<CaseView['topic'], FreezeReason>>> = {
  theft: 'stolen_item',
  dispute: 'disputed_trade',
  abuse: 'market_abuse',
};

/** Accounts that the case names already: nobody types sixty-four digits. */
const namedIn = ({ freezes, held }: CaseView): readonly string[] => [
  ...new Set(
    [...freezes.map(({ holder }) => holder), ...held.map(({ holder }) => holder)].flatMap((acct) =>
      acct !== null && ACCOUNT.test(acct) ? [acct] : [],
    ),
  ),
];

type FormProps = { readonly file: CaseView; readonly staff: StaffMe; readonly onDone: () => void };

function AskForm({ file, staff, onDone }: FormProps) {
  const t = useTranslations();
  const id = useId();
  const queryClient = useQueryClient();
  const isSecret = file.topic === 'laundering';
  const parties = isSecret ? (['operator'] as const) : INQUIRY_PARTIES;
  const [party, setParty] = useState<InquiryParty>(isSecret ? 'operator' : 'player');
  const [acct, setAcct] = useState('');
  const [reasonCode, setReasonCode] = useState<FreezeReason>(isSecret ? 'laundering' : (REASON_OF[file.topic] ?? 'other'));
  const [question, setQuestion] = useState('');
  const [days, setDays] = useState(
    () => daysWithin(TERMS, file.terms.inquiryMs).find((each) => each === '7') ?? daysWithin(TERMS, file.terms.inquiryMs)[0] ?? '7',
  );
  const partyId = party === 'operator' ? OPERATOR_PARTY : acct.trim().toLowerCase();
  const send = useMutation({
    mutationFn: async () => {
      const { sendInquiry } = await import('#app/_client/inquiry-signing.ts');
      const wish = { caseId: file.caseId, party, partyId, reasonCode, question: question.trim() };
      return sendInquiry(staff, { ...wish, days: Number(days) });
    },
    onSuccess: onDone,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['case', file.caseId] }),
  });
  const isWhole = (party === 'operator' || ACCOUNT.test(partyId)) && question.trim().length >= SHORTEST;
  return (
    <div className="space-y-3">
      <Segments
        label={t('inquiries.whom')}
        value={party}
        options={parties.map((value) => ({ value, label: t(`inquiries.party.${value}`) }))}
        onChange={(value) => {
          setParty(value);
          setAcct('');
        }}
      />
      {party === 'operator' ? null : party === 'studio' ? (
        <StudioPick acct={acct} onPick={setAcct} />
      ) : (
        <>
          <Field label={t('inquiries.partyId')} value={acct} maxLength={64} onChange={(event) => setAcct(event.target.value)} />
          <div className="flex flex-wrap gap-2">
            {namedIn(file).map((named) => (
              <Button
                key={named}
                className="px-2.5 font-mono text-xs sm:min-h-7!"
                aria-pressed={partyId === named}
                onClick={() => setAcct(named)}
              >
                {shortId(named)}
              </Button>
            ))}
          </div>
        </>
      )}
      <div>
        <label htmlFor={id} className="mb-1 block text-[13px] font-medium text-ink-2">
          {t('restrictions.reason')}
        </label>
        <select
          id={id}
          value={reasonCode}
          onChange={(event) => setReasonCode(FREEZE_REASONS.find((each) => each === event.target.value) ?? 'other')}
          className="h-11 w-full rounded-md border border-line-strong/70 bg-card px-3 text-sm sm:h-10"
        >
          {FREEZE_REASONS.map((each) => (
            <option key={each} value={each}>
              {t(`cases.reasonCode.${each}`)}
            </option>
          ))}
        </select>
      </div>
      <Reason label={t('inquiries.question')} value={question} onChange={setQuestion} />
      <Segments
        label={t('inquiries.term')}
        value={days}
        options={daysWithin(TERMS, file.terms.inquiryMs).map((value) => ({ value, label: t('inquiries.days', { count: value }) }))}
        onChange={setDays}
      />
      <p className="text-xs text-ink-3">{t('inquiries.askHelp')}</p>
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <Button tone="primary" disabled={send.isPending || !isWhole} onClick={() => send.mutate()}>
        {send.isPending ? t('cases.signing') : t('cases.confirm')}
      </Button>
    </div>
  );
}
