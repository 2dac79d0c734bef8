'use client';
/** The attribute expression of a search (P-10): names and values are offered while one types; a fault is marked at its place. */
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { completeExpression } from '#app/_client/complete-expression.ts';
import { Button } from '#app/_components/ui.tsx';
import type { Facet, Refusal } from '#server/trpc/views.ts';

export function ExpressionField(props: {
  readonly value: string;
  readonly facets: readonly Facet[];
  readonly refusal: Refusal | null;
  readonly onApply: (value: string) => void;
}) {
  const t = useTranslations('search');
  const { value, refusal } = props;
  const [text, setText] = useState(value);
  const [isOpen, setOpen] = useState(value !== '');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    setText(value);
    if (value !== '') setOpen(true);
  }, [value]);
  const at = refusal?.code.startsWith('expression_') === true ? Number(refusal.facts?.at ?? Number.NaN) : Number.NaN;
  const isRefused = Number.isInteger(at) && text === value;
  const apply = (event: FormEvent) => {
    event.preventDefault();
    props.onApply(text.trim());
  };
  const take = (result: string) => {
    setText(result);
    field.current?.focus();
  };
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)} className="mb-3">
      <summary className="flex min-h-11 cursor-pointer items-center text-[13px] text-ink-2 hover:text-accent sm:min-h-7">
        {t('expression')}
      </summary>
      <form onSubmit={apply} className="space-y-2">
        <div className="flex gap-2">
          <input
            ref={field}
            value={text}
            onChange={(event) => setText(event.target.value)}
            maxLength={512}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            aria-label={t('expression')}
            aria-invalid={isRefused}
            placeholder={'rarity in ("Rare", "Legendary")'}
            className="h-11 min-w-0 flex-1 rounded-md border border-line-strong/60 bg-card px-2 font-mono text-sm sm:h-9"
          />
          <Button type="submit">{t('expressionApply')}</Button>
        </div>
        {isRefused ? (
          <p className="overflow-x-auto whitespace-pre font-mono text-sm">
            {text.slice(0, at)}
            <mark className="bg-red-soft text-red underline decoration-wavy">{text.slice(at) === '' ? '…' : text.slice(at)}</mark>
          </p>
        ) : null}
        <ul className="flex flex-wrap gap-1.5" aria-label={t('expressionNext')}>
          {completeExpression(text, props.facets).map((completion) => (
            <li key={completion.text}>
              <button
                type="button"
                onClick={() => take(completion.result)}
                className="inline-flex min-h-11 items-center rounded border border-line bg-card px-2 font-mono text-[13px] hover:border-accent hover:text-accent sm:min-h-7"
              >
                {completion.text}
              </button>
            </li>
          ))}
        </ul>
      </form>
    </details>
  );
}
