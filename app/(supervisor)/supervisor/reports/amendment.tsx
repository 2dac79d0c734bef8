'use client';
/** What an amended report changes of the one before it: why, which figures, which files (V-24). */
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { staffApi } from '#app/_client/staff-api.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { Button, Skeleton } from '#app/_components/ui.tsx';
import { useCountName } from '#app/_components/use-code-name.ts';
import type { ReportDetail } from '#server/trpc/views.ts';
import { changedFigures, changedFiles, differenceOf, formatFigure, readManifest } from './read-manifest.ts';

type Props = { readonly report: ReportDetail; readonly onOpen: (reportId: string) => void };

export function Amendment({ report, onOpen }: Props) {
  const amends = report.amends;
  const before = useQuery({
    queryKey: ['report', amends],
    queryFn: () => staffApi.report.get(amends ?? ''),
    enabled: amends !== null,
  });
  if (amends === null) return null;
  return (
    <Loaded query={before} skeleton={<Skeleton className="h-24" />}>
      {(data) => <Changes report={report} before={data} onOpen={onOpen} />}
    </Loaded>
  );
}

function Changes({ report, before, onOpen }: Props & { readonly before: ReportDetail }) {
  const t = useTranslations('reports');
  const countName = useCountName();
  const [now, then] = [readManifest(report), readManifest(before)];
  const figures = changedFigures(then, now);
  const files = changedFiles(then, now);
  const rejectedFor = before.filing?.state === 'rejected' ? before.filing.reason : null;
  const why =
    rejectedFor !== null ? t(`rejectedFor.${rejectedFor}`) : t(figures.length + files.length > 0 ? 'factsChanged' : 'nothingChanged');
  return (
    <section className="space-y-2 rounded-md border border-amber/40 bg-amber-soft p-3" data-testid="amendment">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div>
          <h3 className="font-semibold">{t('amendsVersion', { version: before.version })}</h3>
          <p>{why}</p>
        </div>
        <Button onClick={() => onOpen(before.reportId)}>{t('openVersion', { version: before.version })}</Button>
      </div>
      {figures.length === 0 ? (
        <p className="text-ink-2">{t('sameFigures')}</p>
      ) : (
        <table className="w-full">
          <thead>
            <tr className="text-xs text-ink-2">
              <th className="py-1 text-start font-normal">{t('figure')}</th>
              <th className="py-1 text-end font-normal">{t('ofVersion', { version: before.version })}</th>
              <th className="py-1 text-end font-normal">{t('ofVersion', { version: report.version })}</th>
              <th className="py-1 text-end font-normal">{t('change')}</th>
            </tr>
          </thead>
          <tbody>
            {figures.map(({ name, from, to }) => (
              <tr key={name}>
                <th scope="row" className="py-1 text-start font-normal">
                  {countName(name)}
                </th>
                <td className="num py-1 ps-2 text-end text-ink-2">{formatFigure(name, from)}</td>
                <td className="num py-1 ps-2 text-end font-semibold">{formatFigure(name, to)}</td>
                <td className="num py-1 ps-2 text-end">{differenceOf(name, from, to)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {files.length === 0 ? null : (
        <p className="text-ink-2">
          {t('changedFiles')} <span className="font-mono text-xs break-all">{files.join(' · ')}</span>
        </p>
      )}
    </section>
  );
}
