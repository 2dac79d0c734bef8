'use client';
/** A figure of a pack with its unit: fen as yuan, days and switches in words. */
import { useTranslations } from 'use-intl';
import { formatFen } from '#app/_client/format.ts';
import type { PackParameter } from '#server/trpc/views.ts';

export function Figure({ value, unit }: { readonly value: string | null; readonly unit: PackParameter['unit'] | null }) {
  const t = useTranslations('packs');
  if (value === null) return <span className="text-ink-3">{t('absent')}</span>;
  if (unit === 'fen' && /^\d+$/.test(value)) {
    return (
      <span className="num whitespace-nowrap">
        {formatFen(BigInt(value))}
        <span className="ms-1 text-xs text-ink-3">元</span>
      </span>
    );
  }
  const isLong = value.length > 60;
  return (
    <code
      className={isLong ? 'block max-h-32 max-w-md overflow-auto text-xs whitespace-pre-wrap break-all' : 'num'}
      title={isLong ? value : undefined}
    >
      {value}
    </code>
  );
}
