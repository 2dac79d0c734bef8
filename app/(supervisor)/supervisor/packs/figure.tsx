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
  if (unit === 'switch' && (value === 'true' || value === 'false')) return <span>{t(value === 'true' ? 'on' : 'off')}</span>;
  if (unit === 'days' && /^\d+$/.test(value)) return <span className="num">{t('days', { count: Number(value) })}</span>;
  const percent = unit === 'rate' ? percentOf(value) : null;
  if (percent !== null) {
    return (
      <span className="num whitespace-nowrap">
        {percent} <span className="ms-1 text-xs text-ink-3">{value}</span>
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

/** `7/100`: `7 %`; null where that is no short decimal. */
function percentOf(rate: string): string | null {
  const [, over = '', under = '1'] = /^(\d+)(?:\/(\d+))?$/.exec(rate) ?? [];
  if (over === '' || BigInt(under) === 0n) return null;
  const thousandths = BigInt(over) * 100_000n;
  if (thousandths % BigInt(under) !== 0n) return null;
  const whole = thousandths / BigInt(under);
  return `${whole / 1_000n}.${String(whole % 1_000n).padStart(3, '0')}`.replace(/\.?0+$/, '').concat(' %');
}
