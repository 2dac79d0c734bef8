'use client';
/** The condition of a search (P-10), folded away until somebody wants one. */
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { ExpressionInput, faultPlace } from '#app/_components/expression-input.tsx';
import { Button } from '#app/_components/ui.tsx';
import type { Facet, Refusal } from '#server/trpc/views.ts';

export function ExpressionField(props: {
  readonly value: string;
  readonly facets: readonly Facet[];
  readonly refusal: Refusal | null;
  readonly onApply: (value: string) => void;
  /** A buy order for what the condition takes; null: nothing fits or nothing is applied. */
  readonly onWant: (() => void) | null;
}) {
  const t = useTranslations('search');
  const { value, refusal, onWant } = props;
  const [text, setText] = useState(value);
  const [isOpen, setOpen] = useState(value !== '');
  useEffect(() => {
    setText(value);
    if (value !== '') setOpen(true);
  }, [value]);
  const apply = (event: FormEvent) => {
    event.preventDefault();
    props.onApply(text.trim());
  };
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)} className="mb-3">
      <summary className="flex min-h-11 cursor-pointer items-center text-[13px] text-ink-2 hover:text-accent sm:min-h-7">
        {t('expression')}
      </summary>
      <form onSubmit={apply} className="space-y-2">
        <ExpressionInput text={text} facets={props.facets} faultAt={text === value ? faultPlace(refusal) : null} onText={setText}>
          <Button type="submit">{t('expressionApply')}</Button>
        </ExpressionInput>
        {onWant === null || text !== value ? null : <Button onClick={onWant}>{t('expressionWant')}</Button>}
      </form>
    </details>
  );
}
