'use client';
/** What can be done with the items that are marked (P-36): sell or give those that are free, take all of them away as a table. */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { GiveSheet } from '#app/_components/gifts/give-sheet.tsx';
import { Button, LinkButton } from '#app/_components/ui.tsx';
import type { PortfolioRow } from '#server/trpc/views.ts';
import { useExport } from './use-export.ts';

export function BulkBar({ rows, onNone }: { readonly rows: readonly PortfolioRow[]; readonly onNone: () => void }) {
  const t = useTranslations('portfolio');
  const give = useTranslations('gifts');
  const [giving, setGiving] = useState<readonly PortfolioRow[] | null>(null);
  const saveAs = useExport();
  const free = rows.filter(({ state }) => state === 'free');
  if (rows.length === 0 && giving === null) return null;
  return (
    <div className="sticky bottom-16 z-20 flex flex-wrap items-center justify-between gap-2 rounded-lg border border-accent bg-card p-3 shadow-card lg:bottom-3">
      <span role="status">{t('chosen', { count: rows.length })}</span>
      <span className="flex flex-wrap gap-2">
        <Button onClick={onNone}>{t('chooseNone')}</Button>
        <Button onClick={() => saveAs(rows)}>{t('exportChosen', { count: rows.length })}</Button>
        {free.length === 0 ? null : <Button onClick={() => setGiving(free)}>{give('giveChosen', { count: free.length })}</Button>}
        {free.length === 0 ? null : (
          <LinkButton tone="primary" href={`/sell?${free.map(({ itemId }) => `item=${itemId}`).join('&')}`}>
            {t('sellChosen', { count: free.length })}
          </LinkButton>
        )}
      </span>
      <GiveSheet
        items={giving}
        onClose={() => {
          setGiving(null);
          onNone();
        }}
      />
    </div>
  );
}
