'use client';
/** The recovery file on paper (P-05): alone on the sheet, black on white, with what its finder has to do. The text below the code is the
 *  same record, for a code that no longer scans. */
import { useTranslations } from 'use-intl';
import type { SealedKeys } from '#app/_client/keys/sealed-keys.ts';

type Qr = { readonly size: number; readonly data: readonly (readonly boolean[])[] };

export function RecoveryPrint({ record, qr }: { readonly record: SealedKeys; readonly qr: Qr }) {
  const t = useTranslations('join.paper');
  return (
    <section className="print-alone hidden" aria-hidden="true">
      <h1>{t('title')}</h1>
      <p>{t('owner', { name: record.displayName })}</p>
      <p className="paper-mono">{record.acct}</p>
      <QrCode {...qr} />
      <ol>
        <li>{t('scan')}</li>
        <li>{t('open')}</li>
        <li>{t('keep')}</li>
      </ol>
      <p className="paper-mono">{JSON.stringify(record)}</p>
    </section>
  );
}

/** Always black on white: scanners do not follow themes. */
export function QrCode({ size, data }: Qr) {
  const path = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x},${y}h1v1h-1z` : ''))).join('');
  return (
    <svg viewBox={`0 0 ${size} ${size}`} className="size-72 bg-white p-1" shapeRendering="crispEdges" aria-hidden="true">
      <path d={path} fill="#000" />
    </svg>
  );
}
