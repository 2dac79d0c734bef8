'use client';
/** The detectors as published (V-09): definition, parameters with their sources, weight, base rate, precision, and a try-out. */
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { useName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { Chip, PageTitle, Skeleton, Stat, TextLink } from '#app/_components/ui.tsx';
import { useCitation } from '#app/_components/use-citation.ts';
import { useLabelName } from '#app/_components/use-code-name.ts';
import { useRowKeys } from '#app/_components/use-row-keys.ts';
import type { DetectorView } from '#server/trpc/views.ts';
import { useParameterName } from '../use-parameter-name.ts';
import { TryOut } from './try-out.tsx';

export default function DetectorsPage() {
  const t = useTranslations('alerts');
  const detectors = useQuery({ queryKey: ['detectors'], queryFn: () => staffApi.alert.detectors(), refetchInterval: 30_000 });
  const { box } = useRowKeys<HTMLDivElement>({ keys: detectors.data?.detectors.map(({ id }) => id) ?? [] });
  return (
    <div className="space-y-3">
      <PageTitle text={t('detectorsTitle')} />
      <Loaded query={detectors} skeleton={<Skeleton className="h-[70vh]" />}>
        {(data) => (
          <>
            <p className="flex flex-wrap gap-x-4 text-[13px] text-ink-2">
              <span>{t('facts', { count: formatCount(BigInt(data.facts)) })}</span>
              <span>{t('caseScore', { score: data.caseScore })}</span>
              <span className="font-mono text-xs">
                CN {data.packVersion} · {data.packHash.slice(0, 12)}…
              </span>
            </p>
            <div ref={box} className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-card shadow-card">
              {data.detectors.map((detector) => (
                <Detector key={detector.id} detector={detector} />
              ))}
            </div>
          </>
        )}
      </Loaded>
    </div>
  );
}

const CONFIDENCES = ['VERIFIED', 'KNOWN', 'UNSURE', 'DESIGN'] as const;

function Detector({ detector }: { readonly detector: DetectorView }) {
  const word = useParameterName();
  const t = useTranslations('alerts');
  const confidence = useTranslations('confidence');
  const citation = useCitation();
  const labelName = useLabelName();
  const c = (code: string) => {
    const known = CONFIDENCES.find((each) => each === code);
    return known === undefined ? code : confidence(known);
  };
  const name = useName();
  const decided = detector.confirmed + detector.dismissed;
  return (
    <details id={detector.id} className="group">
      <summary
        data-row-key={detector.id}
        className="flex min-h-11 cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1 -outline-offset-2 group-open:bg-sunk hover:bg-sunk sm:min-h-9"
      >
        <span className="w-[5.25rem] font-mono text-xs text-ink-3">{detector.id}</span>
        <span className="font-semibold">{name(detector.title)}</span>
        {detector.label === null ? null : <Chip tone="wait">{labelName(detector.label)}</Chip>}
        <span className="hidden min-w-0 flex-1 basis-40 truncate text-[13px] text-ink-3 lg:block">{name(detector.definition)}</span>
        <span className={`num ms-auto text-[13px] ${detector.open > 0 ? 'font-semibold text-amber' : 'text-ink-3'}`}>
          {t('alertsCount', { count: formatCount(detector.alerts), open: formatCount(detector.open) })}
        </span>
      </summary>
      <div className="space-y-4 border-t border-line p-4">
        <p>{name(detector.definition)}</p>
        <dl className="grid grid-cols-2 gap-x-4 gap-y-3 sm:grid-cols-4">
          <Stat label={t('weight')}>{detector.weight}</Stat>
          <Stat label={t('baseRate')}>{detector.baseRate}</Stat>
          <Stat
            label={t('precision')}
            note={decided === 0 ? undefined : t('precisionText', { confirmed: detector.confirmed, dismissed: detector.dismissed })}
          >
            {decided === 0 ? t('precisionNone') : `${Math.round((detector.confirmed * 100) / decided)} %`}
          </Stat>
          <Stat label={t('title')}>
            <TextLink href={`/supervisor/alerts?detector=${detector.id}`}>{formatCount(detector.alerts)}</TextLink>
          </Stat>
        </dl>
        <table className="data-table as-cards">
          <thead>
            <tr>
              <th>{t('parameter')}</th>
              <th className="end">{t('value')}</th>
              <th>{t('source')}</th>
              <th>{t('confidence')}</th>
            </tr>
          </thead>
          <tbody>
            {detector.parameters.map((parameter) => (
              <tr key={parameter.constant}>
                <td data-label={t('parameter')} className="prose">
                  <span className="block">{word(parameter.constant) ?? parameter.name}</span>
                  <span className="font-mono text-xs text-ink-3">{parameter.constant}</span>
                </td>
                <td data-label={t('value')} className="end num">
                  {parameter.value}
                </td>
                <td data-label={t('source')}>{citation(parameter.citation)}</td>
                <td data-label={t('confidence')}>
                  <Chip>{c(parameter.confidence)}</Chip>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <TryOut detector={detector} />
      </div>
    </details>
  );
}
