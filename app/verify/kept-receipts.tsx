'use client';
/** What this browser keeps (P-31), to save and to drop above: nobody is asked for it. */
import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { cleanName } from '#app/_client/format.ts';
import { listKeptReceipts } from '#app/_client/receipt-store.ts';
import { saveFile } from '#app/_client/save-file.ts';
import { usePreferences } from '#app/_components/providers.tsx';
import { Button, Panel, Time } from '#app/_components/ui.tsx';
import { fromBase64 } from '#ledger/primitives/bytes.ts';

export function KeptReceipts() {
  const t = useTranslations('trade');
  const { locale } = usePreferences();
  const kept = useQuery({ queryKey: ['keptReceipts'], queryFn: listKeptReceipts, networkMode: 'always' }).data ?? [];
  if (kept.length === 0) return null;
  return (
    <Panel title={t('keptReceipts')} flush>
      <ul className="divide-y divide-line" data-testid="kept-receipts">
        {kept.map(({ tradeId, nameZh, nameEn, certifiedAt, file }) => (
          <li key={tradeId} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 text-[13px]">
            <span className="font-medium" lang={nameZh === null ? 'en' : undefined}>
              {cleanName(locale === 'en' || nameZh === null ? nameEn : nameZh)}
            </span>
            <Time at={certifiedAt} style="full" />
            <code className="text-xs text-ink-3">{tradeId.slice(0, 16)}…</code>
            <Button className="ms-auto" onClick={() => saveFile(`${tradeId}.plproof`, fromBase64(file), 'application/octet-stream')}>
              <Download size={14} aria-hidden /> {t('receipt')}
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
