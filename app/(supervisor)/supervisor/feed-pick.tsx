'use client';
/** One of many, found by typing (V-03): a kind by its name, a person by reference. What was chosen stands in the field until it is cleared. */
import { X } from 'lucide-react';
import { type KeyboardEvent, useId, useState } from 'react';
import { useTranslations } from 'use-intl';

export type Choice = { readonly value: string; readonly label: string; readonly note?: string };
const SHOWN = 8;

/** One line holds all filters of the feed: what is set stands out, and the name of what is not set is its placeholder. */
export const filterClass = (isSet: boolean): string =>
  `h-11 w-full min-w-0 rounded-md border px-2 text-[13px] placeholder:text-ink-3 sm:h-8 ${
    isSet ? 'border-accent bg-accent-soft text-accent' : 'border-line-strong/70 bg-card text-ink'
  }`;

type Props = {
  readonly label: string;
  readonly value: string;
  readonly labelOf: (value: string) => string;
  /** Asked only while the list is open. */
  readonly choices: () => readonly Choice[];
  /** What may be chosen although it is not in the list; null: nothing. */
  readonly accept?: (text: string) => string | null;
  readonly onPick: (value: string) => void;
};

export function FeedPick({ label, value, labelOf, choices, accept, onPick }: Props) {
  const t = useTranslations('supervisor');
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const shown = isOpen ? fitting(choices(), typed ?? '') : [];
  const close = () => {
    setOpen(false);
    setTyped(null);
    setActive(0);
  };
  const pick = (chosen: string) => {
    onPick(chosen);
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return close();
    if (event.key === 'Enter') {
      const chosen = accept?.((typed ?? '').trim()) ?? shown[active]?.value;
      if (chosen !== undefined) pick(chosen);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((before) => (isOpen ? Math.max(0, Math.min(shown.length - 1, before + step)) : 0));
    } else return;
    event.preventDefault();
  };
  return (
    <div className="relative">
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <input
        id={id}
        role="combobox"
        aria-expanded={shown.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={shown[active] === undefined ? undefined : `${id}-${active}`}
        autoComplete="off"
        spellCheck={false}
        placeholder={label}
        className={`${filterClass(value !== '')} truncate pe-8`}
        value={typed ?? (value === '' ? '' : labelOf(value))}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
          setOpen(true);
          if (event.target.value === '' && value !== '') onPick('');
        }}
        onFocus={(event) => {
          event.target.select();
          setOpen(true);
        }}
        onBlur={close}
        onKeyDown={onKeyDown}
      />
      {value === '' ? null : (
        <button
          type="button"
          aria-label={t('filterClear', { name: label })}
          onClick={() => pick('')}
          className="absolute end-0 bottom-0 inline-grid h-11 w-8 place-items-center text-ink-3 hover:text-red sm:h-8"
        >
          <X size={14} aria-hidden />
        </button>
      )}
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={label}
        hidden={shown.length === 0}
        className="absolute inset-x-0 top-full z-20 mt-1 max-h-80 min-w-60 overflow-auto rounded-md border border-line bg-card py-1 shadow-card"
      >
        {shown.map((choice, at) => (
          <button
            key={choice.value}
            id={`${id}-${at}`}
            type="button"
            role="option"
            tabIndex={-1}
            aria-selected={at === active}
            data-choice={choice.value}
            // The field keeps the keyboard.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => pick(choice.value)}
            className="flex min-h-11 w-full items-center justify-between gap-3 px-3 text-start text-[13px] hover:bg-sunk aria-selected:bg-accent-soft sm:min-h-8"
          >
            <span className="truncate">{choice.label}</span>
            {choice.note === undefined ? null : <span className="num flex-none text-xs text-ink-3">{choice.note}</span>}
          </button>
        ))}
      </div>
    </div>
  );
}

function fitting(choices: readonly Choice[], text: string): readonly Choice[] {
  const wanted = text.trim().toLowerCase();
  const fits = ({ label, value }: Choice) => label.toLowerCase().includes(wanted) || value.includes(wanted);
  return choices.filter(fits).slice(0, SHOWN);
}
