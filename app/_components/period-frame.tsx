'use client';
/** The span of days that a page is about: it stands in the address, so that it can be sent to a colleague, and is chosen above what it sums. */
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useRouter, useSearchParams } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { beijingDate, instant } from '#ledger/primitives/instant.ts';
import { parseSpan, type Span, type SpanKind, spanAround } from '#sandbox/reports/span.ts';
import { useNow } from './providers.tsx';
import { Button, Segments, Skeleton } from './ui.tsx';

const DAY_MS = 86_400_000;

export type PeriodFrame = {
  readonly span: Span;
  /** The Beijing date. */
  readonly today: string;
  /** The span is not over: what it sums is as of now. */
  readonly isOpen: boolean;
  readonly show: (label: string) => void;
  readonly kinds: readonly SpanKind[];
};

/** `null` until the browser's clock is known; an address that names no span of these kinds shows the newest of the first kind. */
export function usePeriod(path: string, parameter: string, kinds: readonly SpanKind[]): PeriodFrame | null {
  const router = useRouter();
  const asked = useSearchParams().get(parameter);
  const now = useNow(60_000);
  const [first] = kinds;
  if (now === null || first === undefined) return null;
  const today = beijingDate(instant(now));
  const span = readSpan(asked, kinds) ?? parseSpan(spanAround(first, today));
  const show = (label: string) => {
    // Whatever else the address says stays.
    const next = new URLSearchParams(window.location.search);
    next.set(parameter, label);
    router.replace(`${path}?${next.toString()}`, { scroll: false });
  };
  return { span, today, isOpen: span.beforeDate > today, show, kinds };
}

function readSpan(asked: string | null, kinds: readonly SpanKind[]): Span | null {
  if (asked === null) return null;
  try {
    const span = parseSpan(asked);
    return kinds.includes(span.kind) ? span : null;
  } catch {
    return null;
  }
}

/** As tall as the picker, so that nothing moves when it comes: two rows on a phone. */
export function PeriodSkeleton() {
  return (
    <div className="flex flex-wrap gap-2">
      <Skeleton className="h-11 w-80 max-w-full sm:h-9" />
      <Skeleton className="h-11 w-64 sm:h-9" />
    </div>
  );
}

export function PeriodPicker({ frame }: { readonly frame: PeriodFrame }) {
  const t = useTranslations('supervisor');
  const { span, today, isOpen, show, kinds } = frame;
  // Of a span that today lies in, every other kind is the one around today.
  const within = isOpen && span.fromDate <= today ? today : span.fromDate;
  const days = Math.round((span.before - span.from) / DAY_MS);
  const beside = (steps: -1 | 1): string => {
    if (span.kind !== 'custom') return spanAround(span.kind, steps === 1 ? span.beforeDate : dateBefore(span.from));
    return ends(beijingDate(instant(span.from + steps * days * DAY_MS)), dateBefore(span.before + steps * days * DAY_MS));
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Segments
        label={t('period')}
        value={span.kind}
        onChange={(next) => show(next === 'custom' ? ends(span.fromDate, dateBefore(span.before)) : spanAround(next, within))}
        options={kinds.map((value) => ({ value, label: t(`periods.${value}`) }))}
      />
      <span className="flex flex-wrap items-center gap-2">
        <Button onClick={() => show(beside(-1))} aria-label={t('prev')}>
          <ChevronLeft size={16} aria-hidden />
        </Button>
        {span.kind === 'day' ? (
          <DateField label={t('day')} value={span.fromDate} max={today} onChange={show} />
        ) : span.kind === 'custom' ? (
          <>
            <DateField
              label={t('firstDay')}
              value={span.fromDate}
              max={dateBefore(span.before)}
              onChange={(from) => show(ends(from, dateBefore(span.before)))}
            />
            <span aria-hidden>–</span>
            <DateField
              label={t('lastDay')}
              value={dateBefore(span.before)}
              min={span.fromDate}
              onChange={(to) => show(ends(span.fromDate, to))}
            />
          </>
        ) : (
          <span className="num px-2 font-semibold">{span.label}</span>
        )}
        <Button onClick={() => show(beside(1))} aria-label={t('next')} disabled={isOpen}>
          <ChevronRight size={16} aria-hidden />
        </Button>
      </span>
    </div>
  );
}

function DateField(props: {
  readonly label: string;
  readonly value: string;
  readonly min?: string;
  readonly max?: string;
  readonly onChange: (date: string) => void;
}) {
  return (
    <input
      type="date"
      aria-label={props.label}
      className="num h-11 rounded-md border border-line-strong/70 bg-card px-3 sm:h-9"
      value={props.value}
      min={props.min}
      max={props.max}
      onChange={({ target }) => {
        // While somebody types, the field is empty or holds a date outside of what may be asked for.
        if (target.value !== '' && target.validity.valid) props.onChange(target.value);
      }}
    />
  );
}

const ends = (from: string, to: string): string => `${from}..${to}`;
const dateBefore = (at: number): string => beijingDate(instant(at - DAY_MS));
