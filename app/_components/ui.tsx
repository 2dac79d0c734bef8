'use client';
/** Small parts of every page: buttons, fields, figures, times, ids. Targets are 44 px high on touch screens. */
import clsx from 'clsx';
import { Check, Copy } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { formatFen, formatTime, shortId } from '#app/_client/format.ts';
import type { FenText, IsoText } from '#server/trpc/views.ts';
import { Link } from './link.tsx';
import { usePreferences } from './providers.tsx';

type Tone = 'primary' | 'plain' | 'quiet' | 'danger';
const TONES: Record<Tone, string> = {
  primary: 'bg-accent text-accent-ink hover:brightness-110 border border-transparent font-semibold',
  plain: 'bg-card text-ink border border-line-strong/60 hover:border-accent hover:text-accent font-medium',
  quiet: 'text-accent hover:bg-accent-soft border border-transparent font-medium',
  danger: 'bg-card text-red border border-red hover:bg-red-soft font-medium',
};
const buttonClass = (tone: Tone, className?: string) =>
  clsx(
    'inline-flex min-h-11 items-center justify-center gap-1.5 rounded-md px-4 text-sm transition-colors disabled:opacity-55 sm:min-h-9',
    TONES[tone],
    className,
  );

export function Button({ tone = 'plain', className, ...rest }: ComponentProps<'button'> & { readonly tone?: Tone }) {
  return <button type="button" className={buttonClass(tone, className)} {...rest} />;
}

export function LinkButton({ tone = 'plain', className, ...rest }: ComponentProps<typeof Link> & { readonly tone?: Tone }) {
  return <Link className={buttonClass(tone, className)} {...rest} />;
}

export function TextLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return <Link className={clsx('text-accent underline-offset-3 hover:underline', className)} {...rest} />;
}

export function Panel(props: {
  readonly title?: ReactNode;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
  readonly flush?: boolean;
  readonly id?: string;
}) {
  return (
    <section id={props.id} className={clsx('rounded-lg border border-line bg-card shadow-card', props.className)}>
      {props.title === undefined ? null : (
        <header className="flex min-h-11 flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line px-4 py-2">
          <h2 className="text-[15px] font-semibold">{props.title}</h2>
          {props.aside}
        </header>
      )}
      <div className={props.flush === true ? '' : 'p-4'}>{props.children}</div>
    </section>
  );
}

/** An amount in yuan: two decimals, separators, tabular figures; the unit smaller beside it. */
export function Yuan({
  fen,
  signed = false,
  className,
}: {
  readonly fen: FenText | bigint;
  readonly signed?: boolean;
  readonly className?: string;
}) {
  const value = BigInt(fen);
  const tone = signed && value !== 0n ? (value > 0n ? 'text-up' : 'text-down') : '';
  return (
    <span className={clsx('num', tone, className)}>
      {signed && value > 0n ? '+' : ''}
      {formatFen(value)}
      <span className="ml-[0.25em] text-[0.82em] opacity-80">元</span>
    </span>
  );
}

export function Time({ at, style = 'short' }: { readonly at: IsoText; readonly style?: 'full' | 'short' | 'clock' | 'day' }) {
  const { locale } = usePreferences();
  const t = useTranslations();
  return (
    <time dateTime={at} title={`${formatTime(locale, at, 'full')} ${t('unit.zone')}`} className="num">
      {formatTime(locale, at, style)}
    </time>
  );
}

/** An id or hash: shortened in the middle, copied whole. */
export function Id({ value, head = 8, tail = 4 }: { readonly value: string; readonly head?: number; readonly tail?: number }) {
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap">
      <span className="font-mono text-[0.92em]" title={value}>
        {shortId(value, head, tail)}
      </span>
      <CopyButton text={value} />
    </span>
  );
}

export function CopyButton({ text }: { readonly text: string }) {
  const t = useTranslations();
  const [isCopied, setCopied] = useState(false);
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1_500);
    });
  };
  return (
    <button
      type="button"
      onClick={copy}
      // As large as a finger on a phone, without taking the room.
      className="relative inline-grid size-6 place-items-center rounded text-ink-3 after:absolute after:-inset-2.5 hover:bg-accent-soft hover:text-accent sm:after:inset-0"
      aria-label={isCopied ? t('panel.copied') : t('panel.copy')}
    >
      {isCopied ? <Check size={13} aria-hidden /> : <Copy size={13} aria-hidden />}
    </button>
  );
}

