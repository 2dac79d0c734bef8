'use client';
/** What the institution keeps of mine for taxes (experiment X1): of which sales and lines, until when, and how it comes free. Nothing is shown
 *  to who never took part. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatDate, formatTime, formatYuan, shortId } from '#app/_client/format.ts';
import { ItemName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Button, Chip, LinkButton, Panel, Skeleton, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import type { FilingProofView, ReservePartView, ReserveView } from '#server/trpc/views.ts';
import { Complaint, ProofForm } from './reserve-forms.tsx';

export function Reserve() {
  const reserves = useQuery({ queryKey: ['money', 'reserve'], queryFn: () => api.reserve.get(), refetchInterval: 5_000 });
  return (
    <Loaded query={reserves} skeleton={<Skeleton className="h-0" />}>
      {(data) => (data.trials.length + data.parts.length + data.returns.length === 0 ? null : <Body reserves={data} />)}
    </Loaded>
  );
}

function Body({ reserves }: { readonly reserves: ReserveView }) {
  const t = useTranslations('reserves');
  const { parts, proofs, trials } = reserves;
  const runs = trials.filter(({ status }) => status === 'TESTING' || status === 'PAUSED');
  const lead = runs.length === 0 ? 'leadOut' : runs.some(({ keeps }) => keeps) ? 'lead' : 'leadFree';
  return (
    <Panel
      id="reserve"
      title={t('title')}
      aside={
        <span className="text-sm">
          {t('kept')} <Yuan fen={reserves.keptFen} className="font-semibold" />
        </span>
      }
      flush
    >
      <div className="space-y-2 p-4 text-[13px]" data-testid="reserve">
        <p>{t(lead)}</p>
        <p className="text-ink-2">{t('how')}</p>
        {runs.map(({ experimentId, title }) => (
          <p key={experimentId} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <ItemName names={title} /> <span className="num text-ink-3">{experimentId}</span>
            <LinkButton tone="quiet" href={`/experiments/${experimentId}`}>
              {t('toExperiment')}
            </LinkButton>
          </p>
        ))}
      </div>
      {parts.length === 0 ? <p className="border-t border-line px-4 py-5 text-center text-ink-2">{t('none')}</p> : null}
      <ul className="divide-y divide-line border-t border-line">
        {[...Map.groupBy(parts, ({ tradeId }) => tradeId)].map(([tradeId, of]) => (
          <Sale key={tradeId} parts={of} />
        ))}
      </ul>
      <Returns reserves={reserves} />
      <Proofs proofs={proofs} />
      <Complaints complaints={reserves.complaints} />
    </Panel>
  );
}

/** One sale with its parts: a complaint is about the sale, a part has its own way to come free. */
function Sale({ parts }: { readonly parts: readonly ReservePartView[] }) {
  const t = useTranslations('reserves');
  const [isComplaining, setComplaining] = useState(false);
  const [first] = parts;
  if (first === undefined) return null;
  const { tradeId, names, hasComplained } = first;
  const isKept = parts.some(({ freedAt }) => freedAt === null);
  const sum = parts.reduce((fen, { amountFen }) => fen + BigInt(amountFen), 0n);
  return (
    <li className="space-y-2 px-4 py-3 text-[13px]" data-kept={isKept}>
      <p className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <span className="flex min-w-0 flex-wrap items-center gap-x-2">
          <TextLink href={`/trades/${tradeId}`} className="inline-flex min-h-11 items-center font-medium sm:min-h-6">
            <ItemName names={names} />
          </TextLink>
          {hasComplained ? <Chip>{t('complained')}</Chip> : null}
        </span>
        <Yuan fen={String(sum)} className="text-[15px] font-semibold" />
      </p>
      {parts.map((part) => (
        <Part key={part.tax} part={part} />
      ))}
      {!isKept || hasComplained ? null : isComplaining ? (
        <Complaint tradeId={tradeId} onClose={() => setComplaining(false)} />
      ) : (
        <Button tone="quiet" className="-ms-4" onClick={() => setComplaining(true)}>
          {t('complain')}
        </Button>
      )}
    </li>
  );
}

function Part({ part }: { readonly part: ReservePartView }) {
  const t = useTranslations('reserves');
  const { locale } = usePreferences();
  const { tax, lines, amountFen, assessedFen, dueOn, freeAt, freedAt, cause } = part;
  return (
    <div className="space-y-0.5 border-s-2 border-line ps-3 text-ink-2">
      <p className="flex flex-wrap items-baseline justify-between gap-x-4 text-ink">
        <span>
          {t(`tax.${tax}`)} · {t('month', { month: part.month })}
        </span>
        <span className="ms-auto inline-flex items-baseline gap-2">
          <Yuan fen={amountFen} />
          {cause === null ? <Chip tone="wait">{t('kept')}</Chip> : <Chip tone="good">{t(`freed.${cause}`)}</Chip>}
        </span>
      </p>
      {lines.length < 2 ? null : (
        <p className="flex flex-wrap gap-x-4 gap-y-0.5">
          {lines.map((line) => (
            <span key={line.id}>
              <ItemName names={line.name} /> <Yuan fen={line.amountFen} />
            </span>
          ))}
        </p>
      )}
      <p className="flex flex-wrap gap-x-4 gap-y-0.5">
        <span>{t('dueOn', { date: formatDate(locale, dueOn) })}</span>
        <span>
          {freedAt === null ? t('freeAt') : null} <Time at={freedAt ?? freeAt} style="full" />
        </span>
        {assessedFen === amountFen ? null : <span className="text-amber">{t('assessed', { amount: formatYuan(assessedFen) })}</span>}
      </p>
    </div>
  );
}

