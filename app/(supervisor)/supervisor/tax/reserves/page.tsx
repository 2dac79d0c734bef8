'use client';
/** The tax reserve for the tax supervisor: what is kept, what came free and why, proofs to decide, complaints (experiment X1). */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatDate, formatTime, formatYuan, shortId } from '#app/_client/format.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Reason } from '#app/_components/reason.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { useStaff } from '#app/_components/session.tsx';
import { Button, Chip, Field, PageTitle, Panel, Skeleton, Stat, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import type { Refusal, ReserveDesk } from '#server/trpc/views.ts';

const KEY = ['reserveDesk'];

export default function ReservesPage() {
  const t = useTranslations('reserves.desk');
  const desk = useQuery({ queryKey: KEY, queryFn: () => api.reserve.desk(), refetchInterval: 10_000 });
  return (
    <div className="space-y-4">
      <PageTitle text={t('title')} />
      <header className="max-w-3xl space-y-1">
        <h2 className="text-lg font-bold">{t('title')}</h2>
        <p className="text-ink-2">{t('lead')}</p>
      </header>
      <Loaded query={desk} skeleton={<Skeleton className="h-dvh" />}>
        {(data) => (
          <>
            <Sums desk={data} />
            <Proofs desk={data} />
            <Parts desk={data} />
            <Complaints desk={data} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function Sums({ desk }: { readonly desk: ReserveDesk }) {
  const t = useTranslations('reserves');
  const isSame = desk.differenceFen === '0';
  return (
    <section className="notch border border-line bg-card p-5">
      <dl className="grid grid-cols-2 gap-4 lg:grid-cols-5">
        <Stat label={t('desk.kept')} large>
          <Yuan fen={desk.keptFen} />
        </Stat>
        {(['filing', 'date', 'ended', 'left'] as const).map((cause) => {
          const sum = desk.sums.find((each) => each.cause === cause);
          return (
            <Stat key={cause} label={t(`freed.${cause}`)} large>
              <Yuan fen={sum?.fen ?? '0'} />
              {sum === undefined ? null : (
                <span className="block text-xs font-normal text-ink-3">{t('desk.parts', { parts: sum.parts, sellers: sum.sellers })}</span>
              )}
            </Stat>
          );
        })}
      </dl>
      <p className="mt-4 flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line pt-3 text-[13px]">
        {t('desk.provider')}: <Yuan fen={desk.providerFen} className="font-semibold" />
        <Chip tone={isSame ? 'good' : 'bad'}>
          {isSame ? t('desk.same') : t('desk.differs', { amount: formatYuan(desk.differenceFen) })}
        </Chip>
      </p>
    </section>
  );
}

function Proofs({ desk }: { readonly desk: ReserveDesk }) {
  const t = useTranslations('reserves');
  return (
    <Panel title={t('desk.proofs')} flush>
      {desk.proofs.length === 0 ? <p className="px-4 py-6 text-center text-ink-2">{t('desk.proofsEmpty')}</p> : null}
      <ul className="divide-y divide-line">
        {desk.proofs.map((proof) => (
          <Proof key={proof.proofId} proof={proof} chain={desk.chain} />
        ))}
      </ul>
    </Panel>
  );
}

const TONES = { waiting: 'wait', confirmed: 'good', refused: 'bad' } as const;
const OFFICE_REASONS = ['receipt_unknown', 'other_taxpayer', 'other_return', 'other_day'] as const;

function Proof({ proof, chain }: { readonly proof: ReserveDesk['proofs'][number]; readonly chain: string }) {
  const t = useTranslations('reserves');
  const { locale } = usePreferences();
  const [isOpen, setOpen] = useState(false);
  const code = OFFICE_REASONS.find((each) => each === proof.reason);
  return (
    <li className="space-y-3 px-4 py-3 text-[13px]">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
        <span className="min-w-0">
          <span className="num block break-all">{proof.receiptNo}</span>
          <span className="text-ink-2">
            {t(`tax.${proof.tax}`)} · {t('month', { month: proof.month })} · {t('filedOn')} {formatDate(locale, proof.filedOn)} ·{' '}
            {t('desk.seller')} <Person acct={proof.sellerRef} />
          </span>
          {proof.reason === null ? null : <span className="block text-red">{code === undefined ? proof.reason : t(`reason.${code}`)}</span>}
        </span>
        <span className="flex flex-wrap items-center gap-2">
          {proof.by === null ? null : <span className="text-xs text-ink-3">{t(`by.${proof.by}`)}</span>}
          <Chip tone={TONES[proof.state]}>{t(`proofState.${proof.state}`)}</Chip>
          {proof.state === 'waiting' ? (
            <Button onClick={() => setOpen(!isOpen)} aria-expanded={isOpen}>
              {t('desk.decide')}
            </Button>
          ) : null}
        </span>
      </div>
      {isOpen && proof.state === 'waiting' ? <Decision proof={proof} chain={chain} /> : null}
    </li>
  );
}

const REASON_LEAST = 10;

function Decision({ proof, chain }: { readonly proof: ReserveDesk['proofs'][number]; readonly chain: string }) {
  const t = useTranslations('reserves.desk');
  const staff = useStaff();
  const queryClient = useQueryClient();
  const [reason, setReason] = useState('');
  const [isSending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const decide = async (isConfirmed: boolean) => {
    if (!staff) return;
    setSending(true);
    setRefusal(null);
    try {
      const { sendProofDecision } = await import('#app/_client/case-signing.ts');
      const { proofId, tax, month, receiptNo, filedOn } = proof;
      const wish = { proofId, tax, month, receiptNo, filedOn, isConfirmed, reason: reason.trim() };
      queryClient.setQueryData(KEY, await sendProofDecision(staff, chain, wish));
    } catch (error) {
      setRefusal(readRefusal(error));
    } finally {
      setSending(false);
    }
  };
  const isReady = !isSending && reason.trim().length >= REASON_LEAST;
  return (
    <div className="max-w-xl space-y-2">
      <Field label={t('reason')} value={reason} maxLength={1000} onChange={(event) => setReason(event.target.value)} />
      <p className="flex flex-wrap gap-2">
        <Button tone="primary" disabled={!isReady} onClick={() => void decide(true)}>
          {t('confirm')}
        </Button>
        <Button tone="danger" disabled={!isReady} onClick={() => void decide(false)}>
          {t('refuse')}
        </Button>
      </p>
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
    </div>
  );
}

function Person({ acct }: { readonly acct: string }) {
  return (
    <TextLink href={`/supervisor/people/${acct}`} className="font-mono text-[0.92em]" title={acct}>
      {shortId(acct)}
    </TextLink>
  );
}

function Parts({ desk }: { readonly desk: ReserveDesk }) {
  const t = useTranslations('reserves');
  return (
    <Panel title={t('desk.rows')} flush>
      {desk.parts.length === 0 ? (
        <p className="px-4 py-6 text-center text-ink-2">{t('desk.empty')}</p>
      ) : (
        <table className="data-table as-cards">
          <thead>
            <tr>
              <th>{t('desk.trade')}</th>
              <th>{t('desk.seller')}</th>
              <th>{t('lines')}</th>
              <th className="end">{t('desk.amount')}</th>
              <th>{t('freeAt')}</th>
              <th>{t('desk.state')}</th>
            </tr>
          </thead>
          <tbody>
            {desk.parts.map((part) => (
              <tr key={`${part.tradeId} ${part.tax}`}>
                <td data-label={t('desk.trade')}>
                  <TextLink href={`/supervisor/trades/${part.tradeId}`} className="font-mono text-[0.92em]">
                    {shortId(part.tradeId)}
                  </TextLink>
                </td>
                <td data-label={t('desk.seller')}>
                  <Person acct={part.sellerRef} />
                </td>
                <td data-label={t('lines')}>
                  {t(`tax.${part.tax}`)} · {t('month', { month: part.month })}
                </td>
                <td data-label={t('desk.amount')} className="end">
                  <Yuan fen={part.amountFen} />
                </td>
                <td data-label={t('freeAt')}>
                  <Time at={part.freeAt} style="full" />
                </td>
                <td data-label={t('desk.state')}>
                  {part.cause === null ? <Chip tone="wait">{t('kept')}</Chip> : <Chip tone="good">{t(`freed.${part.cause}`)}</Chip>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Complaints({ desk }: { readonly desk: ReserveDesk }) {
  const t = useTranslations('reserves.desk');
  return (
    <Panel title={t('complaints')} flush>
      {desk.complaints.length === 0 ? <p className="px-4 py-6 text-center text-ink-2">{t('complaintsEmpty')}</p> : null}
      <ul className="divide-y divide-line">
        {desk.complaints.map((each) => (
          <OneComplaint key={each.tradeId} complaint={each} chain={desk.chain} />
        ))}
      </ul>
    </Panel>
  );
}

type ComplaintProps = { readonly complaint: ReserveDesk['complaints'][number]; readonly chain: string };

function OneComplaint({ complaint, chain }: ComplaintProps) {
  const t = useTranslations('reserves.desk');
  const { locale } = usePreferences();
  const [isOpen, setOpen] = useState(false);
  const { tradeId, sellerRef, at, text, experimentId, dueAt, isLate, answer } = complaint;
  return (
    <li className="space-y-2 px-4 py-3 text-[13px]" data-complaint={answer === null ? 'open' : 'answered'}>
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
        <div className="min-w-0 space-y-1">
          <p className="break-words">{text}</p>
          <p className="text-xs text-ink-3">
            <Person acct={sellerRef} /> ·{' '}
            <TextLink href={`/supervisor/trades/${tradeId}`} className="font-mono">
              {shortId(tradeId)}
            </TextLink>{' '}
            · <Time at={at} style="full" /> · {experimentId}
          </p>
        </div>
        <span className="flex flex-wrap items-center gap-2">
          {answer === null ? <span className="text-xs text-ink-3">{t('answerDue', { at: formatTime(locale, dueAt, 'full') })}</span> : null}
          {answer === null ? null : <Chip tone="good">{t('answered')}</Chip>}
          {isLate ? <Chip tone="bad">{t('answerLate')}</Chip> : null}
          {answer === null ? (
            <Button onClick={() => setOpen(!isOpen)} aria-expanded={isOpen}>
              {t('answer')}
            </Button>
          ) : null}
        </span>
      </div>
      {answer === null ? null : (
        <div className="space-y-0.5 border-s-2 border-accent ps-3">
          <p className="break-words">{answer.text}</p>
          <p className="text-xs text-ink-3">
            {complaint.by} · <Time at={answer.at} style="full" />
          </p>
        </div>
      )}
      {isOpen && answer === null ? <AnswerForm complaint={complaint} chain={chain} /> : null}
    </li>
  );
}

function AnswerForm({ complaint, chain }: ComplaintProps) {
  const t = useTranslations('reserves.desk');
  const staff = useStaff();
  const queryClient = useQueryClient();
  const [text, setText] = useState('');
  const send = useMutation({
    mutationFn: async () => {
      if (!staff) return;
      const { sendComplaintAnswer } = await import('#app/_client/case-signing.ts');
      const { tradeId, experimentId, text: said } = complaint;
      queryClient.setQueryData(KEY, await sendComplaintAnswer(staff, chain, { tradeId, experimentId, complaint: said, text: text.trim() }));
    },
  });
  return (
    <div className="max-w-xl space-y-2">
      <Reason label={t('answerText')} value={text} onChange={setText} />
      {send.isError ? <RefusalNote refusal={readRefusal(send.error)} /> : null}
      <Button tone="primary" disabled={send.isPending || text.trim().length < REASON_LEAST} onClick={() => send.mutate()}>
        {t('answerSend')}
      </Button>
    </div>
  );
}