export function Stat(props: {
  readonly label: ReactNode;
  readonly children: ReactNode;
  readonly note?: ReactNode | undefined;
  readonly large?: boolean;
}) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-3">{props.label}</dt>
      <dd className={clsx('num font-semibold', props.large === true ? 'text-2xl leading-8' : 'text-base leading-6')}>{props.children}</dd>
      {props.note === undefined ? null : <dd className="text-xs text-ink-3">{props.note}</dd>}
    </div>
  );
}

const CHIP = {
  plain: 'bg-sunk text-ink-2 border-line',
  accent: 'bg-accent-soft text-accent border-transparent',
  good: 'bg-green-soft text-green border-transparent',
  bad: 'bg-red-soft text-red border-transparent',
  wait: 'bg-amber-soft text-amber border-transparent',
} as const;
export type ChipTone = keyof typeof CHIP;
export function Chip({ tone = 'plain', children }: { readonly tone?: ChipTone; readonly children: ReactNode }) {
  return (
    <span
      className={clsx(
        'inline-flex items-center gap-1 rounded border px-1.5 py-px text-xs whitespace-nowrap max-[360px]:whitespace-normal',
        CHIP[tone],
      )}
    >
      {children}
    </span>
  );
}

/** Several chips of one tone, such as the members that signed: they wrap, whatever their names are. */
export function ChipList({ tone = 'plain', texts }: { readonly tone?: ChipTone; readonly texts: readonly string[] }) {
  return (
    <span className="inline-flex flex-wrap gap-1 max-sm:justify-end">
      {texts.map((text) => (
        <Chip key={text} tone={tone}>
          {text}
        </Chip>
      ))}
    </span>
  );
}

export function Field(
  props: Omit<ComponentProps<'input'>, 'id' | 'className'> & {
    readonly label: string;
    readonly help?: ReactNode;
    readonly error?: string | null | undefined;
    readonly suffix?: string;
    readonly align?: 'end';
  },
) {
  const { label, help, error, suffix, align, ...input } = props;
  const id = useId();
  const noteId = `${id}-note`;
  const hasNote = help !== undefined || (error !== null && error !== undefined);
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-[13px] font-medium text-ink-2">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          aria-describedby={hasNote ? noteId : undefined}
          aria-invalid={error ? true : undefined}
          className={clsx(
            'num h-11 w-full rounded-md border bg-card px-3 text-[15px] text-ink placeholder:text-ink-3 sm:h-10',
            error ? 'border-red' : 'border-line-strong/70',
            align === 'end' && 'text-end',
            suffix !== undefined && 'pe-9',
          )}
          {...input}
        />
        {suffix === undefined ? null : <span className="absolute end-3 top-1/2 -translate-y-1/2 text-sm text-ink-3">{suffix}</span>}
      </div>
      {hasNote ? (
        <p id={noteId} className={clsx('mt-1 text-xs', error ? 'text-red' : 'text-ink-3')}>
          {error ?? help}
        </p>
      ) : null}
    </div>
  );
}

/** One of a few: looks like a row of buttons, works like radio buttons. */
export function Segments<T extends string>(props: {
  readonly label: string;
  readonly value: T;
  /** `note`: how many stand behind the choice. */
  readonly options: readonly { readonly value: T; readonly label: string; readonly note?: string }[];
  readonly onChange: (value: T) => void;
}) {
  const name = useId();
  return (
    <fieldset className="flex w-fit max-w-full flex-wrap gap-0.5 rounded-md border border-line bg-sunk p-0.5">
      <legend className="sr-only">{props.label}</legend>
      {props.options.map((option) => (
        <label
          key={option.value}
          className="flex min-h-9 cursor-pointer items-center rounded px-2 text-[13px] sm:px-2.5 text-ink-2 has-checked:bg-card has-checked:font-semibold has-checked:text-accent has-checked:shadow-sm has-focus-visible:outline-2 has-focus-visible:outline-accent sm:min-h-7"
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={props.value === option.value}
            onChange={() => props.onChange(option.value)}
            className="sr-only"
          />
          <span>{option.label}</span>
          {option.note === undefined ? null : <span className="num ms-1 font-normal">{option.note}</span>}
        </label>
      ))}
    </fieldset>
  );
}

export function Skeleton({ className }: { readonly className?: string }) {
  return <div data-skeleton className={clsx('skeleton', className)} aria-hidden />;
}

export function PageTitle({ text }: { readonly text: string }) {
  const t = useTranslations();
  return <title>{`${text} · ${t('app.name')}`}</title>;
}
