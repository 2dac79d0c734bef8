'use client';
/** Saves items as a table file in the language of the screen (P-36). */
import { useTranslations } from 'use-intl';
import { browserClock } from '#app/_client/clock.ts';
import { portfolioCsv } from '#app/_client/portfolio-file.ts';
import { saveFile } from '#app/_client/save-file.ts';
import type { PortfolioRow } from '#server/trpc/views.ts';

export function useExport(): (rows: readonly PortfolioRow[]) => void {
  const t = useTranslations();
  const yuan = (label: string) => `${label} (元)`;
  const head = [
    t('portfolio.exportHead.zh'),
    t('portfolio.exportHead.en'),
    t('portfolio.serial'),
    t('portfolio.exportHead.id'),
    t('portfolio.state'),
    `${t('portfolio.acquired')} (UTC)`,
    yuan(t('portfolio.cost')),
    t('portfolio.exportHead.source'),
    yuan(t('portfolio.reference')),
    yuan(t('portfolio.unrealised')),
  ];
  return (rows) => {
    const text = portfolioCsv(rows, {
      head,
      state: (state) => t(`itemState.${state}`),
      source: (source) => t(`costSource.${source}`),
    });
    saveFile(`daoju-items-${new Date(browserClock.nowMs()).toISOString().slice(0, 10)}.csv`, text, 'text/csv;charset=utf-8');
  };
}