function Complaints({ complaints }: Pick<ReserveView, 'complaints'>) {
  const t = useTranslations('reserves');
  const { locale } = usePreferences();
  if (complaints.length === 0) return null;
  return (
    <section className="space-y-2 border-t border-line p-4 text-[13px]">
      <h3 className="font-semibold">{t('complaints')}</h3>
      <ul className="space-y-3">
        {complaints.map(({ tradeId, at, text, dueAt, isLate, answer }) => (
          <li key={tradeId} data-complaint={answer === null ? 'open' : 'answered'} className="space-y-1">
            <p className="break-words">{text}</p>
            <p className="text-xs text-ink-3">
              <TextLink href={`/trades/${tradeId}`} className="font-mono">
                {shortId(tradeId)}
              </TextLink>{' '}
              · <Time at={at} style="full" />
              {answer !== null ? null : (
                <> · {isLate ? t('complaintLate') : t('complaintDue', { at: formatTime(locale, dueAt, 'full') })}</>
              )}
            </p>
            {answer === null ? null : (
              <div className="space-y-0.5 border-s-2 border-accent ps-3">
                <p className="text-xs text-ink-3">
                  {t('complaintAnswered')} · <Time at={answer.at} style="full" />
                </p>
                <p className="break-words">{answer.text}</p>
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Of which months a filing may be proven. */
function Returns({ reserves }: { readonly reserves: ReserveView }) {
  const t = useTranslations('reserves');
  const { locale } = usePreferences();
  const [open, setOpen] = useState<string | null>(null);
  if (reserves.returns.length === 0) return null;
  return (
    <section className="border-t border-line">
      <h3 className="px-4 pt-3 text-[13px] font-semibold">{t('returns')}</h3>
      <ul className="divide-y divide-line">
        {reserves.returns.map((each) => {
          const key = `${each.month} ${each.tax}`;
          return (
            <li key={key} className="space-y-3 px-4 py-3 text-[13px]">
              <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
                <span>
                  <span className="block font-medium">
                    {t(`tax.${each.tax}`)} · {t('month', { month: each.month })}
                  </span>
                  <span className="text-ink-2">
                    {t('dueOn', { date: formatDate(locale, each.dueOn) })} · {t('returnTax')} <Yuan fen={each.taxFen} />
                  </span>
                </span>
                {each.isProven ? (
                  <Chip tone="good">{t('proven')}</Chip>
                ) : (
                  <Button onClick={() => setOpen(open === key ? null : key)} aria-expanded={open === key}>
                    {t('prove')}
                  </Button>
                )}
              </div>
              {open === key && !each.isProven ? (
                <ProofForm due={each} hasSimulatedOffice={reserves.hasSimulatedOffice} onSent={() => setOpen(null)} />
              ) : null}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

const TONES = { waiting: 'wait', confirmed: 'good', refused: 'bad' } as const;

function Proofs({ proofs }: { readonly proofs: readonly FilingProofView[] }) {
  const t = useTranslations('reserves');
  const { locale } = usePreferences();
  if (proofs.length === 0) return null;
  return (
    <section className="border-t border-line">
      <h3 className="px-4 pt-3 text-[13px] font-semibold">{t('proofs')}</h3>
      <ul className="divide-y divide-line">
        {proofs.map((proof) => (
          <li key={proof.proofId} className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1 px-4 py-3 text-[13px]">
            <span className="min-w-0">
              <span className="num block break-all">{proof.receiptNo}</span>
              <span className="text-ink-2">
                {t(`tax.${proof.tax}`)} · {t('month', { month: proof.month })} · {t('filedOn')} {formatDate(locale, proof.filedOn)}
              </span>
              <ProofReason proof={proof} />
            </span>
            <span className="text-end">
              <Chip tone={TONES[proof.state]}>{t(`proofState.${proof.state}`)}</Chip>
              {proof.by === null ? null : <span className="block text-xs text-ink-3">{t(`by.${proof.by}`)}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const OFFICE_REASONS = ['receipt_unknown', 'other_taxpayer', 'other_return', 'other_day'] as const;

/** The office's code in words, or the supervisor's own. */
export function ProofReason({ proof: { reason } }: { readonly proof: Pick<FilingProofView, 'reason'> }) {
  const t = useTranslations('reserves');
  if (reason === null) return null;
  const known = OFFICE_REASONS.find((each) => each === reason);
  return <span className="block text-red">{known === undefined ? reason : t(`reason.${known}`)}</span>;
}
