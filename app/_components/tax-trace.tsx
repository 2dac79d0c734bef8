'use client';
/** Tax lines and, one tap away, their trace: rule, citation, dates, confidence, pack hash, each step (Q-06, V-07). */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { formatFen, type Locale } from '#app/_client/format.ts';
import type { AssessmentView, TraceStep } from '#server/trpc/views.ts';
import { ComputeAgain } from './compute-again.tsx';
import { ItemName } from './item-art.tsx';
import { usePreferences } from './providers.tsx';
import { Button, Chip, Id, Yuan } from './ui.tsx';
import { useCitation } from './use-citation.ts';

export function TaxTrace(props: { readonly assessment: AssessmentView; readonly note?: string; readonly startsOpen?: boolean }) {
  const t = useTranslations('trace');
  const [isOpen, setOpen] = useState(props.startsOpen === true);
  const { assessment } = props;
  return (
    <div className="mt-2">
      {props.note === undefined ? null : <p className="text-xs text-ink-3">{props.note}</p>}
      <Button tone="quiet" className="-ms-4 min-h-11 sm:min-h-7" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {t('open')}
      </Button>
      {isOpen ? <TraceBody assessment={assessment} /> : null}
    </div>
  );
}

export function TraceBody({ assessment }: { readonly assessment: AssessmentView }) {
  const t = useTranslations('trace');
  return (
    <div className="space-y-4 rounded-md border border-line bg-sunk p-3 text-[13px]">
      <p className="flex flex-wrap items-center gap-2">
        <Chip tone={assessment.isEstimate ? 'wait' : 'good'}>{assessment.isEstimate ? t('estimate') : t('final')}</Chip>
        <span>{t('pack', { id: assessment.packId, version: assessment.packVersion })}</span>
        <Chip>{t('version', { version: assessment.version })}</Chip>
      </p>
      {assessment.lines.length === 0 ? <p>{t('none')}</p> : <Lines assessment={assessment} />}
      <p className="text-xs text-ink-3">
        {t('steps')} · {t('unit')}
      </p>
      <TraceSteps steps={assessment.steps} />
      <p className="flex flex-wrap items-center gap-1 text-xs text-ink-3">
        {t('packHash')} <Id value={assessment.packHash} />
      </p>
      <ComputeAgain assessment={assessment} />
    </div>
  );
}

export function TraceSteps({ steps }: { readonly steps: readonly TraceStep[] }) {
  const t = useTranslations('trace');
  return (
    <ol className="space-y-3" aria-label={t('steps')}>
      {steps.map((step, index) => (
        <Step key={`${step.id}-${step.ruleId}`} step={step} number={index + 1} />
      ))}
    </ol>
  );
}

function Lines({ assessment }: { readonly assessment: AssessmentView }) {
  const t = useTranslations('trace');
  const citation = useCitation();
  return (
    <table className="data-table as-cards bg-card">
      <thead>
        <tr>
          <th>{t('line')}</th>
          <th className="end">{t('base')}</th>
          <th className="end">{t('rate')}</th>
          <th className="end">{t('amount')}</th>
        </tr>
      </thead>
      <tbody>
        {assessment.lines.map((line) => (
          <tr key={line.id}>
            <td>
              <span>
                <ItemName names={line.label} />
                <span className="block text-xs text-ink-3">{citation(line.citation)}</span>
              </span>
            </td>
            <td className="end" data-label={t('base')}>
              <Yuan fen={line.baseFen} />
            </td>
            <td className="num end" data-label={t('rate')}>
              {line.rate}
            </td>
            <td className="end" data-label={t('amount')}>
              <Yuan fen={line.amountFen} />
            </td>
          </tr>
        ))}
        <tr>
          <td className="font-semibold" colSpan={3}>
            {t('total')}
          </td>
          <td className="end font-semibold">
            <span className="num">{formatFen(assessment.totalFen)} 元</span>
          </td>
        </tr>
      </tbody>
    </table>
  );
}

/** A pack writes each formula in both languages. */
function inOneLanguage(formula: string, locale: Locale): string {
  const [zh, en, ...more] = formula.split(' · ');
  return en === undefined || more.length > 0 ? formula : locale === 'en' ? en : (zh ?? formula);
}

function Step({ step, number }: { readonly step: TraceStep; readonly number: number }) {
  const t = useTranslations();
  const { locale } = usePreferences();
  const citation = useCitation();
  const dates = step.before === null ? t('trace.from', { date: step.from }) : t('trace.fromTo', { from: step.from, before: step.before });
  return (
    <li className="border-s-2 border-accent/50 ps-3">
      <p className="font-medium">
        <span className="num me-1 text-ink-3">{number}.</span>
        <ItemName names={step.label} />
      </p>
      <p className="font-mono text-xs break-words text-ink-2">{inOneLanguage(step.formula, locale)}</p>
      <p className="font-mono text-xs break-words text-ink-2">
        {step.numbers} = <strong className="text-ink">{step.result}</strong>
      </p>
      <p className="mt-0.5 flex flex-wrap items-center gap-x-2 text-xs text-ink-3">
        <span>{step.ruleId}</span>
        <span>{citation(step.citation)}</span>
        <span>{dates}</span>
        <Chip tone={step.confidence === 'UNSURE' ? 'wait' : 'plain'}>{t(`confidence.${step.confidence}`)}</Chip>
      </p>
    </li>
  );
}
