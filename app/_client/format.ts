/** How amounts, times and ids look on every screen. Amounts stay integers of fen until they are text. */
import type { FenText, IsoText } from '#server/trpc/views.ts';

export type Locale = 'zh-CN' | 'en';
export const LOCALES = ['zh-CN', 'en'] as const satisfies readonly Locale[];
const ZONE = 'Asia/Shanghai';

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `101000` → `1,010.00`, with a true minus sign. */
export function formatFen(fen: FenText | bigint): string {
  const value = BigInt(fen);
  const digits = (value < 0n ? -value : value).toString().padStart(3, '0');
  return `${value < 0n ? '−' : ''}${group(digits.slice(0, -2))}.${digits.slice(-2)}`;
}

/** `101000` → `1,010.00 元`. */
export function formatYuan(fen: FenText | bigint): string {
  return `${formatFen(fen)} 元`;
}

/** Reads what a person typed or pasted (`1,010.5`, `１０１０．５０ 元`, `￥1010`) into fen, or null. Never through a float. */
export function parseYuan(input: string): bigint | null {
  const text = input
    .normalize('NFKC')
    .replace(/[\s,，元¥￥]/g, '')
    .replace(/^[−–]/, '-');
  const match = /^(-?)(\d{1,13})(?:\.(\d{0,2}))?$/.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '0', part = ''] = match;
  const fen = BigInt(whole) * 100n + BigInt(part.padEnd(2, '0'));
  return sign === '-' ? -fen : fen;
}

export function formatCount(value: number | bigint): string {
  return group(value.toString());
}

/** `500` basis points → `5.00 %`. */
export function formatBps(bps: number): string {
  return `${formatFen(BigInt(bps))} %`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();
function formatter(locale: Locale, style: 'full' | 'short' | 'clock' | 'day'): Intl.DateTimeFormat {
  const key = `${locale} ${style}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const options: Intl.DateTimeFormatOptions = {
    full: { year: 'numeric', month: 'short', day: 'numeric', ...clock } as const,
    short: { month: 'short', day: 'numeric', ...clock } as const,
    clock: { ...clock, second: '2-digit' } as const,
    day: { year: 'numeric', month: 'short', day: 'numeric' } as const,
  }[style];
  const made = new Intl.DateTimeFormat(locale, { timeZone: ZONE, ...options });
  formatters.set(key, made);
  return made;
}

export function formatTime(locale: Locale, iso: IsoText, style: 'full' | 'short' | 'clock' | 'day' = 'full'): string {
  return formatter(locale, style).format(new Date(iso));
}

/** A date that is no moment, `2027-06-30`. */
export const formatDate = (locale: Locale, date: string): string => formatTime(locale, `${date}T00:00:00+08:00`, 'day');

/** Ids are shortened in the middle and copied whole. */
export function shortId(id: string, head = 8, tail = 4): string {
  return id.length <= head + tail + 1 ? id : `${id.slice(0, head)}…${id.slice(-tail)}`;
}

/** Seconds as `1:05` or `2 h 05`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${String(whole % 60).padStart(2, '0')}`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`;
}

/** The catalogue's names hold line breaks and a tag; they are text, never markup. */
export function cleanName(name: string): string {
  return name
    .replace(/<[^>]*>/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
