'use client';
/** A figure of a pack with its unit: fen as yuan, basis points as per cent, days and switches in words. */
import { useTranslations } from 'use-intl';
import { formatBps, formatFen } from '#app/_client/format.ts';
import { knownCode } from '#app/_client/messages/codes.ts';
import { packsZh } from '#app/_client/messages/packs.ts';
import type { PackParameter } from '#server/trpc/views.ts';

/** What a count counts, where its name says so. */
const COUNTED = { Hours: 'hours', Months: 'months', Years: 'years' } as const;
function countedBy(name: string | undefined): 'hours' | 'months' | 'years' | null {
  const found = Object.entries(COUNTED).find(([end]) => name?.endsWith(end));
  return found?.[1] ?? null;
}

type FigureProps = { readonly value: string | null; readonly unit: PackParameter['unit'] | null; readonly name?: string };

export function Figure({ value, unit, name }: FigureProps) {
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
  const choice = unit === 'switch' ? knownCode(packsZh.packs.choice, value) : null;
  if (choice !== null) return <span title={value}>{t(`choice.${choice}`)}</span>;
  if (unit === 'count' && name?.includes('Bps') === true && /^\d{1,6}$/.test(value))
    return <span className="num">{formatBps(Number(value))}</span>;
  if (unit === 'days' && /^\d+$/.test(value)) return <span className="num">{t('days', { count: Number(value) })}</span>;
  const counted = unit === 'count' && /^\d{1,9}$/.test(value) ? countedBy(name) : null;
  if (counted !== null) return <span className="num">{t(counted, { count: Number(value) })}</span>;
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

/** `7/100`: `7 %`; null where that is no short decimal, and for a plain multiple such as `4`. */
function percentOf(rate: string): string | null {
  if (/^(?:[2-9]|\d{2,})$/.test(rate)) return null;
  const [, over = '', under = '1'] = /^(\d+)(?:\/(\d+))?$/.exec(rate) ?? [];
  if (over === '' || BigInt(under) === 0n) return null;
  const thousandths = BigInt(over) * 100_000n;
  if (thousandths % BigInt(under) !== 0n) return null;
  const whole = thousandths / BigInt(under);
  return `${whole / 1_000n}.${String(whole % 1_000n).padStart(3, '0')}`.replace(/\.?0+$/, '').concat(' %');
}

/** A value that is chosen, in words. */
export function useChoiceName(): (value: string) => string {
  const t = useTranslations('packs');
  return (value) => {
    if (value === 'true' || value === 'false') return t(value === 'true' ? 'on' : 'off');
    const choice = knownCode(packsZh.packs.choice, value);
    return choice === null ? value : t(`choice.${choice}`);
  };
}
